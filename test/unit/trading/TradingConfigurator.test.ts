import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Result } from "ethers";
import { assetIdOf } from "../../../deploy/arguments/oracle";
import { quickRolesDeskFixture } from "../../fixtures/trading";
import {
  ACTIVE,
  BTC_DEGEN,
  BTC_STANDARD,
  CLOSED,
  DEPTH,
  ETH_DEGEN,
  FIXED,
  FREE,
  HOUR,
  REDUCE_ONLY,
  SKEW,
  UNLISTED,
  configOf,
  degenArguments,
  deploy,
  expectChange,
  expectError,
  list,
  standardArguments,
} from "./configuratorFixture";
import type { Refusal } from "./configuratorFixture";

describe("TradingConfigurator", () => {
  describe("listBook", () => {
    it("lists a Standard book, active, whatever status, tier numbers and window it is given", async () => {
      const context = await loadFixture(deploy);
      const args = standardArguments(context);
      const given = {
        ...args,
        config: { ...args.config, status: UNLISTED, maxLeverage: 7, tierCount: 9, leastLossRatePercent: 1 },
        openConfig: { ...args.openConfig, reduceOnlyUntil: 2 ** 40 - 1 },
      };
      await expect(list(context, FREE, given)).to.emit(context.trading, "TiersSet");
      const toBigInts = (fields: Record<string, number | bigint>) =>
        Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, BigInt(value)]));
      expect(await configOf(context, FREE)).to.deep.equal({
        ...toBigInts(args.config),
        ...toBigInts(args.openConfig),
        leastLossRatePercent: 60n,
      });
      expect(await context.tradingRecords.tiers(FREE)).to.have.lengthOf(3);
    });

    it("lists the Degen book of a market that has its Standard one", async () => {
      const context = await loadFixture(deploy);
      await list(context, ETH_DEGEN, degenArguments(context));
      expect(await configOf(context, ETH_DEGEN)).to.include({ status: ACTIVE, maxLeverage: 1001n });
    });

    it("lists no book twice", async () => {
      const context = await loadFixture(deploy);
      const args = { ...standardArguments(context) };
      await expectError(list(context, BTC_STANDARD, args), context.configurator, "BookAlreadyListed", [BTC_STANDARD]);
    });

    it("takes book ids up to 255", async () => {
      const context = await loadFixture(deploy);
      await list(context, 254, standardArguments(context));
      const call = list(context, 256, standardArguments(context));
      await expectError(call, context.configurator, "BookIdOutOfRange", [256, 0, 255]);
    });

    const REFUSALS: Refusal[] = [
      ["asset 0", ({ config }) => (config.assetId = 0), "AssetIdOutOfRange", [0, 1, 255]],
      ["asset 256", ({ config }) => (config.assetId = 256), "AssetIdOutOfRange", [256, 1, 255]],
      ["an open fee", ({ openConfig }) => (openConfig.openFeePips = 10_001), "OpenFeeOutOfRange", [10_001, 0, 10_000]],
      ["an ALP share", ({ config }) => (config.alpSharePips = 1_000_001), "AlpShareOutOfRange", [1_000_001, 0, 1e6]],
      ["slippage", ({ config }) => (config.slippagePips = 10_001), "SlippageOutOfRange", [10_001, 0, 10_000]],
      ["no depth", ({ config }) => (config.slippageModel = DEPTH), "DepthOutOfRange", [0, 1, 2n ** 48n - 1n]],
      ["borrowing", ({ config }) => (config.borrowPipsPerHour = 101), "BorrowRateOutOfRange", [101, 0, 100]],
      [
        "a cap",
        ({ openConfig }) => (openConfig.maxOpenInterestUsd = 10n ** 9n + 1n),
        "OpenInterestOutOfRange",
        [1_000_000_001, 0, 1e9],
      ],
      ["no budget", ({ config }) => (config.lossBudgetUsd = 0n), "LossBudgetOutOfRange", [0, 1, 1e9]],
      [
        "a least notional",
        ({ openConfig }) => (openConfig.minNotionalUsd = 9n),
        "MinNotionalOutOfRange",
        [9, 10, 100_000],
      ],
      ["no anchors", ({ openConfig }) => (openConfig.minAnchors = 0), "MinAnchorsOutOfRange", [0, 1, 3]],
      ["no tiers", (args) => (args.tiers = []), "TierCountOutOfRange", [0, 1, 4]],
    ];
    for (const [name, change, error, errorArgs] of REFUSALS) {
      it(`refuses ${name}`, async () => {
        const context = await loadFixture(deploy);
        const args = standardArguments(context);
        change(args);
        await expectError(list(context, FREE, args), context.configurator, error, errorArgs);
      });
    }

    it("refuses another asset than that of the market's other book", async () => {
      const context = await loadFixture(deploy);
      const args = degenArguments(context);
      args.config.assetId = assetIdOf("BTC");
      const errorArgs = [ETH_DEGEN, assetIdOf("BTC"), assetIdOf("ETH")];
      await expectError(list(context, ETH_DEGEN, args), context.configurator, "AssetOfMarketDiffers", errorArgs);
    });
  });

  describe("listBook: its asset", () => {
    it("refuses one that has no ticks", async () => {
      const context = await loadFixture(deploy);
      const args = standardArguments(context);
      args.config.assetId = 200;
      await expectError(list(context, FREE, args), context.configurator, "AssetWithoutPyth", [200]);
    });
  });

  describe("setMarginToken", () => {
    it("disables and enables a token, and keeps its number", async () => {
      const { asGovernor, trading, tradingRecords, token } = await loadFixture(deploy);
      const before = await tradingRecords.marginToken(token);
      await expect(asGovernor.setMarginToken(trading, token, before.assetId, false, 0n)).to.emit(
        trading,
        "MarginTokenSet",
      );
      const disabled = await tradingRecords.marginToken(token);
      expect([disabled.isEnabled, disabled.tokenId]).to.deep.equal([false, before.tokenId]);
      await asGovernor.setMarginToken(trading, token, before.assetId, true, 0n);
      expect([...(await tradingRecords.marginToken(token))]).to.deep.equal([...before]);
    });

    it("refuses assets out of range, and another asset for a token listed before", async () => {
      const { asGovernor, configurator, trading, tradingRecords, token } = await loadFixture(deploy);
      const { assetId } = await tradingRecords.marginToken(token);
      for (const wrong of [0, 256]) {
        const call = asGovernor.setMarginToken(trading, token, wrong, true, 0n);
        await expectError(call, configurator, "AssetIdOutOfRange", [wrong, 1, 255]);
      }
      const call = asGovernor.setMarginToken(trading, token, assetId + 1n, true, 0n);
      await expectError(call, configurator, "AssetOfTokenIsFixed", [token, assetId + 1n, assetId]);
    });

    it("leaves tokens that the vault doesn't have to Trading, which refuses them", async () => {
      const { asGovernor, trading, configurator } = await loadFixture(deploy);
      const unknown = await configurator.getAddress();
      await expect(asGovernor.setMarginToken(trading, unknown, 1, true, 0n))
        .to.be.revertedWithCustomError(trading, "Trading_TokenNotAccepted")
        .withArgs(unknown);
    });
  });

  describe("setFees", () => {
    it("sets the open fee and the share of the LPs, up to their bounds", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading } = context;
      for (const [openFeePips, alpSharePips] of [
        [0n, 0n],
        [10_000n, 1_000_000n],
      ]) {
        const call = () => asRiskManager.setFees(trading, BTC_STANDARD, openFeePips, alpSharePips);
        await expectChange(context, BTC_STANDARD, call, { openFeePips, alpSharePips });
      }
    });

    it("tells the whole of both configurations", async () => {
      const { asRiskManager, trading, tradingRecords } = await loadFixture(deploy);
      const [config, openConfig] = (await tradingRecords.bookConfig(BTC_STANDARD)).map((struct) =>
        (struct as unknown as Result).toObject(),
      );
      await expect(asRiskManager.setFees(trading, BTC_STANDARD, 777, 333_333))
        .to.emit(trading, "BookConfigured")
        .withArgs(BTC_STANDARD, Object.values({ ...config, alpSharePips: 333_333 }))
        .and.to.emit(trading, "OpenConfigured")
        .withArgs(BTC_STANDARD, Object.values({ ...openConfig, openFeePips: 777 }));
    });

    it("refuses more", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      const high = asRiskManager.setFees(trading, BTC_STANDARD, 10_001, 0);
      await expectError(high, configurator, "OpenFeeOutOfRange", [10_001, 0, 10_000]);
      const share = asRiskManager.setFees(trading, BTC_STANDARD, 0, 1_000_001);
      await expectError(share, configurator, "AlpShareOutOfRange", [1_000_001, 0, 1_000_000]);
    });
  });

  describe("setSlippage", () => {
    it("sets each model in Standard", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading } = context;
      for (const [slippageModel, slippagePips, onePercentDepthUsd] of [
        [DEPTH, 0, 1],
        [SKEW, 200, 5_000_000],
        [FIXED, 150, 0],
      ]) {
        const call = () =>
          asRiskManager.setSlippage(trading, BTC_STANDARD, slippageModel, slippagePips, onePercentDepthUsd);
        await expectChange(context, BTC_STANDARD, call, {
          slippageModel: BigInt(slippageModel),
          slippagePips: BigInt(slippagePips),
          onePercentDepthUsd: BigInt(onePercentDepthUsd),
        });
      }
    });

    it("sets the fixed slippage of Degen, and no other model", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, configurator, trading } = context;
      const call = () => asRiskManager.setSlippage(trading, BTC_DEGEN, FIXED, 50, 0);
      await expectChange(context, BTC_DEGEN, call, { slippagePips: 50n });
      for (const model of [DEPTH, SKEW]) {
        const refused = asRiskManager.setSlippage(trading, BTC_DEGEN, model, 50, 1);
        await expectError(refused, configurator, "SlippageModelNotOffered", [BTC_DEGEN, model, FIXED]);
      }
    });

    it("refuses too much, and models without their depth", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      const high = asRiskManager.setSlippage(trading, BTC_STANDARD, FIXED, 10_001, 0);
      await expectError(high, configurator, "SlippageOutOfRange", [10_001, 0, 10_000]);
      for (const model of [DEPTH, SKEW]) {
        const shallow = asRiskManager.setSlippage(trading, BTC_STANDARD, model, 100, 0);
        await expectError(shallow, configurator, "DepthOutOfRange", [0, 1, 2n ** 48n - 1n]);
      }
    });

    it("refuses a fixed rate beyond the largest exit slippage of any tier, whatever the model", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      for (const [bookId, model, most] of [
        [BTC_DEGEN, FIXED, 100],
        [BTC_STANDARD, FIXED, 200],
        [BTC_STANDARD, DEPTH, 200],
        [BTC_STANDARD, SKEW, 200],
      ]) {
        await asRiskManager.setSlippage(trading, bookId, model, most, 1);
        const refused = asRiskManager.setSlippage(trading, bookId, model, most + 1, 1);
        await expectError(refused, configurator, "SlippageOutOfRange", [most + 1, 0, most]);
      }
    });
  });

  describe("setRates", () => {
    it("sets rates up to their bounds", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading } = context;
      for (const [bookId, borrow, funding, min, max] of [
        [BTC_DEGEN, 0n, 0n, 0n, 0n],
        [BTC_DEGEN, 100n, 1_000n, 50n, 50n],
        [BTC_DEGEN, 0n, 1_000n, 150n, 150n],
        [BTC_STANDARD, 100n, 1_000n, 500n, 500n],
        [BTC_STANDARD, 0n, 1_000n, 0n, 600n],
      ] as const) {
        const call = () => asRiskManager.setRates(trading, bookId, borrow, funding, min, max);
        await expectChange(context, bookId, call, {
          borrowPipsPerHour: borrow,
          fundingPipsPerHour: funding,
          minFundingPipsPerHour: min,
          maxFundingPipsPerHour: max,
        });
      }
    });

    it("accrues carry at the old rates first", async () => {
      const { asRiskManager, trading, tradingRecords } = await loadFixture(deploy);
      await asRiskManager.setRates(trading, BTC_DEGEN, 100, 0, 0, 0);
      const before = await tradingRecords.bookState(BTC_DEGEN);
      await time.setNextBlockTimestamp(before.accruedAt + BigInt(HOUR));
      await asRiskManager.setRates(trading, BTC_DEGEN, 0, 0, 0, 0);
      const after = await tradingRecords.bookState(BTC_DEGEN);
      // 100 pips an hour, as a whole number a second, rounded up.
      const perSecond = (100n * 10n ** 12n + 3_599n) / 3_600n;
      expect(after.longIndex - before.longIndex).to.equal(perSecond * 3_600n);
      await time.increase(HOUR);
      expect((await tradingRecords.bookState(BTC_DEGEN)).longIndex).to.equal(after.longIndex);
    });

    it("refuses higher ones, and a least above the largest", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      for (const [bookId, rates, error, args] of [
        [BTC_DEGEN, [101, 0, 0, 0], "BorrowRateOutOfRange", [101, 0, 100]],
        [BTC_DEGEN, [0, 1_001, 0, 0], "FundingRateOutOfRange", [1_001, 0, 1_000]],
        [BTC_DEGEN, [0, 0, 0, 151], "MaxFundingRateOutOfRange", [151, 0, 150]],
        [BTC_DEGEN, [100, 0, 0, 51], "MaxFundingRateOutOfRange", [51, 0, 50]],
        [BTC_STANDARD, [0, 0, 0, 601], "MaxFundingRateOutOfRange", [601, 0, 600]],
        [BTC_STANDARD, [100, 0, 0, 501], "MaxFundingRateOutOfRange", [501, 0, 500]],
        [BTC_DEGEN, [0, 0, 51, 50], "MinFundingRateOutOfRange", [51, 0, 50]],
      ] as const) {
        await expectError(asRiskManager.setRates(trading, bookId, ...rates), configurator, error, [...args]);
      }
    });
  });

  describe("setCaps", () => {
    it("sets caps up to their bounds", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading } = context;
      for (const [maxOpenInterestUsd, lossBudgetUsd] of [
        [0n, 1n],
        [10n ** 9n, 10n ** 9n],
      ]) {
        const call = () => asRiskManager.setCaps(trading, BTC_DEGEN, maxOpenInterestUsd, lossBudgetUsd, 0n);
        await expectChange(context, BTC_DEGEN, call, { maxOpenInterestUsd, lossBudgetUsd });
      }
    });

    it("refuses more, and no loss budget at all", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      const high = asRiskManager.setCaps(trading, BTC_DEGEN, 1_000_000_001, 1, 0n);
      await expectError(high, configurator, "OpenInterestOutOfRange", [1_000_000_001, 0, 1_000_000_000]);
      for (const budget of [0, 1_000_000_001]) {
        const call = asRiskManager.setCaps(trading, BTC_DEGEN, 1, budget, 0n);
        await expectError(call, configurator, "LossBudgetOutOfRange", [budget, 1, 1_000_000_000]);
      }
    });
  });

  describe("setMinimums", () => {
    it("sets minimums within their bounds", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading } = context;
      for (const [minNotionalUsd, minMarginUsd] of [
        [10n, 1n],
        [100_000n, 10_000n],
      ]) {
        const call = () => asRiskManager.setMinimums(trading, BTC_DEGEN, minNotionalUsd, minMarginUsd);
        await expectChange(context, BTC_DEGEN, call, { minNotionalUsd, minMarginUsd });
      }
    });

    it("refuses others", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      for (const notional of [9, 100_001]) {
        const call = asRiskManager.setMinimums(trading, BTC_DEGEN, notional, 5);
        await expectError(call, configurator, "MinNotionalOutOfRange", [notional, 10, 100_000]);
      }
      for (const margin of [0, 10_001]) {
        const call = asRiskManager.setMinimums(trading, BTC_DEGEN, 200, margin);
        await expectError(call, configurator, "MinMarginOutOfRange", [margin, 1, 10_000]);
      }
    });
  });

  describe("setOpenChecks", () => {
    it("sets checks within their bounds", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading } = context;
      for (const [maxConfidencePips, maxDeviationPips, minAnchors] of [
        [1n, 1n, 1n],
        [100_000n, 100_000n, 3n],
      ]) {
        const call = () =>
          asRiskManager.setOpenChecks(trading, BTC_DEGEN, maxConfidencePips, maxDeviationPips, minAnchors);
        await expectChange(context, BTC_DEGEN, call, { maxConfidencePips, maxDeviationPips, minAnchors });
      }
    });

    it("refuses others", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      for (const pips of [0, 100_001]) {
        const confidence = asRiskManager.setOpenChecks(trading, BTC_DEGEN, pips, 1, 1);
        await expectError(confidence, configurator, "ConfidenceOutOfRange", [pips, 1, 100_000]);
        const deviation = asRiskManager.setOpenChecks(trading, BTC_DEGEN, 1, pips, 1);
        await expectError(deviation, configurator, "DeviationOutOfRange", [pips, 1, 100_000]);
      }
      for (const anchors of [0, 4]) {
        const call = asRiskManager.setOpenChecks(trading, BTC_DEGEN, 1, 1, anchors);
        await expectError(call, configurator, "MinAnchorsOutOfRange", [anchors, 1, 3]);
      }
    });
  });

  describe("setTiers", () => {
    const fees = { closeFeePips: 300, profitSharePips: 0, maxExitSlippagePips: 100 };
    const terms = { liquidationLossRatePips: 600_000, profitCapPips: 1_000_000, ...fees };
    const tier = (maxLeverage: number, changed: Partial<typeof terms> = {}, maxNotionalUsd = 1_000) => ({
      maxLeverage,
      maxNotionalUsd,
      termsId: 0,
      terms: { ...terms, ...changed },
    });

    it("sets up to 4 tiers, and the book's largest leverage with them", async () => {
      const context = await loadFixture(deploy);
      const { asRiskManager, trading, tradingRecords } = context;
      const tiers = [1, 2, 3, 500].map((leverage) => tier(leverage, { profitCapPips: 100_000 * leverage }));
      tiers[3] = tier(500, { profitCapPips: 10_000_000, liquidationLossRatePips: 500_000 }, 1e9);
      tiers[0] = tier(1, { liquidationLossRatePips: 950_000, maxExitSlippagePips: 149_700 });
      await expectChange(context, BTC_STANDARD, () => asRiskManager.setTiers(trading, BTC_STANDARD, tiers), {
        maxLeverage: 500n,
        tierCount: 4n,
        leastLossRatePercent: 50n,
      });
      const stored = await tradingRecords.tiers(BTC_STANDARD);
      expect(stored.map(({ maxLeverage }) => Number(maxLeverage))).to.deep.equal([1, 2, 3, 500]);
      expect([stored[3].terms.profitCapPips, stored[3].maxNotionalUsd]).to.deep.equal([10_000_000n, 10n ** 9n]);
    });

    it("lets exits slip by up to a quarter of the price at leverage 1", async () => {
      const { asRiskManager, trading, tradingRecords } = await loadFixture(deploy);
      await asRiskManager.setTiers(trading, BTC_STANDARD, [tier(1, { maxExitSlippagePips: 250_000 })]);
      expect((await tradingRecords.tiers(BTC_STANDARD))[0].terms.maxExitSlippagePips).to.equal(250_000n);
    });

    it("sets Degen tiers from 500 to 1001", async () => {
      const context = await loadFixture(deploy);
      const call = () => context.asRiskManager.setTiers(context.trading, BTC_DEGEN, [tier(500), tier(1001)]);
      await expectChange(context, BTC_DEGEN, call, { maxLeverage: 1001n, tierCount: 2n });
    });

    const fifth = Array.from({ length: 5 }, (_, index) => tier(index + 1));
    for (const [name, bookId, tiers, error, args] of [
      ["no tier", BTC_STANDARD, [], "TierCountOutOfRange", [0, 1, 4]],
      ["a fifth tier", BTC_STANDARD, fifth, "TierCountOutOfRange", [5, 1, 4]],
      ["leverage 0", BTC_STANDARD, [tier(0)], "LeverageOutOfRange", [0, 1, 500]],
      ["leverage 501 in Standard", BTC_STANDARD, [tier(501)], "LeverageOutOfRange", [501, 1, 500]],
      ["leverage 499 in Degen", BTC_DEGEN, [tier(499), tier(1001)], "LeverageOutOfRange", [499, 500, 1001]],
      ["leverage 1002 in Degen", BTC_DEGEN, [tier(1002)], "LeverageOutOfRange", [1002, 500, 1001]],
      ["equal tiers", BTC_STANDARD, [tier(10), tier(10)], "LeverageOutOfRange", [10, 11, 500]],
      ["descending tiers", BTC_STANDARD, [tier(10), tier(9)], "LeverageOutOfRange", [9, 11, 500]],
      ["no notional", BTC_STANDARD, [tier(10, {}, 0)], "MaxNotionalOutOfRange", [0, 1, 1e9]],
      ["more notional", BTC_STANDARD, [tier(10, {}, 1e9 + 1)], "MaxNotionalOutOfRange", [1e9 + 1, 1, 1e9]],
      [
        "a low loss rate",
        BTC_STANDARD,
        [tier(10, { liquidationLossRatePips: 499_999 })],
        "LossRateOutOfRange",
        [499_999, 500_000, 950_000],
      ],
      [
        "a high loss rate",
        BTC_STANDARD,
        [tier(10, { liquidationLossRatePips: 950_001 })],
        "LossRateOutOfRange",
        [950_001, 500_000, 950_000],
      ],
      [
        "a low profit cap",
        BTC_STANDARD,
        [tier(10, { profitCapPips: 99_999 })],
        "ProfitCapOutOfRange",
        [99_999, 100_000, 10_000_000],
      ],
      [
        "a high profit cap",
        BTC_STANDARD,
        [tier(10, { profitCapPips: 10_000_001 })],
        "ProfitCapOutOfRange",
        [10_000_001, 100_000, 10_000_000],
      ],
      ["a close fee", BTC_STANDARD, [tier(1, { closeFeePips: 10_001 })], "CloseFeeOutOfRange", [10_001, 0, 10_000]],
      [
        "a share of the profit",
        BTC_STANDARD,
        [tier(1, { profitSharePips: 500_001 })],
        "ProfitShareOutOfRange",
        [500_001, 0, 500_000],
      ],
      [
        "exits that slip by less than the book's fixed slippage",
        BTC_STANDARD,
        [tier(10, { maxExitSlippagePips: 99 })],
        "ExitSlippageOutOfRange",
        [99, 100, 250_000],
      ],
      [
        "exits that slip by more than a quarter of the price",
        BTC_STANDARD,
        [tier(1, { maxExitSlippagePips: 250_001 })],
        "ExitSlippageOutOfRange",
        [250_001, 100, 250_000],
      ],
      // 1001 · (100 + 301) and 500 · (100 + 901), against 400,000 and the slack of the mode.
      ["costs in Degen", BTC_DEGEN, [tier(1001, { closeFeePips: 301 })], "CostsOutOfRange", [1001, 401_401, 401_000]],
      ["costs", BTC_STANDARD, [tier(500, { closeFeePips: 901 })], "CostsOutOfRange", [500, 500_500, 500_000]],
      [
        "costs of exits in Degen",
        BTC_DEGEN,
        [tier(1001, { maxExitSlippagePips: 101 })],
        "CostsOutOfRange",
        [1001, 401_401, 401_000],
      ],
      [
        "costs of exits in a lower tier",
        BTC_STANDARD,
        [tier(50, { maxExitSlippagePips: 9_701 }), tier(500)],
        "CostsOutOfRange",
        [50, 500_050, 500_000],
      ],
    ] as const) {
      it(`refuses ${name}`, async () => {
        const { asRiskManager, configurator, trading } = await loadFixture(deploy);
        await expectError(asRiskManager.setTiers(trading, bookId, [...tiers]), configurator, error, [...args]);
      });
    }
  });

  describe("setStatus", () => {
    it("goes from each status to each other, without open interest", async () => {
      const context = await loadFixture(deploy);
      for (const status of [CLOSED, REDUCE_ONLY, ACTIVE, CLOSED, ACTIVE, REDUCE_ONLY]) {
        const call = () => context.asRiskManager.setStatus(context.trading, BTC_DEGEN, status, 0n);
        await expectChange(context, BTC_DEGEN, call, { status });
      }
    });

    it("never makes a book unlisted", async () => {
      const { asRiskManager, configurator, trading } = await loadFixture(deploy);
      const call = asRiskManager.setStatus(trading, BTC_DEGEN, UNLISTED, 0n);
      await expectError(call, configurator, "StatusNotOffered", [BTC_DEGEN, UNLISTED]);
    });

    for (const isLong of [true, false]) {
      it(`closes no book with ${isLong ? "long" : "short"} open interest`, async () => {
        const context = await loadFixture(quickRolesDeskFixture);
        const { desk, trader, keeper, trading, tradingRecords, tradingConfigurator } = context;
        const asRiskManager = tradingConfigurator.connect(context.quickRiskManager);
        const id = await desk.open(trader, keeper, { isLong });
        const { notional } = await tradingRecords.bookSide(BTC_DEGEN, isLong);
        const call = asRiskManager.setStatus(trading, BTC_DEGEN, CLOSED, 0n);
        const [long, short] = isLong ? [notional, 0n] : [0n, notional];
        await expectError(call, tradingConfigurator, "OpenInterestLeft", [BTC_DEGEN, long, short]);

        await asRiskManager.setStatus(trading, BTC_DEGEN, REDUCE_ONLY, 0n);
        await desk.close(trader, keeper, id);
        await asRiskManager.setStatus(trading, BTC_DEGEN, CLOSED, 0n);
      });
    }
  });
});
