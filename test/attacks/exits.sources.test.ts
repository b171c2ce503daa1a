import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Signer } from "ethers";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { confirmed } from "../../kit/desk/Desk";
import type { Pending } from "../../kit/desk/Desk";
import { attemptBets, executeBets, requestBet, settlementOf } from "../../kit/desk/bets";
import {
  bandOf,
  betProfit,
  clampToBand,
  closeFillPrice,
  closeTradeAt,
  executionFeeTokens,
  exitPrice,
  isLiquidatable,
  strikeBet,
  tokenPriceRange,
} from "../../sdk/model";
import type { Position } from "../../sdk/model";
import { PIPS } from "../../sdk/units";
import { IS_EXHAUSTIVE } from "../dsl/extent";
import { bookOf, executeAt, liquidateAt, modelOpening, openPosition } from "../unit/trading/setup";
import { expectBalanced, holdingOf } from "./support";
import { twoSourcesFixture } from "./twoSources";

/** Of the market and of the margin token, each with two sources. */
const [MARKET, TOKEN] = ["ETH", "USDT"] as const;
const LEVERAGE = 100;
/** Of the close with a bound: what a clamp makes of its tick costs no margin. */
const LOW_LEVERAGE = 10;
const DAY_SECONDS = 24 * 60 * 60;
const EXHAUSTIVE_TIMEOUT_MS = 900_000;
/** What a source says that disagrees: 5% away, beyond the band of a tick and beyond the spread of a token. */
const APART = 50_000n;
/** Ticks: of the closes, 0.1% in the trader's favour; of the liquidation, 0.8% against him, of a loss rate of 60% at 100x. */
const GAIN = 1_000n;
const LOSS = 8_000n;
const HALF_PERCENT = 5_000n;

const STATES = ["live", "stale", "absent", "disagreeing"] as const;
type State = (typeof STATES)[number];
type Sources = readonly [first: State, second: State];

const PAIRS: Sources[] = STATES.flatMap((first) => STATES.map((second): Sources => [first, second]));
const ALL_LIVE = "live,live";

interface Case {
  market: Sources;
  token: Sources;
  /** Whether who disagrees says more. */
  isAbove: boolean;
}

/** Every pair of sets; in a run that is not exhaustive those in which one asset's sources are live, or both have the same. */
function cases(): Case[] {
  return PAIRS.flatMap((market, i) =>
    PAIRS.flatMap((token, j) => {
      const isPlain = [market.join(), token.join()].includes(ALL_LIVE) || i === j;
      if (IS_EXHAUSTIVE) return [true, false].map((isAbove) => ({ market, token, isAbove }));
      return isPlain ? [{ market, token, isAbove: (i + j) % 2 === 0 }] : [];
    }),
  );
}

/** On the grid of Pyth's and the feeds' eight decimals. */
function moved(price: bigint, pips: bigint): bigint {
  return ((price * (PIPS + pips)) / PIPS / 100n) * 100n;
}

/** What waits when the sources fail: a close, one with a bound, a position to be liquidated, and a bet whose period is over. */
async function waiting(isLong: boolean) {
  const context = await loadFixture(twoSourcesFixture);
  const { desk, trader, keeper } = context;
  const price = desk.priceOf(MARKET);
  const options = { asset: MARKET, token: TOKEN, isLong, mode: "standard", leverage: LEVERAGE } as const;
  const low = { ...options, leverage: LOW_LEVERAGE };
  const { position } = modelOpening(context, options);
  const { position: lowPosition } = modelOpening(context, low);
  const bet = await requestBet(desk, trader, { asset: MARKET, token: TOKEN, isUp: isLong });
  const struck = await executeBets(desk, keeper, [bet]);
  expect(struck.results[0].outcome).to.equal("Opened");
  const settlement = await settlementOf(desk, bet);
  await desk.warpTo(settlement.target);
  await desk.refresh();
  const [closing, doomed] = [await openPosition(context, options), await openPosition(context, options)];
  const bounded = await openPosition(context, low);
  const slippage = BigInt(bookOf(context, MARKET, "standard").slippagePips);
  const sign = isLong ? 1n : -1n;
  const tick = moved(price, sign * GAIN);
  const loss = moved(price, -sign * LOSS);
  // Half a percent worse than the tick: broken by none but a clamp.
  const bound = moved(exitPrice(tick, slippage, isLong), -sign * HALF_PERCENT);
  const pending: [Pending, Pending] = [
    await desk.requestClose(trader, closing.id),
    await desk.requestClose(trader, bounded.id, { acceptablePrice: bound }),
  ];
  await desk.warpTo(pending[1].target);
  return {
    ...context,
    isLong,
    price,
    slippage,
    tick,
    loss,
    bound,
    pending,
    doomed: doomed.id,
    settlement,
    position,
    lowPosition,
  };
}

