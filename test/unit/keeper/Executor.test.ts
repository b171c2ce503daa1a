import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { confirmed } from "../../../kit/desk/Desk";
import { executionFeeTokens } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  ITEM_GAS,
  batch,
  claimable,
  exchangeToken,
  keeperFixture,
  openPositions,
  requestCloses,
  requestOpens,
  scriptExecution,
  show,
} from "./fixture";
import type { Act, KeeperContext } from "./fixture";

const itemsOf = (ids: readonly bigint[], tickIndex = 0n) => ids.map((tradeId) => ({ tradeId, tickIndex }));

/** Execution fee of the chain in a dollar token at 1 USD. */
function feeOf({ profile }: KeeperContext): bigint {
  const { decimals } = profile.tokens.find(({ symbol }) => symbol === "USDT") ?? profile.tokens[0];
  return executionFeeTokens(profile.execution.executionFeeUsd, { decimals, price: px("1") });
}

/** Executes scripted items without any proof. */
async function runScripted({ executor, keeper, scripted }: KeeperContext, ids: readonly bigint[]) {
  const connected = executor.connect(keeper);
  const results = await connected.execute.staticCall(scripted, [], itemsOf(ids));
  const sent = connected.execute(scripted, [], itemsOf(ids));
  return { results: show(results), sent, receipt: await confirmed(sent) };
}

