import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { NO_TICK, confirmed } from "../../../kit/desk/Desk";
import type { Proof } from "../../../kit/desk/Desk";
import { requestLimit, requestPartialClose, trigger } from "../../../kit/desk/orders";
import { executionFeeTokens, liquidationReward } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { modelOpening, quoteOf, start } from "../trading/setup";
import type { Fixture } from "../trading/setup";
import { keeperFixture, scriptExecution, scriptLiquidation, show } from "./fixture";

interface Item {
  tradeId: bigint;
  tickIndex: bigint;
  closeTickIndex: bigint;
}

const execute = (tradeId: bigint, closeTickIndex = 0n): Item => ({ tradeId, tickIndex: NO_TICK, closeTickIndex });
const liquidate = (tradeId: bigint, tickIndex = 0n): Item => ({ tradeId, tickIndex, closeTickIndex: NO_TICK });

async function run({ desk, keeper, liquidator, trading }: Fixture, items: Item[], proofs: Proof[]) {
  const connected = liquidator.connect(keeper);
  const value = await desk.updateFee(proofs);
  const results = await connected.liquidate.staticCall(trading, proofs, items, { value });
  const receipt = await confirmed(connected.liquidate(trading, proofs, items, { value }));
  return { results: show(results), receipt };
}

