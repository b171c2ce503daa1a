import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { ethers } from "hardhat";
import type { ProIndexer } from "../../../keeper/pro/ProIndexer";
import { countGrid, keyOfGrid } from "../../../keeper/pro/grids";
import { Ledger } from "../../../keeper/state/Ledger";
import { decodeCheckpoint, encodeCheckpoint } from "../../../keeper/state/checkpoint";
import { connectTo } from "../../../kit/connect";
import { ProReason } from "../../../sdk/enums";
import { px } from "../../../sdk/units";
import { gridsFixture, LINE_LOTS, openGrid, sellInto } from "../../dsl/gridDesk";
import type { GridDesk } from "../../dsl/gridDesk";
import { describeBoundedGas } from "../../dsl/instrumented";
import { stageOf } from "../../dsl/keeperStage";
import { ORDER_TYPE, ask, bid, cancel, lower, soft } from "../../dsl/proActions";
import { place, refresh } from "../../dsl/triggerDesk";
import { gridOrder } from "../pro/gridFixture";
import { KIND, order } from "../pro/triggerFixture";

/** Gas of the embedded chain is far dearer than that of the chains themselves. */
const COSTS = { fees: { minProfitUsd: "-1", dutyUsd: "1" }, pro: { dutyUsd: "1" } };
const OPTIONS = { replayBlocks: 50_000, pageBlocks: 1_000 };
const SEED = 20_251_127;
const DEPTHS = Array.from({ length: 20 }, (_, at) => at + 1);
const PRICE = 60_000;

/** The same numbers for the same seed. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Two who trade, and two grids. */
async function fullFixture() {
  const context = await gridsFixture();
  const second = await openGrid(context, context.trader, { lines: 9n, lots: 10n, stopLow: 59_000n }, { sub: 2 });
  return { ...context, second };
}

type Full = Awaited<ReturnType<typeof fullFixture>>;

/** One transaction of somebody's, and one block. */
async function act(context: Full, random: (below: number) => number, state: ProIndexer): Promise<string> {
  const { desk, grid, other, others, pro, proTriggers, second, trader, traders } = context;
  const { gridBook } = desk.system;
  const [who, account]: [HardhatEthersSigner, bigint] = random(2) === 0 ? [trader, traders] : [other, others];
  const own = [...state.ordersOf(account)];
  const any = own[random(own.length || 1)];
  const tick = BigInt(PRICE - 600 + random(1_200));
  const lots = BigInt(10 + random(60));
  const send = async (word: bigint) => void (await pro.connect(who).act(account, [], [soft(word)]));
  switch (random(9)) {
    case 0:
    case 1: {
      const expiry = random(4) === 0 ? BigInt((await desk.now()) + 5 + random(40)) : 0n;
      const side = tick < BigInt(PRICE) ? bid : ask;
      await send(side(tick, lots, { expiry, isReduceOnly: random(6) === 0 }));
      return "placed";
    }
    case 2:
      await send(any === undefined ? bid(59_000n, lots) : cancel(any));
      return "cancelled";
    case 3:
      await send(any === undefined ? ask(61_000n, lots) : lower(any, (state.orders.get(any)?.lots ?? 2n) / 2n));
      return "lowered";
    case 4:
    case 5:
      await send((random(2) === 0 ? bid : ask)(tick, lots, { type: ORDER_TYPE.immediateOrCancel }));
      return "taken";
    case 6: {
      const [kind, callbackPips] = random(3) === 0 ? [KIND.trailing, 10_000n] : [KIND.stop, 0n];
      const waiting = [...state.triggers.keys()];
      if (waiting.length >= 6) await proTriggers.connect(trader).cancel([waiting[random(waiting.length)]]);
      else
        await proTriggers.connect(trader).place(traders, [order({ kind, tick: 58_000n + tick / 100n, callbackPips })]);
      return "triggers";
    }
    case 7: {
      const { id } = [grid, second][random(2)];
      const running = state.grids.get(keyOfGrid(id))?.id ?? id;
      await gridBook.roll(running, 10, trader.address);
      return "rolled";
    }
    default: {
      const { id, account: its } = [grid, second][random(2)];
      const running = state.grids.get(keyOfGrid(id));
      if (running !== undefined) await gridBook.connect(trader).stop(running.id);
      else await gridBook.connect(trader).open(its, gridOrder({ low: 59_400n, high: 60_600n, lots: LINE_LOTS }));
      return "opened or stopped";
    }
  }
}

