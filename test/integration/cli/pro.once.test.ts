import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { accountLock } from "../../../cli/src/lib/lock";
import { DEFAULT_PRICES } from "../../../kit/replica";
import type { LocalHermes } from "../../../kit/pyth/LocalHermes";
import { feeOf } from "../../../sdk/model/pro";
import { formatPrice, formatUsd, px, size, usd } from "../../../sdk/units";
import { CommandLine, keyAt } from "../../dsl/commandLine";
import type { Ran } from "../../dsl/commandLine";
import { serveDeskPrices } from "../../dsl/deskHermes";
import { recordedDeskFixture } from "../../fixtures/recorded";

/** The fixture's traders among the embedded chain's accounts. */
const [TRADER, MAKER] = [keyAt(7), keyAt(8)];
const BTC = DEFAULT_PRICES.BTC;
const TAKER_FEE = 400n;

/** A price so many whole dollars from that of BTC. */
const at = (dollars: bigint) => formatPrice(BTC + dollars * px("1"));
const QUOTES = [
  ["buy", -10n],
  ["buy", -20n],
  ["sell", 10n],
  ["sell", 20n],
] as const;
const shown = (value: bigint) => formatUsd(value, 2);

describe("asterism pro", () => {
  let line: CommandLine;
  let prices: LocalHermes;
  let fixture: Awaited<ReturnType<typeof recordedDeskFixture>>;
  /** What the chain's accounts settle in. */
  let settlement: string;
  /** The maker's orders in the order of {@link QUOTES}. */
  let ids: readonly bigint[];

  before(async () => {
    fixture = await loadFixture(recordedDeskFixture);
    const { desk } = fixture;
    settlement = desk.profile.pro.settlementSymbol;
    prices = await serveDeskPrices(desk);
    line = await CommandLine.start(fixture.record);
  });

  beforeEach(async () => {
    prices.fault = undefined;
    ids = await loadFixture(quoted);
  });

  after(async () => {
    await prices?.close();
    await line?.stop();
  });

  const run = (key: Record<string, string>, ...args: string[]): Promise<Ran> =>
    line.run(["pro", ...args], { ...key, ASTERISM_HERMES_URL: prices.url });

  async function done(key: Record<string, string>, ...args: string[]): Promise<string> {
    const { code, err, out } = await run(key, ...args);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${err}`);
    return out;
  }

  async function json<T>(key: Record<string, string>, ...args: string[]): Promise<T> {
    return JSON.parse(await done(key, ...args, "--json")) as T;
  }

  /** Cash on both sides, and half a bitcoin at 10 and 20 dollars from the price. */
  async function quoted(): Promise<readonly bigint[]> {
    await fixture.desk.refresh();
    expect(await done(TRADER, "deposit", "10000")).to.equal(`10000 ${settlement} are in account 256\n`);
    await done(MAKER, "deposit", "40000", "--sub", "3");
    const rested: bigint[] = [];
    for (const [side, dollars] of QUOTES) {
      const quote = ["place", side, "BTC", "0.5", "--price", at(dollars), "--type", "post-only", "--sub", "3"];
      const told = await json<{ rested: string[] }>(MAKER, ...quote);
      rested.push(BigInt(told.rested[0]));
    }
    return rested;
  }

  it("opens accounts, quotes, trades and closes; what is shown is what the contracts have", async () => {
    expect(await done({}, "market")).to.match(/│ BTC\/USD │ 60000\.00 +│ \d s +│ 60000\.00 +│ 59990\.00 │ 60010\.00 │/);
    const book = await done({}, "book", "BTC", "--levels", "1");
    expect(book.match(/│ (ask|bid) .*│/g)).to.deep.equal([
      `│ ask  │ ${at(10n)}.00 │ 0.5  │ 1      │`,
      `│ bid  │ ${at(-10n)}.00 │ 0.5  │ 1      │`,
    ]);

    const notional = px(at(10n)) * size("0.5") + px(at(20n)) * size("0.1");
    const quote = await json<object>(TRADER, "quote", "buy", "BTC", "0.6");
    expect(quote).to.deep.include({ reason: "None", filled: String(size("0.6")), notional: String(notional) });
    const reading = ["--owner", fixture.trader.address];
    expect(await done({}, "quote", "buy", "BTC", "0.6", ...reading)).to.match(/│ fills at once │ 0\.6 +│/);

    const fee = shown(feeOf(notional, TAKER_FEE));
    expect(await done(TRADER, "place", "buy", "BTC", "0.6")).to.match(
      new RegExp(`^bought 0.6 BTC/USD at 60011.66 for ${shown(notional)} USD, fee ${fee} USD \\(0x\\w{64}\\)\n$`),
    );
    await done(TRADER, "leverage", "BTC", "10x");
    const { cross } = await json<{ cross: { cash: string; positions: { size: string; leverage: string }[] } }>(
      ...[{}, "positions", ...reading],
    );
    expect(cross.cash).to.equal(String(usd("10000") - feeOf(notional, TAKER_FEE)));
    expect(cross.positions[0]).to.deep.include({ size: String(size("0.6")), leverage: "10" });
    expect(await done(TRADER, "positions")).to.match(/│ BTC\/USD │ cross │ 10x +│ 0\.6 +│ 60011\.66 │ 60000\.00 │/);

    expect(await done(TRADER, "close", "BTC", "--size", "0.1")).to.match(/^sold 0\.1 BTC\/USD at 59990\.00 for /);
    const far = ["close", "BTC", "--acceptable", at(100n)];
    expect(await done(TRADER, ...far)).to.match(/^nothing was filled \(0x/);
    expect(await done(TRADER, "close", "BTC")).to.match(/^sold 0\.5 BTC\/USD at 59988\.00 for /);
    const none = await run(TRADER, "close", "BTC");
    expect([none.code, none.err]).to.deep.equal([
      ...[2, "there is no position in BTC/USD\n  next: `asterism pro positions` prints those that there are\n"],
    ]);
  });

  it("tells programs amounts in their smallest units", async () => {
    const { desk, other } = fixture;
    const deposited = await json<object>(TRADER, "deposit", "1,000.25");
    const units = desk.tokenUnits(settlement, 100_025n) / 100n;
    expect(deposited).to.deep.equal({ account: "256", amount: String(units), token: settlement });
    await done(TRADER, "place", "buy", "BTC", "0.1");
    const [btc] = await json<{ openInterest: string; funding: Record<string, string> }[]>({}, "market");
    expect(btc.openInterest).to.equal(String(size("0.1")));
    expect(btc.funding).not.to.have.property("openInterest");
    const soon = (await desk.now()) + 3_600;
    const { until } = await json<{ until: string }>(TRADER, "delegate", other.address, "cancel", "--for", "1h");
    expect([typeof until, Number(until) - soon < 60]).to.deep.equal(["string", true]);
  });

  it("shows, lowers and cancels orders, isolates, moves and withdraws cash, and names delegates", async () => {
    const [first, second] = ids;
    const maker = ["--sub", "3"];
    const rows = (await done(MAKER, "orders", ...maker)).match(/│ \d+ +│ BTC\/USD │ (buy|sell) +│/g);
    expect(rows).to.have.lengthOf(4);
    expect(await done(MAKER, "lower", String(first), "0.2", ...maker)).to.contain(`0.2 are left of ${first} (0x`);
    expect(await done(MAKER, "cancel", String(second), ...maker)).to.match(
      new RegExp(`^order ${second} is cancelled `),
    );
    const cancelled = await json<{ cancelled: string[] }>(MAKER, "cancel", "--market", "BTC", ...maker);
    expect(cancelled.cancelled).to.have.lengthOf(3);
    expect(await done(MAKER, "orders", ...maker)).to.equal("no orders\n");
    const empty = await run(MAKER, "cancel", ...maker);
    expect([empty.code, empty.err.split("\n")[0]]).to.deep.equal([2, "no order is named"]);

    expect(await done(TRADER, "mode", "ETH", "isolated")).to.match(/^ETH is isolated \(0x/);
    const inOne = ["place", "buy", "ETH", "0.5", "--price", "2900", "--with-cash", "1500"];
    expect(await done(TRADER, ...inOne)).to.match(/^order \d+ rests \(0x/);
    expect(await done(TRADER, "transfer", "ETH", "cross", "500")).to.match(/^500 USD to cross \(0x/);
    const scopes = await json<Record<string, { cash: string }>>(TRADER, "positions");
    expect(Object.entries(scopes).map(([scope, { cash }]) => [scope, cash])).to.deep.equal([
      ["cross", String(usd("9000"))],
      ["ETH/USD", String(usd("1000"))],
    ]);
    const token = fixture.desk.replica.token(settlement);
    const before = await token.balanceOf(fixture.other.address);
    await done(TRADER, "withdraw", "9000", "--to", fixture.other.address);
    expect((await token.balanceOf(fixture.other.address)) - before).to.equal(
      fixture.desk.tokenUnits(settlement, 9_000n),
    );

    const { address } = fixture.other;
    expect(await done(TRADER, "delegate", address, "cancel", "--for", "2d")).to.match(/ may cancel until 20.*Z \(0x/);
    const foreign = ["mode", "BTC", "isolated", "--owner", fixture.trader.address];
    const refused = await run(MAKER, ...foreign);
    expect([refused.code, refused.err.split("(")[0]]).to.deep.equal([3, "Pro_NotAllowed"]);
    expect(await done(TRADER, "delegate", address, "none")).to.contain(`${address} has no rights`);
  });

  it("says why an order would be refused before anything is sent", async () => {
    const nonce = await fixture.trader.getNonce();
    const told = async (...args: string[]) => {
      const { code, err } = await run(TRADER, ...args);
      return [code, ...err.split("\n")] as const;
    };
    const crossing = await told("place", "buy", "BTC", "0.1", "--price", at(50n), "--type", "post-only");
    expect(crossing[0]).to.equal(3);
    expect(crossing[1]).to.match(/^Pro_ActionRefused\(.*\): WouldFill: A post-only order would fill at once: change/);
    expect(crossing[2]).to.match(/^ {2}next: .*it was not sent$/);
    const large = await told("quote", "buy", "BTC", "5", "--price", at(-5n));
    expect([large[0], /: MarginTooLow: /.test(large[1])]).to.deep.equal([3, true]);
    const withdrawn = await told("withdraw", "10001");
    expect([withdrawn[0], withdrawn[1].includes(": CashTooLow: ")]).to.deep.equal([3, true]);
    expect(await told("place", "buy", "BTC", "0.1", "--type", "fok")).to.deep.equal([
      ...[2, "an order of type fok needs a price", "  next: give --price", ""],
    ]);
    expect((await told("place", "buy", "BTC", "0.00001"))[1]).to.equal(
      "0.00001 is no multiple of 0.001, the step of BTC's size",
    );
    expect((await told("place", "buy", "SOL", "1"))[1]).to.match(/^no market of Pro "SOL\/USD"; there are BTC\/USD, /);
    expect((await told("cancel", "all"))[1]).to.contain("a number is expected.");
    expect((await told("place", "up", "BTC", "1"))[1]).to.contain("buy or sell is expected.");
    const stranger = await run(keyAt(9), "positions");
    expect([stranger.code, stranger.err.includes("the first deposit for it opens one")]).to.deep.equal([3, true]);
    expect(await fixture.trader.getNonce()).to.equal(nonce);

    await fixture.desk.warp(10);
    prices.fault = 503;
    const blind = await told("quote", "buy", "BTC", "0.1");
    expect([blind[0], blind[2]]).to.deep.equal([5, "  next: name another price service by --hermes, or try again"]);
  });

  it("prints what it would send, and leaves the account to another command that sends for it", async () => {
    const seen = await json<{ transaction: { to: string } }>(TRADER, "place", "buy", "BTC", "0.1", "--dry-run");
    expect(seen.transaction.to).to.equal(fixture.record.contracts.pro.address);
    const lock = accountLock(fixture.record.chain.id, fixture.trader.address);
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), since: "noon" }));
    try {
      const { code, err } = await run(TRADER, "place", "buy", "BTC", "0.1");
      expect(code).to.equal(7);
      expect(err).to.contain("has been sending transactions of the account since noon");
      expect((await line.run(["claim", settlement], TRADER)).code).to.equal(7);
    } finally {
      rmSync(lock, { force: true });
    }
    expect(await done(TRADER, "place", "buy", "BTC", "0.1")).to.match(/^bought 0\.1 /);
  });

  it("has triggers wait once they have the right to, changes and cancels them", async () => {
    await done(TRADER, "place", "buy", "BTC", "0.2");
    const stop = ["stop", "sell", "BTC", "--price", at(-500n)];
    const unable = await run(TRADER, "trigger", "place", ...stop);
    expect([unable.code, unable.err]).to.deep.equal([
      ...[
        2,
        "triggers may not reduce for this account: it would never fire\n  next: asterism pro trigger allow reduce\n",
      ],
    ]);
    expect(await done(TRADER, "trigger", "allow", "reduce")).to.match(/^triggers may reduce \(0x/);
    expect(await done(TRADER, "trigger", "place", ...stop, "--bound", "2%")).to.match(/^trigger \d+ waits\n$/);
    const trailing = ["trailing", "sell", "BTC", "--callback", "0.5%", "--size", "0.1", "--expires", "1d"];
    const placed = await json<{ ids: string[] }>(TRADER, "trigger", "place", ...trailing);
    const listed = (await done({}, "trigger", "list", "--owner", fixture.trader.address)).replace(/ +/g, " ");
    expect(listed).to.contain(`│ BTC/USD │ stop │ sell │ reduces │ all │ ${at(-500n)}.00 │ 2% beyond │ │ │`);
    expect(listed).to.match(/│ trailing │ sell │ reduces │ 0\.1 │ │ 1% beyond │ 0\.5% │ 20\d\d-/);
    await done(TRADER, "trigger", "change", placed.ids[0], "take-profit", "sell", "BTC", "--price", at(900n));
    const [, changed] = await json<{ kind: string; size: string }[]>(TRADER, "trigger", "list");
    expect(changed).to.deep.include({ kind: "takeProfit", size: "0" });

    const bare = await run(TRADER, "trigger", "place", "trailing", "sell", "BTC");
    expect(bare.err).to.equal("a trailing stop needs a callback\n  next: give --callback, such as 0.5%\n");
    const wide = await run(TRADER, "trigger", "place", "trailing", "sell", "BTC", "--callback", "6%");
    expect([wide.code, wide.err.includes("CallbackOutOfRange: The callback is 0.1% to 5%")]).to.deep.equal([3, true]);
    const open = await run(TRADER, "trigger", "place", ...stop, "--opens", "--size", "0.1");
    expect(open.err).to.contain("next: asterism pro trigger allow trade");
    expect(await done(TRADER, "trigger", "cancel", ...placed.ids)).to.equal("1 of 1 were there and are gone\n");
    expect(await done(TRADER, "trigger", "cancel", ...placed.ids)).to.equal("0 of 1 were there and are gone\n");
  });
});
