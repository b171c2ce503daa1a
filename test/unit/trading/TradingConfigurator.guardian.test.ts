import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { BaseContract } from "ethers";
import { bookArguments } from "../../../deploy/arguments/books";
import { ROLE_TABLE } from "../../../deploy/roles";
import type { TradingConfigurator } from "../../../typechain-types";
import {
  ACTIVE,
  BTC_DEGEN,
  ETH_STANDARD,
  FIXED,
  FREE,
  HOUR,
  REDUCE_ONLY,
  deploy,
  expectChange,
  expectError,
} from "./configuratorFixture";
import type { Context } from "./configuratorFixture";

describe("TradingConfigurator", () => {
  describe("cutCaps", () => {
    it("cuts either or both", async () => {
      const context = await loadFixture(deploy);
      const { asGuardian, trading, tradingRecords } = context;
      const [{ lossBudgetUsd: budget }, { maxOpenInterestUsd: cap }] = await tradingRecords.bookConfig(BTC_DEGEN);
      for (const [maxOpenInterestUsd, lossBudgetUsd] of [
        [cap - 1n, budget],
        [cap - 1n, budget - 1n],
        [0n, 1n],
      ]) {
        const call = () => asGuardian.cutCaps(trading, BTC_DEGEN, maxOpenInterestUsd, lossBudgetUsd);
        await expectChange(context, BTC_DEGEN, call, { maxOpenInterestUsd, lossBudgetUsd });
      }
    });

    it("raises neither, even if the other falls", async () => {
      const { asGuardian, configurator, trading, tradingRecords } = await loadFixture(deploy);
      const [{ lossBudgetUsd: budget }, { maxOpenInterestUsd: cap }] = await tradingRecords.bookConfig(BTC_DEGEN);
      const higherCap = asGuardian.cutCaps(trading, BTC_DEGEN, cap + 1n, budget - 1n);
      await expectError(higherCap, configurator, "OpenInterestNotCut", [cap + 1n, 0, cap]);
      const higherBudget = asGuardian.cutCaps(trading, BTC_DEGEN, cap - 1n, budget + 1n);
      await expectError(higherBudget, configurator, "LossBudgetNotCut", [budget + 1n, 1, budget]);
      const noBudget = asGuardian.cutCaps(trading, BTC_DEGEN, cap, 0);
      await expectError(noBudget, configurator, "LossBudgetNotCut", [0, 1, budget]);
      const nothing = asGuardian.cutCaps(trading, BTC_DEGEN, cap, budget);
      await expectError(nothing, configurator, "NothingCut", [BTC_DEGEN, cap, budget]);
    });
  });

  describe("startNewsWindow", () => {
    it("stops openings for up to an hour, and not again until an hour later, to the second", async () => {
      const context = await loadFixture(deploy);
      const { asGuardian, configurator, trading } = context;
      const start = (await time.latest()) + 10;
      const until = start + HOUR;
      await time.setNextBlockTimestamp(start);
      const call = () => asGuardian.startNewsWindow(trading, BTC_DEGEN, HOUR);
      await expectChange(context, BTC_DEGEN, call, { reduceOnlyUntil: BigInt(until) });
      for (const at of [start + 1, until, until + HOUR - 1]) {
        await time.setNextBlockTimestamp(at);
        const again = asGuardian.startNewsWindow(trading, BTC_DEGEN, 1);
        await expectError(again, configurator, "NewsWindowTooSoon", [BTC_DEGEN, at, until + HOUR]);
      }
      await time.setNextBlockTimestamp(until + HOUR);
      await expectChange(context, BTC_DEGEN, () => asGuardian.startNewsWindow(trading, BTC_DEGEN, 1), {
        reduceOnlyUntil: BigInt(until + HOUR + 1),
      });
    });

    it("is kept by every other change of the book", async () => {
      const { asGuardian, asRiskManager, trading, tradingRecords } = await loadFixture(deploy);
      await asGuardian.startNewsWindow(trading, BTC_DEGEN, HOUR);
      const [, { reduceOnlyUntil }] = await tradingRecords.bookConfig(BTC_DEGEN);
      await asRiskManager.setFees(trading, BTC_DEGEN, 1, 1);
      await asRiskManager.setCaps(trading, BTC_DEGEN, 1, 1, 0n);
      await asRiskManager.setMinimums(trading, BTC_DEGEN, 10, 1);
      await asRiskManager.setOpenChecks(trading, BTC_DEGEN, 1, 1, 1);
      await asRiskManager.setStatus(trading, BTC_DEGEN, ACTIVE, 0n);
      expect((await tradingRecords.bookConfig(BTC_DEGEN))[1].reduceOnlyUntil).to.equal(reduceOnlyUntil);
    });

    it("refuses no time and more than an hour", async () => {
      const { asGuardian, configurator, trading } = await loadFixture(deploy);
      for (const seconds of [0, HOUR + 1]) {
        const call = asGuardian.startNewsWindow(trading, BTC_DEGEN, seconds);
        await expectError(call, configurator, "NewsWindowOutOfRange", [seconds, 1, HOUR]);
      }
    });
  });

  describe("disableBook", () => {
    it("makes an active book reduce-only, once", async () => {
      const context = await loadFixture(deploy);
      const { asGuardian, configurator, trading } = context;
      const call = () => asGuardian.disableBook(trading, ETH_STANDARD);
      await expectChange(context, ETH_STANDARD, call, { status: REDUCE_ONLY });
      await expectError(call(), configurator, "BookNotActive", [ETH_STANDARD, REDUCE_ONLY]);
    });
  });

  describe("disableMarginToken", () => {
    it("disables a token, once", async () => {
      const { asGuardian, configurator, trading, tradingRecords, token } = await loadFixture(deploy);
      const before = await tradingRecords.marginToken(token);
      await asGuardian.disableMarginToken(trading, token);
      const after = await tradingRecords.marginToken(token);
      expect([...after]).to.deep.equal([...before.slice(0, -1), false]);
      const again = asGuardian.disableMarginToken(trading, token);
      await expectError(again, configurator, "MarginTokenNotEnabled", [token]);
    });
  });

  it("changes no book that is not listed", async () => {
    const { asRiskManager, asGuardian, configurator, trading } = await loadFixture(deploy);
    for (const call of [
      () => asRiskManager.setFees(trading, FREE, 0, 0),
      () => asRiskManager.setSlippage(trading, FREE, FIXED, 0, 0),
      () => asRiskManager.setRates(trading, FREE, 0, 0, 0, 0),
      () => asRiskManager.setCaps(trading, FREE, 1, 1, 0n),
      () => asRiskManager.setMinimums(trading, FREE, 10, 1),
      () => asRiskManager.setOpenChecks(trading, FREE, 1, 1, 1),
      () => asRiskManager.setTiers(trading, FREE, []),
      () => asRiskManager.setStatus(trading, FREE, ACTIVE, 0n),
      () => asGuardian.cutCaps(trading, FREE, 0, 0),
      () => asGuardian.startNewsWindow(trading, FREE, 1),
      () => asGuardian.disableBook(trading, FREE),
    ]) {
      await expectError(call(), configurator, "BookNotListed", [FREE]);
    }
  });

  describe("access", () => {
    const HOLDERS: Readonly<Record<string, readonly string[]>> = {
      GOVERNOR: ["governor", "quickGovernor"],
      RISK_MANAGER: ["riskManager", "quickRiskManager"],
      GUARDIAN: ["guardian"],
    };
    const ACTORS = [
      "deployer",
      "governor",
      "quickGovernor",
      "riskManager",
      "quickRiskManager",
      "guardian",
      "stranger",
    ] as const;

    for (const [name, role] of Object.entries(ROLE_TABLE.TradingConfigurator)) {
      it(`opens ${name} to the ${role} alone`, async () => {
        const context = await loadFixture(deploy);
        const data = callData(context.configurator, context, name);
        const to = await context.configurator.getAddress();
        const strangers = ACTORS.filter((actor) => !HOLDERS[role].includes(actor)).map((actor) => context[actor]);
        for (const stranger of strangers) {
          await expect(stranger.sendTransaction({ to, data }))
            .to.be.revertedWithCustomError(context.configurator, "AccessManagedUnauthorized")
            .withArgs(stranger.address);
        }
      });
    }

    function callData(configurator: TradingConfigurator, { trading, token, profile }: Context, name: string): string {
      const { config, openConfig, tiers } = bookArguments("BNB", profile.markets[0].books[0], 1);
      const target = trading;
      const args: Record<string, unknown[]> = {
        listBook: [FREE, config, openConfig, tiers],
        setMarginToken: [token, 1, true, 0n],
        setFees: [FREE, 0, 0],
        setSlippage: [FREE, 0, 0, 0],
        setRates: [FREE, 0, 0, 0, 0],
        setCaps: [FREE, 0, 0, 0n],
        setMinimums: [FREE, 0, 0],
        setOpenChecks: [FREE, 0, 0, 0],
        setTiers: [FREE, tiers],
        setStatus: [FREE, 1, 0n],
        cutCaps: [FREE, 0, 0],
        startNewsWindow: [FREE, 1],
        disableBook: [FREE],
        disableMarginToken: [token],
      };
      const { interface: abi } = configurator as BaseContract;
      return abi.encodeFunctionData(name, [target.target, ...args[name]]);
    }

    it("writes only to a Trading that names it", async () => {
      const { configurator, trading, quickGovernor, stranger } = await loadFixture(deploy);
      expect(await trading.configurator()).to.equal(await configurator.getAddress());
      await expect(trading.connect(quickGovernor).setMarginToken(stranger.address, 1, true))
        .to.be.revertedWithCustomError(trading, "Product_OnlyConfigurator")
        .withArgs(quickGovernor.address);
    });
  });
});
