import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey } from "../../deploy/profiles";
import { DEFAULT_PRICES } from "../../kit/replica";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import type { Proof } from "../../kit/desk/Desk";
import { requestBet } from "../../kit/desk/bets";
import { Outcome, Reason, nameOf } from "../../sdk/enums";
import { requestLimit } from "../../kit/desk/orders";
import { closeTradeAt, isLiquidatable, liquidationPrice, tokenPriceRange } from "../../sdk/model";
import type { Position } from "../../sdk/model";
import { PIPS, X18, px } from "../../sdk/units";
import type { BatchWallet } from "../../typechain-types";
import { IS_EXHAUSTIVE } from "../dsl/extent";
import { expectBalanced } from "./support";
import { twoSourcesFixture } from "./twoSources";

/** How far the sources are apart: the higher from the lower, pips. */
const SPREADS = [25_000n, 100_000n, 500_000n];
const DISPUTED = "Skipped TokenPriceDisputed";
const LEVERAGE = 100;
/** A move of the market: 0.3%. */
const MOVE = 3_000n;

type Context = Awaited<ReturnType<typeof twoSourcesFixture>>;

/** Everything that waits while the sources of its token's price come apart. */
class Scene {
  constructor(
    readonly context: Context,
    readonly symbol: string,
    readonly isLong: boolean,
  ) {}

  get token() {
    const token = this.context.profile.tokens.find(({ symbol }) => symbol === this.symbol);
    if (token === undefined) throw new Error(this.symbol);
    return token;
  }

  /** Not the token's own: there the anchors of the market would come apart with it. */
  get market(): AssetKey {
    return this.token.assetKey === "BTC" ? "ETH" : "BTC";
  }

  /** So many dollars in the token. */
  amount(usd: bigint): bigint {
    return (usd * X18 * 10n ** BigInt(this.token.decimals)) / (DEFAULT_PRICES[this.token.assetKey] * 10n ** 8n);
  }

  options(isLong = this.isLong) {
    const { market: asset, symbol: token } = this;
    return { asset, token, isLong, mode: "standard", leverage: LEVERAGE, amount: this.amount(100n) } as const;
  }

  open(isLong: boolean): Promise<bigint> {
    const { desk, trader, keeper } = this.context;
    return desk.open(trader, keeper, this.options(isLong));
  }

  /** The market as it stands, and the token's two sources as told. */
  async report(price: bigint, low: bigint, high: bigint): Promise<void> {
    const { desk, replica, second } = this.context;
    await desk.setPrice(this.market, price);
    await second.get(this.market)?.(price);
    await replica.setPushPrice(this.token.assetKey, low, undefined, ["chainlink"]);
    await second.get(this.token.assetKey)?.(high);
  }

  /** An attempt of the Executor's, tried first and then made. */
  async execute(
    id: bigint,
    proof: Proof,
    by = this.context.keeper,
    product: { target: unknown } = this.context.trading,
  ) {
    const { desk, executor } = this.context;
    const value = await desk.updateFee([proof]);
    const connected = executor.connect(by);
    const target = product.target as string;
    const items = [{ tradeId: id, tickIndex: 0 }];
    const [result] = await connected.execute.staticCall(target, [proof], items, { value });
    const receipt = await confirmed(connected.execute(target, [proof], items, { value }));
    return { receipt, told: toldOf(result) };
  }

  async liquidate(id: bigint, price: bigint): Promise<string> {
    const { desk, liquidator, keeper, trading } = this.context;
    const proofs = [desk.anyTick(this.market, await desk.now(), { price })];
    const value = await desk.updateFee(proofs);
    const items = [{ tradeId: id, tickIndex: 0, closeTickIndex: NO_TICK }];
    const connected = liquidator.connect(keeper);
    const [result] = await connected.liquidate.staticCall(trading, proofs, items, { value });
    await confirmed(connected.liquidate(trading, proofs, items, { value }));
    return toldOf(result);
  }

  /** The position as the model has it. */
  async position(id: bigint): Promise<Position & { carryOwedUsd: bigint }> {
    const { trading, tradingRecords, tradingLens } = this.context;
    const { position, carryOwedUsd } = await tradingLens.position(trading, id);
    const terms = await tradingRecords.terms(position.bookId, position.termsId);
    const { entry, size, margin } = position;
    const isLong = (position.state & 4n) !== 0n;
    const rates = { llrPips: terms.liquidationLossRatePips, profitCapPips: terms.profitCapPips };
    const fee = { closeFeeKind: "standard", closeFeePips: terms.closeFeePips } as const;
    return { isLong, entry, size, margin, initialMargin: margin, ...rates, ...fee, carryOwedUsd };
  }

