/**
 * Changes the contracts in small ways and asks whether a test notices:
 *
 *   ts-node scripts/proof/mutate.ts [--files contracts/vault/Vault.sol ...] [--rooms vault ...] [--sample N] [--seed S] [--minutes M]
 *                                   [--record proof/mutation.json] [--report] [--explained docs/mutation.md]
 *                                   [--outlive seconds] [--again] [--first test ...]
 *   ts-node scripts/proof/mutate.ts --frozen | --freeze [--known proof/mutants.json]
 *
 * The order is drawn by the seed over all mutants of the files, each room's spread evenly, so that the first N are a sample of them; what the record knows
 * of the same source is not run again. `--report` runs nothing and prints the record's score. Ends with 1 when a mutant of
 * this run survived that the document named by `--explained` does not name. `--frozen` makes those again that are known to be killed, in
 * about two minutes, and ends with 1 when one of them no longer is. Reads the artifacts: compile first.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { withCopies } from "../lib/copy";
import { runMain } from "../lib/main";
import { treesOf } from "./lib/ast";
import { whole } from "./lib/options";
import type { Trees } from "./lib/ast";
import { closureOf, solidityIn } from "./lib/sources";
import { readBase } from "./mutation/base";
import { freeze, judgeFrozen } from "./mutation/frozen";
import { Judge } from "./mutation/judge";
import { mutantsOf } from "./mutation/operators";
import type { Mutant } from "./mutation/operators";
import { entryOf, hashOf, readRecord, writeRecord } from "./mutation/record";
import type { Entries } from "./mutation/record";
import { reachOf } from "./mutation/reach";
import type { Reach } from "./mutation/reach";
import { explainedIn, isAlive, reportOf } from "./mutation/report";
import { ROOMS, drawnOrder, isProduction, roomOf } from "./mutation/rooms";
import { Sandbox } from "./mutation/Sandbox";
import { testFinder } from "./mutation/touching";

interface Options {
  files?: string[];
  rooms: string[];
  sample: number;
  seed: number;
  minutes: number;
  record: string;
  report?: boolean;
  again?: boolean;
  outlive: number;
  first: string[];
  explained: string;
  frozen?: boolean;
  freeze?: boolean;
  known: string;
}

function parse(): Options {
  return new Command("mutate")
    .option("--files <files...>", "sources to change; by default those that decide over money")
    .addOption(new Option("--rooms <rooms...>", "of the order only theirs").choices(ROOMS).default(ROOMS))
    .option("--sample <n>", "so many of the order drawn", whole, Number.MAX_SAFE_INTEGER)
    .option("--seed <seed>", "of the order", whole, 1)
    .option("--minutes <minutes>", "stop by then", whole, Number.MAX_SAFE_INTEGER)
    .option("--record <path>", "what is known so far", "proof/mutation.json")
    .option("--outlive <seconds>", "of tests that a survivor must outlive", whole, 20)
    .option("--first <tests...>", "test files that are run before others, where they touch a mutant", [])
    .option("--again", "what survived so far is run once more")
    .option("--report", "run nothing, tell the score")
    .option("--explained <document>", "names survivors that are known", "docs/mutation.md")
    .option("--frozen", "only those that are known to be killed")
    .option("--freeze", "run nothing, choose those anew")
    .option("--known <path>", "where those are", "proof/mutants.json")
    .exitOverride()
    .parse()
    .opts<Options>();
}

function allMutants(files: readonly string[], trees: Trees): Mutant[] {
  return files.flatMap((file) => {
    const tree = trees.get(file);
    if (tree === undefined) throw new InvalidArgumentError(`no source "${file}"`);
    return mutantsOf(file, tree, readFileSync(file, "utf8"));
  });
}

async function judgeAll(order: readonly Mutant[], entries: Entries, reach: Reach, options: Options): Promise<void> {
  const until = Date.now() + options.minutes * 60_000;
  const isKnown = ({ id, file }: Mutant) => entries.get(id)?.source === hashOf(readFileSync(file, "utf8"));
  const { equivalent } = explainedIn(options.explained);
  const isDoubted = ({ id }: Mutant) => entries.get(id)?.outcome === "survived" && !equivalent.has(id);
  const waiting = options.again ? order.filter(isDoubted) : order.filter((mutant) => !isKnown(mutant));
  console.log(`${order.length} mutants, ${order.length - waiting.length} known`);
  if (waiting.length === 0) return;
  const base = await readBase();
  const testsOf = testFinder(base, reach, options.first);
  await withCopies(1, async ([folder]) => {
    const sandbox = Sandbox.in(folder, base.contracts);
    try {
      const judge = new Judge(base, sandbox, options.outlive);
      for (const mutant of waiting) {
        if (Date.now() >= until) break;
        const source = readFileSync(mutant.file, "utf8");
        const startedAt = Date.now();
        const { outcome, by } = await judge.verdict(mutant, source, testsOf(mutant));
        const before = entries.get(mutant.id);
        const hadSurvived = before !== undefined && (isAlive(before) || before.hadSurvived === true);
        const entry = { ...entryOf(mutant, source, outcome, by), ...(hadSurvived && { hadSurvived }) };
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
  if (options.frozen) return (await judgeFrozen(options.known)) ? 0 : 1;
  const files = options.files ?? solidityIn("contracts").filter(isProduction).sort();
  const trees = await treesOf(closureOf(solidityIn("contracts")));
  const mutants = allMutants(files, trees);
  const order = drawnOrder(mutants, options.seed)
    .filter(({ file }) => options.rooms.includes(roomOf(file)))
    .slice(0, options.sample);
  const known = readRecord(options.record);
  if (options.freeze) {
    const base = await readBase();
    freeze(options.known, mutants, known, base, testFinder(base, reachOf(trees)));
    return 0;
  }
  if (!options.report) await judgeAll(order, known, reachOf(trees), options);
  const ids = new Set((options.report ? mutants : order).map(({ id }) => id));
  const current: Entries = new Map([...known].filter(([id]) => ids.has(id)));
  const explained = explainedIn(options.explained);
  for (const line of reportOf(mutants, current, explained)) console.log(line);
  const left = [...current].filter(([id, entry]) => isAlive(entry) && !explained.named.has(id));
  for (const [id, { file, line, scope, kind, change }] of left) {
    console.log(`not explained in ${options.explained}: ${id} ${file}:${line} ${scope}, ${kind}: ${change}`);
  }
  return left.length > 0 ? 1 : 0;
});
