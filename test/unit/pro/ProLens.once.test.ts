import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid, crossScope, isolatedScope, orderIdOf } from "../../dsl/proActions";
import { ALICE, BOB, CAROL, PRICE, USD, accountOf, act, actAt, deployFunded, setPrices } from "./proFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const px = (text: string) => ethers.parseUnits(text, 10);

async function deployCalm() {
  const context = await deployFunded();
  const { pro, carol } = context;
  for (const market of [0, 1]) await pro.connect(carol).addToFund(market, 40_000n * USD);
  await time.increase(1_200);
  await setPrices(context, 100_000n, 4_000n);
  const lens = await ethers.deployContract("ProLens");
  return { ...context, lens };
}

describe("ProLens", () => {
  describe("book", () => {
    it("shows the levels of a side, the best first", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob } = context;
      const expiry = BigInt(await time.latest()) + 100n;
      await act(context, alice, [
        bid(99_000n, 10n),
        bid(98_200n, 20n),
        bid(99_000n, 30n, { expiry }),
        bid(98_047n, 4n),
      ]);
      await act(context, bob, [ask(100_010n, 7n), ask(101_900n, 8n)]);
      const shown = async (isBid: boolean, levels: bigint) =>
        (await lens.book(pro, 0, isBid, levels)).map(({ tick, lots, firm, count }) => [tick, lots, firm, count]);
      expect(await shown(true, 10n)).to.deep.equal([
        [99_000n, 40n, 10n, 2n],
        [98_200n, 20n, 20n, 1n],
        [98_047n, 4n, 4n, 1n],
      ]);
      expect(await shown(false, 1n)).to.deep.equal([[100_010n, 7n, 7n, 1n]]);
      expect(await shown(false, 9n)).to.have.length(2);
    });
  });

  describe("order and ordersOf", () => {
    it("show what rests, and nothing for an id that is over", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice } = context;
      await act(context, alice, [bid(99_000n, 10n), ask(100_010n, 12n)]);
      const id = orderIdOf(ALICE, 1n, 1n);
      const order = await lens.order(pro, id);
      expect([order.id, order.account, order.isBid, order.tick, order.lots]).to.deep.equal([
        id,
        ALICE,
        false,
        100_010n,
        12n,
      ]);
      expect((await lens.ordersOf(pro, ALICE, 0)).map((each) => each.id)).to.deep.equal([orderIdOf(ALICE, 0n, 1n), id]);
      await act(context, alice, [actions.cancel(id)]);
      expect((await lens.order(pro, id)).id).to.equal(0n);
      expect(await lens.ordersOf(pro, ALICE, 1)).to.deep.equal([]);
    });
  });

  describe("health", () => {
    it("vector 2: of an isolated long", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob } = context;
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
      const shown = await lens.health(pro, isolatedScope(ALICE, 0n));
      expect([shown.cash, shown.equity, shown.initialMargin, shown.maintenanceMargin]).to.deep.equal([
        4_000n * USD,
        4_000n * USD,
        4_000n * USD,
        875n * USD,
      ]);
      const [position] = shown.positions;
      expect(position.liquidationPrice).to.equal(px("98429.6482412061"));
      expect(position.bankruptcyPrice).to.equal(px("98000"));
      for (const [price, isDue] of [
        [position.liquidationPrice, false],
        [position.liquidationPrice - 1n, true],
      ] as const) {
        expect(await lens.liquidatable(pro, [isolatedScope(ALICE, 0n)], [0], [price])).to.deep.equal([isDue]);
      }
    });

    it("vector 2: of a short", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob } = context;
      await act(context, bob, [bid(100_000n, 2_000n)]);
      await actAt(
        context,
        alice,
        [100_000n, 4_000n],
        [
          actions.setMode(0n, true),
          actions.setLeverage(0n, 50n),
          actions.transfer(0n, 1n, 4_080n * USD),
          ask(100_000n, 2_000n, IOC),
        ],
      );
      const [position] = (await lens.health(pro, isolatedScope(ALICE, 0n))).positions;
      expect(position.liquidationPrice).to.equal(px("101554.7263681592"));
      expect(position.bankruptcyPrice).to.equal(px("102000"));
      for (const [price, isDue] of [
        [position.liquidationPrice, false],
        [position.liquidationPrice + 1n, true],
      ] as const) {
        expect(await lens.liquidatable(pro, [isolatedScope(ALICE, 0n)], [0], [price])).to.deep.equal([isDue]);
      }
    });

    it("vector 3: a cross scope of two markets", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob } = context;
      await pro.connect(alice).deposit(alice, 1, 20_160n * USD);
      const sub = accountOf(1n, 1n);
      await act(context, bob, [ask(100_000n, 2_000n), bid(40_000n, 5_000n, { market: 1n })]);
      await setPrices(context, 100_000n, 4_000n);
      await act(
        context,
        alice,
        [
          actions.setLeverage(0n, 50n),
          actions.setLeverage(1n, 25n),
          bid(100_000n, 2_000n, IOC),
          ask(40_000n, 5_000n, { ...IOC, market: 1n }),
        ],
        1n,
      );
      const at = (btc: bigint) => lens.healthAt(pro, crossScope(sub), [0, 1], [btc * PRICE, 4_050n * PRICE]);
      const shown = await at(98_000n);
      expect([shown.cash, shown.pnl, shown.equity, shown.initialMargin, shown.available]).to.deep.equal(
        [20_000n, -6_500n, 13_500n, 12_020n, 1_480n].map((dollars) => dollars * USD),
      );
      expect(shown.positions.map(({ market, lots }) => [market, lots])).to.deep.equal([
        [0n, 2_000n],
        [1n, -5_000n],
      ]);
      expect(shown.positions.map(({ maintenanceMargin }) => maintenanceMargin)).to.deep.equal([
        855n * USD,
        (8_875n * USD) / 10n,
      ]);
      expect(shown.ratioPips).to.equal((17_425n * 100_000n) / 13_500n);
      const due = await at(91_800n);
      expect([due.equity, due.isLiquidatable]).to.deep.equal([1_100n * USD, true]);
      expect(due.maintenanceMargin).to.equal((16_805n * USD) / 10n);
      const [btc, eth] = due.positions;
      expect(btc.bankruptcyPrice).to.equal(px("91540.4641475752"));
      expect(eth.bankruptcyPrice).to.equal(px("4061.618565903"));
    });

    it("shows what a stretched scope's orders add", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob } = context;
      await pro.connect(alice).deposit(alice, 1, 6_000n * USD);
      const sub = accountOf(1n, 1n);
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n, IOC), bid(98_100n, 100n)], 1n);
      const at = (btc: bigint) => lens.healthAt(pro, crossScope(sub), [0], [btc * PRICE]);
      expect((await at(96_000n)).isStretched).to.equal(false);
      expect((await at(95_000n)).isStretched).to.equal(true);
    });

    it("shows no scope as stretched by a small position alone: there is no order to cancel", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob, keeper } = context;
      await pro.connect(alice).deposit(alice, 1, (25n * USD) / 10n);
      const scope = crossScope(accountOf(1n, 1n));
      await act(context, bob, [ask(40_000n, 100n, { market: 1n })]);
      // One lot of 40 dollars has the least margins, 2 and 1.
      await setPrices(context, 100_000n, 4_000n);
      await act(context, alice, [actions.setLeverage(1n, 50n), bid(0n, 1n, { ...IOC, market: 1n })], 1n);
      expect((await lens.healthAt(pro, scope, [1], [3_950n * PRICE])).isStretched).to.equal(false);
      await setPrices(context, 100_000n, 3_950n);
      const answered = await pro.cancelStretched.staticCall(scope, [], keeper);
      expect([...answered]).to.deep.equal([0n, REASON.NotStretched]);
    });
  });

  describe("mark and funding", () => {
    it("show their parts", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, configurator, reader, alice, bob } = context;
      await configurator.setConfig(pro, 0, { ...(await import("./proFixture")).BTC }, 100);
      await act(context, alice, [bid(100_040n, 30n)]);
      await act(context, bob, [ask(100_060n, 30n)]);
      await setPrices(context, 100_000n, 4_000n);
      const shown = await lens.mark(pro, 0);
      const market = await reader.market(pro, 0);
      expect([shown.index, shown.first, shown.third]).to.deep.equal([
        100_000n * PRICE,
        100_000n * PRICE,
        100_040n * PRICE,
      ]);
      expect(shown.second).to.equal(100_000n * PRICE + (100_000n * PRICE * market.basisEmaX18) / 10n ** 18n);
      expect(shown.mark).to.equal(market.mark);
      const funding = await lens.funding(pro, 0);
      expect([funding.rateX18, funding.meanPremiumX18, funding.premiumSumX18]).to.deep.equal([
        10n ** 14n,
        0n,
        market.premiumSumX18,
      ]);
    });
  });

  describe("adlRank", () => {
    it("is the return on entry, among those of the side", async () => {
      const context = await loadFixture(deployCalm);
      const { pro, lens, alice, bob, carol } = context;
      await act(context, bob, [ask(100_000n, 100n), ask(101_000n, 100n)]);
      await act(context, alice, [bid(100_000n, 100n, IOC)]);
      await act(context, carol, [bid(101_000n, 100n, IOC)]);
      await setPrices(context, 102_000n, 4_000n);
      const rank = async (account: bigint) => [...(await lens.adlRank(pro, 0, account, [ALICE, BOB, CAROL]))];
      expect(await rank(ALICE)).to.deep.equal([2n * 10n ** 16n, 3n]);
      expect(await rank(CAROL)).to.deep.equal([10n ** 18n / 101n, 1n]);
      expect(await rank(BOB)).to.deep.equal([0n, 1n]);
      expect(await rank(accountOf(9n))).to.deep.equal([0n, 0n]);
    });
  });
});
