/** What many paths say together. */
import type { FeeKind } from "../../../sdk/model";
import { CURVE_POINTS, KINDS, LATENESS_CLASSES, LEVERAGES } from "../session/outcome";
import type { IncomeKind, ModeOutcome, Outcome, Tally } from "../session/outcome";
import { emptyTally } from "../session/outcome";
import type { Estimate } from "../statistics";
import { meanOf, quantileOf, ratioOf, shareOf, shortfallOf, sum } from "../statistics";

/** USD a path unless said otherwise. */
export interface Distribution {
  mean: Estimate;
  median: Estimate;
  least5: Estimate;
  least1: Estimate;
  /** Mean of the worst hundredth. */
  shortfall: Estimate;
  worst: number;
  best: number;
  /** Share of the paths that lose. */
  losing: Estimate;
}

export interface Group {
  name: string;
  trades: number;
  notional: number;
  margin: number;
  lp: Estimate;
  /** Of the margins brought, and in bp of the notional. */
  ofMargin?: Estimate;
  ofNotionalBp?: Estimate;
}

export interface ModeSummary {
  lp: Distribution;
  ofMargin?: Estimate;
  income: Record<IncomeKind, Estimate>;
  trades: number;
  liquidations: number;
  badDebt: Estimate;
  badDebtOfMargin?: Estimate;
  short: Estimate;
}

export interface Summary {
  paths: number;
  lp: Distribution;
  drawdown: { mean: Estimate; p95: Estimate; p99: Estimate; worst: number };
  modes: Record<FeeKind, ModeSummary>;
  byLeverage: Group[];
  byBehaviour: Group[];
  refused: Record<string, number>;
  endings: Record<string, number>;
  /** Share of all liquidations within so many seconds of their crossing tick; and crossings missed. */
  lateness: { mean: number; p99: number; most: number; missed: Estimate };
  /** Quantiles of the LPs' result along a path. */
  curve: { share: number; p1: number; p5: number; p50: number; p95: number; p99: number }[];
}

export function summarise(outcomes: readonly Outcome[]): Summary {
  const drawdowns = outcomes.map(({ drawdown }) => drawdown);
  return {
    paths: outcomes.length,
    lp: distributionOf(outcomes.map(({ lp }) => lp)),
    drawdown: {
      mean: meanOf(drawdowns),
      p95: quantileOf(drawdowns, 0.95),
      p99: quantileOf(drawdowns, 0.99),
      worst: drawdowns.reduce((most, one) => Math.max(most, one), 0),
    },
    modes: { standard: modeSummary(outcomes, "standard"), degen: modeSummary(outcomes, "degen") },
    byLeverage: LEVERAGES.map(({ name }, at) => groupOf(name, outcomes, ({ byLeverage }) => byLeverage[at])),
    byBehaviour: behavioursOf(outcomes).map((key) => groupOf(key, outcomes, ({ byBehaviour }) => byBehaviour[key])),
    refused: addUp(outcomes.map(({ refused }) => refused)),
    endings: addUp(outcomes.map(({ endings }) => endings)),
    lateness: latenessOf(outcomes),
    curve: curveOf(outcomes),
  };
}

export function resultOf({ income }: ModeOutcome): number {
  return sum(KINDS.map((kind) => income[kind]));
}

export function distributionOf(values: readonly number[]): Distribution {
  return {
    mean: meanOf(values),
    median: quantileOf(values, 0.5),
    least5: quantileOf(values, 0.05),
    least1: quantileOf(values, 0.01),
    shortfall: shortfallOf(values, 0.01),
    worst: values.reduce((least, one) => Math.min(least, one), Infinity),
    best: values.reduce((most, one) => Math.max(most, one), -Infinity),
    losing: shareOf(values.filter((one) => one < 0).length, values.length),
  };
}

function modeSummary(outcomes: readonly Outcome[], mode: FeeKind): ModeSummary {
  const own = outcomes.map(({ modes }) => modes[mode]);
  const margins = own.map(({ margin }) => margin);
  const [results, debts] = [own.map(resultOf), own.map(({ badDebt }) => badDebt)];
  const liquidations = sum(own.map((one) => one.liquidations));
  const income = KINDS.map((kind) => [kind, meanOf(own.map((one) => one.income[kind]))]);
  return {
    lp: distributionOf(results),
    ofMargin: ratioOf(results, margins),
    income: Object.fromEntries(income) as Record<IncomeKind, Estimate>,
    trades: sum(own.map(({ trades }) => trades)),
    liquidations,
    badDebt: meanOf(debts),
    badDebtOfMargin: ratioOf(debts, margins),
    short: shareOf(sum(own.map(({ short }) => short)), liquidations),
  };
}

function groupOf(name: string, outcomes: readonly Outcome[], of: (outcome: Outcome) => Tally | undefined): Group {
  const tallies = outcomes.map((outcome) => of(outcome) ?? emptyTally());
  const [lp, notional, margin] = (["lp", "notional", "margin"] as const).map((key) => tallies.map((one) => one[key]));
  const ofNotional = ratioOf(lp, notional);
  return {
    ...{ name, trades: sum(tallies.map(({ trades }) => trades)), notional: sum(notional), margin: sum(margin) },
    ...{ lp: meanOf(lp), ofMargin: ratioOf(lp, margin) },
    ofNotionalBp: ofNotional && scaled(ofNotional, 1e4),
  };
}

export function scaled({ value, low, high, samples }: Estimate, by: number): Estimate {
  return { value: value * by, low: low * by, high: high * by, samples };
}

function behavioursOf(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.flatMap(({ byBehaviour }) => Object.keys(byBehaviour)))].sort();
}

function addUp(records: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records) for (const key of Object.keys(record)) total[key] = (total[key] ?? 0) + record[key];
  return total;
}

function latenessOf(outcomes: readonly Outcome[]): Summary["lateness"] {
  const counts = Array.from({ length: LATENESS_CLASSES }, (_, second) =>
    sum(outcomes.map((one) => one.lateness[second])),
  );
  const total = sum(counts);
  const missed = sum(outcomes.map((one) => one.missed));
  const quantile = (share: number): number => {
    let left = total * share;
    const found = counts.findIndex((count) => (left -= count) <= 0);
    return Math.max(found, 0);
  };
  const mean = total === 0 ? 0 : sum(counts.map((count, second) => count * second)) / total;
  return { mean, p99: quantile(0.99), most: quantile(1), missed: shareOf(missed, total + missed) };
}

function curveOf(outcomes: readonly Outcome[]): Summary["curve"] {
  return Array.from({ length: CURVE_POINTS }, (_, point) => {
    const values = outcomes.map(({ curve }) => curve[point]);
    const at = (share: number): number => quantileOf(values, share).value;
    const [p1, p5, p50, p95, p99] = [0.01, 0.05, 0.5, 0.95, 0.99].map(at);
    return { share: point / (CURVE_POINTS - 1), p1, p5, p50, p95, p99 };
  });
}
