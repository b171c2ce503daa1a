import { expect } from "chai";
import { carryOwedUsd, closeTrade, executionFeeTokens, liquidationPrice, splitAmountIn } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  CarryTrack,
  afterADay,
  around,
  bookOf,
  executeAt,
  liquidateAt,
  openPosition,
  quoteOf,
  scheduled,
  settleAtTarget,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const STANDARD_BOOK = 0;
const STANDARD = { mode: "standard", leverage: 10 } as const;

/** Schedules other tiers (50% instead of 60%, half the profit cap, a fifth of the close fee) and other rates. */
async function scheduleChanges(fixture: Fixture) {
  const { trading, tradingConfigurator, riskManager } = fixture;
  const address = await trading.getAddress();
  const { interface: abi } = tradingConfigurator;
  const fees = { closeFeePips: 160, profitSharePips: 0, maxExitSlippagePips: 150 };
  const terms = { liquidationLossRatePips: 500_000, profitCapPips: 500_000, ...fees };
  const tier = { maxLeverage: 100, maxNotionalUsd: 100_000, termsId: 0, terms };
  const changes = [
    abi.encodeFunctionData("setTiers", [address, STANDARD_BOOK, [tier]]),
    abi.encodeFunctionData("setFees", [address, STANDARD_BOOK, 400, 400_000]),
    abi.encodeFunctionData("setCaps", [address, STANDARD_BOOK, 1, 1, 0n]),
  ];
  return Promise.all(changes.map((data) => scheduled(fixture, riskManager, tradingConfigurator, data)));
}

describe("Trading", () => {
  describe("the terms of a position", () => {
    it("stay those of its opening, whatever is configured later", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const changes = await scheduleChanges(fixture);
      await afterADay(fixture);
      const [winner, loser] = [await openPosition(fixture, STANDARD), await openPosition(fixture, STANDARD)];
      const track = new CarryTrack(bookOf(fixture, "BTC", "standard"), winner.at);
      const indices = [winner, loser].map(({ at, model }) => track.change(at, true, model.notional));
      for (const change of changes) await change();

      const { termsId } = await tradingRecords.position(winner.id);
      const { profitCapPips, llrPips, closeFeePips } = winner.model.position;
      const { maxExitSlippagePips } = bookOf(fixture, "BTC", "standard").tiers[0];
      expect(await tradingRecords.terms(STANDARD_BOOK, termsId)).to.deep.equal([
        ...[llrPips, profitCapPips, closeFeePips, 0n],
        BigInt(maxExitSlippagePips),
      ]);
      expect((await tradingRecords.tiers(STANDARD_BOOK))[0].termsId).to.not.equal(termsId);

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
      const { desk, tradingRecords, trader } = fixture;
      const [setTiers, setFees] = await scheduleChanges(fixture);
      await afterADay(fixture);
      const pending = await desk.requestOpen(trader, STANDARD);
      await setTiers();
      await setFees();
      const proofs = [desk.firstTick("BTC", pending.target)];
      const { outcomes } = await executeAt(fixture, pending.target + 1, [pending.id], proofs);
      expect(outcomes).to.deep.equal(["Opened"]);
      const { termsId, margin } = await tradingRecords.position(pending.id);
      expect(await tradingRecords.terms(STANDARD_BOOK, termsId)).to.deep.equal([500_000n, 500_000n, 160n, 0n, 150n]);
      const fee = executionFeeTokens(fixture.profile.execution.executionFeeUsd, quoteOf(fixture));
      expect(margin).to.equal(splitAmountIn(desk.tokenUnits("USDT", 100n), fee, 10n, 400n).margin);
    });
  });
});
