import { expect } from "chai";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { Reason } from "../../../sdk/enums";
import { clampToBand, closeFillPrice, exitPrice } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  PYTH_UNIT,
  balancesOf,
  bookOf,
  difference,
  executeAt,
  makeStale,
  openPosition,
  settleAtTarget,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const UNTOUCHED = { trader: 0n, keeper: 0n, liquidity: 0n, fees: 0n, collateral: 0n, reserved: 0n };
const REQUESTED = 1n;
const DEAD = 3n;
const SLIPPAGE = 100n;
const LOW: OpenOptions = { mode: "standard", leverage: 10 };

/** Anchors of the chain: two on one, one on the other. */
async function setAnchors(fixture: Fixture, low: bigint, high: bigint): Promise<bigint[]> {
  const { replica, profile, desk } = fixture;
  await desk.setPrice("BTC", low);
  if (profile.binance === null) return [low];
  await replica.setPushPrice("BTC", high, undefined, ["atlas"]);
  return [low, high];
}

async function exitOf(fixture: Fixture, id: bigint, tick: bigint): Promise<bigint> {
  const { trading, desk, trader } = fixture;
  const pending = await desk.requestClose(trader, id);
  const proof = desk.firstTick("BTC", pending.target, { price: tick, confidence: 100n });
  const { outcomes, receipt } = await executeAt(fixture, pending.target, [id], [proof]);
  expect(outcomes).to.deep.equal(["Closed"]);
  const { filters } = trading;
  const [event] = await trading.queryFilter(filters.TradeClosed(id), receipt.blockNumber, receipt.blockNumber);
  return event.args.exit;
}

