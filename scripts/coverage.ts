/**
 * Runs units and attacks over instrumented contracts in two processes, one for either chain or both for the same,
 * prints how much of each room they reach and writes the report to `coverage/`:
 *
 *   npm run coverage -- [--chain bnb|arbitrum] [--suites unit,attacks | files] [--floors] [--gaps]
 *
 * Fails when a test does, or when these two suites reach less than the floors; with `--floors` others are held to these too.
 * `--gaps` tells what nothing reached and no entry of `scripts/coverageReasons.json` explains, and fails where there is any; the list is
 * that of `--chain bnb`, where an entry that explains nothing fails as well. Works in copies of the tree, which stays untouched.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { Collector, Reporter } from "sc-istanbul";
import { z } from "zod";
import { withCopies } from "./lib/copy";
import { gapsOf } from "./lib/coverageGaps";
import { REASONS, judge, readReasons } from "./lib/coverageReasons";
import { CALM_ALLOCATOR, CHAINS, hardhat } from "./lib/hardhat";
import type { Chain } from "./lib/hardhat";
import { ExplainedError, runMain } from "./lib/main";
import { readWeights, share, testFiles } from "./lib/suites";
import { plainTable } from "./lib/table";

const REPORT = "coverage";
/** Those of which all tests pass over instrumented contracts. */
const SUITES_COVERED = "unit,attacks";
/** Percent of what these reach, all rooms together; others are only measured. */
const FLOORS = { statements: 97, branches: 92 } as const;
/** The run whose gaps the list explains. */
const EXPLAINED: Chain = "bnb";
const KINDS = ["statements", "branches", "functions", "lines"] as const;
type Kind = (typeof KINDS)[number];

const countSchema = z.object({ total: z.number(), covered: z.number() });
const summarySchema = z.record(z.string(), z.object(Object.fromEntries(KINDS.map((kind) => [kind, countSchema]))));
type Counts = Record<Kind, { total: number; covered: number }>;

interface Options {
  chain?: Chain;
  suites: string;
  floors?: boolean;
  gaps?: boolean;
}

interface Covered {
  collector: Collector;
  hasPassed: boolean;
}

/** Runs the shares, each in a folder of its own, and returns what both reached, failing tests included. */
async function cover(files: readonly string[], chains: readonly Chain[], folders: readonly string[]): Promise<Covered> {
  const extent = new Set(chains).size === chains.length ? "least" : "once";
  const shares = share(files, chains.length, readWeights(), extent);
  const surroundings = {
    ...CALM_ALLOCATOR,
    ASTERISM_COVERAGE: "true",
    FUZZ_SEED: process.env.FUZZ_SEED ?? "1",
    ASTERISM_SHARED: process.env.ASTERISM_SHARED ?? resolve("..", "shared"),
  };
  const collector = new Collector();
  const codes = await Promise.all(
    chains.map(async (chain, index) => {
      // Without tests of this run it would take every one there is.
      if (shares[index].length === 0) return 0;
      const env = { ...surroundings, ASTERISM_COVERAGE_FILES: shares[index].join(":") };
      const { code } = await hardhat(["coverage"], { chain, env, cwd: folders[index], output: "prefix" });
      const data = join(folders[index], "coverage.json");
      if (!existsSync(data)) return undefined;
      // The copy is gone by the time of the report: its files are those of the tree.
      collector.add(JSON.parse(readFileSync(data, "utf8").replaceAll(folders[index], process.cwd())) as object);
      return code;
    }),
  );
  // Only when all have ended: the copies go with this, and the others would still write to theirs.
  if (codes.includes(undefined)) throw new ExplainedError("a process ended before there was anything to report");
  return { collector, hasPassed: codes.every((code) => code === 0) };
}

async function writeReport(collector: Collector): Promise<void> {
  rmSync(REPORT, { recursive: true, force: true });
  const reporter = new Reporter(false, REPORT);
  for (const kind of ["html", "lcov", "json", "json-summary"]) reporter.add(kind);
  await new Promise<void>((done, fail) => {
    reporter.write(collector, true, (error) => (error ? fail(error) : done()));
  });
}

