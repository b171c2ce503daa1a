/**
 * A crash, second by second, with a thousand open positions and then with ten thousand: how late each liquidation is, bad
 * debt, what a liquidation costs, whether the vault is solvent throughout. Writes `reports/replay.json` and prints a table.
 *
 *   npm run replay -- [--chain bnb|arbitrum] [--positions 1000] [--large 10000] [--latency 1] [--seed 1]
 *                     [--prices file.csv [--from 1760130600]] [--seconds 900]
 *
 * Ends with a code other than 0 when a liquidation is not the model's to the last unit, when the vault is ever insolvent
 * or its ledger does not balance, or when the cost of a liquidation grows with the number of open positions.
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { CHAINS, parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { hardhat } from "./lib/hardhat";
import { runMain } from "./lib/main";
import { OPTIONS_VARIABLE, parseOptions } from "./replay/options";
import type { ReplayOptions } from "./replay/options";
import { defaultPrices, readWindow } from "./replay/window";

type Arguments = ReplayOptions & { chain: ChainKey };

function parseArguments(argv: readonly string[]): Arguments {
  const program = new Command("replay")
    .description("Lives through a crash with many open positions.")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain, CHAINS[0])
    .option("--positions <number>", "open positions", parseWhole, 1_000)
    .option("--large <number>", "open positions of a second run; 0: none", parseWhole, 10_000)
    .option("--prices <file>", "recorded path of BTC; by default the cascade of 2025-10-10, or a generated one")
    .option("--from <time>", "unix time at which to begin in it; by default before the deepest fall", parseWhole)
    .option("--seconds <number>", "how many seconds of it", parseWhole, 900)
    .option("--seed <number>", "of the sizes, and of a generated path", parseWhole, 1)
    .option("--latency <seconds>", "from a tick to the block of the keeper's transaction", parseWhole, 1)
    .option("--reports <folder>", "where to write the report", "reports")
    .exitOverride();
  const { chain, prices, ...options } = program.parse([...argv], { from: "user" }).opts<Arguments>();
  const file = prices ?? defaultPrices();
  return { chain, ...parseOptions({ ...options, prices: file === undefined ? undefined : resolve(file) }) };
}

async function main(): Promise<number> {
  const { chain, ...options } = parseArguments(process.argv.slice(2));
  // Errors in the input are told before anything is compiled.
  readWindow(options);
  const compiled = await hardhat(["compile", "--quiet"], { chain });
  if (compiled.code !== 0) return compiled.code;
  const env = { [OPTIONS_VARIABLE]: JSON.stringify(options) };
  return (await hardhat(["run", "--no-compile", "scripts/replay/run.ts"], { chain, env })).code;
}

runMain(main);
