import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import type { Anchors, TriggerKind, TriggerOrder, TriggerTick, WaitingTrigger } from "../../../sdk/model/pro";
import { fillTrigger, judgeTrigger, triggerLimit } from "../../../sdk/model/pro";
import { REASON } from "../../dsl/proActions";
import { BNB, BTC, ETH } from "./samples";
import { reasonName } from "./triggerFixture";

const deploy = () => ethers.deployContract("TriggerHarness");
const SEED = 20_251_010;
const KINDS: readonly TriggerKind[] = ["stop", "takeProfit", "trailing"];
const ASSET = 3n;
const LAST_TICK = 2n ** 24n - 1n;

/** A `TriggerOrder` of the contracts. */
function asArgument(order: TriggerOrder) {
  const { boundPips, callbackPips, expiry, isReduceOnly, kind, limit, lots, side, tick } = order;
  const bound = limit === 0n && boundPips === 0n ? 10_000n : boundPips;
  return {
    ...{ market: 0n, kind: KINDS.indexOf(kind), isBuy: side === "buy", isReduceOnly, lots, tick },
    ...{ limit, boundPips: bound, callbackPips, expiry },
  };
}

const tickArgument = ({ confidence, price, publishTime }: TriggerTick, assetId = ASSET) => ({
  ...{ price, confidence, publishTime, minPublishTime: 0n, assetId, isUnique: false },
});

const grids = [BTC, ETH, BNB, { tickSize: 1n, lotSize: 1n }];
/** Around a price, so that what is waited for is reached about half of the time, and often to the unit. */
const near = (price: bigint, pips: bigint) =>
  fc.oneof(
    fc.constantFrom(price, price + 1n, price > 1n ? price - 1n : 1n),
    fc
      .bigInt({ min: -pips, max: pips })
      .map((shift) => (price * (1_000_000n + shift)) / 1_000_000n)
      .map((value) => (value === 0n ? 1n : value)),
  );

const arbitrary = fc.constantFrom(...grids).chain((grid) =>
  fc
    .oneof(
      fc.bigInt({ min: 1n, max: LAST_TICK }),
      fc.bigInt({ min: 50_000n, max: 150_000n }),
      fc.constantFrom(1n, 2n, LAST_TICK),
    )
    .chain((tick) => {
      const target = tick * grid.tickSize;
      return fc.record({
        grid: fc.constant(grid),
        kind: fc.constantFrom(...KINDS),
        side: fc.constantFrom("buy" as const, "sell" as const),
        tick: fc.constantFrom(tick, tick, 0n),
        limit: fc.constantFrom(0n, 0n, tick),
        boundPips: fc.constantFrom(0n, 1n, 10_000n, 50_000n),
        callbackPips: fc.constantFrom(1_000n, 10_000n, 50_000n),
        price: near(target, 60_000n),
        peak: near(target, 60_000n),
        anchors: fc.record({ low: near(target, 20_000n), spread: fc.bigInt({ min: 0n, max: target / 50n }) }),
        fresh: fc.constantFrom(0, 1, 2, 2, 2, 2, 2),
        wide: fc.constantFrom(0n, 0n, 0n, 0n, 1_500n, 1_501n, 10_000n, 10_001n),
        age: fc.constantFrom(0n, 1n, 2n, 3n, 3n, 3n, 4n),
        sinceClock: fc.constantFrom(0n, 1n, 50n, 50n, 50n, 50n),
        lead: fc.constantFrom(0n, 1n, 2n, 40n, 49n, 60n),
      });
    }),
);

