/** Funding between the sides of a market: a rate a UTC hour from the mean premium of the hour before, owed every second. */
import { HOUR_SECONDS, X18 } from "../../units";
import type { Halt } from "../clock";
import { clockAt } from "../clock";
import { clamp, max, min } from "../rounding";
import { COUNTED_SECONDS } from "./mark";
import type { FundingIndices } from "./positions";
import type { Grid } from "./units";
import { PIPS_X18, truncDiv } from "./units";

/** What a market pays funding by. */
export interface FundingTerms {
  /** i: the rate of a book at the index, a fraction of 8 hours. */
  readonly interestPips: bigint;
  readonly capPips: bigint;
}

/** Where a market's funding stands. */
export interface FundingState {
  readonly indices: FundingIndices;
  /** The last touch, seconds. */
  readonly touchedAt: bigint;
  /** Σ premium × seconds of the hour of the last touch, 18 decimals. */
  readonly premiumSumX18: bigint;
  /** Mean premium of the hour before it, 18 decimals. */
  readonly meanPremiumX18: bigint;
}

/** Seconds that a rate is quoted for. */
const RATE_SECONDS = 28_800n;
/** How far the rate may leave the premium towards the interest. */
const DAMPING_X18 = 500n * PIPS_X18;

/** A market's funding from its first second on. */
export function newFunding(now: bigint): FundingState {
  return {
    indices: { longOwed: 0n, shortOwed: 0n },
    touchedAt: now,
    premiumSumX18: 0n,
    meanPremiumX18: 0n,
  };
}

/** F = clamp(P̄ + clamp(i − P̄, ±5 bp), ±cap), a fraction of 8 hours, 18 decimals. */
export function fundingRate(meanPremiumX18: bigint, { capPips, interestPips }: FundingTerms): bigint {
  const towards = clamp(interestPips * PIPS_X18 - meanPremiumX18, -DAMPING_X18, DAMPING_X18);
  const cap = capPips * PIPS_X18;
  return clamp(meanPremiumX18 + towards, -cap, cap);
}

/** What a lot at an index owes over rate-seconds, quote, towards zero: the same that the other side receives. */
export function fundingPerLot({ lotSize }: Grid, index: bigint, rateSecondsX18: bigint): bigint {
  return truncDiv(index * lotSize * rateSecondsX18, RATE_SECONDS * X18);
}

/** Funding and premium after a span with one counted premium. */
interface Hours {
  /** Σ rate × seconds, 18 decimals. */
  readonly rateSecondsX18: bigint;
  readonly premiumSumX18: bigint;
  readonly meanPremiumX18: bigint;
}

/**
 * A span in at most three pieces: the rest of its first hour, the hour after, all others. The premium counts for the first
 * 60 s; an hour that no touch falls into counts none, even where those 60 s reach into it.
 */
function throughHours(
  state: FundingState,
  now: bigint,
  countedX18: bigint,
  terms: FundingTerms,
  halts: readonly Halt[],
): Hours {
  const { meanPremiumX18, premiumSumX18, touchedAt } = state;
  const counted = min(now, touchedAt + COUNTED_SECONDS);
  const owed = (mean: bigint, from: bigint, to: bigint) =>
    fundingRate(mean, terms) * (clockAt(to, halts) - clockAt(from, halts));

  const firstEnd = (touchedAt / HOUR_SECONDS + 1n) * HOUR_SECONDS;
  if (now < firstEnd) {
    const sum = premiumSumX18 + countedX18 * (counted - touchedAt);
    return { rateSecondsX18: owed(meanPremiumX18, touchedAt, now), premiumSumX18: sum, meanPremiumX18 };
  }
  const first = owed(meanPremiumX18, touchedAt, firstEnd);
  const mean = truncDiv(premiumSumX18 + countedX18 * (min(counted, firstEnd) - touchedAt), HOUR_SECONDS);
  const secondEnd = firstEnd + HOUR_SECONDS;
  if (now < secondEnd) {
    const sum = countedX18 * max(0n, counted - firstEnd);
    return { rateSecondsX18: first + owed(mean, firstEnd, now), premiumSumX18: sum, meanPremiumX18: mean };
  }
  const rest = owed(mean, firstEnd, secondEnd) + owed(0n, secondEnd, now);
  return { rateSecondsX18: first + rest, premiumSumX18: 0n, meanPremiumX18: 0n };
}

/**
 * Funding at a later touch: both indices by the index price stored until then, opposite in sign and equal in size, so that
 * nothing is lost between the sides. `countedX18` is the premium that counts for the span, `halts` when nothing is owed.
 */
export function accrueFunding(
  state: FundingState,
  now: bigint,
  countedX18: bigint,
  grid: Grid,
  index: bigint,
  terms: FundingTerms,
  halts: readonly Halt[] = [],
): FundingState {
  const { meanPremiumX18, premiumSumX18, rateSecondsX18 } = throughHours(state, now, countedX18, terms, halts);
  const owed = fundingPerLot(grid, index, rateSecondsX18);
  const { longOwed, shortOwed } = state.indices;
  return {
    indices: { longOwed: longOwed + owed, shortOwed: shortOwed - owed },
    touchedAt: now,
    premiumSumX18,
    meanPremiumX18,
  };
}
