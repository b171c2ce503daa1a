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
  /** It survived when it was drawn first; the test that kills it now was written for it, or runs longer. */
  hadSurvived: z.literal(true).optional(),
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

/** What compiles to other code: of the rest nothing can be told. */
export function isJudged({ outcome }: Entry): boolean {
  return outcome !== "equivalent" && outcome !== "invalid";
}

/** A share with its 95% interval by Wilson. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

export interface Stratum {
  /** Mutants that there are. */
  population: number;
  /** Of those drawn what was judged. */
  entries: readonly Entry[];
}

/**
 * Share that has a property, of all that there are: each stratum counts by its size and not by how many of it were drawn. The
 * interval is of as many equal draws as tell as much. Of nothing judged, none.
 */
export function shareOf(strata: readonly Stratum[], has: (entry: Entry) => boolean): Share | undefined {
  const drawn = strata.filter(({ entries }) => entries.length > 0);
  const total = drawn.reduce((sum, { population }) => sum + population, 0);
  if (total === 0) return undefined;
  let share = 0;
  let spread = 0;
  for (const { population, entries } of drawn) {
    const weight = population / total;
    share += (weight * entries.filter(has).length) / entries.length;
    spread += weight ** 2 / entries.length;
  }
  return { share, ...wilson(share, 1 / spread) };
}

function wilson(p: number, n: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const middle = p + z2 / (2 * n);
  const reach = 1.96 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: (middle - reach) / (1 + z2 / n), high: Math.min(1, (middle + reach) / (1 + z2 / n)) };
}
