/**
 * Carry: what the heavier side of a book pays the lighter one, and what both pay the vault for borrowing its depth.
 * Rates are fractions of entry notional per second with 18 decimals; an index is their sum over time.
 */
import { HOUR_SECONDS, PIPS, X18 } from "../units";
import { abs, ceilDiv, clamp, max, mulDivDown, mulDivUp } from "./rounding";

/** Rates of a book, all per second with 18 decimals. */
export interface CarryRates {
  /** Rate at full skew, before the bounds. */
  readonly fundingFactorX18: bigint;
  readonly minRateX18: bigint;
  readonly maxRateX18: bigint;
  /** Owed to the vault by both sides. */
  readonly borrowRateX18: bigint;
}

/** The two indices of a book: what 1 USD of notional has owed since the beginning, 18 decimals; may be negative. */
export interface CarryIndices {
  readonly longX18: bigint;
  readonly shortX18: bigint;
}

/** What a book's sides owe over an interval, in USD with 18 further decimals (exact). Negative receives. */
export interface CarryFlow {
  readonly longOwedX36: bigint;
  readonly shortOwedX36: bigint;
  /** The vault's share: the sum of both. */
  readonly vaultX36: bigint;
}

/** pips an hour as a fraction per second with 18 decimals, rounded up: a rate is what somebody owes. */
export function pipsPerHourToX18PerSecond(pipsPerHour: bigint): bigint {
  return ceilDiv(pipsPerHour * X18, PIPS * HOUR_SECONDS);
}

/**
 * Funding rate per second, positive when longs owe, negative when shorts do:
 * clamp(|long − short| / max(long, short) × fundingFactor, minRate, maxRate), the quotient rounded down, 0 when equal.
 */
export function ratePerSecond(
  longNotionalUsd: bigint,
  shortNotionalUsd: bigint,
  rates: Pick<CarryRates, "fundingFactorX18" | "minRateX18" | "maxRateX18">,
): bigint {
  const skew = longNotionalUsd - shortNotionalUsd;
  if (skew === 0n) return 0n;
  const raw = mulDivDown(abs(skew), rates.fundingFactorX18, max(longNotionalUsd, shortNotionalUsd));
  const rate = clamp(raw, rates.minRateX18, rates.maxRateX18);
  return skew > 0n ? rate : -rate;
}

/** Both indices after some seconds at unchanged open interest: ± funding, plus the borrow rate for both. Exact. */
export function accrueIndices(
  indices: CarryIndices,
  longNotionalUsd: bigint,
  shortNotionalUsd: bigint,
  rates: CarryRates,
  seconds: bigint,
): CarryIndices {
  const rate = ratePerSecond(longNotionalUsd, shortNotionalUsd, rates);
  return {
    longX18: indices.longX18 + (rates.borrowRateX18 + rate) * seconds,
    shortX18: indices.shortX18 + (rates.borrowRateX18 - rate) * seconds,
  };
}

/** What each side owes between two readings of the indices at unchanged open interest. Exact. */
export function carryFlow(
  from: CarryIndices,
  to: CarryIndices,
  longNotionalUsd: bigint,
  shortNotionalUsd: bigint,
): CarryFlow {
  const longOwedX36 = longNotionalUsd * (to.longX18 - from.longX18);
  const shortOwedX36 = shortNotionalUsd * (to.shortX18 - from.shortX18);
  return { longOwedX36, shortOwedX36, vaultX36: longOwedX36 + shortOwedX36 };
}

/** N·(index now − index at open) of the position's side in USD, rounded up: positive, the trader owes. */
export function carryOwedUsd(notional: bigint, indexNowX18: bigint, indexAtOpenX18: bigint): bigint {
  return mulDivUp(notional, indexNowX18 - indexAtOpenX18, X18);
}

/**
 * N·index in USD, rounded down: what a position adds to its side's sum when it opens.
 * Computed from the same two numbers when it leaves, so that the sum returns to exactly 0.
 */
export function carryEntryUsd(notional: bigint, indexAtOpenX18: bigint): bigint {
  return mulDivDown(notional, indexAtOpenX18, X18);
}
