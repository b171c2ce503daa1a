import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Result } from "ethers";
import { ethers } from "hardhat";
import {
  GRID_AGE,
  arithmeticLines,
  gridOrders,
  gridRealised,
  gridTip,
  gridTurnover,
  gridWaits,
} from "../../../sdk/model/pro";
import { px } from "../../../sdk/units";
import { ORDER_TYPE, REASON, ask, bid, cancel, crossScope } from "../../dsl/proActions";
import type { GridContext, GridFields } from "./gridFixture";
import {
  FOREVER,
  LINE_TIP,
  MAY_TRADE,
  OUTCOME,
  SIDE,
  UNIT,
  deployGrids,
  deployReentrant,
  deployRunning,
  gridOrder,
  open,
  ordersOf,
  roll,
  take,
} from "./gridFixture";
import { ALICE, BOB, PRICE, USD, accountOf, act, setPrices } from "./proFixture";
import { BTC } from "./samples";

const TICKS = arithmeticLines(99_000n, 101_000n, 5);
const LADDER = { ticks: TICKS, lots: 10n, window: 16 };
/** Where it began: half of its cells held. */
const START = 20n;
const IOC = { type: ORDER_TYPE.immediateOrCancel };
/** One order on each side, lines at 98,000 to 102,000. */
const WIDE = { lines: 9n, window: 1n, low: 98_000n, high: 102_000n };
const AROUND = [-99_000n, -99_500n, 100_500n, 101_000n];
const lotsOf = async ({ pro, reader }: GridContext, account = ALICE) => (await reader.party(pro, 0, account)).lots;
const cashOf = async ({ pro, reader }: GridContext, account: bigint) => (await reader.account(pro, account)).cash;

async function expectUnpaid({ pro, keeper }: GridContext) {
  await expect(pro.accountOf(keeper, 0)).to.be.revertedWithCustomError(pro, "Pro_NoAccount").withArgs(keeper.address);
}

async function expectOver(context: GridContext, id: bigint) {
  expect((await context.lens.grid(context.grids, id)).isRunning).to.equal(false);
  expect(await ordersOf(context)).to.deep.equal([]);
  const again = await roll(context, id);
  expect([again.outcome, again.reason]).to.deep.equal([OUTCOME.skipped, REASON.GridNotFound]);
}

