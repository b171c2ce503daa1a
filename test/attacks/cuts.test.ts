import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { expect } from "chai";
import type { BaseContract } from "ethers";
import { bookIdOf } from "../../deploy/arguments/books";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { ROLES } from "../../deploy/roles";
import { confirmed } from "../../kit/desk/Desk";
import { deskFixture } from "../fixtures/desk";

const BOOK = bookIdOf(0, "standard");
const ACTIVE = 1;
const MARKET = 0;
const PERIOD = 300;

/** A call that raises what the guardian can cut, and the guardian's cut of the same. */
interface Pair {
  name: string;
  by: HardhatEthersSigner;
  contract: BaseContract;
  /** The raising call, naming `cuts` (of the breaker: the time of the last raise). */
  raise: (cuts: bigint) => string;
  /** What names the guardian's last cut now. */
  named: () => Promise<bigint>;
  cut: () => Promise<unknown>;
  error: string;
  /** Arguments of the error before what was named and what there is. */
  setting: readonly string[];
}

async function pairsFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, governor, riskManager, guardian, profile } = fixture;
  const { breaker, vault, trading, tradingRecords, prediction, tradingConfigurator, predictionConfigurator } = fixture;
  const usdt = await desk.replica.token("USDT").getAddress();
  const [tradingAddress, predictionAddress] = [await trading.getAddress(), await prediction.getAddress()];
  const { ceiling } = await vault.productLedger(trading, usdt);
  const [{ lossBudgetUsd }, { maxOpenInterestUsd }] = await tradingRecords.bookConfig(BOOK);
  const { assetId: usdtAsset } = await tradingRecords.marginToken(usdt);
  const market = await prediction.market(MARKET);
  const offer = await prediction.period(MARKET, usdt, PERIOD);
  const asGuardian = {
    vault: vault.connect(guardian),
    trading: tradingConfigurator.connect(guardian),
    prediction: predictionConfigurator.connect(guardian),
  };
  const settings = {
    ceiling: await vault.ceilingSetting(trading, usdt),
    caps: await tradingConfigurator.capsSetting(trading, BOOK),
    status: await tradingConfigurator.statusSetting(trading, BOOK),
    marginToken: await tradingConfigurator.marginTokenSetting(trading, usdt),
    market: await predictionConfigurator.marketSetting(prediction, MARKET),
    stakeToken: await predictionConfigurator.stakeTokenSetting(prediction, usdt),
    period: await predictionConfigurator.periodSetting(prediction, MARKET, usdt, PERIOD),
  };
  const CUT = "GuardianCuts_CutMeanwhile";
  const ofVault = { contract: vault, by: governor, error: CUT };
  const ofTrading = { contract: tradingConfigurator, error: CUT };
  const ofPrediction = { contract: predictionConfigurator, error: CUT };
  const encodeTrading = tradingConfigurator.interface;
  const encodePrediction = predictionConfigurator.interface;
  const pairs: Pair[] = [
    {
      ...ofVault,
      name: "Vault ceiling",
      raise: (cuts) => vault.interface.encodeFunctionData("setCeiling", [tradingAddress, usdt, ceiling * 2n, cuts]),
      named: () => vault.cutsOf(settings.ceiling),
      cut: () => asGuardian.vault.cutCeiling(trading, usdt, 1n),
      setting: [settings.ceiling],
    },
    {
      ...ofTrading,
      name: "caps",
      by: riskManager,
      raise: (cuts) =>
        encodeTrading.encodeFunctionData("setCaps", [tradingAddress, BOOK, maxOpenInterestUsd, lossBudgetUsd, cuts]),
      named: () => tradingConfigurator.cutsOf(settings.caps),
      cut: () => asGuardian.trading.cutCaps(trading, BOOK, 1n, 1n),
      setting: [settings.caps],
    },
    {
      ...ofTrading,
      name: "status",
      by: riskManager,
      raise: (cuts) => encodeTrading.encodeFunctionData("setStatus", [tradingAddress, BOOK, ACTIVE, cuts]),
      named: () => tradingConfigurator.cutsOf(settings.status),
      cut: () => asGuardian.trading.disableBook(trading, BOOK),
      setting: [settings.status],
    },
    {
      ...ofTrading,
      name: "margin token",
      by: governor,
      raise: (cuts) =>
        encodeTrading.encodeFunctionData("setMarginToken", [tradingAddress, usdt, usdtAsset, true, cuts]),
      named: () => tradingConfigurator.cutsOf(settings.marginToken),
      cut: () => asGuardian.trading.disableMarginToken(trading, usdt),
      setting: [settings.marginToken],
    },
    {
      ...ofPrediction,
      name: "market of bets",
      by: riskManager,
      raise: (cuts) => {
        const { maxConfidencePips, maxDeviationPips, minAnchors } = market;
        const checks = [maxConfidencePips, maxDeviationPips, minAnchors] as const;
        return encodePrediction.encodeFunctionData("setMarket", [predictionAddress, MARKET, true, ...checks, cuts]);
      },
      named: () => predictionConfigurator.cutsOf(settings.market),
      cut: () => asGuardian.prediction.disableMarket(prediction, MARKET),
      setting: [settings.market],
    },
    {
      ...ofPrediction,
      name: "stake token",
      by: governor,
      raise: (cuts) =>
        encodePrediction.encodeFunctionData("setStakeToken", [predictionAddress, usdt, assetIdOf("USDT"), true, cuts]),
      named: () => predictionConfigurator.cutsOf(settings.stakeToken),
      cut: () => asGuardian.prediction.disableStakeToken(prediction, usdt),
      setting: [settings.stakeToken],
    },
    {
      ...ofPrediction,
      name: "cap of a period",
      by: riskManager,
      raise: (cuts) => {
        const { payoutPips, minStake, maxStake, maxOpenStake } = offer;
        const config = { payoutPips, minStake, maxStake, maxOpenStake };
        return encodePrediction.encodeFunctionData("setPeriod", [
          predictionAddress,
          MARKET,
          usdt,
          PERIOD,
          config,
          cuts,
        ]);
      },
      named: () => predictionConfigurator.cutsOf(settings.period),
      cut: () => asGuardian.prediction.cutCap(prediction, MARKET, usdt, PERIOD, 1n),
      setting: [settings.period],
    },
    {
      name: "breaker",
      by: riskManager,
      contract: breaker,
      raise: (raisedAt) => breaker.interface.encodeFunctionData("lower", [0, raisedAt]),
      named: () => breaker.raisedAt(),
      cut: () => breaker.connect(guardian).raise(2),
      error: "Breaker_RaisedMeanwhile",
      setting: [],
    },
  ];
  // What the risk manager is about to lower.
  await confirmed(breaker.connect(guardian).raise(1));
  expect(profile.markets.length).to.be.greaterThan(0);
  return { ...fixture, pairs, settings };
}

