import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { px } from "../../../sdk/units";
import { LINE_LOTS, START, gridsFixture, openGrid, sellInto, shownOrders, wantedOrders } from "../../dsl/gridDesk";
import type { GridDesk } from "../../dsl/gridDesk";
import { describeBoundedGas } from "../../dsl/instrumented";
import { stageOf } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";
import { withdraw, refresh as refreshWord } from "../../dsl/proActions";
import { cashOf } from "../../dsl/triggerDesk";
import { LINE_TIP } from "../pro/gridFixture";

/** Gas of the embedded chain is far dearer than that of the chains themselves. */
const COSTS = { fees: { minProfitUsd: "-1", dutyUsd: "1" }, pro: { dutyUsd: "1" } };

/** What was done, with how many keys each transaction had. */
const mined = ({ lines }: Stage): string[] =>
  lines.filter(({ msg }) => msg === "mined").map(({ key, outcome, reason }) => `${key} ${outcome} ${reason}`);
const sent = ({ lines }: Stage) => lines.filter(({ msg }) => msg === "sent").map(({ items }) => items);

async function seconds(stage: Stage, desk: GridDesk["desk"], count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await desk.warp(2);
    await stage.second();
    await stage.rounds(2);
  }
}

const paidTo = async (context: GridDesk, { wallet }: Stage) =>
  cashOf(context, await context.pro.accountOf(wallet.address, 0));

describeBoundedGas("Keeper of grids", () => {
  it("rolls a line that was filled, with a price of its own call, is paid, and does it once", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid } = context;
    const stage = await stageOf(desk, COSTS);
    await seconds(stage, desk, 1);
    expect(stage.keeper.status.pro).to.include({ grids: 1, rolls: 0 });
    await sellInto(context, 59_700n, LINE_LOTS);
    await desk.warp(10);
    await stage.rounds(2);
    // The latest tick is too old for anybody to be paid.
    expect(stage.keeper.status.pro).to.include({ rolls: 1 });
    expect(sent(stage)).to.deep.equal([]);
    await seconds(stage, desk, 2);
    expect(mined(stage)).to.deep.equal([`pro grid ${grid.id} Rolled None`]);
    expect(await shownOrders(context, grid.account)).to.deep.equal(wantedOrders(START + LINE_LOTS));
    expect(await paidTo(context, stage)).to.equal(LINE_TIP);
    expect(stage.keeper.status.pro).to.include({ grids: 1, rolls: 0 });
    const metrics = await stage.metrics.registry.metrics();
    expect(metrics).to.match(/asterism_keeper_pro_grids 1\n/);
    expect(metrics).to.match(/asterism_keeper_pro_rolls 0\n/);
  });

  it("rolls grids together, each by itself: one whose right is gone holds up none", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, other, others, pro, trader } = context;
    const second = await openGrid(context, trader, { low: 59_390n, high: 60_590n }, { sub: 2 });
    const barred = await openGrid(context, trader, { low: 59_380n, high: 60_580n }, { sub: 3 });
    expect(others).not.to.equal(await pro.accountOf(other, 1).catch(() => 0n));
    await sellInto(context, 59_680n, 3n * LINE_LOTS);
    await pro.connect(trader).setDelegate(barred.account, desk.system.gridBook, 0, 0);
    const stage = await stageOf(desk, COSTS);
    await seconds(stage, desk, 2);
    const [both, none] = [[grid, second], barred];
    expect(sent(stage)).to.deep.equal([both.map(({ id }) => `pro grid ${id}`)]);
    expect(mined(stage)).to.deep.equal(both.map(({ id }) => `pro grid ${id} Rolled None`));
    expect(await paidTo(context, stage)).to.equal(2n * LINE_TIP);
    const said = stage.lines.find(({ key, msg }) => msg === "does nothing yet" && key === `pro grid ${none.id}`);
    expect(said?.reason).to.equal("NotAllowed");
  });

  it("ends a grid at its stop with the tick that reached it, and is paid for its orders", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, trader } = context;
    const stopped = await openGrid(context, trader, { stopLow: 59_000n, stopHigh: 61_000n }, { sub: 2 });
    const stage = await stageOf(desk, COSTS);
    await seconds(stage, desk, 1);
    await desk.warp(2);
    await stage.second({ BTC: px("60999") });
    await stage.rounds(2);
    expect(sent(stage)).to.deep.equal([]);
    await desk.warp(2);
    await stage.second({ BTC: px("61000") });
    // One that came later is back.
    await stage.second({ BTC: px("60900") });
    await stage.rounds(3);
    expect(mined(stage)).to.deep.equal([`pro grid ${stopped.id} Ended StopReached`]);
    expect(await shownOrders(context, stopped.account)).to.deep.equal([]);
    expect(await paidTo(context, stage)).to.equal(4n * LINE_TIP);
    expect(stage.keeper.status.pro).to.include({ grids: 1, rolls: 0 });
  });

  it("ends a grid whose account traded beside it", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, other, others, pro, trader } = context;
    const stage = await stageOf(desk, COSTS);
    await seconds(stage, desk, 1);
    const { ask, bid, ORDER_TYPE } = await import("../../dsl/proActions");
    await pro.connect(other).act(others, [], [ask(60_010n, 7n)]);
    await pro.connect(trader).act(grid.account, [], [bid(60_010n, 7n, { type: ORDER_TYPE.immediateOrCancel })]);
    await seconds(stage, desk, 1);
    await stage.rounds(1);
    expect(mined(stage)).to.deep.equal([`pro grid ${grid.id} Ended PositionMoved`]);
    expect(await shownOrders(context, grid.account)).to.deep.equal([]);
  });

  it("leaves an account alone that could not pay, until something is paid in", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, pro, proLens, profile, trader } = context;
    const stage = await stageOf(desk, COSTS);
    const { available } = await proLens.health(pro, grid.account << 8n);
    const unit = 10n ** BigInt(18 - (profile.tokens.find(({ symbol }) => symbol === profile.pro.settlementSymbol)?.decimals ?? 18));
    await desk.refresh();
    const proofs = [desk.anyTick("BTC", await desk.now())];
    const words = [refreshWord(0n, 0n), ...withdraw(trader.address, available / unit)];
    await pro.connect(trader).act(grid.account, proofs, words, { value: await desk.updateFee(proofs) });
    await sellInto(context, 59_700n, LINE_LOTS);
    await seconds(stage, desk, 2);
    console.log(mined(stage), await proLens.health(pro, grid.account << 8n));
  });

  it("waits until so much was filled that a roll pays", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid } = context;
    const stage = await stageOf(desk, { fees: { minProfitUsd: "-1", maxTipGwei: "0" } });
    await sellInto(context, 59_700n, LINE_LOTS);
    await seconds(stage, desk, 1);
    console.log(stage.lines.filter(({ msg }) => msg === "does not pay" || msg === "sent"), await desk.updateFee([desk.anyTick("BTC", await desk.now())]));
    const [hash] = stage.lines.filter(({ msg }) => msg === "sent").map((l) => l.hash as string);
    console.log((await ethers.provider.getTransactionReceipt(hash))?.gasUsed, grid.id);
  });
});
