import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { BaseContract } from "ethers";
import { ethers } from "hardhat";
import type { Proof } from "../../../kit/desk/Desk";
import { confirmed } from "../../../kit/desk/Desk";
import { px } from "../../../sdk/units";
import { itMeasuresGas } from "../../dsl/instrumented";
import { REQUIRED_GAS, forged, keeperFixture, openPositions, requestCloses, requestOpens, show } from "./fixture";
import type { KeeperContext } from "./fixture";

const itemsOf = (ids: readonly bigint[]) => ids.map((tradeId) => ({ tradeId, tickIndex: 0n }));

/** A batch ready to be executed: two orders, a close, and the proof of their one tick. */
async function readyFixture() {
  const context = await loadFixture(keeperFixture);
  const { desk } = context;
  const closing = await openPositions(context, [{}]);
  const { ids, target } = await requestOpens(context, [{}, { isLong: false }]);
  await requestCloses(context, closing);
  const at = target + 1;
  await desk.warpTo(at + 1);
  await desk.refresh();
  const proof = desk.firstTick("BTC", target, { at });
  return { ...context, ids: [...ids, ...closing], target, at, proof };
}

async function attempt({ executor, keeper, trading, ids }: Awaited<ReturnType<typeof readyFixture>>, proofs: Proof[]) {
  return executor.connect(keeper).execute(trading, proofs, itemsOf(ids), { value: 10n });
}

