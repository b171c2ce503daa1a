import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Transaction, keccak256 } from "ethers";
import type { Provider, TransactionReceipt } from "ethers";
import { NoFundsError, Sender } from "../../../keeper/send/Sender";
import type { Request, SenderNotice, SenderOptions } from "../../../keeper/send/Sender";
import { thrownBy } from "../../dsl/thrown";
import { walletOf } from "../../dsl/keeperWallet";

const CHAIN_ID = 56n;
const GWEI = 10n ** 9n;
const TARGET = "0x00000000000000000000000000000000000000aa";

/** A chain of one account: what is sent waits until it is mined, the dearest of a number. */
class FakeChain {
  block = 100;
  base = GWEI;
  tip = GWEI;
  waiting: Transaction[] = [];
  mined: { transaction: Transaction; block: number }[] = [];
  /** What the node answers to the next transactions instead of taking them. */
  refusals: string[] = [];
  /** Numbers that are used by somebody else. */
  used = 0;

  mine(): void {
    this.block += 1;
    for (;;) {
      const own = this.waiting.filter(({ nonce }) => nonce === this.count);
      if (own.length === 0) return;
      const [best] = own.sort((a, b) => Number((b.maxFeePerGas ?? 0n) - (a.maxFeePerGas ?? 0n)));
      this.mined.push({ transaction: best, block: this.block });
      this.waiting = this.waiting.filter(({ nonce }) => nonce !== best.nonce);
    }
  }

  /** Takes back the blocks above one; what was in them is lost. */
  takeBack(above: number): void {
    this.mined = this.mined.filter(({ block }) => block <= above);
  }

  get count(): number {
    return this.used + this.mined.length;
  }

  get provider(): Provider & { send(method: string, params: unknown[]): Promise<unknown> } {
    const send = (method: string, params: unknown[]): Promise<unknown> => {
      if (method === "eth_getTransactionCount") {
        const pending = params[1] === "pending" ? new Set(this.waiting.map(({ nonce }) => nonce)).size : 0;
        return Promise.resolve(`0x${(this.count + pending).toString(16)}`);
      }
      const refusal = this.refusals.shift();
      if (refusal !== undefined) return Promise.reject(new Error(refusal));
      this.waiting.push(Transaction.from(params[0] as string));
      return Promise.resolve(keccak256(params[0] as string));
    };
    const getTransactionReceipt = (hash: string): Promise<TransactionReceipt | null> => {
      const found = this.mined.find(({ transaction }) => transaction.hash === hash);
      return Promise.resolve(found ? ({ hash, blockNumber: found.block, status: 1 } as TransactionReceipt) : null);
    };
    return {
      send,
      getTransactionReceipt,
      getBlockNumber: () => Promise.resolve(this.block),
      getBlock: () => Promise.resolve({ baseFeePerGas: this.base }),
      getFeeData: () =>
        Promise.resolve({
          maxFeePerGas: 2n * this.base + this.tip,
          maxPriorityFeePerGas: this.tip,
          gasPrice: this.base,
        }),
    } as unknown as Provider & { send(method: string, params: unknown[]): Promise<unknown> };
  }
}

function senderOn(chain: FakeChain, options: Partial<SenderOptions> = {}) {
  const notices: SenderNotice[] = [];
  const sender = new Sender(chain.provider, walletOf(1), CHAIN_ID, {
    ...{
      maxInFlight: 3,
      stuckMs: 20,
      maxFeePerGas: 100n * GWEI,
      maxTip: 100n * GWEI,
      privatePatienceMs: 300,
      timeoutMs: 1_000,
    },
    ...{ onNotice: (notice: SenderNotice) => void notices.push(notice), ...options },
  });
  return { sender, notices, kinds: () => notices.map(({ kind }) => kind) };
}

