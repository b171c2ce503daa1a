import { expect } from "chai";
import type { Pending, Proof } from "../../../kit/desk/Desk";
import { px } from "../../../sdk/units";
import {
  PYTH_UNIT,
  balancesOf,
  difference,
  executeAt,
  makeStale,
  modelOpening,
  nextBlockAt,
  openPosition,
  sourcesOf,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const UNTOUCHED = { trader: 0n, keeper: 0n, liquidity: 0n, fees: 0n, collateral: 0n, reserved: 0n };
const SEQUENCER_GRACE = 300;

/** An order that has been skipped for a reason and is pending as before, nobody paid. */
async function expectSkipped(
  fixture: Fixture,
  pending: Pending,
  at: number,
  proofs: Proof[],
  reason: string,
  tick = 0,
): Promise<void> {
  const before = await balancesOf(fixture);
  const order = await fixture.tradingRecords.order(pending.id);
  const { outcomes } = await executeAt(fixture, at, [pending.id], proofs, { ticks: [tick] });
  expect(outcomes).to.deep.equal([`Skipped ${reason}`]);
  expect(await fixture.desk.statusOf(pending.id)).to.equal("MarketOrder");
  expect(await fixture.tradingRecords.order(pending.id)).to.deep.equal(order);
  expect(difference(await balancesOf(fixture), before)).to.deep.equal(UNTOUCHED);
}

async function expectOpened(fixture: Fixture, pending: Pending, at: number, proofs: Proof[], tick = 0): Promise<void> {
  const { outcomes } = await executeAt(fixture, at, [pending.id], proofs, { ticks: [tick] });
  expect(outcomes).to.deep.equal(["Opened"]);
}

describe("Trading", () => {
  describe("execute: the tick of an order", () => {
    it("is the one that a proof from m ≤ target shows to be the first at p ≥ target", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const pending = await desk.requestOpen(trader);
      const { target } = pending;
      const [early, late] = [desk.firstTick("BTC", target - 2, { at: target - 1 }), desk.firstTick("BTC", target + 1)];
      await expectSkipped(fixture, pending, target + 1, [early], "TickTooEarly");
      await expectSkipped(fixture, pending, target + 2, [late], "TickNotFirst");
      await expectOpened(fixture, pending, target + 3, [desk.firstTick("BTC", target - 5, { at: target + 1 })]);
    });

    it("is proven from the target itself too", async () => {
      const fixture = await start();
      const pending = await fixture.desk.requestOpen(fixture.trader);
      await expectOpened(fixture, pending, pending.target, [fixture.desk.firstTick("BTC", pending.target)]);
    });

    it("is never one without uniqueness, however right its time", async () => {
      const fixture = await start();
      const pending = await fixture.desk.requestOpen(fixture.trader);
      const { target } = pending;
      await expectSkipped(fixture, pending, target, [fixture.desk.anyTick("BTC", target)], "TickNotFirst");
    });

    it("is of its own asset, by its number among all that were proven", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const pending = await desk.requestOpen(trader);
      const { target } = pending;
      const proofs = [desk.firstTick("ETH", target), desk.firstTick("BTC", target)];
      await expectSkipped(fixture, pending, target, proofs, "TickOfOtherAsset");
      await expectSkipped(fixture, pending, target + 1, proofs, "NoTick", 2);
      await expectSkipped(fixture, pending, target + 2, [], "NoTick");
      await expectOpened(fixture, pending, target + 3, proofs, 1);
    });

    it("fills each of two orders of different seconds with its own", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const first = await desk.requestOpen(trader);
      await nextBlockAt(first.target);
      const second = await desk.requestOpen(trader);
      const proofs = [first, second].map(({ target }, index) =>
        desk.firstTick("BTC", target, { price: px("60000") + BigInt(index) * px("1") }),
      );
      const ids = [first.id, second.id];
      const swapped = await executeAt(fixture, second.target, ids, proofs, { ticks: [1, 0] });
      expect(swapped.outcomes).to.deep.equal(["Skipped TickNotFirst", "Skipped TickTooEarly"]);
      const { outcomes } = await executeAt(fixture, second.target + 1, ids, proofs, { ticks: [0, 1] });
      expect(outcomes).to.deep.equal(["Opened", "Opened"]);
      for (const [index, id] of ids.entries()) {
        const model = modelOpening(fixture, {}, px("60000") + BigInt(index) * px("1"));
        expect((await tradingRecords.position(id)).entry).to.equal(model.entry);
      }
    });

    it("fills in the last second, at a tick of that second, and never after it", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const [inTime, late] = [await desk.requestOpen(trader), await desk.requestOpen(trader)];
      await desk.refresh();
      const lastSecond = Number((await tradingRecords.order(inTime.id)).expiry);
      const proof = desk.firstTick("BTC", inTime.target, { at: lastSecond });
      await expectOpened(fixture, inTime, lastSecond, [proof]);
      const after = Number((await tradingRecords.order(late.id)).expiry) + 1;
      await expectSkipped(fixture, late, after, [desk.firstTick("BTC", late.target)], "Expired");
    });
  });

  describe("execute: the moment of an opening", () => {
    it("has a tick within the deviation from every anchor, the limit included", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      for (const [mode, pips] of [
        ["degen", 5_000n],
        ["standard", 10_000n],
      ] as const) {
        for (const [sign, isLong] of [
          [1n, false],
          [-1n, true],
        ] as const) {
          const price = px("60000") + (sign * px("60000") * pips) / 1_000_000n;
          const pending = await desk.requestOpen(trader, { mode, isLong, leverage: 500 });
          const at = (by: bigint) => [desk.firstTick("BTC", pending.target, { price: price + by })];
          await expectSkipped(fixture, pending, pending.target, at(sign * PYTH_UNIT), "PriceDeviates");
          await expectOpened(fixture, pending, pending.target + 1, at(0n));
        }
      }
    });

    it("has the least number of fresh anchors", async () => {
      const fixture = await start();
      const { desk, replica, trader } = fixture;
      const pending = await desk.requestOpen(trader);
      const proofs = [desk.firstTick("BTC", pending.target)];
      const [last] = sourcesOf(fixture, "BTC").slice(-1);
      await makeStale(fixture, "BTC", [last]);
      await expectSkipped(fixture, pending, pending.target + 2, proofs, "AnchorsNotFresh");
      await makeStale(fixture, "BTC");
      await expectSkipped(fixture, pending, pending.target + 8, proofs, "AnchorsNotFresh");
      await replica.setPushPrice("BTC", px("60000"));
      await expectOpened(fixture, pending, pending.target + 15, proofs);
    });

    it("O11: is held to every anchor also after a close, in one transaction, that needed the first alone", async () => {
      const fixture = await start();
      const { desk, replica, trader } = fixture;
      const { id } = await openPosition(fixture);
      const [closing, opening] = [await desk.requestClose(trader, id), await desk.requestOpen(trader)];
      const apart = sourcesOf(fixture, "BTC").slice(1);
      if (apart.length !== 0) await replica.setPushPrice("BTC", px("61800"), undefined, apart);
      const proofs = [closing, opening].map(({ target }) => desk.firstTick("BTC", target));
      const ids = [closing.id, opening.id];
      const { outcomes } = await executeAt(fixture, opening.target + 4, ids, proofs, { ticks: [0, 1] });
      expect(outcomes).to.deep.equal(["Closed", apart.length === 0 ? "Opened" : "Skipped PriceDeviates"]);
    });

    it("has a price of the token", async () => {
      const fixture = await start();
      const { desk, replica, trader } = fixture;
      const pending = await desk.requestOpen(trader);
      const proofs = [desk.firstTick("BTC", pending.target)];
      await makeStale(fixture, "USDT");
      await expectSkipped(fixture, pending, pending.target + 4, proofs, "TokenPriceMissing");
      await replica.setPushPrice("USDT", px("1"));
      await expectOpened(fixture, pending, pending.target + 12, proofs);
    });

    it("has a sequencer that is up and past its grace period, where there is one", async () => {
      const fixture = await start();
      const { desk, replica, trader, profile, priceAggregator } = fixture;
      if (profile.sequencer === null) {
        expect(await priceAggregator.isSequencerReady()).to.equal(true);
        return;
      }
      const pending = await desk.requestOpen(trader);
      const { target } = pending;
      const proofs = [desk.firstTick("BTC", target)];
      await replica.setSequencer(false);
      await expectSkipped(fixture, pending, target + 2, proofs, "SequencerNotReady");
      await replica.setSequencer(true, target + 10 - SEQUENCER_GRACE);
      await expectSkipped(fixture, pending, target + 9, proofs, "SequencerNotReady");
      await expectOpened(fixture, pending, target + 10, proofs);
    });

    it("has the breaker at level 0", async () => {
      const fixture = await start();
      const { desk, trader, breaker, guardian } = fixture;
      const pending = await desk.requestOpen(trader);
      const proofs = [desk.firstTick("BTC", pending.target)];
      for (const level of [1, 2, 3]) {
        await breaker.connect(guardian).raise(level);
        await expectSkipped(fixture, pending, pending.target + 2 * level, proofs, "BreakerRaised");
      }
    });

    it("concerns one item of a batch and not the others", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const good = await desk.requestOpen(trader);
      await nextBlockAt(good.target);
      const later = await desk.requestOpen(trader);
      const proofs = [desk.firstTick("BTC", good.target)];
      const ids = [99n, later.id, good.id];
      const { outcomes } = await executeAt(fixture, later.target, ids, proofs);
      expect(outcomes).to.deep.equal(["Skipped NothingPending", "Skipped TickTooEarly", "Opened"]);
    });
  });
});
