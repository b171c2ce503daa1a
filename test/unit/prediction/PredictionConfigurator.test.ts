import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { assetIdOf } from "../../../deploy/arguments/oracle";
import { betRequest, fundPlayer } from "../../../kit/desk/bets";
import { contractSigner } from "../../dsl/contractSigner";
import { quickRolesDeskFixture } from "../../fixtures/trading";
import { stakesOf } from "./fixture";

const FREE_MARKET = 9;
const PERIOD = 300;

async function configured() {
  const context = await loadFixture(quickRolesDeskFixture);
  const { predictionConfigurator: configurator, quickGovernor, quickRiskManager, guardian, profile } = context;
  const { minStake, maxStake, maxOpenStake } = stakesOf(profile, "USDT");
  return {
    ...context,
    configurator,
    asGovernor: configurator.connect(quickGovernor),
    asRiskManager: configurator.connect(quickRiskManager),
    asGuardian: configurator.connect(guardian),
    usdt: await context.replica.token("USDT").getAddress(),
    market: {
      assetId: assetIdOf("BTC"),
      isEnabled: true,
      maxConfidencePips: 3_000,
      maxDeviationPips: 10_000,
      minAnchors: 1,
    },
    offer: { payoutPips: 770_000, minStake, maxStake, maxOpenStake },
  };
}

const load = () => loadFixture(configured);
type Context = Awaited<ReturnType<typeof configured>>;

/** A token the vault has listed and Prediction has not. */
function unlisted({ profile }: Context): string {
  const stakes = profile.prediction.stakeTokens.map(({ symbol }) => symbol);
  return profile.tokens.find(({ symbol }) => !stakes.includes(symbol))!.address;
}

