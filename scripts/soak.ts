/**
 * Two keepers for some minutes of a crash, with everything that goes wrong around them:
 *
 *   npm run soak -- [--chain bnb] [--minutes 30] [--traders 500] [--rate 6] [--seed 1] [--reports reports/soak]
 *
 * A replica in another process has a block a second and the recorded cascade at one second, or a generated one where it is not at hand.
 * The keepers see it through nodes that fail, fall silent, lag and tell old heads, and one of them is killed each minute and started again.
 * A fifth of the traders are in the order book too, where two makers quote. In the end no order may be stuck and nothing executed twice,
 * every liquidation within the age of its tick and none missed, nearly all market orders filled in their time, no scope of the order book
 * liquidatable for long, no trigger fired twice or left, and all ledgers balanced.
 * Exits with 1 otherwise.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { HDNodeWallet } from "ethers";
import { readDeployment } from "../sdk/chains/deployment";
import { formatPrice } from "../sdk/units";
import { CHAINS, parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { runMain } from "./lib/main";
import { defaultPrices, readWindow } from "./replay/window";
import { build } from "./sdk/pack";
import { ReplicaProcess } from "./sdk/replicaProcess";
import { FaultyNode } from "./soak/faultyNode";
import { KeeperProcess } from "./soak/keeperProcess";
import { Crowd } from "./soak/Crowd";
import { SteadyProvider } from "./soak/SteadyProvider";
import { MNEMONIC } from "./soak/accounts";
import { faultsOf, reportOf } from "./soak/report";
import { Strain } from "./soak/strain";
import type { PostedPrice } from "./soak/verdict";

const KEEPERS = [8, 9];
const CHAIN_IDS = { bnb: 56, arbitrum: 42_161 } as const;
const KILL_EVERY_SECONDS = 60;
/** After the last order: what waits is filled, what does not fill expires and is returned. */
const SETTLING_SECONDS = 75;
/** The replica's node asks for twenty times what BNB Chain's do: keepers bid what is usual there. A block comes each second. */
const KEEPER_SETTINGS = { pollMs: 800, fees: { maxTipGwei: "0.05" } };

export interface Options {
  chain: ChainKey;
  minutes: number;
  traders: number;
  /** Orders and the like of a second. */
  rate: number;
  seed: number;
  reports: string;
}

function parse(): Options {
  return new Command("soak")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain, "bnb" as ChainKey)
    .option("--minutes <number>", "of the crash", parseWhole, 30)
    .option("--traders <number>", "people who trade", parseWhole, 500)
    .option("--rate <number>", "orders and the like of a second", parseWhole, 6)
    .option("--seed <number>", "of what they do, and of what goes wrong", parseWhole, 1)
    .option("--reports <folder>", "where to write the report", "reports/soak")
    .exitOverride()
    .parse()
    .opts<Options>();
}

async function main(): Promise<number> {
  const options = parse();
  const { chain, minutes, reports, seed } = options;
  const scratch = mkdtempSync(join(tmpdir(), "asterism-soak-"));
  mkdirSync(reports, { recursive: true });
  await build("cli");
  const replica = new ReplicaProcess(chain, join(scratch, "record.json"));
  const closing: (() => Promise<unknown>)[] = [() => replica.stop()];
  try {
    await replica.ready();
    const { RPC_URL, HERMES_URL, DEPLOYMENT } = replica.environment;
    const deployment = readDeployment(JSON.parse(readFileSync(DEPLOYMENT, "utf8")));
    const provider = new SteadyProvider(RPC_URL, CHAIN_IDS[chain]);
    closing.push(() => Promise.resolve(provider.destroy()));
    const nodes = [new FaultyNode(RPC_URL, seed), new FaultyNode(RPC_URL, seed + 1)];
    const urls = await Promise.all(nodes.map((node) => node.listen()));
    closing.push(...nodes.map((node) => () => node.close()));
    const config = join(scratch, "keeper.json");
    writeFileSync(config, JSON.stringify(KEEPER_SETTINGS));
    const keepers = KEEPERS.map((account, index) => {
      const { privateKey } = HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${account}`);
      const nodesOf = index === 0 ? urls : [...urls].reverse();
      return new KeeperProcess({
        ...{ chain, config, nodes: nodesOf, prices: HERMES_URL, record: DEPLOYMENT, privateKey },
        ...{ state: join(scratch, `state-${index}.json`), share: `${index}/${KEEPERS.length}` },
        log: join(reports, `keeper-${index}.jsonl`),
      });
    });
    closing.push(...keepers.map((keeper) => () => keeper.end("SIGKILL")));
    for (const [index] of keepers.entries()) writeFileSync(join(reports, `keeper-${index}.jsonl`), "");

    const path = readWindow({ prices: defaultPrices(), seed, from: undefined, seconds: minutes * 60 });
    const posted: PostedPrice[] = [];
    const post = async (price: bigint) => {
      const body = JSON.stringify({ BTC: formatPrice(price) });
      try {
        const answer = await fetch(`${HERMES_URL}/prices`, { method: "POST", body });
        if (!answer.ok) throw new Error(await answer.text());
        posted.push({ time: (await provider.getBlock("latest"))?.timestamp ?? 0, price });
      } catch (error) {
        // The price before stands for another second.
        console.error(`no price: ${(error as Error).message}`);
      }
    };
    await post(path.at(0).priceX10);
    const crowd = new Crowd(provider, deployment, HERMES_URL, options);
    await crowd.prepare();
    // From now on a block a second, with whatever was sent since the last.
    await provider.send("evm_setAutomine", [false]);
    for (const keeper of keepers) keeper.start();

    // Feeds report in the coming block: the next second waits for it.
    let posting: Promise<void> = Promise.resolve();
    const strain = new Strain(provider);
    strain.begin();
    const skipped = await live(minutes * 60, async (second) => {
      const price = path.at(second).priceX10;
      strain.look();
      await posting;
      posting = post(price);
      await crowd.live(second, price);
      if (second > 0 && second % KILL_EVERY_SECONDS === 0) {
        await keepers[(second / KILL_EVERY_SECONDS) % keepers.length].killAndStart();
        console.log(`${second} s: ${JSON.stringify(crowd.counts)}`);
      }
    });
    // What is open stays open; everything that waits comes to its end.
    const last = path.at(minutes * 60).priceX10;
    await live(SETTLING_SECONDS, async (second) => {
      await posting;
      posting = post(last);
      await crowd.quote(minutes * 60 + second, last);
    });
    await posting;
    const until = (await provider.getBlock("latest"))?.timestamp ?? 0;
    for (const keeper of keepers) await keeper.end("SIGTERM");
    await provider.send("evm_setAutomine", [true]);

    const report = await reportOf({
      ...{ provider, deployment, options, crowd, nodes, posted, strain, path: path.description, skipped, until },
      kills: keepers.reduce((sum, { kills }) => sum + kills, 0),
    });
    writeFileSync(join(reports, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    console.log(JSON.stringify(report, null, 2));
    const faults = faultsOf(report);
    console.log(faults.length === 0 ? "passed" : `FAILED: ${faults.slice(0, 20).join("; ")}`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    for (const close of closing.reverse()) await close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Second by second of the clock on the wall. What takes longer than its second has the next ones left out: returns how many were.
 */
async function live(seconds: number, during: (second: number) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const now = () => Math.floor((performance.now() - startedAt) / 1_000);
  let lived = 0;
  for (let second = 0; second < seconds; second = Math.max(second + 1, now())) {
    const until = startedAt + (second + 1) * 1_000;
    await during(second);
    lived += 1;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())));
  }
  return seconds - lived;
}

runMain(main);
