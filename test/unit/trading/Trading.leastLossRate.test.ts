import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { bookArguments } from "../../../deploy/arguments/books";
import { leastLossRatePercent } from "../../../sdk/model";
import { quickRolesDeskFixture } from "../../fixtures/trading";
import { BTC_DEGEN, BTC_STANDARD } from "./configuratorFixture";

const SHIPPED = 60n;

async function start() {
  const context = await loadFixture(quickRolesDeskFixture);
  const { profile, trading, tradingRecords, tradingConfigurator, quickRiskManager } = context;
  await context.desk.refresh();
  const asRiskManager = tradingConfigurator.connect(quickRiskManager);
  /** Sets the shipped tiers of the largest leverages with these loss rates, and a close fee that all of them bear. */
  const setLossRates = async (bookId: number, llrsPips: readonly bigint[]) => {
    const { tiers: shipped } = bookArguments("BTC", profile.markets[0].books[0], 1);
    const tiers = shipped.slice(-llrsPips.length).map((tier, index) => ({
      ...tier,
      terms: { ...tier.terms, liquidationLossRatePips: llrsPips[index], closeFeePips: 100 },
    }));
    await asRiskManager.setTiers(trading, bookId, tiers);
  };
  const leastOf = async (bookId: number) => (await tradingRecords.bookConfig(bookId))[0].leastLossRatePercent;
  return { ...context, asRiskManager, setLossRates, leastOf };
}

describe("Trading", () => {
  describe("the least loss rate of a book", () => {
    it("is that of the tiers it was listed with", async () => {
      const { leastOf } = await start();
      for (const bookId of [BTC_STANDARD, BTC_DEGEN]) expect(await leastOf(bookId)).to.equal(SHIPPED);
    });

    it("follows the tiers of an empty book, up and down, in whole percent rounded down", async () => {
      const { setLossRates, leastOf } = await start();
      let before = SHIPPED;
      for (const llrsPips of [[500_000n], [599_999n, 740_000n], [709_999n, 700_000n], [600_000n, 500_001n]]) {
        await setLossRates(BTC_STANDARD, llrsPips);
        const expected = leastLossRatePercent(before, true, llrsPips);
        expect(await leastOf(BTC_STANDARD)).to.equal(expected);
        before = expected;
      }
      expect(await leastOf(BTC_DEGEN)).to.equal(SHIPPED);
    });

    for (const isLong of [true, false]) {
      it(`only falls while the book has a ${isLong ? "long" : "short"} position, and is free when it left`, async () => {
        const { desk, trader, keeper, setLossRates, leastOf } = await start();
        const id = await desk.open(trader, keeper, { mode: "standard", isLong });
        await setLossRates(BTC_STANDARD, [740_000n]);
        expect(await leastOf(BTC_STANDARD)).to.equal(leastLossRatePercent(SHIPPED, false, [740_000n]));
        await setLossRates(BTC_STANDARD, [549_999n]);
        expect(await leastOf(BTC_STANDARD)).to.equal(54n);
        await setLossRates(BTC_STANDARD, [740_000n]);
        expect(await leastOf(BTC_STANDARD)).to.equal(54n);
        await desk.close(trader, keeper, id);
        expect(await leastOf(BTC_STANDARD)).to.equal(54n);
        await setLossRates(BTC_STANDARD, [740_000n]);
        expect(await leastOf(BTC_STANDARD)).to.equal(74n);
      });
    }

    it("stays what it is through every other configuration", async () => {
      const { asRiskManager, trading, setLossRates, leastOf } = await start();
      await setLossRates(BTC_STANDARD, [700_000n]);
      await asRiskManager.setSlippage(trading, BTC_STANDARD, 0, 50, 0);
      await asRiskManager.setRates(trading, BTC_STANDARD, 1, 1, 1, 1);
      await asRiskManager.setCaps(trading, BTC_STANDARD, 1, 1, 0);
      await asRiskManager.setFees(trading, BTC_STANDARD, 0, 0);
      expect(await leastOf(BTC_STANDARD)).to.equal(70n);
    });
  });
});
