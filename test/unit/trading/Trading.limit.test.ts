import { expect } from "chai";
import { TradeStatus } from "../../../sdk/enums";
import type { LimitOptions } from "../../../kit/desk/orders";
import { requestLimit } from "../../../kit/desk/orders";
import { openTradeAt, takeProfitBound } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  PYTH_UNIT,
  afterADay,
  balancesOf,
  bookOf,
  difference,
  executeAt,
  makeStale,
  nextBlockAt,
  quoteOf,
  scheduled,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const LIMIT = px("59000");
const FAR = 2 ** 40 - 1;
const TRIGGER_TICK_MAX_AGE = 3;

async function placed(fixture: Fixture, options: Partial<LimitOptions> = {}) {
  const pending = await requestLimit(fixture.desk, fixture.trader, {
    mode: "standard",
    acceptablePrice: LIMIT,
    ...options,
  });
  return { ...pending, earliest: pending.target };
}

/** The feeds report a price; the time of that, at which ticks may be published. */
async function reported({ desk }: Fixture, price: bigint, notBefore = 0): Promise<number> {
  await desk.warpTo(notBefore);
  await desk.setPrice("BTC", price);
  await desk.refresh();
  return desk.now();
}

/** The best tick that does not fill a long limit, and the one that does: the slippage-adjusted price decides. */
function ticksAround(fixture: Fixture, limit: bigint) {
  const slippage = BigInt(bookOf(fixture, "BTC", "standard").slippagePips);
  const reached = ((limit * 1_000_000n) / (1_000_000n + slippage) / PYTH_UNIT) * PYTH_UNIT;
  return { reached, notReached: reached + PYTH_UNIT };
}

