/**
 * Attacks that pay where a rule is missing, on the deployed contracts, through windows of recorded seconds: what each came to for
 * whoever attacks, with its interval, and beside it the bound that is promised. Writes `reports/economics.json` and prints a table.
 *
 *   npm run economics -- [--chain bnb|arbitrum] [--strategies A06,R39] [--windows 20] [--seed 1] [--minutes 10]
 *                        [--generated]
 *
 * Ends with a code other than 0 when a bound is broken.
 */
import { Command } from "commander";
import { CHAINS, parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { OPTIONS_VARIABLE, parseEconomicsOptions } from "./economics/options";
import type { EconomicsOptions } from "./economics/options";
import { wholePath } from "./economics/windows";
import { hardhat } from "./lib/hardhat";
import { runMain } from "./lib/main";

interface Arguments extends Omit<EconomicsOptions, "isGenerated" | "minutes"> {
  chain: ChainKey;
  generated: boolean;
  minutes?: number;
}

function parseArguments(argv: readonly string[]): { chain: ChainKey; options: EconomicsOptions } {
  const program = new Command("economics")
    .description("Runs the known attacks against the deployed contracts.")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain, CHAINS[0])
    .option("--strategies <ids>", "these only, by commas", (text) => text.split(","), [])
    .option("--windows <number>", "windows of each strategy", parseWhole, 20)
    .option("--seed <number>", "of the windows and of all that is drawn", parseWhole, 1)
    .option("--minutes <number>", "no window after the first begins later", parseWhole)
    .option("--generated", "a generated path even where the recording is at hand", false)
    .option("--reports <folder>", "where to write the report", "reports")
    .exitOverride();
  const { chain, generated, minutes, ...rest } = program.parse([...argv], { from: "user" }).opts<Arguments>();
  return { chain, options: parseEconomicsOptions({ ...rest, minutes: minutes ?? null, isGenerated: generated }) };
}

async function main(): Promise<number> {
  const { chain, options } = parseArguments(process.argv.slice(2));
  // Errors in the input are told before anything is compiled.
  wholePath(options.isGenerated, options.seed);
  const compiled = await hardhat(["compile", "--quiet"], { chain });
  if (compiled.code !== 0) return compiled.code;
  const env = { [OPTIONS_VARIABLE]: JSON.stringify(options) };
  return (await hardhat(["run", "--no-compile", "scripts/economics/run.ts"], { chain, env })).code;
}

runMain(main);
