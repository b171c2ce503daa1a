/** What every engine of the console's history does, over a chain that is written down. */
import { expect } from "chai";
import { Interface, id, toBeHex, zeroPadValue } from "ethers";
import type { Provider } from "ethers";
import { HistoryIndex } from "../../../scripts/console/history/HistoryIndex";
import { placeOf } from "../../../scripts/console/history/store";
import type { HistoryStore } from "../../../scripts/console/history/store";
import { accessManagerAbi, gridBookAbi, proAbi, proTriggersAbi, tradingAbi } from "../../../sdk/abis";
import { CONTRACT_NAMES } from "../../../sdk/chains/deployment";
import type { Deployment } from "../../../sdk/chains/deployment";

export const [ANNA, BERT] = [
  "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
];
const addresses = CONTRACT_NAMES.map((name, index) => [name, `0x${String(index + 1).padStart(40, "0")}`]);
const contracts = Object.fromEntries(addresses) as Deployment["contracts"];
export const deployment = { chainId: 56, startBlock: 10, contracts };

const topicOf = (abi: ConstructorParameters<typeof Interface>[0], name: string) =>
  new Interface(abi).getEvent(name)?.topicHash ?? "";
export const CANCELLED = topicOf(tradingAbi, "OrderCancelled");
const LIQUIDATED = topicOf(tradingAbi, "TradeLiquidated");
const SCHEDULED = topicOf(accessManagerAbi, "OperationScheduled");
const PAID = topicOf(tradingAbi, "ArmerPaid");

/** A chain whose blocks hold what they are given; a fork has other hashes. */
export class Chain {
  readonly logs: { blockNumber: number; address: string; topics: string[]; transactionHash: string; index: number }[] =
    [];
  readonly asked: number[] = [];
  head = 10;
  fork = { above: Infinity, name: "" };

  add(blockNumber: number, topic: string, owner: string): void {
    this.addTopics(blockNumber, [topic, zeroPadValue("0x07", 32), zeroPadValue(owner, 32)]);
  }