function requestOf(key: string, until = Infinity, worth = 100n * GWEI): Request {
  const price = { maxFeePerGas: 3n * GWEI, maxPriorityFeePerGas: GWEI, expected: 2n * GWEI };
  return { to: TARGET, data: "0x1234", value: 0n, gasLimit: 100_000n, price, worth, keys: [key], until };
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("Sender", () => {
  it("numbers what it sends, and tells what was mined", async () => {
    const chain = new FakeChain();
    const { sender, kinds } = senderOn(chain);
    const places: [boolean, boolean][] = [];
    for (const key of ["a", "b", "c"]) {
      places.push([sender.isHalfFull(), sender.isFull()]);
      await sender.submit(requestOf(key));
    }
    // Of three places the third is kept for what is paid for.
    expect([...places, [sender.isHalfFull(), sender.isFull()]]).to.deep.equal([
      [false, false],
      [false, false],
      [true, false],
      [true, true],
    ]);
    expect(chain.waiting.map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2]);
    chain.mine();
    const settled = await sender.tend(0);
    expect(settled.map(({ request, receipt }) => [request.keys[0], receipt?.blockNumber])).to.deep.equal([
      ["a", 101],
      ["b", 101],
      ["c", 101],
    ]);
    expect(sender.inFlight).to.equal(0);
    expect(kinds()).to.deep.equal(["sent", "sent", "sent"]);
    expect(await sender.tend(0)).to.deep.equal([]);
  });

  it("bids more for one that is stuck, by an eighth and a little, up to the most that is paid", async () => {
    const chain = new FakeChain();
    const { sender, kinds } = senderOn(chain, { maxFeePerGas: 4n * GWEI });
    await sender.submit(requestOf("a"));
    await passed(25);
    await sender.tend(0);
    const [first, second] = chain.waiting;
    expect(second.nonce).to.equal(first.nonce);
    expect(second.data).to.equal(first.data);
    expect(second.maxPriorityFeePerGas).to.equal((GWEI * 113n) / 100n + 1n);
    expect(second.maxFeePerGas).to.equal((3n * GWEI * 113n) / 100n + 1n);
    await passed(25);
    await sender.tend(0);
    await passed(25);
    await sender.tend(0);
    expect(kinds()).to.deep.equal(["sent", "raised", "raised", "tooDear"].slice(0, kinds().length));
    expect(kinds()).to.include("tooDear");
    chain.mine();
    expect((await sender.tend(0)).length).to.equal(1);
  });

  it("ends one that is stuck and has become useless, by one that does nothing", async () => {
    const chain = new FakeChain();
    const { sender, kinds } = senderOn(chain);
    await sender.submit(requestOf("a", 1_000));
    await passed(25);
    await sender.tend(1_001);
    expect(kinds()).to.deep.equal(["sent", "cancelled"]);
    const last = chain.waiting[chain.waiting.length - 1];
    expect([last.to, last.data, last.gasLimit]).to.deep.equal([sender.wallet.address, "0x", 21_000n]);
    chain.mine();
    const [{ receipt }] = await sender.tend(1_002);
    expect(receipt).to.equal(undefined);
  });

  it("bids no more than the work is worth, and waits for the market where nothing waits for it", async () => {
    const chain = new FakeChain();
    const { sender, kinds } = senderOn(chain);
    await sender.submit(requestOf("a", Infinity, 10n * GWEI));
    chain.tip = 40n * GWEI;
    await passed(25);
    await sender.tend(0);
    expect(chain.waiting.length).to.equal(1);
    chain.tip = 5n * GWEI;
    await passed(25);
    await sender.tend(0);
    expect(chain.waiting.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas)).to.deep.equal([GWEI, 5n * GWEI]);
    expect(kinds()).to.deep.equal(["sent", "tooDear", "raised"]);
  });

  it("ends one that would cost more than it is worth, where others wait for its number", async () => {
    const chain = new FakeChain();
    const { sender, kinds } = senderOn(chain);
    await sender.submit(requestOf("a", Infinity, 10n * GWEI));
    await sender.submit(requestOf("b", Infinity, 90n * GWEI));
    chain.tip = 40n * GWEI;
    await passed(25);
    await sender.tend(0);
    expect(kinds()).to.deep.equal(["sent", "sent", "cancelled", "raised"]);
    chain.mine();
    const settled = await sender.tend(0);
    expect(settled.map(({ request, receipt }) => [request.keys[0], receipt?.blockNumber])).to.deep.equal([
      ["a", undefined],
      ["b", 101],
    ]);
  });

  it("sends again what a reorganisation undid and nodes have lost", async () => {
    const chain = new FakeChain();
    const { sender, kinds } = senderOn(chain);
    await sender.submit(requestOf("a"));
    chain.mine();
    await sender.tend(0);
    chain.takeBack(100);
    await sender.tend(0);
    expect(kinds()).to.deep.equal(["sent", "again"]);
    expect(chain.waiting.length).to.equal(1);
    chain.mine();
    expect((await sender.tend(0)).map(({ receipt }) => receipt?.blockNumber)).to.deep.equal([102]);
  });

  it("ends what a former process left in the way", async () => {
    const chain = new FakeChain();
    const former = senderOn(chain);
    await former.sender.submit(requestOf("former"));
    // Of which the node has lost the first; a new process counts from the second on.
    const later = senderOn(chain);
    await later.sender.submit(requestOf("later"));
    expect(chain.waiting.map(({ nonce }) => nonce)).to.deep.equal([0, 1]);
    chain.waiting = chain.waiting.filter(({ nonce }) => nonce !== 0);
    chain.mine();
    await later.sender.tend(0);
    await passed(25);
    await later.sender.tend(0);
    chain.mine();
    const settled = await later.sender.tend(0);
    expect(settled.map(({ request }) => request.keys)).to.deep.include(["later"]);
    expect(chain.mined.length).to.equal(2);
  });

  it("counts anew where another program has used a number", async () => {
    const chain = new FakeChain();
    const { sender } = senderOn(chain);
    await sender.submit(requestOf("a"));
    chain.mine();
    await sender.tend(0);
    chain.used = 3;
    chain.refusals = ["nonce too low"];
    expect((await thrownBy(sender.submit(requestOf("b")))).message).to.match(/nonce too low/);
    await sender.submit(requestOf("c"));
    expect(chain.waiting[0].nonce).to.equal(4);
  });

  it("takes a transaction that the node knows already for sent", async () => {
    const chain = new FakeChain();
    chain.refusals = ["already known"];
    const { sender, kinds } = senderOn(chain);
    await sender.submit(requestOf("a"));
    expect(kinds()).to.deep.equal(["sent"]);
    expect(sender.inFlight).to.equal(1);
  });

  it("says so where the account can't pay, and keeps the number", async () => {
    const chain = new FakeChain();
    chain.refusals = ["insufficient funds for gas * price + value"];
    const { sender } = senderOn(chain);
    const error = await thrownBy(sender.submit(requestOf("a")));
    expect(error).to.be.instanceOf(NoFundsError);
    expect(error.message).to.contain(sender.wallet.address);
    await sender.submit(requestOf("b"));
    expect(chain.waiting[0].nonce).to.equal(0);
  });

  it("leaves no number out where the account can't pay for one while another is on its way", async () => {
    const chain = new FakeChain();
    const { sender } = senderOn(chain);
    await sender.submit(requestOf("a"));
    chain.refusals = ["insufficient funds for gas * price + value"];
    expect(await thrownBy(sender.submit(requestOf("b")))).to.be.instanceOf(NoFundsError);
    await sender.submit(requestOf("c"));
    expect(chain.waiting.map(({ nonce }) => nonce)).to.deep.equal([0, 1]);
  });

  describe("with a private node", () => {
    let server: Server;
    let received: string[];
    let url: string;

    beforeEach(async () => {
      received = [];
      server = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += String(chunk)));
        request.on("end", () => {
          received.push((JSON.parse(body) as { params: string[] }).params[0]);
          response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0x" }));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => server.closeAllConnections());
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    it("sends there alone, and to everybody once its patience is over", async () => {
      const chain = new FakeChain();
      const { sender, notices } = senderOn(chain, { privateUrl: url });
      await sender.submit(requestOf("a"));
      expect(received.length).to.equal(1);
      expect(chain.waiting).to.deep.equal([]);
      expect(notices[0]).to.include({ kind: "sent", isPrivate: true });
      await passed(25);
      await sender.tend(0);
      expect(chain.waiting).to.deep.equal([]);
      await passed(300);
      await sender.tend(0);
      expect(chain.waiting.map(({ nonce }) => nonce)).to.deep.equal([0]);
    });

    it("sends to everybody what was sent there, after its own patience", async () => {
      const chain = new FakeChain();
      const { sender, kinds } = senderOn(chain, { privateUrl: url, privatePatienceMs: 20, stuckMs: 60_000 });
      await sender.submit(requestOf("a"));
      await passed(25);
      await sender.tend(0);
      expect(chain.waiting.map(({ hash }) => hash)).to.deep.equal(received.map((raw) => keccak256(raw)));
      await passed(25);
      await sender.tend(0);
      expect([chain.waiting.length, kinds()]).to.deep.equal([1, ["sent"]]);
    });

    it("ends one that has become useless there, and does not show it", async () => {
      const chain = new FakeChain();
      const { sender } = senderOn(chain, { privateUrl: url, privatePatienceMs: 20 });
      await sender.submit(requestOf("a", 1_000));
      await passed(25);
      await sender.tend(1_001);
      expect(chain.waiting.map(({ data }) => data)).to.deep.equal(["0x"]);
    });
  });
});
