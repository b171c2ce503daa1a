import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { itMeasuresGas } from "../dsl/instrumented";
import * as actions from "../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid, crossScope, orderIdOf, refresh } from "../dsl/proActions";
import { TASK, keeperItem } from "../dsl/proCalls";
import type { ProContext } from "../unit/pro/proFixture";
import {
  ALICE,
  BOB,
  CAROL,
  ETH,
  LIMITS,
  PRICE,
  TIERS,
  USD,
  act,
  deployFunded,
  setPrices,
} from "../unit/pro/proFixture";
import { FOREVER, MAY, OUTCOME as FIRED, TIP, deployLong, executeAt, order, place } from "../unit/pro/triggerFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const OUTCOME = { skipped: 0n, refreshed: 1n, reduced: 3n };
const END = { beyondBand: 4 };

/** Prices calm for an hour, funds of 100,000 dollars: leverage of 200 is open. */
async function deployCalm() {
  const context = await deployFunded();
  const { carol, pro } = context;
  for (const market of [0, 1]) await pro.connect(carol).addToFund(market, 100_000n * USD);
  await time.increase(3_600);
  await setPrices(context, 100_000n, 4_000n);
  return context;
}

async function openSub(context: ProContext, trader: ProContext["alice"], dollars: bigint) {
  await context.pro.connect(trader).deposit(trader, 1, dollars * USD);
  return context.pro.accountOf(trader, 1);
}

/** Cash and what a position in BTC is worth at a price in dollars. */
async function equityAt({ pro, reader }: ProContext, account: bigint, price: bigint): Promise<bigint> {
  const { cash } = await reader.account(pro, account);
  const { cost, lots } = await reader.party(pro, 0, account);
  return cash + (lots * price * USD) / 1_000n - cost;
}

/** The next block comes when BTC's index is of a certain age. */
async function waitForAge({ pro, reader }: ProContext, seconds: bigint): Promise<void> {
  const { publishTime } = await reader.market(pro, 0);
  await time.setNextBlockTimestamp(publishTime + seconds);
}

