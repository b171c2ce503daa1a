import type { Signer } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { deploySystem } from "../../deploy/deploySystem";
import type { System } from "../../deploy/deploySystem";
import { profileFor } from "../../deploy/profiles";
import type { ChainProfile } from "../../deploy/profiles";
import { pushSourcesOf } from "../../deploy/sources";
import { SteppedClock } from "../../kit/SteppedClock";
import { Desk } from "../../kit/desk/Desk";
import { LocalPublisher } from "../../kit/pyth/publisher";
import { DEFAULT_PRICES, installReplica, localPyth } from "../../kit/replica";
import type { Replica } from "../../kit/replica";
import type { PricePath } from "./path";
import { EXECUTION_SECONDS } from "./plan";

/** Whoever acts in the story. */
export interface Actors {
  /** Brings the first liquidity and stays. */
  founder: Signer;
  /** Comes and goes. */
  lp: Signer;
  trader: Signer;
  keeper: Signer;
  /** Quotes in Pro. */
  maker: Signer;
  /** Takes more leverage there than the price bears. */
  gambler: Signer;
}

/** Margins are paid in dollars: their prices are needed as often as that of BTC. */
const DOLLARS = ["USDT", "USDC"] as const;

/** Positions of the accounts among the network's signers; the first five deploy and govern. */
const ACTORS = { founder: 6, lp: 7, trader: 8, keeper: 9, maker: 10, gambler: 11 } as const;

/** `replica`: stand-ins on the embedded chain. `fork`: stand-ins found on a fork. `live`: the real contracts on a fork. */
export type Ground = "replica" | "fork" | "live";

export interface Deployment {
  profile: ChainProfile;
  ground: Ground;
  system: System;
  replica: Replica;
  publisher: LocalPublisher;
}

/** Installs the replica, or finds the contracts of a fork, and deploys the system there as on the real chain. */
export async function deployOnStage(hre: HardhatRuntimeEnvironment): Promise<Deployment> {
  const { ethers } = hre;
  const isFork = isForking(hre);
  // A call at the very block of the fork would ask for the hardforks of the remote chain, which are not known here.
  if (isFork) await ethers.provider.send("hardhat_mine", ["0x1"]);
  const profile = profileFor(hre.network.config.chainId ?? 0);
  const hasStandIns = (await ethers.provider.getCode(profile.pyth.address)) !== "0x";
  const [deployer, governor, riskManager, guardian, treasury] = await ethers.getSigners();
  const publisher = new LocalPublisher(profile.pyth.network);
  const pyth = localPyth(deployer.address, publisher);
  const { artifacts } = hre;
  const replica = await installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, pyth });
  const system = await deploySystem(hre, profile, {
    governor: governor.address,
    riskManager: riskManager.address,
    guardian: guardian.address,
    treasury: treasury.address,
    // Every transaction takes a second: what stand-ins reported first is stale by then.
    beforeOpening: replica.kind === "live" ? undefined : () => replica.refreshPushPrices(),
  });
  const ground = replica.kind === "live" ? "live" : isFork && hasStandIns ? "fork" : "replica";
  return { profile, ground, system, replica, publisher };
}

function isForking(hre: HardhatRuntimeEnvironment): boolean {
  return "forking" in hre.network.config && hre.network.config.forking?.enabled === true;
}

/** A deployed system, its clock and its actors, and the price path that they live through. */
export class Stage {
  private zero = 0;
  private dollarsAt = 0;

  private constructor(
    readonly profile: ChainProfile,
    readonly desk: Desk,
    readonly clock: SteppedClock,
    readonly actors: Actors,
    readonly path: PricePath,
  ) {}

  static async open(hre: HardhatRuntimeEnvironment, deployment: Deployment, path: PricePath): Promise<Stage> {
    const { profile, replica, publisher, system } = deployment;
    // The same path gives the same story on every machine.
    const clock = SteppedClock.of(hre.network.provider);
    const signers = await hre.ethers.getSigners();
    const desk = new Desk(hre.ethers.provider, profile, replica, publisher, system);
    const actors = {
      founder: signers[ACTORS.founder],
      lp: signers[ACTORS.lp],
      trader: signers[ACTORS.trader],
      keeper: signers[ACTORS.keeper],
      maker: signers[ACTORS.maker],
      gambler: signers[ACTORS.gambler],
    };
    const stage = new Stage(profile, desk, clock, actors, path);
    await desk.setPrices(DEFAULT_PRICES);
    await desk.setPrice("BTC", path.at(0).priceX10);
    return stage;
  }

  /** Second 0 of the path comes in a minute. */
  async startPath(): Promise<void> {
    this.zero = (await this.clock.now()) + 60;
  }

  /** The time on the chain of a second of the path. */
  timeOf(second: number): number {
    return this.zero + second;
  }

  secondOf(time: number): number {
    return time - this.zero;
  }

  async second(): Promise<number> {
    return this.secondOf(await this.clock.now());
  }

  /** The first second at which a next step can begin. */
  async nextSecond(): Promise<number> {
    return Math.max(await this.second(), -EXECUTION_SECONDS) + EXECUTION_SECONDS;
  }

  /** Waits for a second of the path; then the feeds of BTC report what it is at, and those of dollars where it is time. */
  async reportAt(second: number): Promise<bigint> {
    await this.desk.warpTo(this.timeOf(second));
    const price = this.path.at((await this.second()) + 1).priceX10;
    await this.desk.setPrice("BTC", price);
    if (second - this.dollarsAt > secondsBetweenDollars(this.profile)) {
      for (const key of DOLLARS) await this.desk.setPrice(key, this.desk.priceOf(key));
      this.dollarsAt = second;
    }
    return price;
  }

  /** Price and confidence of the tick of a second, as the desk takes them. */
  tickAt(second: number): { price: bigint; confidence: bigint } {
    const { priceX10, confidenceX10 } = this.path.at(second);
    return { price: priceX10, confidence: confidenceX10 };
  }
}

/** Half the shortest heartbeat of a dollar's feeds. */
function secondsBetweenDollars(profile: ChainProfile): number {
  const sources = DOLLARS.flatMap((key) => pushSourcesOf(profile, key));
  return Math.min(...sources.map(({ heartbeatSeconds }) => heartbeatSeconds)) / 2;
}
