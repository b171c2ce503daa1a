import { HDNodeWallet } from "ethers";
import hre from "hardhat";
import { TASK_NODE_CREATE_SERVER } from "hardhat/builtin-tasks/task-names";
import type { HardhatNetworkConfig, HttpNetworkHDAccountsConfig, JsonRpcServer } from "hardhat/types";
import { deployWithRecord } from "../../deploy/deploySystem";
import { profileFor } from "../../deploy/profiles";
import { installReplica, localPyth } from "../../kit/replica";
import { buildRecord, writeRecord } from "../../deploy/record";
import type { DeploymentRecord } from "../../deploy/record";
import { LocalPublisher } from "../../kit/pyth/publisher";
import { standStill } from "../deploy/stillness";
import { fund } from "./fund";
import { Market } from "./market";
import { priceService } from "./priceService";

const HOST = "127.0.0.1";
const BLOCK_MS = 1_000;
const NAME_WIDTH = 24;
const COOLING_SECONDS = 48 * 3_600;
const HOUR_SECONDS = 3_600;
const ROLE_NAMES = ["deployer", "governor", "riskManager", "guardian", "treasury"] as const;

export interface ServeOptions {
  port: number;
  pricePort: number;
  record?: string;
  /** Ends it; an interrupt by default. */
  signal?: AbortSignal;
  /** Has the first deposits lie two days back, so that the ALP given for them has cooled. */
  isCooled?: boolean;
  /** Where its lines go; standard output by default. */
  tell?: (line: string) => void;
}

export interface Served {
  /** The record of the deployment. */
  readonly record: DeploymentRecord;
  readonly closed: Promise<void>;
}

/** Serves until the signal. */
export async function serve({
  port,
  pricePort,
  record,
  signal,
  isCooled = false,
  tell = console.log,
}: ServeOptions): Promise<Served> {
  await hre.run("compile", { quiet: true });
  // Time goes on as outside, however many transactions there are in a second.
  standStill();
  if (isCooled) beginAgo(COOLING_SECONDS + HOUR_SECONDS);
  const { ethers, artifacts, network } = hre;
  const profile = profileFor(network.config.chainId ?? 0);
  const signers = await ethers.getSigners();
  const [deployer, governor, riskManager, guardian, treasury] = signers;
  const publisher = new LocalPublisher(profile.pyth.network);
  const pyth = localPyth(deployer.address, publisher);
  const replica = await installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, pyth });
  const accounts = {
    governor: governor.address,
    riskManager: riskManager.address,
    guardian: guardian.address,
    treasury: treasury.address,
  };
  const beforeOpening = () => replica.refreshPushPrices();
  const deployment = await deployWithRecord(hre, profile, { ...accounts, beforeOpening });
  const { hashes } = deployment.ignited;
  const commit = { hash: "replica", isModified: false };
  const written = await buildRecord(hre, deployment, { id: "replica", profile, accounts, commit, hashes });
  if (record !== undefined) writeRecord(record, written);

  const market = await Market.open(replica, deployer);
  const funded = await fund(deployment.system, replica, publisher, signers.slice(ROLE_NAMES.length));
  await catchUp();
  await market.report();
  await market.storePythPrices(publisher);
  await network.provider.send("evm_setIntervalMining", [BLOCK_MS]);
  market.keepFresh();

  const server = (await hre.run(TASK_NODE_CREATE_SERVER, {
    hostname: HOST,
    port,
    provider: network.provider,
  })) as JsonRpcServer;
  await server.listen();
  const prices = priceService(market, publisher);
  await prices.listen(pricePort, HOST);

  const row = (name: string, value: string) => tell(`  ${name.padEnd(NAME_WIDTH)}  ${value}`);
  tell(`${profile.name}, chain ${profile.chainId}`);
  row("node", `http://${HOST}:${port}`);
  row("prices", `http://${HOST}:${pricePort}`);
  for (const [name, { address }] of Object.entries(written.contracts)) row(name, address);
  for (const { symbol, address } of profile.tokens) row(symbol, address);
  const { mnemonic } = network.config.accounts as HttpNetworkHDAccountsConfig;
  for (const [index, { address }] of signers.entries()) {
    const name =
      ROLE_NAMES[index] ?? (index < ROLE_NAMES.length + funded ? `account ${index}, funded` : `account ${index}`);
    const { privateKey } = HDNodeWallet.fromPhrase(mnemonic, "", `m/44'/60'/0'/0/${index}`);
    row(name, `${address}  ${privateKey}`);
  }
  tell("ready; everybody knows these keys");
  return {
    record: written,
    closed: ended(signal, async () => {
      market.stop();
      await network.provider.send("evm_setIntervalMining", [0]);
      await Promise.all([server.close(), prices.close()]);
      tell("stopped");
    }),
  };
}

/** Has the chain in memory begin in the past; to be called before it is asked anything. */
function beginAgo(seconds: number): void {
  const config = hre.network.config as HardhatNetworkConfig;
  config.initialDate = new Date(Date.now() - seconds * 1_000).toISOString();
}

/**
 * Has the next block lie in the present second. The chain keeps the distance from the clock on the wall that the last block with a time of
 * its own had: what the deposits took on a busy machine, it would lag behind for ever.
 */
async function catchUp(): Promise<void> {
  const { ethers, network } = hre;
  const { timestamp } = (await ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
  const now = Math.floor(Date.now() / 1_000);
  if (now > timestamp) await network.provider.send("evm_setNextBlockTimestamp", [now]);
}

function ended(signal: AbortSignal | undefined, stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => void stop().then(resolve, reject);
    if (signal?.aborted === true) return end();
    if (signal !== undefined) return signal.addEventListener("abort", end, { once: true });
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
  });
}