describe("Executor", () => {
  describe("constructor", () => {
    it("keeps the aggregator, and refuses none", async () => {
      const { executor, priceAggregator } = await loadFixture(keeperFixture);
      expect(await executor.aggregator()).to.equal(await priceAggregator.getAddress());
      expect(await executor.ITEM_GAS()).to.equal(ITEM_GAS);
      await expect(ethers.deployContract("Executor", [ethers.ZeroAddress]))
        .to.be.revertedWithCustomError(executor, "Code_NotAContract")
        .withArgs(ethers.ZeroAddress);
    });
  });

  describe("execute", () => {
    it("opens and closes with one proof, and credits the caller one fee each", async () => {
      const context = await loadFixture(keeperFixture);
      const { desk, keeper, trading } = context;
      const before = await openPositions(context, [{}, { isLong: false }]);
      const fees = await claimable(context, keeper);
      expect(fees).to.equal(2n * feeOf(context));
      const { ids, target } = await requestOpens(context, [{}, { isLong: false }]);
      await requestCloses(context, before);
      // The closes came a second later: one tick is the first after both targets.
      const at = target + 1;
      await desk.warpTo(at + 1);
      await desk.refresh();
      const proof = desk.firstTick("BTC", target, { at });
      const batch = await desk.execute(keeper, [...ids, ...before], [proof]);
      expect(batch.results.map(({ outcome }) => outcome)).to.deep.equal(["Opened", "Opened", "Closed", "Closed"]);
      expect(await claimable(context, keeper)).to.equal(6n * feeOf(context));
      for (const id of ids) expect(await desk.statusOf(id)).to.equal("Open");
      for (const id of before) expect(await desk.statusOf(id)).to.equal("None");
      expect(await trading.nextTradeId()).to.equal(ids[1] + 1n);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("pays the credited fees out when they are claimed", async () => {
      const context = await loadFixture(keeperFixture);
      const { keeper, replica, stranger, vault } = context;
      await openPositions(context, [{}]);
      const token = replica.token("USDT");
      await vault.connect(keeper).claim(token, stranger, false);
      expect(await token.balanceOf(stranger)).to.equal(feeOf(context));
      expect(await claimable(context, keeper)).to.equal(0n);
    });

    it("hands trade, tick and caller on, in the order of the items", async () => {
      const context = await loadFixture(keeperFixture);
      const { executor, keeper, scripted } = context;
      for (const id of [7n, 3n]) await scriptExecution(context, id, "Answer", "Closed");
      await executor.connect(keeper).execute(
        scripted,
        [],
        [
          { tradeId: 7n, tickIndex: 4n },
          { tradeId: 3n, tickIndex: ethers.MaxUint256 },
        ],
      );
      const attempts = await scripted.attempts();
      expect(attempts.map(({ id, tickIndex, executor: who }) => [id, tickIndex, who])).to.deep.equal([
        [7n, 4n, keeper.address],
        [3n, ethers.MaxUint256, keeper.address],
      ]);
      for (const { isLiquidation, gasGiven } of attempts) {
        expect(isLiquidation).to.equal(false);
        expect(gasGiven).to.be.within(ITEM_GAS - 10_000n, ITEM_GAS);
      }
    });

    it("does nothing without items and proofs", async () => {
      const { executor, keeper, trading } = await loadFixture(keeperFixture);
      expect(await executor.connect(keeper).execute.staticCall(trading, [], [])).to.deep.equal([]);
      await executor.connect(keeper).execute(trading, [], []);
    });

    it("refuses a target without code", async () => {
      const { executor, keeper, stranger } = await loadFixture(keeperFixture);
      await expect(executor.connect(keeper).execute(stranger.address, [], []))
        .to.be.revertedWithCustomError(executor, "KeeperBatch_NotATrading")
        .withArgs(stranger.address);
    });

    it("skips ids that don't exist, come twice or have nothing pending, and says why", async () => {
      const context = await loadFixture(keeperFixture);
      const { desk, executor, keeper, trading } = context;
      const [open] = await openPositions(context, [{}]);
      const { ids, target } = await requestOpens(context, [{}]);
      await desk.warpTo(target + 1);
      await desk.refresh();
      const all = [ids[0], ids[0], 0n, 999n, ethers.MaxUint256, open];
      const { results, receipt } = await desk.execute(keeper, all, [desk.firstTick("BTC", target)]);
      expect(results.map(({ outcome, reason }) => `${outcome} ${reason}`)).to.deep.equal([
        "Opened None",
        ...Array<string>(5).fill("Skipped NothingPending"),
      ]);
      const sent = Promise.resolve(receipt.getTransaction());
      for (const id of all.slice(1)) {
        await expect(sent)
          .to.emit(executor, "ItemSkipped")
          .withArgs(await trading.getAddress(), id, 1n);
      }
    });

    it("skips a tick number that nothing was proven under, without losing the order", async () => {
      const context = await loadFixture(keeperFixture);
      const { desk, keeper } = context;
      const { ids, target } = await requestOpens(context, [{}, {}, {}]);
      await desk.warpTo(target + 1);
      await desk.refresh();
      const proof = desk.firstTick("BTC", target);
      const { results } = await desk.execute(keeper, ids, [proof], [1, 0, 77]);
      expect(results.map(({ outcome, reason }) => `${outcome}:${reason}`)).to.deep.equal([
        "Skipped:NoTick",
        "Opened:None",
        "Skipped:NoTick",
      ]);
      const retry = await desk.execute(keeper, [ids[0], ids[2]], [proof]);
      expect(retry.results.map(({ outcome }) => outcome)).to.deep.equal(["Opened", "Opened"]);
    });

    it("numbers the ticks of each call from 0, also when a transaction makes several", async () => {
      const context = await loadFixture(keeperFixture);
      const { desk, executor, trading, wallet } = context;
      const first = await requestOpens(context, [{}]);
      const second = await requestOpens(context, [{}]);
      await desk.warpTo(second.target + 2);
      await desk.refresh();
      const to = await executor.getAddress();
      const calls = [];
      for (const { ids, target: at } of [first, second]) {
        const proofs = [desk.firstTick("BTC", at)];
        const target = await trading.getAddress();
        calls.push({ to, data: executor.interface.encodeFunctionData("execute", [target, proofs, itemsOf(ids)]) });
      }
      await batch(wallet, calls);
      expect(await desk.statusOf(first.ids[0])).to.equal("Open");
      expect(await desk.statusOf(second.ids[0])).to.equal("Open");
    });
  });

  describe("isolation", () => {
    const failures: [Act, (context: KeeperContext) => string][] = [
      ["Panic", () => ethers.concat(["0x4e487b71", ethers.toBeHex(1n, 32)])],
      [
        "CustomError",
        ({ scripted }) =>
          scripted.interface.encodeErrorResult("ScriptedTrading_Scripted", [2n, ethers.toBeHex(ethers.MaxUint256, 32)]),
      ],
      ["Text", () => new ethers.Interface(["error Error(string)"]).encodeErrorResult("Error", ["scripted"])],
      ["EmptyRevert", () => "0x"],
      ["BurnGas", () => "0x"],
      ["RevertBomb", () => ethers.zeroPadBytes("0x", 256)],
      ["ShortAnswer", () => ethers.zeroPadBytes("0x", 32)],
    ];
    for (const [act, reasonOf] of failures) {
      it(`L04/L05: goes on after an item that fails by ${act}, and reports at most 256 bytes of it`, async () => {
        const context = await loadFixture(keeperFixture);
        const { executor, scripted } = context;
        for (const id of [1n, 2n, 3n]) await scriptExecution(context, id, id === 2n ? act : "Answer");
        const { results, sent, receipt } = await runScripted(context, [1n, 2n, 3n]);
        expect(results).to.deep.equal(["Opened", "failed", "Opened"]);
        const target = await scripted.getAddress();
        const failed = expect(sent).to.emit(executor, "ItemFailed");
        const reason = reasonOf(context);
        // What a bomb and a short answer carry is memory of the scripted contract: only its length is known.
        if (act === "ShortAnswer" || act === "RevertBomb") {
          await failed.withArgs(target, 2n, (data: string) => data.length === reason.length);
        } else {
          await failed.withArgs(target, 2n, reason);
        }
        expect(receipt.gasUsed).to.be.below(1_600_000n);
      });
    }

    it("L05: does not copy more than two words of an answer", async () => {
      const context = await loadFixture(keeperFixture);
      await scriptExecution(context, 1n, "ReturnBomb");
      await scriptExecution(context, 2n, "Answer", "Refused", "PriceBound");
      const { results, receipt } = await runScripted(context, [1n, 2n]);
      expect(results).to.deep.equal(["Opened", "Refused:PriceBound"]);
      expect(receipt.gasUsed).to.be.below(550_000n);
    });

    it("goes on after nothing but failures", async () => {
      const context = await loadFixture(keeperFixture);
      const ids = failures.map((_, index) => BigInt(index));
      for (const [index, [act]] of failures.entries()) await scriptExecution(context, ids[index], act);
      const { results } = await runScripted(context, ids);
      expect(results).to.deep.equal(ids.map(() => "failed"));
    });

    for (const contractName of ["BlacklistToken", "GasBurningToken", "ReturnBombToken"] as const) {
      it(`L01/L02: ${contractName}: a payout that the token refuses becomes claimable, the others are paid`, async () => {
        const context = await loadFixture(keeperFixture);
        const { desk, keeper, other, replica, stranger, trader, vault } = context;
        const hostile = await desk.open(trader, keeper, { token: "USDT" });
        const good = await desk.open(other, keeper, { token: "USDC" });
        await exchangeToken(context, "USDT", contractName);
        await setHostile(context, contractName, trader.address, true);
        const pendings = [await desk.requestClose(trader, hostile), await desk.requestClose(other, good)];
        const at = pendings[1].target;
        await desk.warpTo(at + 1);
        await desk.refresh();
        const before = await replica.token("USDC").balanceOf(other);
        const proof = desk.firstTick("BTC", pendings[0].target, { at });
        const { results } = await desk.execute(keeper, [hostile, good], [proof]);
        expect(results.map(({ outcome }) => outcome)).to.deep.equal(["Closed", "Closed"]);
        expect(await replica.token("USDC").balanceOf(other)).to.be.above(before);
        const owed = await claimable(context, trader);
        expect(owed).to.be.above(0n);
        await setHostile(context, contractName, trader.address, false);
        await vault.connect(trader).claim(replica.token("USDT"), stranger, false);
        expect(await replica.token("USDT").balanceOf(stranger)).to.equal(owed);
        expect(await desk.isBalanced()).to.equal(true);
      });
    }
  });

  describe("gas", () => {
    it("L15: executes 25 openings and 25 closes at one tick within 30M gas", async () => {
      const context = await loadFixture(keeperFixture);
      const { desk, executor, keeper, trading, tradingRecords, wallet } = context;
      const order = (index: number) => ({ isLong: index % 2 === 0, leverage: 500 });
      const closing = await openPositions(
        context,
        Array.from({ length: 25 }, (_, index) => order(index)),
      );
      const opening = await requestOpens(
        context,
        Array.from({ length: 25 }, (_, index) => order(index)),
      );
      await requestCloses(context, closing);
      const at = opening.target + 1;
      await desk.warpTo(at + 1);
      await desk.refresh();
      const proofs = [desk.firstTick("BTC", opening.target, { at })];
      const value = await desk.updateFee(proofs);
      const ids = [...opening.ids, ...closing];
      const args = [await trading.getAddress(), proofs, itemsOf(ids), { value, gasLimit: 30_000_000n }] as const;
      const receipt = await confirmed(executor.connect(keeper).execute(...args));
      expect(receipt.gasUsed).to.be.below(10_000_000n);
      for (const id of opening.ids) expect(await desk.statusOf(id)).to.equal("Open");
      for (const id of closing) expect(await desk.statusOf(id)).to.equal("None");
      expect(await wallet.getAddress()).to.equal((await tradingRecords.position(opening.ids[0])).owner);
    });
  });
});

async function setHostile(
  { profile }: KeeperContext,
  contractName: "BlacklistToken" | "GasBurningToken" | "ReturnBombToken",
  account: string,
  isHostile: boolean,
): Promise<void> {
  const address = profile.tokens.find(({ symbol }) => symbol === "USDT")?.address ?? "";
  if (contractName === "BlacklistToken") {
    await (await ethers.getContractAt("BlacklistToken", address)).setBlacklisted(account, isHostile);
  } else if (contractName === "GasBurningToken") {
    await (await ethers.getContractAt("GasBurningToken", address)).setHostile(isHostile);
  } else {
    await (await ethers.getContractAt("ReturnBombToken", address)).setBomb(isHostile ? 2 : 0, 1_000_000n);
  }
}