type Waiting = Awaited<ReturnType<typeof waiting>>;

/** Has the two sources of an asset be as told; what is fresh of them. */
async function set(context: Waiting, asset: "ETH" | "USDT", sources: Sources, isAbove: boolean): Promise<bigint[]> {
  const { desk, replica, second, priceAggregator, quickGovernor } = context;
  const price = desk.priceOf(asset);
  const other = moved(price, isAbove ? APART : -APART);
  const now = await desk.now();
  for (const [index, state] of sources.entries()) {
    if (state === "absent") {
      await confirmed(priceAggregator.connect(quickGovernor).setSourceEnabled(assetIdOf(asset), index, false));
      continue;
    }
    const says = state === "disagreeing" ? other : price;
    const at = state === "stale" ? now - 2 * DAY_SECONDS : now;
    if (index === 0) await replica.setPushPrice(asset, says, at, ["chainlink"]);
    else await second.get(asset)?.(says, at);
  }
  return sources.flatMap((state) => (state === "live" ? [price] : state === "disagreeing" ? [other] : []));
}

/** What the rules make of an exit, from what is fresh. */
class Rules {
  private readonly decimals: number;

  constructor(
    private readonly context: Waiting,
    private readonly anchors: readonly bigint[],
    private readonly tokens: readonly bigint[],
    private readonly position: Position,
    private readonly lowPosition: Position,
  ) {
    this.decimals = context.profile.tokens.find(({ symbol }) => symbol === TOKEN)?.decimals ?? 0;
  }

  /** Why no exit is possible at all. */
  get obstacle(): string | undefined {
    if (this.tokens.length === 0) return "Skipped TokenPriceMissing";
    return this.anchors.length === 0 ? "Skipped AnchorsNotFresh" : undefined;
  }

  get range() {
    return tokenPriceRange(this.tokens, BigInt(this.context.profile.oracle.maxReferenceSpreadPips));
  }

  /** The prices of the token that count: one, or both ends. */
  get ends() {
    const { isDisputed, low, high, median } = this.range;
    return { low: this.quote(isDisputed ? low : median), high: this.quote(isDisputed ? high : median) };
  }

  private quote(price: bigint) {
    return { decimals: this.decimals, price };
  }

  /** Due at both ends. Carry of a few seconds decides nothing here. */
  private isDue(position: Position, tick: bigint): boolean {
    const { low, high } = this.ends;
    return [low, high].every((token) => isLiquidatable(position, clampToBand(tick, this.anchors), 0n, token));
  }

  exit(): bigint {
    const { tick, slippage, isLong } = this.context;
    return exitPrice(closeFillPrice(tick, this.anchors, isLong), slippage, isLong);
  }

  liquidation(): string {
    return this.obstacle ?? (this.isDue(this.position, this.context.loss) ? "Liquidated" : "Skipped NotLiquidatable");
  }

  close(isByOwner: boolean, bound = 0n): string {
    if (this.obstacle !== undefined) return this.obstacle;
    if (this.isDue(bound === 0n ? this.position : this.lowPosition, this.context.tick)) return "Liquidated";
    if (this.range.isDisputed && !isByOwner) return "Skipped TokenPriceDisputed";
    const isBroken = bound !== 0n && (this.context.isLong ? this.exit() < bound : this.exit() > bound);
    return isBroken ? "Skipped PriceBoundByClamp" : "Closed";
  }
}

