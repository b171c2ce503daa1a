/** The guard of high leverage: how far the index lately was from where it had been. */
import { abs, ceilDiv, min } from "../rounding";
import { ONE_X96, blend, halvedX96 } from "./exp2";

/** What the index word keeps beside price and time. */
export interface Guard {
  /** Ī: mean of the index, half of it from the last minute, 10 decimals, rounded down. */
  readonly mean: bigint;
  /** g: largest distance of late, 9 decimals, rounded up. */
  readonly gapX9: bigint;
}

/** 1 with 9 decimals. */
const ONE_X9 = 1_000_000_000n;
/** Seconds in which half of the mean is replaced. */
const MEAN_HALF_LIFE = 60n;
/** Seconds in which a distance is forgotten by half. */
const GAP_HALF_LIFE = 600n;
/** The most that 32 bits hold. */
const MOST_GAP_X9 = (1n << 32n) - 1n;
/** Distance that a first index is taken to have: 1%. */
const FIRST_GAP_X9 = 10_000_000n;

/** The guard of a market's first index. */
export function firstGuard(index: bigint): Guard {
  return { mean: index, gapX9: FIRST_GAP_X9 };
}

/** The guard after a refresh: `seconds` between the publish times, `stored` the index until then. */
export function advanceGuard(guard: Guard, stored: bigint, index: bigint, seconds: bigint): Guard {
  const mean = blend(guard.mean, stored, seconds, MEAN_HALF_LIFE);
  const faded = ceilDiv(guard.gapX9 * halvedX96(seconds, GAP_HALF_LIFE), ONE_X96);
  const distance = ceilDiv(abs(index - mean) * ONE_X9, mean);
  return { mean, gapX9: min(faded > distance ? faded : distance, MOST_GAP_X9) };
}

/** Whether a leverage is within the guard: 4·L·g ≤ 1. */
export function isWithinGuard(leverage: bigint, gapX9: bigint): boolean {
  return 4n * leverage * gapX9 <= ONE_X9;
}
