import { expect } from "chai";
import { px, usd } from "../../sdk/units";
import { executeIn } from "../dsl/blocks";
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
    for (const [chosen, reason] of [
      [desk.anyTick("BTC", target + 2, { price: px("60040") }), "TickNotFirst"],
      [desk.firstTick("BTC", target - 1, { at: target - 1, price: px("60040") }), "TickTooEarly"],
      [desk.firstTick("BTC", target + 3, { price: px("60040") }), "TickNotFirst"],
    ] as const) {
      const { results } = await desk.execute(trader, [id], [chosen]);
      expect(results[0]).to.deep.include({ outcome: "Skipped", reason });
    }
    const filled = await desk.execute(trader, [id], [desk.firstTick("BTC", target, { price: px("59990") })]);
    expect(filled.results[0].outcome).to.equal("Closed");
    const [closed] = await trading.queryFilter(trading.filters.TradeClosed(), filled.receipt.blockNumber);
    // The tick of the target less slippage of 1 bp, not the stop.
    expect(closed.args.exit).to.equal((px("59990") * 999_900n) / 1_000_000n);
    await expectIntact(desk, nav - usd("0.01"));
  });

  for (const { price, outcome } of [
    { price: px("60060"), outcome: "Closed None" },
    { price: px("59990"), outcome: "Armed None" },
  ]) {
    it(`O19: a spike from before the opening, or before its delay is over, does nothing; then it is ${outcome}`, async () => {
      const { desk, trader, keeper, tradingRecords } = await loadDesk();
      await desk.setPrice("BTC", ENTRY);
      const id = await desk.open(trader, keeper, { takeProfit: px("60060"), stopLoss: px("59990") });
      const opened = await desk.now();
      const { openedAt } = await tradingRecords.position(id);
      const attempt = (at: number, block: number) =>
        executeIn(desk, keeper, [id], [desk.anyTick("BTC", at, { price })], block);
      // The tick of the opening and any before it, however young.
      for (const at of [Number(openedAt) - 1, Number(openedAt)]) {
        expect(await attempt(at, (await desk.now()) + 1)).to.deep.equal(["Skipped TickNotNewer"]);
      }
      // At most 3 s old in its block, and from before the delay is over: neither too old nor short of its price.
      const first = opened + desk.delayOf("degen");
      for (let at = opened + 1; at < first; at += 1) {
        expect(await attempt(at, at + 2), `tick ${at - opened} s after the opening`).to.deep.equal([
          "Skipped TickNotReached",
        ]);
      }
      expect(await attempt(first, first + 2)).to.deep.equal([outcome]);
      await expectBalanced(desk);
    });
  }

  it("L13: what was never there, is over, or comes twice is liquidated once at most", async () => {
    const { desk, trader, keeper } = await loadDesk();
    await desk.setPrice("BTC", ENTRY);
    const id = await desk.open(trader, keeper, {});
    await desk.setPrice("BTC", px("59900"));
    await desk.warp(2);
    await desk.refresh();
    const { results } = await desk.liquidate(keeper, [id, id, 0n, id + 1n, 2n ** 255n], "BTC");
    expect(results.map(({ outcome, reason }) => `${outcome} ${reason}`)).to.deep.equal([
      "Liquidated None",
      ...Array<string>(4).fill("Skipped NothingPending"),
    ]);
    await expectBalanced(desk);
  });
});
