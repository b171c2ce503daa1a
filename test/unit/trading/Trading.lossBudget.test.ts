import { expect } from "chai";
import type { RollingLoss } from "../../../sdk/model";
import {
  NANO_USD,
  decayLoss,
  holdLoss,
  isBudgetExceeded,
  recordLoss,
  settleLiquidation,
  toUsdDown,
} from "../../../sdk/model";
import { X18, px } from "../../../sdk/units";
import {
  balancesOf,
  bookOf,
  carryAt,
  difference,
  executeAt,
  gainUsdOf,
  liquidateAt,
  nextBlockAt,
  openPosition,
  quoteOf,
  settleAtTarget,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const DEGEN_BOOK = 1;
const STANDARD = { mode: "standard", leverage: 10 } as const;
const OPEN_INTEREST_CAP = 700_000n;
/** Within a quarter of every chain's cap. */
const MARGIN = 150n;

/** A budget that the results of a few positions reach on either side, in nano-dollars as the book counts it. */
async function withBudget(fixture: Fixture, budgetUsd: bigint): Promise<bigint> {
  const { trading, tradingConfigurator, guardian } = fixture;
  await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, OPEN_INTEREST_CAP, budgetUsd);
  return (budgetUsd * X18) / NANO_USD;
}

/** A loss of the vault (negative: a gain) as the book counts it. */
const nano = (usdAmount: bigint): bigint => usdAmount / NANO_USD;

/** What the book goes through with one position: it accrues when the position opens and when it leaves. */
interface Result {
  opened: bigint;
  at: bigint;
  lossUsd: bigint;
}

/** A position that wins about its cap; when it closed, and what the vault lost by it. */
async function win(fixture: Fixture): Promise<Result> {
  const { desk, trader } = fixture;
  await desk.setPrice("BTC", px("60000"));
  const { id, at, model } = await openPosition(fixture, { amount: desk.tokenUnits("USDT", MARGIN) });
  await desk.setPrice("BTC", px("60300"));
  const pending = await desk.requestClose(trader, id);
  const closed = await settleAtTarget(fixture, pending);
  expect(closed.outcomes).to.deep.equal(["Closed"]);
  const lossUsd = gainUsdOf(fixture, model, px("60300"), carryAt(fixture, {}, at, closed.at, model));
  return { opened: BigInt(at), at: BigInt(closed.at), lossUsd };
}

/** A position that is liquidated; when, and what the vault kept of it: its margin less the reward. */
async function lose(fixture: Fixture): Promise<Result> {
  const { desk } = fixture;
  await desk.setPrice("BTC", px("60000"));
  const { id, at: opened, model } = await openPosition(fixture, { amount: desk.tokenUnits("USDT", MARGIN) });
  const price = px("59950");
  const at = (await desk.now()) + 5;
  const { outcomes } = await liquidateAt(fixture, at, [id], [desk.anyTick("BTC", at, { price })]);
  expect(outcomes).to.deep.equal(["Liquidated"]);
  const { toVault } = settleLiquidation(model.position, price, 0n, quoteOf(fixture));
  expect(toVault < model.position.margin).to.equal(true);
  return { opened: BigInt(opened), at: BigInt(at), lossUsd: -toUsdDown(toVault, quoteOf(fixture)) };
}

/** The rolling loss as the chain says it in a block at this time. */
async function lossAt({ tradingRecords }: Fixture, at: bigint): Promise<bigint> {
  await nextBlockAt(Number(at));
  return (await tradingRecords.bookState(DEGEN_BOOK, { blockTag: "pending" })).lossNano;
}

