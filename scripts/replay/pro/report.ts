import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QUOTE, scopeHealth } from "../../../sdk/model/pro";
import { formatUsd } from "../../../sdk/units";
import { plainTable } from "../../lib/table";
import { plotSvg } from "../../simulate/plot";
import type { Liquidation } from "./keeper";
import type { ProRunOptions } from "./options";
import type { Company } from "./replay";

/** Where everything stood after a second; amounts of quote, prices of 10 decimals. */
export interface Sample {
  readonly second: number;
  readonly prices: readonly bigint[];
  readonly openInterest: bigint;
  readonly fund: bigint;
  /** Liquidations that have ended. */
  readonly liquidated: number;
  /** Accounts whose equity is below 0. */
  readonly underwater: number;
  /** What bankrupt accounts could not bear so far. */
  readonly paid: bigint;
}

/** How many were how many seconds: [seconds, how many], ascending. */
export type Lateness = [number, number][];

/** What one run did. Amounts are whole settlement tokens as decimal strings; the rest are plain numbers. */
export interface ProRunReport {
  crash: string;
  /** What makers quoted, in percent of what they quoted before the window. */
  depthPercent: number;
  prices: string;
  /** Unix time of second 0 as recorded. */
  recordedFrom: number | null;
  seconds: number;
  markets: { asset: string; first: string; lowest: string; highest: string; worstSecondPercent: string }[];
  positions: { wanted: number; opened: number; refused: Record<string, number> };
  openInterest: { begin: string; end: string };
  liquidations: {
    /** From liquidatable to healthy or flat; an account may come to it more than once. */
    ended: number;
    steps: number;
    cancellations: number;
    /** Not over when the window and its aftermath were. */
    unfinished: number;
    skippedAttempts: Record<string, number>;
  };
  /** From the second whose price made an account liquidatable to the block of the first step. */
  secondsLate: Lateness;
  /** And to the block after which it was healthy, or flat. */
  secondsToTheEnd: { median: number; longest: number };
  /** What bankrupt accounts could not bear, and who did. */
  badDebt: { total: string; fund: string; winners: string; opposite: string };
  adl: { passes: number; sharedLosses: number };
  fund: { begin: string; least: string; end: string };
  mostAccountsBelowZero: number;
  makers: { quotes: number; refused: Record<string, number>; equity: string[] };
  crowd: { orders: number; refused: Record<string, number> };
  gas: { quote: number; take: number; keeperBatch: number; perStep: number };
  booksBalanced: boolean;
  wallSeconds: number;
}

export interface ProReplayReport {
  chainId: number;
  chain: string;
  token: string;
  seed: number;
  latencySeconds: number;
  traders: number;
  runs: ProRunReport[];
}

const SCALE = 1e10;

export function describeRun(
  { crowd, keepers, makers, opening, plans, scene }: Company,
  { depth, fund }: ProRunOptions,
  samples: readonly Sample[],
  wallSeconds: number,
): ProRunReport {
  const { crash, description, paths, recordedFrom, seconds } = scene.window;
  const { state } = scene.pro.exchange;
  const [begin, end] = [samples[0], samples[samples.length - 1]];
  const { gas, liquidations, paid, unfinished } = keepers;
  const work = keepers.steps + keepers.passed + keepers.shares + keepers.cancellations;
  const quotes = makers.reduce((sum, { quoted }) => sum + quoted, 0);
  return {
    crash,
    depthPercent: depth,
    prices: description,
    recordedFrom,
    seconds,
    markets: [...paths].map(([asset, { approximate }]) => ({ asset, ...describePrices(approximate) })),
    positions: { wanted: plans.length, opened: opening.opened, refused: Object.fromEntries(opening.refused) },
    openInterest: { begin: amount(begin.openInterest), end: amount(end.openInterest) },
    liquidations: {
      ended: liquidations.length,
      steps: keepers.steps,
      cancellations: keepers.cancellations,
      unfinished: unfinished.length,
      skippedAttempts: Object.fromEntries(keepers.skipped),
    },
    secondsLate: latenessOf(liquidations, ({ due, first }) => (first ?? due) - due),
    secondsToTheEnd: durationsOf(liquidations),
    badDebt: {
      total: amount(paid.fund + paid.winners + paid.shared),
      fund: amount(paid.fund),
      winners: amount(paid.winners),
      opposite: amount(paid.shared),
    },
    adl: { passes: keepers.passed, sharedLosses: keepers.shares },
    fund: {
      begin: amount(BigInt(fund) * QUOTE * BigInt(paths.size)),
      least: amount(samples.reduce((least, sample) => (sample.fund < least ? sample.fund : least), begin.fund)),
      end: amount(end.fund),
    },
    mostAccountsBelowZero: Math.max(...samples.map(({ underwater }) => underwater)),
    makers: {
      quotes,
      refused: countsOf(makers.flatMap(({ refused }) => [...refused])),
      equity: makers.map(({ account }) => amount(scopeHealth(state, { account }).equity)),
    },
    crowd: { orders: crowd.taken, refused: countsOf([...crowd.refused]) },
    gas: {
      quote: mean(
        makers.reduce((sum, maker) => sum + maker.gas, 0n),
        quotes,
      ),
      take: mean(crowd.gas, crowd.taken),
      keeperBatch: mean(gas, keepers.batches),
      perStep: mean(gas, work),
    },
    booksBalanced: true,
    wallSeconds,
  };
}