  quote(price: bigint) {
    return { decimals: this.token.decimals, price };
  }
}

function toldOf({ outcome, reason, isFailed }: { outcome: bigint; reason: bigint; isFailed: boolean }): string {
  if (isFailed) return "Failed";
  const name = nameOf(Outcome, outcome);
  return reason === 0n ? name : `${name} ${nameOf(Reason, reason)}`;
}

/** What the owner's close came to, against the model at both ends. */
async function expectWorstEnds(scene: Scene, id: bigint, before: Position, block: number, low: bigint, high: bigint) {
  const { trading, trader } = scene.context;
  const [{ args }] = await trading.queryFilter(trading.filters.TradeClosed(id), block, block);
  const shared = { position: before, carryOwedUsd: args.carryOwedUsd, executionFeeUsd: 0n, executionFeeCount: 0n };
  const ends = { token: scene.quote(low), gainToken: scene.quote(high) };
  const expected = closeTradeAt({ ...shared, ...ends }, args.exit);
  expect([args.closeFee, args.executionFee, args.payout]).to.deep.equal([expected.closeFee, 0n, expected.payout]);
  expect(args.executor).to.equal(trader.address);
  for (const price of [low, (low + high) / 2n, high]) {
    const one = closeTradeAt({ ...shared, token: scene.quote(price) }, args.exit);
    expect(args.payout, "no single price would pay less").to.be.at.most(one.payout);
  }
}

async function run(scene: Scene, spread: bigint): Promise<void> {
  const { context, isLong, market } = scene;
  const { desk, trader, keeper, stranger, trading, prediction, tradingLens, liquidator, profile } = context;
  const start = desk.priceOf(market);
  const moved = start + ((isLong ? 1n : -1n) * (start * MOVE)) / PIPS;
  const low = DEFAULT_PRICES[scene.token.assetKey];
  const high = ((low * (PIPS + spread)) / PIPS / 100n) * 100n;
  expect(tokenPriceRange([low, high], BigInt(profile.oracle.maxReferenceSpreadPips)).isDisputed).to.equal(true);

  const [winner, loser] = [await scene.open(isLong), await scene.open(!isLong)];
  const [profit, stop, doomed] = [await scene.open(isLong), await scene.open(!isLong), await scene.open(!isLong)];
  const halfway = (start + moved) / 2n;
  await trading.connect(trader).updateTpSl(profit, halfway, 0n);
  await trading.connect(trader).updateTpSl(stop, 0n, halfway);
  await scene.report(start, low, low);

  const order = await desk.requestOpen(trader, scene.options());
  const limit = await requestLimit(desk, trader, { ...scene.options(), acceptablePrice: isLong ? 2n * start : 1n });
  const closes = [await desk.requestClose(trader, winner), await desk.requestClose(trader, loser)];
  const stakes = profile.prediction.stakeTokens.some(({ symbol }) => symbol === scene.symbol);
  const bet = stakes ? await requestBet(desk, trader, { token: scene.symbol, stake: scene.amount(100n) }) : undefined;
  await desk.warpTo((bet ?? closes[1]).target);
  await scene.report(moved, low, high);

  // Openings and bets wait.
  expect((await scene.execute(order.id, desk.firstTick(market, order.target))).told).to.equal(DISPUTED);
  const now = () => desk.now();
  expect((await scene.execute(limit.id, desk.anyTick(market, await now()))).told).to.equal(DISPUTED);
  if (bet !== undefined) {
    const strike = desk.firstTick("BTC", bet.target);
    expect((await scene.execute(bet.id, strike, keeper, prediction)).told).to.equal(DISPUTED);
  }
  const another = await desk.openRequest(trader, scene.options());
  const { outcome, preview } = await tradingLens.previewOpen(trading, another, false, moved, 0n);
  expect(toldOf({ outcome, reason: preview.reason, isFailed: false })).to.equal(DISPUTED);
  // So do take profits and stops that the tick reaches.
  for (const id of [profit, stop]) {
    expect((await scene.execute(id, desk.anyTick(market, await now()))).told).to.equal(DISPUTED);
  }
  // A close waits for its owner, whoever else names him.
  for (const [id, { target }] of [
    [winner, closes[0]],
    [loser, closes[1]],
  ] as const) {
    const first = desk.firstTick(market, target);
    expect((await scene.execute(id, first)).told).to.equal(DISPUTED);
    expect(await forged(scene, id, first)).to.equal(DISPUTED);
    const seen = await tradingLens.closePreview(trading, id, 0n, moved);
    expect([seen.isTokenPriceDisputed, seen.isLiquidated, seen.executorPay]).to.deep.equal([true, false, 0n]);
    const before = await scene.position(id);
    const { told, receipt } = await scene.execute(id, first, trader);
    expect(told).to.equal("Closed");
    await expectWorstEnds(scene, id, before, receipt.blockNumber, low, high);
  }
  // A liquidation is due at both ends or not at all.
  const seen = await tradingLens.position(trading, doomed);
  expect([seen.isTokenPriceDisputed, seen.tokenLow, seen.tokenHigh]).to.deep.equal([true, low, high]);
  const position = await scene.position(doomed);
  const [atLow, atHigh] = [low, high].map((price) =>
    liquidationPrice(position, position.carryOwedUsd, scene.quote(price)),
  );
  expect(seen.liquidationPrice).to.equal(atHigh);
  const between = ((atLow + atHigh) / 200n) * 100n;
  const beyond = ((atHigh - (isLong ? -1n : 1n) * (start / 5_000n)) / 100n) * 100n;
  expect(isLiquidatable(position, between, position.carryOwedUsd, scene.quote(low))).to.equal(true);
  expect(isLiquidatable(position, between, position.carryOwedUsd, scene.quote(high))).to.equal(false);
  expect(await liquidator.liquidatable(trading, [doomed], between)).to.deep.equal([false]);
  expect(await scene.liquidate(doomed, between)).to.equal("Skipped NotLiquidatable");
  expect(await scene.liquidate(doomed, beyond)).to.equal("Liquidated");
  await expectBalanced(desk);

  // Once the sources agree again nothing is lost: what waits is done, by anyone.
  await scene.report(moved, low, low);
  if ((await now()) < order.target + profile.execution.executionWindowSeconds) {
    const { told } = await scene.execute(order.id, desk.firstTick(market, order.target), stranger);
    expect(told).to.equal("Opened");
  }
  expect((await scene.execute(profit, desk.anyTick(market, await now()))).told).to.equal("Closed");
  await expectBalanced(desk);
}

