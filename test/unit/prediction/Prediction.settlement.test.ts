import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import type { BatchOutcome } from "../../../kit/desk/Desk";
import type { BetOptions } from "../../../kit/desk/bets";
import { attemptBets, betRequest, executeBets, fundPlayer, requestBet, settlementOf } from "../../../kit/desk/bets";
import { Reason } from "../../../sdk/enums";
import { betProfit, executionFeeTokens, settleBet, strikeBet } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { makeStale } from "../trading/setup";
import { DAY, stakesOf, start } from "./fixture";

const STRUCK = 2n;

function textOf({ outcome, reason }: BatchOutcome): string {
  return `${outcome} ${reason}`;
}

describe("Prediction", () => {
  describe("execute: the strike", () => {
    it("takes both fees from the amount, pays one, keeps one, and releases what the win shrinks by", async () => {
      const { desk, trader, keeper, prediction, vault, usdt, fee, unit } = await start();
      const amount = 33n * unit + 7n;
      const { stake } = strikeBet(amount, fee);
      const bet = await requestBet(desk, trader, { stake: amount, isUp: false });
      expect(await prediction.openStake(0, usdt, 300, false)).to.equal(amount);
      const { receipt } = await executeBets(desk, keeper, [bet], { price: px("60001.5") });
      await expect(Promise.resolve(receipt))
        .to.emit(prediction, "BetStruck")
        .withArgs(bet.id, trader, keeper, px("60001.5"), bet.target, stake, fee, fee);
      const line = await vault.productLedger(prediction, usdt);
      expect([line.collateral, line.reserved]).to.deep.equal([stake + fee, betProfit(stake, 770_000n)]);
      expect(await vault.claimableOf(usdt, keeper)).to.equal(fee);
      expect(await prediction.openStake(0, usdt, 300, false)).to.equal(stake);
      const record = await prediction.bet(bet.id);
      expect([record.stake, record.executionFee, record.strike]).to.deep.equal([stake, fee, px("60001.5")]);
      expect(record.time).to.equal(bet.target);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("refuses an amount of at most two fees, and strikes one of a unit more", async () => {
      for (const more of [0n, 1n]) {
        const { desk, trader, keeper, prediction, usdt, vault, profile, decimals } = await start();
        // The dollar falls between the request and the strike, until two fees are the amount.
        const price = desk.priceOf("USDT") / 16n;
        const dear = executionFeeTokens(profile.execution.executionFeeUsd, { decimals, price });
        const amount = 2n * dear + more;
        const bet = await requestBet(desk, trader, { stake: amount });
        await desk.setPrice("USDT", price);
        const { results, receipt } = await executeBets(desk, keeper, [bet]);
        const expected = strikeBet(amount, dear);
        expect(expected.isRefused).to.equal(more === 0n);
        expect(textOf(results[0])).to.equal(expected.isRefused ? "Refused MarginTooSmall" : "Opened None");
        expect(await vault.claimableOf(usdt, keeper)).to.equal(expected.executorPay);
        const { stake, executionFee } = await prediction.bet(bet.id);
        if (expected.isRefused) {
          await expect(Promise.resolve(receipt))
            .to.emit(prediction, "BetReturned")
            .withArgs(bet.id, trader, 1n, expected.stake, expected.executorPay);
          expect(stake).to.equal(0n);
        } else {
          expect([stake, executionFee]).to.deep.equal([expected.stake, expected.keptFee]);
        }
        expect(await prediction.openStake(0, usdt, 300, true)).to.equal(expected.isRefused ? 0n : 1n);
        expect(await desk.isBalanced()).to.equal(true);
      }
    });

    it("takes no more than the amount where it is below one fee", async () => {
      const { desk, trader, keeper, prediction, usdt, vault, fee } = await start();
      const { minStake: stake } = stakesOf(desk.profile, "USDT");
      const bet = await requestBet(desk, trader, { stake });
      await desk.setPrice("USDT", (desk.priceOf("USDT") * fee) / stake / 2n);
      const { receipt, results } = await executeBets(desk, keeper, [bet]);
      expect(textOf(results[0])).to.equal("Refused MarginTooSmall");
      await expect(Promise.resolve(receipt)).to.emit(prediction, "BetReturned").withArgs(bet.id, trader, 1n, 0n, stake);
      expect(await vault.claimableOf(usdt, keeper)).to.equal(stake);
      expect(await prediction.openStake(0, usdt, 300, true)).to.equal(0n);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("is executable to the last second of the window, and never after", async () => {
      const { desk, trader, keeper, prediction, profile } = await start();
      const window = profile.execution.executionWindowSeconds;
      await desk.refresh();
      const [first, second] = [await requestBet(desk, trader), await requestBet(desk, trader, { isUp: false })];
      const expiry = first.target + window;
      const execute = async (bet: typeof first, at: number, published: number) => {
        const proof = desk.firstTick("BTC", bet.target, { at: published });
        const items = [{ tradeId: bet.id, tickIndex: 0 }];
        const value = await desk.updateFee([proof]);
        await ethers.provider.send("evm_setNextBlockTimestamp", [at]);
        await desk.system.executor.connect(keeper).execute(prediction, [proof], items, { value });
        return prediction.statusOf(bet.id);
      };
      // Published at the expiry and brought in the same second: in time, both.
      expect(await execute(first, expiry, expiry)).to.equal(STRUCK);
      const late = second.target + window + 1;
      expect(await execute(second, late, second.target)).to.equal(1n);
      await prediction.returnStake(second.id);
    });

    it("skips while the token's price is missing, and loses nothing", async () => {
      const { desk, trader, keeper, prediction, replica, profile } = await start();
      const bet = await requestBet(desk, trader);
      await replica.setPushPrice("USDT", 0n);
      await desk.warpTo(bet.target + 1);
      const proof = desk.firstTick("BTC", bet.target);
      const value = await desk.updateFee([proof]);
      const { results } = await desk.system.executor
        .connect(keeper)
        .execute.staticCall(prediction, [proof], [{ tradeId: bet.id, tickIndex: 0 }], { value })
        .then((items) => ({ results: items.map(({ reason }) => Number(reason)) }));
      expect(results).to.deep.equal([Reason.indexOf("TokenPriceMissing")]);
      expect(await prediction.statusOf(bet.id)).to.equal(1n);
      expect(profile.oracle.minAnchors).to.be.greaterThan(0);
      expect(textOf((await executeBets(desk, keeper, [bet])).results[0])).to.equal("Opened None");
    });

    it("skips while the anchors or the sequencer are missing, and loses nothing", async () => {
      const context = await start();
      const { desk, trader, keeper, prediction, replica, profile } = context;
      const bet = await requestBet(desk, trader);
      await desk.warpTo(bet.target + 1);
      const strike = async () => {
        const { results } = await attemptBets(desk, keeper, [bet.id], [desk.firstTick("BTC", bet.target)]);
        return textOf(results[0]);
      };
      await makeStale(context, "BTC");
      expect(await strike()).to.equal("Skipped AnchorsNotFresh");
      await desk.refresh();
      if (profile.sequencer !== null) {
        await replica.setSequencer(false);
        expect(await strike()).to.equal("Skipped SequencerNotReady");
        await replica.setSequencer(true, (await desk.now()) - profile.sequencer.graceSeconds);
      }
      expect(await prediction.statusOf(bet.id)).to.equal(1n);
      expect(await strike()).to.equal("Opened None");
    });

    it("pays nobody at the zero address", async () => {
      const { prediction } = await start();
      await expect(prediction.execute(1n, 0n, ZeroAddress)).to.be.revertedWithCustomError(
        prediction,
        "Prediction_ZeroAddress",
      );
    });
  });

  describe("execute: the settlement", () => {
    /** Settles the same bet in the circumstances given, and says what came of it. */
    async function settledIn(circumstances: (context: Awaited<ReturnType<typeof start>>) => Promise<void>) {
      const context = await start();
      const { desk, trader, usdt, vault, stranger, prediction, struck } = context;
      const due = await settlementOf(desk, await struck());
      const proof = desk.firstTick("BTC", due.target, { price: px("60100") });
      const before = await usdt.balanceOf(trader);
      await desk.warpTo(due.target + 1);
      await circumstances(context);
      const { executor } = desk.system;
      const items = [{ tradeId: due.id, tickIndex: 0 }];
      const value = await desk.updateFee([proof]);
      await executor.connect(stranger).execute(prediction, [proof], items, { value });
      return {
        paid: (await usdt.balanceOf(trader)) - before,
        credited: await vault.claimableOf(usdt, stranger),
        status: await prediction.statusOf(due.id),
      };
    }

    it("is the same at once, a day later, at other prices, and with every feed dead", async () => {
      const { fee, unit } = await start();
      const { stake } = strikeBet(100n * unit, fee);
      const { payout } = settleBet(stake, 770_000n, true, px("60000"), px("60100"));
      const expected = { paid: payout, credited: fee, status: 0n };
      expect(await settledIn(() => Promise.resolve())).to.deep.equal(expected);
      expect(await settledIn(({ desk }) => desk.warp(30 * DAY))).to.deep.equal(expected);
      expect(
        await settledIn(async ({ replica }) => {
          for (const asset of ["BTC", "USDT"] as const) await replica.setPushPrice(asset, 0n);
        }),
      ).to.deep.equal(expected);
      expect(
        await settledIn(async ({ replica }) => {
          await replica.setPushPrice("BTC", px("30000"));
          await replica.setPushPrice("USDT", px("0.5"));
        }),
      ).to.deep.equal(expected);
    });

    it("runs on with its own payout when market, token and offer are withdrawn", async () => {
      const { desk, trader, keeper, guardian, prediction, predictionConfigurator, usdt, fee, unit, struck } =
        await start();
      const pending = await requestBet(desk, trader, { isUp: false });
      const bet = await struck();
      const settings = predictionConfigurator.connect(guardian);
      await settings.disableMarket(prediction, 0);
      await settings.disableStakeToken(prediction, usdt);
      await settings.cutCap(prediction, 0, usdt, 300, 0n);
      const before = await usdt.balanceOf(trader);
      const [result] = (
        await executeBets(desk, keeper, [await settlementOf(desk, bet)], { price: desk.priceOf("BTC") + 10n ** 10n })
      ).results;
      expect(textOf(result)).to.equal("Closed None");
      const { stake } = strikeBet(100n * unit, fee);
      expect((await usdt.balanceOf(trader)) - before).to.equal(stake + betProfit(stake, 770_000n));
      await prediction.returnStake(pending.id);
      for (const isUp of [true, false]) expect(await prediction.openStake(0, usdt, 300, isUp)).to.equal(0n);
    });

    it("skips a first tick too wide to decide; the stake comes back a day after the window", async () => {
      const { desk, trader, keeper, prediction, usdt, fee, unit, struck } = await start();
      const bet = await struck();
      const due = await settlementOf(desk, bet);
      const price = desk.priceOf("BTC");
      const wide = await executeBets(desk, keeper, [due], { confidence: price / 100n + 100n });
      expect(textOf(wide.results[0])).to.equal("Skipped ConfidenceTooWide");
      await desk.warpTo(Number(await prediction.returnableFrom(bet.id)));
      const before = await usdt.balanceOf(trader);
      await expect(prediction.returnStake(bet.id))
        .to.emit(prediction, "BetReturned")
        .withArgs(bet.id, trader, 2n, 100n * unit - fee, 0n);
      expect((await usdt.balanceOf(trader)) - before).to.equal(100n * unit - fee);
    });

    it("decides at a confidence of exactly 1%", async () => {
      const { desk, keeper, struck } = await start();
      const due = await settlementOf(desk, await struck());
      const price = px("60000");
      const { results } = await executeBets(desk, keeper, [due], { price, confidence: price / 100n });
      expect(textOf(results[0])).to.equal("Closed None");
    });

    it("settles the smallest profit and stake to the unit, whoever executes, the owner included", async () => {
      const { desk, trader, prediction, vault, usdt, fee } = await start();
      const stake = stakesOf(desk.profile, "USDT").minStake + 1n;
      const wealth = async () => (await usdt.balanceOf(trader)) + (await vault.claimableOf(usdt, trader));
      const before = await wealth();
      const bet = await requestBet(desk, trader, { stake });
      await executeBets(desk, trader, [bet]);
      const due = await settlementOf(desk, bet);
      const { receipt } = await executeBets(desk, trader, [due], { price: desk.priceOf("BTC") + 100n });
      // Both fees come back to the owner as keeper: what is left is the profit on the stake.
      const struck = strikeBet(stake, fee).stake;
      expect((await wealth()) - before).to.equal(betProfit(struck, 770_000n));
      await expect(Promise.resolve(receipt))
        .to.emit(prediction, "BetSettled")
        .withArgs(bet.id, trader, trader, desk.priceOf("BTC") + 100n, true, struck + betProfit(struck, 770_000n), fee);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("the native coin", () => {
    async function nativeBet(options: BetOptions = {}) {
      const context = await start();
      const { desk, router, prediction, trader, profile } = context;
      const token = profile.wrappedNativeSymbol;
      const { minStake } = stakesOf(profile, token);
      const stake = 10n * minStake;
      const request = await betRequest(desk, trader, { token, stake, asNative: true, ...options });
      const id = await prediction.nextBetId();
      await router.connect(trader).requestBetNative(prediction, request, { value: stake });
      const target = Number((await prediction.bet(id)).time) + profile.prediction.executionDelaySeconds;
      return { ...context, id, stake, token, bet: { id, asset: "BTC" as const, target } };
    }

    it("comes in through the Router and goes out as it came", async () => {
      const { desk, keeper, trader, prediction, profile, id, stake, token, bet } = await nativeBet();
      const { assetKey, decimals } = profile.tokens.find(({ symbol }) => symbol === token)!;
      await executeBets(desk, keeper, [bet]);
      const quote = { decimals, price: desk.priceOf(assetKey) };
      const fee = executionFeeTokens(profile.execution.executionFeeUsd, quote);
      const before = await ethers.provider.getBalance(trader);
      const due = await settlementOf(desk, { ...bet, receipt: null as never });
      await executeBets(desk, keeper, [due], { price: desk.priceOf("BTC") + 10n ** 10n });
      const won = settleBet(strikeBet(stake, fee).stake, 770_000n, true, 1n, 2n).payout;
      expect((await ethers.provider.getBalance(trader)) - before).to.equal(won);
      expect(await prediction.statusOf(id)).to.equal(0n);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("becomes claimable in wrapped form where its receiver refuses it", async () => {
      const context = await start();
      const refuser = await ethers.deployContract("RevertingReceiver");
      await refuser.setHostile(true);
      const { desk, trader, keeper, prediction, vault, profile } = context;
      const token = profile.wrappedNativeSymbol;
      const { minStake: stake } = stakesOf(profile, token);
      await fundPlayer(desk, trader, token, stake);
      const owner = await refuser.getAddress();
      const bet = await requestBet(desk, trader, { token, stake, asNative: true, owner });
      await desk.warpTo(Number(await prediction.returnableFrom(bet.id)));
      await prediction.connect(keeper).returnStake(bet.id);
      expect(await vault.claimableOf(desk.replica.token(token), refuser)).to.equal(stake);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });
});
