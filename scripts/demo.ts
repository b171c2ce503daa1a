/**
 * The main job of the system on both chains: compiles, deploys on the embedded replica of each chain, trades, provides
 * liquidity, prints an account of every step and writes `reports/demo/<chain>.json`.
 *
 *   npm run demo -- [--chain bnb|arbitrum] [--seed 7] [--prices file.csv [--from 1760130600] [--seconds 3600]]
 *
 * Ends with a code other than 0 when any step does something else than the model says.
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { CHAINS, OPTIONS_VARIABLE, encodeOptions, parseChain, parseWhole } from "./demo/options";
import type { ChainKey, DemoOptions } from "./demo/options";
import { readPath } from "./demo/path";
import { hardhat } from "./lib/hardhat";
import { runMain } from "./lib/main";

const REPORTS = "reports/demo";

interface Arguments extends Omit<DemoOptions, "reports"> {
  chain?: ChainKey;
  reports: string;
}

function parseArguments(argv: readonly string[]): Arguments {
  const program = new Command("demo")
    .description("Runs the main job of the system on both chains and checks every amount.")
    .option("--chain <chain>", `one chain only: ${CHAINS.join(" or ")}`, parseChain)
    .option("--seed <number>", "seed of the generated price path", parseWhole, 1)
    .option("--prices <file>", "recorded path of BTC instead: CSV of unix_timestamp,open,high,low,close")
    .option("--from <time>", "unix time at which to begin in the recorded path", parseWhole)
    .option("--seconds <number>", "how many seconds of it to read", parseWhole)
    .option("--reports <folder>", "where to write the reports", REPORTS)
    .exitOverride();
  return program.parse([...argv], { from: "user" }).opts<Arguments>();
}

async function main(): Promise<number> {
  const { chain, ...options } = parseArguments(process.argv.slice(2));
  const chains = chain === undefined ? CHAINS : [chain];
  // Errors in the input are told before anything is compiled.
  readPath(options);
  const encoded = encodeOptions({
    ...options,
    prices: options.prices === undefined ? undefined : resolve(options.prices),
    reports: options.reports,
  });
  const compilation = await hardhat(["compile", "--quiet"], { chain: chains[0], output: "keep" });
  if (compilation.code !== 0) {
    console.error(compilation.output);
    return compilation.code;
  }

  // The chains run at once; each is told in one piece.
  const env = { [OPTIONS_VARIABLE]: encoded };
  const runs = chains.map(async (key) => ({
    ...(await hardhat(["run", "--no-compile", "scripts/demo/run.ts"], { chain: key, env, output: "keep" })),
    key,
  }));
  const failed: ChainKey[] = [];
  for (const run of runs) {
    const { key, code, output } = await run;
    console.log(output);
    if (code !== 0) failed.push(key);
  }
  if (failed.length === 0) console.log(`every step did what it should on ${chains.join(" and ")}`);
  else console.error(`FAILED on ${failed.join(" and ")}`);
  return failed.length === 0 ? 0 : 1;
}

runMain(main);
