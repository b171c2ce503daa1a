/** Work divided into transactions: by product, by the ticks that it shares, by size and by gas. */
import { ITEM_RESERVE, gasOf } from "../send/profit";
import type { Attempt } from "./trials";

/** An attempt that would do something, and what it is worth, USD with 18 decimals. */
export interface Work {
  readonly key: string;
  readonly attempt: Attempt;
  readonly valueUsd: bigint;
  /** Pay alone: what of the value comes in with it. */
  readonly payUsd: bigint;
  /** Last second of the chain in which it is of use. */
  readonly until: number;
}

export interface Batch {
  readonly works: readonly Work[];
  readonly proofs: number;
}

export interface BatchLimits {
  readonly maxItems: number;
  readonly maxTicks: number;
  readonly maxGas: number;
}

/**
 * The most urgent first, and of one tick together, so that each tick is proven as seldom as can be.
 * Every work is in one batch.
 */
export function batchesOf(works: readonly Work[], limits: BatchLimits): Batch[] {
  const batches: Batch[] = [];
  for (const product of ["trading", "prediction"] as const) {
    const own = works.filter(({ attempt }) => attempt.product === product);
    own.sort((a, b) => firstTime(a.attempt) - firstTime(b.attempt) || assetOf(a.attempt) - assetOf(b.attempt));
    let batch: Work[] = [];
    const close = () => {
      if (batch.length > 0) batches.push({ works: batch, proofs: ticksOf(batch) });
      batch = [];
    };
    for (const work of own) {
      const grown = [...batch, work];
      const ticks = ticksOf(grown);
      const gas = gasOf(grown.length, ticks) + ITEM_RESERVE;
      if (grown.length > limits.maxItems || ticks > limits.maxTicks || gas > BigInt(limits.maxGas)) close();
      batch.push(work);
    }
    close();
  }
  return batches;
}

function ticksOf(works: readonly Work[]): number {
  const ticks = works.flatMap(({ attempt: { execution, liquidation } }) => [execution?.tick, liquidation?.tick]);
  return new Set(ticks.filter((tick) => tick !== undefined)).size;
}

function firstTime({ execution, liquidation }: Attempt): number {
  return Math.min(execution?.tick.publishTime ?? Infinity, liquidation?.tick.publishTime ?? Infinity);
}

function assetOf({ execution, liquidation }: Attempt): number {
  return (execution ?? liquidation)?.tick.assetId ?? 0;
}
