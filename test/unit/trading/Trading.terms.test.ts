import { expect } from "chai";
import type { RollingLoss } from "../../../sdk/model";
import {
  NANO_USD,
  abs,
  carryOwedUsd,
  closeTrade,
  decayLoss,
  executionFeeTokens,
  isBudgetExceeded,
  liquidationPrice,
  recordLoss,
  settleLiquidation,
  splitAmountIn,
  toUsdDown,
} from "../../../sdk/model";
import { X18, px } from "../../../sdk/units";
import {
  CarryTrack,
  afterADay,
  around,
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
  scheduled,
  settleAtTarget,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const STANDARD_BOOK = 0;
const DEGEN_BOOK = 1;
const STANDARD = { mode: "standard", leverage: 10 } as const;

/** Schedules other tiers (40% instead of 60%, half the profit cap, a fifth of the close fee) and other rates. */
async function scheduleChanges(fixture: Fixture) {
  const { trading, tradingConfigurator, riskManager } = fixture;
  const address = await trading.getAddress();
  const { interface: abi } = tradingConfigurator;
  const terms = { liquidationLossRatePips: 400_000, profitCapPips: 500_000, closeFeePips: 160, profitSharePips: 0 };
  const tier = { maxLeverage: 100, maxNotionalUsd: 100_000, termsId: 0, terms };
  const changes = [
    abi.encodeFunctionData("setTiers", [address, STANDARD_BOOK, [tier]]),
    abi.encodeFunctionData("setFees", [address, STANDARD_BOOK, 400, 400_000]),
    abi.encodeFunctionData("setCaps", [address, STANDARD_BOOK, 1, 1, 0n]),
  ];
  return Promise.all(changes.map((data) => scheduled(fixture, riskManager, tradingConfigurator, data)));
}

/** A position that wins about its cap, and what the vault loses by it. */
async function win(fixture: Fixture, amount: bigint): Promise<{ loss: RollingLoss }> {
  const { desk, trader } = fixture;
  const { id, at, model } = await openPosition(fixture, { amount });
  await desk.setPrice("BTC", px("60300"));
  const pending = await desk.requestClose(trader, id);
  const closed = await settleAtTarget(fixture, pending);
  expect(closed.outcomes).to.deep.equal(["Closed"]);
  const lossUsd = gainUsdOf(fixture, model, px("60300"), carryAt(fixture, {}, at, closed.at, model));
  return { loss: { lossUsd, at: BigInt(closed.at) } };
}

describe("Trading", () => {
  describe("the terms of a position", () => {
    it("stay those of its opening, whatever is configured later", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const changes = await scheduleChanges(fixture);
      await afterADay(fixture);
      const [winner, loser] = [await openPosition(fixture, STANDARD), await openPosition(fixture, STANDARD)];
      const track = new CarryTrack(bookOf(fixture, "BTC", "standard"), winner.at);
      const indices = [winner, loser].map(({ at, model }) => track.change(at, true, model.notional));
      for (const change of changes) await change();

      const { termsId } = await trading.position(winner.id);
      const { profitCapPips, llrPips, closeFeePips } = winner.model.position;
      expect(await trading.terms(STANDARD_BOOK, termsId)).to.deep.equal([llrPips, profitCapPips, closeFeePips, 0n]);
      expect((await trading.tiers(STANDARD_BOOK))[0].termsId).to.not.equal(termsId);

      await desk.setPrice("BTC", px("69000"));
      const pending = await desk.requestClose(trader, winner.id);
      const { receipt } = await settleAtTarget(fixture, pending);
      const left = track.change(pending.target, true, -winner.model.notional);
      const { payout, closeFee } = closeTrade({
        position: winner.model.position,
        tick: px("69000"),
        slippagePips: 100n,
        token: quoteOf(fixture),
        carryOwedUsd: carryOwedUsd(winner.model.notional, left, indices[0]),
        executionFeeUsd: fixture.profile.execution.executionFeeUsd,
        executionFeeCount: 1n,
      });
      const filter = trading.filters.TradeClosed(winner.id);
      const [event] = await trading.queryFilter(filter, receipt.blockNumber, receipt.blockNumber);
      expect([event.args.payout, event.args.closeFee]).to.deep.equal([payout, closeFee]);

      await desk.setPrice("BTC", px("56400"));
      const at = (await desk.now()) + 5;
      for (const [when, which, outcome] of [
        [at, "notReached", "Skipped NotLiquidatable"],
        [at + 1, "reached", "Liquidated"],
      ] as const) {
        const carry = carryOwedUsd(loser.model.notional, track.until(when).longX18, indices[1]);
        const boundary = liquidationPrice(loser.model.position, carry, quoteOf(fixture));
        const tick = desk.anyTick("BTC", when, { price: around(boundary, true)[which] });
        expect((await liquidateAt(fixture, when, [loser.id], [tick])).outcomes).to.deep.equal([outcome]);
      }
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("of a pending order are those at its execution", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const [setTiers, setFees] = await scheduleChanges(fixture);
      await afterADay(fixture);
      const pending = await desk.requestOpen(trader, STANDARD);
      await setTiers();
      await setFees();
      const proofs = [desk.firstTick("BTC", pending.target)];
      const { outcomes } = await executeAt(fixture, pending.target + 1, [pending.id], proofs);
      expect(outcomes).to.deep.equal(["Opened"]);
      const { termsId, margin } = await trading.position(pending.id);
      expect(await trading.terms(STANDARD_BOOK, termsId)).to.deep.equal([400_000n, 500_000n, 160n, 0n]);
      const fee = executionFeeTokens(fixture.profile.execution.executionFeeUsd, quoteOf(fixture));
      expect(margin).to.equal(splitAmountIn(desk.tokenUnits("USDT", 100n), fee, 10n, 400n).margin);
    });
  });

  describe("the loss budget of a book", () => {
    it("refuses openings while the rolling loss exceeds it, to the second", async () => {
      const fixture = await start();
      const { desk, trading, trader, tradingConfigurator, guardian } = fixture;
      const { loss } = await win(fixture, desk.tokenUnits("USDT", 600n));
      const budgetUsd = (loss.lossUsd * 100n) / 103n / X18;
      await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, 500_000, budgetUsd);
      // Until the cut it drained by the budget before.
      const cut = BigInt(await desk.now());
      const before = bookOf(fixture, "BTC", "degen").lossBudgetUsd;
      const atCut = decayLoss(loss, before, cut);
      let free = cut;
      while (isBudgetExceeded(atCut, budgetUsd * X18, free)) ++free;
      expect(free > cut).to.equal(true);
      if (free - cut > 20n) await desk.warpTo(Number(free) - 20);
      const [early, late] = [await desk.requestOpen(trader), await desk.requestOpen(trader)];
      const proofs = [early, late].map(({ target }) => desk.firstTick("BTC", target));
      const refused = await executeAt(fixture, Number(free) - 1, [early.id], proofs);
      expect(refused.outcomes).to.deep.equal(["Refused LossBudgetSpent"]);
      const opened = await executeAt(fixture, Number(free), [late.id], proofs, { ticks: [1] });
      expect(opened.outcomes).to.deep.equal(["Opened"]);
    });

    it("counts gains paid less losses and liquidated margins kept, never below nothing", async () => {
      const fixture = await start();
      const { desk, trading } = fixture;
      const budget = bookOf(fixture, "BTC", "degen").lossBudgetUsd;
      const lossNow = async () => (await trading.bookState(DEGEN_BOOK, { blockTag: "pending" })).lossNano * NANO_USD;
      // Every accrual and every record rounds by less than a nano-dollar; here are fewer than 16 of them.
      const isNear = (got: bigint, wanted: bigint) => abs(got - wanted) < 16n * NANO_USD;
      let { loss } = await win(fixture, desk.tokenUnits("USDT", 600n));
      let now = Number(loss.at) + 60;
      await nextBlockAt(now);
      expect(isNear(await lossNow(), decayLoss(loss, budget, BigInt(now)).lossUsd)).to.equal(true);

      await desk.setPrice("BTC", px("60000"));
      for (const whole of [200n, 700n, 700n, 700n]) {
        const { id, model } = await openPosition(fixture, { amount: desk.tokenUnits("USDT", whole) });
        const price = px("59950");
        now = (await desk.now()) + 5;
        const kept = await liquidateAt(fixture, now, [id], [desk.anyTick("BTC", now, { price })]);
        expect(kept.outcomes).to.deep.equal(["Liquidated"]);
        const { toVault } = settleLiquidation(model.position, price, 0n, quoteOf(fixture));
        loss = recordLoss(loss, budget, BigInt(now), -toUsdDown(toVault, quoteOf(fixture)));
        await nextBlockAt(now + 1);
        expect(isNear(await lossNow(), decayLoss(loss, budget, BigInt(now + 1)).lossUsd)).to.equal(true);
      }
      expect(loss.lossUsd).to.equal(0n);
    });

    it("is the book's own", async () => {
      const fixture = await start();
      const { desk, trading, tradingConfigurator, guardian } = fixture;
      await win(fixture, desk.tokenUnits("USDT", 600n));
      await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, 500_000, 1);
      const pending = await desk.requestOpen(fixture.trader);
      expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Refused LossBudgetSpent"]);
      await openPosition(fixture, STANDARD);
    });

    it("never keeps a position from being closed", async () => {
      const fixture = await start();
      const { desk, trading, trader, tradingConfigurator, guardian } = fixture;
      const { id } = await openPosition(fixture);
      await win(fixture, desk.tokenUnits("USDT", 500n));
      await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, 0, 1);
      await tradingConfigurator.connect(guardian).disableBook(trading, DEGEN_BOOK);
      const before = await balancesOf(fixture);
      const pending = await desk.requestClose(trader, id);
      expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Closed"]);
      expect(difference(await balancesOf(fixture), before).trader > 0n).to.equal(true);
    });
  });
});
