import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Provider } from "ethers";
import { AbiCoder } from "ethers";
import { ConfigError, readConfig } from "../../../keeper/config";
import { settingsOf } from "../../../keeper/main";
import { ArbitrumDataFee, bid, marketPrice, raised } from "../../../keeper/send/fees";
import { usdOf, usdToWei, weiToUsd, worthOf } from "../../../keeper/send/profit";
import { ProIndexer } from "../../../keeper/pro/ProIndexer";
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from "../../../keeper/state/checkpoint";
import { readIfThere, writeAtomically } from "../../../keeper/state/files";
import { TickBook } from "../../../keeper/ticks/TickBook";
import type { Tick, TickNotice } from "../../../keeper/ticks/TickBook";
import { batchesOf } from "../../../keeper/work/batches";
import type { Work } from "../../../keeper/work/batches";
import { Crossings } from "../../../keeper/work/Crossings";
import { liquidationTickEnd } from "../../../keeper/work/lives";
import { BetIndexer } from "../../../sdk/betIndexer";
import { TradingIndexer } from "../../../sdk/indexer";

const GWEI = 10n ** 9n;
const KEY = `0x${"1".repeat(64)}`;
const LEAST = { chain: "bnb", rpc: ["http://127.0.0.1:8545"], hermes: ["http://127.0.0.1:8546"], privateKey: KEY };

function tick(publishTime: number, rest: Partial<Tick> = {}): Tick {
  return { assetId: 1, price: 100n, confidence: 1n, publishTime, previous: publishTime - 1, updateData: [], ...rest };
}

