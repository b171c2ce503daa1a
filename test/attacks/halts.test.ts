import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Halt } from "../../sdk/model";
import { accrueIndices, carryOwedUsd, clockAt, decayLoss, pipsPerHourToX18PerSecond } from "../../sdk/model";
import { px } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { bookOf, executeAt, liquidateAt, nextBlockAt, openPosition } from "../unit/trading/setup";
import { eventsOf, expectBalanced } from "./support";

const HOUR = 3_600;
const DAY = 24 * HOUR;

type Context = Awaited<ReturnType<typeof start>>;

async function start() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  await fixture.desk.refresh();
  return fixture;
}

/** Level 3 from `from` on for so many seconds, then level 0; a whole day ends by itself. */
async function halt(context: Context, from: number, seconds: number): Promise<Halt> {
  const { breaker, guardian, quickRiskManager, desk } = context;
  await nextBlockAt(from);
  await breaker.connect(guardian).raise(3);
  if (seconds === DAY) await desk.warpTo(from + DAY);
  else await nextBlockAt(from + seconds);
  await breaker.connect(quickRiskManager).lower(0, await breaker.raisedAt());
  return { from: BigInt(from), to: BigInt(from + seconds) };
}

/** A heavier long side and a short one, with margins to spare. */
async function openBoth(context: Context) {
  const { desk } = context;
  const options = { mode: "standard", leverage: 20 } as const;
  const long = await openPosition(context, { ...options, amount: desk.tokenUnits("USDT", 900n) });
  const short = await openPosition(context, { ...options, isLong: false, amount: desk.tokenUnits("USDT", 300n) });
  return { long, short };
}

function ratesOf(context: Context) {
  const book = bookOf(context, "BTC", "standard");
  return {
    fundingFactorX18: pipsPerHourToX18PerSecond(BigInt(book.fundingFactorPipsPerHour)),
    minRateX18: pipsPerHourToX18PerSecond(BigInt(book.minFundingPipsPerHour)),
    maxRateX18: pipsPerHourToX18PerSecond(BigInt(book.maxFundingPipsPerHour)),
    borrowRateX18: pipsPerHourToX18PerSecond(BigInt(book.borrowRatePipsPerHour)),
  };
}

describe("attacks: halts", () => {
  for (const [first, second] of [
    [1, HOUR],
    [HOUR, 1],
    [DAY, DAY],
    [59, DAY],
    [DAY - 1, 60],
  ]) {
    it(`A36: level 3 for ${first} s and then for ${second} s costs neither side any carry`, async () => {
      const context = await start();
      const { desk, trading, trader } = context;
      const { long, short } = await openBoth(context);
      const book = desk.bookId("BTC", "standard");
      const opened = await trading.bookState(book);
      const halts: Halt[] = [];
      const indicesAt = (at: number) =>
        accrueIndices(
          { longX18: opened.longIndex, shortX18: opened.shortIndex },
          long.model.notional,
          short.model.notional,
          ratesOf(context),
          clockAt(BigInt(at), halts) - opened.accruedAt,
        );
      const expectIndices = async () => {
        const now = await desk.now();
        const { longX18, shortX18 } = indicesAt(now);
        const { longIndex, shortIndex, accruedAt } = await trading.bookState(book);
        expect([longIndex, shortIndex]).to.deep.equal([longX18, shortX18]);
        expect(accruedAt).to.equal(clockAt(BigInt(now), halts));
      };
      const begin = (await desk.now()) + 100;
      halts.push(await halt(context, begin, first));
      await expectIndices();
      const again = begin + first + DAY + 7;
      halts.push(await halt(context, again, second));
      await expectIndices();

      // What each side pays or gets when it closes is the carry of the seconds outside.
      await desk.refresh();
      const sides = [long, short];
      const entries: bigint[] = [];
      for (const { id } of sides) entries.push((await trading.position(id)).carryIndex);
      const pending = [];
      for (const { id } of sides) pending.push(await desk.requestClose(trader, id));
      const proofs = pending.map(({ target }) => desk.firstTick("BTC", target));
      const ids = sides.map(({ id }) => id);
      const { outcomes, receipt, at } = await executeAt(context, pending[1].target, ids, proofs, { ticks: [0, 1] });
      expect(outcomes).to.deep.equal(["Closed", "Closed"]);
      const closed = indicesAt(at);
      const events = eventsOf(trading, "TradeClosed", receipt);
      const owed = [closed.longX18, closed.shortX18].map((index, side) =>
        carryOwedUsd(sides[side].model.notional, index, entries[side]),
      );
      expect(events.map(({ carryOwedUsd: carry }) => carry as bigint)).to.deep.equal(owed);
      expect(owed[0] > 0n).to.equal(true);
      await expectBalanced(desk);
    });
  }

  it("A36: a position of 1001x outlives a halt of a day at an unmoved price, and no fall after it", async () => {
    const context = await start();
    const { desk } = context;
    const { id } = await openPosition(context);
    const begin = (await desk.now()) + 10;
    await halt(context, begin, DAY);
    await desk.warp(300);
    await desk.refresh();
    let now = await desk.now();
    const flat = await liquidateAt(context, now + 1, [id], [desk.anyTick("BTC", now)]);
    expect(flat.outcomes).to.deep.equal(["Skipped NotLiquidatable"]);
    await desk.setPrice("BTC", px("59950"));
    await desk.refresh();
    now = await desk.now();
    const fallen = await liquidateAt(context, now + 1, [id], [desk.anyTick("BTC", now)]);
    expect(fallen.outcomes).to.deep.equal(["Liquidated"]);
  });

  it("A36: a spent loss budget neither drains nor fades while everything is halted", async () => {
    const context = await start();
    const { desk, trading, trader, guardian, tradingConfigurator, keeper } = context;
    const book = desk.bookId("BTC", "degen");
    await tradingConfigurator.connect(guardian).cutCaps(trading, book, 700_000, 1_000);
    const id = await desk.open(trader, keeper, { amount: desk.tokenUnits("USDT", 150n) });
    await desk.setPrice("BTC", px("60300"));
    await desk.close(trader, keeper, id);
    const { lossNano, accruedAt } = await trading.bookState(book);
    expect(lossNano > 0n).to.equal(true);
    const begin = (await desk.now()) + 5;
    const halts = [await halt(context, begin, HOUR)];
    const after = await trading.bookState(book);
    const at = clockAt(BigInt(await desk.now()), halts);
    expect(after.accruedAt).to.equal(at);
    const loss = decayLoss({ lossUsd: lossNano, at: accruedAt }, 1_000n * 10n ** 9n, at);
    // The view accrues from the last block that stored: rounded once more at most.
    expect(after.lossNano - loss.lossUsd <= 1n && loss.lossUsd - after.lossNano <= 1n).to.equal(true);
    expect(after.lossNano > (lossNano * 99n) / 100n).to.equal(true);
  });
});
