/**
 * Changes the contracts in small ways and asks whether a test notices:
 *
 *   ts-node scripts/proof/mutate.ts [--files contracts/vault/Vault.sol ...] [--sample N] [--seed S] [--minutes M]
 *                                   [--record proof/mutation.json] [--report] [--explained docs/mutation.md]
 *                                   [--outlive seconds] [--again]
 *
 * The order is drawn by the seed over all mutants of the files, so that the first N are a sample of them; what the record knows
 * of the same source is not run again. `--report` runs nothing and prints the record's score. Ends with 1 when a mutant of
 * this run survived that the document named by `--explained` does not name. Reads the artifacts: compile first.
 */
import { existsSync, readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { withCopies } from "../lib/copy";
import { runMain } from "../lib/main";
import { treesOf } from "./lib/ast";
import { whole } from "./lib/options";
import type { Trees } from "./lib/ast";
import { closureOf, solidityIn } from "./lib/sources";
import { readBase } from "./mutation/base";
import { Judge } from "./mutation/judge";
import { mutantsOf } from "./mutation/operators";
import type { Mutant } from "./mutation/operators";
import { OUTCOMES, entryOf, hashOf, readRecord, scoreOf, writeRecord } from "./mutation/record";
import type { Entries, Entry } from "./mutation/record";
import { reachOf } from "./mutation/reach";
import type { Reach } from "./mutation/reach";
import { Sandbox } from "./mutation/Sandbox";
import { testFinder } from "./mutation/touching";

/** What decides over money: everything but interfaces, probes, views and stand-ins. */
const ROOMS = ["access", "oracle", "prediction", "pro", "product", "trading", "types", "utils", "vault"];

interface Options {
  files?: string[];
  sample: number;
  seed: number;
  minutes: number;
  record: string;
  report?: boolean;
  again?: boolean;
  outlive: number;
  explained: string;
}

function parse(): Options {
  return new Command("mutate")
    .option("--files <files...>", "sources to change; by default those that decide over money")
    .option("--sample <n>", "so many of the order drawn", whole, Number.MAX_SAFE_INTEGER)
    .option("--seed <seed>", "of the order", whole, 1)
    .option("--minutes <minutes>", "stop by then", whole, Number.MAX_SAFE_INTEGER)
    .option("--record <path>", "what is known so far", "proof/mutation.json")
    .option("--outlive <seconds>", "of tests that a survivor must outlive", whole, 12)
    .option("--again", "what survived so far is run once more")
    .option("--report", "run nothing, tell the score")
    .option("--explained <document>", "names survivors that are known", "docs/mutation.md")
    .exitOverride()
    .parse()
    .opts<Options>();
}

/** A linear congruential generator's numbers below 1; good enough to draw an order. */
function drawn(seed: number): () => number {
  let state = BigInt(seed) * 2_862_933_555_777_941_757n + 3_037_000_493n;
  return () => {
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
    return Number(state >> 11n) / 2 ** 53;
  };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = drawn(seed);
  const keyed = items.map((item) => [next(), item] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}

function allMutants(files: readonly string[], trees: Trees): Mutant[] {
  return files.flatMap((file) => {
    const tree = trees.get(file);
    if (tree === undefined) throw new InvalidArgumentError(`no source "${file}"`);
    return mutantsOf(file, tree, readFileSync(file, "utf8"));
  });
}

function isProduction(file: string): boolean {
  return ROOMS.includes(file.split("/")[1]) && !file.includes("/interfaces/");
}

function report(entries: Entries, population: number): void {
  const rooms = new Map<string, Entry[]>();
  for (const entry of entries.values()) {
    const room = entry.file.split("/")[1];
    rooms.set(room, [...(rooms.get(room) ?? []), entry]);
  }
  for (const [room, own] of [...rooms, ["all", [...entries.values()]] as const]) {
    const { counts, share } = scoreOf(own);
    const told = OUTCOMES.map((outcome) => `${counts[outcome]} ${outcome}`).join(", ");
    const percent = (part: number) => `${(part * 100).toFixed(1)}%`;
    const interval = share
      ? `: ${percent(share.killed)} killed, 95% between ${percent(share.low)} and ${percent(share.high)}`
      : "";
    console.log(`${room}: ${told}${interval}`);
  }
  console.log(`${entries.size} of ${population} mutants`);
}

/** Survivors that the document does not name by their ids. */
function unexplained(entries: Iterable<[string, Entry]>, document: string): [string, Entry][] {
  const text = existsSync(document) ? readFileSync(document, "utf8") : "";
  return [...entries]
    .filter(([, { outcome }]) => outcome === "survived" || outcome === "uncovered")
    .filter(([id]) => !text.includes(id));
}

async function judgeAll(order: readonly Mutant[], entries: Entries, reach: Reach, options: Options): Promise<void> {
  const until = Date.now() + options.minutes * 60_000;
  const isKnown = ({ id, file }: Mutant) => entries.get(id)?.source === hashOf(readFileSync(file, "utf8"));
  const isDoubted = ({ id }: Mutant) => options.again === true && entries.get(id)?.outcome === "survived";
  const waiting = options.again ? order.filter(isDoubted) : order.filter((mutant) => !isKnown(mutant));
  console.log(`${order.length} mutants, ${order.length - waiting.length} known`);
  if (waiting.length === 0) return;
  const base = await readBase();
  const testsOf = testFinder(base, reach);
  await withCopies(1, async ([folder]) => {
    const sandbox = Sandbox.in(folder, base);
    try {
      const judge = new Judge(base, sandbox, options.outlive);
      for (const mutant of waiting) {
        if (Date.now() >= until) break;
        const source = readFileSync(mutant.file, "utf8");
        const startedAt = Date.now();
        const { outcome, by } = await judge.verdict(mutant, source, testsOf(mutant));
        const entry = entryOf(mutant, source, outcome, by);
        entries.set(mutant.id, entry);
        writeRecord(options.record, entries);
        const seconds = ((Date.now() - startedAt) / 1_000).toFixed(0);
        console.log(
          `${outcome} ${mutant.id} ${entry.file}:${entry.line} ${entry.kind}: ${entry.change} (${by}; ${seconds} s)`,
        );
      }
    } finally {
      sandbox.stop();
    }
  });
}

runMain(async () => {
  const options = parse();
  const files = options.files ?? solidityIn("contracts").filter(isProduction).sort();
  const trees = await treesOf(closureOf(solidityIn("contracts")));
  const mutants = allMutants(files, trees);
  const order = shuffled(mutants, options.seed).slice(0, options.sample);
  const known = readRecord(options.record);
  if (!options.report) await judgeAll(order, known, reachOf(trees), options);
  const ids = new Set((options.report ? mutants : order).map(({ id }) => id));
  const current: Entries = new Map([...known].filter(([id]) => ids.has(id)));
  report(current, mutants.length);
  const left = unexplained(current, options.explained);
  for (const [id, { file, line, scope, kind, change }] of left) {
    console.log(`not explained in ${options.explained}: ${id} ${file}:${line} ${scope}, ${kind}: ${change}`);
  }
  return left.length > 0 ? 1 : 0;
});
