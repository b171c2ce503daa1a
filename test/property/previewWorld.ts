import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { ContractTransactionReceipt } from "ethers";
import { ethers } from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { expect } from "chai";
import type { AssetKey, Mode } from "../../deploy/profiles";
import { DEFAULT_PRICES } from "../../kit/replica";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { RawFeed__factory } from "../../typechain-types";
import type { RawFeed } from "../../typechain-types";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import type { Proof, TickOptions } from "../../kit/desk/Desk";
import { Outcome, Reason, nameOf } from "../../sdk/enums";
import { lensTick, toAttempt, toDue, toItemAttempts } from "../../kit/desk/reading";
import type { Attempt, Due, ItemAttempts, LensTick } from "../../kit/desk/reading";
import { PIPS } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { moved, report, withRefresher } from "../invariant/world";
import { sourcesOf } from "../unit/trading/setup";

/** What the next block sees. */
const PENDING = { blockTag: "pending" } as const;
const GAS_LIMIT = 12_000_000;
const LONG_AGO = 1;

export interface BookChoice {
  asset: AssetKey;
  mode: Mode;
}

export const BOOKS: readonly BookChoice[] = [
  { asset: "BTC", mode: "standard" },
  { asset: "BTC", mode: "degen" },
  { asset: "ETH", mode: "standard" },
];

export const TICK_KINDS = ["fitting", "recent", "early", "notUnique", "laterClaim", "otherAsset", "none"] as const;

/** What there is when an attempt is made. */
export interface Conditions {
  breaker: number;
  /** Which feeds have not reported for ages: of the market's, one or all; of the margin token's, all. */
  stale: "none" | "one" | "all" | "token";
  /** The second feed of the market, where there is one, from the first. */
  spreadPips: number;
  /** The tick from the feeds. */
  tickPips: number;
  confidencePips: number;
  isSequencerDown: boolean;
  /** The second source of USDT says half as much again as the first. */
  isTokenDisputed: boolean;
  tick: (typeof TICK_KINDS)[number];
  /** Seconds after its target at which a first tick is published, and age of any other. */
  lag: number;
  /** Seconds from the tick's target to the attempt. */
  wait: number;
}

export const CALM: Conditions = {
  breaker: 0,
  stale: "none",
  spreadPips: 0,
  tickPips: 0,
  confidencePips: 200,
  isSequencerDown: false,
  isTokenDisputed: false,
  tick: "fitting",
  lag: 0,
  wait: 0,
};

