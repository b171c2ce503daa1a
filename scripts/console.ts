/**
 * The console: a page on this machine over a replica, with a keeper and a price that moves, or over a running system.
 *
 *   npm run console -- [--chain bnb] [--crash [file]] [--speed 10]
 *   npm run console -- --chain bnb --rpc https://… --deployment deployments/bnb.json [--hermes https://…] [--history <file>]
 *   ASTERISM_HISTORY_URL=postgres://… npm run console -- --chain bnb --rpc https://… --history-engine postgres
 *
 * Ends on an interrupt, and leaves nothing behind.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { JsonRpcProvider } from "ethers";
import execa from "execa";
import { z } from "zod";
import { EmbeddedStore } from "./console/history/EmbeddedStore";
import { HistoryIndex } from "./console/history/HistoryIndex";
import type { HistoryStore, HistorySystem } from "./console/history/store";
import { PageServer } from "./console/server";
import { readOptions } from "./console/options";
import type { ConsoleOptions } from "./console/options";
import { startStage } from "./console/stage";
import type { Stage } from "./console/stage";
import { ExplainedError } from "./lib/main";
import { chains } from "../sdk/chains";
import { deploymentOn, readDeployment } from "../sdk/chains/deployment";

const FOLDER = join(__dirname, "..", "console");
const REPLICA_POLL_MS = 1_000;
const LIVE_POLL_MS = 2_000;
const INTERRUPTED = 130;

const commandSchema = z.strictObject({
  pause: z.boolean().optional(),
  speed: z.number().optional(),
  nudgePips: z.number().optional(),
  price: z.string().optional(),
});

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const tell = (line: string) => console.log(`  ${line}`);
  let isReady = false;
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      // Nobody waits for a beginning that is not wanted any more. A signal may come twice, from npm and from the terminal: the
      // end in good order goes on.
      process.on(signal, () => (isReady ? resolve() : process.exit(INTERRUPTED)));
    }
  });
  console.log("Asterism's console");
  const building = options.build ? build() : Promise.resolve();
  const stage = options.rpc === undefined ? await startStage(options, tell) : undefined;
  const parts = partsOf(options, stage);
  const history = await historyOf(options, parts, tell);
  const server = new PageServer({
    ...{ folder: join(FOLDER, "dist"), ...parts },
    history: (of, after, generation) => history.index.answer(of, after, generation),
  });
  try {
    await building;
    await history.index.begin();
    await server.listen(options.port);
    isReady = true;
    console.log(`ready: ${server.url}`);
    await interrupted;
  } finally {
    await server.close().catch(() => undefined);
    await history.stop();
    await stage?.stop();
  }
  console.log("stopped");
}

async function build(): Promise<void> {
  await execa("vite", ["build", "--logLevel", "error"], { cwd: FOLDER, preferLocal: true, localDir: FOLDER });
}

function partsOf(options: ConsoleOptions, stage: Stage | undefined) {
  const { chain } = options;
  if (stage !== undefined) {
    const { mover, burners, deployment, rpc, hermes } = stage;
    const practice = {
      state: () => mover.state,
      command: (body: unknown) => mover.command(commandSchema.parse(body)),
    };
    const config = { chain, deployment, pollMs: REPLICA_POLL_MS, practice: { burners, rpc } };
    return { rpc, hermes, config, practice };
  }
  const { rpc = "", hermes, deployment } = options;
  const record: unknown = deployment === undefined ? undefined : JSON.parse(readFileSync(deployment, "utf8"));
  return { rpc, hermes, config: { chain, deployment: record, pollMs: LIVE_POLL_MS } };
}

/** Read by a provider of its own: what it waits for is in nobody's way. */
async function historyOf(options: ConsoleOptions, parts: ReturnType<typeof partsOf>, tell: (line: string) => void) {
  const { rpc, config } = parts;
  const { chainId } = chains[options.chain];
  const provider = new JsonRpcProvider(rpc, chainId, { staticNetwork: true, cacheTimeout: -1 });
  const deployment = config.deployment === undefined ? deploymentOn(chainId) : readDeployment(config.deployment);
  const store = await storeOf(options, deployment);
  const onError = (error: unknown) => tell(`the history is tried again: ${String(error)}`);
  const index = new HistoryIndex({ provider, deployment, store, pollMs: config.pollMs / 2, onError });
  return { index, stop: () => index.stop().finally(() => provider.destroy()) };
}

/** Whoever keeps no Postgres loads nothing of it. */
async function storeOf({ historyEngine, history }: ConsoleOptions, deployment: HistorySystem): Promise<HistoryStore> {
  if (historyEngine === "embedded") return new EmbeddedStore(deployment, history);
  const { PostgresStore } = await import("./console/history/PostgresStore");
  return PostgresStore.of(deployment);
}

main()
  // Hardhat's chain keeps timers of its own.
  .then(() => process.exit(0))
  .catch((error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    console.error(error instanceof ExplainedError ? error.message : error);
    process.exit(1);
  });
