import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { confirmed } from "../../kit/desk/Desk";
import { executeBets, fundPlayer, requestBet, settlementOf } from "../../kit/desk/bets";
import { betProfit, executionFeeTokens, settleBet, strikeBet } from "../../sdk/model";
import { px } from "../../sdk/units";
import { deskFixture } from "../fixtures/desk";
import { expectBalanced, holdingOf } from "./support";

const DAY_SECONDS = 24 * 60 * 60;
const STRIKE = px("60000");

/** A bet of 100 USDT on a rise, struck at 60,000. */
async function struckFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, trader, keeper } = fixture;
  await desk.setPrice("BTC", STRIKE);
  const stake = desk.tokenUnits("USDT", 100n);
  await fundPlayer(desk, trader, "USDT", stake);
  const bet = await requestBet(desk, trader, { stake });
  const { results } = await executeBets(desk, keeper, [bet]);
  expect(results[0].outcome).to.equal("Opened");
  return { ...fixture, bet: await settlementOf(desk, bet), stake };
}

describe("attacks: bets", () => {
  it("O23: whoever settles, and whenever, a bet is decided by the first tick after its period", async () => {
    const { desk, bet, stake, trader, keeper, other, prediction, executor, profile } = await loadFixture(struckFixture);
    const items = [{ tradeId: bet.id, tickIndex: 0 }];
    await desk.warpTo(bet.target + 100);
    await desk.refresh();
    // Better for the house: a later tick, an earlier one, one of the right second that is not proven to be the first.
    const chosen = [
      desk.firstTick("BTC", bet.target + 50, { price: px("59000") }),
      desk.firstTick("BTC", bet.target - 1, { price: px("59000"), at: bet.target - 1 }),
      desk.anyTick("BTC", bet.target, { price: px("59000") }),
    ];
    for (const proof of chosen) {
      await confirmed(executor.connect(other).execute(await prediction.getAddress(), [proof], items, { value: 1n }));
      expect(await prediction.statusOf(bet.id)).to.equal(2n);
    }
    // The first tick, brought an hour late: strictly above the strike.
    await desk.warpTo(bet.target + 3_600);
    const before = await holdingOf(desk, "USDT", trader);
    const { results } = await executeBets(desk, keeper, [bet], { price: px("60001") });
    expect(results[0].outcome).to.equal("Closed");
    const usdt = { decimals: Number(await desk.replica.token("USDT").decimals()), price: desk.priceOf("USDT") };
    const fee = executionFeeTokens(profile.execution.executionFeeUsd, usdt);
    const { payout } = settleBet(strikeBet(stake, fee).stake, 770_000n, true, STRIKE, px("60001"));
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before + payout);
    await expectBalanced(desk);
  });

  for (const isSelfExecuted of [true, false]) {
    const by = isSelfExecuted ? "executed by their owner" : "executed by a keeper";
    it(`A24: up and down at the least stake, ${by}, cost the house edge and the LPs nothing, whatever a token is worth`, async () => {
      const fixture = await loadFixture(deskFixture);
      const { desk, trader, keeper, vault, profile } = fixture;
      const executor = isSelfExecuted ? trader : keeper;
      for (const { symbol, minStake: amount } of profile.prediction.stakeTokens) {
        const { assetKey, decimals } = profile.tokens.find((token) => token.symbol === symbol)!;
        const token = desk.replica.token(symbol);
        const usual = desk.priceOf(assetKey);
        for (const price of [usual, usual / 2n, usual * 2n]) {
          await desk.setPrice(assetKey, price);
          await fundPlayer(desk, trader, symbol, 2n * amount);
          const wealth = async () => (await token.balanceOf(trader)) + (await vault.claimableOf(token, trader));
          const [before, { liquidity }] = [await wealth(), await vault.ledger(token)];
          const bets = [];
          for (const isUp of [true, false])
            bets.push(await requestBet(desk, trader, { token: symbol, stake: amount, isUp }));
          for (const bet of bets) {
            const { results } = await executeBets(desk, executor, [bet], { price: STRIKE });
            expect(results[0].outcome).to.equal("Opened");
          }
          for (const bet of bets) {
            const { results } = await executeBets(desk, executor, [await settlementOf(desk, bet)], {
              price: STRIKE + 100n,
            });
            expect(results[0].outcome).to.equal("Closed");
          }
          const fee = executionFeeTokens(profile.execution.executionFeeUsd, { decimals, price });
          const { stake } = strikeBet(amount, fee);
          const edge = stake - betProfit(stake, 770_000n);
          expect(edge).to.be.greaterThan(0n);
          const fees = isSelfExecuted ? 0n : 4n * fee;
          expect((await wealth()) - before, `${symbol} at ${price}`).to.equal(-edge - fees);
          expect((await vault.ledger(token)).liquidity - liquidity).to.equal(edge);
        }
        await desk.setPrice(assetKey, usual);
      }
      await expectBalanced(desk);
    });
  }

  it("A11: a loser waits for no refund: for a day the tick that decides may be brought by anyone", async () => {
    const { desk, bet, trader, other, prediction, profile } = await loadFixture(struckFixture);
    const before = await holdingOf(desk, "USDT", trader);
    await desk.warpTo(bet.target + DAY_SECONDS);
    await expect(prediction.connect(trader).returnStake(bet.id))
      .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
      .withArgs(bet.id, bet.target + DAY_SECONDS + profile.execution.executionWindowSeconds + 1);
    // A tie loses.
    const { results } = await executeBets(desk, other, [bet], { price: STRIKE });
    expect(results[0].outcome).to.equal("Closed");
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before);
    await expectBalanced(desk);
  });

  it("A11 S06: the guardian cannot take away the last source of a price, and so hold up bets until they are returned", async () => {
    const { desk, bet, keeper, guardian, priceAggregator } = await loadFixture(struckFixture);
    const asGuardian = priceAggregator.connect(guardian);
    await desk.refresh();
    for (const asset of ["USDT", "BTC"] as const) {
      const assetId = assetIdOf(asset);
      const last = (await priceAggregator.sourceCount(assetId)) - 1n;
      for (let index = 0n; index < last; ++index) await confirmed(asGuardian.disableSource(assetId, index));
      await expect(asGuardian.disableSource(assetId, last))
        .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_NoOtherFreshSource")
        .withArgs(assetId, last);
    }
    const { results } = await executeBets(desk, keeper, [bet], { price: px("59999") });
    expect(results[0].outcome).to.equal("Closed");
    await expectBalanced(desk);
  });
});
