import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Interface, id, zeroPadValue } from "ethers";
import type { Provider } from "ethers";
import { HistoryIndex } from "../../../scripts/console/history";
import { ExplainedError } from "../../../scripts/lib/main";
import { accessManagerAbi, tradingAbi } from "../../../sdk/abis";
import { CONTRACT_NAMES } from "../../../sdk/chains/deployment";
import type { Deployment } from "../../../sdk/chains/deployment";

const [ANNA, BERT] = ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"];
const addresses = CONTRACT_NAMES.map((name, index) => [name, `0x${String(index + 1).padStart(40, "0")}`]);
const contracts = Object.fromEntries(addresses) as Deployment["contracts"];
const deployment = { chainId: 56, startBlock: 10, contracts };

const topicOf = (abi: ConstructorParameters<typeof Interface>[0], name: string) =>
  new Interface(abi).getEvent(name)?.topicHash ?? "";
const CANCELLED = topicOf(tradingAbi, "OrderCancelled");
const LIQUIDATED = topicOf(tradingAbi, "TradeLiquidated");
const SCHEDULED = topicOf(accessManagerAbi, "OperationScheduled");
const PAID = topicOf(tradingAbi, "ArmerPaid");

/** A chain whose blocks hold what they are given; a fork has other hashes. */
class Chain {
  readonly logs: { blockNumber: number; address: string; topics: string[]; transactionHash: string; index: number }[] =
    [];
  readonly asked: number[] = [];
  head = 10;
  fork = { above: Infinity, name: "" };

  add(blockNumber: number, topic: string, owner: string): void {
    const topics = [topic, zeroPadValue("0x07", 32), zeroPadValue(owner, 32)];
    const index = this.logs.length;
    this.logs.push({ blockNumber, address: contracts.trading, topics, transactionHash: id(String(index)), index });
    this.head = Math.max(this.head, blockNumber);
  }

  get provider(): Provider {
    const hashOf = (number: number) => id(`${number > this.fork.above ? this.fork.name : ""} ${number}`);
    return {
      getBlockNumber: () => Promise.resolve(this.head),
      getBlock: (number: number) => Promise.resolve({ number, hash: hashOf(number), timestamp: number }),
      getLogs: ({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) => {
        this.asked.push(fromBlock);
        const within = this.logs.filter(({ blockNumber }) => blockNumber >= fromBlock && blockNumber <= toBlock);
        return Promise.resolve(within.map((log) => ({ ...log, data: "0x", blockHash: hashOf(log.blockNumber) })));
      },
    } as unknown as Provider;
  }
}

/** Waits until the index has read a block. */
async function hasRead(index: HistoryIndex, block: number): Promise<void> {
  for (let tries = 0; index.answer(ANNA, 0, 0).block < block; tries++) {
    if (tries > 100_000) throw new Error(`block ${block} was not read`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const blocksOf = (index: HistoryIndex, of: string) => index.answer(of, 0, 0).logs.map(({ blockNumber }) => blockNumber);

describe("console: history", () => {
  let folder: string;
  const file = () => join(folder, "history.jsonl");
  const begun = async (chain: Chain, options: { file?: string } = {}) => {
    const index = new HistoryIndex({ provider: chain.provider, deployment, pollMs: 1, ...options });
    index.begin();
    await hasRead(index, chain.head);
    return index;
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "asterism-history-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("keeps each account's events, all liquidations and what governance did, from the deployment on", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    chain.add(12, PAID, ANNA);
    chain.add(13, LIQUIDATED, BERT);
    chain.add(4_999, SCHEDULED, BERT);
    chain.add(5_000, CANCELLED, ANNA);
    const index = await begun(chain);
    await index.stop();
    expect(chain.asked[0]).to.equal(10);
    expect(blocksOf(index, ANNA)).to.deep.equal([11, 5_000]);
    expect(blocksOf(index, BERT)).to.deep.equal([13]);
    expect(blocksOf(index, "liquidations")).to.deep.equal([13]);
    expect(blocksOf(index, "governance")).to.deep.equal([4_999]);
    const { logs, since, block, hasMore } = index.answer(ANNA, 1, 0);
    expect({ count: logs.length, since, block, hasMore }).to.deep.equal({
      count: 1,
      since: 10,
      block: 5_000,
      hasMore: false,
    });
  });

  it("answers in parts", async () => {
    const chain = new Chain();
    for (let count = 0; count < 1_500; count++) chain.add(11, CANCELLED, ANNA);
    const index = await begun(chain);
    await index.stop();
    const [first, second] = [index.answer(ANNA, 0, 0), index.answer(ANNA, 1_000, 0)];
    expect([first.logs.length, first.hasMore, second.logs.length, second.hasMore]).to.deep.equal([
      1_000,
      true,
      500,
      false,
    ]);
  });

  it("takes back what a reorganisation undid, and tells everything anew", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    chain.add(12, CANCELLED, ANNA);
    chain.add(13, CANCELLED, ANNA);
    const index = await begun(chain, { file: file() });
    chain.logs.pop();
    chain.fork = { above: 12, name: "other" };
    chain.add(14, CANCELLED, ANNA);
    await hasRead(index, 14);
    await index.stop();
    const { generation, logs } = index.answer(ANNA, 3, 0);
    expect(generation).to.equal(1);
    expect(logs.map(({ blockNumber }) => blockNumber)).to.deep.equal([11, 12, 14]);
    const kept = await begun(chain, { file: file() });
    await kept.stop();
    expect(blocksOf(kept, ANNA)).to.deep.equal([11, 12, 14]);
  });

  it("begins anew on a chain that shares no block with what was read", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const index = await begun(chain, { file: file() });
    chain.logs.length = 0;
    chain.fork = { above: 0, name: "other" };
    chain.add(12, CANCELLED, BERT);
    await hasRead(index, 12);
    await index.stop();
    expect([blocksOf(index, ANNA), blocksOf(index, BERT)]).to.deep.equal([[], [12]]);
  });

  it("reads on from where its file ends, without what was cut off", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    await (await begun(chain, { file: file() })).stop();
    const whole = readFileSync(file(), "utf8");
    writeFileSync(file(), `${whole}${JSON.stringify({ ...chain.logs[0], blockNumber: 12, data: "0x" })}\n{"addre`);
    chain.add(12, CANCELLED, ANNA);
    chain.asked.length = 0;
    const index = await begun(chain, { file: file() });
    await index.stop();
    expect(chain.asked).to.deep.equal([12]);
    expect(blocksOf(index, ANNA)).to.deep.equal([11, 12]);
    expect(readFileSync(file(), "utf8").trim().split("\n")).to.have.lengthOf(3);
  });

  it("takes no file of another system", () => {
    writeFileSync(file(), "{}\n");
    const open = () => new HistoryIndex({ provider: new Chain().provider, deployment, pollMs: 1, file: file() });
    expect(open).to.throw(ExplainedError, `${file()} is the history of another system, or none: name another file`);
  });
});