/** Has the second source of USDT say a price, as of now unless told otherwise. */
async function answerSecond(feed: RawFeed, price: bigint, at?: number): Promise<void> {
  const time = at ?? (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const types = ["uint80", "int256", "uint256", "uint256", "uint80"];
  await confirmed(feed.setAnswer(ethers.AbiCoder.defaultAbiCoder().encode(types, [1, price / 100n, time, time, 1])));
}

/** Liquidity, quick roles, a second source of USDT, and open interest on both sides of every book. */
export async function previewFixture() {
  const context = await withRefresher(await loadFixture(quickRolesDeskFixture));
  const { desk, other, keeper, priceAggregator, quickGovernor } = context;
  const secondFeed = RawFeed__factory.connect(
    await (await ethers.deployContract("RawFeed", [8n])).getAddress(),
    keeper,
  );
  await answerSecond(secondFeed, DEFAULT_PRICES.USDT);
  const config = { kind: 0, feed: secondFeed, maxAgeSeconds: 2 * 24 * 3_600, base: "", quote: "" };
  await confirmed(priceAggregator.connect(quickGovernor).addSource(assetIdOf("USDT"), config));
  for (const book of BOOKS) {
    for (const isLong of [true, false]) {
      const amount = desk.tokenUnits("USDT", isLong ? 150n : 90n);
      await desk.open(other, keeper, { ...book, isLong, amount, leverage: 500 });
    }
  }
  return { ...context, secondFeed };
}

export type PreviewContext = Awaited<ReturnType<typeof previewFixture>>;

/** A trade to try, and the target of what waits in it; without one, a recent tick is tried. */
export interface Subject {
  id: bigint;
  asset: AssetKey;
  symbol: string;
  owner: HardhatEthersSigner;
  target?: number;
}

/** What an attempt did, as far as the chain shows it. */
export interface Done {
  outcome: string;
  reason: string;
  isFailed: boolean;
  price: bigint;
  closeFee: bigint;
  executorPay: bigint;
  ownerPay: bigint;
}

/** How often each outcome and reason came, over all cases. */
export const met = new Map<string, number>();

/** Feeds, breaker and sequencer as told; the market's feeds report `price`. */
export async function arrange(context: PreviewContext, subject: Subject, price: bigint, now: Conditions) {
  const { breaker, desk, guardian, profile, replica } = context;
  const { asset, symbol } = subject;
  const tokenAsset = profile.tokens.find((token) => token.symbol === symbol)?.assetKey ?? "USDT";
  if (now.breaker > Number(await breaker.level())) await breaker.connect(guardian).raise(now.breaker);
  if (profile.sequencer !== null) await replica.setSequencer(!now.isSequencerDown, now.isSequencerDown ? undefined : 1);
  await report(context, (key) => (key === asset ? price : DEFAULT_PRICES[key]));
  const saidOfUsdt = now.isTokenDisputed ? (DEFAULT_PRICES.USDT * 3n) / 2n : DEFAULT_PRICES.USDT;
  await answerSecond(context.secondFeed, saidOfUsdt, now.stale === "token" ? LONG_AGO : undefined);
  const [, second] = sourcesOf(context, asset);
  if (second !== undefined && now.spreadPips !== 0) {
    await replica.setPushPrice(asset, moved(price, now.spreadPips), undefined, [second]);
  }
  const staleAsset = now.stale === "token" ? tokenAsset : asset;
  const sources = sourcesOf(context, staleAsset);
  if (now.stale === "one") sources.splice(1);
  if (now.stale !== "none") await replica.setPushPrice(staleAsset, price, LONG_AGO, sources);
  return desk.now();
}

/** The proof of a tick for an attempt at `at`, and the tick that it proves. */
function tickFor(context: PreviewContext, subject: Subject, price: bigint, now: Conditions, at: number) {
  const { desk } = context;
  const { target } = subject;
  const asset = now.tick === "otherAsset" ? (subject.asset === "BTC" ? "ETH" : "BTC") : subject.asset;
  const tickPrice = now.tick === "otherAsset" ? DEFAULT_PRICES[asset] : moved(price, now.tickPips);
  const options: TickOptions = { price: tickPrice, confidence: (tickPrice * BigInt(now.confidencePips)) / PIPS };
  const isFirst = target !== undefined && ["fitting", "early", "laterClaim", "otherAsset"].includes(now.tick);
  const shift = now.tick === "early" ? -1 : now.tick === "laterClaim" ? 1 : 0;
  const published = isFirst ? Math.min(target + shift + (shift < 0 ? 0 : now.lag), at) : at - now.lag;
  const claim = Math.min(isFirst ? target + shift : published, published);
  const proof: Proof = isFirst
    ? desk.firstTick(asset, claim, { ...options, at: published })
    : desk.anyTick(asset, published, options);
  const none = { price: 0n, confidence: 0n, publishTime: 0, minPublishTime: 0, assetId: 0, isUnique: false };
  if (now.tick === "none") return { proofs: [], tick: none };
  return { proofs: [proof], tick: lensTick(desk, asset, published, proof, options) };
}

/** What the executor can claim and what the owner's wallet has of a token. */
async function pursesOf(
  { replica, vault }: PreviewContext,
  symbol: string,
  executor: HardhatEthersSigner,
  owner: HardhatEthersSigner,
) {
  const token = replica.token(symbol);
  return { executor: await vault.claimableOf(token, executor), owner: await token.balanceOf(owner) };
}

/** What the event of an attempt says of its price and its close fee. */
function shown({ trading }: PreviewContext, receipt: ContractTransactionReceipt) {
  for (const log of receipt.logs) {
    const event = trading.interface.parseLog(log);
    if (event === null) continue;
    const args = event.args.toObject() as Record<string, bigint>;
    if (event.name === "TradeOpened") return { price: args.entry, closeFee: 0n };
    if (event.name === "TradeClosed" || event.name === "TradeReduced") {
      return { price: args.exit, closeFee: args.closeFee };
    }
    if (event.name === "TradeLiquidated") return { price: args.tick, closeFee: 0n };
  }
  return { price: 0n, closeFee: 0n };
}

/**
 * Asks the keepers' lens what an attempt in the next block would do, makes it in that block, and compares. `ask` may ask for
 * more in the same block, before the attempt.
 */
export async function expectAsPreviewed<T>(
  context: PreviewContext,
  subject: Subject,
  price: bigint,
  now: Conditions,
  executor: HardhatEthersSigner,
  isLiquidation: boolean,
  ask: (tick: LensTick) => Promise<T>,
): Promise<{ done: Done; asked: T }> {
  const { desk } = context;
  const { id, owner, symbol } = subject;
  const earliest = Math.max((await arrange(context, subject, price, now)) + 1, subject.target ?? 0);
  const at = earliest + now.wait;
  const { proofs, tick } = tickFor(context, subject, price, now, at);
  const value = await desk.updateFee(proofs);
  await ethers.provider.send("evm_setNextBlockTimestamp", [at]);

  await expectItemAsPreviewed(context, subject, proofs, tick, executor, at);
  const previewed = await previewOf(context, id, tick, executor, isLiquidation);
  const asked = await ask(tick);
  const batch = batchOf(context, id, proofs, value, executor, isLiquidation);
  const [result] = await batch.ask();
  const before = await pursesOf(context, symbol, executor, owner);
  const receipt = await batch.send();
  const after = await pursesOf(context, symbol, executor, owner);

  const block = await ethers.provider.getBlock(receipt.blockNumber);
  expect(block?.timestamp, "the block that the previews were asked for").to.equal(at);
  const done: Done = {
    outcome: nameOf(Outcome, result.outcome),
    reason: nameOf(Reason, result.reason),
    isFailed: result.isFailed,
    ...shown(context, receipt),
    executorPay: after.executor - before.executor,
    ownerPay: after.owner - before.owner,
  };
  const token = await context.replica.token(symbol).getAddress();
  expect(previewed).to.deep.equal({ id, token, isLiquidation, ...done });
  const key = `${isLiquidation ? "liquidate" : "execute"} ${done.outcome}:${done.reason}`;
  met.set(key, (met.get(key) ?? 0) + 1);
  return { done, asked };
}

/** What the keepers' lens says of an attempt. */
async function previewOf(
  { keeperLens, trading }: PreviewContext,
  id: bigint,
  tick: LensTick,
  executor: HardhatEthersSigner,
  isLiquidation: boolean,
): Promise<Attempt> {
  const runs = isLiquidation
    ? await keeperLens.dryRunLiquidations(trading, [id], [tick], [0], PENDING)
    : await keeperLens.dryRun(trading, executor, [id], [tick], [0], PENDING);
  return toAttempt(runs[0]);
}

/** How often items with both ticks came to each pair of outcomes, over all cases. */
export const metItems = new Map<string, number>();

/**
 * Asks what an item of the Liquidator does which is executed and then liquidated with the tick, alone and in a search, does it
 * in a block of its own that is then forgotten, and compares: result, pay of both, and what the one word per trade says.
 */
async function expectItemAsPreviewed(
  context: PreviewContext,
  { id, asset, owner, symbol }: Subject,
  proofs: Proof[],
  tick: LensTick,
  by: HardhatEthersSigner,
  at: number,
): Promise<void> {
  const { keeperLens, liquidator, trading, desk } = context;
  const item = { tradeId: id, tickIndex: 0n, closeTickIndex: 0n };
  const value = await desk.updateFee(proofs);
  const [run] = (await keeperLens.dryRunItems(trading, by, [item], [tick], PENDING)).map(toItemAttempts);
  const [trades, next] = await keeperLens.due(trading, by, id, 1n, [tick], PENDING);
  expect(next).to.equal(id + 1n);
  const first = { price: tick.price, confidence: 0n, publishTime: at, minPublishTime: 0, isUnique: true };
  const ofNow = { ...first, assetId: assetIdOf(asset) };
  const [atNow] = (await keeperLens.dryRunItems(trading, by, [item], [ofNow], PENDING)).map(toItemAttempts);
  const [isLiquidatable] = await liquidator.connect(by).liquidatable(trading, [id], tick.price, PENDING);

  const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
  await ethers.provider.send("evm_setNextBlockTimestamp", [at]);
  const { liquidate } = liquidator.connect(by);
  const [result] = await liquidate.staticCall(trading, proofs, [item], { value, ...PENDING });
  const before = await pursesOf(context, symbol, by, owner);
  await confirmed(liquidate(trading, proofs, [item], { value, gasLimit: GAS_LIMIT }));
  const after = await pursesOf(context, symbol, by, owner);
  await ethers.provider.send("evm_revert", [snapshot]);
  await ethers.provider.send("evm_setNextBlockTimestamp", [at]);

  const { execution, liquidation } = run;
  expect(run.result).to.deep.equal({
    outcome: nameOf(Outcome, result.outcome),
    reason: nameOf(Reason, result.reason),
    isFailed: result.isFailed,
  });
  const executorPay = after.executor - before.executor;
  expect(execution.executorPay + liquidation.executorPay).to.equal(executorPay);
  expect(execution.ownerPay + liquidation.ownerPay).to.equal(after.owner - before.owner);
  // A search tries trades with ticks of their own asset only.
  const isOfOther = execution.reason === "TickOfOtherAsset" || liquidation.reason === "TickOfOtherAsset";
  expect(trades.map(toDue)).to.deep.equal(isOfOther ? [] : toldOf(run));
  expect(isLiquidatable).to.equal(atNow.result.outcome === "Liquidated");
  const key = `${execution.outcome}:${execution.reason} then ${liquidation.outcome}:${liquidation.reason}`;
  metItems.set(key, (metItems.get(key) ?? 0) + 1);
}

/** What a search tells of an item. */
function toldOf({ id, token, execution, liquidation }: ItemAttempts): Due[] {
  const isLiquidation = liquidation.outcome !== "Skipped";
  const { outcome, reason, price } = isLiquidation ? liquidation : execution;
  if (outcome === "Skipped") return [];
  const executorPay = execution.executorPay + liquidation.executorPay;
  return [{ id, token, isLiquidation, outcome, reason, price, executorPay }];
}

/** One attempt, by the contract that keepers make it with. */
function batchOf(
  { executor: executing, liquidator, trading }: PreviewContext,
  tradeId: bigint,
  proofs: Proof[],
  value: bigint,
  by: HardhatEthersSigner,
  isLiquidation: boolean,
) {
  if (isLiquidation) {
    const items = [{ tradeId, tickIndex: 0, closeTickIndex: NO_TICK }];
    const { liquidate } = liquidator.connect(by);
    return {
      ask: () => liquidate.staticCall(trading, proofs, items, { value, ...PENDING }),
      send: () => confirmed(liquidate(trading, proofs, items, { value, gasLimit: GAS_LIMIT })),
    };
  }
  const items = [{ tradeId, tickIndex: 0 }];
  const { execute } = executing.connect(by);
  return {
    ask: () => execute.staticCall(trading, proofs, items, { value, ...PENDING }),
    send: () => confirmed(execute(trading, proofs, items, { value, gasLimit: GAS_LIMIT })),
  };
}