describe("PredictionConfigurator", () => {
  it("belongs to the roles of the table, function by function", async () => {
    const context = await load();
    const { configurator, prediction, stranger, usdt, market, offer } = context;
    const connected = configurator.connect(stranger);
    const calls = [
      () => connected.listMarket(prediction, FREE_MARKET, market),
      () => connected.setStakeToken(prediction, usdt, 1, true, 0n),
      () => connected.setMarket(prediction, 0, true, 1, 1, 1, 0n),
      () => connected.setPeriod(prediction, 0, usdt, PERIOD, offer, 0n),
      () => connected.disableMarket(prediction, 0),
      () => connected.disableStakeToken(prediction, usdt),
      () => connected.cutCap(prediction, 0, usdt, PERIOD, 0),
    ];
    for (const call of calls) {
      await expect(call())
        .to.be.revertedWithCustomError(configurator, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
    }
  });

  describe("listMarket", () => {
    it("lists a market under a free number", async () => {
      const { asGovernor, prediction, market } = await load();
      await expect(asGovernor.listMarket(prediction, FREE_MARKET, market))
        .to.emit(prediction, "MarketConfigured")
        .withArgs(FREE_MARKET, Object.values(market));
      expect(await prediction.market(FREE_MARKET)).to.deep.equal(
        Object.values(market).map((value) => (typeof value === "number" ? BigInt(value) : value)),
      );
    });

    it("refuses what is out of range, by its arguments", async () => {
      const { asGovernor, configurator, prediction, market } = await load();
      const cases: [number, object, string, unknown[]][] = [
        [0, {}, "MarketAlreadyListed", [0]],
        [FREE_MARKET, { assetId: 0 }, "AssetOutOfRange", [0, 1, 255]],
        [FREE_MARKET, { assetId: 256 }, "AssetOutOfRange", [256, 1, 255]],
        [FREE_MARKET, { maxConfidencePips: 0 }, "ConfidenceOutOfRange", [0, 1, 100_000]],
        [FREE_MARKET, { maxConfidencePips: 100_001 }, "ConfidenceOutOfRange", [100_001, 1, 100_000]],
        [FREE_MARKET, { maxDeviationPips: 0 }, "DeviationOutOfRange", [0, 1, 100_000]],
        [FREE_MARKET, { maxDeviationPips: 100_001 }, "DeviationOutOfRange", [100_001, 1, 100_000]],
        [FREE_MARKET, { minAnchors: 0 }, "AnchorsOutOfRange", [0, 1, 3]],
        [FREE_MARKET, { minAnchors: 4 }, "AnchorsOutOfRange", [4, 1, 3]],
      ];
      for (const [marketId, change, error, args] of cases) {
        await expect(asGovernor.listMarket(prediction, marketId, { ...market, ...change }), error)
          .to.be.revertedWithCustomError(configurator, `PredictionConfigurator_${error}`)
          .withArgs(...args);
      }
    });

    it("takes numbers below 96, each with a switch of its own", async () => {
      const { asGovernor, prediction, market, usdt, asRiskManager, offer, desk, trader } = await load();
      await expect(asGovernor.listMarket(prediction, 96, market))
        .to.be.revertedWithCustomError(prediction, "Prediction_TooManyMarkets")
        .withArgs(96);
      await asGovernor.listMarket(prediction, 95, market);
      await asRiskManager.setPeriod(prediction, 95, usdt, PERIOD, offer, 0n);
      await fundPlayer(desk, trader, "USDT", offer.maxStake);
      const request = await betRequest(desk, trader);
      await prediction.connect(trader).requestBet.staticCall({ ...request, marketId: 95 });
      await asRiskManager.setMarket(prediction, 95, false, 1, 1, 1, 0n);
      await expect(prediction.connect(trader).requestBet({ ...request, marketId: 95 }))
        .to.be.revertedWithCustomError(prediction, "Prediction_MarketNotEnabled")
        .withArgs(95);
      await prediction.connect(trader).requestBet.staticCall(request);
      // The first token's switch lies next to the last market's.
      expect((await prediction.stakeToken(usdt)).isEnabled).to.equal(true);
    });
  });

  describe("setMarket", () => {
    it("switches a market and sets its checks; its asset stays", async () => {
      const { asRiskManager, prediction } = await load();
      await asRiskManager.setMarket(prediction, 1, false, 1_000, 2_000, 2, 0n);
      const asset = BigInt(assetIdOf("ETH"));
      expect(await prediction.market(1)).to.deep.equal([asset, false, 1_000n, 2_000n, 2n]);
    });

    it("refuses an unlisted market and checks out of range", async () => {
      const { asRiskManager, configurator, prediction } = await load();
      const cases: [[number, number, number, number], string, unknown[]][] = [
        [[FREE_MARKET, 1, 1, 1], "MarketNotListed", [FREE_MARKET]],
        [[0, 0, 1, 1], "ConfidenceOutOfRange", [0, 1, 100_000]],
        [[0, 1, 0, 1], "DeviationOutOfRange", [0, 1, 100_000]],
        [[0, 1, 1, 0], "AnchorsOutOfRange", [0, 1, 3]],
      ];
      for (const [[marketId, confidence, deviation, anchors], error, args] of cases) {
        await expect(asRiskManager.setMarket(prediction, marketId, true, confidence, deviation, anchors, 0n))
          .to.be.revertedWithCustomError(configurator, `PredictionConfigurator_${error}`)
          .withArgs(...args);
      }
    });
  });

  describe("setStakeToken", () => {
    it("lists a token of the vault under the next number", async () => {
      const context = await load();
      const { asGovernor, prediction, profile } = context;
      const token = unlisted(context);
      const { assetKey, decimals } = profile.tokens.find(({ address }) => address === token)!;
      const tokenId = profile.prediction.stakeTokens.length + 1;
      const expected = [token, assetIdOf(assetKey), tokenId, decimals, true];
      await expect(asGovernor.setStakeToken(prediction, token, assetIdOf(assetKey), true, 0n))
        .to.emit(prediction, "StakeTokenConfigured")
        .withArgs(token, expected);
      expect((await prediction.stakeToken(token)).tokenId).to.equal(tokenId);
      expect((await prediction.stakeTokenById(tokenId)).token).to.equal(token);
      // Listed again it keeps its number.
      await asGovernor.setStakeToken(prediction, token, assetIdOf(assetKey), false, 0n);
      expect(await prediction.stakeToken(token)).to.deep.equal([
        token,
        BigInt(assetIdOf(assetKey)),
        BigInt(tokenId),
        BigInt(decimals),
        false,
      ]);
    });

    it("refuses another asset, an asset out of range and a token the vault does not have", async () => {
      const context = await load();
      const { asGovernor, configurator, prediction, usdt } = context;
      const asset = assetIdOf("USDT");
      await expect(asGovernor.setStakeToken(prediction, usdt, asset + 1, true, 0n))
        .to.be.revertedWithCustomError(configurator, "PredictionConfigurator_AssetFixed")
        .withArgs(usdt, asset);
      await expect(asGovernor.setStakeToken(prediction, unlisted(context), 256, true, 0n))
        .to.be.revertedWithCustomError(configurator, "PredictionConfigurator_AssetOutOfRange")
        .withArgs(256, 1, 255);
      const stray = ethers.getAddress("0x00000000000000000000000000000000000000aa");
      await expect(asGovernor.setStakeToken(prediction, stray, asset, true, 0n))
        .to.be.revertedWithCustomError(prediction, "Prediction_TokenNotAccepted")
        .withArgs(stray);
    });
  });

  describe("setPeriod", () => {
    it("offers a period; what is staked on it stays", async () => {
      const { asRiskManager, prediction, usdt, offer, desk, trader } = await load();
      await fundPlayer(desk, trader, "USDT", offer.maxStake);
      await prediction.connect(trader).requestBet(await betRequest(desk, trader, { stake: offer.minStake }));
      const changed = { ...offer, payoutPips: 950_000, maxOpenStake: 2n ** 96n - 1n, maxStake: 2n ** 80n - 1n };
      await expect(asRiskManager.setPeriod(prediction, 0, usdt, PERIOD, changed, 0n))
        .to.emit(prediction, "PeriodConfigured")
        .withArgs(0, usdt, PERIOD, Object.values(changed));
      expect(await prediction.period(0, usdt, PERIOD)).to.deep.equal(Object.values(changed).map(BigInt));
      expect(await prediction.openStake(0, usdt, PERIOD, true)).to.equal(offer.minStake);
      expect(await prediction.openStake(0, usdt, PERIOD, false)).to.equal(0n);
    });

    it("withdraws an offer with a payout of 0", async () => {
      const { asRiskManager, prediction, usdt, offer, desk, trader } = await load();
      await asRiskManager.setPeriod(prediction, 0, usdt, PERIOD, { ...offer, payoutPips: 0 }, 0n);
      await expect(prediction.connect(trader).requestBet(await betRequest(desk, trader)))
        .to.be.revertedWithCustomError(prediction, "Prediction_PeriodNotOffered")
        .withArgs(0, usdt, PERIOD);
    });

    it("refuses what is out of range, by its arguments", async () => {
      const context = await load();
      const { asRiskManager, configurator, prediction, usdt, offer } = context;
      const refused = async (
        error: string,
        args: unknown[],
        { marketId = 0, period = PERIOD, config = {} }: { marketId?: number; period?: number; config?: object },
      ) =>
        expect(asRiskManager.setPeriod(prediction, marketId, usdt, period, { ...offer, ...config }, 0n), error)
          .to.be.revertedWithCustomError(configurator, `PredictionConfigurator_${error}`)
          .withArgs(...args);
      await refused("MarketNotListed", [FREE_MARKET], { marketId: FREE_MARKET });
      await refused("PeriodOutOfRange", [59, 60, 86_400], { period: 59 });
      await refused("PeriodOutOfRange", [86_401, 60, 86_400], { period: 86_401 });
      await refused("PayoutOutOfRange", [950_001, 0, 950_000], { config: { payoutPips: 950_001 } });
      await refused("StakesOutOfOrder", [0, offer.maxStake], { config: { minStake: 0 } });
      await refused("StakesOutOfOrder", [8, 7], { config: { minStake: 8, maxStake: 7 } });
      for (const period of [60, 86_400]) await asRiskManager.setPeriod(prediction, 0, usdt, period, offer, 0n);
      const token = unlisted(context);
      await expect(asRiskManager.setPeriod(prediction, 0, token, PERIOD, offer, 0n))
        .to.be.revertedWithCustomError(prediction, "Prediction_TokenNotAccepted")
        .withArgs(token);
    });
  });

  describe("the guardian", () => {
    it("stops bets on a market, and in a token", async () => {
      const { asGuardian, configurator, prediction, usdt, desk, trader } = await load();
      const request = await betRequest(desk, trader);
      await asGuardian.disableStakeToken(prediction, usdt);
      await expect(prediction.connect(trader).requestBet(request))
        .to.be.revertedWithCustomError(prediction, "Prediction_TokenNotAccepted")
        .withArgs(usdt);
      const before = await prediction.market(0);
      await asGuardian.disableMarket(prediction, 0);
      await expect(prediction.connect(trader).requestBet(request))
        .to.be.revertedWithCustomError(prediction, "Prediction_MarketNotEnabled")
        .withArgs(0);
      const { assetId, maxConfidencePips, maxDeviationPips, minAnchors } = before;
      expect(await prediction.market(0)).to.deep.equal([
        assetId,
        false,
        maxConfidencePips,
        maxDeviationPips,
        minAnchors,
      ]);
      await expect(asGuardian.disableMarket(prediction, 0))
        .to.be.revertedWithCustomError(configurator, "PredictionConfigurator_MarketNotEnabled")
        .withArgs(0);
      await expect(asGuardian.disableMarket(prediction, FREE_MARKET))
        .to.be.revertedWithCustomError(configurator, "PredictionConfigurator_MarketNotListed")
        .withArgs(FREE_MARKET);
      await expect(asGuardian.disableStakeToken(prediction, asGuardian))
        .to.be.revertedWithCustomError(configurator, "PredictionConfigurator_TokenNotEnabled")
        .withArgs(asGuardian.target);
    });

    it("lowers the cap of both directions, and can't raise it", async () => {
      const { asGuardian, configurator, prediction, usdt, offer, desk, trader } = await load();
      await fundPlayer(desk, trader, "USDT", offer.maxStake);
      const cap = offer.maxOpenStake;
      for (const same of [cap, cap + 1n]) {
        await expect(asGuardian.cutCap(prediction, 0, usdt, PERIOD, same))
          .to.be.revertedWithCustomError(configurator, "PredictionConfigurator_CapNotLower")
          .withArgs(same, cap);
      }
      await asGuardian.cutCap(prediction, 0, usdt, PERIOD, offer.minStake - 1n);
      expect(await prediction.period(0, usdt, PERIOD)).to.deep.equal([
        BigInt(offer.payoutPips),
        offer.minStake,
        offer.maxStake,
        offer.minStake - 1n,
      ]);
      for (const isUp of [true, false]) {
        await expect(
          prediction.connect(trader).requestBet(await betRequest(desk, trader, { stake: offer.minStake, isUp })),
        )
          .to.be.revertedWithCustomError(prediction, "Prediction_CapReached")
          .withArgs(offer.minStake, offer.minStake - 1n);
      }
    });
  });
});

describe("Prediction: configuration", () => {
  it("is the configurator's alone, and tokens come in for the vault alone", async () => {
    const { prediction, stranger, usdt, market, offer } = await load();
    const connected = prediction.connect(stranger);
    const calls = [
      () => connected.setMarket(0, market),
      () => connected.setPeriod(0, usdt, PERIOD, offer),
      () => connected.setStakeToken(usdt, 1, true),
    ];
    for (const call of calls) {
      await expect(call())
        .to.be.revertedWithCustomError(prediction, "Product_OnlyConfigurator")
        .withArgs(stranger.address);
    }
    await expect(connected.payIn(usdt, stranger, 1n))
      .to.be.revertedWithCustomError(prediction, "Product_OnlyVault")
      .withArgs(stranger.address);
  });

  it("is built with all it needs, and with a delay of two seconds at least", async () => {
    const { prediction, vault, priceAggregator, breaker, configurator } = await load();
    const setup = {
      vault: await vault.getAddress(),
      aggregator: await priceAggregator.getAddress(),
      breaker: await breaker.getAddress(),
      configurator: await configurator.getAddress(),
      executionDelay: 2,
      executionWindow: 30,
      executionFeeUsd: 1n,
    };
    for (const name of ["vault", "aggregator", "breaker", "configurator"]) {
      await expect(ethers.deployContract("Prediction", [{ ...setup, [name]: ethers.ZeroAddress }]))
        .to.be.revertedWithCustomError(prediction, "Code_NotAContract")
        .withArgs(ethers.ZeroAddress);
    }
    await expect(ethers.deployContract("Prediction", [{ ...setup, executionDelay: 1 }]))
      .to.be.revertedWithCustomError(prediction, "Product_DelayOutOfRange")
      .withArgs(1, 2, 60);
    const built = await ethers.deployContract("Prediction", [setup]);
    expect([await built.executionDelay(), await built.executionWindow(), await built.executionFeeUsd()]).to.deep.equal([
      2n,
      30n,
      1n,
    ]);
  });

  it("takes 31 stake tokens at most", async () => {
    const { vault, priceAggregator, breaker, governor, accessManager } = await load();
    const configurator = await contractSigner();
    // A Prediction of its own whose configurator does what it is told, on a vault whose governor lists tokens at once.
    const own = await ethers.deployContract("AccessManager", [governor]);
    const wrapped = await vault.wrappedNative();
    const bare = await ethers.deployContract("Vault", [own, wrapped]);
    expect(await accessManager.getAddress()).to.not.equal(await own.getAddress());
    const setup = {
      vault: await bare.getAddress(),
      aggregator: await priceAggregator.getAddress(),
      breaker: await breaker.getAddress(),
      configurator: configurator.address,
      executionDelay: 3,
      executionWindow: 30,
      executionFeeUsd: 0n,
    };
    const prediction = await ethers.deployContract("Prediction", [setup]);
    for (let i = 1; i <= 32; i++) {
      const token = await ethers.deployContract("StandInToken");
      await token.initialize("Token", "TKN", 18);
      await bare.connect(governor).listToken(token, 800_000);
      const call = prediction.connect(configurator).setStakeToken(token, 1, true);
      if (i === 32) {
        await expect(call).to.be.revertedWithCustomError(prediction, "Prediction_TooManyTokens").withArgs(31);
      } else {
        await call;
        expect((await prediction.stakeToken(token)).tokenId).to.equal(i);
      }
    }
  });
});
