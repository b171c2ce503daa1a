import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { WRAPPED_ASSETS } from "../../deploy/profiles";
import type { AssetKey } from "../../deploy/profiles";
import { DEFAULT_PRICES } from "../../kit/replica";
import type { Desk, Proof } from "../../kit/desk/Desk";
import { HOUR_SECONDS, PIPS, usd } from "../../sdk/units";
import * as model from "../../sdk/model";
import type { PricePath } from "../demo/path";
import { Stage } from "../demo/stage";
import type { Deployment } from "../demo/stage";
import { Blocks } from "./blocks";
import type { RawReceipt } from "./blocks";
import { Feeds } from "./feeds";
import { PathScene } from "./PathScene";
import type { Population } from "./population";

/** What the vault is given, by target weight. */
const LIQUIDITY_USD = usd("20000000");

/** Positions of the traders' accounts among the network's signers: those that have no other part. */
const FIRST_TRADER = 10;
export const TRADER_COUNT = 10;

const DAY_SECONDS = 24 * Number(HOUR_SECONDS);

/** The deployed system with liquidity in it, feeds that report by themselves, and traders and a keeper to act on it. */
export class Scene extends PathScene {
  private constructor(
    readonly desk: Desk,
    readonly path: PricePath,
    blocks: Blocks,
    feeds: Feeds,
    readonly keeper: string,
    readonly traders: readonly string[],
    readonly addresses: Readonly<Record<"trading" | "executor" | "liquidator", string>>,
  ) {
    super(blocks, feeds);
  }

  /** Call {@link close} afterwards, whatever happens. */
  static async open(
    hre: HardhatRuntimeEnvironment,
    deployment: Deployment,
    path: PricePath,
    population: Population,
  ): Promise<Scene> {
    const stage = await Stage.open(hre, deployment, path);
    const { desk } = stage;
    await raiseCaps(hre, stage, population);
    const amounts: Record<string, bigint> = {};
    for (const { symbol, decimals, assetKey, targetWeightPips } of desk.profile.tokens) {
      const share = (LIQUIDITY_USD * BigInt(targetWeightPips)) / PIPS;
      amounts[symbol] = model.toTokensDown(share, { decimals, price: desk.priceOf(assetKey) });
    }
    await desk.provide(stage.actors.founder, amounts);
    const signers = (await hre.ethers.getSigners()).slice(FIRST_TRADER, FIRST_TRADER + TRADER_COUNT);
    for (const signer of signers) {
      for (const { symbol, decimals, assetKey } of desk.profile.tokens) {
        const amount = model.toTokensDown(LIQUIDITY_USD, { decimals, price: desk.priceOf(assetKey) });
        await desk.fund(signer, symbol, amount);
      }
    }
    const { trading, executor, liquidator } = desk.system;
    const addresses = {
      trading: await trading.getAddress(),
      executor: await executor.getAddress(),
      liquidator: await liquidator.getAddress(),
    };
    const [reporter] = await hre.ethers.getSigners();
    const feeds = await Feeds.connect(desk.replica, reporter.address);
    const keeper = await stage.actors.keeper.getAddress();
    const traders = signers.map(({ address }) => address);
    const blocks = await Blocks.start(hre.ethers.provider);
    const scene = new Scene(desk, path, blocks, feeds, keeper, traders, addresses);
    await scene.begin((await desk.now()) + 1);
    return scene;
  }

  /** Only BTC moves, and what stands for it. */
  protected readonly priceOf = (asset: AssetKey): bigint =>
    (WRAPPED_ASSETS[asset] ?? asset) === "BTC" ? this.tickAt(this.now).price : DEFAULT_PRICES[asset];

  /** Price and confidence of BTC at a time on the chain. */
  tickAt(time: number): { price: bigint; confidence: bigint } {
    const { priceX10, confidenceX10 } = this.path.at(this.secondOf(time));
    return { price: priceX10, confidence: confidenceX10 };
  }

  /** Mines what is queued for this moment, if anything. */
  async mine(): Promise<Map<string, RawReceipt>> {
    return this.blocks.isEmpty ? new Map<string, RawReceipt>() : this.blocks.mine(this.now);
  }

  /** The first tick at or after a time. */
  firstTick(time: number): Proof {
    return this.desk.firstTick("BTC", time, this.tickAt(time));
  }

  anyTick(time: number): Proof {
    return this.desk.anyTick("BTC", time, this.tickAt(time));
  }

  quoteOf({ decimals, assetKey }: { decimals: number; assetKey: AssetKey }): model.TokenQuote {
    return { decimals, price: this.feeds.priceOf(assetKey) };
  }
}

/** Where the caps of a chain are too small for so many positions, its risk manager raises them, after its delay. */
async function raiseCaps(hre: HardhatRuntimeEnvironment, { desk }: Stage, { raisedCaps }: Population): Promise<void> {
  if (raisedCaps.length === 0) return;
  const { accessManager, tradingConfigurator, trading } = desk.system;
  const riskManager = (await hre.ethers.getSigners())[2];
  const largest = new Map<number, bigint>();
  for (const { bookId, maxOpenInterestUsd } of raisedCaps) {
    largest.set(bookId, model.max(largest.get(bookId) ?? 0n, maxOpenInterestUsd));
  }
  const one = 10n ** 18n;
  const calls = raisedCaps
    .filter(({ bookId }, index) => raisedCaps.findIndex((other) => other.bookId === bookId) === index)
    .map(({ bookId, book }) => [bookId, (largest.get(bookId) ?? 0n) / one, book.lossBudgetUsd / one] as const);
  const target = await trading.getAddress();
  for (const [bookId, cap, budget] of calls) {
    const data = tradingConfigurator.interface.encodeFunctionData("setCaps", [target, bookId, cap, budget, 0n]);
    const sent = await accessManager.connect(riskManager).schedule(await tradingConfigurator.getAddress(), data, 0);
    await sent.wait();
  }
  await desk.warp(DAY_SECONDS);
  for (const [bookId, cap, budget] of calls) {
    await (await tradingConfigurator.connect(riskManager).setCaps(target, bookId, cap, budget, 0n)).wait();
  }
  await desk.refresh();
}
