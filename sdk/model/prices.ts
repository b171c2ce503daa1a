/** Prices from several sources: median, band, tolerances, and the units of Pyth. */
import { PIPS, PRICE_DECIMALS } from "../units";
import { abs, ceilDiv, clamp, floorDiv, max, min, mulDivDown, mulDivUp } from "./rounding";

/** How far outside the fresh anchors a tick may settle, pips (1%). */
export const BAND_PIPS = 10_000n;
/** Largest price that fits 64 bits. */
export const MAX_PRICE = 2n ** 64n - 1n;

/** The least and the greatest of some prices. */
export interface PriceRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** A reference price with the range of its sources. */
export interface ReferencePrice extends PriceRange {
  readonly median: bigint;
}

/** Mean of two prices, rounded down. */
export function mean(a: bigint, b: bigint): bigint {
  return floorDiv(a + b, 2n);
}

/** The middle price; of an even number the mean of the two in the middle, rounded down. Needs at least one. */
export function median(prices: readonly bigint[]): bigint {
  const sorted = ascending(prices);
  const upper = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[upper] : mean(sorted[upper - 1], sorted[upper]);
}

/** The least and the greatest. Needs at least one. */
export function rangeOf(prices: readonly bigint[]): PriceRange {
  const sorted = ascending(prices);
  return { low: sorted[0], high: sorted[sorted.length - 1] };
}

/** Median with low and high. Needs at least one. */
export function referencePrice(prices: readonly bigint[]): ReferencePrice {
  return { median: median(prices), ...rangeOf(prices) };
}

/** The price of a token: one, or two ends while its sources dispute it. */
export interface TokenPriceRange extends ReferencePrice {
  readonly isDisputed: boolean;
}

/** Whether two prices lie within the spread of each other, measured on the lower; on the spread is within it. */
export function isWithinSpread(a: bigint, b: bigint, maxSpreadPips: bigint): boolean {
  return abs(a - b) * PIPS <= min(a, b) * maxSpreadPips;
}

/** T from its fresh push sources: disputed where more than one is fresh and no two lie within the spread. */
export function tokenPriceRange(prices: readonly bigint[], maxSpreadPips: bigint): TokenPriceRange {
  const isNear = (a: bigint, i: number): boolean =>
    prices.some((b, j) => j !== i && isWithinSpread(a, b, maxSpreadPips));
  return { ...referencePrice(prices), isDisputed: prices.length > 1 && !prices.some(isNear) };
}

/** A tick as price ± confidence. */
export interface TickRange {
  readonly price: bigint;
  readonly confidence: bigint;
}

/** What an asset's reference price is made of. */
export interface ReferenceInput {
  /** Answers of the push sources that are enabled and fresh. */
  readonly fresh: readonly bigint[];
  /** A tick at most 5 s old, with a confidence of at most 1%. */
  readonly tick?: TickRange;
  readonly quorum: bigint;
  readonly maxSpreadPips: bigint;
  /** Pyth's own storage holds a price of the asset that is younger than 10 minutes. */
  readonly hasRecentStoredPrice: boolean;
}

/** For a mint: a quorum of fresh sources and a tick, all within the spread. Undefined: it is refused. */
export function mintReference(input: ReferenceInput): ReferencePrice | undefined {
  const { fresh, tick, quorum, maxSpreadPips } = input;
  if (tick === undefined || BigInt(fresh.length) < quorum) return undefined;
  const range = referenceOf(fresh, tick);
  return isWithinSpread(range.low, range.high, maxSpreadPips) ? range : undefined;
}

/**
 * For a burn: with a tick, the tick and every fresh source within the spread of its price, at least one; without a tick, and
 * without a recent price in Pyth's own storage, every source that is in a quorum of fresh sources within the spread of each
 * other, widened by the spread. Undefined: the asset counts 0 and can't be paid out.
 */
