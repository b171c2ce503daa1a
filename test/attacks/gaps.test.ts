import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Mode } from "../../deploy/profiles";
import { requestLimit } from "../../kit/desk/orders";
import { entryPrice, exitPrice, limitAt, pnlUsd, takeProfitAt } from "../../sdk/model";
import { px } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { bookOf, executeAt, makeStale, modelOpening, openPosition, settleAtTarget } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { eventsOf, expectBalanced, navOf } from "./support";

const START = px("60000");
const ACTIVE = 1;
/** How far the market is through the price when trading goes on, pips. */
const GAPS = [4_000n, 9_000n, 11_000n, 20_000n, 40_000n, 100_000n];

type Context = Awaited<ReturnType<typeof start>>;

async function start() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  await fixture.desk.setPrice("BTC", START);
  await fixture.desk.refresh();
  return fixture;
}

/** What keeps openings away for a while: it begins, says why nothing fills, and ends. */
interface Pause {
  name: string;
  reason: string;
  begin(context: Context, bookId: number): Promise<unknown>;
  end(context: Context, bookId: number): Promise<unknown>;
}

const PAUSES: readonly Pause[] = [
  {
    name: "a news window",
    reason: "BookNotActive",
    begin: ({ tradingConfigurator, guardian, trading }, bookId) =>
      tradingConfigurator.connect(guardian).startNewsWindow(trading, bookId, 600),
    end: ({ desk }) => desk.warp(601),
  },
  {
    name: "ReduceOnly",
    reason: "BookNotActive",
    begin: ({ tradingConfigurator, guardian, trading }, bookId) =>
      tradingConfigurator.connect(guardian).disableBook(trading, bookId),
    end: async ({ tradingConfigurator, quickRiskManager, trading }, bookId) => {
      const cuts = await tradingConfigurator.cutsOf(await tradingConfigurator.statusSetting(trading, bookId));
      await tradingConfigurator.connect(quickRiskManager).setStatus(trading, bookId, ACTIVE, cuts);
    },
  },
  {
    name: "breaker level 1",
    reason: "BreakerRaised",
    begin: ({ breaker, guardian }) => breaker.connect(guardian).raise(1),
    end: async ({ breaker, quickRiskManager }) => breaker.connect(quickRiskManager).lower(0, await breaker.raisedAt()),
  },
  {
    name: "an outage of the feeds",
    reason: "AnchorsNotFresh",
    begin: (context) => makeStale(context, "BTC"),
    end: ({ desk }) => desk.refresh(),
  },
];

/** A price beyond another by pips, in the direction in which an order of this side fills. */
function beyond(price: bigint, pips: bigint, isUp: boolean): bigint {
  const moved = (price * (1_000_000n + (isUp ? pips : -pips))) / 1_000_000n;
  return (moved / 100n) * 100n;
}

async function tryAt(context: Fixture, id: bigint, price: bigint, isFed = true) {
  const { desk } = context;
  if (isFed) {
    await desk.setPrice("BTC", price);
    await desk.refresh();
  }
  const now = await desk.now();
  return executeAt(context, now + 1, [id], [desk.anyTick("BTC", now, { price })]);
}

