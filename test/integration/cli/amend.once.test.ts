import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { DEFAULT_PRICES } from "../../../kit/replica";
import { confirmed } from "../../../kit/desk/Desk";
import { px } from "../../../sdk/units";
import { CommandLine, keyAt, keyOf } from "../../dsl/commandLine";
import { recordedDeskFixture } from "../../fixtures/recorded";

/** The fixture's trader among the embedded chain's accounts. */
const TRADER = keyAt(7);

/** Positions of the trader's, one in either mode, at 60,000. */
async function openedFixture() {
  const fixture = await loadFixture(recordedDeskFixture);
  const { desk, trader, keeper, profile } = fixture;
  await desk.setPrice("BTC", DEFAULT_PRICES.BTC);
  const [{ symbol }] = profile.tokens;
  const id = await desk.open(trader, keeper, { token: symbol, leverage: 20, mode: "standard" });
  const degen = await desk.open(trader, keeper, { token: symbol, leverage: 600, mode: "degen" });
  return { ...fixture, symbol, id, degen, token: desk.replica.token(symbol) };
}

describe("asterism amend and margin", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof openedFixture>>;

  beforeEach(async () => {
    fixture = await loadFixture(openedFixture);
    line = await CommandLine.start(fixture.record);
  });

  afterEach(async () => {
    await line.stop();
  });

  async function triggersOf(id: bigint): Promise<[takeProfit: bigint, stopLoss: bigint]> {
    const { system } = fixture;
    const [{ takeProfit, stopLoss }] = await system.tradingLens.scan(system.trading, id, id + 1n);
    return [takeProfit, stopLoss];
  }

  const sent = () => ethers.provider.getTransactionCount(fixture.trader);

  it("changes one trigger and leaves the other, changes both, and takes both away", async () => {
    const id = String(fixture.id);
    const first = await line.run(["amend", id, "--stop-loss", "59,500"], TRADER);
    expect(first.out).to.match(
      new RegExp(`^${id}: take profit at the profit cap, stop loss 59500 \\(0x[0-9a-f]+\\)\n$`),
    );
    expect(await triggersOf(fixture.id)).to.deep.equal([0n, px("59500")]);
    const second = await line.run(["amend", id, "--take-profit", "60900.5", "--json"], TRADER);
    const { hash, ...told } = JSON.parse(second.out) as { hash: string };
    expect(told).to.deep.equal({ id, takeProfit: "609005000000000", stopLoss: "595000000000000" });
    expect(hash).to.match(/^0x[0-9a-f]{64}$/);
    expect(await triggersOf(fixture.id)).to.deep.equal([px("60900.5"), px("59500")]);
    const none = await line.run(["amend", id, "--take-profit", "0", "--stop-loss", "0"], TRADER);
    expect(none.out).to.match(/: take profit at the profit cap, no stop loss \(0x/);
    expect(await triggersOf(fixture.id)).to.deep.equal([0n, 0n]);
  });

  it("changes those of a limit that rests, and of nothing else", async () => {
    const { trader, system, symbol } = fixture;
    const id = await system.trading.nextTradeId();
    await line.run(["open", "long", "BTC", "50", "100", symbol, "--limit", "30000", "--stop-loss", "29000"], TRADER);
    const { code } = await line.run(["amend", String(id), "--take-profit", "30500"], TRADER);
    expect([code, ...(await triggersOf(id))]).to.deep.equal([0, px("30500"), px("29000")]);
    const market = await line.run(["open", "long", "BTC", "50", "100", symbol], TRADER);
    expect(market.code).to.equal(0);
    const order = await line.run(["amend", String(id + 1n), "--stop-loss", "1"], TRADER);
    const none = await line.run(["amend", "999", "--stop-loss", "1"], TRADER);
    expect(none.err).to.equal(
      `999 is no position and no limit of ${trader.address}\n` +
        "  next: `asterism positions` and `asterism orders` print those that are\n",
    );
    const others = await line.run(["amend", String(fixture.id), "--stop-loss", "1"], keyOf("other"));
    expect([none.code, order.code, others.code]).to.deep.equal([2, 2, 2]);
  });

  it("tells what is refused, with its bounds, before anything is sent", async () => {
    const [id, before] = [String(fixture.id), await sent()];
    const high = await line.run(["amend", id, "--take-profit", "90000"], TRADER);
    expect(high.err).to.match(/^Trading_TakeProfitOutOfRange\(.*\n {2}next: docs\/errors\.md says what would be right/);
    const nothing = await line.run(["amend", id], TRADER);
    expect(nothing.err).to.equal("nothing is to change\n  next: give --take-profit, --stop-loss or both\n");
    const odd = await line.run(["amend", id, "--stop-loss", "low"], TRADER);
    expect(odd.err).to.contain('"low" is not a decimal number');
    expect([high.code, nothing.code, odd.code]).to.deep.equal([3, 2, 2]);
    const seen = await line.run(["amend", id, "--stop-loss", "59000", "--dry-run"], TRADER);
    expect(seen.out).to.match(/│ to +│ 0x[^]+\nnothing was sent\n$/);
    expect(await sent()).to.equal(before);
  });

  it("adds margin, with the allowance that it needs", async () => {
    const { desk, symbol, trader, token, trading, id, system } = fixture;
    await confirmed(token.connect(trader).approve(trading, 0n));
    const units = desk.tokenUnits(symbol, 25n);
    const dry = await line.run(["margin", String(id), "25", "--dry-run", "--json"], TRADER);
    const { allowances } = JSON.parse(dry.out) as { allowances: { amount: string }[] };
    expect(allowances.map(({ amount }) => amount)).to.deep.equal([String(units)]);
    const before = await token.balanceOf(trader);
    const { out } = await line.run(["margin", String(id), "25"], TRADER);
    expect(out).to.match(new RegExp(`^added 25 ${symbol} to the margin of ${id} \\(0x[0-9a-f]+\\)\n$`));
    expect(before - (await token.balanceOf(trader))).to.equal(units);
    expect((await system.tradingLens.position(system.trading, id)).extra.addedMargin).to.equal(units);
    const more = JSON.parse((await line.run(["margin", String(id), "1", "--json"], TRADER)).out) as { hash: string };
    expect(more).to.deep.equal({ id: String(id), token: symbol, amount: String(units / 25n), hash: more.hash });
  });

  it("adds none to a Degen position, to what is none, or in a halt, and allows nothing for it", async () => {
    const { token, trader, trading, degen } = fixture;
    await confirmed(token.connect(trader).approve(trading, 0n));
    const before = await sent();
    const refused = await line.run(["margin", String(degen), "25"], TRADER);
    expect(refused.err).to.match(new RegExp(`^Trading_StandardOnly\\(id: ${degen}\\): `));
    const none = await line.run(["margin", "999", "25"], TRADER);
    expect(none.err).to.contain(`999 is no position of ${trader.address}\n  next: \`asterism positions\` prints`);
    const odd = await line.run(["margin", String(fixture.id), "1,5"], TRADER);
    expect(odd.err).to.contain('"1,5" is not a decimal number');
    expect([refused.code, none.code, odd.code]).to.deep.equal([3, 2, 2]);
    await line.run(["guardian", "raise", "3"], keyOf("guardian"));
    for (const args of [
      ["margin", String(fixture.id), "25"],
      ["amend", String(fixture.id), "--stop-loss", "1"],
    ]) {
      const { code, err } = await line.run(args, TRADER);
      expect([code, err.split(":")[0]]).to.deep.equal([3, "Trading_BreakerRaised(level"]);
    }
    expect(await sent()).to.equal(before);
  });
});
