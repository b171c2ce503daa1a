import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { HDNodeWallet } from "ethers";
import { ethers } from "hardhat";
import { usd } from "../../../sdk/units";
import { recordedDeskFixture } from "../../fixtures/recorded";
import { CommandLine, keyAt, keyOf } from "../../dsl/commandLine";

/** The fixture's trader among the embedded chain's accounts. */
const TRADER = keyAt(7);

describe("asterism for traders", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof recordedDeskFixture>>;
  let symbol: string;

  beforeEach(async () => {
    fixture = await loadFixture(recordedDeskFixture);
    line = await CommandLine.start(fixture.record);
    [{ symbol }] = fixture.profile.tokens;
  });

  afterEach(async () => {
    await line.stop();
  });

  async function json<T>(...args: string[]): Promise<T> {
    const { out, err } = await line.run([...args, "--json"], TRADER);
    if (out === "") throw new Error(err);
    return JSON.parse(out) as T;
  }

  it("quotes as the lens does, without a key, and says why an order would be refused", async () => {
    const { code, out } = await line.run(["quote", "long", "BTC", "50x", "100", symbol]);
    expect(code).to.equal(0);
    expect(out).to.match(/│ outcome +│ Opened +│/);
    expect(out).to.match(/│ liquidated at +│ \d+\.\d\d +│/);
    const large = await line.run(["quote", "short", "BTC", "1", "5_000_000", symbol]);
    expect(large.out).to.match(/\n(The position would be larger|The side of the market is full)[^\n]+\n$/);
    expect([large.code, /Refused: (NotionalTooLarge|OpenInterestFull)/.test(large.out)]).to.deep.equal([3, true]);
  });

  it("opens, shows, and closes a position; a refused order is told before anything is sent", async () => {
    const { desk, trader, keeper, system } = fixture;
    const next = await system.trading.nextTradeId();
    const refused = await line.run(["open", "long", "BTC", "10", "1", symbol], TRADER);
    expect(refused.code).to.equal(3);
    expect(refused.err).to.match(
      /^it would be refused: (MarginTooSmall|NotionalTooSmall): .*\n {2}next: change the order/,
    );
    expect(await system.trading.nextTradeId()).to.equal(next);

    const seen = await json<{ transaction: { to: string }; allowances: object[] }>(
      ...["open", "long", "BTC", "50", "100", symbol, "--dry-run"],
    );
    expect(seen.transaction.to).to.equal(fixture.record.contracts.trading.address);
    expect(seen.allowances).to.have.lengthOf(1);
    expect(await system.trading.nextTradeId()).to.equal(next);

    const placed = await line.run(["open", "long", "BTC", "50", "100", symbol], TRADER);
    expect(placed.out).to.match(new RegExp(`^order ${next} fills at the first tick at or after 20.*Z \\(0x`));
    const orders = await line.run(["orders"], TRADER);
    expect(orders.out).to.match(new RegExp(`│ ${next} +│ BTC/USD standard │ long 50x │ market │`));

    const id = await desk.open(trader, keeper, { token: symbol, leverage: 20, mode: "standard" });
    const [position] = await json<{ id: string; worth: { liquidationPrice: string } }[]>("positions");
    expect(position.id).to.equal(String(id));
    const { liquidationPrice } = await system.tradingLens.position(system.trading, id);
    expect(position.worth.liquidationPrice).to.equal(String(liquidationPrice));
    const shown = await line.run(["positions", "--owner", trader.address]);
    expect(shown.out).to.match(new RegExp(`│ ${id} +│ BTC/USD standard │ long 20x`));

    const closing = await line.run(["close", String(id)], TRADER);
    expect(closing.out).to.match(new RegExp(`^close of ${id} fills at the first tick`));
    const twice = await line.run(["close", String(id)], TRADER);
    expect(twice.code).to.equal(3);
  });

  it("refuses an order while the breaker is raised before it allows anything", async () => {
    const raised = await line.run(["guardian", "raise", "1"], keyOf("guardian"));
    expect(raised.code).to.equal(0);
    const sent = await ethers.provider.getTransactionCount(fixture.trader);
    const { code, err } = await line.run(["open", "long", "BTC", "50", "100", symbol], TRADER);
    expect(err).to.match(/^it would be refused: BreakerRaised: The circuit breaker is at a level that halts this/);
    expect(code).to.equal(3);
    expect(await ethers.provider.getTransactionCount(fixture.trader)).to.equal(sent);
  });

  it("tells programs by name what the contracts number", async () => {
    const { desk, trader, keeper, system } = fixture;
    const id = await desk.open(trader, keeper, { token: symbol, leverage: 20, mode: "standard" });
    await line.run(["close", String(id)], TRADER);
    type Named = Record<string, unknown>;
    const [{ worth, ...position }] = await json<(Named & { worth: { close: Named; position: Named } })[]>("positions");
    expect(position).to.deep.include({ status: "Open", market: "BTC/USD", mode: "standard", isLong: true });
    expect(worth.close).to.deep.include({ kind: "Requested" });
    expect(worth.position).to.deep.include({ leverage: "20" }).and.not.to.have.property("state");

    await line.run(["open", "long", "BTC", "600", "20", symbol, "--degen"], TRADER);
    await line.run(["open", "long", "ETH", "50", "100", symbol, "--limit", "1000"], TRADER);
    const orders = await json<Named[]>("orders");
    expect(orders.map(({ market, mode, status }) => [market, mode, status])).to.deep.equal([
      ["BTC/USD", "degen", "MarketOrder"],
      ["ETH/USD", "standard", "LimitOrder"],
    ]);

    await line.run(["bet", "down", "ETH", "5m", "50", symbol], TRADER);
    const [bet] = await json<Named[]>("bet", "list");
    expect(bet).to.deep.include({ asset: "ETH", status: "Requested", action: "AwaitsStrike", isUp: false });

    const markets = await json<(Named & { config: Named; openConfig: Named })[]>("market");
    expect(markets[0].openConfig.minNotionalUsd).to.equal(String(usd("200")));
    expect(markets.map(({ market, mode }) => `${String(market)} ${String(mode)}`)).to.deep.equal([
      ...["BTC/USD standard", "BTC/USD degen", "ETH/USD standard"],
    ]);
    for (const { blockedBy, config } of markets) {
      expect([blockedBy, config.status, config.slippageModel]).to.deep.equal(["None", "Active", "Fixed"]);
    }
    await line.run(["guardian", "raise", "1"], keyOf("guardian"));
    const raised = await json<Named[]>("market");
    expect(raised.map(({ blockedBy }) => blockedBy)).to.deep.equal(Array(3).fill("BreakerRaised"));
    expect(await system.trading.nextTradeId()).to.equal(id + 3n);
  });

  it("places a limit that rests, and cancels it", async () => {
    const { system } = fixture;
    const id = await system.trading.nextTradeId();
    const limit = await line.run(["open", "long", "BTC", "50", "100", symbol, "--limit", "30000"], TRADER);
    expect(limit.out).to.match(new RegExp(`^order ${id} rests \\(0x`));
    const asked = await line.run(["orders", "cancel", String(id)], TRADER);
    expect(asked.out).to.contain(`the cancellation of ${id} is asked for`);
    await fixture.desk.warp(60);
    expect((await line.run(["orders", "cancel", String(id)], TRADER)).out).to.match(/is taken back/);
    const none = await line.run(["orders", "cancel", String(id)], TRADER);
    expect([none.code, none.err.split("\n")[1]]).to.deep.equal([2, "  next: `asterism orders` prints those that do"]);
  });

  it("prints markets, ALP, claims and bets, and places a bet", async () => {
    const markets = await line.run(["market"]);
    expect(markets.out.match(/│ (BTC|ETH)\/USD (standard|degen) +│/g)).to.have.lengthOf(3);
    expect(markets.out).to.contain("│ open");
    const { lp } = fixture;
    const alp = await line.run(["alp", "--owner", lp.address]);
    expect(alp.out).to.match(/│ worth of one +│ 0\.99|│ worth of one +│ 1\.0/);
    expect((await line.run(["claim"], TRADER)).out).to.equal("nothing to claim\n");
    const bet = await line.run(["bet", "up", "BTC", "5m", "50", symbol], TRADER);
    expect(bet.out).to.match(/^bet \d+: strike at the first tick at or after 20.*, a win pays 77% of the stake/);
    expect((await line.run(["bet", "list"], TRADER)).out).to.match(/│ up +│ 300 s +│/);
    const withdrawn = await line.run(["bet", "up", "BTC", "7m", "50", symbol], TRADER);
    expect(withdrawn.code).to.equal(3);
  });

  it("refuses what it can't read, by a usage error that commander words", async () => {
    const told = async (...args: string[]) => {
      const { code, err } = await line.run(args, TRADER);
      expect(code).to.equal(2);
      return err;
    };
    expect(await told("open", "up", "BTC", "50", "100", symbol)).to.contain("long or short is expected.");
    expect(await told("open", "long", "BTC", "50.5", "100", symbol)).to.contain("a whole number is expected");
    expect(await told("open", "long", "DOGE", "50", "100", symbol)).to.contain(
      'no market "DOGE/USD"; there are BTC/USD',
    );
    expect(await told("open", "long", "BTC", "50", "1,5", symbol)).to.contain('"1,5" is not a decimal number');
    expect(await told("open", "long", "BTC", "50", "100", "DOGE")).to.contain('no token "DOGE"');
    expect(await told("positions", "--owner", "nobody")).to.contain("an address is expected, 0x and 40");
    expect(await told("levitate")).to.contain("unknown command 'levitate'");
  });

  it("has the doctor look at the node and the deployment, and end by what is missing", async () => {
    const { code, out } = await line.run(["doctor"]);
    expect(out).to.match(new RegExp(`node 127\\.0\\.0\\.1:\\d+ +chain ${fixture.record.chain.id}\n`));
    expect(code).to.equal(out.includes("MISSING") ? 4 : 0);
    const deaf = await line.run(["doctor", "--rpc", "http://127.0.0.1:9"]);
    expect([deaf.code, deaf.out.includes("MISSING")]).to.deep.equal([4, true]);
  });

  it("mints with a price service, and says when there is none", async () => {
    const hermes = ["--hermes", "http://127.0.0.1:9"];
    const { code, err } = await line.run(["alp", "mint", "100", symbol, ...hermes], TRADER);
    expect(err).to.match(
      /^no endpoint answered: 127\.0\.0\.1:9: .*\n {2}next: name another price service by --hermes/s,
    );
    expect(code).to.equal(5);
    const odd = await line.run(["alp", "mint", "100", symbol, "--hermes", "nonsense"], TRADER);
    expect([odd.code, odd.err]).to.deep.equal([
      ...[2, "the price service's URL is no http or https URL\n  next: correct --hermes or ASTERISM_HERMES_URL\n"],
    ]);
    const stranger = HDNodeWallet.createRandom().privateKey;
    const poor = await line.run(["claim", symbol], { ASTERISM_PRIVATE_KEY: stranger });
    expect(poor.code).to.equal(3);
  });
});
