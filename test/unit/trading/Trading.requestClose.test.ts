import { expect } from "chai";
import { px } from "../../../sdk/units";
import { balancesOf, difference, executeAt, nextBlockAt, openPosition, settleAtTarget, start } from "./setup";

const REQUESTED = 1n;
const DEAD = 3n;
const MIN_EXECUTION_TIME = 15;
const FAR = 2n ** 40n - 1n;

describe("Trading", () => {
  describe("requestClose", () => {
    for (const [mode, delay] of [
      ["standard", 2],
      ["degen", 3],
    ] as const) {
      it(`stores the close of a ${mode} position and says so`, async () => {
        const fixture = await start();
        const { desk, trading, tradingRecords, trader, profile } = fixture;
        const { id } = await openPosition(fixture, { mode });
        const now = (await desk.now()) + 5;
        const target = now + delay;
        const expiry = target + profile.execution.executionWindowSeconds;
        await nextBlockAt(now);
        await expect(trading.connect(trader).requestClose(id, px("59000"), FAR))
          .to.emit(trading, "CloseRequested")
          .withArgs(id, trader, 0n, px("59000"), target, expiry);
        const close = await tradingRecords.closeOf(id);
        expect([close.boundOrArmer, close.target, close.expiry]).to.deep.equal([
          px("59000"),
          BigInt(target),
          BigInt(expiry),
        ]);
        expect([close.kind, close.former]).to.deep.equal([REQUESTED, 0n]);
      });
    }

    it("expires at its deadline when that comes first, and wants 15 s after the target", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture);
      const now = (await desk.now()) + 5;
      const earliest = now + 3 + MIN_EXECUTION_TIME;
      await nextBlockAt(now);
      await expect(trading.connect(trader).requestClose(id, 0n, earliest - 1))
        .to.be.revertedWithCustomError(trading, "Trading_DeadlineTooEarly")
        .withArgs(earliest - 1, earliest);
      await nextBlockAt(now + 1);
      await trading.connect(trader).requestClose(id, 0n, earliest + 1);
      expect((await tradingRecords.closeOf(id)).expiry).to.equal(earliest + 1);
    });

    it("reverts for anyone but the owner", async () => {
      const fixture = await start();
      const { trading, other } = fixture;
      const { id } = await openPosition(fixture);
      await expect(trading.connect(other).requestClose(id, 0n, FAR))
        .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
        .withArgs(id, other);
    });

    it("reverts for what is not an open position", async () => {
      const { desk, trading, trader } = await start();
      const { id } = await desk.requestOpen(trader);
      for (const wrong of [0n, id, id + 1n]) {
        await expect(trading.connect(trader).requestClose(wrong, 0n, FAR))
          .to.be.revertedWithCustomError(trading, "Trading_NotOpen")
          .withArgs(wrong);
      }
    });

    it("reverts while a close is pending, its last second included", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture);
      await desk.requestClose(trader, id);
      const { expiry } = await tradingRecords.closeOf(id);
      await nextBlockAt(Number(expiry));
      await expect(trading.connect(trader).requestClose(id, 0n, FAR))
        .to.be.revertedWithCustomError(trading, "Trading_CloseIsPending")
        .withArgs(id, expiry);
      await nextBlockAt(Number(expiry) + 1);
      await expect(trading.connect(trader).requestClose(id, 0n, FAR)).to.emit(trading, "CloseRequested");
    });

    it("replaces a close that was refused, at once", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture);
      const pending = await desk.requestClose(trader, id, { acceptablePrice: px("60001") });
      const { outcomes } = await settleAtTarget(fixture, pending);
      expect(outcomes).to.deep.equal(["Refused PriceBound"]);
      expect((await tradingRecords.closeOf(id)).kind).to.equal(DEAD);
      const again = await desk.requestClose(trader, id);
      expect((await settleAtTarget(fixture, again)).outcomes).to.deep.equal(["Closed"]);
    });

    it("reverts at breaker level 3 only", async () => {
      const fixture = await start();
      const { trading, trader, breaker, guardian } = fixture;
      const { id } = await openPosition(fixture);
      await breaker.connect(guardian).raise(2);
      await trading.connect(trader).requestClose.staticCall(id, 0n, FAR);
      await breaker.connect(guardian).raise(3);
      await expect(trading.connect(trader).requestClose(id, 0n, FAR))
        .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
        .withArgs(3);
    });
  });

  describe("cancelExpired", () => {
    it("gives everything back to the owner after the expiry, whoever asks", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, stranger } = fixture;
      const before = await balancesOf(fixture);
      const { id } = await desk.requestOpen(trader);
      const { expiry, amount } = await tradingRecords.order(id);
      await nextBlockAt(Number(expiry));
      await expect(trading.connect(stranger).cancelExpired(id))
        .to.be.revertedWithCustomError(trading, "Trading_NotExpired")
        .withArgs(id, expiry + 1n);
      await nextBlockAt(Number(expiry) + 1);
      await expect(trading.connect(stranger).cancelExpired(id))
        .to.emit(trading, "OrderCancelled")
        .withArgs(id, trader, amount);
      expect(await desk.statusOf(id)).to.equal("None");
      const changed = difference(await balancesOf(fixture), before);
      expect(changed).to.deep.equal({ trader: 0n, keeper: 0n, liquidity: 0n, fees: 0n, collateral: 0n, reserved: 0n });
      await expect(trading.cancelExpired(id)).to.be.revertedWithCustomError(trading, "Trading_NotAnOrder").withArgs(id);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("gives back the native coin where that was asked for", async () => {
      const { desk, trading, trader, stranger, profile } = await start();
      const token = profile.wrappedNativeSymbol;
      const { id } = await desk.requestOpen(trader, { token, amount: 10n ** 18n, asNative: true });
      await desk.warp(60);
      await expect(trading.connect(stranger).cancelExpired(id)).to.changeEtherBalance(trader, 10n ** 18n);
    });

    it("works at every breaker level", async () => {
      const fixture = await start();
      const { desk, trading, trader, breaker, guardian } = fixture;
      const ids: bigint[] = [];
      for (let count = 0; count < 3; ++count) ids.push((await desk.requestOpen(trader)).id);
      await desk.warp(60);
      for (const [index, id] of ids.entries()) {
        await breaker.connect(guardian).raise(index + 1);
        await expect(trading.cancelExpired(id)).to.emit(trading, "OrderCancelled");
      }
    });

    it("reverts for what is not an order", async () => {
      const fixture = await start();
      const { trading } = fixture;
      const { id } = await openPosition(fixture);
      for (const wrong of [0n, id, id + 1n]) {
        await expect(trading.cancelExpired(wrong))
          .to.be.revertedWithCustomError(trading, "Trading_NotAnOrder")
          .withArgs(wrong);
      }
    });

    it("leaves nothing for a late execution", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id, target } = await desk.requestOpen(trader);
      const { expiry } = await tradingRecords.order(id);
      await nextBlockAt(Number(expiry) + 1);
      await trading.cancelExpired(id);
      const { outcomes } = await executeAt(fixture, Number(expiry) + 2, [id], [desk.firstTick("BTC", target)]);
      expect(outcomes).to.deep.equal(["Skipped NothingPending"]);
    });
  });
});