describe("triggers: contract and model", () => {
  it("judge the same, and bound the same, tick by tick", async () => {
    const harness = await loadFixture(deploy);
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(arbitrary, async (c) => {
        // Calls run at the time of the next block.
        const now = BigInt(await time.latest());
        const publishTime = now - c.age;
        const clock = publishTime - c.sinceClock;
        const order: WaitingTrigger = {
          ...{ kind: c.kind, side: c.side, isReduceOnly: true, lots: 0n, limit: c.limit, expiry: 0n, tip: 0n },
          tick: c.tick === 0n && c.kind !== "trailing" ? 1n : c.tick,
          boundPips: c.limit === 0n ? c.boundPips : 0n,
          callbackPips: c.kind === "trailing" ? c.callbackPips : 0n,
          changedAt: clock - 3n,
        };
        const tick = { price: c.price, confidence: (c.price * c.wide) / 1_000_000n, publishTime };
        const earlier = { price: c.peak, confidence: 0n, publishTime: publishTime - c.lead };
        const anchors: Anchors = { low: c.anchors.low, high: c.anchors.low + c.anchors.spread, fresh: c.fresh };
        const expected = judgeTrigger(c.grid, order, { now, delay: 3n, tick, anchors, earlier });
        const limit = expected.price === 0n ? 0n : (triggerLimit(c.grid, order, expected.price) ?? 0n);
        const push = { low: anchors.low, mid: anchors.low, high: anchors.high, fresh: c.fresh };
        const config = c.grid.tickSize | (c.grid.lotSize << 56n) | (ASSET << 112n);
        const got = await harness.judge(
          asArgument(order),
          config,
          clock,
          tickArgument(tick),
          push,
          tickArgument(earlier),
          { blockTag: "latest" },
        );
        const reason = expected.reason ?? "None";
        seen.set(reason, (seen.get(reason) ?? 0) + 1);
        expect([reasonName(got.reason), got.price, got.limit]).to.deep.equal([reason, expected.price, limit]);
      }),
      { seed: SEED, numRuns: 1_500 },
    );
    // Nothing that decides was left out.
    const decisive = [
      "None",
      "PriceNotReached",
      "ActivationNotReached",
      "TicksNotInOrder",
      "TickTooEarly",
      "TickTooOld",
    ];
    for (const reason of [...decisive, "ConfidenceTooWide", "AnchorsNotFresh"]) {
      expect(seen.get(reason) ?? 0, reason).to.be.greaterThan(20);
    }
  });

  it("share a tip the same: never more than it in all, however it is filled", async () => {
    const harness = await loadFixture(deploy);
    const parts = fc.array(fc.bigInt({ min: 1n, max: 2n ** 44n }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(parts, async (fills) => {
        let left = fills.reduce((sum, lots) => sum + lots, 0n);
        let paid = 0n;
        let trigger: WaitingTrigger | undefined = {
          ...{ kind: "stop", side: "sell", isReduceOnly: true, lots: left, tick: 1n, limit: 0n, boundPips: 0n },
          ...{ callbackPips: 0n, expiry: 0n, changedAt: 0n, tip: 100_000n },
        };
        for (const filled of fills) {
          if (trigger === undefined) throw new Error("It was done before");
          const share = await harness.shareOf(trigger.tip, filled, left);
          const { tip, rest } = fillTrigger(trigger, filled, left);
          expect(tip).to.equal(share * 10n ** 12n);
          paid += tip;
          left -= filled;
          if (rest) expect(rest.lots).to.equal(left);
          trigger = rest;
        }
        expect(trigger).to.equal(undefined);
        expect(paid).to.equal(10n ** 17n);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("keep every field of a word at its full width", async () => {
    const harness = await loadFixture(deploy);
    const full = {
      ...{ market: 255n, kind: 2n, isBuy: true, isReduceOnly: true, lots: 2n ** 48n - 1n, tick: LAST_TICK },
      ...{ limit: LAST_TICK, boundPips: 0n, callbackPips: 2n ** 16n - 1n, expiry: 2n ** 32n - 1n },
    };
    const none = {
      ...{ market: 0n, kind: 0n, isBuy: false, isReduceOnly: false, lots: 0n, tick: 0n },
      ...{ limit: 0n, boundPips: 0n, callbackPips: 0n, expiry: 0n },
    };
    const clock: [bigint, bigint, bigint] = [2n ** 40n - 1n, 2n ** 24n - 1n, 2n ** 40n - 1n];
    const ones = await harness.repack(full, ...clock);
    expect([...ones.same]).to.deep.equal(Object.values(full));
    expect([...ones.clock]).to.deep.equal([...clock, 1n]);
    expect(ones.free).to.equal(clock[2] << 216n);
    // Half of lots and tip: one bit of each is gone, nothing else moved.
    expect(ones.rest).to.equal((1n << 55n) | (1n << 215n));
    for (const name of Object.keys(full) as (keyof typeof full)[]) {
      const fields = { ...none, [name]: full[name] };
      const { same, clock: zero, free } = await harness.repack(fields, 0, 0, 0);
      expect([...same], name).to.deep.equal(Object.values(fields));
      expect([...zero, free], name).to.deep.equal([0n, 0n, 0n, 1n, 0n]);
    }
    const bound = { ...none, boundPips: LAST_TICK };
    expect([...(await harness.repack(bound, 0, 0, 0)).same]).to.deep.equal(Object.values(bound));
  });

  it("end a trigger for what its account lacks, and for nothing else", async () => {
    const harness = await loadFixture(deploy);
    const final = [];
    for (const [name, reason] of Object.entries(REASON)) if (await harness.isFinal(reason)) final.push(name);
    expect(final).to.have.members([
      ...["MarketSettling", "NotionalTooSmall", "MarketsFull", "NothingToReduce", "PositionTooLarge"],
      ...["LeverageAboveTier", "MarginTooLow", "BelowMaintenance"],
    ]);
  });
});