function problemsOf(input: unknown): readonly string[] {
  try {
    readConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

describe("settings", () => {
  it("have defaults", () => {
    expect(readConfig(LEAST)).to.deep.include({ pollMs: 400, dryRun: false });
    expect(readConfig(LEAST).fees.maxFeeGwei).to.equal(50n * GWEI);
  });

  for (const [what, change, said] of [
    ["a chain that there is not", { chain: "ethereum" }, "chain: write bnb or arbitrum"],
    [
      "no node",
      { rpc: [] },
      "rpc: write a list of at least one node's address; with two, each is checked against the other",
    ],
    [
      "a node without an address",
      { rpc: ["localhost"] },
      'rpc.0: "localhost" is no address of a node: write one such as http://127.0.0.1:8545',
    ],
    [
      "a short key",
      { privateKey: "0x12" },
      "privateKey: the private key is 0x and 64 hexadecimal digits: set ASTERISM_KEEPER_KEY",
    ],
    [
      "no key",
      { privateKey: undefined },
      "no key signs: set ASTERISM_KEEPER_KEY to a private key, or ask for a dry run",
    ],
    ["a name that means nothing", { polMs: 3 }, "no setting is called polMs"],
    ["a name that means nothing further in", { fees: { maxGwei: "1" } }, "fees: no setting is called maxGwei"],
    ["a number out of bounds", { pollMs: 1 }, "pollMs: write at least 50"],
    ["gwei as a number", { fees: { maxFeeGwei: 3 } }, 'fees.maxFeeGwei: write gwei as text, such as "0.5"'],
    ["no price service", { hermes: undefined }, "hermes: write a list of at least one price service's address"],
    ["gwei that is none", { fees: { maxFeeGwei: "a lot" } }, 'fees.maxFeeGwei: write gwei as text, such as "0.5"'],
    ["a share of nothing", { share: { index: 2, count: 2 } }, "share: write an index below the count, such as 0 of 2"],
  ] as const) {
    it(`say what to write for ${what}`, () => {
      const problems = problemsOf({ ...LEAST, ...change });
      expect(problems.length).to.equal(1);
      expect(problems[0]).to.equal(said);
    });
  }

  it("tell all that is wrong at once", () => {
    expect(problemsOf({ chain: "x", rpc: [], hermes: [] }).length).to.equal(3);
  });

  it("come from options before those of a file, and the keys from the environment alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "asterism-settings-"));
    const config = join(folder, "settings.json");
    writeFileSync(config, JSON.stringify({ chain: "bnb", pollMs: 100, send: { maxInFlight: 2 } }));
    const env = { ASTERISM_KEEPER_KEY: KEY, ASTERISM_HERMES_KEY: "secret" };
    const flags = { config, chain: "arbitrum", hermes: ["http://h"], privateRpc: "http://p", share: "1/3" };
    expect(settingsOf(flags, env)).to.deep.equal({
      ...{ chain: "arbitrum", pollMs: 100, hermes: [{ url: "http://h", key: "secret" }], privateKey: KEY },
      ...{ send: { maxInFlight: 2, privateRpc: "http://p" }, share: { index: 1, count: 3 } },
    });
    writeFileSync(config, JSON.stringify({ privateKey: KEY }));
    expect(() => settingsOf({ config }, {})).to.throw(ConfigError, /set ASTERISM_KEEPER_KEY/);
    writeFileSync(config, "{");
    expect(() => settingsOf({ config }, {})).to.throw(ConfigError, /is no JSON/);
    expect(() => settingsOf({ config: join(folder, "none") }, {})).to.throw(ConfigError, /can't be read/);
    expect(() => settingsOf({ share: "2" }, {})).to.throw(ConfigError, /write 0\/2/);
    rmSync(folder, { recursive: true });
  });
});

describe("the state's file", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "asterism-state-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is what was written last, with nothing else beside it", () => {
    const path = join(folder, "deep", "state.json");
    expect(readIfThere(path)).to.equal(undefined);
    writeAtomically(path, "one");
    writeAtomically(path, "two");
    expect(readIfThere(path)).to.equal("two");
    expect(readdirSync(join(folder, "deep"))).to.deep.equal(["state.json"]);
  });

  it("stays as it was where it can't be written", () => {
    const path = join(folder, "state.json");
    writeAtomically(path, "one");
    // A folder in the way of the draft, as a full disk would be.
    mkdirSync(`${path}.${process.pid}.new`);
    expect(() => writeAtomically(path, "two")).to.throw(/EISDIR/);
    expect(readFileSync(path, "utf8")).to.equal("one");
  });

  it("brings back what was known, to the last digit", () => {
    const trades = new TradingIndexer();
    trades.listToken("0xToken", 3n);
    const head = {
      owner: "0xOwner",
      bookId: 1n,
      tokenId: 3n,
      isLong: true,
      asNative: false,
      leverage: 1001n,
      broker: 0n,
    };
    const order = { requestedAt: 1n, expiry: 2n, amount: 2n ** 90n + 1n, price: 0n, isLimit: false, cancelledAt: 0n };
    trades.orders.set(7n, { ...head, takeProfit: 0n, stopLoss: 0n, ...order });
    trades.closes.set(8n, { word: 2n ** 159n, target: 5n, expiry: 6n, former: 0n, kind: 1n });
    const bets = new BetIndexer();
    bets.listToken("0xToken", 1n);
    const book = new ProIndexer();
    book.lots.set(1, new Map([[256n, -(2n ** 47n)]]));
    book.isolated.set(0, new Set([257n]));
    book.putOrder(2n ** 103n, { isBid: true, isReduceOnly: false, tick: 60_000n, lots: 9n, expiry: 5 });
    book.triggers.set(2n ** 95n, {
      ...{ account: 256n, market: 1, kind: 2, isBuy: false, tick: 0n, callbackPips: 1_000n },
      ...{ expiry: 0, changedAt: 7, tip: 10n ** 17n },
    });
    book.distress.set(65_536n, { since: 3, adlSince: 0 });
    book.grids.set(65_537n, {
      ...{ id: 2n ** 48n + 65_537n, account: 256n, market: 1, lots: 10n, most: 40n, low: 1n, high: 9n },
      ...{ stopLow: 0n, stopHigh: 12n, position: -5n, bidLots: 20n, askLots: 15n, held: 15n, paidHeld: 20n },
      ...{ rolledAt: 7, reducedAt: 0, isUnpaid: true },
    });
    book.markets.set(1, {
      ...{ assetId: 2, tickSize: 10n ** 9n, lotSize: 10n ** 6n },
      ...{ maxDeviationPips: 3_000, liquidationFeePips: 500, status: 1 },
    });
    const tick = {
      assetId: 2,
      price: 3n * 10n ** 13n,
      confidence: 0n,
      publishTime: 12,
      previous: 11,
      updateData: ["0x1"],
    };
    const peaks = [{ id: 2n ** 95n, clock: 10, tick }];
    const text = encodeCheckpoint({
      ...{ chainId: 56, trading: "0xT", prediction: "0xP", pro: "0xO", proTriggers: "0xR", gridBook: "0xG" },
      ...{ block: { number: 9, hash: "0x9" }, trades, bets, book, peaks },
    });
    const back = decodeCheckpoint(text);
    expect(back.book).to.deep.equal(book);
    expect(back.peaks).to.deep.equal(peaks);
    expect([back.pro, back.proTriggers, back.gridBook]).to.deep.equal(["0xO", "0xR", "0xG"]);
    expect(back.trades.orders).to.deep.equal(trades.orders);
    expect(back.trades.closes).to.deep.equal(trades.closes);
    expect([...back.trades.tokens]).to.deep.equal([["0xToken", 3n]]);
    expect([...back.bets.tokens]).to.deep.equal([["0xToken", 1n]]);
    expect(back.block).to.deep.equal({ number: 9, hash: "0x9" });
  });

  it("is refused where it was cut short, or is another's or of a former version", () => {
    expect(() => decodeCheckpoint('{"format":4,"chainId":56')).to.throw(CheckpointError, /JSON/);
    expect(() => decodeCheckpoint('{"format":3}')).to.throw(CheckpointError, /Invalid input: expected 4/);
    expect(() => decodeCheckpoint('{"format":4}')).to.throw(CheckpointError, /chainId/);
    expect(existsSync(folder)).to.equal(true);
  });
});

