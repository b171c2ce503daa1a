import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { confirmed } from "../../kit/desk/Desk";
import { gridOrders, gridStart, arithmeticLines } from "../../sdk/model/pro";
import { px } from "../../sdk/units";
import { ORDER_TYPE, REASON, ask, bid } from "../dsl/proActions";
import { cashOf, refresh, triggersFixture } from "../dsl/triggerDesk";
import { LINE_TIP, MAY_TRADE, FOREVER, OUTCOME, gridOrder } from "../unit/pro/gridFixture";
import { BTC } from "../unit/pro/samples";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const TASK_REFRESH = 0n;

describe("attacks: grids of Pro on the production deployment", () => {
  it("R32: opens, is filled, is rolled by a keeper with the price of his own call, and is stopped", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, keeper, other, others, pro, proKeeper, proLens, trader } = context;
    const { gridBook, gridBookLens } = desk.system;
    // A subaccount of its own.
    const symbol = context.profile.pro.settlementSymbol;
    const units = desk.tokenUnits(symbol, 1_000n);
    await desk.replica.mintToken(symbol, trader.address, units);
    await desk.replica.token(symbol).connect(trader).approve(pro, units);
    await pro.connect(trader).deposit(trader, 1, units);
    const account = await pro.accountOf(trader, 1);
    await pro.connect(trader).setDelegate(account, gridBook, MAY_TRADE, FOREVER);
    await refresh(context);
    const lots = 20n;
    const order = gridOrder({ low: 59_400n, high: 60_600n, lots });
    const id = await gridBook.connect(trader).open.staticCall(account, order);
    await confirmed(gridBook.connect(trader).open(account, order));
    const ladder = { ticks: arithmeticLines(59_400n, 60_600n, 5), lots, window: 16 };
    const start = gridStart(ladder, BTC, px("60000"));
    const shown = async () =>
      (await proLens.ordersOf(pro, account, 0)).map(
        ({ isBid, tick }) => `${isBid ? "buy" : "sell"} ${tick.toString()}`,
      );
    const wanted = (held: bigint) =>
      gridOrders(ladder, held, held).map(({ side, tick }) => `${side} ${tick.toString()}`);
    expect((await shown()).sort()).to.deep.equal(wanted(start).sort());

    await pro.connect(other).act(others, [], [ask(59_700n, lots, IOC)]);
    await desk.refresh();
    await desk.warp(40);
    await desk.refresh();
    await desk.warp(3);
    const proofs = [desk.anyTick("BTC", await desk.now())];
    const items = [{ task: TASK_REFRESH, market: 0n, scope: 0n, other: 0n, amount: 0n }];
    const connected = proKeeper.connect(keeper);
    const value = await desk.updateFee(proofs);
    const rolls = [{ id, maxLines: 10n }];
    // Without its price nothing rests.
    const stale = await connected.roll.staticCall(gridBook, [], [], rolls);
    expect([stale[0].outcome, stale[0].reason]).to.deep.equal([OUTCOME.skipped, REASON.IndexStale]);
    const results = await connected.roll.staticCall(gridBook, proofs, items, rolls, { value });
    expect([results[1].outcome, results[1].reason, results[1].isFailed]).to.deep.equal([OUTCOME.rolled, 0n, false]);
    await confirmed(connected.roll(gridBook, proofs, items, rolls, { value }));
    expect((await shown()).sort()).to.deep.equal(wanted(start + lots).sort());
    expect(await cashOf(context, await pro.accountOf(keeper, 0))).to.equal(LINE_TIP);

    await pro.connect(other).act(others, [], [bid(60_000n, lots, IOC)]);
    const { realised, pairs } = await gridBookLens.grid(gridBook, id);
    // 300 dollars on two hundredths of a bitcoin.
    expect([pairs, realised]).to.deep.equal([1n, 6n * 10n ** 18n]);
    await confirmed(gridBook.connect(trader).stop(id));
    expect(await shown()).to.deep.equal([]);
  });
});
