import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HDNodeWallet, JsonRpcProvider } from "ethers";
import pino from "pino";
import { runKeeper } from "../../keeper/run";
import { generatePath } from "../../kit/prices";
import { chains } from "../../sdk/chains";
import { px } from "../../sdk/units";
import { PricePath } from "../demo/path";
import { freePort } from "../lib/freePort";
import { defaultPrices, readWindow } from "../replay/window";
import { Crowd } from "./crowd";
import { Maker } from "./maker";
import { Mover } from "./mover";
import type { ConsoleOptions } from "./options";

/** Everybody knows these words: they are those of every development node. */
const MNEMONIC = "test test test test test test test test test test test junk";
const BURNERS = [
  { index: 6, name: "Burner 1" },
  { index: 7, name: "Burner 2" },
  { index: 5, name: "The vault's first LP" },
] as const;
const CROWD = 8;
const MAKER = 10;
const KEEPER = 9;
const QUIET_SECONDS = 12 * 3_600;
const QUIET_LEAD = 900;
/** Of a crash, so much is told as what came before. */
const CRASH_LEAD = 60;

export interface Burner {
  readonly name: string;
  readonly privateKey: string;
}

/** A system that lives on this machine: a node with blocks, prices that move, a keeper and others who trade. */
export interface Stage {
  readonly rpc: string;
  readonly hermes: string;
  readonly deployment: unknown;
  readonly burners: readonly Burner[];
  readonly mover: Mover;
  stop(): Promise<void>;
}

export async function startStage(options: ConsoleOptions, tell: (line: string) => void): Promise<Stage> {
  const { chain, seed } = options;
  const path = readPath(options);
  // Hardhat reads its configuration from the environment, once: a replica is never a fork.
  Object.assign(process.env, { ASTERISM_CHAIN: chain, HARDHAT_NETWORK: "hardhat" });
  delete process.env.BNB_RPC_URL;
  delete process.env.ARBITRUM_RPC_URL;
  const { serve } = await import("../replica/serve");

  const scratch = mkdtempSync(join(tmpdir(), "asterism-console-"));
  const [node, keeping] = [new AbortController(), new AbortController()];
  // However the process ends, but for a kill that it hears nothing of.
  process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const closing: (() => Promise<unknown> | void)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const [port, pricePort] = [await freePort(), await freePort()];
    const served = await serve({ port, pricePort, signal: node.signal, tell: () => undefined, isCooled: true });
    closing.push(() => (node.abort(), served.closed));
    const [rpc, hermes] = [port, pricePort].map((each) => `http://127.0.0.1:${each}`);
    tell(`a replica of ${chains[chain].name} stands`);

    const provider = new JsonRpcProvider(rpc, chains[chain].chainId, { staticNetwork: true, cacheTimeout: -1 });
    closing.push(() => provider.destroy());
    const publish = async (prices: Record<string, string>) => {
      const answer = await fetch(`${hermes}/prices`, { method: "POST", body: JSON.stringify(prices) });
      if (!answer.ok) throw new Error(`prices were refused: ${await answer.text()}`);
    };
    const now = async () => (await provider.getBlock("latest"))?.timestamp ?? 0;
    const lead = options.crash === undefined ? QUIET_LEAD : CRASH_LEAD;
    const mover = new Mover(path, lead, options.speed, publish, now);
    await mover.begin();
    closing.push(() => mover.stop());
    tell(`prices move: ${path.description}`);

    const record = join(scratch, "deployment.json");
    writeFileSync(record, JSON.stringify(served.record));
    const { privateKey } = account(KEEPER);
    const settings = {
      chain,
      rpc: [rpc],
      hermes: [hermes],
      deployment: record,
      privateKey,
      // A development node's price of gas is not the chain's: here everything is kept, whatever it costs.
      ...{ fees: { minProfitUsd: "-20", dutyUsd: "20" }, pro: { dutyUsd: "20" } },
      logLevel: "error" as const,
    };
    const keeper = runKeeper(settings, { signal: keeping.signal, output: pino.destination(2) });
    keeper.catch((error: unknown) => tell(`the keeper stopped: ${String(error)}`));
    closing.push(() => (keeping.abort(), keeper.catch(() => undefined)));
    tell("a keeper keeps");

    if (options.crowd > 0) {
      const rich = account(CROWD).connect(provider);
      const maker = await Maker.of(account(MAKER).connect(provider), served.record, hermes);
      await maker.take(rich);
      const crowd = await Crowd.of(rich, served.record, options.crowd, seed);
      crowd.begin();
      closing.push(() => crowd.stop());
      maker.begin();
      closing.push(() => maker.stop());
    }
    const burners = BURNERS.map(({ index, name }) => ({ name, privateKey: account(index).privateKey }));
    return { rpc, hermes, deployment: served.record, burners, mover, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function account(index: number): HDNodeWallet {
  return HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`);
}

function readPath({ crash, seed, from, seconds }: ConsoleOptions): PricePath {
  if (crash !== undefined) {
    const prices = crash === true ? defaultPrices() : crash;
    return readWindow({ prices, seed, from, seconds });
  }
  const options = { seed, startTime: 0, seconds: QUIET_SECONDS, startPriceX10: px("60000"), jumpsPerHour: 4 };
  return PricePath.of(`generated, seed ${seed}`, null, [...generatePath(options)]);
}
