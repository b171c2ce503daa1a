/**
 * The main job of the system on both chains: compiles, deploys on the embedded replica of each chain, trades, provides
 * liquidity, prints an account of every step and writes `reports/demo/<chain>.json`.
 *
 *   npm run demo -- [--chain bnb|arbitrum] [--seed 7] [--prices file.csv [--from 1760130600] [--seconds 3600]]
 *
 * Ends with a code other than 0 when any step does something else than the model says.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { Command, CommanderError } from "commander";
import { InputError } from "./demo/errors";
import { CHAINS, OPTIONS_VARIABLE, encodeOptions, parseChain, parseWhole } from "./demo/options";
import type { ChainKey, DemoOptions } from "./demo/options";
import { readPath } from "./demo/path";

const HARDHAT = require.resolve("hardhat/internal/cli/bootstrap");
const REPORTS = "reports/demo";

interface Run {
  chain: ChainKey;
  code: number;
  output: string;
}

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

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

/** Runs hardhat for a chain; its output is kept, so that two chains can run at once and be read one after the other. */
async function hardhat(chain: ChainKey, args: string[], env: Record<string, string> = {}): Promise<Run> {
  const child = spawn(process.execPath, [HARDHAT, ...args], {
    env: { ...process.env, ...env, ASTERISM_CHAIN: chain },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number>((settle, reject) => {
    child.once("error", reject);
    child.once("close", (code) => settle(code ?? 1));
  });
  const [out, err, code] = await Promise.all([collect(child.stdout), collect(child.stderr), closed]);
  return { chain, code, output: out + err };
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
  const compilation = await hardhat(chains[0], ["compile", "--quiet"]);
  if (compilation.code !== 0) {
    console.error(compilation.output);
    return compilation.code;
  }

  const runs = chains.map((key) =>
    hardhat(key, ["run", "--no-compile", "scripts/demo/run.ts"], { [OPTIONS_VARIABLE]: encoded }),
  );
  const failed: ChainKey[] = [];
  for (const run of runs) {
    const { chain: key, code, output } = await run;
    console.log(output);
    if (code !== 0) failed.push(key);
  }
  if (failed.length === 0) console.log(`every step did what it should on ${chains.join(" and ")}`);
  else console.error(`FAILED on ${failed.join(" and ")}`);
  return failed.length === 0 ? 0 : 1;
}

main()
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      return;
    }
    console.error(error instanceof InputError ? error.message : error);
    process.exitCode = 1;
  });
