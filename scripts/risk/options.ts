import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { InputError } from "../demo/errors";
import { parseChain, parseWhole } from "../demo/options";
import type { ChainKey } from "../demo/options";
import { recordingsOf } from "./market/recorded";
import type { Setting } from "./setting";
import { VAULT_USD, WORLD, shippedSetting } from "./setting";

export interface RiskOptions {
  chain: ChainKey;
  paths: number;
  hours: number;
  seed: number;
  workers: number;
  /** What LPs hold, whole USD; by default the chain's. */
  vault?: number;
  keeperDelay: number;
  /** Percent. */
  news: number;
  foresight: number;
  /** Percent of the usual number of traders. */
  flow: number;
  prices?: string;
  reports: string;
}

/** Bounds of each number: beyond them a run says nothing, or never ends. */
const BOUNDS = {
  paths: [8, 1_000_000],
  hours: [1, 24],
  seed: [0, 2 ** 31 - 1],
  workers: [0, 64],
  vault: [10_000, 1_000_000_000],
  keeperDelay: [0, 3_600],
  news: [0, 100],
  foresight: [0, 60],
  flow: [1, 1_000],
} as const;

type Bounded = keyof typeof BOUNDS;

const FLAGS: Readonly<Record<Bounded, string>> = {
  ...{ paths: "--paths", hours: "--hours", seed: "--seed", workers: "--workers", vault: "--vault" },
  ...{ keeperDelay: "--keeper-delay", news: "--news", foresight: "--foresight", flow: "--flow" },
};

/** Throws {@link InputError}, or commander's error for an option that it doesn't know, which says what it may have meant. */
export function parseOptions(argv: readonly string[], onError?: (text: string) => void): RiskOptions {
  const program = new Command("risk")
    .description("Whether LPs survive 1001x: Monte Carlo, replay, strategies and sweeps over the model.")
    .option("--chain <chain>", "whose terms", parseChain, "bnb")
    .option("--paths <number>", "generated paths", parseWhole, 10_000)
    .option("--hours <number>", "length of a path", parseWhole, 4)
    .option("--seed <number>", "of everything", parseWhole, 1)
    .option("--workers <number>", "threads; 0: none but this", parseWhole, availableParallelism())
    .option("--vault <dollars>", "what LPs hold; by default 10 million on BNB Chain, 2 on Arbitrum", parseWhole)
    .option("--keeper-delay <seconds>", "from a crossing tick to the liquidation", parseWhole, WORLD.keeperDelay)
    .option("--news <percent>", "of the jumps are known beforehand", parseWhole, WORLD.newsShare * 100)
    .option("--foresight <seconds>", "that snipers see ahead", parseWhole, WORLD.foresight)
    .option("--flow <percent>", "of the usual number of traders", parseWhole, WORLD.flow * 100)
    .option("--prices <file>", "replay this: CSV of unix_timestamp,open,high,low,close")
    .option("--reports <folder>", "where to write risk.html and risk.json", "reports")
    .exitOverride();
  program.allowExcessArguments(false);
  if (onError) program.configureOutput({ writeErr: onError });
  const options = program.parse([...argv], { from: "user" }).opts<RiskOptions>();
  for (const name of Object.keys(BOUNDS) as Bounded[]) requireWithin(name, options[name]);
  if (options.prices !== undefined) options.prices = resolve(options.prices);
  recordingsOf(options.prices);
  if (existsSync(options.reports) && !statSync(options.reports).isDirectory()) {
    throw new InputError("bad-options", `--reports ${options.reports} is a file: name a folder`);
  }
  return options;
}

function requireWithin(name: Bounded, value: number | undefined): void {
  const [least, most] = BOUNDS[name];
  if (value === undefined || (value >= least && value <= most)) return;
  throw new InputError("bad-number", `${FLAGS[name]} ${value} is not between ${least} and ${most}`);
}

export function settingOf(options: RiskOptions): Setting {
  return {
    ...shippedSetting(options.chain),
    vaultUsd: options.vault ?? VAULT_USD[options.chain],
    keeperDelay: options.keeperDelay,
    newsShare: options.news / 100,
    foresight: options.foresight,
    flow: options.flow / 100,
  };
}
