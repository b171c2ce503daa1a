import { expect } from "chai";
import type { Result } from "ethers";
import { ethers } from "hardhat";
import { TradeStatus } from "../../../sdk/enums";
import { trigger } from "../../../kit/desk/orders";
import { closeTrade, isLiquidatable, liquidationPrice, takeProfitBound } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  balancesOf,
  bookOf,
  carryAt,
  difference,
  executeAt,
  liquidateAt,
  nextBlockAt,
  openPosition,
  quoteOf,
  start,
} from "./setup";

const DELAY = { standard: 2, degen: 3 };

describe("Trading", () => {
  describe("updateTpSl", () => {
    it("starts the clock of what changed, and of nothing else", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id, at: opened } = await openPosition(fixture, { mode: "standard", stopLoss: px("59000") });
      const set = async (takeProfit: bigint, stopLoss: bigint) => {
        const now = (await desk.now()) + 10;
        await nextBlockAt(now);
        await trading.connect(trader).updateTpSl(id, takeProfit, stopLoss);
        const { takeProfitSetAt, stopLossSetAt } = await tradingRecords.position(id);
        return { now: BigInt(now), takeProfitSetAt, stopLossSetAt };
      };
      const first = await set(px("60100"), px("59000"));
      expect([first.takeProfitSetAt, first.stopLossSetAt]).to.deep.equal([first.now, BigInt(opened)]);
      const second = await set(px("60100"), px("59100"));
      expect([second.takeProfitSetAt, second.stopLossSetAt]).to.deep.equal([first.now, second.now]);
      const third = await set(0n, 0n);
      expect([third.takeProfitSetAt, third.stopLossSetAt]).to.deep.equal([third.now, third.now]);
    });

    it("keeps everything else of the position", async () => {
      const fixture = await start();
      const { trading, tradingRecords, trader } = fixture;
      const { id } = await openPosition(fixture, { isLong: false });
      const record = async () =>
        ((await tradingRecords.position(id)) as unknown as Result).toObject() as Record<string, bigint>;
      const before = await record();
      await trading.connect(trader).updateTpSl(id, px("59990"), px("60030"));
      const after = await record();
      const changed = ["takeProfit", "stopLoss", "takeProfitSetAt", "stopLossSetAt"];
      for (const key of Object.keys(before)) {
        if (!changed.includes(key)) expect(after[key], key).to.equal(before[key]);
      }
      expect([after.takeProfit, after.stopLoss]).to.deep.equal([px("59990"), px("60030")]);
    });

    it("counts ticks from the change plus the delay, inclusive", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const { id } = await openPosition(fixture);
      const now = (await desk.now()) + 20;
      await nextBlockAt(now);
      await trading.connect(trader).updateTpSl(id, px("60020"), 0n);
      await desk.setPrice("BTC", px("60020"));
      const from = now + DELAY.degen;
      const early = await executeAt(fixture, from + 1, [id], [desk.anyTick("BTC", from - 1)]);
      expect(early.outcomes).to.deep.equal(["Skipped TickNotReached"]);
      const first = await executeAt(fixture, from + 2, [id], [desk.anyTick("BTC", from)]);
      expect(first.outcomes).to.deep.equal(["Closed"]);
    });

    it("is reached by a tick from before the target of a pending close, and by none from then on", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      await desk.setPrice("BTC", px("60020"));
      const [first, second] = [
        await openPosition(fixture, { mode: "standard", isLong: false, takeProfit: px("60010") }),
        await openPosition(fixture, { mode: "standard", isLong: false, takeProfit: px("60010"), stopLoss: px("1") }),
      ];
      const price = px("60010");
      await desk.setPrice("BTC", price);
      await desk.refresh();
      for (const { id } of [first, second]) await trading.connect(trader).requestClose(id, 1n, (await desk.now()) + 99);
      const { target } = await tradingRecords.closeOf(second.id);
      const at = Number(target);
      const shielded = await executeAt(fixture, at, [second.id], [desk.anyTick("BTC", at, { price })]);
      expect(shielded.outcomes).to.deep.equal(["Skipped TickNotFirst"]);
      const early = desk.anyTick("BTC", at - 1, { price: px("60010.01") });
      const before = desk.anyTick("BTC", Number((await tradingRecords.closeOf(first.id)).target) - 1, { price });
      const { outcomes } = await executeAt(fixture, at + 1, [second.id, first.id], [early, before], { ticks: [0, 1] });
      expect(outcomes).to.deep.equal(["Skipped CloseIsPending", "Closed"]);
      expect((await tradingRecords.closeOf(first.id)).kind).to.equal(0n);
    });

    it("wants the take profit beyond the entry and within the cap of the position's own terms", async () => {
      const fixture = await start();
      const { trading, trader } = fixture;
      for (const isLong of [true, false]) {
        const { id, model } = await openPosition(fixture, { isLong });
        const cap = takeProfitBound(isLong, model.entry, 1001n, model.profitCapPips);
        for (const bad of [model.entry, isLong ? cap + 1n : cap - 1n]) {
          await expect(trading.connect(trader).updateTpSl(id, bad, 0n))
            .to.be.revertedWithCustomError(trading, "Trading_TakeProfitOutOfRange")
            .withArgs(bad, model.entry, cap);
        }
        await trading.connect(trader).updateTpSl(id, cap, 0n);
      }
    });

    it("takes a stop on either side: on the crossed one it is a market close", async () => {
      const fixture = await start();
      const { desk, trading, trader, keeper } = fixture;
      const { id } = await openPosition(fixture, { mode: "standard" });
      await trading.connect(trader).updateTpSl(id, 0n, px("61000"));
      await desk.warp(5);
      await desk.refresh();
      const { results } = await trigger(desk, keeper, [id]);
      expect(results[0].outcome).to.equal("Armed");
    });

    it("is the owner's alone, for what is open, up to breaker level 2", async () => {
      const fixture = await start();
      const { trading, trader, stranger, guardian, breaker } = fixture;
      const { id } = await openPosition(fixture);
      await expect(trading.connect(stranger).updateTpSl(id, 0n, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
        .withArgs(id, stranger);
      await expect(trading.connect(trader).updateTpSl(id + 1n, 0n, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_NotOpen")
        .withArgs(id + 1n);
      await breaker.connect(guardian).raise(2);
      await trading.connect(trader).updateTpSl(id, 0n, 1n);
      await breaker.connect(guardian).raise(3);
      await expect(trading.connect(trader).updateTpSl(id, 0n, 2n))
        .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
        .withArgs(3);
    });
  });

  describe("addMargin", () => {
    it("adds what arrives to the margin, not to cap, reserve, size or open interest", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id, model } = await openPosition(fixture, { mode: "standard" });
      const before = await balancesOf(fixture);
      const sideBefore = await tradingRecords.bookSide(desk.bookId("BTC", "standard"), true);
      const amount = desk.tokenUnits("USDT", 40n);
      await expect(trading.connect(trader).addMargin(id, amount))
        .to.emit(trading, "MarginAdded")
        .withArgs(id, trader, amount, amount);
      await expect(trading.connect(trader).addMargin(id, 1n))
        .to.emit(trading, "MarginAdded")
        .withArgs(id, trader, 1n, amount + 1n);
      const moved = difference(await balancesOf(fixture), before);
      expect([moved.collateral, moved.reserved, moved.trader]).to.deep.equal([amount + 1n, 0n, -amount - 1n]);
      expect((await tradingRecords.extraOf(id)).addedMargin).to.equal(amount + 1n);
      expect((await tradingRecords.position(id)).margin).to.equal(model.margin);
      expect(await tradingRecords.bookSide(desk.bookId("BTC", "standard"), true)).to.deep.equal(sideBefore);
    });

    it("moves the liquidation price as the model says, and comes back at the close", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const options = { mode: "standard", leverage: 500, amount: desk.tokenUnits("USDT", 100n) } as const;
      const { id, model, at } = await openPosition(fixture, options);
      const amount = desk.tokenUnits("USDT", 30n);
      await trading.connect(trader).addMargin(id, amount);
      const position = { ...model.position, margin: model.margin + amount };
      const price = liquidationPrice(model.position, 0n, quoteOf(fixture));
      await desk.setPrice("BTC", price);
      const now = await desk.now();
      const carry = carryAt(fixture, options, at, now + 2, model);
      expect(isLiquidatable(position, price, carry, quoteOf(fixture))).to.equal(false);
      const kept = await liquidateAt(fixture, now + 2, [id], [desk.anyTick("BTC", now + 1, { price })]);
      expect(kept.outcomes).to.deep.equal(["Skipped NotLiquidatable"]);
      const before = await balancesOf(fixture);
      await desk.setPrice("BTC", model.entry);
      const { receipt } = await desk.close(trader, fixture.keeper, id);
      const [closed] = await trading.queryFilter(trading.filters.TradeClosed(id), receipt.blockNumber);
      expect(difference(await balancesOf(fixture), before).trader).to.equal(closed.args.payout);
      const result = closeTrade({
        position,
        tick: model.entry,
        slippagePips: BigInt(bookOf(fixture, "BTC", "standard").slippagePips),
        token: quoteOf(fixture),
        carryOwedUsd: closed.args.carryOwedUsd,
        executionFeeUsd: fixture.profile.execution.executionFeeUsd,
        executionFeeCount: 1n,
      });
      expect([closed.args.closeFee, closed.args.payout]).to.deep.equal([result.closeFee, result.payout]);
      expect(await tradingRecords.extraOf(id)).to.deep.equal([0n, 0n]);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("is all the liquidator's and the vault's when it was not enough", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const { id, model } = await openPosition(fixture, { mode: "standard", leverage: 500 });
      const amount = desk.tokenUnits("USDT", 7n);
      await trading.connect(trader).addMargin(id, amount);
      await desk.setPrice("BTC", (model.entry * 997n) / 1_000n);
      const now = await desk.now();
      const { outcomes, receipt } = await liquidateAt(fixture, now + 2, [id], [desk.anyTick("BTC", now + 1)]);
      expect(outcomes).to.deep.equal(["Liquidated"]);
      const [event] = await trading.queryFilter(trading.filters.TradeLiquidated(id), receipt.blockNumber);
      expect(event.args.reward + event.args.toVault).to.equal(model.margin + amount);
    });

    it("is never for Degen, nor for a stranger, nor for what has ended", async () => {
      const fixture = await start();
      const { desk, trading, trader, other, keeper } = fixture;
      const degen = await openPosition(fixture);
      await expect(trading.connect(trader).addMargin(degen.id, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_StandardOnly")
        .withArgs(degen.id);
      const { id } = await openPosition(fixture, { mode: "standard" });
      await expect(trading.connect(other).addMargin(id, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
        .withArgs(id, other);
      await desk.close(trader, keeper, id);
      await expect(trading.connect(trader).addMargin(id, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_NotOpen")
        .withArgs(id);
    });

    it("works up to breaker level 2", async () => {
      const fixture = await start();
      const { trading, trader, guardian, breaker } = fixture;
      const { id } = await openPosition(fixture, { mode: "standard" });
      await breaker.connect(guardian).raise(2);
      await trading.connect(trader).addMargin(id, 1n);
      await breaker.connect(guardian).raise(3);
      await expect(trading.connect(trader).addMargin(id, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
        .withArgs(3);
    });

    it("takes nothing of nothing, and no more than 96 bits in all", async () => {
      const fixture = await start();
      const { trading, tradingRecords, trader, vault, replica } = fixture;
      const { id } = await openPosition(fixture, { mode: "standard" });
      await expect(trading.connect(trader).addMargin(id, 0n))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(replica.token("USDT"));
      const huge = 2n ** 96n;
      await replica.mintToken("USDT", trader.address, huge);
      await expect(trading.connect(trader).addMargin(id, huge))
        .to.be.revertedWithCustomError(trading, "Trading_AmountTooLarge")
        .withArgs(huge, huge - 1n);
      expect((await tradingRecords.extraOf(id)).addedMargin).to.equal(0n);
    });

    it("goes through where a permit was used before, or the token knows none", async () => {
      const fixture = await start();
      const { trading, trader } = fixture;
      const { id } = await openPosition(fixture, { mode: "standard" });
      const none = ethers.ZeroHash;
      await expect(trading.connect(trader).addMarginWithPermit(id, 5n, 0, 27, none, none))
        .to.emit(trading, "MarginAdded")
        .withArgs(id, trader, 5n, 5n)
        .and.to.emit(trading, "PermitSkipped");
      expect(await trading.statusOf(id)).to.equal(TradeStatus.indexOf("Open"));
    });
  });
});
