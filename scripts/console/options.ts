import { Command, Option } from "commander";
import { CHAINS, parseChain, parseWhole } from "../demo/options";
import type { ChainKey } from "../demo/options";
import { ExplainedError } from "../lib/main";

export interface ConsoleOptions {
  readonly chain: ChainKey;
  /** Of the page; 0: one that is free. */
  readonly port: number;
  /** A node of a running system; a replica is started where there is none. */
  readonly rpc?: string;
  /** Record of its deployment. */
  readonly deployment?: string;
  readonly hermes: string;
  /** What keeps what has happened: this process, or a Postgres that the environment names. */
  readonly historyEngine: (typeof ENGINES)[number];
  /** File in which this process keeps it over restarts; in memory alone by default. */
  readonly history?: string;
  /** A recorded crash: the SDK's usual one by `true`, or that of a file. */
  readonly crash?: string | true;
  /** Unix time at which to begin in the record. */
  readonly from?: number;
  /** Seconds of the path for each second on the wall. */
  readonly speed: number;
  /** How much of a crash to live through. */
  readonly seconds: number;
  readonly seed: number;
  /** How many others trade. */
  readonly crowd: number;
  readonly build: boolean;
}

const ENGINES = ["embedded", "postgres"] as const;

/** Reads the command line. Throws `ExplainedError` for options that make no sense together. */
export function readOptions(args: readonly string[]): ConsoleOptions {
  const options = new Command("console")
    .description("A console in the browser: over a replica with a keeper and a moving price, or over a running system.")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain, "bnb" as ChainKey)
    .option("--port <number>", "port of the page; 0 for a free one", parseWhole, 4180)
    .option("--rpc <url>", "node of a running system, instead of a replica")
    .option("--deployment <file>", "record of its deployment; the SDK's by default")
    .option("--hermes <url>", "price service of a running system", "https://hermes.pyth.network")
    .option("--history <file>", "keeps what has happened, so that the next start reads on from there")
    .addOption(
      new Option("--history-engine <engine>", "what keeps it: this process, or a Postgres that the environment names")
        .choices(ENGINES)
        .default("embedded"),
    )
    .option("--crash [file]", "live through a recorded crash, the cascade of 2025-10-10 or that of a file")
    .option("--from <seconds>", "unix time at which to begin in the record", parseWhole)
    .option("--speed <number>", "seconds of the path for each second", parseWhole, 1)
    .option("--seconds <number>", "how much of a crash to live through", parseWhole, 3_600)
    .option("--seed <number>", "of the generated path and of what the others do", parseWhole, 1)
    .option("--crowd <number>", "positions that others keep open", parseWhole, 6)
    .option("--no-build", "serve the page as it was built last")
    .exitOverride()
    .parse(args, { from: "user" })
    .opts<ConsoleOptions>();
  if (options.rpc === undefined && options.deployment !== undefined) {
    throw new ExplainedError("--deployment is the record of a running system: name its node with --rpc");
  }
  if (options.rpc === undefined && options.history !== undefined) {
    throw new ExplainedError("--history keeps that of a running system: a replica's ends with it");
  }
  if (options.historyEngine !== "embedded" && options.rpc === undefined) {
    throw new ExplainedError("--history-engine keeps the history of a running system: a replica's ends with it");
  }
  if (options.historyEngine !== "embedded" && options.history !== undefined) {
    throw new ExplainedError("--history is the file of the embedded engine: another one keeps its own");
  }
  if (options.rpc !== undefined && options.crash !== undefined) {
    throw new ExplainedError("--crash moves the price of a replica: a running system has its own");
  }
  if (options.speed < 1 || options.speed > 600) throw new ExplainedError("--speed lies between 1 and 600");
  return options;
}
