import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { NO_TICK, confirmed } from "../../../kit/desk/Desk";
import type { Proof } from "../../../kit/desk/Desk";
import { Reason } from "../../../sdk/enums";
import { liquidationReward } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { itMeasuresGas } from "../../dsl/instrumented";
import {
  ITEM_GAS,
  claimable,
  exchangeToken,
  keeperFixture,
  openPositions,
  requestCloses,
  requestOpens,
  scriptExecution,
  scriptLiquidation,
  show,
} from "./fixture";
import type { Act, KeeperContext } from "./fixture";

/** Beyond the liquidation price of longs at 1001 and 500 opened at 60,000, and just beyond that at 1001 only. */
const CRASH = px("59900");
const DIP = px("59960");

const itemsOf = (ids: readonly bigint[], closeTickIndex = NO_TICK) =>
  ids.map((tradeId) => ({ tradeId, tickIndex: 0n, closeTickIndex }));

/** A fixture restores the chain, not the price that the desk remembers. */
async function load(): Promise<KeeperContext> {
  const context = await loadFixture(keeperFixture);
  await context.desk.setPrice("BTC", px("60000"));
  return context;
}

async function liquidate(
  { desk, keeper, liquidator, trading }: KeeperContext,
  items: { tradeId: bigint; tickIndex: bigint; closeTickIndex: bigint }[],
  proofs: Proof[],
) {
  const connected = liquidator.connect(keeper);
  const value = await desk.updateFee(proofs);
  const results = await connected.liquidate.staticCall(trading, proofs, items, { value });
  const receipt = await confirmed(connected.liquidate(trading, proofs, items, { value }));
  return { results: show(results), receipt, sent: Promise.resolve(await receipt.getTransaction()) };
}

function usdtQuote({ profile }: KeeperContext) {
  const { decimals } = profile.tokens.find(({ symbol }) => symbol === "USDT") ?? profile.tokens[0];
  return { decimals, price: px("1") };
}

