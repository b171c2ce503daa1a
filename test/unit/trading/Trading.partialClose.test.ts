import { expect } from "chai";
import { Outcome } from "../../../sdk/enums";
import { requestPartialClose } from "../../../kit/desk/orders";
import { carryOwedUsd, closeTrade, contributionOf, dividePosition, gainCap } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { balancesOf, bookOf, difference, executeAt, liquidateAt, openPosition, quoteOf, start } from "./setup";
import type { Fixture, Modelled } from "./setup";

const DEAD = 3n;

/** At most 150,000 dollars at 500x: within the largest order of any chain's tier. */
async function opened(fixture: Fixture, leverage = 100) {
  const amount = fixture.desk.tokenUnits("USDT", 300n) + 77n;
  return openPosition(fixture, { mode: "standard", leverage, amount });
}

async function reducedEvent({ trading }: Fixture, id: bigint, block: number) {
  const [event] = await trading.queryFilter(trading.filters.TradeReduced(id), block, block);
  return event.args;
}

/** What the model makes of a part closed at `tick`, with the carry that the event states checked by the index. */
function modelPart(fixture: Fixture, model: Modelled, size: bigint, tick: bigint, carry: bigint) {
  const { part, rest, released } = dividePosition(model.position, size);
  const result = closeTrade({
    position: part,
    tick,
    slippagePips: BigInt(bookOf(fixture, "BTC", "standard").slippagePips),
    token: quoteOf(fixture),
    carryOwedUsd: carry,
    executionFeeUsd: fixture.profile.execution.executionFeeUsd,
    executionFeeCount: 1n,
  });
  return { part, rest, released, result };
}

