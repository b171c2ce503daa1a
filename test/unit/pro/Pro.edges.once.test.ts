import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid, crossScope, orderIdOf } from "../../dsl/proActions";
import type { ProContext } from "./proFixture";
import { ALICE, ETH, LIMITS, PRICE, TIERS, USD, act, deployFunded, setPrices } from "./proFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const ONE_TICK = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
/** `OrderEnd` and `MarketStatus` of the contracts. */
const END_OF_SETTLING = 11n;
const REDUCE_ONLY = 2n;

async function expectRefused({ pro, alice }: ProContext, action: bigint, reason: string, value = 0n, bound = 0n) {
  await expect(pro.connect(alice).act(ALICE, [], [action]))
    .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
    .withArgs(REASON[reason], value, bound);
}

/** Alice rests a bid of BTC: raising its leverage is as good as opening. */
async function deployResting() {
  const context = await deployFunded();
  await act(context, context.alice, [actions.setLeverage(0n, 5n), bid(99_000n, 100n)]);
  return context;
}

/** Alice long and Bob short a tenth of a bitcoin. */
async function deployHeld() {
  const context = await deployFunded();
  await act(context, context.bob, [ask(100_000n, 100n)]);
  await act(context, context.alice, [bid(100_000n, 100n, IOC)]);
  return context;
}

async function settle({ configurator, pro }: ProContext) {
  await configurator.delist(pro, 0);
  await time.increase(86_401);
  await pro.beginSettling(0, ZeroAddress, 0);
}

describe("Pro: at its edges", () => {
  describe("nobody", () => {
    it("is neither a delegate nor paid", async () => {
      const { pro, alice } = await loadFixture(deployFunded);
      const own = pro.connect(alice);
      const scope = crossScope(ALICE);
      for (const call of [
        () => own.setDelegate(ALICE, ZeroAddress, 1, 2n ** 32n),
        () => own.cancelStretched(scope, [], ZeroAddress),
        () => own.liquidate(scope, 0, 1, ZeroAddress),
        () => own.deleverage(scope, 0, ALICE, ZeroAddress),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(pro, "Pro_ZeroAddress").withArgs();
      }
    });
  });

  describe("act", () => {
    it("reverts with a refresh that is refused, unless it is a soft one", async () => {
      const { pro, alice } = await loadFixture(deployFunded);
      const own = pro.connect(alice);
      const proof = { ...ONE_TICK, assetIds: [2n] };
      await expect(own.act(ALICE, [proof], [actions.refresh(0n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.TickOfOtherAsset, 0, 0);
      const [result] = await own.act.staticCall(ALICE, [proof], [actions.soft(actions.refresh(0n))]);
      expect(actions.resultOf(result).reason).to.equal(REASON.TickOfOtherAsset);
    });

    it("places nothing in a market that never had an index, and sets no mode of one that is not listed", async () => {
      const context = await loadFixture(deployFunded);
      const { configurator, pro } = context;
      await configurator.listMarket(pro, { ...ETH, assetId: 3n }, LIMITS, TIERS, 4_000n * PRICE);
      await expectRefused(context, bid(40_000n, 100n, { market: 2n }), "IndexMissing", 2n);
      await expectRefused(context, actions.setMode(3n, true), "MarketNotListed", 3n);
    });
  });

  describe("SetLeverage of what rests", () => {
    it("is not raised at level 1, but lowered", async () => {
      const context = await loadFixture(deployResting);
      await context.breaker.raise(1);
      await expectRefused(context, actions.setLeverage(0n, 6n), "BreakerRaised");
      const { transaction } = await act(context, context.alice, [actions.setLeverage(0n, 4n)]);
      await expect(transaction).to.emit(context.pro, "LeverageSet").withArgs(ALICE, 0, 4);
    });

    it("is not raised in a market that only reduces", async () => {
      const context = await loadFixture(deployResting);
      await context.configurator.disable(context.pro, 0);
      await expectRefused(context, actions.setLeverage(0n, 6n), "MarketReduceOnly");
    });

    it("is not raised at an index of before the sequencer was ready", async () => {
      const context = await loadFixture(deployResting);
      await context.oracle.setReady(false);
      await setPrices(context, 100_000n, 4_000n);
      await expectRefused(context, actions.setLeverage(0n, 6n), "SequencerNotReady");
    });
  });

  describe("cancelDead", () => {
    it("takes off what rests where a market settles", async () => {
      const context = await loadFixture(deployResting);
      const { pro, stranger } = context;
      await settle(context);
      const id = orderIdOf(ALICE, 0n, 1n);
      await expect(pro.connect(stranger).cancelDead([id]))
        .to.emit(pro, "OrderRemoved")
        .withArgs(id, END_OF_SETTLING);
    });
  });

  describe("a market that settles", () => {
    it("is neither delisted again nor disabled", async () => {
      const context = await loadFixture(deployFunded);
      const { configurator, pro } = context;
      await settle(context);
      for (const call of [() => configurator.delist(pro, 0), () => configurator.disable(pro, 0)]) {
        await expect(call()).to.be.revertedWithCustomError(configurator, "ProConfigurator_Settling").withArgs(0);
      }
    });
  });

  describe("closing", () => {
    it("turns the active markets to reductions, and leaves the others as they are", async () => {
      const { configurator, pro } = await loadFixture(deployFunded);
      await configurator.disable(pro, 0);
      const receipt = await (await configurator.close(pro)).wait();
      const told = receipt?.logs.map((log) => pro.interface.parseLog(log)).filter((log) => log !== null);
      expect(told?.map(({ name, args }) => [name, ...(args.toArray() as unknown[])])).to.deep.equal([
        ["MarketStatusSet", 1n, REDUCE_ONLY],
        ["Closed"],
      ]);
    });

    it("releases no fund of a market with positions, and none of a market that is not listed", async () => {
      const { configurator, pro } = await loadFixture(deployHeld);
      await configurator.close(pro);
      await expect(configurator.releaseFund(pro, 0))
        .to.be.revertedWithCustomError(pro, "Pro_NotEmpty")
        .withArgs(0, 100);
      await expect(configurator.releaseFund(pro, 2))
        .to.be.revertedWithCustomError(pro, "Pro_MarketNotListed")
        .withArgs(2);
    });
  });

  describe("a fund", () => {
    it("keeps what it held when the hour began, though its fees are swept in between", async () => {
      const { carol, pro, reader } = await loadFixture(deployHeld);
      const hour = (Math.floor((await time.latest()) / 3_600) + 1) * 3_600;
      const own = pro.connect(carol);
      await own.addToFund(0, 100n * USD);
      await time.increaseTo(hour);
      const before = (await reader.market(pro, 0)).fund;
      await own.addToFund(0, 50n * USD);
      expect(await reader.outflowOfHour(pro, 0)).to.deep.equal([before, 0n]);
      await pro.sweepFees(0, []);
      await own.addToFund(0, 50n * USD);
      expect(await reader.outflowOfHour(pro, 0)).to.deep.equal([before, 0n]);
      expect((await reader.market(pro, 0)).fund).to.equal(before + 100n * USD);
    });
  });
});
