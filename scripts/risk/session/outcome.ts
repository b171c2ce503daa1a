/** What a path comes to: plain numbers, so that a worker can hand them over. USD unless said otherwise. */
import type { FeeKind } from "../../../sdk/model";

/** What LPs live on, by kind. `price` is traders' losses less their gains, carry apart. */
export const KINDS = ["openFee", "closeFee", "profitShare", "carry", "liquidation", "price"] as const;
export type IncomeKind = (typeof KINDS)[number];

/** Upper ends of the classes of leverage; 500 stands for Standard's and, beyond it, Degen begins. */
export const LEVERAGES = [
  { name: "1 to 10", mode: "standard", upTo: 10 },
  { name: "11 to 50", mode: "standard", upTo: 50 },
  { name: "51 to 100", mode: "standard", upTo: 100 },
  { name: "101 to 250", mode: "standard", upTo: 250 },
  { name: "251 to 500", mode: "standard", upTo: 500 },
  { name: "Degen 500 to 750", mode: "degen", upTo: 750 },
  { name: "Degen 751 to 1000", mode: "degen", upTo: 1_000 },
  { name: "Degen 1001", mode: "degen", upTo: Infinity },
] as const;

export function leverageClass(mode: FeeKind, leverage: number): number {
  return LEVERAGES.findIndex((one) => one.mode === mode && leverage <= one.upTo);
}

export const REFUSALS = [
  "confidence",
  "deviation",
  "liquidatable",
  "open interest",
  "reserve",
  "loss budget",
  "minimum",
] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Ending = "closed" | "profit" | "stopped" | "liquidated" | "at the end";

/** One group of trades. */
export interface Tally {
  trades: number;
  notional: number;
  margin: number;
  /** The LPs' result, their share of the open fees included. */
  lp: number;
}

export interface ModeOutcome {
  income: Record<IncomeKind, number>;
  trades: number;
  liquidations: number;
  /** Liquidations of which a loss beyond the margin was not collected, and how much. */
  short: number;
  badDebt: number;
  margin: number;
}

export interface Outcome {
  regime: string;
  lp: number;
  drawdown: number;
  modes: Record<FeeKind, ModeOutcome>;
  byLeverage: Tally[];
  byBehaviour: Record<string, Tally>;
  refused: Record<Refusal, number>;
  endings: Record<Ending, number>;
  /** Liquidations by seconds from the first crossing tick to the block, the last class for all beyond. */
  lateness: number[];
  /** Crossings after which the price came back before a keeper had a tick to prove. */
  missed: number;
  /** The LPs' result, open positions counted, at even distances. */
  curve: number[];
}

export const LATENESS_CLASSES = 61;
export const CURVE_POINTS = 33;

export function emptyOutcome(regime: string): Outcome {
  const mode = (): ModeOutcome => ({
    ...{ income: zeros(KINDS), trades: 0, liquidations: 0, short: 0, badDebt: 0, margin: 0 },
  });
  return {
    ...{ regime, lp: 0, drawdown: 0, modes: { standard: mode(), degen: mode() } },
    byLeverage: LEVERAGES.map(() => emptyTally()),
    ...{ byBehaviour: {}, refused: zeros(REFUSALS) },
    endings: zeros(["closed", "profit", "stopped", "liquidated", "at the end"] as const),
    ...{ lateness: Array.from({ length: LATENESS_CLASSES }, () => 0), missed: 0, curve: [] },
  };
}

export function emptyTally(): Tally {
  return { trades: 0, notional: 0, margin: 0, lp: 0 };
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
