/** The command line of a keeper, on its own or as part of another program's. */
import { DeploymentError } from "@asterism/sdk";
import { Command, CommanderError } from "commander";
import { NodeError } from "./chain/Rpc";
import { WrongChainError } from "./chain/compare";
import { ConfigError, readJson } from "./config";
import type { KeeperConfigInput } from "./config";
import { runKeeper } from "./run";

/** How a keeper's process ends. */
export const EXIT = {
  stopped: 0,
  failed: 1,
  /** A setting is not as it has to be. */
  badConfiguration: 2,
  /** A node or a record is of another chain. */
  wrongChain: 3,
  /** No node answers. */
  unreachable: 4,
  /** It was stopped while something was wrong. */
  alarmed: 5,
} as const;

interface Flags {
  config?: string;
  chain?: string;
  rpc?: string[];
  hermes?: string[];
  deployment?: string;
  state?: string;
  metricsPort?: string;
  privateRpc?: string;
  share?: string;
  logLevel?: string;
  dryRun?: boolean;
}

/** The options of a keeper, on a command of one's own. */
export function withKeeperOptions(command: Command): Command {
  return command
    .option("--config <file>", "settings as JSON; the options here come before them")
    .option("--chain <chain>", "bnb or arbitrum")
    .option("--rpc <url...>", "nodes; with two, each is checked against the other")
    .option("--hermes <url...>", "price services, asked in their order; ASTERISM_HERMES_KEY is their key")
    .option("--deployment <file>", "record of the deployment; by default the one that is known on the chain")
    .option("--state <file>", "where to keep what is known over restarts")
    .option("--metrics-port <port>", "port of /health and /metrics")
    .option("--private-rpc <url>", "a node that keeps transactions to itself until they are mined")
    .option("--share <index/count>", "this keeper's part where several run, such as 0/2")
    .option("--log-level <level>", "fatal, error, warn, info, debug or trace")
    .option("--dry-run", "sign and send nothing, and tell what would be sent");
}

/** Settings from a file, from options, and the keys from the environment. Throws `ConfigError`. */
export function settingsOf(flags: Flags, env: Readonly<Record<string, string | undefined>>): KeeperConfigInput {
  const file = flags.config === undefined ? {} : readJson(flags.config, "config");
  if (typeof file !== "object" || file === null || Array.isArray(file)) {
    throw new ConfigError([`config: ${flags.config ?? ""} is no object of settings`]);
  }
  const settings = { ...(file as Record<string, unknown>) };
  if ("privateKey" in settings) {
    throw new ConfigError(["config: a file is no place for a private key: set ASTERISM_KEEPER_KEY"]);
  }
  const set = (name: string, value: unknown) => {
    if (value !== undefined) settings[name] = value;
  };
  set("chain", flags.chain);
  set("rpc", flags.rpc);
  const key = env.ASTERISM_HERMES_KEY;
  set("hermes", key === undefined ? flags.hermes : flags.hermes?.map((url) => ({ url, key })));
  set("deployment", flags.deployment);
  set("state", flags.state);
  set("metricsPort", flags.metricsPort === undefined ? undefined : numberOf(flags.metricsPort, "--metrics-port"));
  set("logLevel", flags.logLevel);
  set("dryRun", flags.dryRun);
  if (flags.privateRpc !== undefined) {
    settings.send = { ...(settings.send as object | undefined), privateRpc: flags.privateRpc };
  }
  if (flags.share !== undefined)
    settings.share = { ...(settings.share as object | undefined), ...shareOf(flags.share) };
  set("privateKey", env.ASTERISM_KEEPER_KEY);
  return settings as KeeperConfigInput;
}

/** Runs a keeper with options and the environment until a signal ends it. Returns the code to exit with; never throws. */
export async function keep(
  flags: Flags,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  try {
    const { isAlarmed } = await runKeeper(settingsOf(flags, env), { signal: stop.signal });
    return isAlarmed ? EXIT.alarmed : EXIT.stopped;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigError) return EXIT.badConfiguration;
    if (error instanceof DeploymentError) console.error("name the record of a deployment on this chain: --deployment");
    if (error instanceof WrongChainError || error instanceof DeploymentError) return EXIT.wrongChain;
    if (error instanceof NodeError) return EXIT.unreachable;
    return EXIT.failed;
  } finally {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  }
}

/** The program `asterism-keeper`. */
export function main(argv: readonly string[]): void {
  const program = withKeeperOptions(new Command("asterism-keeper"))
    .description("Fills, closes, triggers, settles and liquidates on Asterism, for what it pays.")
    .exitOverride();
  let flags: Flags;
  try {
    flags = program.parse([...argv], { from: "user" }).opts<Flags>();
  } catch (error) {
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? EXIT.stopped : EXIT.badConfiguration;
    return;
  }
  // Sockets that are kept open would keep the process.
  void keep(flags).then((code) => process.exit(code));
}

function numberOf(text: string, what: string): number {
  if (!/^\d+$/.test(text)) throw new ConfigError([`${what}: "${text}" is no whole number`]);
  return Number(text);
}

function shareOf(text: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index === undefined) throw new ConfigError([`--share: write 0/2 for the first of two, not "${text}"`]);
  return { index: Number(index), count: Number(count) };
}
