import { expect } from "chai";
import type { Mode } from "../../../deploy/profiles";
import { requestLimit } from "../../../kit/desk/orders";
import {
  closeTrade,
  entryPrice,
  exitPrice,
  isFurther,
  limitAt,
  takeProfitAt,
  takeProfitBound,
} from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { PYTH_UNIT, bookOf, carryAt, executeAt, modelOpening, openPosition, quoteOf, start } from "./setup";
import type { Fixture } from "./setup";

const START = px("60000");
const SIDES = [true, false];
/** Low enough in Standard that a fill anywhere within the bound is none that would be liquidated at once. */
const LEVERAGE: Readonly<Record<Mode, number>> = { standard: 10, degen: 500 };

/** The last tick of Pyth's grid, going on through a limit, that still fills it, and the one after. */
function ticksAtGap(fixture: Fixture, mode: Mode, isLong: boolean, limit: bigint) {
  const book = bookOf(fixture, "BTC", mode);
  const [slippage, deviation] = [BigInt(book.slippagePips), BigInt(book.maxOpenDeviationPips)];
  const answer = (tick: bigint) => limitAt(entryPrice(tick, slippage, isLong), limit, isLong, deviation);
  const onGrid = (sharePips: bigint) => ((limit * sharePips) / 1_000_000n / PYTH_UNIT) * PYTH_UNIT;
  const sign = isLong ? -1n : 1n;
  let [last, tooFar] = [onGrid(1_000_000n + (sign * deviation) / 2n), onGrid(1_000_000n + sign * 2n * deviation)];
  expect([answer(last), answer(tooFar)]).to.deep.equal(["Fills", "GapTooWide"]);
  while (last + sign * PYTH_UNIT !== tooFar) {
    const middle = ((last + tooFar) / 2n / PYTH_UNIT) * PYTH_UNIT;
    if (answer(middle) === "Fills") last = middle;
    else tooFar = middle;
  }
  return { last, tooFar };
}

async function at(fixture: Fixture, price: bigint): Promise<number> {
  await fixture.desk.setPrice("BTC", price);
  await fixture.desk.refresh();
  return fixture.desk.now();
}

async function tried(fixture: Fixture, id: bigint, tick: bigint): Promise<string> {
  const now = await at(fixture, tick);
  return (await executeAt(fixture, now + 1, [id], [fixture.desk.anyTick("BTC", now)])).outcomes[0];
}

