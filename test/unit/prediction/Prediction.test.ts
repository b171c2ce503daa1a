import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { assetIdOf } from "../../../deploy/modules/oracle";
import { NO_TICK } from "../../../sdk/desk/Desk";
import type { PendingBet } from "../../../sdk/desk/bets";
import { betRequest, executeBets, fundPlayer, requestBet, settlementOf } from "../../../sdk/desk/bets";
import { executionFeeTokens, settleBet } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { deskFixture } from "../../fixtures/desk";

const HOUR = 3_600;

async function betFixture() {
  const fixture = await deskFixture();
  const { desk, trader, other } = fixture;
  for (const player of [trader, other]) await fundPlayer(desk, player, "USDT", desk.tokenUnits("USDT", 100_000n));
  const usdt = desk.replica.token("USDT");
  const decimals = Number(await usdt.decimals());
  const fee = executionFeeTokens(fixture.profile.execution.executionFeeUsd, { decimals, price: desk.priceOf("USDT") });
  const struck = async (options = {}): Promise<PendingBet> => {
    const bet = await requestBet(desk, trader, options);
    const { results } = await executeBets(desk, fixture.keeper, [bet]);
    expect(results[0].outcome).to.equal("Opened");
    return bet;
  };
  return { ...fixture, usdt, fee, struck };
}