/** What the events came to is what the contracts hold. */
async function expectStorage(context: Full, state: ProIndexer): Promise<void> {
  const { desk, grid, others, pro, proLens, proTriggers, second, traders } = context;
  const { gridBook, gridBookLens, proTriggersLens } = desk.system;
  let orders = 0;
  for (const account of [traders, others, grid.account, second.account]) {
    const shown = await proLens.ordersOf(pro, account, 0);
    const stored = shown.map(({ expiry, id, isBid, isReduceOnly, lots, tick }) => {
      return [id, { isBid, isReduceOnly, tick, lots, expiry: Number(expiry) }] as const;
    });
    const told = [...state.ordersOf(account)].map((id) => [id, state.orders.get(id)] as const);
    expect(new Map(told)).to.deep.equal(new Map(stored));
    orders += shown.length;
    const { positions } = await proLens.health(pro, account << 8n);
    expect(state.lotsOf(0, account)).to.equal(positions.find(({ market }) => market === 0n)?.lots ?? 0n);
  }
  expect(state.orders.size).to.equal(orders);
  const waiting = await proTriggersLens.triggersOf(proTriggers, traders, 0);
  const triggers = waiting.map(({ callbackPips, changedAt, expiry, id, isBuy, kind, tick, tip }) => {
    const times = { expiry: Number(expiry), changedAt: Number(changedAt) };
    return [id, { account: traders, market: 0, kind: Number(kind), isBuy, tick, callbackPips, ...times, tip }] as const;
  });
  expect(state.triggers).to.deep.equal(new Map(triggers));
  for (const { id } of [grid, second]) {
    const key = keyOfGrid(id);
    const [word, progress, ledger] = await gridBook.wordsOf(key);
    const record = state.grids.get(key);
    const isRunning = ((word >> 16n) & 1n) === 1n;
    expect(record !== undefined, `grid ${key}`).to.equal(isRunning);
    if (record === undefined) continue;
    const cut = (value: bigint, shift: bigint, bits: bigint) => (value >> shift) & ((1n << bits) - 1n);
    const { askLots, bidLots, held, id: running, paidHeld, position, rolledAt } = record;
    expect([position, bidLots, askLots, held, paidHeld, BigInt(rolledAt)]).to.deep.equal([
      ...[BigInt.asIntN(64, progress), cut(progress, 64n, 44n), cut(progress, 108n, 44n)],
      ...[cut(progress, 152n, 52n), progress >> 204n, ledger >> 216n],
    ]);
    const view = await gridBookLens.grid(gridBook, running);
    const count = countGrid(record, state.holdingOf(0, record.account));
    expect([count.held, count.isExplained]).to.deep.equal([view.held, ProReason[Number(view.end)] !== "PositionMoved"]);
  }
}