/** The runs side by side. */
export function toTable({ runs }: ProReplayReport): string {
  const row = (label: string, of: (run: ProRunReport) => string): [string, ...string[]] => [label, ...runs.map(of)];
  return plainTable([
    row("", ({ crash }) => crash),
    row("makers quote, percent", ({ depthPercent }) => String(depthPercent)),
    row("positions wanted, open", ({ positions }) => `${positions.wanted}, ${positions.opened}`),
    row("open interest, begin and end", ({ openInterest: { begin, end } }) => `${cents(begin)}, ${cents(end)}`),
    row("liquidations", ({ liquidations }) => String(liquidations.ended)),
    row("steps through the book", ({ liquidations }) => String(liquidations.steps)),
    row("seconds late: liquidations", ({ secondsLate }) => secondsLate.map(([late, n]) => `${late}: ${n}`).join(", ")),
    row("seconds to the end", ({ secondsToTheEnd: { longest, median } }) => `median ${median}, longest ${longest}`),
    row("not over at the end", ({ liquidations }) => String(liquidations.unfinished)),
    row("bad debt", ({ badDebt }) => cents(badDebt.total)),
    row("of this the fund", ({ badDebt }) => cents(badDebt.fund)),
    row("of this winners (ADL)", ({ badDebt }) => cents(badDebt.winners)),
    row("of this the opposite side", ({ badDebt }) => cents(badDebt.opposite)),
    row("passed on, losses shared", ({ adl }) => `${adl.passes}, ${adl.sharedLosses}`),
    row("fund: begin, least, end", ({ fund }) => [fund.begin, fund.least, fund.end].map(cents).join(", ")),
    row("most accounts below 0", ({ mostAccountsBelowZero }) => String(mostAccountsBelowZero)),
    row("equity of the makers", ({ makers }) => makers.equity.map(cents).join(", ")),
    row("gas: a maker's call", ({ gas }) => String(gas.quote)),
    row("gas: a taker's call", ({ gas }) => String(gas.take)),
    row("gas: a keeper's batch", ({ gas }) => String(gas.keeperBatch)),
    row("gas: all batches, per step", ({ gas }) => String(gas.perStep)),
    row("books balanced", ({ booksBalanced }) => (booksBalanced ? "yes" : "NO")),
    row("took, seconds", ({ wallSeconds }) => wallSeconds.toFixed(0)),
  ]);
}

/** Price, open interest, fund and bad debt, in percent of where each began; bad debt of the fund that there was. */
export function plotRun(
  { crash, depthPercent }: Pick<ProRunReport, "crash" | "depthPercent">,
  samples: readonly Sample[],
): string {
  const [begin] = samples;
  const percent = (of: (sample: Sample) => bigint, whole: bigint) =>
    samples.map((sample) => (whole === 0n ? 0 : (Number(of(sample)) / Number(whole)) * 100));
  const series = [
    { name: "BTC", colour: "#d62728", values: percent(({ prices }) => prices[0], begin.prices[0]) },
    {
      name: "open interest",
      colour: "#1f77b4",
      values: percent(({ openInterest }) => openInterest, begin.openInterest),
    },
    { name: "fund", colour: "#2ca02c", values: percent(({ fund }) => fund, begin.fund) },
    { name: "bad debt / fund", colour: "#9467bd", values: percent(({ paid }) => paid, begin.fund) },
  ];
  return plotSvg(
    `${crash}, makers quote ${depthPercent}%: percent of the beginning`,
    series.map((each) => ({ ...each, mark: each.name[0] })),
  );
}

export function writeProReport(folder: string, report: ProReplayReport): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "pro-replay.json");
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

export function writePlot(folder: string, { crash, depthPercent }: ProRunReport, svg: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `pro-replay-${crash}-${depthPercent}.svg`);
  writeFileSync(path, svg);
  return path;
}

function describePrices(prices: readonly number[]) {
  const moves = prices.slice(1).map((price, index) => (price / prices[index] - 1) * 100);
  const worst = moves.reduce((most, move) => (Math.abs(move) > Math.abs(most) ? move : most), 0);
  const dollars = (price: number) => (price / SCALE).toFixed(2);
  return {
    first: dollars(prices[0]),
    lowest: dollars(Math.min(...prices)),
    highest: dollars(Math.max(...prices)),
    worstSecondPercent: worst.toFixed(2),
  };
}

function latenessOf(liquidations: readonly Liquidation[], of: (liquidation: Liquidation) => number): Lateness {
  const counts = new Map<number, number>();
  for (const liquidation of liquidations) counts.set(of(liquidation), (counts.get(of(liquidation)) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

function durationsOf(liquidations: readonly Liquidation[]): { median: number; longest: number } {
  const durations = liquidations.map(({ due, end }) => (end ?? due) - due).sort((a, b) => a - b);
  return { median: durations[Math.floor(durations.length / 2)] ?? 0, longest: durations.at(-1) ?? 0 };
}

/** Counts by what they are of; the same may come more than once. */
function countsOf(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function mean(sum: bigint, count: number): number {
  return count === 0 ? 0 : Math.round(Number(sum) / count);
}

function amount(quote: bigint): string {
  return formatUsd(quote, 6);
}

function cents(text: string): string {
  return text.replace(/(\.\d\d)\d*$/, "$1");
}
