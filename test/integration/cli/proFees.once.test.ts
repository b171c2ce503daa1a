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
    const swept = await done(ANYBODY, "broker", "sweep", "BTC", "--json");
    expect(JSON.parse(swept)).to.deep.equal({ market: "BTC/USD", token: symbol, amount: String(all) });
    expect((await vault.ledger(token)).fees).to.equal(all);
    expect(await feeDistributor.brokerCollectable(1, token)).to.equal(brokers);
    expect(await done(ANYBODY, "broker", "collect", "1", symbol)).to.match(/^4\.8008 /);
    expect(await done(ANYBODY, "treasury", "collect", symbol)).to.match(/^6\.30105 /);
    const odd = await run(ANYBODY, "broker", "sweep", "SOL");
    expect([odd.code, odd.err.startsWith('no market of Pro "SOL/USD"')]).to.deep.equal([2, true]);
  });
});
