import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatUsd } from "../../sdk/units";
import { plainTable } from "../lib/table";
import type { GasFit } from "./gas";
import type { Liquidation } from "./keeper";
import type { OpenPosition } from "./opening";

/** By leverage: Degen begins at 500x, so that a band and a mode can share it. */
const BANDS = [
  { name: "standard 1x-10x", mode: "standard", from: 1, to: 10 },
  { name: "standard 11x-50x", mode: "standard", from: 11, to: 50 },
  { name: "standard 51x-500x", mode: "standard", from: 51, to: 500 },
  { name: "degen 500x-750x", mode: "degen", from: 500, to: 750 },
  { name: "degen 751x-1001x", mode: "degen", from: 751, to: 1001 },
] as const;

/** How many liquidations were how much late: [seconds, liquidations], ascending. */
export type Lateness = [number, number][];

export interface BandReport {
  name: string;
  opened: number;
  liquidated: number;
  marginUsd: string;
  rewardUsd: string;
  badDebts: number;
  badDebtUsd: string;
}

/** What one run did. USD with cents cut off below the sixth decimal; the rest are plain numbers. */
export interface RunReport {
  positions: number;
  long: number;
  short: number;
  distinctLeverages: number;
  marginTokens: string[];
  raisedCaps: { bookId: number; maxOpenInterestUsd: string }[];
  liquidations: number;
  clamped: number;
  missedCrossings: number;
  skippedAttempts: number;
  /** Of the tick proven, after the crossing tick: 1 tick is 1 second. */
  ticksLate: Lateness;
  /** Of the block, after the crossing tick. */
  secondsLate: Lateness;
  bands: BandReport[];
  badDebtUsd: string;
  rewardUsd: string;
  gas: GasFit;
  solvency: { ticks: number; insolventTicks: number; leastFreePips: number };
  survivors: { closed: number; liquidatedByTheirClose: number };
  /** Of the liquidity, over the run and at the prices of its end. */
  vaultProfitUsd: string;
  ledgerBalanced: boolean;
  wallSeconds: number;
}

export interface ReplayReport {
  chainId: number;
  chain: string;
  prices: string;
  /** Unix time of second 0 as recorded. */
  recordedFrom: number | null;
  seconds: number;
  lowest: string;
  highest: string;
  latencySeconds: number;
  feedReportSeconds: number;
  runs: RunReport[];
}

export function latenessOf(liquidations: readonly Liquidation[], of: (liquidation: Liquidation) => number): Lateness {
  const counts = new Map<number, number>();
  for (const liquidation of liquidations) counts.set(of(liquidation), (counts.get(of(liquidation)) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

export function bandsOf(opened: readonly OpenPosition[], liquidations: readonly Liquidation[]): BandReport[] {
  return BANDS.map(({ name, mode, from, to }) => {
    const isIn = ({ plan }: OpenPosition) => plan.book.mode === mode && plan.leverage >= from && plan.leverage <= to;
    const own = liquidations.filter(({ position }) => isIn(position));
    return {
      name,
      opened: opened.filter(isIn).length,
      liquidated: own.length,
      marginUsd: formatUsd(
        sumOf(own, ({ marginUsd }) => marginUsd),
        6,
      ),
      rewardUsd: formatUsd(
        sumOf(own, ({ rewardUsd }) => rewardUsd),
        6,
      ),
      badDebts: own.filter(({ badDebtUsd }) => badDebtUsd > 0n).length,
      badDebtUsd: formatUsd(
        sumOf(own, ({ badDebtUsd }) => badDebtUsd),
        6,
      ),
    };
  });
}

export function sumOf<T>(items: readonly T[], of: (item: T) => bigint): bigint {
  return items.reduce((sum, item) => sum + of(item), 0n);
}

export function writeReport(folder: string, report: ReplayReport): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "replay.json");
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

/** The runs side by side, then the bands of each. */
export function toTable({ runs }: ReplayReport): string {
  const rows: [string, ...string[]][] = [
    ["", ...runs.map(({ positions }) => `${positions} positions`)],
    ["long, short", ...runs.map(({ long, short }) => `${long}, ${short}`)],
    ["different leverages", ...runs.map((run) => String(run.distinctLeverages))],
    ["liquidated", ...runs.map((run) => String(run.liquidations))],
    ["at a clamped tick", ...runs.map((run) => String(run.clamped))],
    ["ticks late: liquidations", ...runs.map((run) => describe(run.ticksLate))],
    ["seconds to the block", ...runs.map((run) => describe(run.secondsLate))],
    ["crossings that were missed", ...runs.map((run) => String(run.missedCrossings))],
    ["bad debt, USD", ...runs.map((run) => cents(run.badDebtUsd))],
    ["rewards of the keeper, USD", ...runs.map((run) => cents(run.rewardUsd))],
    ["gas: one more in a batch", ...runs.map(({ gas }) => gas.perPosition.toFixed(0))],
    ["gas: a transaction by itself", ...runs.map(({ gas }) => gas.perTransaction.toFixed(0))],
    ["gas: all, per position", ...runs.map(({ gas }) => gas.average.toFixed(0))],
    ["ticks, of these insolvent", ...runs.map(({ solvency }) => `${solvency.ticks}, ${solvency.insolventTicks}`)],
    ["least liquidity unreserved", ...runs.map(({ solvency }) => `${(solvency.leastFreePips / 10_000).toFixed(2)}%`)],
    ["closed by their owners", ...runs.map(({ survivors }) => String(survivors.closed))],
    ["liquidated by their close", ...runs.map(({ survivors }) => String(survivors.liquidatedByTheirClose))],
    ["gain of the vault, USD", ...runs.map((run) => cents(run.vaultProfitUsd))],
    ["ledger balanced at the end", ...runs.map((run) => (run.ledgerBalanced ? "yes" : "NO"))],
    ["took, seconds", ...runs.map((run) => run.wallSeconds.toFixed(0))],
  ];
  return [plainTable(rows), ...runs.map(({ positions, bands }) => plainTable(bandRows(positions, bands)))].join("\n\n");
}

function bandRows(positions: number, bands: readonly BandReport[]): [string, ...string[]][] {
  const head: [string, ...string[]] = [
    `${positions} positions`,
    "opened",
    "liquidated",
    "bad debts",
    "bad debt",
    "margin",
  ];
  return [
    head,
    ...bands.map((band): [string, ...string[]] => [
      band.name,
      String(band.opened),
      String(band.liquidated),
      String(band.badDebts),
      cents(band.badDebtUsd),
      cents(band.marginUsd),
    ]),
  ];
}

function describe(lateness: Lateness): string {
  const [first, ...rest] = lateness.map(([late, count]) => `${late}: ${count}`);
  if (rest.length <= 2) return [first ?? "none", ...rest].join(", ");
  const [worst] = lateness[lateness.length - 1];
  const later = lateness.slice(1).reduce((sum, [, count]) => sum + count, 0);
  return `${first}, up to ${worst}: ${later}`;
}

function cents(usd: string): string {
  return usd.replace(/(\.\d\d)\d*$/, "$1");
}
