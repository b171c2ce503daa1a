import { expect } from "chai";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { Reason } from "../../../sdk/enums";
import { gainCap, takeProfitBound } from "../../../sdk/model";
import { X18, px, usd } from "../../../sdk/units";
import {
  PYTH_UNIT,
  afterADay,
  balancesOf,
  bookOf,
  difference,
  executeAt,
  leastAmount,
  modelOpening,
  openPosition,
  scheduled,
  settleAtTarget,
  start,
} from "./setup";
import type { Fixture } from "./setup";

const STANDARD_BOOK = 0;
const DEGEN_BOOK = 1;
const DEPTH_MODEL = 1;

/** An order is refused: its owner gets the amount less the execution fee, and nothing else changes. */
async function expectRefused(
  fixture: Fixture,
  options: OpenOptions,
  reason: string,
  confidence?: bigint,
): Promise<void> {
  const { desk, trading, trader, keeper } = fixture;
  const { executionFee } = modelOpening(fixture, options);
  const amount = options.amount ?? desk.tokenUnits("USDT", 100n);
  const before = await balancesOf(fixture);
  const pending = await desk.requestOpen(trader, options);
  const proof = desk.firstTick(pending.asset, pending.target, { confidence });
  const { outcomes, receipt } = await executeAt(fixture, pending.target, [pending.id], [proof]);
  expect(outcomes).to.deep.equal([`Refused ${reason}`]);
  await expect(Promise.resolve(receipt))
    .to.emit(trading, "OrderRefused")
    .withArgs(
      pending.id,
      trader,
      keeper,
      Reason.findIndex((name) => name === reason),
      amount - executionFee,
      executionFee,
    );
  const changed = difference(await balancesOf(fixture), before);
  expect(changed).to.deep.equal({
    trader: -executionFee,
    keeper: executionFee,
    liquidity: 0n,
    fees: 0n,
    collateral: 0n,
    reserved: 0n,
  });
  expect(await desk.statusOf(pending.id)).to.equal("None");
  expect(await desk.isBalanced()).to.equal(true);
}

async function expectOpened(fixture: Fixture, options: OpenOptions, confidence?: bigint): Promise<void> {
  const pending = await fixture.desk.requestOpen(fixture.trader, options);
  const proof = fixture.desk.firstTick(pending.asset, pending.target, { confidence });
  const { outcomes } = await executeAt(fixture, pending.target, [pending.id], [proof]);
  expect(outcomes).to.deep.equal(["Opened"]);
}