describe("Prediction", () => {
  describe("requestBet", () => {
    it("takes the stake and reserves the full win in kind", async () => {
      const { desk, trader, prediction, vault, usdt } = await loadFixture(betFixture);
      const stake = desk.tokenUnits("USDT", 100n);
      const bet = await requestBet(desk, trader, { stake });
      const line = await vault.line(prediction, usdt);
      expect([line.collateral, line.reserved]).to.deep.equal([stake, (stake * 77n) / 100n]);
      expect(await prediction.statusOf(bet.id)).to.equal(1n);
      expect(await prediction.openStake(0, usdt, 300, true)).to.equal(stake);
      await expect(Promise.resolve(bet.receipt))
        .to.emit(prediction, "BetPlaced")
        .withArgs(bet.id, trader, 0, true, 300, usdt, stake, 770_000, false);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("refuses what is not offered, by name", async () => {
      const { desk, trader, prediction } = await loadFixture(betFixture);
      const connected = prediction.connect(trader);
      const request = await betRequest(desk, trader);
      const unit = desk.tokenUnits("USDT", 1n);
      const wrapped = await desk.replica.wrappedNative.getAddress();
      const cases: [object, string][] = [
        [{ marketId: 7 }, "Prediction_MarketNotEnabled"],
        [{ periodSeconds: 301 }, "Prediction_PeriodNotOffered"],
        [{ token: wrapped }, "Prediction_TokenNotAccepted"],
        [{ owner: ethers.ZeroAddress }, "Prediction_ZeroAddress"],
        [{ stake: 4n * unit }, "Prediction_StakeOutOfRange"],
        [{ stake: 5_001n * unit }, "Prediction_StakeOutOfRange"],
        [{ minPayoutPips: 770_001 }, "Prediction_PayoutTooLow"],
        [{ asNative: true }, "Prediction_NotWrappedNative"],
      ];
      for (const [change, error] of cases) {
        await expect(connected.requestBet({ ...request, ...change })).to.be.revertedWithCustomError(prediction, error);
      }
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("holds the cap of market, period, token and direction, requested bets included", async () => {
      const { desk, trader, prediction, profile } = await loadFixture(betFixture);
      const stake = desk.tokenUnits("USDT", 5_000n);
      const fits = profile.prediction.maxOpenStake / 5_000;
      for (let i = 0; i < fits; i++) await requestBet(desk, trader, { stake });
      const request = await betRequest(desk, trader, { stake });
      await expect(prediction.connect(trader).requestBet(request)).to.be.revertedWithCustomError(
        prediction,
        "Prediction_CapReached",
      );
      await requestBet(desk, trader, { stake, isUp: false });
      await requestBet(desk, trader, { stake, periodSeconds: 900 });
    });

    it("refuses at breaker level 1, while bets placed before run on", async () => {
      const { desk, trader, keeper, guardian, prediction, breaker, struck } = await loadFixture(betFixture);
      const bet = await struck();
      await breaker.connect(guardian).raise(1);
      const request = await betRequest(desk, trader);
      await expect(prediction.connect(trader).requestBet(request))
        .to.be.revertedWithCustomError(prediction, "Prediction_BreakerRaised")
        .withArgs(1);
      const { results } = await executeBets(desk, keeper, [await settlementOf(desk, bet)]);
      expect(results[0].outcome).to.equal("Closed");
    });
  });

  describe("execute", () => {
    for (const [isUp, settlement, isWon] of [
      [true, "60000.01", true],
      [true, "60000", false],
      [true, "59999.99", false],
      [false, "59999.99", true],
      [false, "60000", false],
      [false, "60000.01", false],
    ] as const) {
      it(`${isUp ? "up" : "down"} from 60000 to ${settlement} ${isWon ? "wins" : "loses"}`, async () => {
        const { desk, trader, keeper, prediction, vault, usdt, fee, struck } = await loadFixture(betFixture);
        await desk.setPrice("BTC", px("60000"));
        const stake = desk.tokenUnits("USDT", 100n);
        const bet = await struck({ isUp, stake });
        expect((await prediction.bet(bet.id)).stake).to.equal(stake - fee);
        const before = await usdt.balanceOf(trader);
        await desk.setPrice("BTC", px(settlement));
        const { results } = await executeBets(desk, keeper, [await settlementOf(desk, bet)]);
        expect(results[0].outcome).to.equal("Closed");
        const expected = settleBet(stake - fee, 770_000n, isUp, px("60000"), px(settlement));
        expect(expected.won).to.equal(isWon);
        expect((await usdt.balanceOf(trader)) - before).to.equal(isWon ? expected.payout - fee : 0n);
        expect(await vault.claimableOf(usdt, keeper)).to.equal(2n * fee);
        const line = await vault.line(prediction, usdt);
        expect([line.collateral, line.reserved]).to.deep.equal([0n, 0n]);
        expect(await prediction.openStake(0, usdt, 300, isUp)).to.equal(0n);
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("strikes only by the first tick at or after request + delay", async () => {
      const { desk, trader, keeper, executor, prediction } = await loadFixture(betFixture);
      const { id, target } = await requestBet(desk, trader);
      await desk.warpTo(target + 5);
      await desk.refresh();
      const attempt = async (proof: ReturnType<typeof desk.firstTick>) => {
        const [result] = await executor
          .connect(keeper)
          .execute.staticCall(await prediction.getAddress(), [proof], [{ tradeId: id, tickIndex: 0 }], { value: 1n });
        return Number(result.reason);
      };
      expect(await attempt(desk.anyTick("BTC", target))).to.equal(5);
      expect(await attempt(desk.firstTick("BTC", target + 1))).to.equal(5);
      expect(await attempt(desk.firstTick("BTC", target - 1))).to.equal(6);
      expect(await attempt(desk.firstTick("ETH", target))).to.equal(4);
      expect(await attempt(desk.firstTick("BTC", target))).to.equal(0);
    });

    it("settles by its first tick whenever that comes, and the same for whoever brings it", async () => {
      const { desk, trader, keeper, stranger, usdt, struck } = await loadFixture(betFixture);
      const bet = await struck();
      const due = await settlementOf(desk, bet);
      const at = due.target;
      const before = await usdt.balanceOf(trader);
      await desk.setPrice("BTC", px("50000"));
      const { results } = await executeBets(desk, stranger, [due], { price: px("70000") });
      expect(results[0].outcome).to.equal("Closed");
      expect(await usdt.balanceOf(trader)).to.be.greaterThan(before);

      const late = await struck();
      const lateDue = await settlementOf(desk, late);
      expect(lateDue.target).to.be.greaterThan(at);
      await desk.warp(20 * HOUR);
      const outcome = await executeBets(desk, keeper, [lateDue], { price: px("70000") });
      expect(outcome.results[0].outcome).to.equal("Closed");
    });

    it("refuses a strike too wide to be fair, and pays the keeper from the stake", async () => {
      const { desk, trader, keeper, prediction, usdt, fee } = await loadFixture(betFixture);
      const before = await usdt.balanceOf(trader);
      const bet = await requestBet(desk, trader);
      const confidence = (desk.priceOf("BTC") * 31n) / 10_000n;
      const { results } = await executeBets(desk, keeper, [bet], { confidence });
      expect([results[0].outcome, results[0].reason]).to.deep.equal(["Refused", "ConfidenceTooWide"]);
      expect(before - (await usdt.balanceOf(trader))).to.equal(fee);
      expect(await prediction.statusOf(bet.id)).to.equal(0n);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("skips a strike while anchors deviate or are stale, and what has no bet", async () => {
      const { desk, trader, keeper } = await loadFixture(betFixture);
      const bet = await requestBet(desk, trader);
      const deviating = await executeBets(desk, keeper, [bet], { price: (desk.priceOf("BTC") * 102n) / 100n });
      expect(deviating.results[0].reason).to.equal("PriceDeviates");
      const missing = await executeBets(desk, keeper, [{ ...bet, id: 999n }]);
      expect(missing.results[0].reason).to.equal("NothingPending");
    });
  });

  describe("returnStake", () => {
    it("gives the whole stake back after the expiry, and not before", async () => {
      const { desk, trader, stranger, prediction, usdt, profile } = await loadFixture(betFixture);
      const before = await usdt.balanceOf(trader);
      const { id, target } = await requestBet(desk, trader);
      const last = target + profile.execution.executionWindowSeconds;
      await desk.warpTo(last - 1);
      await expect(prediction.connect(stranger).returnStake(id))
        .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
        .withArgs(id, last + 1);
      await prediction.connect(stranger).returnStake(id);
      expect(await usdt.balanceOf(trader)).to.equal(before);
      await expect(prediction.returnStake(id)).to.be.revertedWithCustomError(prediction, "Prediction_BetNotFound");
    });

    it("waits 24 h after the settlement window for a struck bet", async () => {
      const { desk, prediction, profile, struck, fee, usdt, trader } = await loadFixture(betFixture);
      const bet = await struck();
      const { target } = await settlementOf(desk, bet);
      const last = target + profile.execution.executionWindowSeconds + 24 * HOUR;
      await desk.warpTo(last - 1);
      await expect(prediction.returnStake(bet.id)).to.be.revertedWithCustomError(
        prediction,
        "Prediction_NotReturnable",
      );
      const before = await usdt.balanceOf(trader);
      await prediction.returnStake(bet.id);
      expect((await usdt.balanceOf(trader)) - before).to.equal(desk.tokenUnits("USDT", 100n) - fee);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("valuation", () => {
    it("counts open bets at the adverse side: all won for burners, all lost for minters", async () => {
      const { desk, trader, alpManager, lp } = await loadFixture(betFixture);
      const before = await alpManager.nav(lp);
      await requestBet(desk, trader, { stake: desk.tokenUnits("USDT", 1_000n) });
      const after = await alpManager.nav(lp);
      expect(before.lowUsd - after.lowUsd).to.be.closeTo(770n * 10n ** 18n, 10n ** 17n);
      expect(after.highUsd - before.highUsd).to.be.closeTo(1_000n * 10n ** 18n, 10n ** 17n);
    });

    it("names the assets of the stakes at risk, once", async () => {
      const { desk, trader, prediction } = await loadFixture(betFixture);
      expect(await prediction.exposedAssets()).to.deep.equal([]);
      await requestBet(desk, trader);
      await requestBet(desk, trader, { isUp: false });
      expect(await prediction.exposedAssets()).to.deep.equal([BigInt(assetIdOf("USDT"))]);
    });
  });

  describe("views", () => {
    it("previews the result and states the house edge", async () => {
      const { prediction, usdt, struck, desk, fee } = await loadFixture(betFixture);
      const bet = await struck();
      const price = desk.priceOf("BTC");
      const stake = desk.tokenUnits("USDT", 100n) - fee;
      expect(await prediction.previewResult(bet.id, price + 1n)).to.deep.equal([true, stake + (stake * 77n) / 100n]);
      expect(await prediction.previewResult(bet.id, price)).to.deep.equal([false, 0n]);
      expect(await prediction.houseEdgePips(0, usdt, 300)).to.equal(115_000n);
      await expect(prediction.previewResult(NO_TICK, price)).to.be.revertedWithCustomError(
        prediction,
        "Prediction_BetNotFound",
      );
    });
  });

  describe("configuration", () => {
    it("is the configurator's alone", async () => {
      const { prediction, stranger, usdt } = await loadFixture(betFixture);
      const connected = prediction.connect(stranger);
      const calls = [
        connected.setMarket(0, {
          assetId: 1,
          isEnabled: true,
          maxConfidencePips: 1,
          maxDeviationPips: 1,
          minAnchors: 1,
        }),
        connected.setPeriod(0, usdt, 300, { payoutPips: 1, maxOpenStake: 1 }),
        connected.setStakeToken(usdt, 1, true, 1, 1),
      ];
      for (const call of calls) {
        await expect(call)
          .to.be.revertedWithCustomError(prediction, "Prediction_OnlyConfigurator")
          .withArgs(stranger.address);
      }
      await expect(connected.payIn(usdt, stranger, 1n)).to.be.revertedWithCustomError(
        prediction,
        "Prediction_OnlyVault",
      );
    });
  });
});