describe("Trading", () => {
  describe("execute: the price of a close", () => {
    it("is the worse for the trader of the tick and the tick held within the anchors' band", async () => {
      const fixture = await start();
      expect(bookOf(fixture, "BTC", "standard").slippagePips).to.equal(Number(SLIPPAGE));
      for (const isLong of [true, false]) {
        for (const tick of [px("58800"), px("59399.99999999"), px("60000"), px("60954"), px("61200")]) {
          await setAnchors(fixture, px("60000"), px("60000"));
          const { id } = await openPosition(fixture, { ...LOW, isLong });
          const anchors = await setAnchors(fixture, px("60000"), px("60300"));
          const wanted = exitPrice(closeFillPrice(tick, anchors, isLong), SLIPPAGE, isLong);
          expect(await exitOf(fixture, id, tick)).to.equal(wanted);
        }
      }
    });

    it("is good enough exactly at the trader's bound", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, keeper } = fixture;
      for (const isLong of [true, false]) {
        const { id } = await openPosition(fixture, { ...LOW, isLong });
        const exit = exitPrice(px("60000"), SLIPPAGE, isLong);
        const step = isLong ? 1n : -1n;
        const record = await tradingRecords.position(id);
        const before = await balancesOf(fixture);
        const refused = await desk.requestClose(trader, id, { acceptablePrice: exit + step });
        const { outcomes, receipt } = await settleAtTarget(fixture, refused);
        expect(outcomes).to.deep.equal(["Refused PriceBound"]);
        await expect(Promise.resolve(receipt))
          .to.emit(trading, "CloseRefused")
          .withArgs(id, keeper, Reason.indexOf("PriceBound"));
        expect(await tradingRecords.position(id)).to.deep.equal(record);
        expect((await tradingRecords.closeOf(id)).kind).to.equal(DEAD);
        expect(difference(await balancesOf(fixture), before)).to.deep.equal(UNTOUCHED);
        const filled = await desk.requestClose(trader, id, { acceptablePrice: exit });
        expect((await settleAtTarget(fixture, filled)).outcomes).to.deep.equal(["Closed"]);
      }
    });

    it("leaves the close pending when only the clamp breaks the trader's bound", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      for (const [isLong, tick] of [
        [true, px("61000")],
        [false, px("59000")],
      ] as const) {
        await desk.setPrice("BTC", px("60000"));
        const { id } = await openPosition(fixture, { ...LOW, isLong });
        const bound = exitPrice(tick, SLIPPAGE, isLong);
        const before = await balancesOf(fixture);
        const pending = await desk.requestClose(trader, id, { acceptablePrice: bound });
        const proof = desk.firstTick("BTC", pending.target, { price: tick });
        const skipped = await executeAt(fixture, pending.target, [id], [proof]);
        expect(skipped.outcomes).to.deep.equal(["Skipped PriceBoundByClamp"]);
        expect((await tradingRecords.closeOf(id)).kind).to.equal(REQUESTED);
        expect(difference(await balancesOf(fixture), before)).to.deep.equal(UNTOUCHED);
        // The anchors follow: the same tick fills it.
        await desk.setPrice("BTC", tick);
        const { outcomes } = await executeAt(fixture, pending.target + 10, [id], [proof]);
        expect(outcomes).to.deep.equal(["Closed"]);
      }
    });

    it("refuses a tick that is beyond the bound by itself, clamped or not", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture, LOW);
      const bound = exitPrice(px("61000"), SLIPPAGE, true) + 1n;
      const pending = await desk.requestClose(trader, id, { acceptablePrice: bound });
      const { outcomes } = await settleAtTarget(fixture, pending, { price: px("61000") });
      expect(outcomes).to.deep.equal(["Refused PriceBound"]);
    });
  });

  describe("execute: the tick and the moment of a close", () => {
    it("has the first tick at or after its target, up to its expiry", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture, LOW);
      const { target } = await desk.requestClose(trader, id);
      const expiry = Number((await tradingRecords.closeOf(id)).expiry);
      const attempt = async (at: number, proof: ReturnType<typeof desk.firstTick>) =>
        (await executeAt(fixture, at, [id], [proof])).outcomes[0];
      expect(await attempt(target, desk.firstTick("BTC", target - 1))).to.equal("Skipped TickTooEarly");
      expect(await attempt(target + 1, desk.firstTick("BTC", target + 1))).to.equal("Skipped TickNotFirst");
      expect(await attempt(target + 2, desk.anyTick("BTC", target))).to.equal("Skipped TickNotFirst");
      expect(await attempt(target + 3, desk.firstTick("ETH", target))).to.equal("Skipped TickOfOtherAsset");
      expect((await executeAt(fixture, target + 4, [id], [])).outcomes).to.deep.equal(["Skipped NoTick"]);
      expect(await attempt(expiry, desk.firstTick("BTC", target - 3, { at: expiry }))).to.equal("Closed");
    });

    it("is over after its expiry, and costs nobody anything", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture, LOW);
      const before = await balancesOf(fixture);
      const { target } = await desk.requestClose(trader, id);
      const expiry = Number((await tradingRecords.closeOf(id)).expiry);
      const { outcomes } = await executeAt(fixture, expiry + 1, [id], [desk.firstTick("BTC", target)]);
      expect(outcomes).to.deep.equal(["Skipped Expired"]);
      expect(difference(await balancesOf(fixture), before)).to.deep.equal(UNTOUCHED);
      expect((await settleAtTarget(fixture, await desk.requestClose(trader, id))).outcomes).to.deep.equal(["Closed"]);
    });

    it("skips where no close was requested, or it was refused before", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture, LOW);
      const at = (await desk.now()) + 5;
      const none = await executeAt(fixture, at, [id], [desk.firstTick("BTC", at)]);
      expect(none.outcomes).to.deep.equal(["Skipped NothingPending"]);
      const pending = await desk.requestClose(trader, id, { acceptablePrice: px("70000") });
      await settleAtTarget(fixture, pending);
      const dead = await executeAt(fixture, pending.target + 1, [id], [desk.firstTick("BTC", pending.target)]);
      expect(dead.outcomes).to.deep.equal(["Skipped NothingPending"]);
    });

    it("is refused when the tick is unsure by more than 100 bp", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id } = await openPosition(fixture, LOW);
      for (const [confidence, outcome] of [
        [px("600") + PYTH_UNIT, "Refused ConfidenceTooWide"],
        [px("600"), "Closed"],
      ] as const) {
        const pending = await desk.requestClose(trader, id);
        const proof = desk.firstTick("BTC", pending.target, { confidence });
        expect((await executeAt(fixture, pending.target, [id], [proof])).outcomes).to.deep.equal([outcome]);
      }
    });

    it("needs one fresh anchor and the token's price, but no sequencer", async () => {
      const fixture = await start();
      const { desk, replica, trader, profile } = fixture;
      const { id } = await openPosition(fixture, LOW);
      const { target } = await desk.requestClose(trader, id);
      const proofs = [desk.firstTick("BTC", target)];
      if (profile.sequencer !== null) await replica.setSequencer(false);
      await makeStale(fixture, "BTC");
      expect((await executeAt(fixture, target + 4, [id], proofs)).outcomes).to.deep.equal(["Skipped AnchorsNotFresh"]);
      await replica.setPushPrice("BTC", px("60000"), undefined, ["chainlink"]);
      await makeStale(fixture, "USDT");
      expect((await executeAt(fixture, target + 10, [id], proofs)).outcomes).to.deep.equal([
        "Skipped TokenPriceMissing",
      ]);
      await replica.setPushPrice("USDT", px("1"));
      expect((await executeAt(fixture, target + 16, [id], proofs)).outcomes).to.deep.equal(["Closed"]);
    });

    it("takes no notice of the deviation from the anchors but for the clamp", async () => {
      const fixture = await start();
      const { id } = await openPosition(fixture, { ...LOW, leverage: 3 });
      const anchors = [px("60000")];
      const wanted = exitPrice(clampToBand(px("90000"), anchors), SLIPPAGE, true);
      expect(await exitOf(fixture, id, px("90000"))).to.equal(wanted);
    });
  });
});