describe("TickBook", () => {
  it("finds the first tick at or after a time, where one proves that it is", () => {
    const book = new TickBook();
    book.add(tick(10));
    book.add(tick(13, { previous: 11 }));
    expect(book.firstAt(1, 10)?.publishTime).to.equal(10);
    expect(book.firstAt(1, 11)).to.equal(undefined);
    expect(book.firstAt(1, 12)?.publishTime).to.equal(13);
    expect(book.firstAt(1, 14)).to.equal(undefined);
    expect(book.firstAt(2, 10)).to.equal(undefined);
  });

  it("takes of several prices of a second the first as the first, and the same message once", () => {
    const notices: TickNotice[] = [];
    const book = new TickBook((notice) => void notices.push(notice));
    expect(book.add(tick(10, { price: 5n }))).to.equal(true);
    expect(book.add(tick(10, { price: 5n }))).to.equal(false);
    expect(book.add(tick(10, { price: 6n, previous: 10 }))).to.equal(true);
    expect(book.firstAt(1, 10)?.price).to.equal(5n);
    expect(book.latest(1)?.price).to.equal(6n);
    expect(notices).to.deep.equal([{ kind: "sameSecond", assetId: 1, at: 10 }]);
  });

  it("tells of a tick that was left out, and of one that names a later one as the one before", () => {
    const notices: TickNotice[] = [];
    const book = new TickBook((notice) => void notices.push(notice));
    book.add(tick(10));
    book.add(tick(13));
    expect(book.add(tick(14, { previous: 15 }))).to.equal(false);
    expect(notices).to.deep.equal([
      { kind: "gap", assetId: 1, from: 10, to: 12 },
      { kind: "disorder", assetId: 1, at: 14, previous: 15 },
    ]);
  });

  it("puts late ones in their place, and forgets what can do nothing any more", () => {
    const book = new TickBook();
    for (const time of [10, 12, 11]) book.add(tick(time));
    expect(book.all(1).map(({ publishTime }) => publishTime)).to.deep.equal([10, 11, 12]);
    book.add(tick(86));
    expect(book.all(1).map(({ publishTime }) => publishTime)).to.deep.equal([11, 12, 86]);
    expect(book.add(tick(87, { price: 0n }))).to.equal(false);
  });
});

describe("Crossings", () => {
  it("try the tick that crossed first, then the one that went furthest, then the latest, while each lives", () => {
    const crossings = new Crossings();
    const ticks = [tick(10, { price: 90n }), tick(12, { price: 80n }), tick(14, { price: 85n })];
    for (const each of ticks) crossings.add("liquidation", 1, each, each.publishTime + 30, true);
    const at = (now: number) => [...crossings.live("liquidation", now)].flatMap((each) => each.ticks);
    expect(at(14)).to.deep.equal([ticks[0], ticks[1], ticks[2]]);
    expect(at(11)).to.deep.equal([ticks[0]]);
    expect(at(40)).to.deep.equal([ticks[0], ticks[1], ticks[2]]);
    expect(at(41)).to.deep.equal([ticks[1], ticks[2]]);
    expect(at(43)).to.deep.equal([ticks[2]]);
    expect(at(45)).to.deep.equal([]);
    expect(crossings.size).to.equal(0);
  });

  it("forget a tick that can't be proven", () => {
    const crossings = new Crossings();
    const [bad, good] = [tick(10), tick(11)];
    for (const each of [bad, good]) crossings.add("trigger", 1, each, 20);
    crossings.drop(bad);
    expect([...crossings.live("trigger", 12)]).to.deep.equal([{ id: 1, ticks: [good] }]);
  });
});

