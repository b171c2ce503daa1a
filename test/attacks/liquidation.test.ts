import { takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionReceipt } from "ethers";
import { confirmed } from "../../kit/desk/Desk";
import { px, usd } from "../../sdk/units";
import type { Trading } from "../../typechain-types";
import {
  eventsOf,
  expectBalanced,
  expectIntact,
  holdingOf,
  holdingsOf,
  loadDesk,
  navOf,
  openedDesk,
  stateOf,
} from "./support";

/** What a position of 100 tokens at 1001x is liquidated at: 6.1 basis points below 60,000 with the slippage. */
const CROSSED = px("59964");

function liquidationOf(trading: Trading, receipt: ContractTransactionReceipt) {
  const [event] = eventsOf(trading, "TradeLiquidated", receipt);
  const [reward, toVault, badDebt] = ["reward", "toVault", "badDebt"].map((name) => event.getValue(name) as bigint);
  return { reward, toVault, badDebt };
}

describe("attacks: liquidation", () => {
  it("L06: any sequence of dust and whales at any price leaves every position closable or liquidatable", async () => {
    const { desk, trader, other, keeper } = await loadDesk();
    const whale = desk.tokenUnits("USDT", desk.profile.key === "bnb" ? 450n : 170n);
    const dust = desk.tokenUnits("USDT", 6n);
    const prices = [px("60000"), px("0.0001"), px("300000000"), px("1"), px("61000")];
    const open: bigint[] = [];
    for (const [round, price] of prices.entries()) {
      await desk.setPrice("BTC", price);
      for (const [i, owner] of [trader, other].entries()) {
        const isLong = (round + i) % 2 === 0;
        const pending = await desk.requestOpen(owner, { isLong, amount: i === 0 ? whale : dust });
        const { results } = await desk.settle(keeper, pending);
        expect(results[0].isFailed, `${price}`).to.equal(false);
        if (results[0].outcome === "Opened") open.push(pending.id);
        else expect(results[0].reason).to.equal("LossBudgetSpent");
      }
      await desk.setPrice("BTC", price * 3n);
      for (const id of open.splice(0, open.length - 1)) {
        const owner = (await desk.system.tradingRecords.position(id)).owner === trader.address ? trader : other;
        const pending = await desk.requestClose(owner, id);
        const { results } = await desk.settle(keeper, pending);
        expect(results[0].isFailed, `${price}`).to.equal(false);
        expect(results[0].outcome).to.be.oneOf(["Closed", "Liquidated"]);
      }
      await expectBalanced(desk);
    }
    await desk.setPrice("BTC", px("60000"));
    for (const id of open) {
      const { results } = await desk.liquidate(keeper, [id], "BTC");
      if (results[0].outcome === "Liquidated") continue;
      await desk.close(trader, keeper, id).catch(() => desk.close(other, keeper, id));
    }
    const { tradingRecords } = desk.system;
    for (const isLong of [true, false]) {
      const side = await tradingRecords.bookSide(desk.bookId("BTC", "degen"), isLong);
      expect([side.size, side.notional, side.marginNano, side.carryAtEntry, side.capNano]).to.deep.equal(
        Array(5).fill(0n),
      );
    }
    await expectBalanced(desk);
  });

  it("L07 L08: liquidating oneself loses, and a liquidator is paid for dust and for bad debt alike", async () => {
    const { desk, trader, keeper, trading, tradingRecords, liquidator } = await loadDesk();
    for (const { amount, price } of [
      { amount: desk.tokenUnits("USDT", 6n), price: CROSSED },
      { amount: desk.tokenUnits("USDT", 150n), price: CROSSED },
      { amount: desk.tokenUnits("USDT", 6n), price: px("50000") },
    ]) {
      await desk.setPrice("BTC", px("60000"));
      const before = await holdingOf(desk, "USDT", trader);
      const nav = await navOf(desk);
      const id = await desk.open(trader, keeper, { amount });
      const { margin } = await tradingRecords.position(id);
      const { receipt } = await (async () => {
        await desk.setPrice("BTC", price);
        return desk.liquidate(trader, [id], "BTC");
      })();
      const { reward, toVault, badDebt } = liquidationOf(trading, receipt);
      expect(reward + toVault).to.equal(margin);
      expect(reward).to.be.at.most(margin);
      expect(reward).to.be.at.least(desk.tokenUnits("USDT", 1n) / 5n - 1n);
      if (price === px("50000")) expect(badDebt).to.be.greaterThan(0n);
      expect(await holdingOf(desk, "USDT", trader)).to.be.below(before - margin / 2n);
      await desk.setPrice("BTC", px("60000"));
      await expectIntact(desk, nav);
    }
    expect(await liquidator.liquidatable(trading, [1n, 2n, 3n], px("1"))).to.deep.equal([false, false, false]);
  });

  it("L09 I12: nothing that an owner does just before makes his liquidation fail", async () => {
    const { desk, trader, keeper, trading, id } = await openedDesk();
    await desk.setPrice("BTC", CROSSED);
    const crossing = await desk.now();
    const start = await takeSnapshot();
    const deadline = crossing + 3_600;
    const actions = [
      () => confirmed(trading.connect(trader).requestClose(id, 0, deadline)),
      () => confirmed(trading.connect(trader).requestClose(id, 2n ** 64n - 1n, deadline)),
      () => desk.requestOpen(trader).then(({ receipt }) => receipt),
      () => desk.requestOpen(trader, { isLong: false, mode: "standard" }).then(({ receipt }) => receipt),
    ];
    for (const action of actions) {
      await start.restore();
      await action();
      const { results } = await desk.liquidate(keeper, [id], "BTC", { at: crossing });
      expect(results[0].outcome).to.equal("Liquidated");
      await expectBalanced(desk);
    }
  });

  it("L10 I11: no order fills into a position that its own tick, or the same price a second later, liquidates", async () => {
    const { desk, trader, keeper, liquidator, trading } = await loadDesk();
    for (const { mode, leverage, dollars } of [
      { mode: "degen", leverage: 1001, dollars: 150n },
      { mode: "degen", leverage: 500, dollars: 150n },
      { mode: "standard", leverage: 500, dollars: 150n },
      // The least notional is 200 dollars.
      { mode: "standard", leverage: 1, dollars: 250n },
    ] as const) {
      for (const isLong of [true, false]) {
        const amount = desk.tokenUnits("USDT", dollars);
        const id = await desk.open(trader, keeper, { mode, leverage, isLong, amount });
        expect(await liquidator.liquidatable(trading, [id], desk.priceOf("BTC"))).to.deep.equal([false]);
        const { results } = await desk.liquidate(keeper, [id], "BTC");
        expect(results[0]).to.deep.include({ outcome: "Skipped", reason: "NotLiquidatable" });
      }
    }
  });

  it("L11: a liquidator's choice among the crossing ticks changes nobody's money", async () => {
    const { desk, trader, keeper, stranger, id } = await openedDesk();
    const start = desk.priceOf("BTC");
    await desk.setPrice("BTC", CROSSED);
    const now = await desk.now();
    const snapshot = await takeSnapshot();
    const results = new Set<string>();
    for (const price of [CROSSED, px("59900"), px("50000"), px("30000")]) {
      await snapshot.restore();
      await time.setNextBlockTimestamp(now + 20);
      const batch = await desk.liquidate(keeper, [id], "BTC", { at: now, price });
      expect(batch.results[0].outcome).to.equal("Liquidated");
      results.add(
        `${await holdingOf(desk, "USDT", trader)} ${await holdingOf(desk, "USDT", keeper)} ${await navOf(desk)}`,
      );
    }
    expect(results.size).to.equal(1);
    await snapshot.restore();
    await desk.warpTo(now + 5);
    const before = await stateOf(desk, [id]);
    for (const { at, price, reason } of [
      { at: now, price: start, reason: "NotLiquidatable" },
      { at: now - 31, price: CROSSED, reason: "TickTooOld" },
      { at: Number((await desk.system.tradingRecords.position(id)).openedAt), price: CROSSED, reason: "TickNotNewer" },
    ]) {
      const batch = await desk.liquidate(stranger, [id], "BTC", { at, price });
      if (reason === "TickTooOld") expect(batch.results[0].reason).to.be.oneOf(["TickTooOld", "TickNotNewer"]);
      else expect(batch.results[0].reason).to.equal(reason);
    }
    expect(await stateOf(desk, [id])).to.equal(before);
  });

  it("L12: a gap of five percent at 1001x is booked once, and the rest of the loss belongs to nobody", async () => {
    const { desk, trader, keeper, trading, tradingRecords, id } = await openedDesk();
    const accounts = [trader, keeper];
    const { margin, size, entry } = await tradingRecords.position(id);
    const [before] = (await desk.books()).filter(({ symbol }) => symbol === "USDT");
    const holding = await holdingsOf(desk, "USDT", accounts);
    const price = px("57000");
    await desk.setPrice("BTC", price);
    const { receipt } = await desk.liquidate(keeper, [id], "BTC");
    const { reward, toVault, badDebt } = liquidationOf(trading, receipt);
    const [after] = (await desk.books()).filter(({ symbol }) => symbol === "USDT");
    expect(after.liquidity - before.liquidity).to.equal(margin - reward);
    expect(toVault).to.equal(margin - reward);
    expect((await holdingsOf(desk, "USDT", accounts)) - holding).to.equal(reward);
    const lossUsd = size * (entry - price);
    expect(lossUsd).to.be.greaterThan(usd("4900"));
    const decimals = desk.profile.tokens.find(({ symbol }) => symbol === "USDT")?.decimals ?? 0;
    // Loss and a few seconds of carry, and the reward, beyond the margin.
    const expected = (lossUsd * 10n ** BigInt(decimals)) / usd("1") + reward - margin;
    expect(badDebt).to.be.within(expected, expected + desk.tokenUnits("USDT", 1n) / 100n);
    await expectBalanced(desk);
  });

  it("L16: an account that floods the queue delays nobody, and pays for each order", async () => {
    const { desk, trader, other, keeper, trading, tradingRecords, id } = await openedDesk();
    const victim = await desk.requestOpen(other);
    const before = await holdingOf(desk, "USDT", trader);
    const flood: bigint[] = [];
    for (let i = 0; i < 12; ++i) flood.push((await desk.requestOpen(trader, { acceptablePrice: 1n })).id);
    const closing = await desk.requestClose(trader, id);
    await expect(desk.requestClose(trader, id))
      .to.be.revertedWithCustomError(trading, "Trading_CloseIsPending")
      .withArgs(id, closing.target + desk.profile.execution.executionWindowSeconds);
    await desk.refresh();
    const proof = desk.firstTick("BTC", victim.target);
    const { results } = await desk.execute(keeper, [victim.id], [proof]);
    expect(results[0].outcome).to.equal("Opened");
    const first = await tradingRecords.order(flood[0]);
    const target = Number(first.requestedAt) + desk.delayOf("degen");
    const batch = await desk.execute(keeper, [flood[0]], [desk.firstTick("BTC", target)]);
    expect(batch.results[0]).to.deep.include({ outcome: "Refused", reason: "PriceBound" });
    const fee = (desk.profile.execution.executionFeeUsd * desk.tokenUnits("USDT", 1n)) / usd("1");
    const locked = desk.tokenUnits("USDT", 100n) * 11n;
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before - locked - fee);
    await expectBalanced(desk);
  });
});
