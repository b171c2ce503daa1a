import { loadFixture, setCode } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { NO_TICK } from "../../../kit/desk/Desk";
import { betRequest, executeBets, requestBet, settlementOf } from "../../../kit/desk/bets";
import { houseEdgePips, productWorthX34, settleBet, strikeBet } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { HOUR, betFixture, stakesOf } from "./fixture";

describe("Prediction", () => {
  describe("requestBet", () => {
    it("takes the stake and reserves the full win in kind", async () => {
      const { desk, trader, prediction, vault, usdt } = await loadFixture(betFixture);
      const stake = desk.tokenUnits("USDT", 100n);
      const bet = await requestBet(desk, trader, { stake });
      const line = await vault.productLedger(prediction, usdt);
      expect([line.collateral, line.reserved]).to.deep.equal([stake, (stake * 77n) / 100n]);
      expect(await prediction.statusOf(bet.id)).to.equal(1n);
      expect(await prediction.openStake(0, usdt, 300, true)).to.equal(stake);
      await expect(Promise.resolve(bet.receipt))
        .to.emit(prediction, "BetPlaced")
        .withArgs(bet.id, trader, 0, true, 300, usdt, stake, 770_000, false);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("refuses what is not offered, by name and with what explains it", async () => {
      const { desk, trader, prediction, profile, usdt, unit } = await loadFixture(betFixture);
      const connected = prediction.connect(trader);
      const request = await betRequest(desk, trader);
      const accepted = profile.prediction.stakeTokens.map(({ symbol }) => symbol);
      const [unlisted] = profile.tokens
        .filter(({ symbol }) => !accepted.includes(symbol))
        .map(({ address }) => address);
      const { minStake, maxStake } = stakesOf(profile, "USDT");
      const { target } = usdt;
      const cases: [object, string, unknown[]][] = [
        [{ deadline: 1 }, "Prediction_DeadlinePassed", [1, (await desk.now()) + 1]],
        [{ marketId: 7 }, "Prediction_MarketNotEnabled", [7]],
        [{ marketId: 200 }, "Prediction_MarketNotEnabled", [200]],
        [{ periodSeconds: 301 }, "Prediction_PeriodNotOffered", [0, target, 301]],
        [{ token: unlisted }, "Prediction_TokenNotAccepted", [unlisted]],
        [{ owner: ethers.ZeroAddress }, "Prediction_ZeroAddress", []],
        [{ stake: minStake - 1n }, "Prediction_StakeOutOfRange", [minStake - 1n, minStake, maxStake]],
        [{ stake: maxStake + 1n }, "Prediction_StakeOutOfRange", [maxStake + 1n, minStake, maxStake]],
        [{ minPayoutPips: 770_001 }, "Prediction_PayoutTooLow", [770_000, 770_001]],
        [{ asNative: true }, "Prediction_NotWrappedNative", [target]],
      ];
      for (const [change, error, args] of cases) {
        await expect(connected.requestBet({ ...request, ...change }), error)
          .to.be.revertedWithCustomError(prediction, error)
          .withArgs(...args);
      }
      expect(minStake).to.equal((profile.key === "bnb" ? 10n : 5n) * unit);
      for (const stake of [minStake, maxStake])
        await connected.requestBet({ ...request, stake, minPayoutPips: 770_000 });
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("numbers bets from 1 and gives each to the owner named, whoever pays", async () => {
      const { desk, trader, other, prediction, usdt, unit } = await loadFixture(betFixture);
      expect(await prediction.nextBetId()).to.equal(1n);
      const before = await usdt.balanceOf(trader);
      await requestBet(desk, trader, { owner: other.address });
      expect((await prediction.bet(1n)).owner).to.equal(other.address);
      expect(before - (await usdt.balanceOf(trader))).to.equal(100n * unit);
      expect(await prediction.nextBetId()).to.equal(2n);
    });

    it("keeps bets apart that are kept where others ended, and finds none under an id that ended", async () => {
      const { desk, trader, other, keeper, prediction, unit } = await loadFixture(betFixture);
      const place = async (count: number) => {
        const placed: bigint[] = [];
        for (let i = 0; i < count; i++) {
          const player = i % 2 === 0 ? trader : other;
          placed.push((await requestBet(desk, player, { stake: BigInt(10 + i) * unit, isUp: i % 3 === 0 })).id);
        }
        return placed;
      };
      const giveBack = async (ids: bigint[]) => {
        for (const id of ids) await desk.warpTo(Number(await prediction.returnableFrom(id)));
        for (const id of ids) await prediction.connect(keeper).returnStake(id);
      };
      const expectPlaced = async (ids: bigint[]) => {
        for (const [i, id] of ids.entries()) {
          const { owner, stake, state } = await prediction.bet(id);
          const player = i % 2 === 0 ? trader : other;
          expect([owner, stake, state]).to.deep.equal([player.address, BigInt(10 + i) * unit, i % 3 === 0 ? 5n : 1n]);
        }
      };
      const first = await place(11);
      await giveBack([first[3], first[9], first[0]]);
      const second = await place(5);
      expect(second).to.deep.equal([12n, 13n, 14n, 15n, 16n]);
      await expectPlaced(second);
      for (const i of [1, 2, 4, 5, 6, 7, 8, 10]) {
        const { owner, stake } = await prediction.bet(first[i]);
        expect([owner, stake]).to.deep.equal([(i % 2 === 0 ? trader : other).address, BigInt(10 + i) * unit]);
      }
      for (const id of [first[3], first[9], first[0], 0n, 17n, NO_TICK]) {
        expect(await prediction.statusOf(id)).to.equal(0n);
        expect((await prediction.bet(id)).owner).to.equal(ethers.ZeroAddress);
        await expect(prediction.returnStake(id))
          .to.be.revertedWithCustomError(prediction, "Prediction_BetNotFound")
          .withArgs(id);
        const executed = await prediction.execute.staticCall(id, 0n, keeper);
        expect(executed).to.deep.equal([0n, 1n]);
      }
      await giveBack([1, 2, 4, 5, 6, 7, 8, 10].map((i) => first[i]).concat(second));
      const third = await place(16);
      await expectPlaced(third);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("refuses a win that the ceiling leaves no room for, and keeps nothing", async () => {
      const { desk, trader, guardian, prediction, vault, usdt, unit } = await loadFixture(betFixture);
      await vault.connect(guardian).cutCeiling(prediction, usdt, 77n * unit);
      const before = await usdt.balanceOf(trader);
      const request = await betRequest(desk, trader, { stake: 100n * unit + 2n });
      await expect(prediction.connect(trader).requestBet(request))
        .to.be.revertedWithCustomError(vault, "Vault_ReserveFull")
        .withArgs(usdt.target, 77n * unit + 1n);
      expect(await usdt.balanceOf(trader)).to.equal(before);
      // A unit more is a unit more of stake and, rounded down, none of reserve.
      await prediction.connect(trader).requestBet({ ...request, stake: 100n * unit + 1n });
    });

    it("holds the cap of market, period, token and direction, requested bets included", async () => {
      const { desk, trader, prediction, profile } = await loadFixture(betFixture);
      const stake = desk.tokenUnits("USDT", 5_000n);
      const { maxOpenStake } = stakesOf(profile, "USDT");
      const fits = maxOpenStake / stake;
      for (let i = 0n; i < fits; i++) await requestBet(desk, trader, { stake });
      const request = await betRequest(desk, trader, { stake });
      await expect(prediction.connect(trader).requestBet(request))
        .to.be.revertedWithCustomError(prediction, "Prediction_CapReached")
        .withArgs(maxOpenStake + stake, maxOpenStake);
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
        expect((await prediction.bet(bet.id)).stake).to.equal(strikeBet(stake, fee).stake);
        const before = await usdt.balanceOf(trader);
        await desk.setPrice("BTC", px(settlement));
        const { results } = await executeBets(desk, keeper, [await settlementOf(desk, bet)]);
        expect(results[0].outcome).to.equal("Closed");
        const expected = settleBet(strikeBet(stake, fee).stake, 770_000n, isUp, px("60000"), px(settlement));
        expect(expected.won).to.equal(isWon);
        expect((await usdt.balanceOf(trader)) - before).to.equal(expected.payout);
        expect(await vault.claimableOf(usdt, keeper)).to.equal(2n * fee);
        const line = await vault.productLedger(prediction, usdt);
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
        const value = await desk.updateFee([proof]);
        const [result] = await executor
          .connect(keeper)
          .execute.staticCall(await prediction.getAddress(), [proof], [{ tradeId: id, tickIndex: 0 }], { value });
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

    it("skips a strike while anchors deviate, and what has no bet", async () => {
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
      await expect(prediction.returnStake(id))
        .to.be.revertedWithCustomError(prediction, "Prediction_BetNotFound")
        .withArgs(id);
    });

    it("waits 24 h after the settlement window for a struck bet", async () => {
      const { desk, prediction, profile, struck, fee, usdt, trader } = await loadFixture(betFixture);
      const bet = await struck();
      const { target } = await settlementOf(desk, bet);
      const last = target + profile.execution.executionWindowSeconds + 24 * HOUR;
      await desk.warpTo(last - 1);
      await expect(prediction.returnStake(bet.id))
        .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
        .withArgs(bet.id, last + 1);
      const before = await usdt.balanceOf(trader);
      await prediction.returnStake(bet.id);
      expect((await usdt.balanceOf(trader)) - before).to.equal(desk.tokenUnits("USDT", 100n) - fee);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("valuation", () => {
    it("counts open bets at the adverse side: all won for burners, all lost for minters", async () => {
      const { desk, trader, alpLens, lp } = await loadFixture(betFixture);
      const before = await alpLens.nav(lp);
      await requestBet(desk, trader, { stake: desk.tokenUnits("USDT", 1_000n) });
      const after = await alpLens.nav(lp);
      expect(before.lowUsd - after.lowUsd).to.be.closeTo(770n * 10n ** 18n, 10n ** 17n);
      expect(after.highUsd - before.highUsd).to.be.closeTo(1_000n * 10n ** 18n, 10n ** 17n);
    });

    it("C5: is told by the vault's ledgers, and asks no product", async () => {
      const { desk, trader, prediction, alpManager, alpLens, profile } = await loadFixture(betFixture);
      expect(await alpManager.isLedgerProduct(prediction)).to.equal(true);
      await requestBet(desk, trader, { stake: desk.tokenUnits("USDT", 1_000n) });
      const holding = await desk.system.vault.productLedger(prediction, desk.replica.token("USDT"));
      const { decimals } = profile.tokens.find(({ symbol }) => symbol === "USDT") ?? { decimals: 0 };
      const price = desk.priceOf("USDT");
      const worth = productWorthX34([
        { collateral: holding.collateral, reserved: holding.reserved, decimals, low: price, high: price },
      ]);
      const before = await alpLens.nav(trader);
      await setCode(await prediction.getAddress(), "0x");
      expect(await alpLens.nav(trader)).to.deep.equal(before);
      const flat = before.highUsd - worth.high / 10n ** 16n;
      expect(flat + worth.low / 10n ** 16n).to.be.closeTo(before.lowUsd, 2n);
    });
  });

  describe("views", () => {
    it("previews the result and states the house edge", async () => {
      const { prediction, usdt, struck, desk, fee } = await loadFixture(betFixture);
      const bet = await struck();
      const price = desk.priceOf("BTC");
      const { stake } = strikeBet(desk.tokenUnits("USDT", 100n), fee);
      const won = settleBet(stake, 770_000n, true, price, price + 1n).payout;
      expect(await prediction.previewResult(bet.id, price + 1n)).to.deep.equal([true, won]);
      expect(await prediction.previewResult(bet.id, price)).to.deep.equal([false, 0n]);
      await expect(prediction.previewResult(NO_TICK, price))
        .to.be.revertedWithCustomError(prediction, "Prediction_BetNotFound")
        .withArgs(NO_TICK);
      for (const { assetKey, periods } of desk.profile.prediction.markets) {
        const marketId = desk.profile.prediction.markets.findIndex((market) => market.assetKey === assetKey);
        for (const { periodSeconds, payoutPips } of periods) {
          const edge = houseEdgePips(BigInt(payoutPips));
          expect(await prediction.houseEdgePips(marketId, usdt, periodSeconds)).to.equal(edge);
        }
      }
      await expect(prediction.houseEdgePips(0, usdt, 301))
        .to.be.revertedWithCustomError(prediction, "Prediction_PeriodNotOffered")
        .withArgs(0, usdt.target, 301);
    });
  });
});