describe("the life of a tick", () => {
  it("is half a minute, and a minute where a close shields it or the one before it had", () => {
    const close = { word: 0n, target: 100n, expiry: 130n, former: 0n, kind: 3n };
    expect(liquidationTickEnd(99, undefined)).to.equal(129);
    expect(liquidationTickEnd(99, close)).to.equal(129);
    expect(liquidationTickEnd(100, close)).to.equal(160);
    expect(liquidationTickEnd(130, close)).to.equal(190);
    expect(liquidationTickEnd(131, close)).to.equal(161);
    expect(liquidationTickEnd(100, { ...close, kind: 0n })).to.equal(130);
    // The close before it began 40 s before this one's target, and ended 10 s before it.
    const former = 40n | (10n << 12n);
    expect([59, 60, 90, 91].map((at) => liquidationTickEnd(at, { ...close, former }) - at)).to.deep.equal([
      30, 60, 60, 30,
    ]);
  });
});

describe("batches", () => {
  const work = (id: bigint, at: Tick, product: "trading" | "prediction" = "trading"): Work => ({
    ...{ key: `${product} ${id}`, attempt: { product, id, execution: { tick: at } } },
    ...{ valueUsd: 1n, payUsd: 1n, until: 0 },
  });
  const limits = { maxItems: 3, maxTicks: 2, maxGas: 20_000_000 };

  it("keep the products apart, the oldest tick first, and within their sizes", () => {
    const [early, late, last] = [tick(10), tick(11), tick(12)];
    const works = [work(1n, late), work(2n, early), work(3n, early), work(4n, last), work(5n, early, "prediction")];
    const batches = batchesOf(works, limits);
    expect(batches.map((batch) => batch.works.map(({ key }) => key))).to.deep.equal([
      ["trading 2", "trading 3", "trading 1"],
      ["trading 4"],
      ["prediction 5"],
    ]);
    expect(batches.map(({ proofs }) => proofs)).to.deep.equal([2, 1, 1]);
  });

  it("end where another tick or the gas would be too much", () => {
    const works = [tick(10), tick(11), tick(12)].map((at, index) => work(BigInt(index), at));
    expect(batchesOf(works, limits).map((batch) => batch.works.length)).to.deep.equal([2, 1]);
    const same = tick(10);
    const many = Array.from({ length: 20 }, (_, id) => work(BigInt(id), same));
    const sizes = batchesOf(many, { maxItems: 50, maxTicks: 2, maxGas: 2_000_000 }).map((batch) => batch.works.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(20);
    expect(Math.max(...sizes)).to.be.at.most(13);
  });
});

describe("fees", () => {
  const options = {
    maxFeePerGas: 50n * GWEI,
    minPriorityFeePerGas: GWEI,
    maxPriorityFeePerGas: 5n * GWEI,
    bidShare: 0.5,
  };

  it("bid the chain's price and a share of the profit, within bounds", () => {
    const market = { base: 10n * GWEI, tip: 2n * GWEI };
    expect(bid(market, options, 0n, 100_000n)).to.deep.equal({
      ...{ maxFeePerGas: 22n * GWEI, maxPriorityFeePerGas: 2n * GWEI, expected: 12n * GWEI },
    });
    expect(bid(market, options, 100_000n * 4n * GWEI, 100_000n).maxPriorityFeePerGas).to.equal(4n * GWEI);
    expect(bid(market, options, 10n ** 20n, 100_000n).maxPriorityFeePerGas).to.equal(5n * GWEI);
    expect(bid({ base: 0n, tip: 0n }, options, 0n, 1n).maxPriorityFeePerGas).to.equal(GWEI);
    expect(bid({ base: 40n * GWEI, tip: 0n }, options, 0n, 1n).maxFeePerGas).to.equal(50n * GWEI);
  });

  it("raise by what nodes ask for, and not beyond the most that is paid", () => {
    const price = { maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
    const again = raised(price, { base: GWEI, tip: GWEI }, 50n * GWEI);
    expect(again?.maxFeePerGas).to.equal((10n * GWEI * 113n) / 100n + 1n);
    expect(again?.maxPriorityFeePerGas).to.equal((2n * GWEI * 113n) / 100n + 1n);
    expect(raised(price, { base: 30n * GWEI, tip: GWEI }, 50n * GWEI)).to.equal(undefined);
  });

  it("count no more for a place than is bid for it, whatever the node asks", async () => {
    const nodeOf = (fees: object): Provider =>
      ({
        getFeeData: () => Promise.resolve({ maxFeePerGas: null, maxPriorityFeePerGas: null, gasPrice: null, ...fees }),
        getBlock: () => Promise.resolve({ baseFeePerGas: 2n * GWEI }),
      }) as unknown as Provider;
    const modern = nodeOf({ maxFeePerGas: 5n * GWEI, maxPriorityFeePerGas: GWEI });
    const former = nodeOf({ gasPrice: 3n * GWEI });
    for (const node of [modern, former]) {
      for (const [most, tip] of [
        [5n * GWEI, GWEI],
        [GWEI, GWEI],
        [GWEI / 20n, GWEI / 20n],
        [0n, 0n],
      ]) {
        expect(await marketPrice(node, most)).to.deep.equal({ base: 2n * GWEI, tip });
      }
    }
    for (const cheap of [nodeOf({ gasPrice: GWEI }), nodeOf({}), nodeOf({ maxFeePerGas: GWEI })]) {
      expect(await marketPrice(cheap, GWEI)).to.deep.equal({ base: 2n * GWEI, tip: 0n });
    }
  });

  it("count the least that is bid, where the chain asks for less", async () => {
    const node = {
      getFeeData: () => Promise.resolve({ maxFeePerGas: 5n * GWEI, maxPriorityFeePerGas: GWEI / 10n, gasPrice: null }),
      getBlock: () => Promise.resolve({ baseFeePerGas: 2n * GWEI }),
    } as unknown as Provider;
    const options = {
      minPriorityFeePerGas: GWEI,
      maxPriorityFeePerGas: 5n * GWEI,
      maxFeePerGas: 50n * GWEI,
      bidShare: 0,
    };
    const market = await marketPrice(node, 5n * GWEI, GWEI);
    expect(market).to.deep.equal({ base: 2n * GWEI, tip: GWEI });
    expect(bid(market, options, 0n, 1n).expected).to.equal(market.base + market.tip);
    expect((await marketPrice(node, 0n, GWEI)).tip).to.equal(0n);
  });

  it("know the price of gas at which work still pays", () => {
    const price = 600n * 10n ** 10n;
    // 0.6 dollars are 0.001 coins: a quarter of them goes elsewhere.
    expect(worthOf(6n * 10n ** 17n, 25n * 10n ** 13n, 250_000n, price)).to.equal(3n * GWEI);
    expect(worthOf(6n * 10n ** 17n, 10n ** 15n, 250_000n, price)).to.equal(0n);
    expect(worthOf(-1n, 0n, 250_000n, price)).to.equal(0n);
    expect(worthOf(10n ** 18n, 0n, 0n, price)).to.equal(0n);
  });

  it("convert tokens, gas and dollars", () => {
    expect(usdOf(1_500_000n, { price: 10n ** 10n, decimals: 6 })).to.equal(15n * 10n ** 17n);
    expect(usdOf(1n, undefined)).to.equal(0n);
    expect(weiToUsd(10n ** 18n, 600n * 10n ** 10n)).to.equal(600n * 10n ** 18n);
    expect(usdToWei(600n * 10n ** 18n, 600n * 10n ** 10n)).to.equal(10n ** 18n);
    expect(usdToWei(1n, 0n)).to.equal(0n);
  });

  it("count what Arbitrum asks for data: as its node says, by L1's price, or nothing where it says neither", async () => {
    const coder = AbiCoder.defaultAbiCoder();
    const answers: Record<string, string> = {};
    let missing = 0;
    const call = ({ to }: { to: string }) => Promise.resolve(answers[to.slice(-2)] ?? "0x");
    const fee = new ArbitrumDataFee({ call } as unknown as Provider, () => void (missing += 1));
    expect(await fee.estimate("0x00000000000000000000000000000000000000aa", "0x1234")).to.equal(0n);
    expect(missing).to.equal(1);
    answers["6C"] = coder.encode(["uint256"], [7n]);
    expect(await fee.estimate("0x00000000000000000000000000000000000000aa", "0x1234")).to.equal(7n * 16n * 2n);
    answers.C8 = coder.encode(["uint64", "uint256", "uint256"], [1_000n, 3n, 9n]);
    expect(await fee.estimate("0x00000000000000000000000000000000000000aa", "0x1234")).to.equal(3_000n);
  });
});