  addTopics(blockNumber: number, topics: string[]): void {
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
export async function hasRead(index: HistoryIndex, block: number): Promise<void> {
  for (let tries = 0; (await index.answer(ANNA, 0, 0)).block < block; tries++) {
    if (tries > 100_000) throw new Error(`block ${block} was not read`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export async function begun(chain: Chain, store: HistoryStore): Promise<HistoryIndex> {
  const index = new HistoryIndex({ provider: chain.provider, deployment, store, pollMs: 1 });
  await index.begin();
  await hasRead(index, chain.head);
  return index;
}

export const blocksOf = async (index: HistoryIndex, of: string): Promise<number[]> =>
  (await index.answer(of, 0, 0)).logs.map(({ blockNumber }) => blockNumber);

/** The same for each engine: `open` begins with what the one before left. */
export function behavesAsHistory(open: () => HistoryStore): void {
  it("keeps each account's events, all liquidations and what governance did, from the deployment on", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    chain.add(12, PAID, ANNA);
    chain.add(13, LIQUIDATED, BERT);
    chain.add(4_999, SCHEDULED, BERT);
    chain.add(5_000, CANCELLED, ANNA);
    const index = await begun(chain, open());
    expect(chain.asked[0]).to.equal(10);
    expect(await blocksOf(index, ANNA)).to.deep.equal([11, 5_000]);
    expect(await blocksOf(index, BERT)).to.deep.equal([13]);
    expect(await blocksOf(index, "liquidations")).to.deep.equal([13]);
    expect(await blocksOf(index, "governance")).to.deep.equal([4_999]);
    const { logs, ...rest } = await index.answer(ANNA, placeOf(chain.logs[0]), 0);
    const place = placeOf(chain.logs[4]);
    const whole = { ...rest, count: logs.length };
    expect(whole).to.deep.equal({ count: 1, since: 10, block: 5_000, hasMore: false, generation: 0, place });
    await index.stop();
  });

  it("keeps what happens in Pro by the account that a scope, an order, a trigger or a grid is of", async () => {
    const chain = new Chain();
    const account = 0x123456_07n;
    const word = (value: bigint) => zeroPadValue(toBeHex(value), 32);
    const told: [abi: ConstructorParameters<typeof Interface>[0], name: string, topics: bigint[]][] = [
      [proAbi, "Deposited", [account, 1n]],
      [proAbi, "Transferred", [account << 8n, ((account + 1n) << 8n) | 3n]],
      // Generation and market stand above the account.
      [proAbi, "OrderFilled", [(account << 8n) | 5n | (9n << 48n) | (2n << 96n), 1n]],
      [proAbi, "ScopeReduced", [(account << 8n) | 2n, 1n]],
      [proAbi, "Deleveraged", [4n << 8n, 1n, account]],
      [proTriggersAbi, "TriggerFired", [(account << 16n) | 0x0102n | (7n << 56n), 1n]],
      [gridBookAbi, "GridEnded", [(account << 8n) | 1n | (3n << 48n), 1n]],
      // A fund is nobody's account.
      [proAbi, "KeeperPaid", [account, 0n]],
      [proAbi, "Marked", [1n]],
    ];
    for (const [at, [abi, name, topics]] of told.entries()) {
      chain.addTopics(11 + at, [topicOf(abi, name), ...topics.map(word)]);
    }
    const index = await begun(chain, open());
    expect(await blocksOf(index, `account-${account}`)).to.deep.equal([11, 12, 13, 14, 15, 16, 17, 18]);
    expect(await blocksOf(index, `account-${account + 1n}`)).to.deep.equal([12]);
    expect(await blocksOf(index, "account-4")).to.deep.equal([15]);
    expect(await blocksOf(index, "account-0")).to.deep.equal([]);
    await index.stop();
  });

  it("answers in parts", async () => {
    const chain = new Chain();
    for (let count = 0; count < 1_500; count++) chain.add(11, CANCELLED, ANNA);
    const index = await begun(chain, open());
    const first = await index.answer(ANNA, 0, 0);
    const second = await index.answer(ANNA, first.place, first.generation);
    const third = await index.answer(ANNA, second.place, second.generation);
    const sizes = [first, second, third].map(({ logs, hasMore }) => [logs.length, hasMore]);
    expect(sizes).to.deep.equal([
      [1_000, true],
      [500, false],
      [0, false],
    ]);
    expect(third.place).to.equal(second.place);
    expect([...first.logs, ...second.logs].map(({ index: at }) => at)).to.deep.equal(
      chain.logs.map((log) => log.index),
    );
    await index.stop();
  });

  it("takes back what a reorganisation undid, and tells everything anew", async () => {
    const chain = new Chain();
    for (const block of [11, 12, 13]) chain.add(block, CANCELLED, ANNA);
    const index = await begun(chain, open());
    const { place } = await index.answer(ANNA, 0, 0);
    chain.logs.pop();
    chain.fork = { above: 12, name: "other" };
    chain.add(14, CANCELLED, ANNA);
    await hasRead(index, 14);
    const { generation, logs } = await index.answer(ANNA, place, 0);
    expect(generation).to.equal(1);
    expect(logs.map(({ blockNumber }) => blockNumber)).to.deep.equal([11, 12, 14]);
    await index.stop();
    const kept = await begun(chain, open());
    expect(await blocksOf(kept, ANNA)).to.deep.equal([11, 12, 14]);
    await kept.stop();
  });

  it("begins anew on a chain that shares no block with what was read", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const index = await begun(chain, open());
    chain.logs.length = 0;
    chain.fork = { above: 0, name: "other" };
    chain.add(12, CANCELLED, BERT);
    await hasRead(index, 12);
    expect([await blocksOf(index, ANNA), await blocksOf(index, BERT)]).to.deep.equal([[], [12]]);
    await index.stop();
  });

  it("reads on from where it came to", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    await (await begun(chain, open())).stop();
    chain.add(12, CANCELLED, ANNA);
    chain.asked.length = 0;
    const index = await begun(chain, open());
    expect(chain.asked).to.deep.equal([12]);
    expect(await blocksOf(index, ANNA)).to.deep.equal([11, 12]);
    await index.stop();
  });
}
