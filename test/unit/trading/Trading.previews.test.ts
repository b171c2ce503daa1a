import { expect } from "chai";
import { assetIdOf } from "../../../deploy/arguments/oracle";
import { requestLimit } from "../../../kit/desk/orders";
import { Outcome, Reason, nameOf } from "../../../sdk/enums";
import { px } from "../../../sdk/units";
import { openPosition, start } from "./setup";
import type { Fixture } from "./setup";

const UNKNOWN = 999n;

/** What the aggregator would say of a tick of BTC at 60,000 of now, with three anchors there and a dollar for a token. */
async function quoteNow({ desk }: Fixture) {
  const price = px("60000");
  const publishTime = await desk.now();
  return {
    tick: { price, confidence: 0n, publishTime, minPublishTime: 0, assetId: assetIdOf("BTC"), isUnique: true },
    anchors: { low: price, mid: price, high: price, fresh: 3 },
    ...{ tokenPrice: px("1"), tokenLow: 0n, tokenHigh: 0n, isSequencerReady: true },
  };
}
type Quote = Awaited<ReturnType<typeof quoteNow>>;

const withTick = (quote: Quote, tick: Partial<Quote["tick"]>): Quote => ({
  ...quote,
  tick: { ...quote.tick, ...tick },
});

const said = ({ outcome, reason }: { outcome: bigint; reason: bigint }) =>
  `${nameOf(Outcome, outcome)} ${nameOf(Reason, reason)}`;

describe("Trading: previews of quotes that callers make up", () => {
  it("say of a trade that never was that nothing is pending", async () => {
    const fixture = await start();
    const { keeper, trading } = fixture;
    const quote = await quoteNow(fixture);
    const none = "Skipped NothingPending";
    expect(said(await trading.previewExecute(UNKNOWN, keeper, quote))).to.equal(none);
    expect(said(await trading.previewLiquidate(UNKNOWN, quote))).to.equal(none);
    const { execution, liquidation } = await trading.previewItem(UNKNOWN, keeper, quote, quote);
    expect([said(execution), said(liquidation)]).to.deep.equal([none, none]);
    expect(nameOf(Reason, (await trading.previewClose(UNKNOWN, 0, keeper, quote)).reason)).to.equal("NothingPending");
    expect(await trading.previewDue(keeper, [UNKNOWN], [quote.tick])).to.deep.equal([0n]);
  });

  it("of an order say that it has expired, that the breaker is raised, and what the moment lacks", async () => {
    const fixture = await start();
    const { breaker, desk, guardian, keeper, trader, trading } = fixture;
    const { id, target } = await desk.requestOpen(trader, { mode: "standard" });
    await desk.warpTo(target);
    const quote = withTick(await quoteNow(fixture), { publishTime: target });
    const previewed = async (change: Partial<Quote> = {}) =>
      said(await trading.previewExecute(id, keeper, { ...quote, ...change }));
    expect(await previewed()).to.equal("Opened None");
    expect(await previewed({ isSequencerReady: false })).to.equal("Skipped SequencerNotReady");
    expect(await previewed({ anchors: { ...quote.anchors, fresh: 0 } })).to.equal("Skipped AnchorsNotFresh");
    await breaker.connect(guardian).raise(1);
    expect(await previewed()).to.equal("Skipped BreakerRaised");
    await desk.warp(3_600);
    expect(await previewed()).to.equal("Skipped Expired");
  });

  it("of a limit say that there is no tick, or that it is another market's", async () => {
    const fixture = await start();
    const { desk, keeper, trader, trading } = fixture;
    const { id } = await requestLimit(desk, trader, { mode: "standard", acceptablePrice: px("60000") });
    await desk.warp(20);
    const quote = await quoteNow(fixture);
    const previewed = async (tick: Partial<Quote["tick"]>) =>
      said(await trading.previewExecute(id, keeper, withTick(quote, tick)));
    expect(await previewed({ publishTime: 0 })).to.equal("Skipped NoTick");
    expect(await previewed({ assetId: assetIdOf("ETH") })).to.equal("Skipped TickOfOtherAsset");
  });

  it("of a position say why a tick triggers nothing, and why none liquidates", async () => {
    const fixture = await start();
    const { desk, keeper, trading } = fixture;
    const { id } = await openPosition(fixture, { mode: "standard", leverage: 50, stopLoss: px("50000") });
    await desk.warp(20);
    const quote = await quoteNow(fixture);
    const executed = async (tick: Partial<Quote["tick"]>) =>
      said(await trading.previewExecute(id, keeper, withTick(quote, tick)));
    expect(await executed({ assetId: assetIdOf("ETH") })).to.equal("Skipped TickOfOtherAsset");
    expect(await executed({ confidence: px("601") })).to.equal("Skipped ConfidenceTooWide");
    const liquidated = async (change: Partial<Quote>) =>
      said(await trading.previewLiquidate(id, { ...quote, ...change }));
    expect(await liquidated({ isSequencerReady: false })).to.equal("Skipped SequencerNotReady");
    expect(await liquidated({})).to.equal("Skipped NotLiquidatable");
    const closed = await trading.previewClose(id, 0, keeper, { ...quote, anchors: { ...quote.anchors, fresh: 0 } });
    expect([nameOf(Reason, closed.reason), closed.payout]).to.deep.equal(["AnchorsNotFresh", 0n]);
  });

  it("a price that is not valid is the price of an asset that nobody gave: the LPs' sums are the same", async () => {
    const fixture = await start();
    const { trading } = fixture;
    await openPosition(fixture, { mode: "standard", leverage: 50 });
    const bitcoin = BigInt(assetIdOf("BTC"));
    const unpriced = await trading.lpPnl(0n, []);
    expect(await trading.lpPnl(1n << bitcoin, [0n])).to.deep.equal(unpriced);
    expect(unpriced[0] < unpriced[1]).to.equal(true);
  });

  it("a limit at a leverage that is not offered is refused for that, whatever its take profit", async () => {
    const fixture = await start();
    const { desk, trader, trading } = fixture;
    const limit = { mode: "standard", acceptablePrice: px("59000"), takeProfit: px("59001"), leverage: 501 } as const;
    const request = await desk.openRequest(trader, limit);
    await expect(trading.connect(trader).requestLimit(request))
      .to.be.revertedWithCustomError(trading, "Trading_LeverageOutOfRange")
      .withArgs(501, 1, 500);
  });
});