describe("Trading", () => {
  describe("requestLimit", () => {
    it("rests without an expiry window, and takes the payment", async () => {
      const fixture = await start();
      const { trading, tradingRecords, trader } = fixture;
      const before = await balancesOf(fixture);
      const { id, receipt } = await placed(fixture, { deadline: FAR });
      const order = await tradingRecords.order(id);
      expect(await trading.statusOf(id)).to.equal(TradeStatus.indexOf("LimitOrder"));
      expect([order.price, order.expiry, order.cancelledAt]).to.deep.equal([LIMIT, 2n ** 32n - 1n, 0n]);
      const moved = difference(await balancesOf(fixture), before);
      expect([moved.collateral, moved.trader]).to.deep.equal([order.amount, -order.amount]);
      await expect(receipt).to.emit(trading, "OrderPlaced");
      expect(order.owner).to.equal(trader.address);
    });

    it("wants a price, and 15 s after the earliest tick", async () => {
      const { desk, trader, trading } = await start();
      const free = await desk.openRequest(trader, { mode: "standard" });
      await expect(trading.connect(trader).requestLimit(free)).to.be.revertedWithCustomError(
        trading,
        "Trading_LimitPriceMissing",
      );
      const now = (await desk.now()) + 5;
      await nextBlockAt(now);
      const early = { ...free, acceptablePrice: LIMIT, deadline: now + 2 + 14 };
      await expect(trading.connect(trader).requestLimit(early))
        .to.be.revertedWithCustomError(trading, "Trading_DeadlineTooEarly")
        .withArgs(now + 16, now + 17);
    });

    for (const isLong of [true, false]) {
      it(`wants the take profit of a ${isLong ? "long" : "short"} on its winning side and within the cap`, async () => {
        const fixture = await start();
        const { trading } = fixture;
        const tier = bookOf(fixture, "BTC", "standard").tiers.find(({ maxLeverage }) => maxLeverage >= 100);
        const cap = takeProfitBound(isLong, LIMIT, 100n, BigInt(tier?.profitCapPips ?? 0));
        for (const takeProfit of [LIMIT, isLong ? cap + 1n : cap - 1n, isLong ? LIMIT - 1n : LIMIT + 1n]) {
          await expect(placed(fixture, { isLong, takeProfit }))
            .to.be.revertedWithCustomError(trading, "Trading_TakeProfitOutOfRange")
            .withArgs(takeProfit, LIMIT, cap);
        }
        await placed(fixture, { isLong, takeProfit: cap });
      });
    }
  });

  describe("execute: a resting limit", () => {
    it("fills exactly at its price once the slippage-adjusted tick reaches it, and not one unit before", async () => {
      const fixture = await start();
      const { desk, tradingRecords, profile } = fixture;
      const { id, earliest } = await placed(fixture, { amount: desk.tokenUnits("USDT", 500n) });
      const { reached, notReached } = ticksAround(fixture, LIMIT);
      const at = await reported(fixture, reached, earliest + 100);
      const miss = await executeAt(fixture, at + 2, [id], [desk.anyTick("BTC", at, { price: notReached })]);
      expect(miss.outcomes).to.deep.equal(["Skipped TickNotReached"]);
      const hit = await executeAt(fixture, at + 3, [id], [desk.anyTick("BTC", at, { price: reached })]);
      expect(hit.outcomes).to.deep.equal(["Opened"]);
      const model = openTradeAt(
        {
          leverage: 100n,
          amountIn: desk.tokenUnits("USDT", 500n),
          token: quoteOf(fixture),
          executionFeeUsd: profile.execution.executionFeeUsd,
          openFeePips: BigInt(bookOf(fixture, "BTC", "standard").openFeePips),
        },
        LIMIT,
      );
      const position = await tradingRecords.position(id);
      expect([position.entry, position.size, position.margin]).to.deep.equal([LIMIT, model.size, model.margin]);
      expect([position.openedAt, position.takeProfitSetAt, position.stopLossSetAt]).to.deep.equal(
        [at, hit.at, hit.at].map(BigInt),
      );
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("fills far through its price at the limit still, but rests where that would be liquidatable", async () => {
      const fixture = await start();
      const { desk, tradingRecords } = fixture;
      const { id, earliest } = await placed(fixture, { leverage: 100 });
      const at = await reported(fixture, (LIMIT * 993n) / 1_000n, earliest);
      const miss = await executeAt(fixture, at + 1, [id], [desk.anyTick("BTC", at)]);
      expect(miss.outcomes).to.deep.equal(["Skipped LiquidatableAtOpening"]);
      const price = (LIMIT * 997n) / 1_000n;
      const hit = await executeAt(fixture, at + 3, [id], [desk.anyTick("BTC", at + 2, { price })]);
      expect(hit.outcomes).to.deep.equal(["Opened"]);
      expect((await tradingRecords.position(id)).entry).to.equal(LIMIT);
    });

    it("takes no tick before its delay is over, and none older than 3 s", async () => {
      const fixture = await start();
      const { desk } = fixture;
      await reported(fixture, px("58900"));
      const { id, earliest } = await placed(fixture);
      const early = await executeAt(fixture, earliest, [id], [desk.anyTick("BTC", earliest - 1)]);
      expect(early.outcomes).to.deep.equal(["Skipped TickTooEarly"]);
      const old = await executeAt(fixture, earliest + 4, [id], [desk.anyTick("BTC", earliest)]);
      expect(old.outcomes).to.deep.equal(["Skipped TickTooOld"]);
      const last = await executeAt(fixture, earliest + 5, [id], [desk.anyTick("BTC", earliest + 2)]);
      expect(last.outcomes).to.deep.equal(["Opened"]);
    });

    it("rests through what the moment, the tick's width, the market's status or the capacity decides", async () => {
      const fixture = await start();
      const { desk, guardian, tradingConfigurator, trading, tradingRecords } = fixture;
      const { id, earliest } = await placed(fixture);
      const at = await reported(fixture, px("58900"), earliest);
      const wide = desk.anyTick("BTC", at, { confidence: px("400") });
      expect((await executeAt(fixture, at + 1, [id], [wide])).outcomes).to.deep.equal(["Skipped ConfidenceTooWide"]);
      const book = desk.bookId("BTC", "standard");
      const { lossBudgetUsd } = (await tradingRecords.bookConfig(book))[0];
      await tradingConfigurator.connect(guardian).cutCaps(trading, book, 1, lossBudgetUsd);
      await desk.refresh();
      const now = await desk.now();
      const full = await executeAt(fixture, now + 1, [id], [desk.anyTick("BTC", now)]);
      expect(full.outcomes).to.deep.equal(["Skipped OpenInterestFull"]);
      await tradingConfigurator.connect(guardian).startNewsWindow(trading, book, 3_600);
      const windowed = await desk.now();
      const closed = await executeAt(fixture, windowed + 1, [id], [desk.anyTick("BTC", windowed)]);
      expect(closed.outcomes).to.deep.equal(["Skipped BookNotActive"]);
      await makeStale(fixture, "BTC");
      const later = await desk.now();
      const stale = await executeAt(fixture, later + 1, [id], [desk.anyTick("BTC", later)]);
      expect(stale.outcomes).to.deep.equal(["Skipped AnchorsNotFresh"]);
      expect(await trading.statusOf(id)).to.equal(TradeStatus.indexOf("LimitOrder"));
    });

    it("is refused, with its refund, where its own terms do not hold at its price", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const amount = desk.tokenUnits("USDT", 5n);
      const { id, earliest } = await placed(fixture, { amount });
      const before = await balancesOf(fixture);
      const at = await reported(fixture, px("58900"), earliest);
      const small = await executeAt(fixture, at + 1, [id], [desk.anyTick("BTC", at)]);
      expect(small.outcomes).to.deep.equal(["Refused MarginTooSmall"]);
      const moved = difference(await balancesOf(fixture), before);
      expect(moved.trader + moved.keeper).to.equal(amount);
      expect(moved.collateral).to.equal(-amount);
      expect(await trading.statusOf(id)).to.equal(0n);
      expect(trader.address).to.not.equal(fixture.keeper.address);
    });

    it("ends at its deadline: filled in that second, refunded after it", async () => {
      const fixture = await start();
      const { desk, trading, stranger } = fixture;
      const deadline = (await desk.now()) + 100;
      const first = await placed(fixture, { deadline });
      const second = await placed(fixture, { deadline });
      await reported(fixture, px("58900"), deadline - 30);
      const last = await executeAt(fixture, deadline, [first.id], [desk.anyTick("BTC", deadline - 1)]);
      expect(last.outcomes).to.deep.equal(["Opened"]);
      const late = await executeAt(fixture, deadline + 1, [second.id], [desk.anyTick("BTC", deadline)]);
      expect(late.outcomes).to.deep.equal(["Skipped Expired"]);
      await expect(trading.connect(stranger).cancelExpired(second.id)).to.emit(trading, "OrderCancelled");
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("cancelLimit", () => {
    it("binds later ticks only: earlier ones fill while young enough, then anyone refunds the owner in full", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, stranger } = fixture;
      const { id, earliest } = await placed(fixture);
      const cancelledAt = (await reported(fixture, px("58900"), earliest)) + 1;
      await nextBlockAt(cancelledAt);
      const binds = cancelledAt + 2;
      const from = binds + TRIGGER_TICK_MAX_AGE + 1;
      await expect(trading.connect(trader).cancelLimit(id))
        .to.emit(trading, "LimitCancelRequested")
        .withArgs(id, trader, from);
      expect((await tradingRecords.order(id)).cancelledAt).to.equal(BigInt(cancelledAt));
      const later = await executeAt(fixture, binds + 2, [id], [desk.anyTick("BTC", binds + 1)]);
      expect(later.outcomes).to.deep.equal(["Skipped CancelBinds"]);
      await nextBlockAt(from - 1);
      await expect(trading.connect(stranger).cancelExpired(id))
        .to.be.revertedWithCustomError(trading, "Trading_NotExpired")
        .withArgs(id, from);
      const before = await balancesOf(fixture);
      await nextBlockAt(from);
      await trading.connect(stranger).cancelExpired(id);
      const moved = difference(await balancesOf(fixture), before);
      expect(moved.trader).to.equal(desk.tokenUnits("USDT", 100n));
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("fills at the last tick that does not bind, in the last block that takes it", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const { id, earliest } = await placed(fixture);
      const at = (await reported(fixture, px("58900"), earliest)) + 1;
      await nextBlockAt(at);
      await trading.connect(trader).cancelLimit(id);
      const binds = at + 2;
      const proofs = [desk.anyTick("BTC", binds)];
      const last = await executeAt(fixture, binds + TRIGGER_TICK_MAX_AGE, [id], proofs);
      expect(last.outcomes).to.deep.equal(["Opened"]);
    });

    it("is the owner's alone, for a limit, once", async () => {
      const fixture = await start();
      const { desk, trading, trader, stranger } = fixture;
      const { id } = await placed(fixture);
      await expect(trading.connect(stranger).cancelLimit(id))
        .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
        .withArgs(id, stranger);
      await trading.connect(trader).cancelLimit(id);
      const from = (await desk.now()) + 2 + TRIGGER_TICK_MAX_AGE + 1;
      await expect(trading.connect(trader).cancelLimit(id))
        .to.be.revertedWithCustomError(trading, "Trading_CancelIsPending")
        .withArgs(id, from);
      const market = await desk.requestOpen(trader);
      for (const other of [market.id, 99n]) {
        await expect(trading.connect(trader).cancelLimit(other))
          .to.be.revertedWithCustomError(trading, "Trading_NotALimit")
          .withArgs(other);
      }
    });

    it("works at every breaker level, the refund too; the order does not fill above level 0", async () => {
      const fixture = await start();
      const { desk, trading, trader, guardian, breaker } = fixture;
      const { id, earliest } = await placed(fixture);
      await breaker.connect(guardian).raise(3);
      const at = await reported(fixture, px("58900"), earliest);
      const stopped = await executeAt(fixture, at + 1, [id], [desk.anyTick("BTC", at)]);
      expect(stopped.outcomes).to.deep.equal(["Skipped BreakerRaised"]);
      await trading.connect(trader).cancelLimit(id);
      await desk.warp(10);
      await trading.cancelExpired(id);
      expect(await trading.statusOf(id)).to.equal(0n);
    });
  });

  describe("updateTpSl of a resting limit", () => {
    it("changes both, for the fill to come, and keeps the order one that its ticks fill", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id, earliest } = await placed(fixture);
      const tier = bookOf(fixture, "BTC", "standard").tiers.find(({ maxLeverage }) => maxLeverage >= 100);
      const cap = takeProfitBound(true, LIMIT, 100n, BigInt(tier?.profitCapPips ?? 0));
      await expect(trading.connect(trader).updateTpSl(id, LIMIT, 0n))
        .to.be.revertedWithCustomError(trading, "Trading_TakeProfitOutOfRange")
        .withArgs(LIMIT, LIMIT, cap);
      await expect(trading.connect(trader).updateTpSl(id, cap, px("58000")))
        .to.emit(trading, "TpSlUpdated")
        .withArgs(id, trader, cap, px("58000"));
      const now = await reported(fixture, px("58900"), earliest);
      const { at } = await executeAt(fixture, now + 1, [id], [desk.anyTick("BTC", now)]);
      const { takeProfit, stopLoss, takeProfitSetAt, leverage } = await tradingRecords.position(id);
      expect([takeProfit, stopLoss, takeProfitSetAt, leverage].map(BigInt)).to.deep.equal([
        cap,
        px("58000"),
        BigInt(at),
        100n,
      ]);
    });

    it("leaves a market order alone", async () => {
      const { desk, trading, trader } = await start();
      const { id } = await desk.requestOpen(trader);
      await expect(trading.connect(trader).updateTpSl(id, 0n, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_NotOpen")
        .withArgs(id);
    });
  });

  it("keeps a limit whose tier was taken away until a tick reaches it, then refuses it", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, tradingConfigurator, riskManager } = fixture;
    const { id } = await placed(fixture, { leverage: 500, amount: desk.tokenUnits("USDT", 60n), deadline: FAR });
    const book = desk.bookId("BTC", "standard");
    const tiers = (await tradingRecords.tiers(book)).slice(0, 1).map(({ maxLeverage, maxNotionalUsd, terms }) => ({
      maxLeverage,
      maxNotionalUsd,
      termsId: 0,
      terms: {
        liquidationLossRatePips: terms.liquidationLossRatePips,
        profitCapPips: terms.profitCapPips,
        closeFeePips: terms.closeFeePips,
        profitSharePips: terms.profitSharePips,
        maxExitSlippagePips: terms.maxExitSlippagePips,
      },
    }));
    const data = tradingConfigurator.interface.encodeFunctionData("setTiers", [
      await trading.getAddress(),
      book,
      tiers,
    ]);
    const change = await scheduled(fixture, riskManager, tradingConfigurator, data);
    await afterADay(fixture);
    await change();
    await desk.setPrice("BTC", px("58900"));
    await desk.refresh();
    const now = await desk.now();
    const { outcomes } = await executeAt(fixture, now + 2, [id], [desk.anyTick("BTC", now)]);
    expect(outcomes).to.deep.equal(["Refused LeverageNotOffered"]);
  });
});