/** Both closes at their ticks: outcomes by the rules, and what the first one pays by the model. */
async function expectCloses(context: Waiting, rules: Rules, by: Signer, say: string): Promise<void> {
  const { desk, trading, trader, pending, tick, bound, profile, position } = context;
  const isByOwner = by === trader;
  const proofs = pending.map(({ target }) => desk.firstTick(MARKET, target, { price: tick }));
  const ids = pending.map(({ id }) => id);
  const { outcomes, receipt } = await executeAt(context, (await desk.now()) + 1, ids, proofs, { ticks: [0, 1], by });
  expect(outcomes, say).to.deep.equal([rules.close(isByOwner), rules.close(isByOwner, bound)]);
  if (outcomes[0] !== "Closed") return;
  const block = receipt.blockNumber;
  const [{ args }] = await trading.queryFilter(trading.filters.TradeClosed(ids[0]), block, block);
  const { low, high } = rules.ends;
  const expected = closeTradeAt(
    {
      position,
      carryOwedUsd: args.carryOwedUsd,
      executionFeeUsd: profile.execution.executionFeeUsd,
      executionFeeCount: isByOwner ? 0n : 1n,
      token: low,
      gainToken: high,
    },
    rules.exit(),
  );
  expect([args.exit, args.closeFee, args.executionFee, args.payout], say).to.deep.equal([
    expected.exit,
    expected.closeFee,
    expected.executionFee,
    expected.payout,
  ]);
}

/** The bet is won by its tick and paid in full: no source has a say. */
async function expectSettled(context: Waiting, say: string): Promise<void> {
  const { desk, keeper, trader, settlement, tick, profile } = context;
  const decimals = profile.tokens.find(({ symbol }) => symbol === TOKEN)?.decimals ?? 0;
  const price = desk.priceOf(TOKEN);
  const fee = executionFeeTokens(profile.execution.executionFeeUsd, { decimals, price });
  const { stake } = strikeBet(desk.tokenUnits(TOKEN, 100n), fee);
  const before = await holdingOf(desk, TOKEN, trader);
  const proofs = [desk.firstTick(MARKET, settlement.target, { price: tick })];
  const { results } = await attemptBets(desk, keeper, [settlement.id], proofs);
  expect(results, say).to.deep.equal([{ outcome: "Closed", reason: "None", isFailed: false }]);
  expect((await holdingOf(desk, TOKEN, trader)) - before, say).to.equal(stake + betProfit(stake, 770_000n));
}

describe("attacks: exits while sources are stale, absent or disagreeing", function () {
  if (IS_EXHAUSTIVE) this.timeout(EXHAUSTIVE_TIMEOUT_MS);

  for (const isLong of [true, false]) {
    it(`A22: closes, liquidations and bets under every set of sources: a ${isLong ? "long" : "short"}`, async () => {
      const context = await waiting(isLong);
      const { desk, trader, stranger, doomed, loss, price, position, lowPosition } = context;
      expect(bandOf([price]).low).to.be.at.most(loss);
      const at = await desk.now();
      const start = await takeSnapshot();
      const seen = new Map<string, number>();
      const all = cases();
      for (const { market, token, isAbove } of all) {
        const say = `market ${market.join()} token ${token.join()} ${isAbove ? "above" : "below"}`;
        const anchors = await set(context, MARKET, market, isAbove);
        const tokens = await set(context, TOKEN, token, isAbove);
        const rules = new Rules(context, anchors, tokens, position, lowPosition);
        const before = await takeSnapshot();
        await expectCloses(context, rules, trader, say);
        await before.restore();
        await expectCloses(context, rules, stranger, say);
        const proofs = [desk.anyTick(MARKET, at, { price: loss })];
        const { outcomes } = await liquidateAt(context, (await desk.now()) + 1, [doomed], proofs);
        expect(outcomes, say).to.deep.equal([rules.liquidation()]);
        await expectSettled(context, say);
        await expectBalanced(desk);
        for (const outcome of [rules.close(false), rules.close(true, context.bound), ...outcomes]) {
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        }
        await start.restore();
      }
      expect(all.length).to.equal(IS_EXHAUSTIVE ? 2 * 256 : 46);
      expect([...seen.keys()].sort()).to.deep.equal([
        "Closed",
        "Liquidated",
        "Skipped AnchorsNotFresh",
        "Skipped NotLiquidatable",
        "Skipped PriceBoundByClamp",
        "Skipped TokenPriceDisputed",
        "Skipped TokenPriceMissing",
      ]);
    });
  }
});
