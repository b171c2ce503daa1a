/**
 * Stateful fuzzing of the deployed system: records the production deployment, plays it again in forge, and has forge call whatever
 * anybody may call, with every invariant checked after every call. Installs forge itself the first time, outside of the
 * tree's packages.
 *
 *   npm run fuzz:forge -- [--seconds 60] [--seed 1] [--match SystemTest] [--depth 100]
 *   npm run fuzz:deep
 *   npm run fuzz:mutants -- [--mutants 1]
 *   npm run fuzz:forge -- --bounded
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import execa from "execa";
import { parseWhole } from "./demo/options";
import { FUZZ_FOLDER, countedIn, countsOf, forgeBinary, runForge } from "./fuzz/forge";
import { MUTANTS, exchangedFor } from "./fuzz/mutants";
import { runMain } from "./lib/main";

/** Without these a campaign has done nothing. */
const LEAST: Readonly<Record<string, readonly string[]>> = {
  SystemTest: [
    "trading.requestOpen",
    "trading.opened",
    "prediction.requestBet",
    "pro.filled",
    "alp.mint",
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
  mutants?: number;
  bounded?: boolean;
}

runMain(async () => {
  const options = new Command("fuzz")
    .option("--seconds <number>", "of each campaign, beside compiling", parseWhole, 60)
    .option("--seed <number>", "the day's by default", parseWhole)
    .option("--match <names>", "campaigns, a regular expression", "SystemTest")
    .option("--depth <number>", "calls of a run", parseWhole, 100)
    .option("--mutants <number>", "so many mutants in place of the system, each of which must be found", parseWhole)
    .option("--bounded", "in place of a campaign every small book and every close at the ends of what is stored")
    .exitOverride()
    .parse()
    .opts<Options>();
  mkdirSync(FUZZ_FOLDER, { recursive: true });
  const seed = options.seed ?? Number(new Date().toISOString().slice(0, 10).replace(/-/g, ""));
  const binary = await forgeBinary();
  if (options.bounded) return (await everySmallCase(binary)) ? 0 : 1;
  if (options.mutants !== undefined) return hunt(binary, { ...options, seed }, options.mutants);
  return (await campaign(binary, { ...options, seed })) ? 0 : 1;
});

type Drawn = Options & { seed: number };

async function campaign(binary: string, { depth, match, seconds, seed }: Drawn): Promise<boolean> {
  const record = await recorded();
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

/** Each mutant is the system with one fault; a campaign that does not see it shows that its invariant can't fail. */
async function hunt(binary: string, { depth, seconds, seed }: Drawn, sample: number): Promise<number> {
  // Drawn anew with every seed.
  const drawn = MUTANTS.map((_, place) => MUTANTS[(place + seed) % MUTANTS.length]).slice(0, sample);
  let missed = 0;
  for (const mutant of drawn) {
    const record = await recorded(await exchangedFor(mutant));
    const { isHeld, output } = await runForge(binary, {
      ...{ record, seconds, seed, match: mutant.campaign, depth },
      counts: join(FUZZ_FOLDER, "mutant-counts.txt"),
      failures: join(FUZZ_FOLDER, "mutant-failures", `${Date.now()}`),
    });
    const isFound = !isHeld && output.includes(mutant.breaks);
    if (!isFound) missed++;
    console.log(`${mutant.breaks} ${isFound ? "found" : "not found"}: ${mutant.name}`);
  }
  return missed === 0 ? 0 : 1;
}

/** The file of the deployment's record, made anew: with other code where some is exchanged. */
async function recorded(exchanged?: string): Promise<string> {
  const file = join(FUZZ_FOLDER, exchanged === undefined ? "bnb.bin" : "mutant.bin");
  const args = [join("scripts", "fuzz", "record.ts"), file, ...(exchanged === undefined ? [] : [exchanged])];
  if (!existsSync("artifacts")) throw new Error('compile first: "npm run compile"');
  const env = { ASTERISM_CHAIN: "bnb", HARDHAT_NETWORK: "hardhat", BNB_RPC_URL: "" };
  await execa("ts-node", args, { preferLocal: true, env });
  return file;
}
