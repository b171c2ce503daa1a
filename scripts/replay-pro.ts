/**
 * Crashes in the order book, second by second: makers who quote, takers, keepers who liquidate. How late liquidations are, bad debt
 * and who bears it, what the fund pays, what is passed on to winners, gas. Writes `reports/pro-replay.json` and a plot of each
 * crash, and prints a table.
 *
 *   npm run replay:pro -- [--chain bnb|arbitrum] [--crash 2025-10-10|2020-03-12] [--seconds 900] [--traders 120]
 *                         [--depth 100] [--fund 100000] [--latency 1] [--seed 1] [--generated]
 *
 * Ends with a code other than 0 when a call on the chain is not the model's, when an invariant breaks or the books do not balance.
 */
import { Command, Option } from "commander";
import { CHAINS, parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { hardhat } from "./lib/hardhat";
import { runMain } from "./lib/main";
import { CRASHES, OPTIONS_VARIABLE, parseProOptions } from "./replay/pro/options";
import type { Crash, ProReplayOptions } from "./replay/pro/options";
import { readProWindow } from "./replay/pro/windows";

interface Arguments extends Omit<ProReplayOptions, "crashes" | "depths" | "isGenerated"> {
  chain: ChainKey;
  crash?: Crash;
  depth?: number;
  generated: boolean;
}

/** A book as deep as before, and one that has all but gone. */
const DEPTHS = [100, 5];

function parseArguments(argv: readonly string[]): { chain: ChainKey; options: ProReplayOptions } {
  const program = new Command("replay:pro")
    .description("Lives through crashes in the order book.")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain, CHAINS[0])
    .addOption(new Option("--crash <day>", "one of them only").choices([...CRASHES]))
    .option("--seconds <number>", "of the path, around its deepest fall", parseWhole, 900)
    .option("--traders <number>", "accounts with a position when it begins", parseWhole, 120)
    .option("--fund <dollars>", "what the fund of each market holds when it begins", parseWhole, 100_000)
    .option(
      "--depth <percent>",
      "what makers quote meanwhile, of what they quoted before; 100 and 5 by default",
      parseWhole,
    )
    .option("--latency <seconds>", "from a tick to the block of who acts on it", parseWhole, 1)
    .option("--seed <number>", "of everything that is drawn", parseWhole, 1)
    .option("--generated", "generated paths even where recordings are at hand", false)
    .option("--reports <folder>", "where to write the report", "reports")
    .exitOverride();
  const { chain, crash, depth, generated, ...rest } = program.parse([...argv], { from: "user" }).opts<Arguments>();
  const crashes = crash === undefined ? [...CRASHES] : [crash];
  const depths = depth === undefined ? DEPTHS : [depth];
  return { chain, options: parseProOptions({ ...rest, crashes, depths, isGenerated: generated }) };
}

async function main(): Promise<number> {
  const { chain, options } = parseArguments(process.argv.slice(2));
  // Errors in the input are told before anything is compiled.
  for (const crash of options.crashes) readProWindow(crash, options);
  const compiled = await hardhat(["compile", "--quiet"], { chain });
  if (compiled.code !== 0) return compiled.code;
  const env = { [OPTIONS_VARIABLE]: JSON.stringify(options) };
  return (await hardhat(["run", "--no-compile", "scripts/replay/pro/run.ts"], { chain, env })).code;
}

runMain(main);
