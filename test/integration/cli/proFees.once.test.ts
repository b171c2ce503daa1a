import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { LocalHermes } from "../../../kit/pyth/LocalHermes";
import { usd } from "../../../sdk/units";
import { CommandLine, keyAt } from "../../dsl/commandLine";
import { serveDeskPrices } from "../../dsl/deskHermes";
import { recordedBrokerFixture } from "../../fixtures/brokers";

/** The fixture's traders and its keeper, who is anybody, among the embedded chain's accounts. */
const [TRADER, MAKER, ANYBODY] = [keyAt(7), keyAt(8), keyAt(9)];

describe("asterism, fees of the order book", () => {
  let line: CommandLine;
  let prices: LocalHermes;
  let fixture: Awaited<ReturnType<typeof recordedBrokerFixture>>;

  before(async () => {
    fixture = await loadFixture(recordedBrokerFixture);
    prices = await serveDeskPrices(fixture.desk);
    line = await CommandLine.start(fixture.record);
  });

  after(async () => {
    await prices?.close();
    await line?.stop();
  });

  const run = (key: Record<string, string>, ...args: string[]) =>
    line.run(args, { ...key, ASTERISM_HERMES_URL: prices.url });

  async function done(key: Record<string, string>, ...args: string[]): Promise<string> {
    const { code, err, out } = await run(key, ...args);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${err}`);
    return out;
  }

  it("are a broker's that was named once, and the treasury's, as soon as anybody has swept them", async () => {
    const { desk, feeDistributor, profile, vault } = fixture;
    const symbol = profile.pro.settlementSymbol;
    const token = desk.replica.token(symbol);
    await desk.refresh();
    await done(TRADER, "pro", "deposit", "10000");
    await done(MAKER, "pro", "deposit", "40000");
    expect(await done(TRADER, "pro", "broker", "1")).to.match(/^broker 1 is named \(0x/);
    const again = await run(TRADER, "pro", "broker", "1");
    expect([again.code, again.err.includes(": BrokerIsNamed: ")]).to.deep.equal([3, true]);
    const none = await run(MAKER, "pro", "broker", "2");
    expect([none.code, none.err.includes(": BrokerNotOffered: ")]).to.deep.equal([3, true]);
    const early = await run(ANYBODY, "broker", "sweep", "BTC");
    expect([early.code, early.err.split("(")[0]]).to.deep.equal([3, "Pro_NothingToDo"]);

    await done(MAKER, "pro", "place", "sell", "BTC", "0.5", "--price", "60010");
    await done(TRADER, "pro", "place", "buy", "BTC", "0.5");
    // Of 30,005 USD the taker pays 12.002, of which a fifth goes to the market's fund and the broker has half of the rest; the maker 1.50025.
    const [all, brokers] = [usd("11.10185"), usd("4.8008")].map(
      (value) => (value * desk.tokenUnits(symbol, 1n)) / usd("1"),
    );
    const parts = { treasury: String(all - brokers), brokers: { 1: String(brokers) } };
    const waiting = await done(ANYBODY, "pro", "fees", "--json");
    const fund = String(usd("2.4004"));
    expect((JSON.parse(waiting) as object[])[0]).to.deep.equal({
      ...{ market: "BTC/USD", token: symbol, total: String(all), ...parts, fund },
    });
    expect(await done(ANYBODY, "pro", "fees")).to.match(/BTC\/USD +│ 6\.30105 \w+ +│ 1: 4\.8008 \w+ +│ 2\.40 /);
    const swept = await done(ANYBODY, "broker", "sweep", "BTC", "--json");
    expect(JSON.parse(swept)).to.deep.equal({ market: "BTC/USD", token: symbol, amount: String(all), ...parts });
    const nothing = { market: "BTC/USD", token: symbol, total: "0", treasury: "0", brokers: {}, fund };
    expect((JSON.parse(await done(ANYBODY, "pro", "fees", "--json")) as object[])[0]).to.deep.equal(nothing);
    expect((await vault.ledger(token)).fees).to.equal(all);
    expect(await feeDistributor.brokerCollectable(1, token)).to.equal(brokers);
    expect(await done(ANYBODY, "broker", "collect", "1", symbol)).to.match(/^4\.8008 /);
    expect(await done(ANYBODY, "treasury", "collect", symbol)).to.match(/^6\.30105 /);

    // A table for people, of what a second fill brings.
    await done(MAKER, "pro", "place", "sell", "BTC", "0.5", "--price", "60010");
    await done(TRADER, "pro", "place", "buy", "BTC", "0.5");
    const shown = await done(ANYBODY, "broker", "sweep", "BTC");
    expect(shown).to.match(/by the treasury +│ 6\.30105 \w+ +│[^]*by broker 1 +│ 4\.8008 /);
    const odd = await run(ANYBODY, "broker", "sweep", "SOL");
    expect([odd.code, odd.err.startsWith('no market of Pro "SOL/USD"')]).to.deep.equal([2, true]);
  });

  it("are beside funds, to which anybody adds for good", async () => {
    const { desk, profile, pro } = fixture;
    const symbol = profile.pro.settlementSymbol;
    const before = await pro.queryFilter(pro.filters.FundAdded());
    const dry = await run(MAKER, "pro", "fund", "ETH", "1000", "--dry-run");
    expect([dry.code, dry.out.includes("nothing was sent")]).to.deep.equal([0, true]);
    const { code, err, out } = await run(MAKER, "pro", "fund", "ETH", "1000.5");
    expect([code, err.includes("nobody takes it out")], err).to.deep.equal([0, true]);
    expect(out).to.match(/^1000\.5 \w+ are in the fund of ETH\/USD and never come back \(0x/);
    const told = (await pro.queryFilter(pro.filters.FundAdded())).slice(before.length);
    expect(told.map(({ args }) => [args.market, args.payer, args.amount])).to.deep.equal([
      [1n, fixture.other.address, usd("1000.5")],
    ]);
    const json = JSON.parse(await done(MAKER, "pro", "fund", "ETH/USD", "2", "--json")) as Record<string, string>;
    const amount = String(2n * desk.tokenUnits(symbol, 1n));
    expect({ ...json, hash: "" }).to.deep.equal({ market: "ETH/USD", token: symbol, amount, hash: "" });
    const views = JSON.parse(await done(MAKER, "pro", "fees", "--json")) as Record<string, unknown>[];
    expect(views[1]).to.include({ market: "ETH/USD", total: "0", fund: String(usd("1002.5")) });
  });
});