describe("attacks on Pro: margin", () => {
  it("R19: a dying maker's stale bid, hit by a friend, costs no more than its own margin; beyond the band nothing", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, bob, carol } = context;
    const sub = await openSub(context, carol, 5_000n);
    await act(context, carol, [bid(100_000n, 1_000n)], 1n);
    await setPrices(context, 98_100n, 4_000n);
    await act(context, bob, [ask(100_000n, 500n, IOC)]);
    const fee = 50_000n * (USD / 20_000n);
    expect(await equityAt(context, sub, 98_100n)).to.equal(5_000n * USD - fee - 950n * USD);
    await setPrices(context, 97_000n, 4_000n);
    const { results, transaction } = await act(context, bob, [ask(100_000n, 500n, IOC)]);
    expect(results[0].filled).to.equal(0n);
    await expect(transaction)
      .to.emit(pro, "OrderRemoved")
      .withArgs(orderIdOf(sub, 0n, 1n), END.beyondBand);
    // All of it at the edge of the band would have left its margin less 2%.
    expect((await reader.party(pro, 0, sub)).lots).to.equal(500n);
    expect(await equityAt(context, sub, 97_000n)).to.equal(5_000n * USD - fee - 1_500n * USD);
  });

  it("R24: a pair opens at 20x by an index of 15 s, at 200x by one of 2 s; a maker at 200x rests with a twentieth", async () => {
    const context = await loadFixture(deployCalm);
    const { pro, alice, bob, carol } = context;
    await act(context, bob, [ask(100_000n, 2_000n)]);
    await waitForAge(context, 16n);
    await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 100n, IOC)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.IndexStale, 16, 15);
    await setPrices(context, 100_000n, 4_000n);
    await waitForAge(context, 15n);
    await pro.connect(alice).act(ALICE, [], [bid(100_000n, 100n, IOC)]);

    const sub = await openSub(context, carol, 2_100n);
    await setPrices(context, 100_000n, 4_000n);
    await pro.connect(carol).act(sub, [], [actions.setLeverage(0n, 200n)]);
    await waitForAge(context, 3n);
    await expect(pro.connect(carol).act(sub, [], [bid(100_000n, 100n, IOC)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.IndexStale, 3, 2);
    await setPrices(context, 100_000n, 4_000n);
    await expect(pro.connect(carol).act(sub, [], [bid(99_990n, 421n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
      .withArgs(crossScope(sub), REASON.MarginTooLow, 2_100n * USD, (421n * 99_990n * USD) / 20_000n);
    await setPrices(context, 100_000n, 4_000n);
    await pro.connect(carol).act(sub, [], [bid(99_990n, 420n)]);
    await waitForAge(context, 15n);
    const { results } = await act(context, alice, [ask(99_990n, 420n, IOC)]);
    expect(results[0].filled).to.equal(420n);
    // A friend's 4.9% in the seconds that the index did not see are the maker's own.
    expect(await equityAt(context, sub, 95_100n)).to.be.greaterThan(0n);
  });

  it("R36: a scope that is due rests no order, neither a new one nor one that only reduces", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, alice, bob } = context;
    const sub = await openSub(context, alice, 5_040n);
    await act(context, bob, [ask(100_000n, 1_000n)]);
    await act(context, alice, [bid(100_000n, 1_000n, IOC)], 1n);
    await setPrices(context, 95_200n, 4_000n);
    expect((await pro.liquidate.staticCall(crossScope(sub), 0, 1, bob))[1]).to.equal(0n);
    for (const [isReduceOnly, reason, needs] of [
      [false, REASON.MarginTooLow, 4_760n],
      [true, REASON.BelowMaintenance, 351n],
    ] as const) {
      await expect(pro.connect(alice).act(sub, [], [ask(95_300n, 500n, { isReduceOnly })]))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(crossScope(sub), reason, 200n * USD, needs * USD);
    }
  });

  it("R69: an order that turns a position at 200x round rests with a twentieth, and bears an old mark", async () => {
    const context = await loadFixture(deployCalm);
    const { pro, reader, alice, bob, carol } = context;
    const sub = await openSub(context, alice, 2_015n);
    await act(context, bob, [ask(100_000n, 400n)]);
    await setPrices(context, 100_000n, 4_000n);
    await pro.connect(alice).act(sub, [], [actions.setLeverage(0n, 200n), bid(100_000n, 400n, IOC)]);
    await setPrices(context, 100_000n, 4_000n);
    await expect(pro.connect(alice).act(sub, [], [ask(100_000n, 800n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
      .withArgs(crossScope(sub), REASON.MarginTooLow, 1_999n * USD, 2_000n * USD);
    await pro.connect(alice).deposit(alice, 1, USD);
    await setPrices(context, 100_000n, 4_000n);
    await pro.connect(alice).act(sub, [], [ask(100_000n, 800n)]);
    await waitForAge(context, 15n);
    await pro.connect(carol).act(CAROL, [], [bid(100_000n, 800n, IOC)]);
    expect((await reader.party(pro, 0, sub)).lots).to.equal(-400n);
    expect(await equityAt(context, sub, 104_900n)).to.be.greaterThan(0n);
  });

  it("R74: nor does an order in a market without a price keep its owner from reducing, or his stop from firing", async () => {
    const context = await loadFixture(deployLong);
    const { pro, reader, triggers, alice, bob, carol, keeper } = context;
    const ether = { market: 1n };
    await act(context, bob, [ask(100_000n, 500n), bid(98_900n, 5_000n), ask(40_000n, 10n, ether)]);
    await act(context, carol, [bid(100_000n, 500n, IOC), bid(40_000n, 10n, { ...ether, ...IOC })]);
    await act(context, alice, [bid(39_900n, 10n, ether)]);
    const [stop] = await place(context, alice, [order({ lots: 400n })]);
    // Of the second market there is no price from here on: a liquidation asks for none of an order's.
    await time.increase(60);
    const { outcome, transaction } = await executeAt(context, stop, 99_000n);
    expect(outcome).to.equal(FIRED.triggered);
    await expect(transaction)
      .to.emit(triggers, "TriggerFired")
      .withArgs(stop, keeper, 99_000n * PRICE, 400, 39_560_000, TIP, true);
    const reducing = [ask(98_900n, 100n, { ...IOC, isReduceOnly: true })];
    await act(context, alice, reducing);
    expect((await reader.party(pro, 0, ALICE)).lots).to.equal(500n);
    // Who holds something there is not to be valued without it, and what rests is margined at its price.
    await expect(pro.connect(carol).act(CAROL, [], reducing))
      .to.be.revertedWithCustomError(pro, "Pro_IndexRefused")
      .withArgs(1, REASON.IndexStale, (age: bigint) => age > 30n, 30);
    await expect(pro.connect(alice).act(ALICE, [], [...reducing, bid(98_000n, 10n)]))
      .to.be.revertedWithCustomError(pro, "Pro_IndexRefused")
      .withArgs(1, REASON.IndexStale, (age: bigint) => age > 30n, 30);
  });

  it("R18 known issue: asks that a long has carried, closed apart in one transaction, open twice what margin bears", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob, carol } = context;
    const sub = await openSub(context, carol, 5_100n);
    await act(context, bob, [ask(100_000n, 1_000n), bid(99_990n, 1_000n)]);
    const wallet = await ethers.deployContract("CallProxy");
    await pro.connect(carol).setDelegate(sub, wallet, MAY.trade, FOREVER);
    await pro.connect(alice).setDelegate(ALICE, wallet, MAY.trade, FOREVER);
    const calls = [
      [sub, bid(100_000n, 1_000n, IOC)],
      [sub, ask(100_010n, 2_000n)],
      [sub, ask(99_990n, 1_000n, IOC)],
      [ALICE, bid(100_010n, 2_000n, IOC)],
    ].map(([account, action]) => pro.interface.encodeFunctionData("act", [account, [], [action]]));
    await waitForAge(context, 15n);
    await wallet.executeBatch(
      calls.map(() => pro),
      calls,
    );
    expect((await reader.party(pro, 0, sub)).lots).to.equal(-2_000n);
    const value = 200_020n * USD;
    const equity = await equityAt(context, sub, 100_010n);
    expect([equity * 41n > value, equity * 39n < value], "forty times").to.deep.equal([true, true]);
    // What 15 s may have hidden from the mark is no more its own.
    expect(await equityAt(context, sub, 102_600n)).to.be.lessThan(0n);
  });

  it("R59: a hostile item of a batch leaves the others alone", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, oracle, reader, alice, bob, keeper } = context;
    const batch = await ethers.deployContract("ProKeeper", [oracle]);
    const sub = await openSub(context, alice, 5_040n);
    await act(context, bob, [ask(100_000n, 1_000n)]);
    await act(context, alice, [bid(100_000n, 1_000n, IOC)], 1n);
    await act(context, bob, [bid(95_190n, 1_000n)]);
    const now = BigInt(await time.latest()) + 4n;
    await oracle.setPrice(1, 95_200n * PRICE, now);
    await time.increaseTo(now);
    const scope = crossScope(sub);
    const items = [
      keeperItem(TASK.refresh),
      keeperItem(TASK.refresh, { market: 63n }),
      keeperItem(TASK.refresh, { amount: 2n ** 255n }),
      keeperItem(TASK.liquidate, { scope: 2n ** 48n - 1n, market: 255n, amount: 100n }),
      keeperItem(TASK.liquidate, { scope, amount: 2n ** 255n }),
      keeperItem(TASK.deleverage, { scope, other: 2n ** 40n - 1n }),
      keeperItem(TASK.shareLoss, { scope: scope | 1n, market: 63n, other: BOB }),
      keeperItem(TASK.closeSettled, { scope, other: BOB, amount: 1n }),
      keeperItem(TASK.liquidate, { scope, amount: 100n }),
    ];
    const proof = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
    const results = await batch.connect(keeper).run.staticCall(pro, [proof], items);
    expect(results.map(({ outcome, reason, isFailed }) => [outcome, reason, isFailed])).to.deep.equal([
      [OUTCOME.refreshed, REASON.None, false],
      [OUTCOME.skipped, REASON.MarketNotListed, false],
      [OUTCOME.skipped, REASON.NoTick, false],
      [OUTCOME.skipped, REASON.PositionMissing, false],
      [OUTCOME.skipped, REASON.NoFillsAllowed, false],
      [OUTCOME.skipped, REASON.DeleveragingNotOpen, false],
      [OUTCOME.skipped, REASON.PositionMissing, false],
      [OUTCOME.skipped, REASON.SettlingNotDue, false],
      [OUTCOME.reduced, REASON.None, false],
    ]);
    await batch.connect(keeper).run(pro, [proof], items);
    expect((await reader.party(pro, 0, sub)).lots).to.equal(0n);
  });

  itMeasuresGas("R66: sixteen markets of a scope are liquidated in one batch, each step within 2M gas", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, oracle, configurator, reader, alice, bob, keeper } = context;
    const markets = Array.from({ length: 16 }, (_, market) => BigInt(market));
    for (const market of markets.slice(2)) {
      await configurator.listMarket(pro, { ...ETH, assetId: market + 1n }, LIMITS, TIERS, 4_000n * PRICE);
    }
    const assetIds = markets.map((market) => market + 1n);
    const proof = { assetIds, minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
    const bring = async (pips: bigint) => {
      const now = BigInt(await time.latest()) + 20n;
      for (const market of markets) {
        const price = market === 0n ? 100_000n : 4_000n;
        await oracle.setPrice(market + 1n, (price * PRICE * pips) / 1_000_000n, now);
      }
      await time.setNextBlockTimestamp(now);
      await pro.connect(bob).act(
        BOB,
        [proof],
        markets.map((market) => refresh(market, market)),
      );
    };
    const sub = await openSub(context, alice, 3_000n);
    const sizeOf = (market: bigint) => (market === 0n ? [100_000n, 30n] : [40_000n, 75n]);
    await bring(1_000_000n);
    await act(
      context,
      bob,
      markets.map((market) => ask(sizeOf(market)[0], sizeOf(market)[1], { market })),
    );
    await act(
      context,
      alice,
      markets.map((market) => bid(sizeOf(market)[0], sizeOf(market)[1], { market, ...IOC })),
      1n,
    );
    await bring(938_000n);
    await act(
      context,
      bob,
      markets.map((market) => bid((sizeOf(market)[0] * 938n) / 1_000n, sizeOf(market)[1], { market })),
    );
    const batch = await ethers.deployContract("ProKeeper", [oracle]);
    await bring(938_000n);
    const items = markets.map((market) => keeperItem(TASK.liquidate, { scope: crossScope(sub), market, amount: 100n }));
    const run = batch.connect(keeper).getFunction("run");
    const results = await batch.connect(keeper).run.staticCall(pro, [], items);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(markets.map(() => OUTCOME.reduced));
    const receipt = await ((await run(pro, [], items)) as { wait(): Promise<{ gasUsed: bigint }> }).wait();
    expect(receipt.gasUsed).to.be.lessThan(16n * 2_000_000n);
    const word = await reader.account(pro, sub);
    expect([word.positions, word.markets]).to.deep.equal([0n, 0n]);
    expect(word.cash).to.be.at.least(0n);
  });
});