export function burnReference(input: ReferenceInput): ReferencePrice | undefined {
  const { fresh, tick, quorum, maxSpreadPips, hasRecentStoredPrice } = input;
  if (tick !== undefined) {
    const near = fresh.filter((price) => isWithinSpread(price, tick.price, maxSpreadPips));
    return near.length === 0 ? undefined : referenceOf(near, tick);
  }
  if (hasRecentStoredPrice) return undefined;
  const quorums = subsetsOf(fresh).filter((set) => BigInt(set.length) === quorum && isAgreed(set, maxSpreadPips));
  const agreeing = fresh.filter((_, index) => quorums.some((set) => set.some((source) => source === index)));
  if (agreeing.length === 0) return undefined;
  const { low, median: mid, high } = referencePrice(agreeing);
  return {
    low: mulDivDown(low, PIPS - maxSpreadPips, PIPS),
    median: mid,
    high: mulDivUp(high, PIPS + maxSpreadPips, PIPS),
  };

  function isAgreed(set: readonly number[], spread: bigint): boolean {
    return set.every((a) => set.every((b) => isWithinSpread(fresh[a], fresh[b], spread)));
  }
}

function referenceOf(sources: readonly bigint[], { price, confidence }: TickRange): ReferencePrice {
  const range = rangeOf([...sources, price - confidence, price + confidence]);
  return { median: median([...sources, price]), ...range };
}

/** All sets of places in a list, but the empty one. */
function subsetsOf(list: readonly unknown[]): number[][] {
  return Array.from({ length: 2 ** list.length - 1 }, (_, set) =>
    [...list.keys()].filter((place) => ((set + 1) >> place) % 2 === 1),
  );
}

function ascending(prices: readonly bigint[]): bigint[] {
  if (prices.length === 0) throw new RangeError("no price");
  return [...prices].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * The integer prices within [0.99 × lowest, 1.01 × highest anchor]: the lower end rounded up and the upper end down,
 * so that a price exactly on the band is inside and the band never widens.
 */
export function bandOf(anchors: readonly bigint[]): PriceRange {
  const { low, high } = rangeOf(anchors);
  return { low: mulDivUp(low, PIPS - BAND_PIPS, PIPS), high: mulDivDown(high, PIPS + BAND_PIPS, PIPS) };
}

/** The tick, moved to the nearer end of the anchors' band when outside it. */
export function clampToBand(tick: bigint, anchors: readonly bigint[]): bigint {
  const band = bandOf(anchors);
  return clamp(tick, band.low, band.high);
}

/** The price a close fills at before slippage: the worse for the trader of the tick and the clamped tick. */
export function closeFillPrice(tick: bigint, anchors: readonly bigint[], isLong: boolean): bigint {
  const clamped = clampToBand(tick, anchors);
  return isLong ? min(tick, clamped) : max(tick, clamped);
}

/** Whether |tick − anchor| / anchor is at most the tolerance; the boundary is ok. */
export function isDeviationOk(tick: bigint, anchor: bigint, maxDeviationPips: bigint): boolean {
  return abs(tick - anchor) * PIPS <= maxDeviationPips * anchor;
}

/** Whether confidence / price is at most the tolerance; the boundary is ok. Both in the same units. */
export function isConfidenceOk(confidence: bigint, price: bigint, maxConfidencePips: bigint): boolean {
  return price > 0n && confidence * PIPS <= maxConfidencePips * price;
}

/** Pyth's price × 10^expo with 10 decimals, rounded down; the exponent may have any sign. */
export function normalizePythPrice(price: bigint, expo: number): bigint {
  const shift = PRICE_DECIMALS + expo;
  return shift >= 0 ? price * 10n ** BigInt(shift) : floorDiv(price, 10n ** BigInt(-shift));
}

/** Pyth's confidence × 10^expo with 10 decimals, rounded up: it never looks surer than it is. */
export function normalizePythConfidence(confidence: bigint, expo: number): bigint {
  const shift = PRICE_DECIMALS + expo;
  return shift >= 0 ? confidence * 10n ** BigInt(shift) : ceilDiv(confidence, 10n ** BigInt(-shift));
}

/** Whether a normalised price is usable: positive and within 64 bits. */
export function isPrice(price: bigint): boolean {
  return price > 0n && price <= MAX_PRICE;
}