describe("Trading", () => {
  describe("I26: the loss budget of a book", () => {
    it("counts gains paid less what liquidations left the vault, from minus the budget on, to the nano-dollar", async () => {
      const fixture = await start();
      const budget = await withBudget(fixture, 500n);
      let loss: RollingLoss = { lossUsd: 0n, at: BigInt(await fixture.desk.now()) };
      const seen: bigint[] = [];
      for (const result of [win, lose, lose, lose, lose, lose, lose, lose, lose, win, win]) {
        const { opened, at, lossUsd } = await result(fixture);
        loss = recordLoss(decayLoss(loss, budget, opened), budget, at, nano(lossUsd));
        expect(await lossAt(fixture, at + 1n)).to.equal(decayLoss(loss, budget, at + 1n).lossUsd);
        seen.push(loss.lossUsd);
      }
      expect(seen.some((lossUsd) => lossUsd === -budget)).to.equal(true);
      expect(seen.some((lossUsd) => lossUsd > 0n)).to.equal(true);
    });

    it("drains a loss in an hour and forgets what was kept in ten minutes", async () => {
      const fixture = await start();
      const budget = await withBudget(fixture, 5_000n);
      for (const [result, seconds] of [
        [lose, [1n, 10n, 60n, 600n]],
        [win, [1n, 60n, 300n, 3_600n]],
      ] as const) {
        const { at, lossUsd } = await result(fixture);
        const before: RollingLoss = { lossUsd: 0n, at: at - 1n };
        const loss = recordLoss(before, budget, at, nano(lossUsd));
        for (const after of seconds) {
          expect(await lossAt(fixture, at + after)).to.equal(decayLoss(loss, budget, at + after).lossUsd);
          await fixture.desk.warpTo(Number(at + after));
        }
        expect(decayLoss(loss, budget, at + seconds[3]).lossUsd).to.equal(0n);
      }
    });

    it("holds a credit at a budget that is cut, from that moment on", async () => {
      const fixture = await start();
      const before = await withBudget(fixture, 5_000n);
      const { at, lossUsd } = await lose(fixture);
      await nextBlockAt(Number(at) + 3);
      const budget = await withBudget(fixture, 50n);
      const kept = decayLoss({ lossUsd: nano(lossUsd), at }, before, at + 3n);
      expect(kept.lossUsd < -budget).to.equal(true);
      const held = holdLoss(kept, budget);
      expect(held.lossUsd).to.equal(-budget);
      expect((await fixture.tradingRecords.bookState(DEGEN_BOOK, { blockTag: "latest" })).lossNano).to.equal(-budget);
      expect(await lossAt(fixture, at + 7n)).to.equal(decayLoss(held, budget, at + 7n).lossUsd);
    });

    it("refuses openings while the rolling loss exceeds it, to the second", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const before = bookOf(fixture, "BTC", "degen").lossBudgetUsd / NANO_USD;
      const { at, lossUsd } = await win(fixture);
      const budget = await withBudget(fixture, (lossUsd * 100n) / 103n / X18);
      // Until the cut it drained by the budget before.
      const cut = BigInt(await desk.now());
      const atCut = decayLoss({ lossUsd: nano(lossUsd), at }, before, cut);
      let free = cut;
      while (isBudgetExceeded(atCut, budget, free)) ++free;
      expect(free > cut).to.equal(true);
      if (free - cut > 20n) await desk.warpTo(Number(free) - 20);
      const [early, late] = [await desk.requestOpen(trader), await desk.requestOpen(trader)];
      const proofs = [early, late].map(({ target }) => desk.firstTick("BTC", target));
      const refused = await executeAt(fixture, Number(free) - 1, [early.id], proofs);
      expect(refused.outcomes).to.deep.equal(["Refused LossBudgetSpent"]);
      const opened = await executeAt(fixture, Number(free), [late.id], proofs, { ticks: [1] });
      expect(opened.outcomes).to.deep.equal(["Opened"]);
    });

    it("is the book's own", async () => {
      const fixture = await start();
      await win(fixture);
      await withBudget(fixture, 1n);
      const pending = await fixture.desk.requestOpen(fixture.trader);
      expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Refused LossBudgetSpent"]);
      await openPosition(fixture, STANDARD);
    });

    it("never keeps a position from being closed", async () => {
      const fixture = await start();
      const { desk, trading, trader, tradingConfigurator, guardian } = fixture;
      const { id } = await openPosition(fixture);
      await win(fixture);
      await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, 0, 1);
      await tradingConfigurator.connect(guardian).disableBook(trading, DEGEN_BOOK);
      const before = await balancesOf(fixture);
      const pending = await desk.requestClose(trader, id);
      expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Closed"]);
      expect(difference(await balancesOf(fixture), before).trader > 0n).to.equal(true);
    });
  });
});