/** By the folder right below `contracts/`; the sum of all last. */
function countsByRoom(): Map<string, Counts> {
  const summary = summarySchema.parse(JSON.parse(readFileSync(join(REPORT, "coverage-summary.json"), "utf8")));
  const rooms = new Map<string, Counts>();
  for (const [path, counts] of Object.entries(summary)) {
    if (path === "total") continue;
    const [, room = path] = /contracts\/([^/]+)\//.exec(path) ?? [];
    const sum = rooms.get(room);
    rooms.set(room, sum === undefined ? (counts as Counts) : addUp(sum, counts as Counts));
  }
  const sorted = [...rooms].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([...sorted, ["all", sorted.map(([, counts]) => counts).reduce(addUp)]]);
}

function addUp(a: Counts, b: Counts): Counts {
  const add = (kind: Kind) => ({ total: a[kind].total + b[kind].total, covered: a[kind].covered + b[kind].covered });
  return Object.fromEntries(KINDS.map((kind) => [kind, add(kind)])) as Counts;
}

function percent({ total, covered }: { total: number; covered: number }): number {
  return total === 0 ? 100 : (100 * covered) / total;
}

function print(rooms: ReadonlyMap<string, Counts>): void {
  const cell = (count: Counts[Kind]) => `${percent(count).toFixed(2)}% (${count.covered} of ${count.total})`;
  const lines = [...rooms].map(([room, counts]) => [room, ...KINDS.map((kind) => cell(counts[kind]))]);
  console.log(plainTable([["room", ...KINDS], ...lines]));
}

/** Prints what is not explained; false where there is any, or where the list of this very run explains what is none. */
function areGapsExplained(coverage: unknown, suites: string, isWholeList: boolean): boolean {
  const gaps = gapsOf(coverage);
  const { open, explained, unused } = judge(gaps, readReasons(), suites.split(","));
  for (const { at, text } of open) console.log(`not explained: ${at} ${text}`);
  const stale = isWholeList ? unused : [];
  for (const text of stale) console.log(`${REASONS} explains what is no gap: ${text}`);
  console.log(`${gaps.length} gaps, ${explained} of them explained`);
  return open.length + stale.length === 0;
}

async function main(): Promise<number> {
  const program = new Command("coverage")
    .description("How much of the contracts units and attacks reach.")
    .addOption(new Option("--chain <chain>", "for one of them alone").choices(CHAINS))
    .option("--suites <suites>", "folders of test/", SUITES_COVERED)
    .option("--floors", "hold other suites to the floors as well")
    .option("--gaps", `tell what nothing reached, and fail where ${REASONS} does not explain it`)
    .argument("[files...]", "test files instead of suites")
    .exitOverride()
    .parse();
  const { chain, floors, gaps, suites } = program.opts<Options>();
  const chains = chain === undefined ? CHAINS : CHAINS.map(() => chain);
  const files = program.args.length > 0 ? program.args : suites.split(",").flatMap(testFiles).sort();
  if (files.length === 0) throw new ExplainedError(`--suites ${suites}: no test file`);
  const { collector, hasPassed } = await withCopies(chains.length, (folders) => cover(files, chains, folders));
  await writeReport(collector);
  const rooms = countsByRoom();
  print(rooms);
  const isOfSuites = program.args.length === 0;
  const isWhole = isOfSuites && suites === SUITES_COVERED;
  const isExplained =
    gaps !== true ||
    areGapsExplained(collector.getFinalCoverage(), isOfSuites ? suites : "", isWhole && chain === EXPLAINED);
  const all = isWhole || floors === true ? rooms.get("all") : undefined;
  const short = (["statements", "branches"] as const).filter((kind) => all && percent(all[kind]) < FLOORS[kind]);
  for (const kind of short) console.log(`${kind}: below the floor of ${FLOORS[kind]}%`);
  const what = program.args.length > 0 ? `${files.length} test files` : `suites ${suites}`;
  console.log(`${what}${all ? "" : ": no floor applies"}; report: ${REPORT}/index.html`);
  if (!hasPassed) console.log("a test failed over instrumented contracts");
  return hasPassed && isExplained && short.length === 0 ? 0 : 1;
}

runMain(main);