describeBoundedGas("The order book through reorganisations", () => {
  it(`knows after each of 1 to 20 blocks what the contracts hold (seed ${SEED})`, async () => {
    const context = await loadFixture(fullFixture);
    const random = randomOf(SEED);
    const { desk, trader } = context;
    const { connection } = await connectTo(desk, trader);
    const ledger = await Ledger.read(connection, OPTIONS);
    const done = new Map<string, number>();
    const follow = async () => {
      let undone = 0;
      for await (const change of ledger.catchUp()) if (change.undoneAbove !== undefined) undone += 1;
      await expectStorage(context, ledger.pro);
      return undone;
    };
    const live = async (blocks: number) => {
      for (let block = 0; block < blocks; block++) {
        // What follows is drawn from what stands.
        for await (const change of ledger.catchUp()) expect(change.undoneAbove).to.equal(undefined);
        const what = await act(context, random, ledger.pro);
        done.set(what, (done.get(what) ?? 0) + 1);
      }
    };
    for (const depth of DEPTHS) {
      await refresh(context);
      await follow();
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      const head = await ethers.provider.getBlockNumber();
      const before = ledger.pro.clone();
      await live(depth);
      expect(await ethers.provider.getBlockNumber()).to.equal(head + depth);
      await follow();
      await ethers.provider.send("evm_revert", [snapshot]);
      // Another history, of a block more: it is known to be another by its first block.
      // What is drawn from the state before it may not be possible any more; it is mined all the same.
      for (let block = 0; block <= depth; block++) await act(context, random, before).catch(() => undefined);
      expect(await ethers.provider.getBlockNumber()).to.equal(head + depth + 1);
      expect(await follow()).to.equal(1);
      await refresh(context);
      await live(2);
      await follow();
    }
    for (const what of ["placed", "cancelled", "lowered", "taken", "triggers", "rolled", "opened or stopped"]) {
      expect(done.get(what), what).to.be.greaterThan(10);
    }
    const { gridBook } = desk.system;
    expect((await gridBook.queryFilter(gridBook.filters.GridRolled())).length).to.be.greaterThan(0);
    expect((await Ledger.read(connection, OPTIONS)).pro).to.deep.equal(ledger.pro);
    const { bets, trades, pro: book } = ledger;
    const origin = { chainId: 1, trading: "", prediction: "", pro: "", proTriggers: "", gridBook: "" };
    const text = encodeCheckpoint({ ...origin, block: { number: 1, hash: "" }, trades, bets, book, peaks: [] });
    expect(decodeCheckpoint(text).book).to.deep.equal(ledger.pro);
  });

  for (const depth of [1, 5, 20]) {
    it(`does again what one of ${depth} blocks undid: a stop, a roll, an expired order, each once`, async () => {
      const context = await loadFixture(gridsFixture);
      const { desk, other, others, pro } = context;
      await sellInto(context, 59_700n, LINE_LOTS);
      const expiry = BigInt((await desk.now()) + 40);
      await pro.connect(other).act(others, [], [bid(59_980n, 200n), bid(59_000n, 5n, { expiry })]);
      const [stop] = await place(context, [order({ tick: 59_990n, lots: 10n })]);
      await desk.warp(8);
      const stage = await stageOf(desk, COSTS);
      await desk.setPrice("BTC", px("59985"));
      await desk.warp(8);
      await stage.rounds(1);
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      await desk.warp(30);
      // Feeds report in blocks of their own, and a tick fires for three seconds.
      await desk.refresh();
      await stage.second();
      await stage.rounds(2);
      const each = async () => [await fired(context, stop), await rolled(context), await expired(context)];
      expect(await each()).to.deep.equal([1, 1, 1]);
      for (let block = 1; block < depth; block++) await ethers.provider.send("evm_mine", []);
      await stage.rounds(1);
      await ethers.provider.send("evm_revert", [snapshot]);
      await desk.warp(30);
      for (let block = 0; block <= depth + 6; block++) await ethers.provider.send("evm_mine", []);
      expect(await each()).to.deep.equal([0, 0, 0]);
      await desk.refresh();
      // What was sent before comes again with ticks that are too old by now, and rests for a second.
      for (const pause of [0, 0, 1_100, 0]) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        await desk.warp(1);
        await stage.second();
        await stage.rounds(3);
      }
      expect(stage.lines.some(({ msg }) => msg === "the chain took blocks back")).to.equal(true);
      expect(await each()).to.deep.equal([1, 1, 1]);
      expect(stage.keeper.status).to.include({ inFlight: 0 });
      expect(stage.keeper.status.pro).to.include({ triggers: 0, rolls: 0, orders: 5 });
    });
  }
});

const fired = async ({ proTriggers }: GridDesk, id: bigint) =>
  (await proTriggers.queryFilter(proTriggers.filters.TriggerFired(id))).length;
const rolled = async ({ desk: { system }, grid }: GridDesk) =>
  (await system.gridBook.queryFilter(system.gridBook.filters.GridRolled(grid.id))).length;
const expired = async ({ pro }: GridDesk) =>
  (await pro.queryFilter(pro.filters.OrderRemoved())).filter(({ args }) => args.end === 3n).length;
