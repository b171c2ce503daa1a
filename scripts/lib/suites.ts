import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export const SUITES = ["unit", "integration", "attacks", "property", "invariant", "deploy"] as const;

/** A suite that does not depend on the chain: pure libraries, the model. */
const ONCE = ".once.test.ts";
/** Suites about what differs between the chains: native coin, tokens, sources of prices, the sequencer, the deployment's numbers. */
const OF_CHAIN = [
  join("test", "unit", "standins"),
  ...["checks", "preflight", "system"].map((name) => join("test", "deploy", `${name}.`)),
  ...[
    "capacity",
    "coin",
    "deployment",
    "disputed",
    "halts",
    "incidents",
    "lp",
    "neighbours",
    "oracle",
    "pyth",
    "shown-prices",
  ].map((name) => join("test", "attacks", `${name}.`)),
];
/** Suites that start processes of their own and wait for them: they run beside all others. */
const OF_PROCESSES = ["fork", "keeper", "replica"].map((name) => join("test", "deploy", `${name}.test.ts`));
/** Too long for every day, with several whole deployments or hundreds of blocks: a usual run leaves them out. */
const LEFT_OUT = [
  ...["fork", "handover", "handoverNote", "record", "replica"].map((name) => join("test", "deploy", `${name}.test.ts`)),
  ...["proGridLife", "proReorg"].map((name) => join("test", "unit", "keeper-daemon", `${name}.test.ts`)),
  join("test", "unit", "console", "postgres.once.test.ts"),
];

/** Files that set up systems of their own: with the first of them the one that all others share is gone. They come last. */
const OF_OWN_SYSTEM = [
  join("test", "attacks", "deployment.test.ts"),
  join("test", "attacks", "pyth.test.ts"),
  join("test", "deploy"),
];

/** Seconds of work that each test file takes, by path; written by `npm test -- --weigh`. */
export const WEIGHTS = join("test", "weights.json");

const weightsSchema = z.record(z.string(), z.number().nonnegative());

/**
 * `usual`: what differs between the chains for each, the rest for one, but for the longest files. `everywhere`: for each chain all that is not pure.
 * `remaining`: what that has beyond `usual`. `least`: everything once, but what is about the difference between the chains.
 * `once`: everything once, for shares of one chain.
 */
export type Extent = "usual" | "everywhere" | "remaining" | "least" | "once";

export function testFiles(suite: string): string[] {
  const root = join("test", suite);
  if (!existsSync(root)) return [];
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(root, name));
}

export function startsProcesses(file: string): boolean {
  return OF_PROCESSES.includes(file);
}

export function readWeights(): Map<string, number> {
  if (!existsSync(WEIGHTS)) return new Map();
  return new Map(Object.entries(weightsSchema.parse(JSON.parse(readFileSync(WEIGHTS, "utf8")))));
}

/**
 * What each of `count` chains runs: every suite that depends on the chain, and of the others so many that the chains are
 * done at about the same time. A file that was never weighed counts as an average one.
 */
export function share(
  files: readonly string[],
  count: number,
  weights: ReadonlyMap<string, number>,
  extent: Extent = "usual",
): string[][] {
  const isOwn = (file: string) => OF_OWN_SYSTEM.some((path) => file.startsWith(path));
  const ordered = [...files.filter((file) => !isOwn(file)), ...files.filter(isOwn)];
  return sharesOf(ordered, count, weights, extent);
}

function sharesOf(
  files: readonly string[],
  count: number,
  weights: ReadonlyMap<string, number>,
  extent: Extent,
): string[][] {
  if (extent === "once") return takeTurns(files, count, weights, () => true);
  if (extent === "least") return takeTurns(files, count, weights, (file) => !isOfChain(file));
  const short = files.filter((file) => !LEFT_OUT.includes(file));
  // Who asks for nothing else wants it now.
  const asked = short.length > 0 ? short : files;
  const usual = takeTurns(asked, count, weights, (file) => file.endsWith(ONCE) || !isOfChain(file));
  if (extent === "usual") return usual;
  const everywhere = usual.map((own) => files.filter((file) => own.includes(file) || !file.endsWith(ONCE)));
  if (extent === "everywhere") return everywhere;
  return everywhere.map((all, index) => all.filter((file) => !usual[index].includes(file)));
}

function takeTurns(
  files: readonly string[],
  count: number,
  weights: ReadonlyMap<string, number>,
  doesTakeTurns: (file: string) => boolean,
): string[][] {
  const known = [...weights.values()];
  const average = known.length === 0 ? 1 : known.reduce((sum, weight) => sum + weight, 0) / known.length;
  const weightOf = (file: string) => (startsProcesses(file) ? 0 : (weights.get(file) ?? average));

  const shares = Array.from({ length: count }, () => ({ files: new Set<string>(), weight: 0 }));
  const give = (file: string, to: readonly (typeof shares)[number][]) => {
    for (const own of to) {
      own.files.add(file);
      own.weight += weightOf(file);
    }
  };
  const turning = files.filter(doesTakeTurns).sort((a, b) => weightOf(b) - weightOf(a) || (a < b ? -1 : 1));
  for (const file of files) if (!turning.includes(file)) give(file, shares);
  for (const file of turning) {
    const lightest = shares.reduce((least, own) => (own.weight < least.weight ? own : least));
    give(file, [lightest]);
  }
  // In the order of the files, so that a run's output reads alike whatever the weights.
  return shares.map((own) => files.filter((file) => own.files.has(file)));
}

function isOfChain(file: string): boolean {
  return OF_CHAIN.some((folder) => file.startsWith(folder));
}
