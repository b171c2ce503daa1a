/** 2^(−x) in binary fixed point, as a contract computes it: the same operations on the same integers. */

/** 1 of a share with 96 binary digits. */
export const ONE_X96 = 1n << 96n;
/** ln 2 with 96 binary digits, rounded down. */
const LN2_X96 = 0xb17217f7d1cf79abc9e3b398n;
/** Terms of the series: the first that is left out is below 2^−98. */
const TERMS = 24n;
/** From so many half-lives on nothing is left. */
const HALF_LIVES = 64n;

/**
 * 2^(−seconds / halfLife) with 96 binary digits, 0 from 64 half-lives on.
 * e^(−y) = 1 − y·(1 − y/2·(1 − y/3·(…))) for the fractional part, y = fraction × ln 2, then a shift by the whole part.
 * Error below 2^−90; exactly 1 at 0; never rises with time.
 */
export function halvedX96(seconds: bigint, halfLife: bigint): bigint {
  if (seconds >= HALF_LIVES * halfLife) return 0n;
  const x = (seconds << 96n) / halfLife;
  const y = ((x & (ONE_X96 - 1n)) * LN2_X96) >> 96n;
  let factor = ONE_X96;
  for (let k = TERMS; k > 0n; k--) factor = ONE_X96 - ((y * factor) >> 96n) / k;
  return factor >> (x >> 96n);
}

/** What is left of a value after some seconds, and how much of another has come in its place; towards zero. */
export function blend(from: bigint, to: bigint, seconds: bigint, halfLife: bigint): bigint {
  const kept = halvedX96(seconds, halfLife);
  return (from * kept + to * (ONE_X96 - kept)) / ONE_X96;
}
