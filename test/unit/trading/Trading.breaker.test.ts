import { expect } from "chai";
import { px } from "../../../sdk/units";
import { afterADay, executeAt, liquidateAt, openPosition, start } from "./setup";

const CRASH = px("59950");
const DAY = 24 * 3_600;
const LIQUIDATION_GRACE = 300;
const FAR = 2n ** 40n - 1n;

describe("Trading", () => {
  describe("I23: the breaker", () => {
    for (const level of [0, 1, 2, 3]) {
      const canOpen = level === 0;
      const canExit = level < 3;

      it(`at level ${level} ${canOpen ? "lets" : "does not let"} anyone open`, async () => {
        const fixture = await start();
        const { desk, trading, trader, breaker, guardian } = fixture;
        const pending = await desk.requestOpen(trader);
        const request = await desk.openRequest(trader);
        if (level > 0) await breaker.connect(guardian).raise(level);
        if (canOpen) await trading.connect(trader).requestOpen.staticCall(request);
        else {
          await expect(trading.connect(trader).requestOpen(request))
            .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
            .withArgs(level);
        }
        const proofs = [desk.firstTick("BTC", pending.target)];
        const { outcomes } = await executeAt(fixture, pending.target + 2, [pending.id], proofs);
        expect(outcomes).to.deep.equal([canOpen ? "Opened" : "Skipped BreakerRaised"]);
      });

      it(`at level ${level} ${canExit ? "lets" : "does not let"} positions close and be liquidated`, async () => {
        const fixture = await start();
        const { desk, trading, trader, breaker, guardian } = fixture;
        const [first, second, third] = [
          await openPosition(fixture),
          await openPosition(fixture),
          await openPosition(fixture),
        ];
        const pending = await desk.requestClose(trader, first.id);
        if (level > 0) await breaker.connect(guardian).raise(level);
        if (canExit) await trading.connect(trader).requestClose(third.id, 0n, FAR);
        else {
          await expect(trading.connect(trader).requestClose(third.id, 0n, FAR))
            .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
            .withArgs(level);
        }
        const at = pending.target + 3;
        const closed = await executeAt(fixture, at, [first.id], [desk.firstTick("BTC", pending.target)]);
        expect(closed.outcomes).to.deep.equal([canExit ? "Closed" : "Skipped BreakerRaised"]);
        const tick = desk.anyTick("BTC", at + 1, { price: CRASH });
        const liquidated = await liquidateAt(fixture, at + 1, [second.id], [tick]);
        expect(liquidated.outcomes).to.deep.equal([canExit ? "Liquidated" : "Skipped BreakerRaised"]);
      });

      it(`at level ${level} ${canExit ? "pulls a trigger that is reached" : "pulls no trigger"}`, async () => {
        const fixture = await start();
        const { desk, breaker, guardian } = fixture;
        const { id, at } = await openPosition(fixture, { takeProfit: px("60020") });
        if (level > 0) await breaker.connect(guardian).raise(level);
        await desk.setPrice("BTC", px("60020"));
        const from = at + desk.delayOf("degen") + 20;
        const { outcomes } = await executeAt(fixture, from + 2, [id], [desk.anyTick("BTC", from)]);
        expect(outcomes).to.deep.equal([canExit ? "Closed" : "Skipped BreakerRaised"]);
      });

      it(`at level ${level} lets anyone cancel an expired order`, async () => {
        const { desk, trading, trader, breaker, guardian } = await start();
        const { id } = await desk.requestOpen(trader);
        if (level > 0) await breaker.connect(guardian).raise(level);
        await desk.warp(60);
        await expect(trading.cancelExpired(id)).to.emit(trading, "OrderCancelled");
      });
    }

    it("gives owners five minutes after level 3, in which what would liquidate settles as a close", async () => {
      const fixture = await start();
      const { desk, trading, trader, breaker, guardian } = fixture;
      const [first, second] = [
        await openPosition(fixture, { leverage: 500 }),
        await openPosition(fixture, { leverage: 500 }),
      ];
      await breaker.connect(guardian).raise(3);
      const end = Number(await breaker.haltEndsAt());
      await desk.warpTo(end - 30);
      await desk.refresh();
      // Half a percent at 500x is more than twice the margin.
      const price = px("59700");
      const halted = await liquidateAt(fixture, end - 1, [second.id], [desk.anyTick("BTC", end - 1, { price })]);
      expect(halted.outcomes).to.deep.equal(["Skipped BreakerRaised"]);
      const graced = await liquidateAt(fixture, end, [second.id], [desk.anyTick("BTC", end, { price })]);
      expect(graced.outcomes).to.deep.equal(["Skipped LiquidationGrace"]);

      const pending = await desk.requestClose(trader, first.id);
      const proof = desk.firstTick("BTC", pending.target, { price });
      const closed = await executeAt(fixture, pending.target, [first.id], [proof]);
      expect(closed.outcomes).to.deep.equal(["Closed"]);
      const filter = trading.filters.TradeClosed(first.id);
      const [event] = await trading.queryFilter(filter, closed.receipt.blockNumber, closed.receipt.blockNumber);
      expect(event.args.payout).to.equal(0n);

      const free = end + LIQUIDATION_GRACE;
      await desk.warpTo(free - 30);
      await desk.refresh();
      const last = await liquidateAt(fixture, free - 1, [second.id], [desk.anyTick("BTC", free - 1, { price })]);
      expect(last.outcomes).to.deep.equal(["Skipped LiquidationGrace"]);
      const after = await liquidateAt(fixture, free, [second.id], [desk.anyTick("BTC", free, { price })]);
      expect(after.outcomes).to.deep.equal(["Liquidated"]);
    });

    it("falls from level 3 to 2 by itself after a day, so that positions can be closed again", async () => {
      const fixture = await start();
      const { desk, trader, breaker, guardian } = fixture;
      const { id } = await openPosition(fixture, { mode: "standard", leverage: 10 });
      await breaker.connect(guardian).raise(3);
      expect(Number(await breaker.haltEndsAt()) - (await desk.now())).to.equal(DAY);
      await afterADay(fixture);
      const pending = await desk.requestClose(trader, id);
      const { outcomes } = await executeAt(fixture, pending.target, [id], [desk.firstTick("BTC", pending.target)]);
      expect(outcomes).to.deep.equal(["Closed"]);
    });
  });
});
