import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid, crossScope, isolatedScope, orderIdOf } from "../../dsl/proActions";
import type { ProContext } from "./proFixture";
import { ALICE, BOB, PRICE, USD, accountOf, act, actAt, deployFunded, setPrices } from "./proFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };

/** As the fixture, 20 minutes later: the guard has fallen to a quarter of a percent; the funds hold 100,000 dollars. */
async function deployCalm() {
  const context = await deployFunded();
  const { pro, carol } = context;
  for (const market of [0, 1]) await pro.connect(carol).addToFund(market, 100_000n * USD);
  await time.increase(1_200);
  await setPrices(context, 100_000n, 4_000n);
  return context;
}

/** Subaccount 1 of a trader, with so many dollars. */
async function openSub(context: ProContext, trader: ProContext["alice"], amount: bigint) {
  await context.pro.connect(trader).deposit(trader, 1, amount * USD);
  return accountOf(BigInt(await context.pro.accountOf(trader, 0)) >> 8n, 1n);
}

describe("Pro: margin", () => {
  describe("Pro 12: the opening rule", () => {
    it("takes 1/L of the position, fees included, as the test at the end of the call", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, bob, [ask(100_000n, 20_000n)]);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 20_000n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(ALICE), REASON.MarginTooLow, 99_200n * USD, 100_000n * USD);
      // Soft or not, the test at the end is hard.
      await expect(pro.connect(alice).act(ALICE, [], [actions.soft(bid(100_000n, 20_000n, IOC))]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(ALICE), REASON.MarginTooLow, 99_200n * USD, 100_000n * USD);
      const { results } = await act(context, alice, [bid(100_000n, 19_800n, IOC)]);
      expect(results[0].filled).to.equal(19_800n);
    });

    it("takes 1/h of what rests, on the larger side, and its open loss", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice } = context;
      const own = pro.connect(alice);
      await act(context, alice, [bid(100_000n, 10_000n), ask(100_010n, 19_990n)]);
      await expect(own.act(ALICE, [], [ask(100_010n, 20n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(ALICE), REASON.MarginTooLow, 100_000n * USD, (20_010n * 100_010n * USD) / 20_000n);
      await act(context, alice, [bid(100_000n, 9_000n)]);
      // 20 lots at 500 USD a BTC above the mark: 10 USD of open loss and 100.5 / 20 more of margin do not fit.
      await expect(own.act(ALICE, [], [bid(100_500n, 1_000n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(
          crossScope(ALICE),
          REASON.MarginTooLow,
          100_000n * USD,
          (19_000n * 100_000n + 1_000n * 100_500n) * (USD / 20_000n) + 500n * USD,
        );
    });

    it("R18: a position that changes after orders came to rest is margined with them", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, bob, [bid(99_990n, 1_000n), ask(100_000n, 19_000n)]);
      await act(context, alice, [ask(100_010n, 19_000n)]);
      await act(context, alice, [bid(100_000n, 9_000n, IOC)]);
      // Long 9 and asks of 19: 9/20 and 10/20 take less than 1/20 of 19. Two more bids beside them do not fit.
      await expect(pro.connect(alice).act(ALICE, [], [bid(99_000n, 12_000n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(
          crossScope(ALICE),
          REASON.MarginTooLow,
          99_640n * USD,
          (9_000n * 100_000n + 12_000n * 99_000n) * (USD / 20_000n),
        );
    });

    it("refuses leverage above the tier of what is exposed", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, alice } = context;
      await act(context, alice, [actions.setLeverage(0n, 200n)]);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 501n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.LeverageAboveTier, 200, 100);
      await actAt(context, alice, [100_000n, 4_000n], [bid(100_000n, 500n)]);
    });

    it("needs fresh prices of every other market of the scope", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, oracle, alice } = context;
      await act(context, alice, [bid(3_990n * 10n, 10n, { market: 1n })]);
      await time.increase(31);
      const now = BigInt(await time.latest()) + 2n;
      await oracle.setPrice(1, 100_000n * PRICE, now);
      await time.setNextBlockTimestamp(now);
      const proof = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
      const { publishTime } = await context.reader.market(pro, 1);
      await expect(pro.connect(alice).act(ALICE, [proof], [actions.refresh(0n), bid(99_990n, 10n)]))
        .to.be.revertedWithCustomError(pro, "Pro_IndexRefused")
        .withArgs(1, REASON.IndexStale, now - publishTime, 30);
    });
  });

  describe("R21, R65, Pro 14: unrealised profit", () => {
    it("neither leaves nor opens", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob, reader } = context;
      const sub = await openSub(context, alice, 6_000n);
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n, IOC)], 1n);
      await setPrices(context, 110_000n, 4_000n);
      const { cash } = await reader.account(pro, sub);
      expect(cash).to.equal(5_960n * USD);
      // 10,000 of profit; 5,500 are bound.
      await expect(pro.connect(alice).act(sub, [], actions.withdraw(alice.address, 461n * USD)))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(sub), REASON.CashTooLow, 5_499n * USD, 5_500n * USD);
      await expect(pro.connect(alice).act(sub, [], [bid(109_000n, 100n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(sub), REASON.MarginTooLow, 5_960n * USD, 6_045n * USD);
      await act(context, alice, actions.withdraw(alice.address, 460n * USD), 1n);
    });
  });

  describe("Pro 12: the reduction rule", () => {
    it("R20: refuses a reduction that leaves less than maintenance, and lets the whole go", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      const sub = await openSub(context, alice, 5_040n);
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n, IOC)], 1n);
      await setPrices(context, 95_300n, 4_000n);
      await act(context, bob, [bid(95_300n, 1_000n)]);
      // Equity 300, less a fee of 3.812; 900 lots need 303.85.
      await expect(pro.connect(alice).act(sub, [], [ask(95_300n, 100n, { ...IOC, isReduceOnly: true })]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(sub), REASON.BelowMaintenance, 296_188n * (USD / 1_000n), 30_385n * (USD / 100n));
      const { results } = await act(context, alice, [ask(95_300n, 1_000n, { ...IOC, isReduceOnly: true })], 1n);
      expect(results[0].filled).to.equal(1_000n);
    });
  });

  describe("isolated mode", () => {
    const deployIsolated = async () => {
      const context = await deployCalm();
      const { alice, bob } = context;
      await act(context, bob, [ask(100_000n, 2_000n)]);
      await actAt(
        context,
        alice,
        [100_000n, 4_000n],
        [
          actions.setMode(0n, true),
          actions.setLeverage(0n, 50n),
          actions.transfer(0n, 1n, 4_080n * USD),
          bid(100_000n, 2_000n, IOC),
        ],
      );
      return context;
    };

    it("vector 2: opens 2 BTC at 50x with 4,000 beside the fee, and not with less", async () => {
      const context = await loadFixture(deployIsolated);
      const { pro, reader, alice } = context;
      const party = await reader.party(pro, 0, ALICE);
      expect([party.isolatedCash, party.lots, party.isIsolated]).to.deep.equal([4_000n * USD, 2_000n, true]);
      const account = await reader.account(pro, ALICE);
      expect([account.cash, account.markets, account.positions]).to.deep.equal([95_920n * USD, 0n, 0n]);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [actions.transfer(1n, 0n, 1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(isolatedScope(ALICE, 0n), REASON.CashTooLow, 4_000n * USD - 1n, 4_000n * USD);
    });

    it("vector 2: what is available", async () => {
      const context = await loadFixture(deployIsolated);
      const { pro, alice } = context;
      await act(context, alice, [actions.transfer(0n, 1n, 1_000n * USD)]);
      for (const [price, available] of [
        [101_000n, 960n],
        [103_000n, 880n],
      ]) {
        await setPrices(context, price, 4_000n);
        const own = pro.connect(alice);
        await expect(own.act(ALICE, [], [actions.transfer(1n, 0n, available * USD + 1n)]))
          .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
          .withArgs(
            isolatedScope(ALICE, 0n),
            REASON.CashTooLow,
            (5_000n - available) * USD - 1n,
            (5_000n - available) * USD,
          );
        expect(await own.act.staticCall(ALICE, [], [actions.transfer(1n, 0n, available * USD)])).to.deep.equal([0n]);
      }
    });

    it("gives back what is left once neither position nor order is there", async () => {
      const context = await loadFixture(deployIsolated);
      const { pro, reader, alice, bob } = context;
      await setPrices(context, 100_000n, 4_000n);
      await act(context, bob, [bid(99_990n, 2_000n)]);
      const { transaction } = await act(context, alice, [ask(99_990n, 2_000n, { ...IOC, isReduceOnly: true })]);
      // A loss of 20 and a fee of 79.992.
      const left = 3_900_008n * (USD / 1_000n);
      await expect(transaction).to.emit(pro, "IsolatedReturned").withArgs(ALICE, 0, left);
      expect((await reader.account(pro, ALICE)).cash).to.equal(95_920n * USD + left);
      expect((await reader.party(pro, 0, ALICE)).isolatedCash).to.equal(0n);
    });

    it("R20: its cash alone must keep the maintenance margin of what a reduction leaves, or the whole goes", async () => {
      const context = await loadFixture(deployIsolated);
      const { pro, alice, bob } = context;
      await setPrices(context, 98_400n, 4_000n);
      await act(context, bob, [bid(98_400n, 2_000n)]);
      // Equity 800, less a fee of 3.936; 1,900 lots need 186,960 · 0.5% - 125.
      await expect(pro.connect(alice).act(ALICE, [], [ask(98_400n, 100n, { ...IOC, isReduceOnly: true })]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(isolatedScope(ALICE, 0n), REASON.BelowMaintenance, 796_064n * (USD / 1_000n), 8_098n * (USD / 10n));
      const { results } = await act(context, alice, [ask(98_400n, 2_000n, { ...IOC, isReduceOnly: true })]);
      expect(results[0].filled).to.equal(2_000n);
    });

    it("its mode is fixed while a position or an order is there", async () => {
      const context = await loadFixture(deployIsolated);
      const { pro, alice, bob } = context;
      await expect(pro.connect(alice).act(ALICE, [], [actions.setMode(0n, false)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.ModeIsFixed, 0, 0);
      await act(context, bob, [bid(3_900n * 10n, 10n, { market: 1n })]);
      await expect(pro.connect(bob).act(BOB, [], [actions.setMode(1n, true)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.ModeIsFixed, 1, 0);
    });

    it("is chosen, and left, before there is either, and tells so", async () => {
      const { pro, reader, alice } = await loadFixture(deployCalm);
      const own = pro.connect(alice);
      for (const isIsolated of [true, false, false]) {
        await expect(own.act(ALICE, [], [actions.setMode(1n, isIsolated)]))
          .to.emit(pro, "ModeSet")
          .withArgs(ALICE, 1, isIsolated);
        expect((await reader.party(pro, 1, ALICE)).isIsolated).to.equal(isIsolated);
      }
    });
  });

  describe("leverage", () => {
    it("is 1 to the first tier's, and the market's default where none was chosen", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice } = context;
      for (const leverage of [0n, 201n]) {
        await expect(pro.connect(alice).act(ALICE, [], [actions.setLeverage(0n, leverage)]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(REASON.LeverageOutOfRange, leverage, 200);
      }
      await expect(pro.connect(alice).act(ALICE, [], [actions.setLeverage(2n, 5n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.MarketNotListed, 2, 0);
      const { transaction } = await act(context, alice, [actions.setLeverage(0n, 200n)]);
      await expect(transaction).to.emit(pro, "LeverageSet").withArgs(ALICE, 0, 200);
    });

    it("lowered, takes the margin that it then needs", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice } = context;
      await act(context, alice, [bid(100_000n, 15_000n)]);
      await expect(pro.connect(alice).act(ALICE, [], [actions.setLeverage(0n, 10n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(ALICE), REASON.MarginTooLow, 100_000n * USD, 150_000n * USD);
      await act(context, alice, [actions.setLeverage(0n, 15n)]);
    });
  });

  describe("R60: high leverage", () => {
    it("needs a calm index of a taker who increases, and of who raises", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, bob, [ask(100_000n, 400n)]);
      await act(context, alice, [actions.setLeverage(0n, 50n)]);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 200n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.GuardTooHigh, 200, 0);
      await act(context, alice, [actions.setLeverage(0n, 20n), bid(100_000n, 200n, IOC)]);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [actions.setLeverage(0n, 50n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.GuardTooHigh, 50, 0);
    });

    it("opens with 1/100, and lets no more leave than down to 1/50", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, reader, alice, bob } = context;
      const sub = await openSub(context, alice, 150n);
      await act(context, bob, [ask(100_000n, 100n)]);
      await setPrices(context, 100_000n, 4_000n);
      // 10,000 dollars at 100x: 100 dollars and the fee.
      await act(context, alice, [actions.setLeverage(0n, 100n), bid(100_000n, 100n, IOC)], 1n);
      const { cash } = await reader.account(pro, sub);
      expect(cash).to.equal(146n * USD);
      await setPrices(context, 100_000n, 4_000n);
      const taken = (amount: bigint) => pro.connect(alice).act(sub, [], actions.withdraw(alice.address, amount));
      await expect(taken(1n))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(sub), REASON.CashTooLow, cash - 1n, 200n * USD);
      await pro.connect(alice).deposit(alice, 1, 60n * USD);
      await setPrices(context, 100_000n, 4_000n);
      await expect(taken(6n * USD + 1n))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(sub), REASON.CashTooLow, 200n * USD - 1n, 200n * USD);
      await setPrices(context, 100_000n, 4_000n);
      await taken(6n * USD);
      expect((await reader.account(pro, sub)).cash).to.equal(200n * USD);
    });

    it("needs an index of at most 2 s", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, reader, alice, bob } = context;
      await act(context, bob, [ask(100_000n, 400n)]);
      await act(context, alice, [actions.setLeverage(0n, 50n)]);
      const { publishTime } = await reader.market(pro, 0);
      await time.setNextBlockTimestamp(publishTime + 3n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 200n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.IndexStale, 3, 2);
      await time.setNextBlockTimestamp(publishTime + 4n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(99_000n, 200n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.IndexStale, 4, 0);
    });

    it("is bounded by five times the fund in a rolling hour, both legs counted", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob, carol } = context;
      await pro.connect(carol).addToFund(0, 8_000n * USD);
      await time.increase(1_200);
      await setPrices(context, 100_000n, 4_000n);
      for (const trader of [alice, bob]) await act(context, trader, [actions.setLeverage(0n, 50n)]);
      await actAt(context, bob, [100_000n, 4_000n], [ask(100_000n, 1_000n)]);
      await actAt(context, alice, [100_000n, 4_000n], [bid(100_000n, 150n, IOC)]);
      // 15,000 of either side.
      expect((await reader.market(pro, 0)).heat).to.equal(30_000n * USD);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 60n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.HighLeverageFull, 60, 0);
      // It drains: half an hour later half of the bound is free again.
      await time.increase(1_800);
      await setPrices(context, 100_000n, 4_000n);
      const { results } = await act(context, alice, [bid(100_000n, 60n, IOC)]);
      expect(results[0].filled).to.equal(60n);
    });

    it("above 50x also bounds the open interest by twenty times the fund", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob, carol } = context;
      await pro.connect(carol).addToFund(0, 1_000n * USD);
      await time.increase(1_200);
      await setPrices(context, 100_000n, 4_000n);
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, carol, [bid(100_000n, 250n, IOC)]);
      await act(context, alice, [actions.setLeverage(0n, 60n)]);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 10n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.HighLeverageOpenInterest, 10, 0);
    });

    it("cancels a maker's order that breaks a rule of it when met", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await actAt(context, bob, [100_000n, 4_000n], [actions.setLeverage(0n, 50n), ask(100_000n, 400n)]);
      const { results, transaction } = await act(context, alice, [bid(100_000n, 200n, IOC)]);
      expect(results[0].filled).to.equal(0n);
      await expect(transaction)
        .to.emit(pro, "OrderRemoved")
        .withArgs(orderIdOf(BOB, 0n, 1n), 7);
    });
  });

  describe("cancelStretched", () => {
    it("lets anyone cancel orders of a scope that can no longer bear them, for 0.02 USD each", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob, keeper, stranger } = context;
      const sub = await openSub(context, alice, 6_000n);
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n, IOC), bid(98_100n, 100n)], 1n);
      const ids = [orderIdOf(sub, 0n, 1n)];
      const attempt = () => pro.connect(stranger).cancelStretched(crossScope(sub), ids, keeper);
      const outcome = () => pro.connect(stranger).cancelStretched.staticCall(crossScope(sub), ids, keeper);
      await setPrices(context, 96_000n, 4_000n);
      expect(await outcome()).to.deep.equal([0n, REASON.NotStretched]);
      // Equity 960 against 350 of maintenance and 800.5 for the bid.
      await setPrices(context, 95_000n, 4_000n);
      expect(await outcome()).to.deep.equal([2n, 0n]);
      const before = (await reader.account(pro, sub)).cash;
      await expect(attempt()).to.emit(pro, "OrderRemoved").withArgs(ids[0], 9);
      expect((await reader.account(pro, sub)).cash).to.equal(before - USD / 50n);
      expect((await reader.account(pro, await pro.accountOf(keeper, 0))).cash).to.equal(USD / 50n);
      // The order is gone, and with it what it took.
      expect(await outcome()).to.deep.equal([0n, REASON.NotStretched]);
      await time.increase(6);
      expect(await outcome()).to.deep.equal([0n, REASON.IndexStale]);
    });
  });
});
