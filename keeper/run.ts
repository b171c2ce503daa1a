import { Asterism, Hermes, chains } from "@asterism/sdk";
import { Wallet } from "ethers";
import pino from "pino";
import type { DestinationStream, Logger } from "pino";
import { Keeper } from "./Keeper";
import { NodeError, Rpc, hostOf } from "./chain/Rpc";
import { NodeComparison, checkChain } from "./chain/compare";
import { readConfig, readJson } from "./config";
import type { KeeperConfigInput } from "./config";
import { Alarms } from "./watch/alarms";
import { serveHealth } from "./watch/health";
import { Metrics } from "./watch/metrics";

export interface RunOptions {
  /** Ends the keeper in good order. */
  readonly signal: AbortSignal;
  /** Standard output by default, a line of JSON for each thing. */
  readonly output?: DestinationStream;
}

const START_ATTEMPTS = 30;
const START_PAUSE_MS = 1_000;

/** How a keeper ended. */
export interface Ended {
  /** Something was wrong when it was stopped. */
  readonly isAlarmed: boolean;
}

/**
 * Runs a keeper until the signal. Throws `ConfigError` for a setting that is not as it has to be, `WrongChainError` for a node of another
 * chain, `DeploymentError` for a record of another one, `NodeError` where no node answers.
 */
export async function runKeeper(input: KeeperConfigInput, { signal, output }: RunOptions): Promise<Ended> {
  const config = readConfig(input);
  const log = loggerOf(config.logLevel, output);
  const metrics = new Metrics();
  const alarms = new Alarms(log, metrics);
  const { chainId } = chains[config.chain];
  const rpc = new Rpc(config.rpc, chainId, {
    timeoutMs: config.rpcTimeoutMs,
    onFault: (error) => {
      metrics.nodeFaults.inc({ node: hostOf(error.url) });
      log.debug({ error: error.message }, "a node failed");
    },
  });
  try {
    await checkChain(rpc);
    const record = config.deployment;
    const deployment = typeof record === "string" ? readJson(record, "deployment") : record;
    const endpoints = config.hermes;
    const prices = new Hermes({ endpoints, timeoutMs: config.rpcTimeoutMs });
    const { connection } = await patiently(() => Asterism.connect(rpc, { deployment, prices }), log, signal);
    const isSigning = config.privateKey !== undefined && !config.dryRun;
    const wallet = isSigning ? new Wallet(config.privateKey as string, rpc) : null;
    const comparison = new NodeComparison(rpc, config.maxLagBlocks);
    const parts = { connection, provider: rpc, prices, wallet, config, log, metrics, alarms };
    const keeper = await patiently(() => Keeper.begin({ ...parts, nodes: { rpc, comparison } }), log, signal);
    const health =
      config.metricsPort === undefined
        ? undefined
        : await serveHealth(config.metricsPort, config.metricsHost, metrics, () => ({
            isHealthy: !alarms.isGrave,
            status: keeper.status,
          }));
    if (health !== undefined) log.info({ url: health.url }, "health and metrics");
    log.info({ chain: config.chain, dryRun: wallet === null }, "keeping");
    try {
      await keeper.run(signal);
    } finally {
      await health?.close();
    }
    return { isAlarmed: alarms.current.length > 0 };
  } finally {
    rpc.destroy();
  }
}

/** Again and again while nodes fail that answered before; anything else is not cured by that. */
async function patiently<T>(work: () => Promise<T>, log: Logger, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NodeError) || attempt === START_ATTEMPTS || signal.aborted) throw error;
      log.warn({ attempt, error: error.message }, "not begun yet");
      await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS));
    }
  }
}

function loggerOf(level: string, output: DestinationStream | undefined): Logger {
  const options = { level, base: undefined, formatters: { level: (label: string) => ({ level: label }) } };
  return output === undefined ? pino(options) : pino(options, output);
}
