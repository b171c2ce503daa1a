import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid, crossScope, isolatedScope } from "../../dsl/proActions";
import { ALICE, BOB, BTC, CAROL, PRICE, USD, accountOf, act, actAt, deployFunded, setPrices } from "./proFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const HOUR = 3_600n;

async function deployLens() {
  const context = await deployFunded();
  for (const market of [0, 1]) await context.pro.connect(context.carol).addToFund(market, 40_000n * USD);
  await time.increase(7_200);
  await setPrices(context, 100_000n, 4_000n);
  return { ...context, lens: await ethers.deployContract("ProLens") };
}

/** Alice long and Bob short 0.1 BTC at leverages of their own, and a book that holds the mark away from the index. */
async function deployApart(bidTick: bigint, askTick: bigint) {
  const context = await deployLens();
  const { alice, bob, carol } = context;
  const prices: [bigint, bigint] = [100_000n, 4_000n];
  await actAt(context, bob, prices, [actions.setLeverage(0n, 100n), ask(100_000n, 100n)]);
  await actAt(context, alice, prices, [actions.setLeverage(0n, 200n), bid(100_000n, 100n, IOC)]);
  await actAt(context, carol, prices, [bid(bidTick, 100n), ask(askTick, 100n)]);
  await setPrices(context, 100_000n, 4_000n);
  return context;
}
const deployAbove = () => deployApart(100_040n, 100_060n);
const deployBelow = () => deployApart(99_940n, 99_960n);

describe("ProLens: at its edges", () => {
  describe("book", () => {
    it("finds levels in the same word and in the block of 65,536 beyond", async () => {
      const context = await loadFixture(deployLens);
      const { alice, lens, pro } = context;
      const levels = [65_540n, 65_539n, 65_530n];
      await actAt(
        context,
        alice,
        [65_550n, 4_000n],
        levels.map((tick) => bid(tick, 10n)),
      );
      expect((await lens.book(pro, 0, true, 9)).map(({ tick }) => tick)).to.deep.equal(levels);
    });
  });

  describe("health", () => {
    for (const [name, deploy] of [
      ["above", deployAbove],
      ["below", deployBelow],
    ] as const) {
      it(`tells to the last unit what may leave at a mark ${name} the index, of the lesser leverage`, async () => {
        const context = await loadFixture(deploy);
        const { alice, bob, lens, pro } = context;
        const { index, mark } = await lens.mark(pro, 0);
        expect(name === "above" ? mark > index : mark < index).to.equal(true);
        for (const [trader, account] of [
          [alice, ALICE],
          [bob, BOB],
        ] as const) {
          // Of that leverage no index is older than 2 s.
          await setPrices(context, 100_000n, 4_000n);
          const { available } = await lens.health(pro, crossScope(account));
          const refused = pro.connect(trader).act(account, [], actions.withdraw(trader.address, available + 1n));
          await expect(refused)
            .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
            .withArgs(
              crossScope(account),
              REASON.CashTooLow,
              (has: bigint) => has > 0n,
              (needs: bigint) => needs > 0n,
            );
          await act(context, trader, actions.withdraw(trader.address, available));
          expect((await lens.health(pro, crossScope(account))).available).to.equal(0n);
        }
      });
    }

    it("of a short whose margin is the least there is", async () => {
      const context = await loadFixture(deployLens);
      const { alice, bob, lens, pro } = context;
      await act(context, bob, [bid(100_000n, 10n)]);
      const own = [actions.setMode(0n, true), actions.transfer(0n, 1n, 10n * USD), ask(100_000n, 1n, IOC)];
      await actAt(context, alice, [100_000n, 4_000n], own);
      const scope = isolatedScope(ALICE, 0n);
      const { cash, maintenanceMargin, positions } = await lens.health(pro, scope);
      expect([cash, maintenanceMargin]).to.deep.equal([996n * 10n ** 16n, USD]);
      // 9.96 of cash less the dollar, over a thousandth of a bitcoin.
      const [{ liquidationPrice }] = positions;
      expect(liquidationPrice).to.equal(108_960n * PRICE);
      for (const [price, isDue] of [
        [liquidationPrice, false],
        [liquidationPrice + 1n, true],
      ] as const) {
        expect(await lens.liquidatable(pro, [scope], [0], [price])).to.deep.equal([isDue]);
      }
    });

    it("of an isolated scope that an account in cross mode has not", async () => {
      const { lens, pro } = await loadFixture(deployAbove);
      const { cash, equity, positions } = await lens.health(pro, isolatedScope(ALICE, 0n));
      expect([cash, equity, positions]).to.deep.equal([0n, 0n, []]);
    });
  });

  describe("funding", () => {
    it("counts an hour that passed without a touch with what it summed, and the ones after it with nothing", async () => {
      const context = await loadFixture(deployLens);
      const { carol, configurator, lens, pro, reader } = context;
      await configurator.setConfig(pro, 0, BTC, 100);
      await act(context, carol, [bid(100_040n, 100n), ask(100_060n, 100n)]);
      await time.increase(15);
      await setPrices(context, 100_000n, 4_000n);
      const { premiumSumX18, touchedAt } = await reader.market(pro, 0);
      expect(premiumSumX18).to.be.greaterThan(0n);
      for (const passed of [1n, 2n]) {
        await time.increaseTo((touchedAt / HOUR + passed) * HOUR);
        const shown = await lens.funding(pro, 0);
        const mean = passed === 1n ? premiumSumX18 / HOUR : 0n;
        expect([shown.meanPremiumX18, shown.premiumSumX18]).to.deep.equal([mean, 0n]);
      }
    });
  });

  describe("adlRank", () => {
    it("passes over who has no position there", async () => {
      const context = await loadFixture(deployAbove);
      const { lens, pro } = context;
      const alone = await lens.adlRank(pro, 0, ALICE, [BOB]);
      expect(await lens.adlRank(pro, 0, ALICE, [BOB, CAROL, accountOf(9n)])).to.deep.equal(alone);
    });
  });
});
