/** Mark price, and the two measures of the book that it and funding integrate over time. */
import { PIPS, X18 } from "../../units";
import { abs, ceilDiv, clamp, floorDiv, max, min } from "../rounding";
import { blend } from "./exp2";
import type { Grid } from "./units";
import { PIPS_X18, QUOTE, notionalOf, priceOfTick, truncDiv } from "./units";

/** A level of the book as the search for depth sees it. */
export interface FirmLevel {
  readonly tick: bigint;
  /** Lots of orders without expiry that are not reduce-only; 0 where the price lies beyond the band. */
  readonly firmLots: bigint;
}

/** What is known of a side's depth, as ticks. */
export interface SideDepth {
  /** First level with firm lots among those looked at. */
  readonly best?: bigint;
  /** Where the cumulated lots reach the depth asked for, or the last firm level of eight. None where the side ended before. */
  readonly deep?: bigint;
}

/** Depth of both sides. */
export interface Depth {
  readonly bid: SideDepth;
  readonly ask: SideDepth;
}

/** Measures of a book at an index, fractions with 18 decimals. */
export interface BookMeasures {
  readonly premiumX18: bigint;
  readonly basisX18: bigint;
}

/** The three prices behind a mark, and it. */
export interface MarkParts {
  readonly index: bigint;
  readonly basis: bigint;
  readonly book: bigint;
  readonly mark: bigint;
}

/** A book that says nothing. */
export const NO_MEASURES: BookMeasures = { premiumX18: 0n, basisX18: 0n };
/** Levels that a search looks at. */
export const MAX_LEVELS = 8;
/** Seconds for which a measure of the last touch counts. */
export const COUNTED_SECONDS = 60n;
/** A measure at an older index is 0. */
export const MEASURE_AGE_SECONDS = 15n;
/** 300 s × ln 2. */
const BASIS_HALF_LIFE = 208n;
const LEAST_DEPTH = 2_000n * QUOTE;
const OPEN_INTEREST_PER_DEPTH = 1_000n;

/** D: the depth that counts, quote. */
export function depthWanted(openInterest: bigint): bigint {
  return max(LEAST_DEPTH, openInterest / OPEN_INTEREST_PER_DEPTH);
}

/** Whether a price lies within the band around a mark. */
export function isWithinBand(price: bigint, mark: bigint, bandPips: bigint): boolean {
  return abs(price - mark) * PIPS <= mark * bandPips;
}

/** Searches a side from its best level on. Each level's firm lots count at their own price. */
export function searchDepth(grid: Grid, levels: readonly FirmLevel[], wanted: bigint): SideDepth {
  let cumulated = 0n;
  let best: bigint | undefined;
  let last: bigint | undefined;
  for (const { tick, firmLots } of levels.slice(0, MAX_LEVELS)) {
    if (firmLots > 0n) {
      best ??= tick;
      last = tick;
      cumulated += notionalOf(grid, tick, firmLots);
    }
    if (cumulated >= wanted) return { best, deep: tick };
  }
  return levels.length < MAX_LEVELS ? { best } : { best, deep: last };
}

/**
 * Premium: what the deep bid is above the index, or the deep ask below it, as a fraction of it; basis: how far their middle
 * is from it. Each towards zero, clamped; the basis is 0 where a side is missing, all is at an index of more than 15 s.
 */
export function measure(
  grid: Grid,
  depth: Depth,
  index: bigint,
  ageSeconds: bigint,
  maxDeviationPips: bigint,
): BookMeasures {
  if (ageSeconds > MEASURE_AGE_SECONDS) return NO_MEASURES;
  const bid = depth.bid.deep === undefined ? undefined : priceOfTick(grid, depth.bid.deep);
  const ask = depth.ask.deep === undefined ? undefined : priceOfTick(grid, depth.ask.deep);
  const above = bid === undefined ? 0n : max(0n, bid - index);
  const below = ask === undefined ? 0n : max(0n, index - ask);
  const middleTwice = bid === undefined || ask === undefined ? 2n * index : bid + ask;
  const most = maxDeviationPips * PIPS_X18;
  return {
    premiumX18: clamp(truncDiv((above - below) * X18, index), -most, most),
    basisX18: clamp(truncDiv((middleTwice - 2n * index) * X18, 2n * index), -most, most),
  };
}

/** What counts between two touches: the lesser in size of the value left and the value found, 0 if their signs differ. */
export function lesser(left: bigint, found: bigint): bigint {
  if (left > 0n !== found > 0n || left === 0n || found === 0n) return 0n;
  return abs(left) < abs(found) ? left : found;
}

/** The mean basis after some seconds of which at most the first 60 count the value, the others 0. */
export function advanceBasis(basisEmaX18: bigint, countedX18: bigint, seconds: bigint): bigint {
  const counted = min(seconds, COUNTED_SECONDS);
  const held = blend(basisEmaX18, countedX18, counted, BASIS_HALF_LIFE);
  return seconds === counted ? held : blend(held, 0n, seconds - counted, BASIS_HALF_LIFE);
}

/** The middle one of three. */
export function median(a: bigint, b: bigint, c: bigint): bigint {
  return max(min(a, b), min(max(a, b), c));
}

/**
 * P1 the index, P2 = index + index × mean basis, the product towards zero, P3 the median of best bid, best ask and last trade, each the
 * index where it is missing; the mark is their median, kept within the deviation from the index, bounds rounded inwards.
 */
export function markOf(
  index: bigint,
  basisEmaX18: bigint,
  book: { readonly bid?: bigint; readonly ask?: bigint; readonly last?: bigint },
  maxDeviationPips: bigint,
): MarkParts {
  const basis = index + truncDiv(index * basisEmaX18, X18);
  const traded = median(book.bid ?? index, book.ask ?? index, book.last ?? index);
  const low = ceilDiv(index * (PIPS - maxDeviationPips), PIPS);
  const high = floorDiv(index * (PIPS + maxDeviationPips), PIPS);
  return { index, basis, book: traded, mark: clamp(median(index, basis, traded), low, high) };
}