describe("KeeperBatch", () => {
  describe("proofs that are not good revert the whole call", () => {
    interface Case {
      name: string;
      error: string;
      /** What the error says, besides its name. */
      args?: (proofs: Proof[]) => unknown[];
      isPyths?: boolean;
      proofs: (context: Awaited<ReturnType<typeof readyFixture>>) => Proof[] | Promise<Proof[]>;
    }
    const pyth = { error: "PriceFeedNotFoundWithinRange", isPyths: true };
    const cases: Case[] = [
      {
        name: "no update data",
        error: "PriceAggregator_NoUpdateData",
        proofs: ({ proof }) => [{ ...proof, updateData: [] }],
      },
      { name: "no assets", error: "PriceAggregator_NoAssets", proofs: ({ proof }) => [{ ...proof, assetIds: [] }] },
      {
        name: "an asset that is not listed",
        error: "PriceAggregator_AssetNotListed",
        args: ([{ assetIds }]) => assetIds,
        proofs: ({ proof }) => [{ ...proof, assetIds: [99] }],
      },
      {
        name: "empty bytes",
        error: "InvalidUpdateData",
        isPyths: true,
        proofs: ({ proof }) => [{ ...proof, updateData: ["0x"] }],
      },
      {
        name: "a tick of another feed",
        ...pyth,
        proofs: ({ desk, proof, target, at }) => [
          { ...proof, updateData: desk.firstTick("ETH", target, { at }).updateData },
        ],
      },
      {
        name: "a tick before the target",
        ...pyth,
        proofs: ({ desk, proof, target }) => [
          { ...proof, updateData: desk.firstTick("BTC", target - 1, { at: target - 1 }).updateData },
        ],
      },
      {
        name: "a target that has not come",
        error: "PriceAggregator_MinPublishTimeInFuture",
        args: ([{ minPublishTime }]) => [minPublishTime, (timestamp: bigint) => timestamp < minPublishTime],
        proofs: async ({ desk, proof }) => [{ ...proof, minPublishTime: (await desk.now()) + 60 }],
      },
      {
        name: "a tick that is not the first",
        ...pyth,
        proofs: ({ desk, proof, target, at }) => [
          { ...proof, updateData: desk.firstTick("BTC", target, { at, previous: target }).updateData },
        ],
      },
      {
        name: "a second tick of the same second",
        ...pyth,
        proofs: ({ desk, proof, publisher, at }) => [
          { ...proof, updateData: [publisher.sameSecondUpdate(desk.pythPrice("BTC", at), 1n)] },
        ],
      },
      {
        name: "a tick from the future",
        ...pyth,
        proofs: async ({ desk, target }) => [desk.firstTick("BTC", target, { at: (await desk.now()) + 60 })],
      },
      {
        name: "another signer",
        error: "InvalidWormholeVaa",
        isPyths: true,
        proofs: (context) => [forged(context, context.proof, context.at, { previous: context.target - 1 })],
      },
      {
        name: "a good proof and a bad one",
        ...pyth,
        proofs: ({ desk, proof, target, at }) => [
          proof,
          { ...proof, updateData: desk.firstTick("ETH", target, { at }).updateData },
        ],
      },
    ];
    for (const { name, error, args, isPyths, proofs } of cases) {
      it(`O: ${name}: ${error}`, async () => {
        const context = await loadFixture(readyFixture);
        const { desk, priceAggregator, pythErrors, ids, proof } = context;
        const thrower: BaseContract = isPyths ? pythErrors : priceAggregator;
        const brought = await proofs(context);
        await expect(attempt(context, brought))
          .to.be.revertedWithCustomError(thrower, error)
          .withArgs(...(args?.(brought) ?? []));
        expect(await Promise.all(ids.map((id) => desk.statusOf(id)))).to.deep.equal([
          "MarketOrder",
          "MarketOrder",
          "Open",
        ]);
        // Nothing is lost: with a good proof the same items are done.
        await confirmed(attempt(context, [proof]));
        expect(await Promise.all(ids.map((id) => desk.statusOf(id)))).to.deep.equal(["Open", "Open", "None"]);
      });
    }

    it("A16: a tick that is proven from later than the target, or not as the first, fills nothing", async () => {
      const context = await loadFixture(readyFixture);
      const { desk, executor, keeper, trading, ids, proof, at } = context;
      for (const other of [{ minPublishTime: at }, { isUnique: false }]) {
        const proofs = [{ ...proof, ...other }];
        if (other.minPublishTime !== undefined) {
          proofs[0].updateData = desk.firstTick("BTC", at, { at }).updateData;
        }
        const args = [trading, proofs, itemsOf(ids.slice(0, 2)), { value: 10n }] as const;
        const results = await executor.connect(keeper).execute.staticCall(...args);
        expect(show(results)).to.deep.equal(["Skipped:TickNotFirst", "Skipped:TickNotFirst"]);
      }
    });
  });

  describe("gas", () => {
    itMeasuresGas(
      "L03: whatever gas a batch of three is given, it reverts as a whole or all of it is done",
      async () => {
        const { executor, keeper, trading, ids, proof } = await loadFixture(readyFixture);
        const connected = executor.connect(keeper);
        const done = ["Opened", "Opened", "Closed"];
        let reverted = 0;
        let succeeded = 0;
        for (let gasLimit = 60_000n; gasLimit <= 2_000_000n; gasLimit += 20_000n) {
          try {
            const overrides = { value: 10n, gasLimit };
            expect(show(await connected.execute.staticCall(trading, [proof], itemsOf(ids), overrides))).to.deep.equal(
              done,
            );
            succeeded += 1;
          } catch (error) {
            if (error instanceof Error && error.name === "AssertionError") throw error;
            expect(succeeded, `${gasLimit} fails where less is enough`).to.equal(0);
            reverted += 1;
          }
        }
        expect(reverted).to.be.above(0);
        expect(succeeded).to.be.above(0);
      },
    );

    it("says how much gas an item needs at least", async () => {
      const context = await loadFixture(readyFixture);
      const { executor, keeper, scripted } = context;
      const sent = executor.connect(keeper).execute(scripted, [], itemsOf([1n]), { gasLimit: 1_000_000n });
      await expect(sent)
        .to.be.revertedWithCustomError(executor, "KeeperBatch_GasTooLow")
        .withArgs((left: bigint) => left < 1_000_000n, REQUIRED_GAS);
    });

    it("L03: burnt gas of one item fails neither the next nor the call below what each is due", async () => {
      const context = await loadFixture(readyFixture);
      const { executor, keeper, scripted } = context;
      await confirmed(scripted.scriptExecution(1n, { act: 5, outcome: 0, reason: 0 }));
      await confirmed(scripted.scriptExecution(2n, { act: 0, outcome: 2, reason: 0 }));
      for (const gasLimit of [1_200_000n, 1_900_000n, 2_050_000n, 2_120_000n, 2_300_000n]) {
        const call = executor.connect(keeper).execute.staticCall(scripted, [], itemsOf([1n, 2n]), { gasLimit });
        const outcome = await call.then(show, () => "reverted");
        if (outcome !== "reverted") expect(outcome).to.deep.equal(["failed", "Opened"]);
        if (gasLimit >= 2_300_000n) expect(outcome).to.deep.equal(["failed", "Opened"]);
        if (gasLimit <= 2_050_000n) expect(outcome).to.equal("reverted");
      }
    });
  });

  describe("native coin", () => {
    it("returns all of it when nothing is proven", async () => {
      const { executor, liquidator, keeper, replica, trading } = await loadFixture(readyFixture);
      await replica.setUpdateFee(7n);
      for (const contract of [executor, liquidator]) {
        const sent = contract.connect(keeper).getFunction(contract === executor ? "execute" : "liquidate");
        await expect(sent(trading, [], [], { value: 1_000n })).to.changeEtherBalances([keeper, contract], [0n, 0n]);
      }
    });

    for (const feeWei of [0n, 7n]) {
      describe(`at a fee of ${feeWei} a price`, () => {
        async function loadAtFee() {
          const context = await loadFixture(readyFixture);
          await context.replica.setUpdateFee(feeWei);
          return context;
        }

        it("returns what Pyth did not ask for to the caller", async () => {
          const { executor, keeper, trading, ids, proof, profile } = await loadAtFee();
          const sent = executor.connect(keeper).execute(trading, [proof], itemsOf(ids), { value: 1_000n });
          const accounts = [keeper, profile.pyth.address, executor];
          await expect(sent).to.changeEtherBalances(accounts, [-feeWei, feeWei, 0n]);
        });

        it("pays for every proof and every price in it", async () => {
          const { desk, executor, keeper, priceAggregator, publisher, trading, ids, proof, profile, at } =
            await loadAtFee();
          const both = publisher.update([desk.pythPrice("BTC", at), desk.pythPrice("ETH", at)]);
          const proofs = [proof, desk.anyTick("BTC", at), { ...desk.anyTick("BTC", at), updateData: [both] }];
          const fee = 4n * feeWei;
          expect(await priceAggregator.updateFee(proofs)).to.equal(fee);
          const accounts = [keeper, profile.pyth.address, executor, priceAggregator];
          const sent = executor.connect(keeper).execute(trading, proofs, itemsOf(ids), { value: fee + 5n });
          await expect(sent).to.changeEtherBalances(accounts, [-fee, fee, 0n, 0n]);
        });

        it("returns it to a contract, which can't use the moment to call again", async () => {
          const { executor, trading, ids, proof } = await loadAtFee();
          const receiver = await ethers.deployContract("ReentrantReceiver");
          const target = await trading.getAddress();
          const encode = (proofs: Proof[], count: number) =>
            executor.interface.encodeFunctionData("execute", [target, proofs, itemsOf(ids.slice(0, count))]);
          await confirmed(receiver.arm(executor, encode([], 3)));
          const sent = receiver.execute(executor, 500n, encode([proof], 1), { value: 500n });
          await expect(sent).to.changeEtherBalances([receiver, executor], [500n - feeWei, 0n]);
          expect(await receiver.callCount()).to.equal(1n);
          expect(await receiver.lastSuccess()).to.equal(false);
          const guard = executor.interface.encodeErrorResult("ReentrancyGuardReentrantCall");
          expect(await receiver.lastReturnData()).to.equal(guard);
        });

        it("reverts when the caller does not take it back, and needs none back that sends the fee", async () => {
          const { executor, trading, ids, proof } = await loadAtFee();
          const receiver = await ethers.deployContract("RevertingReceiver");
          await confirmed(receiver.setHostile(true));
          const target = await trading.getAddress();
          const data = executor.interface.encodeFunctionData("execute", [target, [proof], itemsOf(ids)]);
          await expect(receiver.execute(executor, 500n, data, { value: 500n }))
            .to.be.revertedWithCustomError(executor, "KeeperBatch_RefundRefused")
            .withArgs(receiver.target, 500n - feeWei);
          await confirmed(receiver.execute(executor, feeWei, data, { value: feeWei }));
        });
      });
    }

    it("refuses a value below the update fee, and asks for it anew each time", async () => {
      const { executor, keeper, priceAggregator, replica, trading, ids, proof } = await loadFixture(readyFixture);
      for (const feeWei of [5n, 11n]) {
        await replica.setUpdateFee(feeWei);
        expect(await priceAggregator.updateFee([proof])).to.equal(feeWei);
        await expect(executor.connect(keeper).execute(trading, [proof], itemsOf(ids), { value: feeWei - 1n }))
          .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_UpdateFeeNotPaid")
          .withArgs(feeWei - 1n, feeWei);
      }
    });

    it("takes native coin from nobody else", async () => {
      const { executor, liquidator, stranger } = await loadFixture(readyFixture);
      for (const contract of [executor, liquidator]) {
        await expect(stranger.sendTransaction({ to: contract, value: 1n }))
          .to.be.revertedWithCustomError(contract, "KeeperBatch_NativeNotExpected")
          .withArgs(stranger.address);
      }
    });
  });

  describe("mixed batches", () => {
    it("I21: does the same as the items one by one", async () => {
      const context = await loadFixture(readyFixture);
      const { desk, keeper, ids, proof } = context;
      const read = () => stateOf(context, ids);
      const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
      const now = await desk.now();
      await ethers.provider.send("evm_setNextBlockTimestamp", [now + 5]);
      await desk.execute(keeper, ids, [proof]);
      const together = await read();
      await ethers.provider.send("evm_revert", [snapshot]);
      for (const id of ids) await desk.execute(keeper, [id], [proof]);
      const apart = await read();
      // The carry of a few seconds apart; nothing else may differ, and every amount is in the trader's favour or the same.
      expect(together.statuses).to.deep.equal(apart.statuses);
      expect(together.sizes).to.deep.equal(apart.sizes);
      expect(together.credit).to.equal(apart.credit);
    });

    it("I21: one that fails leaves what the others do as it is without it", async () => {
      const context = await loadFixture(readyFixture);
      const { desk, keeper, ids, proof } = context;
      const at = (await desk.now()) + 5;
      const states = [];
      for (const batch of [ids, [999n, ids[0], 0n, ids[1], ids[0], ids[2], ids[2]]]) {
        const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
        await ethers.provider.send("evm_setNextBlockTimestamp", [at]);
        await desk.execute(keeper, batch, [proof]);
        states.push(await stateOf(context, ids), await desk.books());
        await ethers.provider.send("evm_revert", [snapshot]);
      }
      expect(states.slice(2)).to.deep.equal(states.slice(0, 2));
    });

    it("refuses, skips and opens in one batch, each for its own reason", async () => {
      const context = await loadFixture(readyFixture);
      const { desk, keeper } = context;
      const orders = [{}, { acceptablePrice: px("59000") }, { isLong: false, leverage: 500 }];
      const { ids, target } = await requestOpens(context, orders);
      const late = await requestOpens(context, [{}]);
      await desk.warpTo(target + 1);
      await desk.refresh();
      const { results } = await desk.execute(keeper, [...ids, ...late.ids], [desk.firstTick("BTC", target)]);
      expect(results.map(({ outcome, reason }) => `${outcome}:${reason}`)).to.deep.equal([
        "Opened:None",
        "Refused:PriceBound",
        "Opened:None",
        "Skipped:TickTooEarly",
      ]);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });
});

async function stateOf({ desk, keeper, replica, tradingRecords, vault }: KeeperContext, ids: readonly bigint[]) {
  const statuses = await Promise.all(ids.map((id) => desk.statusOf(id)));
  const sizes = await Promise.all(ids.map(async (id) => (await tradingRecords.position(id)).size));
  const credit = await vault.claimableOf(await replica.token("USDT").getAddress(), keeper.address);
  return { statuses, sizes, credit };
}