describe("attacks: gaps", () => {
  for (const pause of PAUSES) {
    for (const isLong of [true, false]) {
      it(`A34: a ${isLong ? "long" : "short"} limit that rested through ${pause.name} is no gift`, async () => {
        const context = await start();
        const { desk, tradingRecords, trader } = context;
        const mode: Mode = "standard";
        const bookId = desk.bookId("BTC", mode);
        const { slippagePips, maxOpenDeviationPips } = bookOf(context, "BTC", mode);
        const limit = isLong ? px("59400") : px("60600");
        const placing = { mode, isLong, leverage: 10, acceptablePrice: limit, deadline: 2 ** 40 - 1 } as const;
        const { id, target } = await requestLimit(desk, trader, placing);
        await desk.warpTo(target);
        await pause.begin(context, bookId);
        const isFed = pause.reason !== "AnchorsNotFresh";
        const held = await tryAt(context, id, beyond(limit, 500n, !isLong), isFed);
        expect(held.outcomes).to.deep.equal([`Skipped ${pause.reason}`]);
        await pause.end(context, bookId);

        const snapshot = await takeSnapshot();
        let filled = 0;
        for (const gap of GAPS) {
          await snapshot.restore();
          const market = beyond(limit, gap, !isLong);
          const price = entryPrice(market, BigInt(slippagePips), isLong);
          const answer = limitAt(price, limit, isLong, BigInt(maxOpenDeviationPips));
          const { outcomes } = await tryAt(context, id, market);
          expect(outcomes, `${gap} through`).to.deep.equal([answer === "Fills" ? "Opened" : "Skipped GapTooWide"]);
          if (answer === "GapTooWide") {
            // It rests, until the market is near it again.
            expect(await desk.statusOf(id)).to.equal("LimitOrder");
            expect((await tryAt(context, id, beyond(limit, 1_000n, !isLong))).outcomes).to.deep.equal(["Opened"]);
          }
          const { entry, size } = await tradingRecords.position(id);
          expect(entry).to.equal(limit);
          if (answer === "Fills") {
            ++filled;
            // What LPs, whoever minted just before included, gain by it at once: the deviation and the slippage at most.
            const gift = -pnlUsd({ isLong, entry, size }, market);
            const bound = entry * size * BigInt(maxOpenDeviationPips + 2 * slippagePips);
            expect(gift * 1_000_000n <= bound).to.equal(true);
          }
          await expectBalanced(desk);
        }
        expect(filled > 0 && filled < GAPS.length).to.equal(true);
      });

      it(`A34: a Degen ${isLong ? "long" : "short"} limit through ${pause.name} fills at the market's own price only`, async () => {
        const context = await start();
        const { desk, tradingRecords, trader } = context;
        const bookId = desk.bookId("BTC", "degen");
        const limit = isLong ? px("59400") : px("60600");
        const placing = {
          mode: "degen",
          isLong,
          leverage: 500,
          acceptablePrice: limit,
          deadline: 2 ** 40 - 1,
        } as const;
        const { id, target } = await requestLimit(desk, trader, placing);
        await desk.warpTo(target);
        await pause.begin(context, bookId);
        await pause.end(context, bookId);
        for (const gap of GAPS) {
          const { outcomes } = await tryAt(context, id, beyond(limit, gap, !isLong));
          expect(outcomes).to.deep.equal([gap <= 5_000n ? "Skipped LiquidatableAtOpening" : "Skipped GapTooWide"]);
        }
        expect((await tryAt(context, id, beyond(limit, 300n, !isLong))).outcomes).to.deep.equal(["Opened"]);
        expect((await tradingRecords.position(id)).entry).to.equal(limit);
      });
    }
  }

  for (const mode of ["standard", "degen"] as const) {
    for (const isLong of [true, false]) {
      it(`A34: a ${mode} ${isLong ? "long" : "short"} take profit that the market left behind closes at the market`, async () => {
        const context = await start();
        const { desk, trading, keeper } = context;
        const book = bookOf(context, "BTC", mode);
        const options = { mode, isLong, leverage: mode === "standard" ? 10 : 1001 };
        const takeProfit = beyond(START, mode === "standard" ? 20_000n : 2_000n, isLong);
        const { id, model } = await openPosition(context, { ...options, takeProfit });
        expect(model.notional).to.equal(modelOpening(context, options).notional);
        // No feed reports for a while: nothing can be taken meanwhile.
        await desk.warp(desk.delayOf(mode));
        await makeStale(context, "BTC");
        const held = await tryAt(context, id, beyond(takeProfit, 1_000n, isLong), false);
        expect(held.outcomes).to.deep.equal(["Skipped AnchorsNotFresh"]);

        const snapshot = await takeSnapshot();
        for (const gap of [0n, ...GAPS]) {
          await snapshot.restore();
          const market = beyond(takeProfit, gap, isLong);
          const answer = takeProfitAt(market, takeProfit, isLong);
          const { outcomes, receipt, at } = await tryAt(context, id, market);
          if (answer === "Taken") {
            expect(outcomes, `${gap} beyond`).to.deep.equal(["Closed"]);
            const [event] = eventsOf(trading, "TradeClosed", receipt);
            expect(event.exit).to.equal(exitPrice(takeProfit, BigInt(book.slippagePips), isLong));
            continue;
          }
          expect(outcomes, `${gap} beyond`).to.deep.equal(["Armed"]);
          const pending = { id, asset: "BTC" as const, target: at + desk.delayOf(mode), receipt };
          const filled = await settleAtTarget(context, pending, { by: keeper });
          expect(filled.outcomes).to.deep.equal(["Closed"]);
          const [event] = eventsOf(trading, "TradeClosed", filled.receipt);
          expect(event.exit).to.equal(exitPrice(market, BigInt(book.slippagePips), isLong));
          await expectBalanced(desk);
        }
      });
    }
  }

  it("A34: a limit 4% behind the market adds nothing to what LPs have, whoever minted just before", async () => {
    const context = await start();
    const { desk, trader, lp } = context;
    const amount = desk.tokenUnits("USDT", 5_000n);
    const placing = { mode: "standard", leverage: 10, acceptablePrice: px("59400"), deadline: 2 ** 40 - 1 } as const;
    const { id, target } = await requestLimit(desk, trader, { ...placing, amount });
    await desk.warpTo(target);
    const market = beyond(placing.acceptablePrice, 40_000n, false);
    await desk.setPrice("BTC", market);
    await desk.mint(lp, "USDT", desk.tokenUnits("USDT", 1_000_000n));
    const before = await navOf(desk);
    expect((await tryAt(context, id, market)).outcomes).to.deep.equal(["Skipped GapTooWide"]);
    expect(await navOf(desk)).to.equal(before);
  });
});