describe("Liquidator", () => {
  describe("a mixed batch", () => {
    it("fills a limit, takes a profit, arms a stop, fills another, and liquidates, with two proofs", async () => {
      const fixture = await start();
      const { desk, trader, keeper, stranger, tradingRecords, vault, replica, profile } = fixture;
      const standard = { mode: "standard", leverage: 50 } as const;
      const short = await desk.open(trader, keeper, { ...standard, isLong: false, takeProfit: px("59860") });
      const stop = await desk.open(trader, keeper, { ...standard, stopLoss: px("59850") });
      const armed = await desk.open(trader, keeper, { ...standard, stopLoss: px("59990") });
      const lost = await desk.open(trader, keeper, { mode: "degen" });
      const idle = await desk.open(trader, keeper, { ...standard });
      const limit = await requestLimit(desk, trader, { ...standard, acceptablePrice: px("59900") });
      await desk.warp(3);
      await desk.setPrice("BTC", px("59980"));
      expect((await trigger(desk, stranger, [armed])).results[0].outcome).to.equal("Armed");
      const { target } = await tradingRecords.closeOf(armed);
      await desk.warpTo(Number(target));
      await desk.setPrice("BTC", px("59840"));
      const proofs = [desk.anyTick("BTC", await desk.now()), desk.firstTick("BTC", Number(target))];

      const token = replica.token("USDT");
      const before = await vault.claimableOf(token, keeper);
      const armerBefore = await vault.claimableOf(token, stranger);
      const items = [execute(limit.id), execute(short), execute(stop), execute(armed, 1n), liquidate(lost)];
      const { results } = await run(fixture, [...items, execute(idle), liquidate(idle)], proofs);
      expect(results).to.deep.equal([
        ...["Opened", "Closed", "Armed", "Closed", "Liquidated"],
        ...["Skipped:NothingPending", "Skipped:NotLiquidatable"],
      ]);
      const statuses = await Promise.all([limit.id, short, stop, armed, lost, idle].map((id) => desk.statusOf(id)));
      expect(statuses).to.deep.equal(["Open", "None", "Open", "None", "None", "Open"]);
      // Three executions and a reward; arming is paid when the stop is filled, which the other one was.
      const fee = executionFeeTokens(profile.execution.executionFeeUsd, quoteOf(fixture));
      const reward = liquidationReward(modelOpening(fixture).margin, quoteOf(fixture));
      expect((await vault.claimableOf(token, keeper)) - before).to.equal(3n * fee + reward);
      expect((await vault.claimableOf(token, stranger)) - armerBefore).to.equal(fee);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("tells ticks apart over all proofs, and says of an item without any that it has none", async () => {
      const fixture = await start();
      const { desk, trader, trading } = fixture;
      const { id, target } = await desk.requestOpen(trader, { mode: "standard" });
      await desk.warpTo(target + 1);
      await desk.refresh();
      const proofs = [desk.anyTick("BTC", target), desk.firstTick("BTC", target)];
      const { results, receipt } = await run(
        fixture,
        [liquidate(id, NO_TICK), execute(id, 0n), execute(id, 1n)],
        proofs,
      );
      expect(results).to.deep.equal(["Skipped:NoTick", "Skipped:TickNotFirst", "Opened"]);
      const skipped = await fixture.liquidator.queryFilter(
        fixture.liquidator.filters.ItemSkipped(trading, id),
        receipt.blockNumber,
      );
      expect(skipped.map(({ args }) => args.reason)).to.deep.equal([3n, 5n]);
    });

    it("goes on to liquidate what is left of a position after a part was closed, and tells what was done", async () => {
      const fixture = await start();
      const { desk, trader, keeper, trading, tradingRecords } = fixture;
      const amount = desk.tokenUnits("USDT", 1_000n);
      for (const [price, outcome, status] of [
        [px("59300"), "Liquidated", "None"],
        [px("59990"), "Reduced", "Open"],
      ] as const) {
        await desk.setPrice("BTC", px("60000"));
        const id = await desk.open(trader, keeper, { mode: "standard", leverage: 100, amount });
        const { size } = await tradingRecords.position(id);
        const part = await requestPartialClose(desk, trader, id, size / 2n);
        await desk.warpTo(part.target + 1);
        await desk.setPrice("BTC", price);
        const proofs = [
          desk.firstTick("BTC", part.target, { price: px("60000") }),
          desk.anyTick("BTC", part.target + 1, { price }),
        ];
        const both = { tradeId: id, tickIndex: 1n, closeTickIndex: 0n };
        const { results, receipt } = await run(fixture, [both], proofs);
        expect(results).to.deep.equal([outcome]);
        await expect(receipt).to.emit(trading, "TradeReduced");
        expect(await desk.statusOf(id)).to.equal(status);
      }
    });
  });

  describe("an item that executes only", () => {
    it("is attempted once, and never liquidated", async () => {
      const context = await loadFixture(keeperFixture);
      const { keeper, liquidator, scripted } = context;
      for (const [index, outcome] of (["Opened", "Reduced", "Armed", "Skipped"] as const).entries()) {
        await scriptExecution(context, BigInt(index), "Answer", outcome);
      }
      await scriptExecution(context, 4n, "CustomError");
      const items = [0n, 1n, 2n, 3n, 4n].map((id) => execute(id));
      const results = await liquidator.connect(keeper).liquidate.staticCall(scripted, [], items);
      expect(show(results)).to.deep.equal(["Opened", "Reduced", "Armed", "Skipped", "failed"]);
      await liquidator.connect(keeper).liquidate(scripted, [], items);
      const attempts = await scripted.attempts();
      expect(attempts.map(({ isLiquidation }) => isLiquidation)).to.deep.equal([false, false, false, false]);
    });

    it("with both, the last that did something is told", async () => {
      const context = await loadFixture(keeperFixture);
      const { keeper, liquidator, scripted } = context;
      const both = (tradeId: bigint): Item => ({ tradeId, tickIndex: 0n, closeTickIndex: 0n });
      await scriptExecution(context, 1n, "Answer", "Refused", "PriceBound");
      await scriptLiquidation(context, 1n, "Answer", "Skipped", "NotLiquidatable");
      await scriptExecution(context, 2n, "Answer", "Skipped", "NoTick");
      await scriptLiquidation(context, 2n, "Answer", "Skipped", "NotLiquidatable");
      await scriptExecution(context, 3n, "Answer", "Reduced");
      await scriptLiquidation(context, 3n, "Panic");
      const sent = liquidator.connect(keeper).liquidate;
      const results = await sent.staticCall(scripted, [], [both(1n), both(2n), both(3n)]);
      expect(show(results)).to.deep.equal(["Refused:PriceBound", "Skipped:NotLiquidatable", "failed"]);
      await expect(sent(scripted, [], [both(1n)])).to.not.emit(liquidator, "ItemSkipped");
    });
  });

  describe("liquidatable", () => {
    it("holds a price within the anchors' band, and counts pending closes and the breaker", async () => {
      const fixture = await start();
      const { breaker, desk, guardian, keeper, liquidator, trader, trading } = fixture;
      const id = await desk.open(trader, keeper, { mode: "standard", leverage: 30 });
      await desk.warp(1);
      const isAt = async (price: bigint) => (await liquidator.liquidatable(trading, [id], price))[0];
      // 2% below the entry it would be; no tick is taken for less than 1% below the anchors.
      expect(await isAt(px("58800"))).to.equal(false);
      await desk.setPrice("BTC", px("59300"));
      expect(await isAt(px("58800"))).to.equal(true);
      await desk.requestClose(trader, id);
      await desk.warp(3);
      expect(await isAt(px("58800"))).to.equal(false);
      await desk.warp(31);
      await desk.refresh();
      expect(await isAt(px("58800"))).to.equal(true);
      await breaker.connect(guardian).raise(3);
      expect(await isAt(px("58800"))).to.equal(false);
      expect(ethers.MaxUint256).to.equal(NO_TICK);
    });
  });
});