describe("Trading", () => {
  describe("a limit that the market has gone through", () => {
    for (const mode of ["standard", "degen"] as const) {
      for (const isLong of SIDES) {
        const name = `a ${mode} ${isLong ? "long" : "short"}`;
        it(`fills at its price up to the openings' deviation beyond it, and rests further through it: ${name}`, async () => {
          const fixture = await start();
          const { desk, tradingRecords, trader } = fixture;
          const limit = isLong ? px("59000") : px("61000");
          const leverage = LEVERAGE[mode];
          const pending = await requestLimit(desk, trader, { mode, isLong, leverage, acceptablePrice: limit });
          await desk.warpTo(pending.target);
          const { last, tooFar } = ticksAtGap(fixture, mode, isLong, limit);
          expect(await tried(fixture, pending.id, tooFar)).to.equal("Skipped GapTooWide");
          const far = isLong ? (limit * 9n) / 10n : (limit * 11n) / 10n;
          expect(await tried(fixture, pending.id, (far / PYTH_UNIT) * PYTH_UNIT)).to.equal("Skipped GapTooWide");
          // At 500x anything but the very market is liquidatable at once, which rests, too.
          const outcome = mode === "standard" ? "Opened" : "Skipped LiquidatableAtOpening";
          expect(await tried(fixture, pending.id, last)).to.equal(outcome);
          if (mode === "degen")
            expect(await tried(fixture, pending.id, limit + (isLong ? -1n : 1n) * px("10"))).to.equal("Opened");
          const { entry } = await tradingRecords.position(pending.id);
          expect(entry).to.equal(limit);
        });
      }
    }
  });

  describe("a take profit that the market has gone beyond", () => {
    for (const mode of ["standard", "degen"] as const) {
      for (const isLong of SIDES) {
        const options = { mode, isLong, leverage: mode === "standard" ? 10 : 1001 };
        const takeProfit = START + (isLong ? 1n : -1n) * (mode === "standard" ? px("600") : px("100"));
        const sign = isLong ? 1n : -1n;
        const edge = takeProfit + (sign * takeProfit) / 100n;

        it(`is taken at its price up to 1% beyond it: a ${mode} ${isLong ? "long" : "short"}`, async () => {
          const fixture = await start();
          const { trading, desk } = fixture;
          const { id } = await openPosition(fixture, { ...options, takeProfit });
          await desk.warp(desk.delayOf(mode));
          expect(takeProfitAt(edge, takeProfit, isLong)).to.equal("Taken");
          expect(await tried(fixture, id, edge)).to.equal("Closed");
          const [event] = await trading.queryFilter(trading.filters.TradeClosed(id));
          const slippage = BigInt(bookOf(fixture, "BTC", mode).slippagePips);
          expect(event.args.exit).to.equal(exitPrice(takeProfit, slippage, isLong));
        });

        it(`arms a close at the market further beyond it: a ${mode} ${isLong ? "long" : "short"}`, async () => {
          const fixture = await start();
          const { desk, trading, tradingRecords, trader, keeper, stranger, profile } = fixture;
          const { id, at: opened, model } = await openPosition(fixture, { ...options, takeProfit });
          await desk.warp(desk.delayOf(mode));
          const beyond = edge + sign * PYTH_UNIT;
          expect(takeProfitAt(beyond, takeProfit, isLong)).to.equal("Armed");
          const now = await at(fixture, beyond);
          const armed = await executeAt(fixture, now + 1, [id], [desk.anyTick("BTC", now)]);
          expect(armed.outcomes).to.deep.equal(["Armed"]);
          const target = armed.at + desk.delayOf(mode);
          const expiry = target + profile.execution.executionWindowSeconds;
          await expect(Promise.resolve(armed.receipt))
            .to.emit(trading, "StopArmed")
            .withArgs(id, keeper, beyond, target, expiry);
          const close = await tradingRecords.closeOf(id);
          expect([close.kind, close.target, close.expiry]).to.deep.equal([2n, target, expiry].map(BigInt));

          // It fills at the first tick from then on, whatever that is, and not at the take profit.
          const price = START + sign * px("300");
          await desk.setPrice("BTC", price);
          const filling = (await desk.now()) + 5;
          const proof = desk.firstTick("BTC", target);
          const filled = await executeAt(fixture, filling, [id], [proof], { by: stranger });
          expect(filled.outcomes).to.deep.equal(["Closed"]);
          const result = closeTrade({
            position: model.position,
            tick: price,
            slippagePips: BigInt(bookOf(fixture, "BTC", mode).slippagePips),
            token: quoteOf(fixture),
            carryOwedUsd: carryAt(fixture, options, opened, filled.at, model),
            executionFeeUsd: profile.execution.executionFeeUsd,
            executionFeeCount: 2n,
          });
          const [event] = await trading.queryFilter(trading.filters.TradeClosed(id));
          expect([event.args.owner, event.args.executor]).to.deep.equal([trader.address, stranger.address]);
          expect([event.args.exit, event.args.payout]).to.deep.equal([result.exit, result.payout]);
          await expect(Promise.resolve(filled.receipt))
            .to.emit(trading, "ArmerPaid")
            .withArgs(id, keeper, result.armerFee);
        });
      }
    }

    for (const isLong of SIDES) {
      it(`is where the cap is reached if none was set: a ${isLong ? "long" : "short"}`, async () => {
        const fixture = await start();
        const { desk } = fixture;
        const options = { mode: "degen", leverage: 1001, isLong } as const;
        const { entry, profitCapPips } = { ...modelOpening(fixture, options) };
        const cap = takeProfitBound(isLong, entry, 1001n, profitCapPips);
        // The grid's last price within 1% of it, and the next one.
        let tick = ((cap * (isLong ? 101n : 99n)) / 100n / PYTH_UNIT) * PYTH_UNIT;
        while (isFurther(tick, cap, 10_000n)) tick += isLong ? -PYTH_UNIT : PYTH_UNIT;
        const next = tick + (isLong ? PYTH_UNIT : -PYTH_UNIT);
        expect([takeProfitAt(tick, cap, isLong), takeProfitAt(next, cap, isLong)]).to.deep.equal(["Taken", "Armed"]);
        for (const [price, outcome] of [
          [next, "Armed"],
          [tick, "Closed"],
        ] as const) {
          await desk.setPrice("BTC", START);
          const { id } = await openPosition(fixture, options);
          await desk.warp(desk.delayOf("degen"));
          expect(await tried(fixture, id, price)).to.equal(outcome);
        }
      });

      it(`is measured by the tick within the anchors' band: a ${isLong ? "long" : "short"}`, async () => {
        const fixture = await start();
        const { desk } = fixture;
        const sign = isLong ? 1n : -1n;
        const takeProfit = START + sign * px("600");
        for (const [anchor, outcome] of [
          [takeProfit, "Closed"],
          [takeProfit + sign * px("0.01"), "Armed"],
        ] as const) {
          await desk.setPrice("BTC", START);
          const { id } = await openPosition(fixture, { mode: "standard", leverage: 10, isLong, takeProfit });
          await desk.warp(desk.delayOf("standard"));
          const now = await at(fixture, anchor);
          // 3% beyond the take profit: held at 1% beyond the anchors.
          const tick = desk.anyTick("BTC", now, { price: takeProfit + (sign * takeProfit * 3n) / 100n });
          expect((await executeAt(fixture, now + 1, [id], [tick])).outcomes).to.deep.equal([outcome]);
        }
      });
    }

    it("waits for its delay and for a tick at most 3 s old, arms nothing while a close is pending, and again once it lapsed", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader } = fixture;
      const takeProfit = px("60600");
      const { id, at: opened } = await openPosition(fixture, { mode: "standard", leverage: 10, takeProfit });
      const beyond = px("61800");
      await desk.setPrice("BTC", beyond);
      const soon = (await desk.now()) + 1;
      const early = await executeAt(fixture, soon, [id], [desk.anyTick("BTC", opened + 1)]);
      expect(early.outcomes).to.deep.equal(["Skipped TickNotReached"]);
      const old = await executeAt(fixture, opened + 9, [id], [desk.anyTick("BTC", opened + 5)]);
      expect(old.outcomes).to.deep.equal(["Skipped TickTooOld"]);

      const { target } = await desk.requestClose(trader, id);
      const before = await executeAt(fixture, target + 1, [id], [desk.anyTick("BTC", target - 1)]);
      expect(before.outcomes).to.deep.equal(["Skipped CloseIsPending"]);
      const { expiry } = await tradingRecords.closeOf(id);
      await desk.warpTo(Number(expiry));
      expect(await tried(fixture, id, beyond)).to.equal("Armed");
      const armed = await tradingRecords.closeOf(id);
      await desk.warpTo(Number(armed.expiry) + 1);
      expect(await tried(fixture, id, beyond)).to.equal("Armed");
      expect((await tradingRecords.closeOf(id)).expiry > armed.expiry).to.equal(true);
    });
  });
});
