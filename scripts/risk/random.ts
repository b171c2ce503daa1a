import { createRandom, normal } from "../../kit/prices";

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Numbers of their own for each purpose and place: the same wherever and in whatever order they are drawn. */
export function randomOf(...parts: readonly number[]): Random {
  let [high, low] = [0x243f6a88, 0x85a308d3];
  for (const part of parts) {
    // Whole numbers up to 2^53 count in full.
    low = mix(low ^ (part | 0));
    high = mix(high ^ Math.floor(part / 2 ** 32) ^ low);
  }
  return createRandom((high >>> 11) * 2 ** 32 + (low >>> 0));
}

/** The finaliser of a well-known hash: every bit in changes half of those out. */
function mix(value: number): number {
  let bits = value + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** A waiting time of the given mean. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** A size with the given median: two thirds lie within a factor of e^spread of it. */
export function logNormal(random: Random, median: number, spread: number): number {
  return median * Math.exp(spread * normal(random));
}

/** The first whose share of the weights is reached. */
export function pick<T extends { weight: number }>(random: Random, among: readonly T[]): T {
  let left = random() * among.reduce((sum, { weight }) => sum + weight, 0);
  for (const one of among) if ((left -= one.weight) < 0) return one;
  return among[among.length - 1];
}
