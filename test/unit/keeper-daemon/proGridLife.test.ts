import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { MARKET_STATUS } from "../../../keeper/pro/ProIndexer";
import { LINE_LOTS, START, gridsFixture, openGrid, sellInto, shownOrders, wantedOrders } from "../../dsl/gridDesk";
import type { GridDesk } from "../../dsl/gridDesk";
import { describeBoundedGas } from "../../dsl/instrumented";
import { StagePrices, stageOf } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";

/** Gas of the embedded chain is far dearer than that of the chains themselves. */
const COSTS = { fees: { minProfitUsd: "-1", dutyUsd: "1" }, pro: { dutyUsd: "1" } };

const mined = ({ lines }: Stage): string[] =>
  lines.filter(({ msg }) => msg === "mined").map(({ key, outcome }) => [key, outcome].map(String).join(" "));

async function turn({ desk }: GridDesk, stage: Stage, seconds = 2): Promise<void> {
  await desk.warp(seconds);
  await stage.second();
  await stage.rounds(2);
}

describeBoundedGas("Grids over the life of a keeper", () => {
  it("are rolled after a restart, from what was stored, or from the contracts where that is of a former format", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid } = context;
    const folder = mkdtempSync(join(tmpdir(), "asterism-keeper-"));
    const state = join(folder, "state.json");
    const began = ({ lines }: Stage) => lines.find(({ msg }) => msg === "reading done")?.origin;
    try {
      const first = await stageOf(desk, { ...COSTS, state });
      await first.keeper.run(AbortSignal.abort());
      await sellInto(context, 59_700n, LINE_LOTS);
      const second = await stageOf(desk, { ...COSTS, state, account: 8 });
      await turn(context, second);
      expect(began(second)).to.equal("stored");
      expect(mined(second)).to.deep.equal([`pro grid ${grid.id} Rolled`]);
      await second.keeper.run(AbortSignal.abort());
      await sellInto(context, 59_400n, LINE_LOTS);
      writeFileSync(state, readFileSync(state, "utf8").replace('"format":4', '"format":3'));
      const third = await stageOf(desk, { ...COSTS, state });
      await turn(context, third);
      expect(began(third)).to.equal("contracts");
      const said = third.lines.find(({ msg }) => msg === "the stored state is not taken: reading the contracts");
      expect(String(said?.reason)).to.match(/^CheckpointError: the state can't be read: .*expected 4/s);
      expect(mined(third)).to.deep.equal([`pro grid ${grid.id} Rolled`]);
      expect(await shownOrders(context, grid.account)).to.deep.equal(wantedOrders(START + 2n * LINE_LOTS));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are divided between two keepers, and late ones taken up by the other", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, trader } = context;
    const second = await openGrid(context, trader, {}, { sub: 2 });
    const prices = new StagePrices(desk);
    const share = (index: number) => ({ index, count: 2, patienceMs: 10_000 });
    const [one, two] = [
      await stageOf(desk, { ...COSTS, account: 9, prices, share: share(0) }),
      await stageOf(desk, { ...COSTS, account: 8, prices, share: share(1) }),
    ];
    await sellInto(context, 59_700n, 2n * LINE_LOTS);
    await desk.warp(2);
    const now = await one.second();
    two.keeper.feed.accept(prices.publish("BTC", now, desk.priceOf("BTC")));
    for (const stage of [one, two, one, two]) await stage.keeper.step();
    const all = [mined(one), mined(two)];
    expect(all.map(({ length }) => length)).to.deep.equal([1, 1]);
    expect(all.flat()).to.have.members([grid, second].map(({ id }) => `pro grid ${id} Rolled`));
    await sellInto(context, 59_400n, 2n * LINE_LOTS);
    await turn(context, one);
    expect(mined(one).length).to.equal(2);
    await turn(context, one, 12);
    expect(mined(one).length).to.equal(3);
  });

  it("end with their market", async () => {
    const context = await loadFixture(gridsFixture);
    const { desk, grid, pro, proConfigurator } = context;
    const stage = await stageOf(desk, COSTS);
    const configurator = await ethers.getImpersonatedSigner(await proConfigurator.getAddress());
    await ethers.provider.send("hardhat_setBalance", [configurator.address, "0xde0b6b3a7640000"]);
    await pro.connect(configurator).setStatus(0, MARKET_STATUS.reduceOnly, true);
    await desk.warp(86_700);
    await desk.refresh();
    await turn(context, stage);
    await stage.rounds(2);
    const { gridBook } = desk.system;
    const [ended] = await gridBook.queryFilter(gridBook.filters.GridEnded(grid.id));
    expect(mined(stage).slice(0, 2)).to.deep.equal(["pro settling 0 Settled", `pro grid ${grid.id} Ended`]);
    expect(ended.args.roll.cancelled).to.equal(4n);
    expect(stage.keeper.status.pro).to.include({ grids: 0, rolls: 0 });
  });
});