/** What an attempt comes to that a wallet makes of Trading itself, naming an executor. */
async function directly(scene: Scene, wallet: BatchWallet, id: bigint, proof: Proof, executor: string) {
  const { desk, priceAggregator, trading } = scene.context;
  const fee = await desk.updateFee([proof]);
  const calls = [
    { target: priceAggregator, value: fee, data: priceAggregator.interface.encodeFunctionData("prove", [[proof]]) },
    { target: trading, value: 0n, data: trading.interface.encodeFunctionData("execute", [id, 0n, executor]) },
  ];
  const answers = await wallet.executeAll.staticCall(calls, { value: fee });
  const [outcome, reason] = trading.interface.decodeFunctionResult("execute", answers[1]) as unknown as bigint[];
  return toldOf({ outcome, reason, isFailed: false });
}

/** Somebody who is not the owner calls Trading himself and names the owner as executor. */
async function forged(scene: Scene, id: bigint, proof: Proof): Promise<string> {
  const { stranger, trader } = scene.context;
  return directly(scene, await ethers.deployContract("BatchWallet", stranger), id, proof, trader.address);
}

const load = async () => {
  const context = await loadFixture(twoSourcesFixture);
  await context.desk.setPrices(DEFAULT_PRICES);
  for (const key of Object.keys(DEFAULT_PRICES) as AssetKey[]) {
    if (context.profile.chainlink[key] === undefined) continue;
    await context.second.get(key)?.(DEFAULT_PRICES[key]);
  }
  return context;
};

/** Both sides with every spread for the first token; for each other one both sides, the spreads taking turns. */
function casesOf(index: number): (readonly [isLong: boolean, spread: bigint])[] {
  const all = [true, false].flatMap((isLong) => SPREADS.map((spread) => [isLong, spread] as const));
  if (IS_EXHAUSTIVE || index === 0) return all;
  return [
    [true, SPREADS[index % SPREADS.length]],
    [false, SPREADS[(index + 1) % SPREADS.length]],
  ];
}

