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
import type { Population } from "./population";

/** What the vault is given, by target weight. */
const LIQUIDITY_USD = usd("20000000");

/** Positions of the traders' accounts among the network's signers: those that have no other part. */
const FIRST_TRADER = 10;
export const TRADER_COUNT = 10;

const DAY_SECONDS = 24 * Number(HOUR_SECONDS);

/** The deployed system with liquidity in it, feeds that report by themselves, and traders and a keeper to act on it. */
export class Scene {
  /** The time on the chain of second 0 of the path; prices stand still before it. */
  private zero = Infinity;
  private latest = 0;

  private constructor(
    readonly desk: Desk,
    readonly path: PricePath,
    readonly blocks: Blocks,
    readonly feeds: Feeds,
    readonly keeper: string,
    readonly traders: readonly string[],
    readonly addresses: Readonly<Record<"trading" | "executor" | "liquidator", string>>,
  ) {}

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
    scene.latest = (await desk.now()) + 1;
    await feeds.begin(blocks, scene.latest, scene.priceOf);
    await blocks.mine(scene.latest);
    return scene;
  }

  async close(): Promise<void> {
    await this.blocks.stop();
  }

  /** Time on the chain of the latest moment lived through. */
  get now(): number {
    return this.latest;
  }

  /** Second 0 of the path comes next. */
  startPath(): void {
    this.zero = this.latest + 1;
  }

  timeOf(second: number): number {
    return this.zero + second;
  }

  /** Only BTC moves, and what stands for it. */
  private readonly priceOf = (asset: AssetKey): bigint =>
    (WRAPPED_ASSETS[asset] ?? asset) === "BTC" ? this.tickAt(this.latest).price : DEFAULT_PRICES[asset];

  /** Price and confidence of BTC at a time on the chain. */
  tickAt(time: number): { price: bigint; confidence: bigint } {
    const { priceX10, confidenceX10 } = this.path.at(time < this.zero ? 0 : time - this.zero);
    return { price: priceX10, confidence: confidenceX10 };
  }

  /** Goes to a time; the feeds put in their reports, ahead of what comes after. */
  async goTo(time: number): Promise<void> {
    this.latest = time;
    await this.feeds.step(this.blocks, time, this.priceOf);
  }

  /** Mines what is queued for this moment, if anything. */
  async mine(): Promise<Map<string, RawReceipt>> {
    return this.blocks.isEmpty ? new Map<string, RawReceipt>() : this.blocks.mine(this.latest);
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
