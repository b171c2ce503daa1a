import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { takeProfitBound } from "../../sdk/model";
import { px, usd } from "../../sdk/units";
import { deskFixture } from "../fixtures/desk";
import { executeIn } from "../dsl/blocks";
import { expectBalanced, navOf } from "./support";

const ENTRY = px("60000");
const LEVERAGE = 50;
const PIPS = 1_000_000n;
/** A step of the feed: 8 decimals. */
const STEP = 100n;

/** A winner at its cap whose owner changes the take profit every second, so that it never counts by its own clock. */
async function renewing(isLong: boolean) {
  const fixture = await loadFixture(deskFixture);
  const { desk, trader, keeper, trading, tradingRecords, profile } = fixture;
  await desk.setPrice("BTC", ENTRY);
  await desk.refresh();
  const id = await desk.open(trader, keeper, { mode: "standard", leverage: LEVERAGE, isLong });
  const { entry, termsId, openedAt } = await tradingRecords.position(id);
  const { profitCapPips } = await tradingRecords.terms(desk.bookId("BTC", "standard"), termsId);
  const cap = takeProfitBound(isLong, entry, BigInt(LEVERAGE), profitCapPips);
  let changes = 0n;
  const renew = async () => {
    changes += 1n;
    // 0 stands for the cap itself.
    const takeProfit = changes % 3n === 0n ? 0n : cap + (isLong ? -STEP : STEP) * (changes % 3n);
    await trading.connect(trader).updateTpSl(id, takeProfit, 0n);
  };
  /** Renews in one block and brings a tick of its second in the next. */
  const attempt = async (price: bigint): Promise<string[]> => {
    await renew();
    const now = await desk.now();
    return executeIn(desk, keeper, [id], [desk.anyTick("BTC", now, { price })], now + 1);
  };
  const capFrom = Number(openedAt) + profile.execution.executionWindowSeconds + desk.delayOf("standard");
  return { ...fixture, id, cap, attempt, capFrom };
}

function beyond(price: bigint, pips: bigint, isLong: boolean): bigint {
  return (price * (PIPS + (isLong ? pips : -pips))) / PIPS;
}

describe("attacks: the profit cap", () => {
  for (const isLong of [true, false]) {
    const side = isLong ? "long" : "short";

    it(`A41: a ${side} at its cap is taken there, however often its owner changes the take profit`, async () => {
      const { desk, trading, id, cap, attempt, capFrom } = await renewing(isLong);
      await desk.setPrice("BTC", cap);
      // The opening may have come as late as that: until then a changed take profit alone counts.
      await desk.warpTo(capFrom - 15);
      await desk.refresh();
      expect(await attempt(cap)).to.deep.equal(["Skipped TickNotReached"]);
      await desk.warpTo(capFrom);
      await desk.refresh();
      // One step short of the cap it is the owner's own price that was reached, and that is too new.
      expect(await attempt(cap + (isLong ? -STEP : STEP))).to.deep.equal(["Skipped TickNotReached"]);
      expect(await attempt(cap)).to.deep.equal(["Closed None"]);
      const [closed] = await trading.queryFilter(trading.filters.TradeClosed(id));
      expect(closed.args.exit).to.equal(isLong ? (cap * 999_900n) / PIPS : (cap * 1_000_100n + PIPS - 1n) / PIPS);
      await expectBalanced(desk);
    });

    it(`A41: a ${side} further than 1% beyond its cap is closed by the market, so that NAV counts it no more`, async () => {
      const { desk, trading, tradingRecords, keeper, other, id, cap, attempt, capFrom, profile } =
        await renewing(isLong);
      // What others hold on the same side makes room below which the excess is netted.
      const far = beyond(cap, 30_000n, isLong);
      await desk.setPrice("BTC", far);
      await desk.refresh();
      const amount = desk.tokenUnits("USDT", 5_000n);
      await desk.fund(other, "USDT", amount);
      await desk.open(other, keeper, { mode: "standard", leverage: 2, isLong, amount });
      await desk.warpTo(capFrom);
      await desk.refresh();
      const before = await navOf(desk);
      expect(await attempt(far)).to.deep.equal(["Armed None"]);
      const { target } = await tradingRecords.closeOf(id);
      await desk.warpTo(Number(target) + 1);
      await desk.refresh();
      const batch = await desk.execute(keeper, [id], [desk.firstTick("BTC", Number(target), { price: far })]);
      expect(batch.results[0].outcome).to.equal("Closed");
      await desk.refresh();
      // That much of the others' money the LPs' books had taken for lost: 3% of the winner's notional at the least.
      const missing = (await navOf(desk)) - before;
      expect(missing).to.be.greaterThan(usd("100"));
      expect(await trading.statusOf(id), profile.key).to.equal(0n);
      await expectBalanced(desk);
    });
  }
});
