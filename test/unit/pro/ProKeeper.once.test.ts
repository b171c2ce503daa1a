import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ORDER_TYPE, REASON, ask, bid, crossScope } from "../../dsl/proActions";
import { LINE_TIP, gridOrder } from "./gridFixture";
import { ALICE, PRICE, USD, accountOf, act, deployFunded } from "./proFixture";

const TASK = { refresh: 0n, liquidate: 1n, deleverage: 2n, shareLoss: 3n, beginSettling: 4n, closeSettled: 5n };
const OUTCOME = { skipped: 0n, refreshed: 1n, reduced: 3n, settled: 7n, triggered: 8n, rolled: 11n };

/** What the batch keeps back for an item: its gas, the 64th part that a call never gets, and the rest of the loop. */
const REQUIRED_GAS = (6_000_000n * 64n) / 63n + 60_000n;

const item = (task: bigint, fields: { market?: bigint; scope?: bigint; other?: bigint; amount?: bigint }) => ({
  ...{ task, market: 0n, scope: 0n, other: 0n, amount: 0n },
  ...fields,
});

async function deployWithKeeper() {
  const context = await deployFunded();
  const batch = await ethers.deployContract("ProKeeper", [context.oracle]);
  return { ...context, batch };
}

const proof = { assetIds: [1n, 2n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };

describe("ProKeeper", () => {
  it("proves once, refreshes, and attempts each item in isolation", async () => {
    const context = await loadFixture(deployWithKeeper);
    const { pro, oracle, batch, reader, alice, bob, keeper } = context;
    await pro.connect(alice).deposit(alice, 1, 5_040n * USD);
    const scope = crossScope(accountOf(1n, 1n));
    await act(context, bob, [ask(100_000n, 1_000n)]);
    await act(context, alice, [bid(100_000n, 1_000n, { type: ORDER_TYPE.immediateOrCancel })], 1n);
    await act(context, bob, [bid(95_190n, 1_000n)]);

    const now = BigInt(await time.latest()) + 4n;
    // Equity 200, below two thirds of the maintenance margin of 351: all lots at once, from 95,150 up.
    await oracle.setPrice(1, 95_200n * PRICE, now);
    await oracle.setPrice(2, 4_000n * PRICE, now);
    const items = [
      item(TASK.refresh, { market: 0n, amount: 0n }),
      item(TASK.refresh, { market: 1n, amount: 0n }),
      item(TASK.liquidate, { scope: crossScope(ALICE), amount: 100n }),
      item(TASK.liquidate, { scope, amount: 100n }),
    ];
    await time.increaseTo(now);
    const results = await batch.connect(keeper).run.staticCall(pro, [proof], items);
    expect(results.map(({ outcome, reason, isFailed }) => [outcome, reason, isFailed])).to.deep.equal([
      [OUTCOME.refreshed, REASON.None, false],
      [OUTCOME.skipped, REASON.TickOfOtherAsset, false],
      [OUTCOME.skipped, REASON.NotLiquidatable, false],
      [OUTCOME.reduced, REASON.None, false],
    ]);
    await expect(batch.connect(keeper).run(pro, [proof], items))
      .to.emit(batch, "ProItemSkipped")
      .withArgs(pro, 0, TASK.refresh, 1, REASON.TickOfOtherAsset);
    expect((await reader.market(pro, 0)).price).to.equal(95_200n * PRICE);
    expect((await reader.party(pro, 0, accountOf(1n, 1n))).lots).to.equal(0n);
  });

  it("fires triggers after the items of their Pro, each in isolation", async () => {
    const context = await loadFixture(deployWithKeeper);
    const { pro, oracle, batch, reader, alice, bob, keeper } = context;
    const triggers = await ethers.deployContract("ProTriggers", [pro, 3n]);
    await pro.connect(alice).setDelegate(ALICE, triggers, 4n, 2n ** 40n - 1n);
    await act(context, bob, [ask(100_000n, 1_000n)]);
    await act(context, alice, [bid(100_000n, 1_000n, { type: ORDER_TYPE.immediateOrCancel })]);
    await act(context, bob, [bid(98_900n, 2_000n)]);
    const stop = {
      ...{ market: 0n, kind: 0n, isBuy: false, isReduceOnly: true, lots: 400n, tick: 99_000n },
      ...{ limit: 0n, boundPips: 0n, callbackPips: 0n, expiry: 0n },
    };
    const orders = [stop, { ...stop, tick: 98_000n }, stop];
    const ids = await triggers.connect(alice).place.staticCall(ALICE, orders);
    await triggers.connect(alice).place(ALICE, orders);

    const now = BigInt(await time.latest()) + 10n;
    await oracle.setPrice(1, 99_000n * PRICE, now);
    await time.increaseTo(now);
    const fires = [...ids, ids[0]].map((id) => ({ id, tickIndex: 0n, earlierTickIndex: 0n }));
    const [proofs, items] = [[{ ...proof, assetIds: [1n] }], [item(TASK.refresh, {})]];
    const args = [triggers, proofs, items, fires] as const;
    const results = await batch.connect(keeper).fire.staticCall(...args);
    const expected = [
      [OUTCOME.refreshed, REASON.None, false],
      [OUTCOME.triggered, REASON.None, false],
      [OUTCOME.skipped, REASON.PriceNotReached, false],
      [OUTCOME.triggered, REASON.None, false],
      [OUTCOME.skipped, REASON.TriggerNotFound, false],
    ];
    expect(results.map(({ outcome, reason, isFailed }) => [outcome, reason, isFailed])).to.deep.equal(expected);
    const sent = batch.connect(keeper).fire(...args);
    await expect(sent).to.emit(batch, "TriggerSkipped").withArgs(triggers, ids[1], REASON.PriceNotReached);
    await expect(sent).to.emit(batch, "TriggerSkipped").withArgs(triggers, ids[0], REASON.TriggerNotFound);
    await expect(sent).not.to.emit(batch, "ItemFailed");
    expect((await reader.party(pro, 0, ALICE)).lots).to.equal(200n);
    expect((await reader.account(pro, await pro.accountOf(keeper, 0))).cash).to.equal(2n * 10n ** 17n);
  });

  it("begins the settling of a market with a tick that it brings", async () => {
    const { pro, oracle, batch, configurator, keeper, reader } = await loadFixture(deployWithKeeper);
    await configurator.delist(pro, 0);
    await time.increase(86_400);
    const now = BigInt(await time.latest()) + 4n;
    await oracle.setPrice(1, 98_000n * PRICE, now);
    await oracle.setPrice(2, 4_000n * PRICE, now);
    await time.increaseTo(now);
    // The second tick is of another asset.
    const items = [1n, 0n].map((amount) => item(TASK.beginSettling, { amount }));
    const results = await batch.connect(keeper).run.staticCall(pro, [proof], items);
    expect(results.map(({ outcome, reason, isFailed }) => [outcome, reason, isFailed])).to.deep.equal([
      [OUTCOME.skipped, REASON.TickOfOtherAsset, false],
      [OUTCOME.settled, REASON.None, false],
    ]);
    await expect(batch.connect(keeper).run(pro, [proof], items))
      .to.emit(pro, "SettlingBegun")
      .withArgs(0, 98_000n * PRICE);
    expect((await reader.market(pro, 0)).mark).to.equal(98_000n * PRICE);
  });

  it("an item of a target that is no Pro fails alone", async () => {
    const { batch, keeper, oracle } = await loadFixture(deployWithKeeper);
    const items = [item(TASK.shareLoss, { scope: 5n })];
    const [result] = await batch.connect(keeper).run.staticCall(oracle, [], items);
    expect(result.isFailed).to.equal(true);
    const sent = batch.connect(keeper).run(oracle, [], items);
    await expect(sent).to.emit(batch, "ItemFailed").withArgs(oracle, 5, "0x");
    await expect(sent).not.to.emit(batch, "ProItemSkipped");
  });

  it("an item of a target that is no store of triggers fails alone", async () => {
    const { batch, keeper, oracle } = await loadFixture(deployWithKeeper);
    const fires = [{ id: 7n, tickIndex: 0n, earlierTickIndex: 0n }];
    const [result] = await batch.connect(keeper).fire.staticCall(oracle, [], [], fires);
    expect(result.isFailed).to.equal(true);
    await expect(batch.connect(keeper).fire(oracle, [], [], fires))
      .to.emit(batch, "ItemFailed")
      .withArgs(oracle, 7, "0x");
    await expect(batch.fire(keeper, [], [], []))
      .to.be.revertedWithCustomError(batch, "KeeperBatch_NotATrading")
      .withArgs(keeper);
  });

  it("rolls grids after the items of their Pro, each in isolation", async () => {
    const context = await loadFixture(deployWithKeeper);
    const { pro, oracle, batch, reader, alice, bob, keeper } = context;
    const grids = await ethers.deployContract("GridBook", [pro]);
    await pro.connect(alice).setDelegate(ALICE, grids, 4n, 2n ** 40n - 1n);
    const id = await grids.connect(alice).open.staticCall(ALICE, gridOrder());
    await grids.connect(alice).open(ALICE, gridOrder());
    await act(context, bob, [ask(99_500n, 10n, { type: ORDER_TYPE.immediateOrCancel })]);

    const now = BigInt(await time.latest()) + 10n;
    await oracle.setPrice(1, 100_000n * PRICE, now);
    await time.increaseTo(now);
    const items = [item(TASK.refresh, {}), item(TASK.refresh, { market: 1n })];
    // Of no grid, with a number of lines that can't be, what is due, and once more.
    const rolls = [
      { id: id + 256n, maxLines: 10n },
      { id, maxLines: 11n },
      { id, maxLines: 10n },
      { id, maxLines: 10n },
    ];
    const proofs = [{ ...proof, assetIds: [1n] }];
    const args = [grids, proofs, items, rolls] as const;
    const results = await batch.connect(keeper).roll.staticCall(...args);
    expect(results.map(({ outcome, reason, isFailed }) => [outcome, reason, isFailed])).to.deep.equal([
      [OUTCOME.refreshed, REASON.None, false],
      [OUTCOME.skipped, REASON.TickOfOtherAsset, false],
      [OUTCOME.skipped, REASON.GridNotFound, false],
      [0n, REASON.None, true],
      [OUTCOME.rolled, REASON.None, false],
      [OUTCOME.skipped, REASON.NothingToRoll, false],
    ]);
    const sent = batch.connect(keeper).roll(...args);
    await expect(sent).to.emit(batch, "ProItemSkipped").withArgs(pro, 0, TASK.refresh, 1, REASON.TickOfOtherAsset);
    await expect(sent)
      .to.emit(batch, "GridSkipped")
      .withArgs(grids, id + 256n, REASON.GridNotFound);
    await expect(sent).to.emit(batch, "GridSkipped").withArgs(grids, id, REASON.NothingToRoll);
    const failure = grids.interface.encodeErrorResult("GridBook_MaxLinesOutOfRange", [11n, 1n, 10n]);
    await expect(sent).to.emit(batch, "ItemFailed").withArgs(grids, id, failure);
    await expect(sent).to.emit(grids, "GridRolled").withArgs(id, keeper, 30, [1n, 0n, 0n, 10n, 0n, LINE_TIP]);
    expect((await reader.account(pro, await pro.accountOf(keeper, 0))).cash).to.equal(LINE_TIP);
  });

  it("a roll of a target that is no book of grids fails alone, and one without its gas reverts", async () => {
    const { batch, keeper, oracle } = await loadFixture(deployWithKeeper);
    const rolls = [{ id: 7n, maxLines: 1n }];
    const [result] = await batch.connect(keeper).roll.staticCall(oracle, [], [], rolls);
    expect(result.isFailed).to.equal(true);
    await expect(batch.connect(keeper).roll(oracle, [], [], rolls))
      .to.emit(batch, "ItemFailed")
      .withArgs(oracle, 7, "0x");
    await expect(batch.roll(keeper, [], [], rolls))
      .to.be.revertedWithCustomError(batch, "KeeperBatch_NotATrading")
      .withArgs(keeper);
    await expect(batch.connect(keeper).roll(oracle, [], [], rolls, { gasLimit: 3_000_000n }))
      .to.be.revertedWithCustomError(batch, "KeeperBatch_GasTooLow")
      .withArgs((gasLeft: bigint) => gasLeft < REQUIRED_GAS, REQUIRED_GAS);
  });

  it("gives back what Pyth did not ask for, and refuses what is no contract", async () => {
    const { pro, batch, keeper } = await loadFixture(deployWithKeeper);
    await expect(batch.connect(keeper).run(pro, [proof], [], { value: 7n })).to.changeEtherBalance(keeper, 0n);
    await expect(batch.run(keeper, [], []))
      .to.be.revertedWithCustomError(batch, "KeeperBatch_NotATrading")
      .withArgs(keeper);
    await expect(batch.connect(keeper).run(pro, [], [item(TASK.refresh, {})], { gasLimit: 3_000_000n }))
      .to.be.revertedWithCustomError(batch, "KeeperBatch_GasTooLow")
      .withArgs((gasLeft: bigint) => gasLeft < REQUIRED_GAS, REQUIRED_GAS);
  });
});