describe("Trading", () => {
  describe("requestPartialClose", () => {
    it("closes a third as the model does, and leaves the rest as if it had been opened so", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      const { id, model } = await opened(fixture);
      const added = desk.tokenUnits("USDT", 10n) + 1n;
      await trading.connect(trader).addMargin(id, added);
      const whole = { ...model, position: { ...model.position, margin: model.margin + added } };
      const size = model.size / 3n;
      await desk.setPrice("BTC", px("60100"));
      const pending = await requestPartialClose(desk, trader, id, size);
      expect((await tradingRecords.closeOf(id)).boundOrArmer).to.equal(size << 64n);
      const before = await balancesOf(fixture);
      const { receipt, at } = await executeAt(
        fixture,
        pending.target + 1,
        [id],
        [desk.firstTick("BTC", pending.target, { price: px("60100") })],
      );
      const event = await reducedEvent(fixture, id, receipt.blockNumber);
      const { part, rest, released, result } = modelPart(fixture, whole, size, px("60100"), event.carryOwedUsd);
      const state = await tradingRecords.bookState(desk.bookId("BTC", "standard"));
      const { carryIndex } = await tradingRecords.position(id);
      expect(state.accruedAt).to.equal(BigInt(at));
      expect(event.carryOwedUsd).to.equal(carryOwedUsd(model.entry * size, state.longIndex, carryIndex));
      expect([event.exit, event.size, event.pnlUsd]).to.deep.equal([result.exit, size, result.pnlUsd]);
      expect([event.margin, event.addedMargin]).to.deep.equal([part.initialMargin, part.margin - part.initialMargin]);
      expect([event.closeFee, event.executionFee, event.payout]).to.deep.equal([
        result.closeFee,
        result.executionFee,
        result.payout,
      ]);

      const moved = difference(await balancesOf(fixture), before);
      expect([moved.trader, moved.keeper]).to.deep.equal([result.payout, result.executionFee]);
      expect([moved.collateral, moved.reserved]).to.deep.equal([-part.margin, -released]);
      const position = await tradingRecords.position(id);
      expect([position.margin, position.size, position.entry]).to.deep.equal([
        rest.initialMargin,
        rest.size,
        model.entry,
      ]);
      expect((await tradingRecords.extraOf(id)).addedMargin).to.equal(rest.margin - rest.initialMargin);
      const side = await tradingRecords.bookSide(desk.bookId("BTC", "standard"), true);
      const { profitCapPips } = model;
      const sums = contributionOf({ ...rest, leverage: 100n, indexAtOpenX18: carryIndex, profitCapPips });
      expect(side).to.deep.equal([
        sums.sizeSum,
        sums.notionalSum,
        sums.marginNanoSum,
        sums.carryEntrySum,
        sums.capNanoSum,
      ]);
      expect((await tradingRecords.closeOf(id)).kind).to.equal(DEAD);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("goes on to the end, and nothing is left of sums, collateral or reserve", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader, keeper } = fixture;
      const before = await balancesOf(fixture);
      const { id, model } = await opened(fixture, 10);
      for (const share of [4n, 3n, 2n]) {
        const { size } = await tradingRecords.position(id);
        const pending = await requestPartialClose(desk, trader, id, size / share);
        const { results } = await desk.settle(keeper, pending);
        expect(results[0].outcome).to.equal("Reduced");
      }
      await desk.close(trader, keeper, id);
      const moved = difference(await balancesOf(fixture), before);
      expect([moved.collateral, moved.reserved]).to.deep.equal([0n, 0n]);
      expect(await tradingRecords.bookSide(desk.bookId("BTC", "standard"), true)).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      expect(model.size > 0n).to.equal(true);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("pays no more than the part's share of the profit cap", async () => {
      const fixture = await start();
      const { desk, trader, keeper } = fixture;
      const { id, model } = await opened(fixture, 500);
      const size = model.size / 2n;
      const pending = await requestPartialClose(desk, trader, id, size);
      await desk.setPrice("BTC", px("63000"));
      const { receipt, results } = await desk.settle(keeper, pending);
      expect(results[0].outcome).to.equal(Outcome[6]);
      const event = await reducedEvent(fixture, id, receipt.blockNumber);
      const { part } = dividePosition(model.position, size);
      const cap = gainCap(part.initialMargin, model.profitCapPips);
      expect(event.payout + event.closeFee + event.executionFee).to.equal(part.margin + cap);
    });

    it("settles as a liquidation of all of it where its tick says so", async () => {
      const fixture = await start();
      const { desk, trading, trader, keeper } = fixture;
      const { id, model } = await opened(fixture, 500);
      const pending = await requestPartialClose(desk, trader, id, model.size / 2n);
      await desk.setPrice("BTC", (model.entry * 998n) / 1_000n);
      const { results } = await desk.settle(keeper, pending);
      expect(results[0].outcome).to.equal("Liquidated");
      expect(await trading.statusOf(id)).to.equal(0n);
    });

    it("shields no longer than a whole close: its ticks liquidate the rest once it is executed", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id, model } = await opened(fixture, 500);
      const price = (model.entry * 998n) / 1_000n;
      const pending = await requestPartialClose(desk, trader, id, model.size / 2n);
      const shielded = desk.anyTick("BTC", pending.target + 1, { price });
      const pendingStill = await liquidateAt(fixture, pending.target + 2, [id], [shielded]);
      expect(pendingStill.outcomes).to.deep.equal(["Skipped CloseIsPending"]);
      await executeAt(fixture, pending.target + 20, [id], [desk.firstTick("BTC", pending.target)]);
      await desk.refresh();
      const late = await liquidateAt(fixture, pending.target + 61, [id], [shielded]);
      expect(late.outcomes).to.deep.equal(["Liquidated"]);
    });

    it("wants a part that is neither nothing nor all, and leaves no dust on either side", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const { id, model } = await opened(fixture);
      const far = (await desk.now()) + 1_000;
      const ask = (size: bigint) => trading.connect(trader).requestPartialClose(id, size, 0n, far);
      for (const size of [0n, model.size, model.size + 1n]) {
        await expect(ask(size))
          .to.be.revertedWithCustomError(trading, "Trading_PartOutOfRange")
          .withArgs(size, 1n, model.size - 1n);
      }
      // 5 USD of margin at 100x, more than the least notional.
      const least = px("500") * 10n ** 8n;
      const leastSize = (least + model.entry - 1n) / model.entry;
      for (const size of [1n, leastSize - 1n, model.size - leastSize + 1n]) {
        const part = size * model.entry;
        await expect(ask(size))
          .to.be.revertedWithCustomError(trading, "Trading_DustLeft")
          .withArgs(part, model.notional - part, least);
      }
      await ask(leastSize);
    });

    it("is the owner's alone, in Standard, one at a time, up to breaker level 2", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, stranger, guardian, breaker } = fixture;
      const degen = await openPosition(fixture);
      const far = (await desk.now()) + 1_000;
      await expect(trading.connect(trader).requestPartialClose(degen.id, degen.model.size / 2n, 0n, far))
        .to.be.revertedWithCustomError(trading, "Trading_StandardOnly")
        .withArgs(degen.id);
      const { id, model } = await opened(fixture);
      const half = model.size / 2n;
      await expect(trading.connect(stranger).requestPartialClose(id, half, 0n, far))
        .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
        .withArgs(id, stranger);
      await trading.connect(trader).requestPartialClose(id, half, 0n, far);
      const { expiry } = await tradingRecords.closeOf(id);
      for (const again of [
        trading.connect(trader).requestPartialClose(id, half, 0n, far),
        trading.connect(trader).requestClose(id, 0n, far),
      ]) {
        await expect(again).to.be.revertedWithCustomError(trading, "Trading_CloseIsPending").withArgs(id, expiry);
      }
      await desk.warpTo(Number(expiry) + 1);
      await breaker.connect(guardian).raise(2);
      await trading.connect(trader).requestPartialClose(id, half, 0n, far);
      await desk.warp(60);
      await breaker.connect(guardian).raise(3);
      await expect(trading.connect(trader).requestPartialClose(id, half, 0n, far))
        .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
        .withArgs(3);
    });
  });
});
