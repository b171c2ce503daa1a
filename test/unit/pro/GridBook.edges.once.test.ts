import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { REASON, ask, bid, orderIdOf, setMode } from "../../dsl/proActions";
import type { GridContext } from "./gridFixture";
import {
  LINE_TIP,
  OUTCOME,
  SIDE,
  deployGrids,
  deployRunning,
  gridOrder,
  open,
  ordersOf,
  roll,
  take,
} from "./gridFixture";
import { ALICE, ETH, LIMITS, PRICE, TIERS, act, setPrices } from "./proFixture";

const AROUND = [-99_000n, -99_500n, 100_500n, 101_000n];

async function settle({ configurator, pro }: GridContext) {
  await configurator.delist(pro, 0);
  await time.increase(86_401);
  await pro.beginSettling(0, ethers.ZeroAddress, 0);
}

/** A grid with a stop at 98,500, and the index there. */
async function deployStopped() {
  const context = await deployGrids();
  await act(context, context.alice, [bid(39_000n, 10n, { market: 1n })]);
  const id = await open(context, { stopLow: 98_500n });
  await setPrices(context, 98_500n, 4_000n);
  return { ...context, id };
}

describe("GridBook: at its edges", () => {
  describe("open", () => {
    it("is for the cross scope alone", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, grids } = context;
      await act(context, alice, [setMode(0n, true)]);
      await expect(grids.connect(alice).open(ALICE, gridOrder()))
        .to.be.revertedWithCustomError(grids, "GridBook_Refused")
        .withArgs(REASON.ModeIsOther, 0, 0);
    });

    it("refuses a market that settles, and one that never had an index", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, configurator, grids, pro } = context;
      await configurator.listMarket(pro, { ...ETH, assetId: 3n }, LIMITS, TIERS, 4_000n * PRICE);
      await expect(grids.connect(alice).open(ALICE, gridOrder({ market: 2n })))
        .to.be.revertedWithCustomError(grids, "GridBook_Refused")
        .withArgs(REASON.IndexMissing, 2, 0);
      await settle(context);
      await expect(grids.connect(alice).open(ALICE, gridOrder()))
        .to.be.revertedWithCustomError(grids, "GridBook_Refused")
        .withArgs(REASON.MarketSettling, 0, 0);
    });

    it("begins with no more lots than an order has", async () => {
      const { alice, grids } = await loadFixture(deployGrids);
      const lots = 2n ** 44n - 1n;
      const order = gridOrder({ side: SIDE.long, entryLimit: 100_010n, lines: 41n, lots });
      await expect(grids.connect(alice).open(ALICE, order))
        .to.be.revertedWithCustomError(grids, "GridBook_Refused")
        .withArgs(REASON.PositionTooLarge, 20n * lots, 2n ** 48n - 1n);
    });

    it("begins though its own order takes an order off the book that it would take off itself", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, bob } = context;
      await act(context, alice, [ask(99_500n, 10n)]);
      await act(context, bob, [ask(100_010n, 20n)]);
      await open(context, { side: SIDE.long, entryLimit: 100_010n });
      expect(await ordersOf(context)).to.deep.equal(AROUND);
    });
  });

  describe("roll", () => {
    it("pays for no more lines than it places, and for the others as it places them", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, id } = context;
      expect(await take(context, bob, "sell", 99_000n, 20n)).to.equal(20n);
      for (const placed of [[99_500n], [99_500n, 100_000n]]) {
        const { told } = await roll(context, id, 1n);
        expect([told.placed, told.tip]).to.deep.equal([1n, LINE_TIP]);
        expect((await ordersOf(context)).filter((tick) => tick < 100_500n).sort()).to.deep.equal(placed.sort());
      }
      expect((await roll(context, id, 1n)).reason).to.equal(REASON.NothingToRoll);
    });

    it("takes no more orders off than asked for", async () => {
      const context = await loadFixture(deployGrids);
      const { bob } = context;
      const id = await open(context, { lines: 9n, window: 2n, low: 98_000n, high: 102_000n });
      expect(await ordersOf(context)).to.deep.equal(AROUND);
      expect(await take(context, bob, "sell", 99_000n, 20n)).to.equal(20n);
      const cancelled: bigint[] = [];
      for (let i = 0; i < 3; i++) cancelled.push((await roll(context, id, 1n)).told.cancelled);
      expect(cancelled).to.deep.equal([1n, 1n, 0n]);
    });

    it("tells that it may not act any more", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, bob, grids, id, pro } = context;
      await take(context, bob, "sell", 99_500n, 10n);
      await pro.connect(alice).setDelegate(ALICE, grids, 0, 0);
      const { outcome, reason, done } = await roll(context, id);
      expect([outcome, reason, done]).to.deep.equal([OUTCOME.skipped, REASON.NotAllowed, undefined]);
    });

    it("leaves alone what rests elsewhere: between its lines, beyond them, and to sell at the lowest", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, grids, lens, pro, proLens } = context;
      const id = await open(context, { low: 100_500n, high: 101_500n });
      const own = await ordersOf(context);
      expect(own).to.deep.equal([100_750n, 101_000n, 101_250n, 101_500n]);
      const others = [ask(100_500n, 10n), ask(100_600n, 10n), ask(101_600n, 10n)];
      await setPrices(context, 100_000n, 4_000n);
      await act(context, alice, others);
      expect((await roll(context, id)).reason).to.equal(REASON.NothingToRoll);
      const cells = await lens.cells(grids, id);
      expect(cells.map(({ tick, restingLots }) => [tick, restingLots])).to.deep.equal(own.map((tick) => [tick, 10n]));
      await grids.connect(alice).stop(id);
      expect(await ordersOf(context)).to.deep.equal([100_500n, 100_600n, 101_600n]);
      expect((await proLens.ordersOf(pro, ALICE, 0)).length).to.equal(3);
      expect(await lens.cells(grids, id)).to.deep.equal([]);
    });
  });

  describe("the end", () => {
    it("waits where the right is gone: its orders could not be taken off", async () => {
      const context = await loadFixture(deployStopped);
      const { alice, grids, id, lens, pro } = context;
      await pro.connect(alice).setDelegate(ALICE, grids, 0, 0);
      const { outcome, reason, done } = await roll(context, id);
      expect([outcome, reason, done]).to.deep.equal([OUTCOME.skipped, REASON.NotAllowed, undefined]);
      expect((await lens.grid(grids, id)).isRunning).to.equal(true);
      expect((await ordersOf(context)).length).to.equal(4);
    });

    it("comes unpaid where the tip is refused: by a halt, and by a scope without fresh prices", async () => {
      for (const hinder of ["halt", "age"]) {
        const context = await loadFixture(deployStopped);
        const { breaker, grids, id, keeper, lens, oracle, pro } = context;
        if (hinder === "halt") await breaker.raise(3);
        else {
          await time.increase(3_600);
          const at = BigInt(await time.latest()) + 3n;
          await oracle.setPrice(1, 98_500n * PRICE, at);
          await time.setNextBlockTimestamp(at);
          const proof = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
          await pro.connect(context.alice).act(ALICE, [proof], [1n]);
        }
        const { outcome, reason, told } = await roll(context, id);
        expect([outcome, reason, told.cancelled, told.tip], hinder).to.deep.equal([
          ...[OUTCOME.ended, REASON.StopReached, 4n, 0n],
        ]);
        expect((await lens.grid(grids, id)).tips).to.equal(0n);
        await expect(pro.accountOf(keeper, 0)).to.be.revertedWithCustomError(pro, "Pro_NoAccount").withArgs(keeper);
      }
    });
  });

  describe("its lens", () => {
    it("shows no cells of what never was, says nothing of what is no grid book, and passes on other refusals", async () => {
      const { grids, id, keeper, lens } = await loadFixture(deployRunning);
      expect(await lens.cells(grids, id + (1n << 48n))).to.deep.equal([]);
      expect(await lens.cells(grids, orderIdOf(ALICE, 9n, 1n))).to.deep.equal([]);
      const silent = await ethers.deployContract("StandInWrappedNative");
      expect(await lens.previewRoll.staticCall(await silent.getAddress(), id, 1, keeper)).to.deep.equal([
        ...[OUTCOME.skipped, REASON.None, [0n, 0n, 0n, 0n, 0n, 0n]],
      ]);
      await expect(lens.previewRoll.staticCall(grids, id, 1, ethers.ZeroAddress))
        .to.be.revertedWithCustomError(grids, "GridBook_ZeroAddress")
        .withArgs();
    });
  });
});
