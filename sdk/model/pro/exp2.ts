/** 2^(−x) in binary fixed point, as a contract computes it: the same operations on the same integers. */

/** 1 of a share with 64 binary digits. */
export const ONE_X64 = 1n << 64n;
const ONE_X128 = 1n << 128n;
/** ln 2 with 128 binary digits, rounded down. */
const LN2_X128 = 235_865_763_225_513_294_137_944_142_764_154_484_399n;
/** Terms of the series: the first that is left out is below 2^−76. */
const TERMS = 20n;
/** From here on the result is 0. */
const LEAST_EXPONENT_OF_ZERO = 64n;

/**
 * 2^(−numerator / denominator) with 64 binary digits, 0 from an exponent of 64 on.
 * e^(−z) = 1 − z·(1 − z/2·(1 − z/3·(…))) for the fractional part, z = fraction × ln 2, then a shift by the whole part.
 * Error below 2^−60; exactly 1 at 0; never rises with the exponent.
 */
export function exp2NegX64(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator;
  if (whole >= LEAST_EXPONENT_OF_ZERO) return 0n;
  const fractionX128 = ((numerator % denominator) << 128n) / denominator;
  const z = (fractionX128 * LN2_X128) >> 128n;
  let term = ONE_X128;
  for (let k = TERMS; k > 0n; k--) term = ONE_X128 - ((z * term) >> 128n) / k;
  return term >> (64n + whole);
}

/** What is left of a value after some seconds, and how much of another has come in its place; towards zero. */
export function blend(from: bigint, to: bigint, seconds: bigint, halfLife: bigint): bigint {
  const kept = exp2NegX64(seconds, halfLife);
  return (from * kept + to * (ONE_X64 - kept)) / ONE_X64;
}
