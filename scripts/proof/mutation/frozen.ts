/**
 * Mutants that are known to be killed, kept by what the source says there: each is made again where it says the same, and must be
 * killed again by the test that did. What depends on no draw and on no clock fails for no other reason than the tests' own.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { withCopies } from "../../lib/copy";
import { readWeights } from "../../lib/suites";
import { CompileError } from "../lib/compile";
import { inParallel } from "../lib/parallel";
import { closureOf } from "../lib/sources";
import { compileContracts } from "./base";
import type { Base } from "./base";
import type { Mutant } from "./operators";
import { hashOf } from "./record";
import type { Entries } from "./record";
import { roomOf } from "./rooms";
import { Sandbox } from "./Sandbox";
import type { TouchingTest } from "./touching";

const frozenSchema = z.object({
  id: z.string(),
  file: z.string(),
  scope: z.string(),
  kind: z.string(),
  /** Whole lines, so many that they stand in the file once. */
  before: z.string(),
  after: z.string(),
  /** Kills it. */
  test: z.string(),
  /** What the change is in and the test deploys, as `source:name`. */
  contracts: z.array(z.string()),
});
export type Frozen = z.infer<typeof frozenSchema>;

const PROCESSES = 2;
const DEFAULT_SECONDS = 5;
/** What is frozen costs little: so many seconds of its test at most, and contracts to compile. */
const MOST_SECONDS = 2.5;
const MOST_CONTRACTS = 2;
const OF_A_ROOM = 2;

export function readFrozen(path: string): Frozen[] {
  return z.array(frozenSchema).parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The source with the change in it, or nothing where it says something else now, or says it twice. */
export function changedBy({ before, after }: Pick<Frozen, "before" | "after">, source: string): string | undefined {
  const parts = source.split(before);
  return parts.length === 2 ? parts.join(after) : undefined;
}

/** Whole lines around a change, before and after it, the fewest that stand in the source once. */
export function linesAround(
  source: string,
  { start, end, replacement }: Pick<Mutant, "start" | "end" | "replacement">,
): { before: string; after: string } {
  const bytes = Buffer.from(source, "utf8");
  const text = (from: number, to: number) => bytes.subarray(from, to).toString("utf8");
  const lineStart = (at: number) => bytes.lastIndexOf("\n", at - 1) + 1;
  const lineEnd = (at: number) => (bytes.indexOf("\n", at) < 0 ? bytes.length : bytes.indexOf("\n", at));
  let [from, to] = [lineStart(start), lineEnd(end)];
  while (source.split(text(from, to)).length !== 2) {
    if (from === 0 && to === bytes.length) throw new Error("the source is empty");
    if (from > 0) from = lineStart(from - 1);
    if (to < bytes.length) to = lineEnd(to + 1);
  }
  return { before: text(from, to), after: `${text(from, start)}${replacement}${text(end, to)}` };
}

/** Writes those of the record's killed mutants that cost least, some of each room. */
export function freeze(
  path: string,
  mutants: readonly Mutant[],
  entries: Entries,
  base: Base,
  testsOf: (mutant: Mutant) => TouchingTest[],
): void {
  const weighed = readWeights();
  const candidates = mutants.flatMap((mutant) => {
    const entry = entries.get(mutant.id);
    const source = readFileSync(mutant.file, "utf8");
    if (entry?.outcome !== "killed" || entry.source !== hashOf(source)) return [];
    const test = testsOf(mutant).find(({ file }) => entry.by.startsWith(`${file}: `));
    const seconds = weighed.get(test?.file ?? "") ?? DEFAULT_SECONDS;
    if (test === undefined || seconds > MOST_SECONDS || test.contracts.length > MOST_CONTRACTS) return [];
    return [{ mutant, source, test, cost: seconds + test.contracts.length }];
  });
  const taken = new Map<string, number>();
  const frozen: Frozen[] = [];
  for (const { mutant, source, test } of candidates.sort((a, b) => a.cost - b.cost)) {
    const room = roomOf(mutant.file);
    const isUsed = frozen.some(({ file, kind }) => file === mutant.file && kind === mutant.kind);
    if (isUsed || (taken.get(room) ?? 0) >= OF_A_ROOM) continue;
    taken.set(room, (taken.get(room) ?? 0) + 1);
    const { id, file, scope, kind } = mutant;
    const contracts = test.contracts.map((name) => `${base.contracts.get(name)?.source}:${name}`);
    frozen.push({ id, file, scope, kind, ...linesAround(source, mutant), test: test.file, contracts });
  }
  frozen.sort((a, b) => (a.file < b.file ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(frozen, null, 1)}\n`);
  console.log(`${frozen.length} mutants frozen in ${path}`);
}

/** Makes each again; true when all that could be made were killed, and at least one could. */
export async function judgeFrozen(path: string): Promise<boolean> {
  const weights = readWeights();
  const counts = { killed: 0, alive: 0, changed: 0 };
  await withCopies(PROCESSES, async (folders) => {
    const sandboxes = folders.map((folder) => Sandbox.in(folder, new Map()));
    try {
      await inParallel(readFrozen(path), PROCESSES, async (frozen, worker) => {
        const { id, file, scope, kind, test } = frozen;
        const startedAt = Date.now();
        const outcome = await outcomeOf(frozen, sandboxes[worker], weights.get(test) ?? DEFAULT_SECONDS);
        counts[outcome]++;
        const told = { killed: "killed", alive: "NOT KILLED ANY MORE", changed: "left out, the source has changed" };
        const seconds = ((Date.now() - startedAt) / 1_000).toFixed(0);
        console.log(`${told[outcome]}: ${id} ${file} ${scope}, ${kind} (${test}; ${seconds} s)`);
      });
    } finally {
      for (const sandbox of sandboxes) sandbox.stop();
    }
  });
  const { killed, alive, changed } = counts;
  console.log(`${killed} of ${killed + alive} known mutants killed again, ${changed} left out`);
  return alive === 0 && killed > 0;
}

async function outcomeOf(frozen: Frozen, sandbox: Sandbox, seconds: number): Promise<"killed" | "alive" | "changed"> {
  const { file, test } = frozen;
  const places = frozen.contracts.map((name) => name.split(":"));
  if (![file, test, ...places.map(([source]) => source)].every((path) => existsSync(path))) return "changed";
  const source = changedBy(frozen, readFileSync(file, "utf8"));
  if (source === undefined) return "changed";
  const selected = Object.fromEntries(places.map(([from, name]) => [from, [name]]));
  try {
    const roots = places.map(([from]) => from);
    sandbox.place(await compileContracts(closureOf(roots, new Map([[file, source]])), selected));
  } catch (error) {
    if (error instanceof CompileError) return "changed";
    throw error;
  }
  return (await sandbox.run([{ file: test, seconds }])) === undefined ? "alive" : "killed";
}
