/**
 * Division with an explicit direction. "Down" is towards minus infinity and "up" towards plus infinity for either sign,
 * so that a rounding which favours the vault keeps favouring it when an amount turns negative.
 * Denominators must be positive.
 */

/** Largest integer not above numerator / denominator. */
export function floorDiv(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError(`denominator ${denominator} is not positive`);
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** Smallest integer not below numerator / denominator. */
export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return -floorDiv(-numerator, denominator);
}

/** a × b / denominator, rounded down. */
export function mulDivDown(a: bigint, b: bigint, denominator: bigint): bigint {
  return floorDiv(a * b, denominator);
}

/** a × b / denominator, rounded up. */
export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  return ceilDiv(a * b, denominator);
}

/** The smaller of two. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Distance from zero. */
export function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The value, moved to the nearer end when outside [low, high]. */
export function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return min(max(value, low), high);
}