describe("Liquidator", () => {
  describe("constructor", () => {
    it("keeps the aggregator, and refuses none", async () => {
      const { liquidator, priceAggregator } = await load();
      expect(await liquidator.aggregator()).to.equal(await priceAggregator.getAddress());
      await expect(ethers.deployContract("Liquidator", [ethers.ZeroAddress]))
        .to.be.revertedWithCustomError(liquidator, "Code_NotAContract")
        .withArgs(ethers.ZeroAddress);
    });
  });

  describe("liquidate", () => {
    it("liquidates what qualifies, skips the rest and says why", async () => {
      const context = await load();
      const { desk, liquidator, trading } = context;
      const ids = await openPositions(context, [{}, { isLong: false }, { leverage: 500 }]);
      const order = await requestOpens(context, [{}]);
      await desk.setPrice("BTC", DIP);
      const all = [...ids, ids[0], order.ids[0], 0n, 999n];
      const { results, sent } = await liquidate(context, itemsOf(all), [desk.anyTick("BTC", await desk.now())]);
      expect(results).to.deep.equal([
        "Liquidated",
        "Skipped:NotLiquidatable",
        "Skipped:NotLiquidatable",
        ...Array<string>(4).fill("Skipped:NothingPending"),
      ]);
      const target = await trading.getAddress();
      const notLiquidatable = Reason.indexOf("NotLiquidatable");
      await expect(sent).to.emit(liquidator, "ItemSkipped").withArgs(target, ids[1], notLiquidatable);
      for (const id of all.slice(3)) await expect(sent).to.emit(liquidator, "ItemSkipped").withArgs(target, id, 1n);
      expect(await desk.statusOf(ids[0])).to.equal("None");
      expect(await desk.statusOf(order.ids[0])).to.equal("MarketOrder");
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("I13: credits the caller the reward of each, which it can claim", async () => {
      const context = await load();
      const { desk, keeper, replica, stranger, tradingRecords, vault } = context;
      const ids = await openPositions(context, [{}, {}]);
      const margins = await Promise.all(ids.map(async (id) => (await tradingRecords.position(id)).margin));
      const before = await claimable(context, keeper);
      await desk.setPrice("BTC", CRASH);
      await liquidate(context, itemsOf(ids), [desk.anyTick("BTC", await desk.now())]);
      const rewards = margins.map((margin) => liquidationReward(margin, usdtQuote(context)));
      for (const [index, reward] of rewards.entries()) expect(reward).to.be.at.most(margins[index]);
      expect(await claimable(context, keeper)).to.equal(before + rewards[0] + rewards[1]);
      const token = replica.token("USDT");
      await vault.connect(keeper).claim(token, stranger, false);
      expect(await token.balanceOf(stranger)).to.equal(before + rewards[0] + rewards[1]);
      await expect(vault.connect(keeper).claim(token, stranger, false))
        .to.be.revertedWithCustomError(vault, "Vault_NothingToClaim")
        .withArgs(token, keeper);
    });

    it("L08/L12: pays the reward out of a margin that is more than lost, and records the bad debt", async () => {
      const context = await load();
      const { desk, keeper, trading, tradingRecords } = context;
      const [id] = await openPositions(context, [{}]);
      const { margin } = await tradingRecords.position(id);
      const before = await claimable(context, keeper);
      await desk.setPrice("BTC", px("57000"));
      const { sent } = await liquidate(context, itemsOf([id]), [desk.anyTick("BTC", await desk.now())]);
      const reward = liquidationReward(margin, usdtQuote(context));
      expect((await claimable(context, keeper)) - before).to.equal(reward);
      const event = trading.filters.TradeLiquidated(id);
      const [{ args }] = await trading.queryFilter(event, (await sent)?.blockNumber ?? 0);
      // All of the loss and the reward, less the margin that is there.
      expect(args.badDebt).to.be.above(margin);
      expect([args.reward, args.toVault]).to.deep.equal([reward, margin - reward]);
    });

    it("hands trade, tick and caller on, with a bounded gas", async () => {
      const context = await load();
      const { keeper, liquidator, scripted } = context;
      await scriptLiquidation(context, 5n, "Answer");
      const item = { tradeId: 5n, tickIndex: 3n, closeTickIndex: NO_TICK };
      await liquidator.connect(keeper).liquidate(scripted, [], [item]);
      const [{ isLiquidation, id, tickIndex, executor, gasGiven }] = await scripted.attempts();
      expect([isLiquidation, id, tickIndex, executor]).to.deep.equal([true, 5n, 3n, keeper.address]);
      expect(gasGiven).to.be.within(ITEM_GAS - 10_000n, ITEM_GAS);
    });

    it("refuses a target without code", async () => {
      const { keeper, liquidator, stranger } = await load();
      await expect(liquidator.connect(keeper).liquidate(stranger.address, [], []))
        .to.be.revertedWithCustomError(liquidator, "KeeperBatch_NotATrading")
        .withArgs(stranger.address);
    });

    it("reverts as a whole for a proof that is not good, and for a fee that is not paid", async () => {
      const context = await load();
      const { desk, keeper, liquidator, priceAggregator, publisher, pythErrors, replica, trading } = context;
      const ids = await openPositions(context, [{}]);
      await replica.setUpdateFee(3n);
      const now = await desk.now();
      const good = desk.anyTick("BTC", now, { price: CRASH });
      const call = (proof: Proof, value: bigint) =>
        liquidator.connect(keeper).liquidate(trading, [proof], itemsOf(ids), { value });
      const forged = { ...good, updateData: [publisher.wrongSignerUpdate([desk.pythPrice("BTC", now)])] };
      await expect(call(forged, 9n)).to.be.revertedWithCustomError(pythErrors, "InvalidWormholeVaa");
      const other = { ...good, updateData: desk.anyTick("ETH", now).updateData };
      await expect(call(other, 9n)).to.be.revertedWithCustomError(pythErrors, "PriceFeedNotFoundWithinRange");
      await expect(call(good, 2n))
        .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_UpdateFeeNotPaid")
        .withArgs(2n, 3n);
      expect(await desk.statusOf(ids[0])).to.equal("Open");
    });

    it("numbers the ticks of each call from 0, also when a transaction makes several", async () => {
      const context = await load();
      const { desk, liquidator, trading, wallet } = context;
      const [id] = await openPositions(context, [{}]);
      const now = await desk.now();
      const target = await trading.getAddress();
      const datas = [px("60000"), CRASH].map((price) => {
        const proofs = [desk.anyTick("BTC", now, { price })];
        return liquidator.interface.encodeFunctionData("liquidate", [target, proofs, itemsOf([id])]);
      });
      await confirmed(wallet.executeBatch([liquidator, liquidator], datas));
      expect(await desk.statusOf(id)).to.equal("None");
    });
  });

  describe("an item that carries the proof of a pending close", () => {
    /** A long with a close pending, and then a crash; proofs of the close's tick and of the crossing one. */
    async function shielded(context: KeeperContext, acceptablePrice: bigint, closePrice: bigint) {
      const { desk } = context;
      const [id] = await openPositions(context, [{}]);
      const target = await requestCloses(context, [id], acceptablePrice);
      await desk.warpTo(target + 2);
      await desk.setPrice("BTC", CRASH);
      await desk.warpTo((await desk.now()) + 1);
      const close = desk.firstTick("BTC", target, { price: closePrice });
      const crossing = desk.anyTick("BTC", target + 1, { price: CRASH });
      return { id, proofs: [crossing, close] };
    }

    it("A08: settles the close where it fills, and pays the fee for it", async () => {
      const context = await load();
      const { id, proofs } = await shielded(context, 0n, px("60010"));
      const item = { tradeId: id, tickIndex: 0n, closeTickIndex: 1n };
      expect((await liquidate(context, [item], proofs)).results).to.deep.equal(["Closed"]);
    });

    it("settles the close as a liquidation where its tick says so", async () => {
      const context = await load();
      const { id, proofs } = await shielded(context, px("60000"), CRASH);
      const item = { tradeId: id, tickIndex: 0n, closeTickIndex: 1n };
      expect((await liquidate(context, [item], proofs)).results).to.deep.equal(["Liquidated"]);
    });

    it("A01: liquidates at a tick that the close had shielded, once the same item has refused the close", async () => {
      const context = await load();
      const { trading } = context;
      const { id, proofs } = await shielded(context, px("61000"), px("60000"));
      const shieldedItem = { tradeId: id, tickIndex: 0n, closeTickIndex: NO_TICK };
      expect((await liquidate(context, [shieldedItem], proofs)).results).to.deep.equal(["Skipped:CloseIsPending"]);
      const both = { tradeId: id, tickIndex: 0n, closeTickIndex: 1n };
      const { results, sent } = await liquidate(context, [both], proofs);
      expect(results).to.deep.equal(["Liquidated"]);
      await expect(sent).to.emit(trading, "CloseRefused");
      await expect(sent).to.emit(trading, "TradeLiquidated");
    });

    it("liquidates although the attempt to close fails, and reports the failure", async () => {
      const context = await load();
      const { keeper, liquidator, scripted } = context;
      await scriptExecution(context, 1n, "CustomError");
      await scriptLiquidation(context, 1n, "Answer");
      const sent = liquidator.connect(keeper).liquidate(scripted, [], itemsOf([1n], 0n));
      await expect(sent).to.emit(liquidator, "ItemFailed");
      expect((await scripted.attempts()).map(({ isLiquidation }) => isLiquidation)).to.deep.equal([true]);
    });

    it("tells a failed attempt to close although there was nothing to liquidate, and only then", async () => {
      const context = await load();
      const { keeper, liquidator, scripted } = context;
      for (const id of [1n, 2n, 3n]) await scriptExecution(context, id, "CustomError");
      await scriptLiquidation(context, 1n, "Answer", "Skipped");
      await scriptLiquidation(context, 2n, "Answer");
      await scriptLiquidation(context, 3n, "CustomError");
      const results = await liquidator.connect(keeper).liquidate.staticCall(scripted, [], itemsOf([1n, 2n, 3n], 0n));
      expect(show(results)).to.deep.equal(["failed", "Liquidated", "failed"]);
    });

    it("does not liquidate what the close has settled", async () => {
      const context = await load();
      const { keeper, liquidator, scripted } = context;
      for (const [id, outcome] of ["Closed", "Liquidated"].entries()) {
        await scriptExecution(context, BigInt(id), "Answer", outcome as "Closed" | "Liquidated");
      }
      const results = await liquidator.connect(keeper).liquidate.staticCall(scripted, [], itemsOf([0n, 1n], 0n));
      expect(show(results)).to.deep.equal(["Closed", "Liquidated"]);
      await liquidator.connect(keeper).liquidate(scripted, [], itemsOf([0n, 1n], 0n));
      expect((await scripted.attempts()).map(({ isLiquidation }) => isLiquidation)).to.deep.equal([false, false]);
    });
  });

  describe("isolation", () => {
    for (const act of [
      "Panic",
      "CustomError",
      "Text",
      "EmptyRevert",
      "BurnGas",
      "RevertBomb",
      "ShortAnswer",
    ] as Act[]) {
      it(`L04/L05: goes on after an item that fails by ${act}`, async () => {
        const context = await load();
        const { keeper, liquidator, scripted } = context;
        for (const id of [1n, 2n, 3n]) await scriptLiquidation(context, id, id === 2n ? act : "Answer");
        const connected = liquidator.connect(keeper);
        const results = await connected.liquidate.staticCall(scripted, [], itemsOf([1n, 2n, 3n]));
        expect(show(results)).to.deep.equal(["Liquidated", "failed", "Liquidated"]);
        await expect(connected.liquidate(scripted, [], itemsOf([1n, 2n, 3n])))
          .to.emit(liquidator, "ItemFailed")
          .withArgs(await scripted.getAddress(), 2n, (data: string) => data.length <= 2 + 512);
      });
    }

    it("L01/L02: liquidates positions in a token that refuses every transfer", async () => {
      const context = await load();
      const { desk, keeper, profile, vault } = context;
      const ids = await openPositions(context, [{}, {}]);
      await exchangeToken(context, "USDT", "GasBurningToken");
      const { address } = profile.tokens.find(({ symbol }) => symbol === "USDT") ?? profile.tokens[0];
      await (await ethers.getContractAt("GasBurningToken", address)).setHostile(true);
      await desk.setPrice("BTC", CRASH);
      const { results } = await liquidate(context, itemsOf(ids), [desk.anyTick("BTC", await desk.now())]);
      expect(results).to.deep.equal(["Liquidated", "Liquidated"]);
      await expect(vault.connect(keeper).claim(address, keeper, false))
        .to.be.revertedWithCustomError(vault, "Vault_PaymentFailed")
        .withArgs(address, keeper, await claimable(context, keeper));
    });
  });

  describe("liquidatable", () => {
    it("LIQ-01: says of each id what liquidating it at the price does, all around those of either side", async () => {
      const context = await load();
      const { desk, liquidator, trading } = context;
      const ids = await openPositions(context, [
        {},
        { isLong: false },
        { leverage: 500 },
        { isLong: false, leverage: 777 },
      ]);
      for (const seconds of [30, 7_200, 200_000]) {
        await desk.warp(seconds);
        await desk.refresh();
        const asked = [...ids, 0n, 999n];
        // From far below to far above, densely around the liquidation prices.
        for (let price: bigint = px("59900"); price <= px("60100"); price += px("4.9996")) {
          const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
          const at = await desk.now();
          await ethers.provider.send("evm_setNextBlockTimestamp", [at + 1]);
          const { results } = await liquidate(context, itemsOf(asked, 0n), [desk.anyTick("BTC", at, { price })]);
          await ethers.provider.send("evm_revert", [snapshot]);
          await ethers.provider.send("evm_setNextBlockTimestamp", [at + 1]);
          await ethers.provider.send("evm_mine", []);
          const said = await liquidator.liquidatable(trading, asked, price);
          expect([...said]).to.deep.equal(results.map((result) => result === "Liquidated"));
          await ethers.provider.send("evm_revert", [snapshot]);
        }
      }
    });

    itMeasuresGas("answers for as many as there is gas for, in pages", async () => {
      const context = await load();
      const { liquidator, trading } = context;
      const [id] = await openPositions(context, [{}]);
      const asked = [...Array<bigint>(64).fill(id), ...Array<bigint>(64).fill(0n), id];
      const all = await liquidator.liquidatable(trading, asked, CRASH);
      expect([...all]).to.deep.equal(asked.map((which) => which === id));
      const some = await liquidator.liquidatable(trading, asked, CRASH, { gasLimit: 1_500_000n });
      expect([...some]).to.deep.equal(all.slice(0, some.length));
      expect(some).to.have.lengthOf.within(10, 100);
      await expect(liquidator.liquidatable(trading, asked, CRASH, { gasLimit: 500_000n }))
        .to.be.revertedWithCustomError(liquidator, "KeeperBatch_GasTooLow")
        .withArgs((gasLeft: bigint) => gasLeft < 500_000n && gasLeft > 300_000n, 540_000n);
    });

    it("is false for orders, and where no feed prices the margin token", async () => {
      const context = await load();
      const { desk, liquidator, trading } = context;
      const [id] = await openPositions(context, [{}]);
      const { ids } = await requestOpens(context, [{}]);
      expect([...(await liquidator.liquidatable(trading, [id, ids[0]], px("1")))]).to.deep.equal([true, false]);
      await desk.warp(5 * 86_400);
      expect([...(await liquidator.liquidatable(trading, [id], px("1")))]).to.deep.equal([false]);
      expect([...(await liquidator.liquidatable(trading, [], px("1")))]).to.deep.equal([]);
    });
  });
});
