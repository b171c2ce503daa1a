import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { BTC, LIMITS, PRICE, TIERS, USD, deployPro } from "./proFixture";

/** `IProConfigurator.Setting`. */
const SETTINGS = [
  "Price",
  "TickSize",
  "LotSize",
  "AssetId",
  "MinAnchors",
  "MaxDeviation",
  "HighLeverage",
  "Band",
  "DefaultLeverage",
  "TakerFee",
  "MakerFee",
  "LiquidationFee",
  "FundingCap",
  "Interest",
  "OpenInterest",
  "LeastResting",
  "TierCount",
  "TierCap",
  "TierLeverage",
  "TierRate",
  "Rise",
] as const;
const settingOf = (name: (typeof SETTINGS)[number]) => SETTINGS.indexOf(name);

type Tier = (typeof TIERS)[number];
const withTier = (index: number, change: Partial<Tier>) =>
  TIERS.map((tier, i) => (i === index ? { ...tier, ...change } : tier));

describe("ProConfigurator", () => {
  describe("listMarket", () => {
    it("lists a market, active, with the sums of its tiers computed", async () => {
      const { pro, configurator, reader } = await loadFixture(deployPro);
      await expect(configurator.listMarket(pro, { ...BTC, assetId: 3n, status: 3n }, LIMITS, TIERS, 100_000n * PRICE))
        .to.emit(pro, "TiersSet")
        .and.to.emit(pro, "MarketConfigured");
      expect((await reader.market(pro, 2)).status).to.equal(1n);
      // Vector 1.
      const cums = (await reader.tiers(pro, 2)).map(({ cumX6 }) => cumX6);
      expect(cums).to.deep.equal([0n, 125n, 1_375n, 16_375n, 141_375n, 641_375n].map((usd) => usd * 1_000_000n));
    });

    it("R55: refuses what is out of bounds", async () => {
      const { pro, configurator } = await loadFixture(deployPro);
      const price = 100_000n * PRICE;
      const lot = (lotSize: bigint) => lotSize * price;
      const cases: [typeof BTC, typeof LIMITS, typeof TIERS, bigint, ...[number, bigint, bigint, bigint]][] = [
        [BTC, LIMITS, TIERS, 99_999n, settingOf("Price"), 99_999n, 100_000n, 2n ** 64n - 1n],
        [{ ...BTC, tickSize: 0n }, LIMITS, TIERS, price, settingOf("TickSize"), 0n, price / 100_000n, price / 10_000n],
        [
          { ...BTC, tickSize: price / 10_000n + 1n },
          LIMITS,
          TIERS,
          price,
          settingOf("TickSize"),
          price / 10_000n + 1n,
          price / 100_000n,
          price / 10_000n,
        ],
        [{ ...BTC, lotSize: 999n }, LIMITS, TIERS, price, settingOf("LotSize"), lot(999n), USD, 100n * USD],
        [{ ...BTC, lotSize: 100_001n }, LIMITS, TIERS, price, settingOf("LotSize"), lot(100_001n), USD, 100n * USD],
        [{ ...BTC, assetId: 256n }, LIMITS, TIERS, price, settingOf("AssetId"), 256n, 0n, 255n],
        [{ ...BTC, minAnchors: 0n }, LIMITS, TIERS, price, settingOf("MinAnchors"), 0n, 1n, 8n],
        [{ ...BTC, maxDeviationPips: 0n }, LIMITS, TIERS, price, settingOf("MaxDeviation"), 0n, 1n, 30_000n],
        [{ ...BTC, highLeverage: 21n }, LIMITS, TIERS, price, settingOf("HighLeverage"), 21n, 1n, 20n],
        [{ ...BTC, bandPips: 50_001n }, LIMITS, TIERS, price, settingOf("Band"), 50_001n, 1n, 50_000n],
        [{ ...BTC, defaultLeverage: 21n }, LIMITS, TIERS, price, settingOf("DefaultLeverage"), 21n, 1n, 20n],
        [{ ...BTC, takerFeePips: 1_001n }, LIMITS, TIERS, price, settingOf("TakerFee"), 1_001n, 0n, 1_000n],
        [{ ...BTC, makerFeePips: 501n }, LIMITS, TIERS, price, settingOf("MakerFee"), 501n, 0n, 500n],
        [
          { ...BTC, liquidationFeePips: 10_001n },
          LIMITS,
          TIERS,
          price,
          settingOf("LiquidationFee"),
          10_001n,
          0n,
          10_000n,
        ],
        [{ ...BTC, fundingCapPips: 20_001n }, LIMITS, TIERS, price, settingOf("FundingCap"), 20_001n, 0n, 20_000n],
        [BTC, { ...LIMITS, interestPips: 5_001n }, TIERS, price, settingOf("Interest"), 5_001n, 0n, 5_000n],
        [
          BTC,
          { ...LIMITS, maxOpenInterestUsd: 10n ** 10n + 1n },
          TIERS,
          price,
          settingOf("OpenInterest"),
          10n ** 10n + 1n,
          0n,
          10n ** 10n,
        ],
        [BTC, { ...LIMITS, leastRestingUsd: 9n }, TIERS, price, settingOf("LeastResting"), 9n, 10n, 10_000n],
        [BTC, LIMITS, [], price, settingOf("TierCount"), 0n, 1n, 6n],
        [BTC, LIMITS, [...TIERS, TIERS[0]], price, settingOf("TierCount"), 7n, 1n, 6n],
        [BTC, LIMITS, withTier(1, { capUsd: 50_000n }), price, settingOf("TierCap"), 50_000n, 50_001n, 10n ** 10n],
        [BTC, LIMITS, withTier(0, { maxLeverage: 201n }), price, settingOf("TierLeverage"), 201n, 1n, 200n],
        [BTC, LIMITS, withTier(2, { maxLeverage: 101n }), price, settingOf("TierLeverage"), 101n, 1n, 100n],
        [BTC, LIMITS, withTier(0, { ratePips: 1_899n }), price, settingOf("TierRate"), 1_899n, 1_900n, 2_500n],
        [BTC, LIMITS, withTier(0, { ratePips: 2_501n }), price, settingOf("TierRate"), 2_501n, 1_900n, 2_500n],
        [BTC, LIMITS, withTier(1, { ratePips: 2_499n }), price, settingOf("TierRate"), 2_499n, 2_500n, 5_000n],
      ];
      for (const [config, limits, tiers, today, ...args] of cases) {
        await expect(configurator.listMarket(pro, config, limits, tiers, today))
          .to.be.revertedWithCustomError(configurator, "ProConfigurator_OutOfRange")
          .withArgs(...args);
      }
    });

    it("is the only way to configure, and restricted", async () => {
      const { pro, configurator, stranger, governor } = await loadFixture(deployPro);
      await expect(pro.listMarket(BTC, LIMITS, TIERS))
        .to.be.revertedWithCustomError(pro, "Product_OnlyConfigurator")
        .withArgs(governor);
      await expect(pro.setMarketConfig(0, BTC, LIMITS))
        .to.be.revertedWithCustomError(pro, "Product_OnlyConfigurator")
        .withArgs(governor);
      await expect(pro.setTiers(0, TIERS))
        .to.be.revertedWithCustomError(pro, "Product_OnlyConfigurator")
        .withArgs(governor);
      await expect(pro.setStatus(0, 1, false))
        .to.be.revertedWithCustomError(pro, "Product_OnlyConfigurator")
        .withArgs(governor);
      await expect(pro.close()).to.be.revertedWithCustomError(pro, "Product_OnlyConfigurator").withArgs(governor);
      await expect(pro.releaseFund(0))
        .to.be.revertedWithCustomError(pro, "Product_OnlyConfigurator")
        .withArgs(governor);
      const other = configurator.connect(stranger);
      const attempts = [
        () => other.listMarket(pro, BTC, LIMITS, TIERS, 100_000n * PRICE),
        () => other.delist(pro, 0),
        () => other.close(pro),
        () => other.releaseFund(pro, 0),
        () => other.setConfig(pro, 0, BTC, 100),
        () => other.setCaps(pro, 0, 1, 250, 0),
        () => other.setTiers(pro, 0, TIERS),
        () => other.setStatus(pro, 0, 2, 0),
        () => other.cutCaps(pro, 0, 1),
        () => other.disable(pro, 0),
      ];
      for (const attempt of attempts) {
        await expect(attempt())
          .to.be.revertedWithCustomError(configurator, "AccessManagedUnauthorized")
          .withArgs(stranger);
      }
    });
  });

  describe("setConfig", () => {
    it("keeps steps, asset and status, and the bounds", async () => {
      const { pro, configurator } = await loadFixture(deployPro);
      const changed = { ...BTC, tickSize: 5n, lotSize: 7n, assetId: 9n, status: 3n, takerFeePips: 500n };
      await expect(configurator.setConfig(pro, 0, changed, 50)).to.emit(pro, "MarketConfigured");
      const [event] = (await pro.queryFilter(pro.filters.MarketConfigured())).slice(-1);
      expect([...event.args.config]).to.deep.equal(Object.values({ ...BTC, takerFeePips: 500n }));
      expect(event.args.limits.interestPips).to.equal(50n);
      expect(event.args.limits.tierCount).to.equal(6n);
      // The first tier's rate must leave room for both fees.
      await expect(configurator.setConfig(pro, 0, { ...BTC, liquidationFeePips: 1_101n }, 100))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_OutOfRange")
        .withArgs(settingOf("TierRate"), 2_500, 2_501, 2_500);
      await expect(configurator.setConfig(pro, 2, BTC, 100))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_NotListed")
        .withArgs(pro, 2);
    });
  });

  describe("setTiers", () => {
    it("raises no maintenance margin by more than a fifth, and once a day", async () => {
      const { pro, configurator, reader } = await loadFixture(deployPro);
      // Lower leverage leaves room for higher rates.
      const raised = TIERS.map((tier) => ({
        ...tier,
        maxLeverage: (tier.maxLeverage * 4n) / 5n,
        ratePips: (tier.ratePips * 6n) / 5n,
      }));
      await configurator.setTiers(pro, 0, raised);
      expect((await reader.tiers(pro, 0)).map(({ ratePips }) => ratePips)).to.deep.equal(
        raised.map(({ ratePips }) => ratePips),
      );
      const again = raised.map((tier, i) => (i === 0 ? { ...tier, maxLeverage: 160n, ratePips: 3_001n } : tier));
      const now = BigInt(await time.latest());
      await expect(configurator.setTiers(pro, 0, again))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_TooSoon")
        .withArgs(now + 86_400n);
      // Lowering is always possible, but for the day that it begins anew.
      await configurator.setTiers(pro, 0, TIERS);
      await time.increase(86_400);
      const beyond = TIERS.map((tier) => ({
        ...tier,
        maxLeverage: (tier.maxLeverage * 3n) / 4n,
        ratePips: (tier.ratePips * 6n) / 5n + 1n,
      }));
      await expect(configurator.setTiers(pro, 0, beyond))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_OutOfRange")
        .withArgs(settingOf("Rise"), 50_000n * 3_001n * 1_000_000n, 0, 50_000n * 2_500n * 1_200_000n);
    });
  });

  describe("caps and status", () => {
    it("the guardian cuts at once; what was scheduled before a cut fails after it", async () => {
      const { pro, configurator } = await loadFixture(deployPro);
      await configurator.cutCaps(pro, 0, 1_000_000);
      await expect(configurator.cutCaps(pro, 0, 1_000_000))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_NotCut")
        .withArgs(1_000_000, 1_000_000);
      await expect(configurator.setCaps(pro, 0, 2_000_000, 250, 0))
        .to.be.revertedWithCustomError(configurator, "GuardianCuts_CutMeanwhile")
        .withArgs(await configurator.capsSetting(pro, 0), 0, 1);
      await configurator.setCaps(pro, 0, 2_000_000, 300, 1);
      await expect(configurator.disable(pro, 0)).to.emit(pro, "MarketStatusSet").withArgs(0, 2);
      await expect(configurator.setStatus(pro, 0, 1, 0))
        .to.be.revertedWithCustomError(configurator, "GuardianCuts_CutMeanwhile")
        .withArgs(await configurator.statusSetting(pro, 0), 0, 1);
      await expect(configurator.setStatus(pro, 0, 1, 1))
        .to.emit(pro, "MarketStatusSet")
        .withArgs(0, 1);
      for (const status of [0, 3]) {
        await expect(configurator.setStatus(pro, 0, status, 1))
          .to.be.revertedWithCustomError(configurator, "ProConfigurator_StatusNotOffered")
          .withArgs(status);
      }
    });

    it("delisting has no way back", async () => {
      const { pro, configurator } = await loadFixture(deployPro);
      await expect(configurator.delist(pro, 0)).to.emit(pro, "MarketStatusSet").withArgs(0, 2);
      await expect(configurator.setStatus(pro, 0, 1, 0))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_Settling")
        .withArgs(0);
      await expect(configurator.disable(pro, 0))
        .to.be.revertedWithCustomError(configurator, "ProConfigurator_Settling")
        .withArgs(0);
    });
  });

  it("each change leaves what the others have set", async () => {
    const { pro, configurator } = await loadFixture(deployPro);
    const limitsSet = async () => {
      const [{ args }] = (await pro.queryFilter(pro.filters.MarketConfigured())).slice(-1);
      const { maxOpenInterestUsd, leastRestingUsd, interestPips, tierCount, reduceOnlySince, tightenedAt } =
        args.limits;
      return [maxOpenInterestUsd, leastRestingUsd, interestPips, tierCount, reduceOnlySince, tightenedAt];
    };
    await configurator.setConfig(pro, 0, BTC, 50);
    await configurator.setTiers(pro, 0, TIERS);
    const tightenedAt = BigInt(await time.latest());
    await configurator.setStatus(pro, 0, 2, 0);
    await configurator.setCaps(pro, 0, 3_000_000, 300, 0);
    expect(await limitsSet()).to.deep.equal([3_000_000n, 300n, 50n, 6n, 0n, tightenedAt]);
    await configurator.setConfig(pro, 0, BTC, 60);
    expect(await limitsSet()).to.deep.equal([3_000_000n, 300n, 60n, 6n, 0n, tightenedAt]);
    await configurator.delist(pro, 0);
    const reduceOnlySince = BigInt(await time.latest());
    await configurator.setConfig(pro, 0, BTC, 70);
    expect(await limitsSet()).to.deep.equal([3_000_000n, 300n, 70n, 6n, reduceOnlySince, tightenedAt]);
  });

  describe("closing", () => {
    it("gives a fund to the fees only of an empty market of a Pro that is closed", async () => {
      const { pro, configurator, reader, alice } = await loadFixture(deployPro);
      await pro.connect(alice).addToFund(0, 50n * USD);
      await expect(configurator.releaseFund(pro, 0)).to.be.revertedWithCustomError(pro, "Pro_NotEmpty").withArgs(0, 0);
      await expect(configurator.close(pro)).to.emit(pro, "Closed");
      await expect(configurator.releaseFund(pro, 0))
        .to.emit(pro, "FundReleased")
        .withArgs(0, 50n * USD);
      const market = await reader.market(pro, 0);
      expect([market.fund, market.fees]).to.deep.equal([0n, 50n * USD]);
    });
  });
});
