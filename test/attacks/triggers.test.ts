import { expect } from "chai";
import { px, usd } from "../../sdk/units";
import { expectBalanced, expectIntact, loadDesk, navOf } from "./support";

const ENTRY = px("60000");

describe("attacks: take profits and stops", () => {
  it("A05 O18: a stop on the crossed side fills at no price of its own, nor at one that its executor saw", async () => {
    const { desk, trader, keeper, trading, tradingRecords } = await loadDesk();
    await desk.setPrice("BTC", ENTRY);
    // Above the entry of a long: every tick reaches it.
    const id = await desk.open(trader, keeper, { stopLoss: px("60050") });
    const nav = await navOf(desk);
    await desk.warp(10);
    await desk.refresh();
    // The best tick of the last three seconds arms it and nothing else.
    const best = desk.anyTick("BTC", (await desk.now()) - 2, { price: px("60040") });
    const armed = await desk.execute(trader, [id], [best]);
    expect(armed.results[0].outcome).to.equal("Armed");
    const target = Number((await tradingRecords.closeOf(id)).target);
    expect(target).to.equal((await desk.now()) + desk.delayOf("degen"));
    // Neither the tick that armed it, nor one in between, nor a later one of his choice fills it.
    await desk.warpTo(target + 6);
    await desk.refresh();
    for (const chosen of [
      desk.anyTick("BTC", target + 2, { price: px("60040") }),
      desk.firstTick("BTC", target - 1, { at: target - 1, price: px("60040") }),
      desk.firstTick("BTC", target + 3, { price: px("60040") }),
    ]) {
      const { results } = await desk.execute(trader, [id], [chosen]);
      expect(results[0].outcome).to.equal("Skipped");
    }
    const filled = await desk.execute(trader, [id], [desk.firstTick("BTC", target, { price: px("59990") })]);
    expect(filled.results[0].outcome).to.equal("Closed");
    const [closed] = await trading.queryFilter(trading.filters.TradeClosed(), filled.receipt.blockNumber);
    // The tick of the target less slippage of 1 bp, not the stop.
    expect(closed.args.exit).to.equal((px("59990") * 999_900n) / 1_000_000n);
    await expectIntact(desk, nav - usd("0.01"));
  });

  it("O19: a spike from before the opening, or before its delay is over, takes no profit and arms no stop", async () => {
    const { desk, trader, keeper, tradingRecords } = await loadDesk();
    await desk.setPrice("BTC", ENTRY);
    const takeProfit = px("60060");
    const id = await desk.open(trader, keeper, { takeProfit, stopLoss: px("59990") });
    const opened = await desk.now();
    const { openedAt } = await tradingRecords.position(id);
    await desk.warpTo(opened + 2);
    await desk.refresh();
    for (const price of [takeProfit, px("59990")]) {
      for (const at of [Number(openedAt), opened, opened + 1, opened + 2]) {
        const { results } = await desk.execute(keeper, [id], [desk.anyTick("BTC", at, { price })]);
        expect(results[0].outcome, `tick ${at - opened} s after the opening`).to.equal("Skipped");
      }
    }
    const first = opened + desk.delayOf("degen");
    await desk.warpTo(first + 3);
    await desk.refresh();
    const early = await desk.execute(keeper, [id], [desk.anyTick("BTC", first - 1, { price: takeProfit })]);
    expect(early.results[0].outcome).to.equal("Skipped");
    expect(await desk.statusOf(id)).to.equal("Open");
    await desk.warpTo(first + 10);
    await desk.refresh();
    const now = await desk.now();
    const late = await desk.execute(keeper, [id], [desk.anyTick("BTC", now, { price: takeProfit })]);
    expect(late.results[0].outcome).to.equal("Closed");
    await expectBalanced(desk);
  });

  it("L13: what was never there, is over, or comes twice is liquidated once at most", async () => {
    const { desk, trader, keeper } = await loadDesk();
    await desk.setPrice("BTC", ENTRY);
    const id = await desk.open(trader, keeper, {});
    await desk.setPrice("BTC", px("59900"));
    await desk.warp(2);
    await desk.refresh();
    const { results } = await desk.liquidate(keeper, [id, id, 0n, id + 1n, 2n ** 255n], "BTC");
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(["Liquidated", ...Array<string>(4).fill("Skipped")]);
    await expectBalanced(desk);
  });
});
