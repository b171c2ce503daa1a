/**
 * Stateful fuzzing of the deployed system: records the production deployment, plays it again in forge, and has forge call whatever
 * anybody may call, with every invariant checked after every call. Installs forge itself the first time, outside of the
 * tree's packages.
 *
 *   npm run fuzz:forge -- [--seconds 60] [--seed 1] [--match SystemTest] [--depth 100] [--chain arbitrum]
 *   npm run fuzz:deep
 *   npm run fuzz:mutants -- [--mutants 2] [--breaks I1 "Pro 5"]
 *   npm run fuzz:forge -- --bounded
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize } from "node:v8";
import { Command } from "commander";
import execa from "execa";
import { parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { FUZZ_FOLDER, countedIn, countsOf, forgeBinary, runForge } from "./fuzz/forge";
import { hunt } from "./fuzz/hunt";
import { MUTANTS, sampleOf } from "./fuzz/mutants";
import type { Mutant } from "./fuzz/mutants";
import { encodeRecord } from "./fuzz/recording";
import type { Recorded } from "./fuzz/recording";
import { ExplainedError, runMain } from "./lib/main";

/** Without these a campaign has done nothing. */
const LEAST: Readonly<Record<string, readonly string[]>> = {
  SystemTest: [
    "trading.requestOpen",
    "trading.opened",
    "prediction.requestBet",
    "pro.filled",
    "alp.mint",
    "alp.compared",
    "world.move",
  ],
  ProTest: ["pro.filled", "pro.squeeze", "world.move"],
};
const TAIL = 60;

interface Options {
  seconds: number;
  seed?: number;
  match: string;
  depth: number;
  chain: ChainKey;
  mutants?: number;
  breaks?: string[];
  bounded?: boolean;
}

runMain(async () => {
  const options = new Command("fuzz")
    .option("--seconds <number>", "of each campaign, beside compiling", parseWhole, 60)
    .option("--seed <number>", "the day's by default", parseWhole)
    .option("--match <names>", "campaigns, a regular expression", "SystemTest")
    .option("--depth <number>", "calls of a run", parseWhole, 100)
    .option("--chain <key>", "whose deployment", parseChain, "bnb")
    .option("--mutants <number>", "so many mutants in place of the system, each of which must be found", parseWhole)
    .option("--breaks <ids...>", "every mutant that breaks one of these invariants, or every one: all")
    .option("--bounded", "in place of a campaign every small book and every close at the ends of what is stored")
    .exitOverride()
    .parse()
    .opts<Options>();
  mkdirSync(FUZZ_FOLDER, { recursive: true });
  const seed = options.seed ?? Number(new Date().toISOString().slice(0, 10).replace(/-/g, ""));
  const binary = await forgeBinary();
  if (options.bounded) return (await everySmallCase(binary)) ? 0 : 1;
  const mutants = mutantsOf(options, seed);
  if (mutants.length > 0)
    return (await hunt(mutants, { binary, ...options, record: onceRecorded(options.chain) })) ? 0 : 1;
  return (await campaign(binary, { ...options, seed })) ? 0 : 1;
});

type Drawn = Options & { seed: number };

async function campaign(binary: string, { chain, depth, match, seconds, seed }: Drawn): Promise<boolean> {
  const record = join(FUZZ_FOLDER, `${chain}.bin`);
  writeFileSync(record, encodeRecord(await recorded(chain)));
  const counts = join(FUZZ_FOLDER, "counts.txt");
  rmSync(counts, { force: true });
  const startedAt = Date.now();
  const { isHeld, output } = await runForge(binary, {
    ...{ record, seconds, seed, match, depth, counts },
    failures: join(FUZZ_FOLDER, "failures"),
  });
  if (!isHeld) console.log(output.split("\n").slice(-TAIL).join("\n"));
  const told = countsOf(counts);
  const names = [...told.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => `${name} ${times}`);
  console.log(names.join(", "));
  const calls = /calls: (\d+)/.exec(output)?.[1] ?? "no";
  const took = Math.round((Date.now() - startedAt) / 1_000);
  console.log(`seed ${seed}: ${told.runs} runs, ${calls} calls, ${took} s, compiling included`);
  const missing = (LEAST[match] ?? []).filter((name) => !told.counts.has(name));
  if (isHeld && missing.length > 0) console.log(`never done: ${missing.join(", ")}`);
  return isHeld && missing.length === 0;
}

/** Libraries by themselves, without the system, over all that is small: no draws. */
async function everySmallCase(binary: string): Promise<boolean> {
  const counts = join(FUZZ_FOLDER, "bounded.txt");
  rmSync(counts, { force: true });
  const failures = join(FUZZ_FOLDER, "failures");
  const drawn = { record: "", seconds: 1, seed: 1, match: "BooksTest|ClosesTest", depth: 1, counts, failures };
  const { isHeld, output } = await runForge(binary, drawn);
  if (!isHeld) console.log(output.split("\n").slice(-TAIL).join("\n"));
  // Forge may go through a test more than once: what it told last counts.
  const told = new Map(existsSync(counts) ? countedIn(readFileSync(counts, "utf8")) : []);
  for (const [name, count] of told) console.log(`${name}: ${count}`);
  return isHeld && told.size > 0;
}

/** Those asked for by name, or as many of all as are asked for. */
function mutantsOf({ breaks, mutants }: Options, seed: number): readonly Mutant[] {
  if (breaks === undefined) return sampleOf(MUTANTS, mutants ?? 0, seed);
  const named = MUTANTS.filter((mutant) => breaks.includes("all") || breaks.includes(mutant.breaks));
  if (named.length === 0) throw new ExplainedError(`no mutant breaks ${breaks.join(" or ")}`);
  return named;
}

/** The deployment's record, made anew the first time that it is asked for. */
function onceRecorded(chain: ChainKey): () => Promise<Recorded> {
  let record: Promise<Recorded> | undefined;
  return () => (record ??= recorded(chain));
}

async function recorded(chain: ChainKey): Promise<Recorded> {
  if (!existsSync("artifacts")) throw new Error('compile first: "npm run compile"');
  const file = join(FUZZ_FOLDER, `${chain}.record`);
  const env = { ASTERISM_CHAIN: chain, HARDHAT_NETWORK: "hardhat", BNB_RPC_URL: "", ARBITRUM_RPC_URL: "" };
  await execa("ts-node", [join("scripts", "fuzz", "record.ts"), file], { preferLocal: true, env });
  return deserialize(readFileSync(file)) as Recorded;
}