type Context = Awaited<ReturnType<typeof pairsFixture>>;

/** Schedules the raising calls as of now, each naming what there is. */
async function scheduleAll({ accessManager, pairs }: Context) {
  const scheduled: { pair: Pair; data: string; named: bigint }[] = [];
  for (const pair of pairs) {
    const named = await pair.named();
    const data = pair.raise(named);
    await confirmed(accessManager.connect(pair.by).schedule(pair.contract, data, 0));
    scheduled.push({ pair, data, named });
  }
  return scheduled;
}

const NAMES = [
  "Vault ceiling",
  "caps",
  "status",
  "margin token",
  "market of bets",
  "stake token",
  "cap of a period",
  "breaker",
] as const;

describe("attacks: calls scheduled before a guardian's cut", () => {
  it("A23 I25: every call that raises something is made when nothing was cut", async () => {
    const context = await loadFixture(pairsFixture);
    expect(context.pairs.map(({ name }) => name)).to.deep.equal([...NAMES]);
    const scheduled = await scheduleAll(context);
    await time.increase(ROLES.GOVERNOR.delaySeconds);
    for (const { pair, data } of scheduled) {
      await confirmed(context.accessManager.connect(pair.by).execute(pair.contract, data));
    }
    expect(await context.breaker.level()).to.equal(0n);
  });

  for (const [index, name] of NAMES.entries()) {
    it(`A23 I25: after a cut of the ${name} its call fails and every other is made; naming the cut it is made again`, async () => {
      const context = await loadFixture(pairsFixture);
      const { accessManager, pairs } = context;
      const scheduled = await scheduleAll(context);
      await pairs[index].cut();
      await time.increase(ROLES.GOVERNOR.delaySeconds);
      const snapshot = await takeSnapshot();
      for (const { pair, data, named } of scheduled) {
        const call = () => accessManager.connect(pair.by).execute(pair.contract, data);
        if (pair.name !== name) {
          await confirmed(call());
          continue;
        }
        const made = await pair.named();
        expect(made, "names the cut").to.be.greaterThan(named);
        await expect(call())
          .to.be.revertedWithCustomError(pair.contract, pair.error)
          .withArgs(...pair.setting, named, made);
      }
      await snapshot.restore();
      const pair = pairs[index];
      const renewed = pair.raise(await pair.named());
      await confirmed(accessManager.connect(pair.by).schedule(pair.contract, renewed, 0));
      await time.increase(ROLES.GOVERNOR.delaySeconds);
      await confirmed(accessManager.connect(pair.by).execute(pair.contract, renewed));
    });
  }

  it("A23 I25: a number not yet reached, named in advance, is made good by no fewer cuts", async () => {
    const context = await loadFixture(pairsFixture);
    const { accessManager, pairs } = context;
    for (const pair of pairs) {
      const named = await pair.named();
      const ahead = pair.raise(named + 1n);
      await confirmed(accessManager.connect(pair.by).schedule(pair.contract, ahead, 0));
      await time.increase(ROLES.GOVERNOR.delaySeconds);
      await expect(accessManager.connect(pair.by).execute(pair.contract, ahead))
        .to.be.revertedWithCustomError(pair.contract, pair.error)
        .withArgs(...pair.setting, named + 1n, named);
    }
  });
});
