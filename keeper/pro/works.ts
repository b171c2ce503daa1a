/** What a keeper attempts in the order book, what that costs in gas and what it pays. */
import type { Tick } from "../ticks/TickBook";
import type { Firing, ScopeView } from "./ProBoard";
import type { ProBatch, ProItem, ProItemOutcome } from "./calls";

/** What is attempted of one scope, one trigger or one grid. */
export interface ProWork {
  readonly key: string;
  readonly items: readonly ProItem[];
  readonly view?: ScopeView;
  readonly fire?: Firing;
  readonly roll?: ProBatch["rolls"][number];
  /** Left for the keeper of the trigger, or for the lines of the grid, quote. */
  readonly tip: bigint;
  /** Markets whose prices it needs. */
  readonly markets: readonly number[];
  /** Brought instead of the latest of its asset. */
  readonly tick?: Tick;
}

/** Gas that parts of a call take; measured, a little more than they do. */
export const GAS = {
  /** The transaction, and the first proof. */
  base: 130_000n,
  proof: 70_000n,
  refresh: 70_000n,
  /** By `TASK`: a step of a liquidation into a few orders, a candidate, a share of a loss, a market's beginning to settle, a pair. */
  item: { 1: 400_000n, 2: 100_000n, 3: 120_000n, 4: 150_000n, 5: 120_000n },
  fire: 250_000n,
  /** A grid, and each line that is answered. */
  roll: 250_000n,
  line: 80_000n,
  /** A transaction that takes orders off, one that does so of a stretched scope and is paid, and each order. */
  ending: 30_000n,
  stretched: 130_000n,
  order: 35_000n,
} as const;

/** What calls pay, quote: a candidate, an order of a stretched scope, a line of a grid, a step that the fund pays for. */
const ONE_USD = 10n ** 18n;
export const STRETCHED_PAY = ONE_USD / 50n;
export const LINE_PAY = ONE_USD / 50n;
const CANDIDATE_PAY = ONE_USD / 5n;
/** Of a candidate no more than this part of what he gives up. */
const CANDIDATE_PAY_DIVISOR = 10_000n;
/** The least notional of a step that the fund pays for. */
const LEAST_PAID_NOTIONAL = 2_000n * ONE_USD;
/** The caller's part of a liquidation fee: a quarter, of pips. */
const CALLER_PIPS = 4n * 1_000_000n;

export function gasOf({ fires, items, refreshes, rolls }: ProBatch, proofs: number): bigint {
  const count = (list: readonly unknown[]) => BigInt(list.length);
  return (
    GAS.base +
    GAS.proof * BigInt(Math.max(0, proofs - 1)) +
    GAS.refresh * count(refreshes) +
    items.reduce((sum, { task }) => sum + GAS.item[task], 0n) +
    GAS.fire * count(fires) +
    rolls.reduce((sum, { isOver, lines }) => sum + GAS.roll + (isOver ? GAS.order : GAS.line) * BigInt(lines), 0n)
  );
}

/** What an outcome pays, quote; what pays nobody and is owed may cost `dutyUsd`. `feePips` is the market's liquidation fee. */
export function payOf({ tip, view }: ProWork, { outcome }: ProItemOutcome, feePips: number, dutyUsd: bigint): bigint {
  if (outcome === "Triggered" || outcome === "Rolled" || outcome === "Ended") return tip;
  // What fills in part pays its part.
  if (outcome === "PartlyTriggered") return tip / 2n;
  if (view === undefined) return dutyUsd;
  if (outcome === "Deleveraged") {
    // He gives up no more than the position has. What pays too little is owed all the same.
    const share = view.notional / CANDIDATE_PAY_DIVISOR;
    const pay = share < CANDIDATE_PAY ? share : CANDIDATE_PAY;
    return pay > dutyUsd ? pay : dutyUsd;
  }
  if (outcome !== "Reduced") return dutyUsd;
  if (view.equity <= 0n) return view.notional >= LEAST_PAID_NOTIONAL ? CANDIDATE_PAY : dutyUsd;
  // A step may close a part: half of the whole is a fair guess, and no more than the equity that is there.
  const pay = (view.notional * BigInt(feePips)) / CALLER_PIPS / 2n;
  return pay < view.equity ? pay : view.equity;
}
