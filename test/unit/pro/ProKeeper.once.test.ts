import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ORDER_TYPE, REASON, ask, bid, crossScope } from "../../dsl/proActions";
import { ALICE, PRICE, USD, accountOf, act, deployFunded } from "./proFixture";

const TASK = { refresh: 0n, liquidate: 1n, deleverage: 2n, shareLoss: 3n, beginSettling: 4n, closeSettled: 5n };
const OUTCOME = { skipped: 0n, refreshed: 1n, reduced: 3n };

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
