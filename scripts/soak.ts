/**
 * Two keepers for some minutes of a crash, with everything that goes wrong around them:
 *
 *   npm run soak -- [--chain bnb] [--minutes 30] [--traders 500] [--rate 6] [--seed 1] [--reports reports/soak]
 *
 * A replica in another process has the recorded cascade at one second, or a generated one where it is not at hand. The keepers see it
 * through nodes that fail, fall silent, lag and tell old heads, and one of them is killed each minute and started again. In the end no
 * order may be stuck and nothing executed twice, every liquidation within the age of its tick and none missed, nearly all market orders
 * filled in their time, and the ledger balanced.
 * Exits with 1 otherwise.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { HDNodeWallet, JsonRpcProvider } from "ethers";
import { readDeployment } from "../sdk/chains/deployment";
import { formatPrice } from "../sdk/units";
import { CHAINS, parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { runMain } from "./lib/main";
import { defaultPrices, readWindow } from "./replay/window";
import { ReplicaProcess } from "./sdk/replicaProcess";
import { FaultyNode } from "./soak/faultyNode";
import { KeeperProcess } from "./soak/keeperProcess";
import { Traders } from "./soak/traders";
import { judge } from "./soak/verdict";
import type { PostedPrice, Verdict } from "./soak/verdict";

const MNEMONIC = "test test test test test test test test test test test junk";
const KEEPERS = [8, 9];
const CHAIN_IDS = { bnb: 56, arbitrum: 42_161 } as const;
const KILL_EVERY_SECONDS = 60;
/** After the last order: what waits is filled, what does not fill expires and is returned. */
const SETTLING_SECONDS = 75;
/** Market orders that nobody filled in their half minute, of 1: what was placed while a keeper was being started may be among them. */
const MAX_EXPIRED = 0.1;

interface Options {
  chain: ChainKey;
  minutes: number;
  traders: number;
  /** Orders and the like of a second. */
  rate: number;
  seed: number;
  reports: string;
}

interface Report extends Omit<Verdict, "lateness"> {
  readonly minutes: number;
  readonly traders: number;
  readonly path: string;
  readonly acts: unknown;
  readonly faults: unknown;
  readonly kills: number;
  readonly latenessSeconds: { median: number; p95: number; max: number; count: number };
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
  const { chain, minutes, seed } = options;
  const scratch = mkdtempSync(join(tmpdir(), "asterism-soak-"));
  mkdirSync(options.reports, { recursive: true });
  const replica = new ReplicaProcess(chain, join(scratch, "record.json"));
  const closing: (() => Promise<unknown>)[] = [() => replica.stop()];
  try {
    await replica.ready();
    const { RPC_URL, HERMES_URL, DEPLOYMENT } = replica.environment;
    const deployment = readDeployment(JSON.parse(readFileSync(DEPLOYMENT, "utf8")));
    const provider = new JsonRpcProvider(RPC_URL, CHAIN_IDS[chain], { staticNetwork: true, cacheTimeout: -1 });
    provider.pollingInterval = 100;
    closing.push(() => Promise.resolve(provider.destroy()));
    const nodes = [new FaultyNode(RPC_URL, seed), new FaultyNode(RPC_URL, seed + 1)];
    const urls = await Promise.all(nodes.map((node) => node.listen()));
    closing.push(...nodes.map((node) => () => node.close()));
    const keepers = KEEPERS.map((account, index) => {
      const { privateKey } = HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${account}`);
      const nodesOf = index === 0 ? urls : [...urls].reverse();
      return new KeeperProcess({
        ...{ chain, nodes: nodesOf, prices: HERMES_URL, record: DEPLOYMENT, privateKey },
        ...{ state: join(scratch, `state-${index}.json`), share: `${index}/${KEEPERS.length}` },
        log: join(options.reports, `keeper-${index}.jsonl`),
      });
    });
    closing.push(...keepers.map((keeper) => () => keeper.end("SIGKILL")));
    for (const [index] of keepers.entries()) writeFileSync(join(options.reports, `keeper-${index}.jsonl`), "");
    const traders = new Traders(provider, chain, deployment, options.traders, seed);
    await traders.prepare();
    for (const keeper of keepers) keeper.start();

    const path = readWindow({ prices: defaultPrices(), seed, from: undefined, seconds: minutes * 60 });
    const posted: PostedPrice[] = [];
    const post = async (price: bigint) => {
      const body = JSON.stringify({ BTC: formatPrice(price) });
      await fetch(`${HERMES_URL}/prices`, { method: "POST", body });
      posted.push({ time: (await provider.getBlock("latest"))?.timestamp ?? 0, price });
    };
    await live(minutes * 60, async (second) => {
      const price = path.at(second).priceX10;
      await post(price);
      for (let act = 0; act < options.rate; act++) await traders.act(price);
      if (second > 0 && second % KILL_EVERY_SECONDS === 0) {
        await keepers[(second / KILL_EVERY_SECONDS) % keepers.length].killAndStart();
        console.log(`${second} s: ${JSON.stringify(traders.counts)}`);
      }
    });
    // What is open stays open; everything that waits comes to its end.
    await live(SETTLING_SECONDS, () => post(path.at(minutes * 60).priceX10));
    for (const keeper of keepers) await keeper.end("SIGTERM");

    const { lateness, ...verdict } = await judge(provider, chain, deployment, posted);
    const at = (share: number) => lateness[Math.min(lateness.length - 1, Math.floor(lateness.length * share))] ?? 0;
    const report: Report = {
      ...{ minutes, traders: options.traders, path: path.description, acts: traders.counts },
      faults: nodes.map(({ counts }) => counts),
      kills: keepers.reduce((sum, { kills }) => sum + kills, 0),
      latenessSeconds: { median: at(0.5), p95: at(0.95), max: at(1), count: lateness.length },
      ...verdict,
    };
    writeFileSync(join(options.reports, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    console.log(JSON.stringify(report, null, 2));
    const faults = [report.twice, report.stuck, report.missed, report.unbalanced].flat();
    const { placed, expired } = report.marketOrders;
    if (expired > placed * MAX_EXPIRED)
      faults.push(`${expired} of ${placed} market orders were not filled in their time`);
    if (report.latenessSeconds.count === 0) faults.push("nothing was liquidated: the run shows nothing");
    console.log(faults.length === 0 ? "passed" : `FAILED: ${faults.slice(0, 20).join("; ")}`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    for (const close of closing.reverse()) await close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Second by second of the clock on the wall; what takes longer makes the next one late. */
async function live(seconds: number, during: (second: number) => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  for (let second = 0; second < seconds; second++) {
    await during(second);
    const next = startedAt + (second + 1) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
}

runMain(main);
