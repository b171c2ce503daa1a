import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { AssetKey } from "../../../deploy/profiles";
import { px } from "../../../sdk/units";
import {
  LINE_LOTS,
  START,
  gridsFixture,
  openGrid,
  rollOnce,
  sellInto,
  shownOrders,
  wantedOrders,
} from "../../dsl/gridDesk";
import type { GridDesk } from "../../dsl/gridDesk";
import { describeBoundedGas } from "../../dsl/instrumented";
import { stageOf, withoutTips } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";
import { ORDER_TYPE, ask, bid } from "../../dsl/proActions";
import { cashOf, takeOut } from "../../dsl/triggerDesk";
import { LINE_TIP } from "../pro/gridFixture";

/** Gas of the embedded chain is far dearer than that of the chains themselves. */
const COSTS = { fees: { minProfitUsd: "-1", dutyUsd: "1" }, pro: { dutyUsd: "1" } };

/** What was done, with how many keys each transaction had. */
const mined = ({ lines }: Stage): string[] =>
  lines
    .filter(({ msg }) => msg === "mined")
    .map(({ key, outcome, reason }) => [key, outcome, reason].map(String).join(" "));
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
    const { desk, grid, pro, trader } = context;
    const second = await openGrid(context, trader, { low: 59_390n, high: 60_590n }, { sub: 2 });
    const barred = await openGrid(context, trader, { low: 59_380n, high: 60_580n }, { sub: 3 });
    await sellInto(context, 59_680n, 3n * LINE_LOTS);
    await pro.connect(trader).setDelegate(barred.account, desk.system.gridBook, 0, 0);
    const stage = await stageOf(desk, COSTS);
    await seconds(stage, desk, 2);
    const keys = [grid, second].map(({ id }) => `pro grid ${id}`);
    expect(sent(stage)).to.deep.equal([keys]);
    expect(mined(stage)).to.deep.equal(keys.map((key) => `${key} Rolled None`));
    expect(await paidTo(context, stage)).to.equal(2n * LINE_TIP);
    const said = stage.lines.find(({ key, msg }) => msg === "does nothing yet" && key === `pro grid ${barred.id}`);
    expect(said?.reason).to.equal("NotAllowed");
  });

  it("ends grids, for their orders: by the tick at a stop although later ones are back, and by a trade beside the lines", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, other, others, pro, trader } = context;
    const stopped = await openGrid(context, trader, { stopLow: 59_000n, stopHigh: 61_000n }, { sub: 2 });
    const stage = await stageOf(desk, COSTS);
    await pro.connect(other).act(others, [], [ask(60_010n, 7n)]);
    await pro.connect(trader).act(grid.account, [], [bid(60_010n, 7n, { type: ORDER_TYPE.immediateOrCancel })]);
    await desk.setPrice("BTC", px("60900"));
    await seconds(stage, desk, 1);
    await desk.warp(1);
    await stage.second({ BTC: px("61000") });
    await desk.warp(1);
    await stage.second();
    await stage.rounds(3);
    expect(mined(stage)).to.deep.equal([
      `pro grid ${grid.id} Ended PositionMoved`,
      `pro grid ${stopped.id} Ended StopReached`,
    ]);
    for (const { account } of [grid, stopped]) expect(await shownOrders(context, account)).to.deep.equal([]);
    expect(await paidTo(context, stage)).to.equal(8n * LINE_TIP);
    expect(stage.keeper.status.pro).to.include({ grids: 0, rolls: 0 });
  });

  it("leaves an account alone that could not pay, until something is paid in", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, other, pro, proLens, trader } = context;
    const { settlementSymbol } = context.profile.pro;
    const { gridBook } = desk.system;
    await sellInto(context, 59_700n, LINE_LOTS);
    // What a roll would leave beside its pay: all of that but half of the pay is taken out.
    const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
    await rollOnce(context, grid.id);
    const { available } = await proLens.health(pro, grid.account << 8n);
    await ethers.provider.send("evm_revert", [snapshot]);
    await takeOut(context, grid.account, available + LINE_TIP / 2n);

    const stage = await stageOf(desk, COSTS);
    await seconds(stage, desk, 1);
    const rolls = async () => {
      const told = await gridBook.queryFilter(gridBook.filters.GridRolled(grid.id));
      return told.map(({ args }) => [args.held, args.roll.tip]);
    };
    const unpaid = [START + LINE_LOTS, 0n];
    expect(await rolls()).to.deep.equal([unpaid]);
    await sellInto(context, 59_400n, LINE_LOTS);
    const lines = stage.lines.length;
    await seconds(stage, desk, 2);
    expect(stage.keeper.status.pro).to.include({ rolls: 1 });
    expect(stage.lines.slice(lines).filter(({ key }) => key === `pro grid ${grid.id}`)).to.deep.equal([]);
    const units = desk.tokenUnits(settlementSymbol, 200n);
    await desk.fund(other, settlementSymbol, units);
    await desk.replica.token(settlementSymbol).connect(other).approve(pro, units);
    await pro.connect(other).deposit(trader, 1, units);
    await seconds(stage, desk, 1);
    expect(await rolls()).to.deep.equal([unpaid, [START + 2n * LINE_LOTS, LINE_TIP]]);
  });

  it("waits until so much was filled that a roll pays", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid } = context;
    const stage = await stageOf(desk, { provider: withoutTips(), fees: { minProfitUsd: "0", maxTipGwei: "0" } });
    // A line pays 0.02 USD; the first one costs about 0.03, and the next one 0.005 more.
    const perGas = (566n * 10n ** 18n) / desk.priceOf(desk.profile.nativeSymbol as AssetKey);
    const attempt = async () => {
      await desk.warp(5);
      await stage.second();
      await ethers.provider.send("hardhat_setNextBlockBaseFeePerGas", [`0x${perGas.toString(16)}`]);
      await ethers.provider.send("evm_mine", []);
      await stage.rounds(2);
    };
    await sellInto(context, 59_700n, LINE_LOTS);
    await attempt();
    expect(sent(stage)).to.deep.equal([]);
    const said = stage.lines.find(({ msg }) => msg === "does not pay");
    expect(said).to.deep.include({ keys: [`pro grid ${grid.id}`], payUsd: 0.02 });
    expect(said?.costUsd).to.be.within(0.02, 0.04);
    await sellInto(context, 59_400n, LINE_LOTS);
    await attempt();
    expect(mined(stage)).to.deep.equal([`pro grid ${grid.id} Rolled None`]);
    expect(await paidTo(context, stage)).to.equal(2n * LINE_TIP);
    expect(await shownOrders(context, grid.account)).to.deep.equal(wantedOrders(START + 2n * LINE_LOTS));
  });

  it("rolls nothing where it is told not to", async () => {
    const context = await loadFixture(gridsFixture);
    const stage = await stageOf(context.desk, { ...COSTS, pro: { dutyUsd: "1", rollsGrids: false } });
    await sellInto(context, 59_700n, LINE_LOTS);
    await seconds(stage, context.desk, 1);
    expect(stage.keeper.status.pro).to.include({ grids: 1, rolls: 1 });
    expect(sent(stage)).to.deep.equal([]);
  });
});