describe("attacks: disputed token prices", () => {
  // As many as the chain with the fewest has; the last takes along what more there are.
  for (const index of [0, 1, 2, 3]) {
    it(`A20: the two sources of margin token ${index + 1} come apart: nobody is liquidated or paid by their mean`, async () => {
      const context = await load();
      const symbols = context.profile.tokens.filter(({ margin }) => margin).map(({ symbol }) => symbol);
      const snapshot = await takeSnapshot();
      for (const symbol of index < 3 ? [symbols[index]] : symbols.slice(index)) {
        for (const [isLong, spread] of casesOf(symbols.indexOf(symbol))) {
          await run(new Scene(context, symbol, isLong), spread);
          await snapshot.restore();
          context.desk.rememberPrices(new Map(Object.entries(DEFAULT_PRICES) as [AssetKey, bigint][]));
        }
      }
    });
  }

  it("A20: an owner who calls Trading himself is believed, for himself alone", async () => {
    const context = await load();
    const { desk, keeper, trader, trading } = context;
    const scene = new Scene(context, "USDT", true);
    const wallet = await ethers.deployContract("BatchWallet");
    const owner = await wallet.getAddress();
    const id = await desk.open(trader, keeper, { ...scene.options(), owner });
    const deadline = (await desk.now()) + 3_600;
    const data = trading.interface.encodeFunctionData("requestClose", [id, 0n, deadline]);
    await confirmed(wallet.execute(trading, 0n, data));
    const target = (await desk.now()) + desk.delayOf("standard");
    await desk.warpTo(target);
    await scene.report(desk.priceOf(scene.market), px("1"), px("1.1"));
    const first = desk.firstTick(scene.market, target);
    expect(await directly(scene, wallet, id, first, keeper.address)).to.equal(DISPUTED);
    expect(await forged(scene, id, first)).to.equal(DISPUTED);
    expect(await directly(scene, wallet, id, first, owner)).to.equal("Closed");
  });

  it("A20: exactly at the spread the mean counts, one unit of the feed beyond it is disputed", async () => {
    const context = await load();
    const { priceAggregator, profile } = context;
    const spread = BigInt(profile.oracle.maxReferenceSpreadPips);
    for (const { symbol, assetKey } of profile.tokens.filter(({ margin }) => margin)) {
      const scene = new Scene(context, symbol, true);
      const low = DEFAULT_PRICES[assetKey];
      const edge = (low * (PIPS + spread)) / PIPS;
      for (const high of [edge, edge + 100n]) {
        await scene.report(context.desk.priceOf(scene.market), low, high);
        const model = tokenPriceRange([low, high], spread);
        expect(model.isDisputed).to.equal(high !== edge);
        const ends = model.isDisputed ? [low, high] : [0n, 0n];
        expect(await priceAggregator.tokenPrice(assetIdOf(assetKey))).to.deep.equal([model.median, ...ends]);
      }
    }
  });

  it("A20: a token with one fresh source is never disputed", async () => {
    const context = await load();
    const { priceAggregator, profile, replica } = context;
    for (const { symbol, assetKey } of profile.tokens.filter(({ margin }) => margin)) {
      const scene = new Scene(context, symbol, true);
      const low = DEFAULT_PRICES[assetKey];
      await scene.report(context.desk.priceOf(scene.market), low, 2n * low);
      await replica.setPushPrice(assetKey, low, 1, ["chainlink"]);
      expect(await priceAggregator.tokenPrice(assetIdOf(assetKey))).to.deep.equal([2n * low, 0n, 0n]);
    }
  });

  it("A20: of three sources it is enough that two agree, whichever they are", async () => {
    const context = await load();
    const { desk, priceAggregator, profile, quickGovernor } = context;
    const spread = BigInt(profile.oracle.maxReferenceSpreadPips);
    const token = profile.tokens.find(({ symbol }) => symbol === "USDT");
    const asset = token?.assetKey ?? "USDT";
    const scene = new Scene(context, "USDT", true);
    const feed = await ethers.deployContract("RawFeed", [8n]);
    const answer = async (price: bigint): Promise<void> => {
      const at = await desk.now();
      const types = ["uint80", "int256", "uint256", "uint256", "uint80"];
      await confirmed(feed.setAnswer(ethers.AbiCoder.defaultAbiCoder().encode(types, [1, price / 100n, at, at, 1])));
    };
    await answer(px("1"));
    const config = { kind: 0, feed, maxAgeSeconds: 3_600, base: "", quote: "" };
    await confirmed(priceAggregator.connect(quickGovernor).addSource(assetIdOf(asset), config));
    const near = (px("1") * (PIPS + spread)) / PIPS;
    const far = px("1.5");
    const farther = (far * (PIPS + spread)) / PIPS;
    for (const prices of [
      [px("1"), near, far],
      [far, px("1"), near],
      [near, far, px("1")],
      [px("1"), far, farther],
      [px("1"), near + 100n, far],
      [far, near + 100n, px("1")],
      [px("1"), far, farther + 200n],
      [px("1"), px("1"), px("1")],
    ]) {
      await scene.report(desk.priceOf(scene.market), prices[0], prices[1]);
      await answer(prices[2]);
      const { median, low, high, isDisputed } = tokenPriceRange(prices, spread);
      const ends = isDisputed ? [low, high] : [0n, 0n];
      expect(await priceAggregator.tokenPrice(assetIdOf(asset)), prices.join(" ")).to.deep.equal([median, ...ends]);
    }
  });
});
