import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { Reason, nameOf } from "../../../sdk/enums";
import { pipsPerHourToX18PerSecond, ratePerSecond } from "../../../sdk/model";
import { usd } from "../../../sdk/units";
import { afterADay, bookOf, makeStale, openPosition, scheduled, start } from "../trading/setup";
import type { Fixture } from "../trading/setup";

async function blockedBy({ marketLens, trading }: Fixture, bookId: number): Promise<string> {
  return nameOf(Reason, (await marketLens.market(trading, bookId)).blockedBy);
}

/** Gives the book another loss budget, whole dollars. */
async function setBudget(fixture: Fixture, bookId: number, budgetUsd: number): Promise<void> {
  const { trading, tradingRecords, tradingConfigurator, riskManager } = fixture;
  const [, { maxOpenInterestUsd }] = await tradingRecords.bookConfig(bookId);
  const data = tradingConfigurator.interface.encodeFunctionData("setCaps", [
    await trading.getAddress(),
    bookId,
    maxOpenInterestUsd,
    budgetUsd,
    0n,
  ]);
  const change = await scheduled(fixture, riskManager, tradingConfigurator, data);
  await afterADay(fixture);
  await change();
  await fixture.desk.refresh();
}

describe("MarketLens", () => {
  it("keeps prices and breaker, and refuses to be built without", async () => {
    const { marketLens, priceAggregator, breaker } = await start();
    expect(await marketLens.aggregator()).to.equal(await priceAggregator.getAddress());
    expect(await marketLens.breaker()).to.equal(await breaker.getAddress());
    for (const addresses of [
      [ZeroAddress, breaker],
      [priceAggregator, ZeroAddress],
    ]) {
      await expect(ethers.deployContract("MarketLens", addresses))
        .to.be.revertedWithCustomError(marketLens, "Code_NotAContract")
        .withArgs(ZeroAddress);
    }
  });

  describe("market", () => {
    it("shows the configuration, and what the profile says of delays and fees", async () => {
      const { desk, marketLens, trading, tradingRecords, profile } = await start();
      for (const [asset, mode] of [
        ["BTC", "standard"],
        ["BTC", "degen"],
        ["ETH", "standard"],
      ] as const) {
        const id = desk.bookId(asset, mode);
        const seen = await marketLens.market(trading, id);
        const [config, openConfig] = await tradingRecords.bookConfig(id);
        expect([seen.bookId, seen.mode]).to.deep.equal([BigInt(id), mode === "degen" ? 1n : 0n]);
        expect(seen.config).to.deep.equal(config);
        expect(seen.openConfig).to.deep.equal(openConfig);
        expect(seen.tiers).to.deep.equal(await tradingRecords.tiers(id));
        expect(seen.state).to.deep.equal(await tradingRecords.bookState(id));
        expect(seen.executionDelay).to.equal(BigInt(desk.delayOf(mode)));
        expect(seen.executionWindow).to.equal(BigInt(profile.execution.executionWindowSeconds));
        expect(seen.executionFeeUsd).to.equal(profile.execution.executionFeeUsd);
        expect([seen.breakerLevel, seen.isSequencerReady, seen.blockedBy]).to.deep.equal([0n, true, 0n]);
        const price = desk.priceOf(asset);
        const anchors = BigInt(profile.oracle.minAnchors);
        expect(seen.price).to.deep.equal([price, price, price, anchors]);
      }
      const [first, second] = await marketLens.markets(trading, [2, 0]);
      expect(first).to.deep.equal(await marketLens.market(trading, 2));
      expect(second).to.deep.equal(await marketLens.market(trading, 0));
    });

    it("shows the room that open interest leaves, and what each side owes a second", async () => {
      const fixture = await start();
      const { desk, marketLens, trading } = fixture;
      const id = desk.bookId("BTC", "standard");
      const book = bookOf(fixture, "BTC", "standard");
      const long = await openPosition(fixture, { mode: "standard", amount: desk.tokenUnits("USDT", 300n) });
      const short = await openPosition(fixture, { mode: "standard", isLong: false });
      const seen = await marketLens.market(trading, id);
      const [longs, shorts] = [long.model.notional, short.model.notional];
      expect([seen.long.notional, seen.short.notional]).to.deep.equal([longs, shorts]);
      const limit = book.maxOpenInterestUsd;
      expect([seen.longRoomUsd, seen.shortRoomUsd]).to.deep.equal([limit - longs, limit - shorts]);
      const borrow = pipsPerHourToX18PerSecond(BigInt(book.borrowRatePipsPerHour));
      const funding = ratePerSecond(longs, shorts, {
        fundingFactorX18: pipsPerHourToX18PerSecond(BigInt(book.fundingFactorPipsPerHour)),
        minRateX18: pipsPerHourToX18PerSecond(BigInt(book.minFundingPipsPerHour)),
        maxRateX18: pipsPerHourToX18PerSecond(BigInt(book.maxFundingPipsPerHour)),
      });
      expect(funding).to.be.greaterThan(0n);
      expect([seen.longCarryX18, seen.shortCarryX18]).to.deep.equal([borrow + funding, borrow - funding]);
      // The indices grow by just that.
      await desk.warp(1_000);
      const later = await marketLens.market(trading, id);
      const elapsed = later.state.accruedAt - seen.state.accruedAt;
      expect(later.state.longIndex - seen.state.longIndex).to.equal(seen.longCarryX18 * elapsed);
      expect(later.state.shortIndex - seen.state.shortIndex).to.equal(seen.shortCarryX18 * elapsed);
    });

    it("shows no room where the cap was cut below the open interest", async () => {
      const fixture = await start();
      const { desk, guardian, marketLens, trading, tradingRecords, tradingConfigurator } = fixture;
      const id = desk.bookId("BTC", "degen");
      await openPosition(fixture);
      const { lossBudgetUsd } = (await tradingRecords.bookConfig(id))[0];
      await tradingConfigurator.connect(guardian).cutCaps(trading, id, 1_000, lossBudgetUsd);
      const { longRoomUsd, shortRoomUsd } = await marketLens.market(trading, id);
      expect([longRoomUsd, shortRoomUsd]).to.deep.equal([0n, usd("1000")]);
    });

    it("shows what is left of the loss budget, and that it is spent", async () => {
      const fixture = await start();
      const { desk, keeper, marketLens, trader, trading } = fixture;
      const id = desk.bookId("BTC", "standard");
      expect((await marketLens.market(trading, id)).lossBudgetLeftUsd).to.equal(
        bookOf(fixture, "BTC", "standard").lossBudgetUsd,
      );
      await setBudget(fixture, id, 100);
      for (const [amount, reason] of [
        [10n, "None"],
        [2_000n, "LossBudgetSpent"],
      ] as const) {
        const open = await desk.open(trader, keeper, { mode: "standard", amount: desk.tokenUnits("USDT", amount) });
        await desk.setPrice("BTC", (desk.priceOf("BTC") * 1_003n) / 1_000n);
        await desk.close(trader, keeper, open);
        const { lossBudgetLeftUsd, state } = await marketLens.market(trading, id);
        const left = usd("100") - state.lossNano * 10n ** 9n;
        expect(lossBudgetLeftUsd).to.equal(left > 0n ? left : 0n);
        expect(await blockedBy(fixture, id)).to.equal(reason);
        expect(state.lossNano).to.be.greaterThan(0n);
      }
    });

    it("shows the price of the fresh feeds, and the first that stands against openings", async () => {
      const fixture = await start();
      const { breaker, desk, guardian, marketLens, trading, tradingConfigurator, profile, replica } = fixture;
      const id = desk.bookId("BTC", "degen");
      await tradingConfigurator.connect(guardian).startNewsWindow(trading, id, 60);
      expect(await blockedBy(fixture, id)).to.equal("BookNotActive");
      await desk.warp(61);
      await desk.refresh();
      expect(await blockedBy(fixture, id)).to.equal("None");
      await tradingConfigurator.connect(guardian).disableBook(trading, id);
      expect(await blockedBy(fixture, id)).to.equal("BookNotActive");
      await makeStale(fixture, "BTC");
      const { price } = await marketLens.market(trading, id);
      expect(price).to.deep.equal([0n, 0n, 0n, 0n]);
      expect(await blockedBy(fixture, id)).to.equal("AnchorsNotFresh");
      if (profile.sequencer !== null) {
        await replica.setSequencer(false);
        expect((await marketLens.market(trading, id)).isSequencerReady).to.equal(false);
        expect(await blockedBy(fixture, id)).to.equal("SequencerNotReady");
      }
      await breaker.connect(guardian).raise(2);
      expect((await marketLens.market(trading, id)).breakerLevel).to.equal(2n);
      expect(await blockedBy(fixture, id)).to.equal("BreakerRaised");
    });

    it("of a book that is not listed shows nothing", async () => {
      const fixture = await start();
      const { marketLens, trading } = fixture;
      const { config, tiers, price, longRoomUsd } = await marketLens.market(trading, 99);
      expect([config.status, tiers.length, price.fresh, longRoomUsd]).to.deep.equal([0n, 0, 0n, 0n]);
      expect(await blockedBy(fixture, 99)).to.equal("BookNotActive");
    });
  });
});
