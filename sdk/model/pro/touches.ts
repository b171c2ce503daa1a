/** Touches of a market: funding and mean basis brought to now, a new index, depth and mark after a change of the book. */
import { PIPS } from "../../units";
import { clamp } from "../rounding";
import { firmLevels, isBetter } from "./book";
import { firstGuard, advanceGuard } from "./guard";
import { advanceBasis, depthWanted, lesser, markOf, measure, searchDepth } from "./mark";
import type { BookMeasures, SideDepth } from "./mark";
import { check } from "./refusal";
import { fundingNow, indexAge, measuresAt } from "./scopes";
import type { ExchangeState, IndexState, MarketState } from "./state";
import type { Side } from "./units";
import { priceOfTick, valueOf } from "./units";

/** A proven tick and what the anchors say of it. */
export interface Tick {
  readonly price: bigint;
  readonly publishTime: bigint;
  readonly confidencePips: bigint;
  /** Fresh anchors' lowest and highest, and how many there are. */
  readonly low: bigint;
  readonly high: bigint;
  readonly anchors: number;
  readonly isReady: boolean;
}

/** Oldest tick that a refresh takes. */
const TICK_SECONDS = 5n;
const MOST_CONFIDENCE_PIPS = 10_000n;
const NARROW_CONFIDENCE_PIPS = 3_000n;
/** How far from the anchors a tick counts. */
const ANCHOR_BAND_PIPS = 10_000n;

/** Notional of open interest at the mark. */
export function openInterest({ config, mark, openLots }: MarketState): bigint {
  return valueOf(config.grid, mark, openLots);
}

/** Brings funding and mean basis to now, by what the book measures at the index that the touch brings or finds. */
export function accrue(state: ExchangeState, market: MarketState, found?: BookMeasures): void {
  const { funding } = market;
  const now = found ?? measuresAt(market, state.now);
  const counted = lesser(measuresAt(market, funding.touchedAt).basisX18, now.basisX18);
  const seconds = state.now - funding.touchedAt;
  if (market.status !== "settling") market.basisEmaX18 = advanceBasis(market.basisEmaX18, counted, seconds);
  market.funding = fundingNow(state, market, now);
}

/** The mark anew from index, mean basis, depth and last trade. */
export function renewMark(market: MarketState): void {
  const { basisEmaX18, config, depth, index, last, status } = market;
  if (index === undefined) return;
  if (status === "settling") {
    market.mark = index.price;
    return;
  }
  const price = (tick?: bigint) => (tick === undefined ? undefined : priceOfTick(config.grid, tick));
  const book = { bid: price(depth.bid.best), ask: price(depth.ask.best), last };
  market.mark = markOf(index.price, basisEmaX18, book, config.maxDeviationPips).mark;
}

/** Whether a level that changed lies at or before a side's deep price, so that its depth is looked for anew. */
export function concerns(side: Side, { deep }: SideDepth, tick: bigint): boolean {
  return deep === undefined || !isBetter(side, deep, tick);
}

/** Looks for a side's depth anew, by open interest and band around the mark of the last touch. */
export function renewDepth(market: MarketState, side: Side): void {
  const { book, config, mark } = market;
  const levels = firmLevels(config.grid, book[side], mark, config.bandPips);
  const found = searchDepth(config.grid, levels, depthWanted(openInterest(market)));
  market.depth = side === "buy" ? { ...market.depth, bid: found } : { ...market.depth, ask: found };
}

/** A newer index. Refused: one that is not newer, older than 5 s, of a wide confidence or without an anchor. */
export function refreshIndex(state: ExchangeState, market: MarketState, tick: Tick, minAnchors: number): void {
  check(market.status !== "settling", "MarketSettling");
  check(market.index === undefined || tick.publishTime > market.index.publishTime, "TickNotNewer");
  check(state.now - tick.publishTime <= TICK_SECONDS, "TickTooOld");
  check(tick.confidencePips <= MOST_CONFIDENCE_PIPS, "ConfidenceTooWide");
  check(tick.anchors >= 1, "AnchorsNotFresh");
  const low = (tick.low * (PIPS - ANCHOR_BAND_PIPS)) / PIPS;
  const high = (tick.high * (PIPS + ANCHOR_BAND_PIPS)) / PIPS;
  const price = clamp(tick.price, low, high);
  const isNarrow = tick.confidencePips <= NARROW_CONFIDENCE_PIPS && price === tick.price && tick.anchors >= minAnchors;
  setIndex(state, market, { price, publishTime: tick.publishTime, isNarrow, isReady: tick.isReady });
}

function setIndex(state: ExchangeState, market: MarketState, next: Omit<IndexState, "mean" | "gapX9">): void {
  const { config, depth, index } = market;
  const age = state.now - next.publishTime;
  accrue(state, market, measure(config.grid, depth, next.price, age, config.maxDeviationPips));
  const guard =
    index === undefined
      ? firstGuard(next.price)
      : advanceGuard(index, index.price, next.price, next.publishTime - index.publishTime);
  market.index = { ...next, ...guard };
  renewMark(market);
}

/** Whether a market's index serves an increase: narrow, ready and not older. */
export function checkOpening(state: ExchangeState, market: MarketState, seconds: bigint): void {
  check(market.index !== undefined, "IndexMissing");
  check(indexAge(state, market) <= seconds, "IndexStale");
  check(market.index.isReady, "SequencerNotReady");
  check(market.index.isNarrow, "IndexNotNarrow");
}
