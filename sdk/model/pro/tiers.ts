/** Maintenance margin and leverage by the size of a position: tiers, continuous at their borders. */
import { PIPS } from "../../units";
import { ceilDiv, max } from "../rounding";
import { QUOTE } from "./units";

/** One tier. */
export interface Tier {
  /** Largest notional of the tier, quote, inclusive. */
  readonly cap: bigint;
  readonly maxLeverage: bigint;
  /** Maintenance rate on notional. */
  readonly ratePips: bigint;
}

/** Least maintenance margin of a position, quote. */
export const LEAST_MAINTENANCE = QUOTE;
/** Least initial margin of a position, quote. */
export const LEAST_INITIAL = 2n * QUOTE;

/** What a tier set must satisfy beyond order: rate(1) at least both fees and this much. */
const LEAST_RATE_BEYOND_FEES_PIPS = 1_000n;

/** Number of the tier of a notional; beyond the top the top's. */
export function tierIndex(tiers: readonly Tier[], notional: bigint): number {
  const found = tiers.findIndex(({ cap }) => notional <= cap);
  return found === -1 ? tiers.length - 1 : found;
}

/** What a tier's rate charges too much on the notional below it: Σ cap(i−1) × (rate(i) − rate(i−1)), quote; exact. */
export function cumulated(tiers: readonly Tier[], index: number): bigint {
  let sum = 0n;
  for (let i = 1; i <= index; i++) sum += tiers[i - 1].cap * (tiers[i].ratePips - tiers[i - 1].ratePips);
  return ceilDiv(sum, PIPS);
}

/** |V| × rate − cum, rounded up, at least 1; nothing without position. */
export function maintenanceMargin(tiers: readonly Tier[], notional: bigint): bigint {
  if (notional === 0n) return 0n;
  const index = tierIndex(tiers, notional);
  return max(ceilDiv(notional * tiers[index].ratePips, PIPS) - cumulated(tiers, index), LEAST_MAINTENANCE);
}

/** The highest leverage that this much may have; beyond the top the top's. */
export function maxLeverageAt(tiers: readonly Tier[], notional: bigint): bigint {
  return tiers[tierIndex(tiers, notional)].maxLeverage;
}

/** The largest notional that an account may hold or bring about by its orders. */
export function topCap(tiers: readonly Tier[]): bigint {
  return tiers[tiers.length - 1].cap;
}

/** Whether tiers ascend, leave half of the initial margin and cover what a liquidation charges. */
export function areTiersSound(tiers: readonly Tier[], takerFeePips: bigint, liquidationFeePips: bigint): boolean {
  if (tiers.length === 0 || tiers.length > 6) return false;
  if (tiers[0].ratePips < takerFeePips + liquidationFeePips + LEAST_RATE_BEYOND_FEES_PIPS) return false;
  return tiers.every((tier, index) => {
    const before = index === 0 ? { cap: 0n, ratePips: 0n, maxLeverage: 201n } : tiers[index - 1];
    const ascends = tier.cap > before.cap && tier.ratePips > before.ratePips && tier.maxLeverage < before.maxLeverage;
    return ascends && tier.maxLeverage >= 1n && 2n * tier.ratePips * tier.maxLeverage <= PIPS;
  });
}

function tier(cap: bigint, maxLeverage: bigint, ratePips: bigint): Tier {
  return { cap: cap * QUOTE, maxLeverage, ratePips };
}

/** As shipped for BTC and ETH. */
export const MAJOR_TIERS: readonly Tier[] = [
  tier(50_000n, 200n, 2_500n),
  tier(250_000n, 100n, 5_000n),
  tier(1_000_000n, 50n, 10_000n),
  tier(5_000_000n, 20n, 25_000n),
  tier(10_000_000n, 10n, 50_000n),
  tier(20_000_000n, 5n, 100_000n),
];

/** As shipped for BNB. */
export const MINOR_TIERS: readonly Tier[] = [
  tier(50_000n, 50n, 10_000n),
  tier(250_000n, 20n, 25_000n),
  tier(1_000_000n, 10n, 50_000n),
  tier(5_000_000n, 5n, 100_000n),
];
