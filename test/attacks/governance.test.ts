import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ROLES } from "../../deploy/roles";
import { confirmed } from "../../kit/desk/Desk";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { bookOf } from "../unit/trading/setup";
import { expectBalanced, loadDesk } from "./support";

const WEEK = 7 * 24 * 3_600;
const DEPTH_MODEL = 1;
const MAX_OPEN_INTEREST_USD = 10n ** 9n;

describe("attacks: governance", () => {
  it("S08 I25: a scheduled call may be made for a week from when it is ready, and nothing else in its name", async () => {
    const { desk, accessManager, riskManager, tradingConfigurator, trading, tradingRecords } = await loadDesk();
    const bookId = desk.bookId("BTC", "degen");
    const target = tradingConfigurator.target as string;
    const dataOf = (cap: number, book = bookId) =>
      tradingConfigurator.interface.encodeFunctionData("setCaps", [trading.target, book, cap, 1_000, 0n]);
    const { delaySeconds } = ROLES.RISK_MANAGER;
    expect(delaySeconds).to.be.at.least(24 * 3_600);
    expect(ROLES.GOVERNOR.delaySeconds).to.be.at.least(48 * 3_600);
    const manager = accessManager.connect(riskManager);
    const operation = await accessManager.hashOperation(riskManager, target, dataOf(1));
    // Not sooner than the delay, however it is asked for.
    const early = manager.schedule(target, dataOf(1), (await time.latest()) + delaySeconds - 60);
    await expect(early)
      .to.be.revertedWithCustomError(accessManager, "AccessManagerUnauthorizedCall")
      .withArgs(riskManager.address, target, dataOf(1).slice(0, 10));
    await confirmed(manager.schedule(target, dataOf(1), 0));
    const scheduledAt = await time.latest();
    const readyAt = scheduledAt + delaySeconds;
    // Another amount or another book is another operation, which nobody has scheduled.
    await time.setNextBlockTimestamp(readyAt);
    for (const data of [dataOf(2), dataOf(1, bookId - 1)]) {
      await expect(manager.execute(target, data))
        .to.be.revertedWithCustomError(accessManager, "AccessManagerNotScheduled")
        .withArgs(await accessManager.hashOperation(riskManager, target, data));
    }
    const snapshot = await takeSnapshot();
    // Expiry counts from then, not from the scheduling: the last second of the week is good, the next is not.
    for (const [at, isGood] of [
      [readyAt + WEEK - 1, true],
      [readyAt + WEEK, false],
    ] as const) {
      await snapshot.restore();
      await time.setNextBlockTimestamp(at);
      const call = manager.execute(target, dataOf(1));
      if (isGood) {
        await confirmed(call);
        const [, { maxOpenInterestUsd }] = await tradingRecords.bookConfig(bookId);
        expect(maxOpenInterestUsd).to.equal(1n);
        // Once.
        await expect(manager.execute(target, dataOf(1)))
          .to.be.revertedWithCustomError(accessManager, "AccessManagerNotScheduled")
          .withArgs(operation);
      } else {
        await expect(call).to.be.revertedWithCustomError(accessManager, "AccessManagerExpired").withArgs(operation);
      }
    }
  });

  it("S10: no setter takes what would divide by zero, take more than all, or leave tiers unsorted", async () => {
    const fixture = await loadFixture(quickRolesDeskFixture);
    const { desk, tradingConfigurator, quickRiskManager, trading, tradingRecords } = fixture;
    const configurator = tradingConfigurator.connect(quickRiskManager);
    const bookId = desk.bookId("BTC", "standard");
    const [first, second, ...rest] = (await tradingRecords.tiers(bookId)).map(
      ({ maxLeverage, maxNotionalUsd, termsId, terms: [llr, cap, closeFee, share, exit] }) => ({
        ...{ maxLeverage, maxNotionalUsd, termsId },
        terms: {
          ...{ liquidationLossRatePips: llr, profitCapPips: cap, closeFeePips: closeFee },
          ...{ profitSharePips: share, maxExitSlippagePips: exit },
        },
      }),
    );
    const withTerms = (terms: Partial<typeof first.terms>) => [
      { ...first, terms: { ...first.terms, ...terms } },
      second,
      ...rest,
    ];
    const { slippagePips } = bookOf(fixture, "BTC", "standard");
    const setTiers = (tiers: (typeof first)[]) => configurator.setTiers(trading, bookId, tiers);
    /** What is set, and the range that it is outside of. */
    const attempts: Record<string, [attempt: () => Promise<unknown>, ...args: [bigint, bigint, bigint]]> = {
      DepthOutOfRange: [() => configurator.setSlippage(trading, bookId, DEPTH_MODEL, 100, 0), 0n, 1n, 2n ** 48n - 1n],
      SlippageOutOfRange: [() => configurator.setSlippage(trading, bookId, 0, 1_000_000, 0), 1_000_000n, 0n, 10_000n],
      OpenFeeOutOfRange: [() => configurator.setFees(trading, bookId, 1_000_001, 0), 1_000_001n, 0n, 10_000n],
      AlpShareOutOfRange: [() => configurator.setFees(trading, bookId, 0, 1_000_001), 1_000_001n, 0n, 1_000_000n],
      BorrowRateOutOfRange: [() => configurator.setRates(trading, bookId, 65_535, 0, 0, 0), 65_535n, 0n, 100n],
      MinFundingRateOutOfRange: [() => configurator.setRates(trading, bookId, 0, 0, 2, 1), 2n, 0n, 1n],
      LossBudgetOutOfRange: [() => configurator.setCaps(trading, bookId, 1, 0, 0n), 0n, 1n, MAX_OPEN_INTEREST_USD],
      MinNotionalOutOfRange: [() => configurator.setMinimums(trading, bookId, 0, 5), 0n, 10n, 100_000n],
      MinMarginOutOfRange: [() => configurator.setMinimums(trading, bookId, 200, 0), 0n, 1n, 10_000n],
      ConfidenceOutOfRange: [() => configurator.setOpenChecks(trading, bookId, 0, 1, 1), 0n, 1n, 100_000n],
      DeviationOutOfRange: [() => configurator.setOpenChecks(trading, bookId, 1, 0, 1), 0n, 1n, 100_000n],
      MinAnchorsOutOfRange: [() => configurator.setOpenChecks(trading, bookId, 1, 1, 0), 0n, 1n, 3n],
      TierCountOutOfRange: [() => setTiers([]), 0n, 1n, 4n],
      MaxNotionalOutOfRange: [
        () => setTiers([{ ...first, maxNotionalUsd: 0n }]),
        ...([0n, 1n, MAX_OPEN_INTEREST_USD] as const),
      ],
      LossRateOutOfRange: [
        () => setTiers(withTerms({ liquidationLossRatePips: 1_000_000n })),
        ...([1_000_000n, 500_000n, 950_000n] as const),
      ],
      ProfitCapOutOfRange: [() => setTiers(withTerms({ profitCapPips: 0n })), 0n, 100_000n, 10_000_000n],
      CloseFeeOutOfRange: [() => setTiers(withTerms({ closeFeePips: 1_000_000n })), 1_000_000n, 0n, 10_000n],
      ProfitShareOutOfRange: [() => setTiers(withTerms({ profitSharePips: 1_000_000n })), 1_000_000n, 0n, 500_000n],
      ExitSlippageOutOfRange: [
        () => setTiers(withTerms({ maxExitSlippagePips: 1_000_000n })),
        ...([1_000_000n, BigInt(slippagePips), 250_000n] as const),
      ],
    };
    for (const [name, [attempt, ...args]] of Object.entries(attempts)) {
      await expect(attempt(), name)
        .to.be.revertedWithCustomError(configurator, `TradingConfigurator_${name}`)
        .withArgs(...args);
    }
    // Unsorted, and one twice.
    for (const tiers of [
      [second, first, ...rest],
      [first, first, ...rest],
    ]) {
      await expect(setTiers(tiers))
        .to.be.revertedWithCustomError(configurator, "TradingConfigurator_LeverageOutOfRange")
        .withArgs(first.maxLeverage, tiers[0].maxLeverage + 1n, 500);
    }
  });

  it("S10: at the ends of every range a trade still opens and closes", async () => {
    const { desk, tradingConfigurator, quickRiskManager, trading, trader, keeper } =
      await loadFixture(quickRolesDeskFixture);
    const configurator = tradingConfigurator.connect(quickRiskManager);
    const bookId = desk.bookId("BTC", "standard");
    const snapshot = await takeSnapshot();
    for (const set of [
      () => configurator.setFees(trading, bookId, 0, 0),
      () => configurator.setFees(trading, bookId, 10_000, 1_000_000),
      () => configurator.setRates(trading, bookId, 100, 1_000, 500, 500),
      () => configurator.setRates(trading, bookId, 0, 0, 0, 0),
      () => configurator.setSlippage(trading, bookId, 0, 0, 0),
      () => configurator.setSlippage(trading, bookId, DEPTH_MODEL, 0, 1),
      () => configurator.setSlippage(trading, bookId, DEPTH_MODEL, 200, 2n ** 48n - 1n),
      () => configurator.setMinimums(trading, bookId, 10, 1),
    ]) {
      await snapshot.restore();
      await confirmed(set());
      await desk.refresh();
      for (const isLong of [true, false]) {
        const pending = await desk.requestOpen(trader, { mode: "standard", leverage: 10, isLong });
        const opened = await desk.settle(keeper, pending);
        expect(opened.results[0].isFailed).to.equal(false);
        // At a depth of one dollar the slippage leaves nothing of the margin: refused, not reverted.
        if (opened.results[0].outcome === "Refused") continue;
        await desk.warp(3_600);
        const closing = await desk.settle(keeper, await desk.requestClose(trader, pending.id));
        expect(closing.results[0]).to.deep.include({ outcome: "Closed", isFailed: false });
      }
      await expectBalanced(desk);
    }
  });
});
