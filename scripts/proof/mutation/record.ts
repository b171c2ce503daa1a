/** What became of each mutant so far, in a file that a later run goes on with. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { Mutant } from "./operators";

/** `equivalent`: compiles to the same code. `invalid`: does not compile. `uncovered`: no test deploys what it is in. */
export const OUTCOMES = ["killed", "survived", "equivalent", "invalid", "uncovered"] as const;
export type Outcome = (typeof OUTCOMES)[number];

const entrySchema = z.object({
  file: z.string(),
  line: z.number(),
  scope: z.string(),
  kind: z.string(),
  change: z.string(),
  /** Of the source it was made from. */
  source: z.string(),
  outcome: z.enum(OUTCOMES),
  /** What killed it, or how much it outlived. */
  by: z.string(),
});
export type Entry = z.infer<typeof entrySchema>;

export type Entries = Map<string, Entry>;

export function readRecord(path: string): Entries {
  if (!existsSync(path)) return new Map();
  return new Map(Object.entries(z.record(z.string(), entrySchema).parse(JSON.parse(readFileSync(path, "utf8")))));
}

export function writeRecord(path: string, entries: Entries): void {
  mkdirSync(dirname(path), { recursive: true });
  const sorted = [...entries].sort(([, a], [, b]) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`);
}

export function hashOf(source: string): string {
  return createHash("sha256").update(source).digest("hex").slice(0, 12);
}

export function entryOf(mutant: Mutant, source: string, outcome: Outcome, by: string): Entry {
  const { file, line, scope, kind, original, replacement } = mutant;
  const change = `${oneLine(original)} -> ${oneLine(replacement)}`;
  return { file, line, scope, kind, change, source: hashOf(source), outcome, by };
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

export interface Score {
  counts: Record<Outcome, number>;
  /** Share of the mutants that compile to other code and were killed, with its 95% interval by Wilson; of none, none. */
  share?: { killed: number; low: number; high: number };
}

export function scoreOf(entries: Iterable<Entry>): Score {
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const { outcome } of entries) counts[outcome]++;
  const n = counts.killed + counts.survived + counts.uncovered;
  if (n === 0) return { counts };
  return { counts, share: { killed: counts.killed / n, ...wilson(counts.killed / n, n) } };
}

function wilson(p: number, n: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const middle = p + z2 / (2 * n);
  const reach = 1.96 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: (middle - reach) / (1 + z2 / n), high: Math.min(1, (middle + reach) / (1 + z2 / n)) };
}