describe("GridBook", () => {
  describe("open", () => {
    it("places bids below the mark and asks above it, and leaves the line nearest to it free", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, grids, lens } = context;
      const order = gridOrder();
      const id = await grids.connect(alice).open.staticCall(ALICE, order);
      expect(id).to.equal((ALICE << 8n) | (1n << 48n));
      const sent = grids.connect(alice).open(ALICE, order);
      await expect(sent).to.emit(grids, "GridOpened").withArgs(id, ALICE, alice, Object.values(order), START);
      await expect(sent)
        .to.emit(grids, "LinePlaced")
        .withArgs(id, 3, false, 10, (ALICE << 8n) | (1n << 48n));
      expect(await ordersOf(context)).to.deep.equal(AROUND);
      const found = await lens.grid(grids, id);
      expect([found.account, found.isRunning, found.lines, found.held, found.pairs, found.realised]).to.deep.equal([
        ...[ALICE, true, 5n, START, 0n, 0n],
      ]);
      expect(found.isGeometric).to.equal(false);
      const cells = await lens.cells(grids, id);
      expect(cells.map(({ isBid, isWithin, restingLots, tick }) => [isBid, tick, restingLots, isWithin])).to.deep.equal(
        [
          [true, 99_000n, 10n, true],
          [true, 99_500n, 10n, true],
          [false, 100_500n, 10n, true],
          [false, 101_000n, 10n, true],
        ],
      );
      await expect(grids.connect(alice).open(ALICE, order))
        .to.be.revertedWithCustomError(grids, "GridBook_Running")
        .withArgs(id);
    });

    it("keeps to its window, and takes geometric lines to the hundredth", async () => {
      const context = await loadFixture(deployGrids);
      const id = await open(context, { lines: 100n, window: 16n, isGeometric: true, low: 90_000n, high: 110_000n });
      expect((await ordersOf(context)).length).to.equal(32);
      const { lens, grids, pro, proLens } = context;
      expect((await lens.grid(grids, id)).isGeometric).to.equal(true);
      const within = (await lens.cells(grids, id)).filter(({ isWithin }) => isWithin);
      expect(within.every(({ orderId }) => orderId !== 0n)).to.equal(true);
      const rested = await proLens.ordersOf(pro, ALICE, 0);
      expect(within.map(({ orderId }) => orderId).sort()).to.deep.equal(rested.map(({ id: each }) => each).sort());
    });

    it("begins long with what its asks will sell, short with what its bids will buy back", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, bob, grids, pro } = context;
      const filled = { side: SIDE.long, entryLimit: 100_010n };
      await expect(grids.connect(alice).open(ALICE, gridOrder(filled)))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.WouldNotFill, 0, 20);
      await act(context, bob, [ask(100_010n, 20n), bid(99_990n, 20n)]);
      const id = await open(context, filled);
      expect(await lotsOf(context)).to.equal(20n);
      expect(await ordersOf(context)).to.deep.equal(AROUND);
      await grids.connect(alice).stop(id);
      await act(context, alice, [ask(99_990n, 20n, { type: ORDER_TYPE.immediateOrCancel })]);
      await setPrices(context, 100_000n, 4_000n);
      await act(context, bob, [bid(99_990n, 20n)]);
      await open(context, { side: SIDE.short, entryLimit: 99_990n });
      expect(await lotsOf(context)).to.equal(-20n);
    });

    it("refuses what can't be, with the reason", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, bob, configurator, grids, pro } = context;
      const most = 2n ** 44n - 1n;
      const refusals: [Partial<GridFields>, string, unknown[]][] = [
        [{ lines: 0n }, "GridBook_LinesOutOfRange", [0, 2, 100]],
        [{ lines: 1n }, "GridBook_LinesOutOfRange", [1, 2, 100]],
        [{ lines: 101n }, "GridBook_LinesOutOfRange", [101, 2, 100]],
        [{ window: 0n }, "GridBook_WindowOutOfRange", [0, 1, 16]],
        [{ window: 17n }, "GridBook_WindowOutOfRange", [17, 1, 16]],
        [{ lots: 0n }, "GridBook_LotsOutOfRange", [0, 1, most]],
        [{ lots: most + 1n }, "GridBook_LotsOutOfRange", [most + 1n, 1, most]],
        [{ low: 0n }, "GridBook_RangeEmpty", [0, 101_000]],
        [{ low: 101_000n }, "GridBook_RangeEmpty", [101_000, 101_000]],
        [{ low: 99_999n, high: 100_001n }, "GridBook_LinesTooClose", [2, 100_000]],
        [{ low: 99_999n, high: 100_001n, isGeometric: true }, "GridBook_LinesTooClose", [1, 99_999]],
        [{ stopLow: 99_000n }, "GridBook_StopWithin", [99_000, 99_000, 101_000]],
        [{ stopHigh: 101_000n }, "GridBook_StopWithin", [101_000, 99_000, 101_000]],
        [{ market: 2n }, "GridBook_Refused", [REASON.MarketNotListed, 2, 0]],
        [{ lots: 5n }, "GridBook_Refused", [REASON.RestTooSmall, 495n * USD, 500n * USD]],
        [{ entryLimit: 1n }, "GridBook_Refused", [REASON.BoundOutOfRange, 1, 0]],
        [{ side: SIDE.long }, "GridBook_Refused", [REASON.PriceMissing, 0, 0]],
        [{ stopLow: 100_000n, low: 100_500n }, "GridBook_Refused", [REASON.StopReached, 100_000n * PRICE, 0]],
      ];
      for (const [fields, error, args] of refusals) {
        await expect(grids.connect(alice).open(ALICE, gridOrder(fields)), `${error} ${String(args)}`)
          .to.be.revertedWithCustomError(grids, error)
          .withArgs(...args);
      }
      await expect(grids.connect(bob).open(ALICE, gridOrder()))
        .to.be.revertedWithCustomError(grids, "GridBook_NotAllowed")
        .withArgs(ALICE, bob);
      await expect(grids.connect(bob).open(BOB, gridOrder()))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(BOB, grids, 0);
      await expect(grids.connect(alice).open(accountOf(1n, 1n), gridOrder()))
        .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
        .withArgs(accountOf(1n, 1n) << 8n, REASON.MarginTooLow, 0, 100_750_000_000_000_000_000n);
      await time.increase(31);
      await expect(grids.connect(alice).open(ALICE, gridOrder()))
        .to.be.revertedWithCustomError(grids, "GridBook_NothingPlaced")
        .withArgs(REASON.IndexStale);
      await configurator.disable(pro, 0);
      await expect(grids.connect(alice).open(ALICE, gridOrder()))
        .to.be.revertedWithCustomError(grids, "GridBook_Refused")
        .withArgs(REASON.MarketReduceOnly, 0, 0);
    });
  });

  describe("roll", () => {
    it("answers a purchase one line up and a sale one line down, pays for each, and counts what the pair earned", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, grids, id, keeper, lens, pro } = context;
      expect(await take(context, bob, "sell", 99_500n, 10n)).to.equal(10n);
      const up = await roll(context, id);
      expect([up.outcome, up.reason]).to.deep.equal([OUTCOME.rolled, REASON.None]);
      const tip = gridTip(LADDER, 30n, START, 1);
      expect(up.told).to.deep.equal({ placed: 1n, cancelled: 0n, refused: 0n, bought: 10n, sold: 0n, tip });
      expect([...(up.attempt ?? [])]).to.deep.equal([up.outcome, up.reason]);
      expect((up.done?.args.roll as Result).toObject()).to.deep.equal(up.told);
      expect([up.done?.args.id, up.done?.args.keeper, up.done?.args.held]).to.deep.equal([id, keeper.address, 30n]);
      expect(await ordersOf(context)).to.deep.equal([-99_000n, 100_000n, 100_500n, 101_000n]);
      const keepers = await pro.accountOf(keeper, 0);
      expect(await cashOf(context, keepers)).to.equal(LINE_TIP);
      const nothing = await roll(context, id);
      expect([nothing.outcome, nothing.reason]).to.deep.equal([OUTCOME.skipped, REASON.NothingToRoll]);
      const none = Object.values(nothing.told);
      await expect(grids.simulate(id, 10, keeper))
        .to.be.revertedWithCustomError(grids, "GridBook_Simulated")
        .withArgs(OUTCOME.skipped, REASON.NothingToRoll, none);

      expect(await take(context, bob, "buy", 100_000n, 10n)).to.equal(10n);
      const down = await roll(context, id);
      expect(down.told).to.deep.equal({ placed: 1n, cancelled: 0n, refused: 0n, bought: 0n, sold: 10n, tip });
      expect(await ordersOf(context)).to.deep.equal(AROUND);
      expect(await cashOf(context, keepers)).to.equal(2n * LINE_TIP);
      const flow = gridTurnover(LADDER, 30n, START) - gridTurnover(LADDER, START, 30n);
      const found = await lens.grid(grids, id);
      expect([found.pairs, found.realised, found.tips]).to.deep.equal([
        ...[1n, gridRealised(LADDER, START, START, flow) * UNIT, 2n * LINE_TIP],
      ]);
      // 500 dollars on a hundredth of a bitcoin.
      expect(found.realised).to.equal(5n * USD);
      expect(await lotsOf(context)).to.equal(0n);
    });

    it("leaves a line that was filled in part, and answers it once it was filled whole", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, id } = context;
      await take(context, bob, "sell", 99_500n, 4n);
      const early = await roll(context, id);
      expect([early.outcome, early.reason]).to.deep.equal([OUTCOME.skipped, REASON.NothingToRoll]);
      await expectUnpaid(context);
      await take(context, bob, "sell", 99_500n, 6n);
      const late = await roll(context, id);
      expect([late.told.placed, late.told.bought, late.told.tip]).to.deep.equal([1n, 10n, LINE_TIP]);
    });

    it("puts the rest of a line back that somebody took off: its larger part", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, bob, id, pro, proLens } = context;
      await take(context, bob, "sell", 99_500n, 4n);
      const orders = await proLens.ordersOf(pro, ALICE, 0);
      await act(context, alice, [cancel(orders.find(({ tick }) => tick === 99_500n)?.id ?? 0n)]);
      const less = await roll(context, id);
      // Four of ten are held: six are to be bought.
      expect([less.told.placed, less.told.bought, less.told.tip]).to.deep.equal([1n, 4n, 0n]);
      await take(context, bob, "sell", 99_500n, 2n);
      const again = await proLens.ordersOf(pro, ALICE, 0);
      expect(again.find(({ tick }) => tick === 99_500n)?.lots).to.equal(4n);
      await act(context, alice, [cancel(again.find(({ tick }) => tick === 99_500n)?.id ?? 0n)]);
      const more = await roll(context, id);
      expect([more.told.placed, more.told.tip]).to.deep.equal([1n, 0n]);
      expect(await ordersOf(context)).to.deep.equal([-99_000n, 100_000n, 100_500n, 101_000n]);
    });

    it("takes off what its owner's own trade left on the wrong side, and places the other side of that cell", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, bob, id, pro, proLens } = context;
      // As many lots sold as the order that he takes off would have: the position says that the next cell was emptied.
      const orders = await proLens.ordersOf(pro, ALICE, 0);
      await setPrices(context, 100_000n, 4_000n);
      await act(context, bob, [bid(100_000n, 10n)]);
      await act(context, alice, [
        cancel(orders.find(({ tick }) => tick === 101_000n)?.id ?? 0n),
        ask(100_000n, 10n, IOC),
      ]);
      expect(await ordersOf(context)).to.deep.equal([-99_000n, -99_500n, 100_500n]);
      const { told } = await roll(context, id);
      const tip = gridTip(LADDER, 10n, START, 2);
      expect(told).to.deep.equal({ placed: 2n, cancelled: 1n, refused: 0n, bought: 0n, sold: 10n, tip });
      expect(await ordersOf(context)).to.deep.equal([-99_000n, -99_500n, -100_000n, 101_000n]);
    });

    it("puts both lines back that were filled between two rolls, counts them as a pair, and pays for none", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, grids, id, lens } = context;
      await take(context, bob, "sell", 99_500n, 10n);
      await take(context, bob, "buy", 100_500n, 10n);
      const { told } = await roll(context, id);
      expect(told).to.deep.equal({ placed: 2n, cancelled: 0n, refused: 0n, bought: 10n, sold: 10n, tip: 0n });
      expect(await ordersOf(context)).to.deep.equal(AROUND);
      const found = await lens.grid(grids, id);
      expect([found.pairs, found.realised]).to.deep.equal([1n, 10n * USD]);
      await expectUnpaid(context);
    });

    it("counts what was bought and sold between two rolls, up to all that it may hold", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, id } = context;
      await take(context, bob, "sell", 99_500n, 10n);
      await take(context, bob, "sell", 99_000n, 10n);
      await take(context, bob, "buy", 100_500n, 10n);
      const { told } = await roll(context, id);
      const tip = gridTip(LADDER, 30n, START, 3);
      expect(told).to.deep.equal({ placed: 3n, cancelled: 0n, refused: 0n, bought: 20n, sold: 10n, tip });
      expect(await ordersOf(context)).to.deep.equal([-99_000n, 100_000n, 100_500n, 101_000n]);
    });

    it("moves its window, no more lines a call than asked for", async () => {
      const context = await loadFixture(deployGrids);
      const { bob } = context;
      const id = await open(context, { lines: 9n, window: 1n, low: 98_000n, high: 102_000n });
      expect(await ordersOf(context)).to.deep.equal([-99_500n, 100_500n]);
      await take(context, bob, "sell", 99_500n, 10n);
      const first = await roll(context, id, 1n);
      expect([first.told.placed, first.told.cancelled, first.told.tip]).to.deep.equal([1n, 1n, LINE_TIP]);
      expect(await ordersOf(context)).to.deep.equal([100_000n]);
      const second = await roll(context, id, 1n);
      expect([second.told.placed, second.told.cancelled, second.told.tip]).to.deep.equal([1n, 0n, 0n]);
      expect(await ordersOf(context)).to.deep.equal([-99_000n, 100_000n]);
    });

    it("places what margin bears, the line nearest to the price, where it does not bear all", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, bob, pro } = context;
      const account = accountOf(1n, 1n);
      await pro.connect(alice).deposit(alice, 1, 60n * USD);
      const id = await open(context, { window: 1n }, account);
      await take(context, bob, "sell", 99_500n, 10n);
      const { told } = await roll(context, id);
      expect([told.placed, told.cancelled, told.refused, told.tip]).to.deep.equal([1n, 1n, 0n, LINE_TIP]);
      expect(await ordersOf(context, account)).to.deep.equal([100_000n]);
      const poor = await roll(context, id);
      expect([poor.outcome, poor.reason]).to.deep.equal([OUTCOME.skipped, REASON.MarginTooLow]);
    });

    it("tells a line that would fill, and one at a stale index, and waits", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, grids, id } = context;
      await take(context, bob, "sell", 99_500n, 10n);
      await time.increase(31);
      const stale = await roll(context, id);
      expect([stale.outcome, stale.reason]).to.deep.equal([OUTCOME.skipped, REASON.IndexStale]);
      await setPrices(context, 100_000n, 4_000n);
      await act(context, bob, [bid(100_000n, 10n)]);
      const { events, told, ...crossing } = await roll(context, id);
      expect([crossing.outcome, crossing.reason, told.refused]).to.deep.equal([OUTCOME.skipped, REASON.WouldFill, 1n]);
      expect(events.map(({ name, args }): unknown[] => [name, args.line, args.isBid, args.reason])).to.deep.equal([
        ["LineRefused", 2n, false, REASON.WouldFill],
      ]);
      await expectUnpaid(context);
      expect((await context.lens.grid(grids, id)).held).to.equal(30n);
    });

    it("takes 1 to 10 lines, and somebody to pay", async () => {
      const { grids, id, keeper } = await loadFixture(deployRunning);
      for (const lines of [0n, 11n]) {
        await expect(grids.roll(id, lines, keeper))
          .to.be.revertedWithCustomError(grids, "GridBook_MaxLinesOutOfRange")
          .withArgs(lines, 1, 10);
      }
      await expect(grids.roll(id, 1, ethers.ZeroAddress)).to.be.revertedWithCustomError(grids, "GridBook_ZeroAddress");
    });
  });

  describe("the end", () => {
    it("comes by the owner, and by nobody else", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, bob, grids, id } = context;
      await expect(grids.connect(bob).stop(id))
        .to.be.revertedWithCustomError(grids, "GridBook_NotAllowed")
        .withArgs(ALICE, bob);
      await take(context, bob, "sell", 99_500n, 10n);
      const told = [0n, 3n, 0n, 10n, 0n, 0n];
      await expect(grids.connect(alice).stop(id))
        .to.emit(grids, "GridEnded")
        .withArgs(id, ethers.ZeroAddress, REASON.None, 30n, told, REASON.None);
      await expectOver(context, id);
      expect(await lotsOf(context)).to.equal(10n);
      await expect(grids.connect(alice).stop(id))
        .to.be.revertedWithCustomError(grids, "GridBook_NotFound")
        .withArgs(id);
      // The next has another id.
      expect(await open(context)).to.equal((ALICE << 8n) | (2n << 48n));
    });

    it("comes by the owner where the right is gone, at every level of the breaker, without a price", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, breaker, grids, id, pro } = context;
      await pro.connect(alice).setDelegate(ALICE, grids, 0, 0);
      await time.increase(100);
      const idle = await roll(context, id);
      expect([idle.outcome, idle.reason]).to.deep.equal([OUTCOME.skipped, REASON.NothingToRoll]);
      await expect(grids.connect(alice).stop(id))
        .to.emit(grids, "GridEnded")
        .withArgs(id, ethers.ZeroAddress, REASON.None, START, [0n, 0n, 0n, 0n, 0n, 0n], REASON.NotAllowed);
      expect(await ordersOf(context)).to.deep.equal(AROUND);
      await pro.connect(alice).setDelegate(ALICE, grids, MAY_TRADE, FOREVER);
      await setPrices(context, 100_000n, 4_000n);
      // Orders at its lines are its own, whoever placed them.
      const next = await open(context);
      await breaker.raise(3);
      expect(await grids.connect(alice).stop.staticCall(next)).to.equal(4n);
      await grids.connect(alice).stop(next);
      expect(await ordersOf(context)).to.deep.equal([]);
    });

    it("comes with a fresh index at a stop, and pays for each order taken off", async () => {
      const context = await loadFixture(deployGrids);
      const { grids } = context;
      const id = await open(context, { stopLow: 98_500n, stopHigh: 101_500n });
      await setPrices(context, 98_501n, 4_000n);
      expect((await roll(context, id)).reason).to.equal(REASON.NothingToRoll);
      await setPrices(context, 98_500n, 4_000n);
      await time.increase(6);
      expect((await roll(context, id)).reason).to.equal(REASON.NothingToRoll);
      await setPrices(context, 98_500n, 4_000n);
      const { done, outcome, reason, told } = await roll(context, id);
      expect([outcome, reason, told.cancelled, told.tip]).to.deep.equal([
        ...[OUTCOME.ended, REASON.StopReached, 4n, 4n * LINE_TIP],
      ]);
      expect([done?.name, done?.args.reason, done?.args.left]).to.deep.equal(["GridEnded", REASON.StopReached, 0n]);
      await expectOver(context, id);
      const { isRunning, tips } = await context.lens.grid(grids, id);
      expect([isRunning, tips]).to.deep.equal([false, 4n * LINE_TIP]);
    });

    it("comes with a market that settles", async () => {
      const context = await loadFixture(deployRunning);
      const { configurator, id, pro } = context;
      await configurator.delist(pro, 0);
      await time.increase(86_401);
      await pro.beginSettling(0, ethers.ZeroAddress, 0);
      const { outcome, reason, told } = await roll(context, id);
      expect([outcome, reason, told.cancelled]).to.deep.equal([OUTCOME.ended, REASON.MarketSettling, 4n]);
      await expectOver(context, id);
    });

    it("comes once the position moved by more than its orders account for", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, bob, id } = context;
      await setPrices(context, 100_000n, 4_000n);
      await act(context, bob, [ask(100_010n, 5n)]);
      await act(context, alice, [bid(100_010n, 5n, { type: ORDER_TYPE.immediateOrCancel })]);
      const { outcome, reason, told } = await roll(context, id);
      expect([outcome, reason, told.cancelled]).to.deep.equal([OUTCOME.ended, REASON.PositionMoved, 4n]);
      await expectOver(context, id);
    });

    it("comes with a liquidation, though its orders would account for what was sold", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, bob, keeper, pro, proLens } = context;
      const account = accountOf(1n, 1n);
      await pro.connect(alice).deposit(alice, 1, 4_500n * USD);
      const id = await open(context, { lots: 400n }, account);
      expect(await take(context, bob, "sell", 99_000n, 800n)).to.equal(800n);
      expect((await roll(context, id)).told.placed).to.equal(2n);
      expect(await ordersOf(context, account)).to.deep.equal([99_500n, 100_000n, 100_500n, 101_000n]);

      // Down 5,350 on 0.8 BTC: 216 are left, and 250 are the maintenance margin.
      await act(context, bob, [bid(93_890n, 800n)]);
      await setPrices(context, 93_900n, 4_000n);
      for (const outcome of [OUTCOME.cancelled, OUTCOME.reduced]) {
        const step = [crossScope(account), 0, 100, keeper] as const;
        expect((await pro.liquidate.staticCall(...step))[0]).to.equal(outcome);
        await pro.liquidate(...step);
      }
      const left = await lotsOf(context, account);
      expect(left).to.be.within(0n, 799n);
      const cash = await cashOf(context, account);
      const { done, outcome, reason, told } = await roll(context, id);
      expect([outcome, reason]).to.deep.equal([OUTCOME.ended, REASON.PositionMoved]);
      // The liquidation took its orders off: nothing is left to be paid for.
      expect([told.cancelled, told.tip, done?.args.left]).to.deep.equal([0n, 0n, REASON.None]);
      expect(await cashOf(context, account)).to.equal(cash);
      expect(await proLens.ordersOf(pro, account, 0)).to.deep.equal([]);
      expect(await lotsOf(context, account)).to.equal(left);
      expect((await roll(context, id)).reason).to.equal(REASON.GridNotFound);
    });
  });

  describe("attacks", () => {
    it("R32: may neither withdraw, transfer nor raise leverage: it asks for orders and tips of its own account alone", async () => {
      const context = await loadFixture(deployRunning);
      const { bob, id, pro, stranger, grids } = context;
      // All of a grid's cash but fees and tips is its owner's after a hundred dollars of turnover.
      const before = (await cashOf(context, ALICE)) + (await cashOf(context, accountOf(1n, 1n)));
      await take(context, bob, "sell", 99_500n, 10n);
      await roll(context, id);
      await take(context, bob, "buy", 100_000n, 10n);
      await roll(context, id);
      const fees = ((99_500n + 100_000n) * 10n * UNIT * 50n) / 1_000_000n;
      const after = (await cashOf(context, ALICE)) + (await cashOf(context, accountOf(1n, 1n)));
      expect(after - before).to.equal(5n * USD - fees - 2n * LINE_TIP);
      await expect(grids.connect(stranger).open(ALICE, gridOrder({ market: 1n })))
        .to.be.revertedWithCustomError(grids, "GridBook_NotAllowed")
        .withArgs(ALICE, stranger);
      expect(await pro.accountOf(bob, 0)).to.equal(BOB);
    });

    it("R28: nobody is paid again for a line that he takes off, fills in part, or rolls twice", async () => {
      const context = await loadFixture(deployRunning);
      const { alice, id, proLens, pro } = context;
      for (let i = 0; i < 3; ++i) {
        const orders = await proLens.ordersOf(pro, ALICE, 0);
        await act(
          context,
          alice,
          orders.map((each) => cancel(each.id)),
        );
        await setPrices(context, 100_000n, 4_000n);
        const { told } = await roll(context, id);
        expect([told.placed, told.tip]).to.deep.equal([4n, 0n]);
      }
      await expectUnpaid(context);
    });

    it("R57: is not rolled while tokens come into Pro, and not paid twice by the refund of a batch", async () => {
      const context = await loadFixture(deployReentrant);
      const { alice, bob, grids, id, keeper, oracle, pro, reentrant } = context;
      await take(context, bob, "sell", 99_500n, 10n);
      const guard = pro.interface.getError("ReentrancyGuardReentrantCall")?.selector;
      const rolling = grids.interface.encodeFunctionData("roll", [id, 10n, keeper.address]);
      for (const isBefore of [true, false]) {
        await reentrant.arm(grids, rolling, isBefore);
        await pro.connect(alice).deposit(alice, 0, 5n);
        expect([await reentrant.lastSuccess(), await reentrant.lastReturnData()]).to.deep.equal([false, guard]);
      }
      await expectUnpaid(context);

      const batch = await ethers.deployContract("ProKeeper", [oracle]);
      const wallet = await ethers.deployContract("ReentrantReceiver");
      const proofs = [{ assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] }];
      const rolls = [{ id, maxLines: 10n }];
      const again = batch.interface.encodeFunctionData("roll", [await grids.getAddress(), proofs, [], rolls]);
      await wallet.arm(batch, again);
      // A tip needs a fresher index than an order.
      await setPrices(context, 100_000n, 4_000n);
      await wallet.execute(batch, 3n, again, { value: 3n });
      expect([await wallet.callCount(), await wallet.lastReturnData()]).to.deep.equal([1n, guard]);
      expect(await cashOf(context, await pro.accountOf(wallet, 0))).to.equal(LINE_TIP);

      // Past the batch's guard: the first roll is told whole by then.
      await take(context, bob, "buy", 100_000n, 10n);
      await wallet.arm(grids, grids.interface.encodeFunctionData("roll", [id, 10n, await wallet.getAddress()]));
      await wallet.execute(batch, 3n, again, { value: 3n });
      const answer = grids.interface.decodeFunctionResult("roll", await wallet.lastReturnData());
      expect([...answer]).to.deep.equal([OUTCOME.skipped, REASON.NothingToRoll]);
      expect(await cashOf(context, await pro.accountOf(wallet, 0))).to.equal(2n * LINE_TIP);
    });

    it("R73: who fills and rolls in turn takes one window of a ladder in a second, not all of it", async () => {
      const context = await loadFixture(deployGrids);
      const { bob, grids, id, keeper, pro } = { ...context, id: await open(context, WIDE) };
      await setPrices(context, 100_000n, 4_000n);
      const gasLimit = 3_000_000n;
      const sell = (tick: bigint) => pro.connect(bob).act(BOB, [], [ask(tick, 10n, IOC)], { gasLimit });
      const turn = async (tick: bigint) => {
        await sell(tick);
        await grids.connect(keeper).roll(id, 10, keeper, { gasLimit });
      };
      // The market is at 98,000 already, the index of a second ago is not.
      await ethers.provider.send("evm_setAutomine", [false]);
      for (const tick of [99_500n, 99_000n, 98_500n]) await turn(tick);
      await ethers.provider.send("evm_setAutomine", [true]);
      await ethers.provider.send("evm_mine", []);
      expect(await lotsOf(context)).to.equal(20n);
    });

    it("R73: a line that the mark has passed by a whole cell waits, and none is placed at an index older than 5 s", async () => {
      const context = await loadFixture(deployGrids);
      const { alice, bob, grids } = context;
      const id = await open(context, WIDE);
      await take(context, bob, "sell", 99_500n, 10n);
      // Nobody asks: a bid at 99,000 would rest, above a market of 98,490, for whoever sells into it at once.
      await setPrices(context, 98_490n, 4_000n);
      const { told } = await roll(context, id);
      expect([told.placed, told.cancelled, told.tip]).to.deep.equal([1n, 1n, LINE_TIP]);
      expect(await ordersOf(context)).to.deep.equal([100_000n]);
      expect((await roll(context, id)).reason).to.equal(REASON.NothingToRoll);
      await setPrices(context, 98_500n, 4_000n);
      await time.increase(GRID_AGE);
      const stale = await roll(context, id);
      expect([stale.outcome, stale.reason]).to.deep.equal([OUTCOME.skipped, REASON.IndexStale]);
      await setPrices(context, 98_500n, 4_000n);
      expect((await roll(context, id)).told.placed).to.equal(1n);
      expect(await ordersOf(context)).to.deep.equal([-99_000n, 100_000n]);
      await grids.connect(alice).stop(id);

      // The other way round: sales below the market, and the ends, beyond which there is no line.
      await setPrices(context, 100_000n, 4_000n);
      const other = await open(context, { lines: 3n });
      const ladder = { ticks: arithmeticLines(99_000n, 101_000n, 3), lots: 10n, window: 16 };
      for (const [index, orders] of [
        [101_001n, [-99_000n]],
        [101_000n, [-99_000n, 101_000n]],
        [98_999n, [101_000n]],
      ] as const) {
        const mark = px(index.toString());
        const resting = gridOrders(ladder, 10n, 10n).filter((order) => !gridWaits(ladder, BTC, mark, order));
        const signed = resting.map(({ side, tick }) => (side === "buy" ? -tick : tick));
        expect(signed.sort((a, b) => Number(a - b))).to.deep.equal(orders);
        for (const { id: each } of await context.proLens.ordersOf(context.pro, ALICE, 0)) {
          await act(context, alice, [cancel(each)]);
        }
        await setPrices(context, index, 4_000n);
        await roll(context, other);
        expect(await ordersOf(context)).to.deep.equal(orders);
      }
    });

    it("R12: an id of another generation, account or width rolls nothing", async () => {
      const context = await loadFixture(deployRunning);
      for (const id of [0n, context.id + (1n << 48n), context.id + 256n, context.id + (1n << 200n)]) {
        const { outcome, reason } = await roll(context, id);
        expect([outcome, reason]).to.deep.equal([OUTCOME.skipped, REASON.GridNotFound]);
        expect((await context.lens.grid(context.grids, id)).id).to.equal(0n);
      }
    });
  });
});