describe("Trading", () => {
  describe("execute: a refused order", () => {
    it("passed its worst acceptable price, slippage included", async () => {
      const fixture = await start();
      for (const isLong of [true, false]) {
        const { entry } = modelOpening(fixture, { isLong });
        const step = isLong ? -1n : 1n;
        await expectRefused(fixture, { isLong, acceptablePrice: entry + step }, "PriceBound");
        await expectOpened(fixture, { isLong, acceptablePrice: entry });
      }
    });

    it("had less than the least margin", async () => {
      const fixture = await start();
      await fixture.desk.setPrice("USDT", px("0.9997"));
      const least = leastAmount(1n, fixture.desk.tokenUnits("USDT", 100n), (amount) => {
        return modelOpening(fixture, { amount }).marginUsd >= usd("5");
      });
      await expectRefused(fixture, { amount: least - 1n }, "MarginTooSmall");
      await expectOpened(fixture, { amount: least });
    });

    it("paid no more than the execution fee, which is all that is taken", async () => {
      const fixture = await start();
      const { executionFee } = modelOpening(fixture);
      await expectRefused(fixture, { amount: executionFee }, "NotionalTooSmall");
      const { trading, vault, replica, keeper, desk, trader } = fixture;
      const before = await vault.claimableOf(replica.token("USDT"), keeper);
      const pending = await desk.requestOpen(trader, { amount: executionFee - 1n });
      await settleAtTarget(fixture, pending);
      expect(await trading.statusOf(pending.id)).to.equal(0n);
      expect((await vault.claimableOf(replica.token("USDT"), keeper)) - before).to.equal(executionFee - 1n);
    });

    it("had less than the least notional", async () => {
      const fixture = await start();
      const options = { mode: "standard", leverage: 10 } as const;
      const least = leastAmount(1n, fixture.desk.tokenUnits("USDT", 100n), (amount) => {
        return modelOpening(fixture, { ...options, amount }).notional >= usd("200");
      });
      await expectRefused(fixture, { ...options, amount: least - 1n }, "NotionalTooSmall");
      await expectOpened(fixture, { ...options, amount: least });
    });

    it("had more than the largest notional of its tier", async () => {
      const fixture = await start();
      const [, { maxNotionalUsd }] = bookOf(fixture, "BTC", "degen").tiers;
      const least = leastAmount(1n, fixture.desk.tokenUnits("USDT", 10_000n), (amount) => {
        return modelOpening(fixture, { amount }).notional > maxNotionalUsd;
      });
      await expectRefused(fixture, { amount: least }, "NotionalTooLarge");
      await expectOpened(fixture, { amount: least - 1n });
    });

    it("wanted a take profit beyond the profit cap, or on the losing side", async () => {
      const fixture = await start();
      for (const isLong of [true, false]) {
        const { entry, profitCapPips, leverage } = modelOpening(fixture, { isLong });
        const bound = takeProfitBound(isLong, entry, leverage, profitCapPips);
        const step = isLong ? 1n : -1n;
        await expectRefused(fixture, { isLong, takeProfit: bound + step }, "TakeProfitOutOfRange");
        await expectRefused(fixture, { isLong, takeProfit: entry }, "TakeProfitOutOfRange");
        await expectOpened(fixture, { isLong, takeProfit: bound });
        await expectOpened(fixture, { isLong, takeProfit: entry + step });
      }
    });

    it("came with a tick that was not sure enough", async () => {
      const fixture = await start();
      for (const [mode, pips] of [
        ["degen", 1_500n],
        ["standard", 3_000n],
      ] as const) {
        const widest = (px("60000") * pips) / 1_000_000n;
        await expectRefused(fixture, { mode }, "ConfidenceTooWide", widest + PYTH_UNIT);
        await expectOpened(fixture, { mode }, widest);
      }
    });

    it("met a book that takes no openings any more", async () => {
      const fixture = await start();
      const { desk, trading, tradingConfigurator, guardian, trader } = fixture;
      const pending = await desk.requestOpen(trader);
      await tradingConfigurator.connect(guardian).disableBook(trading, DEGEN_BOOK);
      const { outcomes } = await settleAtTarget(fixture, pending);
      expect(outcomes).to.deep.equal(["Refused BookNotActive"]);
    });

    it("met a news window, which ends by itself", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, tradingConfigurator, guardian, trader } = fixture;
      const [during, after] = [await desk.requestOpen(trader), await desk.requestOpen(trader)];
      await tradingConfigurator.connect(guardian).startNewsWindow(trading, DEGEN_BOOK, 10);
      const [, { reduceOnlyUntil }] = await tradingRecords.bookConfig(DEGEN_BOOK);
      const end = Number(reduceOnlyUntil);
      const proofs = [desk.firstTick("BTC", during.target), desk.firstTick("BTC", after.target)];
      const first = await executeAt(fixture, end - 1, [during.id], proofs);
      expect(first.outcomes).to.deep.equal(["Refused BookNotActive"]);
      const second = await executeAt(fixture, end, [after.id], proofs, { ticks: [1] });
      expect(second.outcomes).to.deep.equal(["Opened"]);
    });

    it("wanted a leverage that its book has ceased to offer", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, tradingConfigurator, riskManager, trader } = fixture;
      const tiers = (await tradingRecords.tiers(DEGEN_BOOK)).map(({ maxNotionalUsd, termsId, terms }) => {
        const { liquidationLossRatePips, profitCapPips, closeFeePips, profitSharePips, maxExitSlippagePips } = terms;
        const fees = { closeFeePips, profitSharePips, maxExitSlippagePips };
        const named = { liquidationLossRatePips, profitCapPips, ...fees };
        return { maxLeverage: 750, maxNotionalUsd, termsId, terms: named };
      });
      const address = await trading.getAddress();
      const data = tradingConfigurator.interface.encodeFunctionData("setTiers", [
        address,
        DEGEN_BOOK,
        tiers.slice(0, 1),
      ]);
      const change = await scheduled(fixture, riskManager, tradingConfigurator, data);
      await afterADay(fixture);
      const [over, within] = [
        await desk.requestOpen(trader, { leverage: 751 }),
        await desk.requestOpen(trader, { leverage: 750 }),
      ];
      await change();
      const proofs = [over, within].map(({ target }) => desk.firstTick("BTC", target));
      const { outcomes } = await executeAt(fixture, within.target, [over.id, within.id], proofs, { ticks: [0, 1] });
      expect(outcomes).to.deep.equal(["Refused LeverageNotOffered", "Opened"]);
    });

    it("would be liquidatable at its own tick", async () => {
      const fixture = await start();
      const { trading, tradingConfigurator, riskManager } = fixture;
      // About 35,500 USD at 500x: half of it on 100 times the depth is 0.18%, 89% of the margin. At 100x it is 5%.
      const address = await trading.getAddress();
      const settings = [address, STANDARD_BOOK, DEPTH_MODEL, 100, 100_000] as const;
      const data = tradingConfigurator.interface.encodeFunctionData("setSlippage", [...settings]);
      const change = await scheduled(fixture, riskManager, tradingConfigurator, data);
      await afterADay(fixture);
      await change();
      for (const isLong of [true, false]) {
        await expectRefused(fixture, { mode: "standard", isLong, leverage: 500 }, "LiquidatableAtOpening");
        await expectOpened(fixture, { mode: "standard", isLong, leverage: 100 });
      }
    });

    it("found no open interest left on its side", async () => {
      const fixture = await start();
      const { desk, trading, tradingConfigurator, guardian } = fixture;
      const half = desk.tokenUnits("USDT", 50n);
      let notional = (await openPosition(fixture, { amount: half })).model.notional;
      const limit = (8n * notional) / X18;
      for (let index = 0; index < 3; ++index) notional += (await openPosition(fixture)).model.notional;
      await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, limit, 10_000n);
      const least = leastAmount(1n, desk.tokenUnits("USDT", 200n), (amount) => {
        return notional + modelOpening(fixture, { amount }).notional > limit * X18;
      });
      await expectRefused(fixture, { amount: least }, "OpenInterestFull");
      await expectOpened(fixture, { isLong: false, amount: least });
      await expectOpened(fixture, { amount: least - 1n });
    });

    it("found no room for its reserve under the product's ceiling", async () => {
      const fixture = await start();
      const { trading, vault, replica, guardian } = fixture;
      const { margin, profitCapPips } = modelOpening(fixture);
      const reserve = gainCap(margin, profitCapPips);
      await vault.connect(guardian).cutCeiling(trading, replica.token("USDT"), 2n * reserve - 1n);
      await expectOpened(fixture, {});
      await expectRefused(fixture, {}, "ReserveFull");
      await expectOpened(fixture, { leverage: 500, amount: fixture.desk.tokenUnits("USDT", 50n) });
    });

    it("found no room for its reserve in the token's liquidity", async () => {
      const fixture = await start();
      const { desk, vault, replica, riskManager } = fixture;
      const token = await replica.token("USDT").getAddress();
      const data = vault.interface.encodeFunctionData("setMaxUtilization", [token, 100]);
      const change = await scheduled(fixture, riskManager, vault, data);
      await afterADay(fixture);
      await change();
      const { liquidity } = await vault.ledger(token);
      const least = leastAmount(1n, desk.tokenUnits("USDT", 1_000n), (amount) => {
        const { margin, profitCapPips } = modelOpening(fixture, { amount });
        return gainCap(margin, profitCapPips) * 1_000_000n > liquidity * 100n;
      });
      await expectRefused(fixture, { amount: least }, "ReserveFull");
      await expectOpened(fixture, { amount: least - 1n });
    });
  });
});
