import { expect } from "chai";
import { liquidationPrice, settleLiquidation } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  around,
  balancesOf,
  carryAt,
  difference,
  executeAt,
  liquidateAt,
  openPosition,
  quoteOf,
  settleAtTarget,
  start,
} from "./setup";
import type { Fixture } from "./setup";

/** Far enough to liquidate a position of 1001x opened at 60,000. */
const CRASH = px("59950");
const MAX_AGE = 30;
const SHIELDED_MAX_AGE = 60;

async function liquidateWith(fixture: Fixture, id: bigint, at: number, publishTime: number): Promise<string> {
  const proof = fixture.desk.anyTick("BTC", publishTime, { price: CRASH });
  return (await liquidateAt(fixture, at, [id], [proof])).outcomes[0];
}

describe("Trading", () => {
  describe("liquidate: its clock", () => {
    it("takes only ticks strictly newer than the opening tick", async () => {
      const fixture = await start();
      const { id, at } = await openPosition(fixture);
      expect(await liquidateWith(fixture, id, at + 1, at - 1)).to.equal("Skipped TickNotNewer");
      expect(await liquidateWith(fixture, id, at + 2, at)).to.equal("Skipped TickNotNewer");
      expect(await liquidateWith(fixture, id, at + 3, at + 1)).to.equal("Liquidated");
    });

    it("counts from the tick of the opening and not from its block", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id, target } = await desk.requestOpen(trader);
      await executeAt(fixture, target + 10, [id], [desk.firstTick("BTC", target)]);
      expect(await liquidateWith(fixture, id, target + 11, target + 1)).to.equal("Liquidated");
    });

    it("takes ticks up to 30 s old", async () => {
      const fixture = await start();
      const { id, at } = await openPosition(fixture);
      const tick = at + 20;
      expect(await liquidateWith(fixture, id, tick + MAX_AGE + 1, tick)).to.equal("Skipped TickTooOld");
      expect(await liquidateWith(fixture, id, tick + MAX_AGE + 2, tick + 2)).to.equal("Liquidated");
    });

    it("takes no notice of the owner's stops and limits, nor of a close before its target", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture);
      await desk.warp(10);
      const { target } = await desk.requestClose(trader, id);
      expect(await liquidateWith(fixture, id, target, target)).to.equal("Skipped CloseIsPending");
      expect(await liquidateWith(fixture, id, target + 1, target - 1)).to.equal("Liquidated");
    });

    it("leaves the ticks from its target on to a pending close, until its last second", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture);
      const { target } = await desk.requestClose(trader, id);
      const expiry = Number((await tradingRecords.closeOf(id)).expiry);
      expect(await liquidateWith(fixture, id, expiry - 1, target)).to.equal("Skipped CloseIsPending");
      expect(await liquidateWith(fixture, id, expiry, expiry)).to.equal("Skipped CloseIsPending");
      expect(await liquidateWith(fixture, id, expiry + 1, target)).to.equal("Liquidated");
    });

    it("takes ticks that a lapsed close had shielded up to 60 s old, and those before it up to 30 s", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture);
      await desk.warp(10);
      const { target } = await desk.requestClose(trader, id);
      const late = target + SHIELDED_MAX_AGE;
      expect(await liquidateWith(fixture, id, late - 1, target - 1)).to.equal("Skipped TickTooOld");
      expect(await liquidateWith(fixture, id, late, target)).to.equal("Liquidated");
    });

    it("takes no shielded tick older than 60 s", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture);
      const { target } = await desk.requestClose(trader, id);
      const late = target + SHIELDED_MAX_AGE + 1;
      expect(await liquidateWith(fixture, id, late, target)).to.equal("Skipped TickTooOld");
      expect(await liquidateWith(fixture, id, late + 1, target + 2)).to.equal("Liquidated");
    });

    it("takes ticks that nothing had shielded up to 30 s old, whatever closes there were before", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture);
      await desk.requestClose(trader, id);
      const expiry = Number((await tradingRecords.closeOf(id)).expiry);
      const tick = expiry + 1;
      expect(await liquidateWith(fixture, id, tick + MAX_AGE + 1, tick)).to.equal("Skipped TickTooOld");
      expect(await liquidateWith(fixture, id, tick + MAX_AGE + 2, tick + 2)).to.equal("Liquidated");
    });

    it("takes what a refused close had shielded, its own tick included", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture);
      const pending = await desk.requestClose(trader, id, { acceptablePrice: px("70000") });
      await desk.warpTo(pending.target + 20);
      const proof = desk.firstTick("BTC", pending.target);
      expect((await executeAt(fixture, pending.target + 25, [id], [proof])).outcomes).to.deep.equal([
        "Refused PriceBound",
      ]);
      const late = pending.target + 10 + SHIELDED_MAX_AGE;
      expect(await liquidateWith(fixture, id, late - 1, pending.target + 26)).to.equal("Skipped TickTooOld");
      expect(await liquidateWith(fixture, id, late, pending.target + 10)).to.equal("Liquidated");
    });

    it("is not held up by a close that is renewed for ever", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture);
      const first = await desk.requestClose(trader, id);
      const expiry = Number((await tradingRecords.closeOf(id)).expiry);
      await desk.warpTo(expiry);
      const second = await desk.requestClose(trader, id);
      // A crossing that only the first close had shielded, while the second is pending.
      expect(await liquidateWith(fixture, id, second.target, first.target + 1)).to.equal("Liquidated");
    });

    it("remembers of a chain of refused closes the last two that ended, and not what lay between them", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture);
      const refused: number[] = [];
      for (let i = 0; i < 3; ++i) {
        const pending = await desk.requestClose(trader, id, { acceptablePrice: px("70000") });
        await settleAtTarget(fixture, pending);
        refused.push(pending.target);
        await desk.warp(12);
      }
      const [first, second, third] = refused;
      const now = third + 18;
      for (const tick of [first, first + 1, second - 1, second + 1]) {
        expect(await liquidateWith(fixture, id, now + (tick - first), tick), `${tick - second}`).to.equal(
          "Skipped TickTooOld",
        );
      }
      expect(await liquidateWith(fixture, id, second + SHIELDED_MAX_AGE, second)).to.equal("Liquidated");
    });
  });

  describe("execute: a close whose own tick liquidates", () => {
    it("settles as a liquidation before its price bound, for the reward instead of the fee", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, keeper } = fixture;
      const { id, model } = await openPosition(fixture);
      const pending = await desk.requestClose(trader, id, { acceptablePrice: px("70000") });
      const before = await balancesOf(fixture);
      const { outcomes, receipt } = await settleAtTarget(fixture, pending, { price: CRASH });
      expect(outcomes).to.deep.equal(["Liquidated"]);
      const { reward, toVault } = settleLiquidation(model.position, CRASH, 0n, quoteOf(fixture));
      const filter = trading.filters.TradeLiquidated(id, trader, keeper);
      expect(await trading.queryFilter(filter, receipt.blockNumber, receipt.blockNumber)).to.have.lengthOf(1);
      const changed = difference(await balancesOf(fixture), before);
      expect([changed.trader, changed.keeper, changed.liquidity]).to.deep.equal([0n, reward, toVault]);
      expect((await tradingRecords.closeOf(id)).kind).to.equal(0n);
    });

    it("settles as a close one unit of the tick before", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      for (const [outcome, tick] of [
        ["Closed", "notReached"],
        ["Liquidated", "reached"],
      ] as const) {
        const { id, at, model } = await openPosition(fixture);
        const { target } = await desk.requestClose(trader, id);
        const carry = carryAt(fixture, {}, at, target, model);
        const price = around(liquidationPrice(model.position, carry, quoteOf(fixture)), true)[tick];
        const proof = desk.firstTick("BTC", target, { price });
        expect((await executeAt(fixture, target, [id], [proof])).outcomes).to.deep.equal([outcome]);
      }
    });
  });
});
