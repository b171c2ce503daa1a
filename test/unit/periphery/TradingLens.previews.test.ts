import { expect } from "chai";
import { assetIdOf } from "../../../deploy/arguments/oracle";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { Outcome, Reason, nameOf } from "../../../sdk/enums";
import {
  bankruptcyPrice,
  closeTrade,
  dividePosition,
  exitPriceX18,
  liquidationPrice,
  liquidationReward,
  slippageX18,
} from "../../../sdk/model";
import { px, usd } from "../../../sdk/units";
import {
  afterADay,
  bookOf,
  carryAt,
  makeStale,
  modelOpening,
  nextBlockAt,
  openPosition,
  quoteOf,
  scheduled,
  start,
} from "../trading/setup";
import type { Fixture } from "../trading/setup";

const PENDING = { blockTag: "pending" } as const;
const NARROW = 10n ** 8n;

async function preview(
  fixture: Fixture,
  options: OpenOptions,
  { isLimit = false, price = px("60000"), confidence = NARROW } = {},
) {
  const { desk, trading, tradingLens, trader } = fixture;
  const request = await desk.openRequest(trader, options);
  const seen = await tradingLens.previewOpen(trading, request, isLimit, price, confidence);
  return {
    seen: seen.preview,
    outcome: nameOf(Outcome, seen.outcome),
    reason: nameOf(Reason, seen.preview.reason),
    wouldFillNow: seen.wouldFillNow,
  };
}

/** Outcome and reason in one. */
async function answer(...args: Parameters<typeof preview>): Promise<string> {
  const { outcome, reason } = await preview(...args);
  return `${outcome} ${reason}`;
}

describe("TradingLens", () => {
  describe("previewOpen", () => {
    for (const isLong of [true, false]) {
      for (const mode of ["standard", "degen"] as const) {
        it(`divides and sizes a ${mode} ${isLong ? "long" : "short"} as the model does`, async () => {
          const fixture = await start();
          await fixture.desk.setPrice("USDT", px("0.9991"));
          const options = { mode, isLong, amount: fixture.desk.tokenUnits("USDT", 100n) + 7n };
          const model = modelOpening(fixture, options);
          const { seen, outcome, wouldFillNow } = await preview(fixture, options);
          expect([outcome, wouldFillNow]).to.deep.equal(["Opened", false]);
          expect([seen.entry, seen.size, seen.margin]).to.deep.equal([model.entry, model.size, model.margin]);
          expect([seen.openFee, seen.executionFee]).to.deep.equal([model.openFee, model.executionFee]);
          expect([seen.notionalUsd, seen.marginUsd]).to.deep.equal([model.notional, model.marginUsd]);
          const token = quoteOf(fixture);
          expect(seen.liquidationPrice).to.equal(liquidationPrice(model.position, 0n, token));
          expect(seen.bankruptcyPrice).to.equal(bankruptcyPrice(model.position, 0n, token));
        });
      }
    }

    it("says of a limit whether it would rest, fill now, rest through the market, or be refused", async () => {
      const fixture = await start();
      const limit = (price: string, options: OpenOptions = {}) =>
        preview(fixture, { mode: "standard", acceptablePrice: px(price), ...options }, { isLimit: true });
      const rests = await limit("59000");
      expect([rests.outcome, rests.reason, rests.wouldFillNow]).to.deep.equal(["Skipped", "TickNotReached", false]);
      const fills = await limit("60100");
      expect([fills.outcome, fills.reason, fills.wouldFillNow]).to.deep.equal(["Opened", "None", true]);
      expect(fills.seen.entry).to.equal(px("60100"));
      const lost = await limit("60500");
      expect([lost.outcome, lost.reason, lost.wouldFillNow]).to.deep.equal(["Skipped", "LiquidatableAtOpening", false]);
      const far = await limit("61000");
      expect([far.outcome, far.reason, far.wouldFillNow]).to.deep.equal(["Skipped", "GapTooWide", false]);
      const small = await limit("60100", { amount: 1n });
      expect([small.outcome, small.reason, small.wouldFillNow]).to.deep.equal(["Refused", "NotionalTooSmall", false]);
    });

    it("gives the reason that execution would refuse a market order for", async () => {
      const fixture = await start();
      const standard = { mode: "standard" } as const;
      expect(await answer(fixture, { ...standard, acceptablePrice: px("60000") })).to.equal("Refused PriceBound");
      expect(await answer(fixture, { ...standard, leverage: 501 })).to.equal("Refused LeverageNotOffered");
      expect(await answer(fixture, { ...standard, takeProfit: px("59999") })).to.equal("Refused TakeProfitOutOfRange");
      expect(await answer(fixture, standard, { confidence: px("181") })).to.equal("Refused ConfidenceTooWide");
      const amount = fixture.desk.tokenUnits("USDT", 90_000n);
      expect(await answer(fixture, { ...standard, amount })).to.equal("Refused NotionalTooLarge");
    });

    it("gives what the moment decides: the order would wait", async () => {
      const fixture = await start();
      const { breaker, desk, guardian, trading, tradingLens, trader } = fixture;
      const standard = { mode: "standard" } as const;
      expect(await answer(fixture, standard, { price: px("60601") })).to.equal("Skipped PriceDeviates");
      expect(await answer(fixture, standard, { price: px("0") })).to.equal("Skipped PriceDeviates");
      const request = { ...(await desk.openRequest(trader, standard)), token: trader.address };
      const unknown = await tradingLens.previewOpen(trading, request, false, px("60000"), NARROW);
      expect(nameOf(Reason, unknown.preview.reason)).to.equal("TokenPriceMissing");
      await makeStale(fixture, "BTC");
      expect(await answer(fixture, standard)).to.equal("Skipped AnchorsNotFresh");
      await makeStale(fixture, "USDT");
      expect(await answer(fixture, standard)).to.equal("Skipped TokenPriceMissing");
      await breaker.connect(guardian).raise(1);
      expect(await answer(fixture, standard)).to.equal("Skipped BreakerRaised");
    });

    it("asks the Vault for room", async () => {
      const fixture = await start();
      const { guardian, replica, trading, vault } = fixture;
      const options = { mode: "standard", acceptablePrice: px("60100") } as const;
      const { profitCapPips, margin } = modelOpening(fixture, options, px("60000"));
      const token = replica.token("USDT");
      await vault.connect(guardian).cutCeiling(trading, token, (margin * profitCapPips) / 1_000_000n - 1n);
      expect(await answer(fixture, options)).to.equal("Refused ReserveFull");
      expect(await answer(fixture, options, { isLimit: true })).to.equal("Skipped ReserveFull");
    });
  });

  describe("closePreview", () => {
    const close = (fixture: Fixture, id: bigint, size: bigint, price: bigint) =>
      fixture.tradingLens.closePreview(fixture.trading, id, size, price, PENDING);

    for (const isLong of [true, false]) {
      for (const mode of ["standard", "degen"] as const) {
        it(`divides the close of a ${mode} ${isLong ? "long" : "short"} as the model does, carry included`, async () => {
          const fixture = await start();
          const options: OpenOptions = { mode, isLong, leverage: mode === "degen" ? 600 : 50 };
          const { id, at, model } = await openPosition(fixture, options);
          await fixture.desk.warp(7_200);
          await fixture.desk.refresh();
          const now = (await fixture.desk.now()) + 3;
          const carryOwedUsd = carryAt(fixture, options, at, now, model);
          for (const tick of [px("60030"), px("60000"), px("59980")]) {
            await nextBlockAt(now);
            const seen = await close(fixture, id, 0n, tick);
            const result = closeTrade({
              ...{ position: model.position, tick, carryOwedUsd, token: quoteOf(fixture) },
              slippagePips: BigInt(bookOf(fixture, "BTC", mode).slippagePips),
              executionFeeUsd: fixture.profile.execution.executionFeeUsd,
              executionFeeCount: 1n,
            });
            expect([seen.isLiquidated, seen.exit, seen.pnlUsd]).to.deep.equal([false, result.exit, result.pnlUsd]);
            expect(seen.carryOwedUsd).to.equal(carryOwedUsd);
            expect([seen.gain, seen.loss]).to.deep.equal([result.gainPaid, result.lossCollected]);
            expect([seen.closeFee, seen.executorPay]).to.deep.equal([result.closeFee, result.executionFee]);
            expect(seen.payout).to.equal(result.payout);
          }
        });
      }
    }

    it("takes a part's share of the margin, the added one included, and the whole for more than there is", async () => {
      const fixture = await start();
      const { trading, trader } = fixture;
      const options = { mode: "standard", amount: fixture.desk.tokenUnits("USDT", 1_000n) } as const;
      const { id, model } = await openPosition(fixture, options);
      await trading.connect(trader).addMargin(id, 1_000_001n);
      const position = { ...model.position, margin: model.margin + 1_000_001n };
      const size = model.size / 3n;
      const { part } = dividePosition(position, size);
      const seen = await close(fixture, id, size, px("60100"));
      const result = closeTrade({
        ...{ position: part, tick: px("60100"), carryOwedUsd: seen.carryOwedUsd, token: quoteOf(fixture) },
        slippagePips: BigInt(bookOf(fixture, "BTC", "standard").slippagePips),
        executionFeeUsd: fixture.profile.execution.executionFeeUsd,
        executionFeeCount: 1n,
      });
      expect([seen.pnlUsd, seen.closeFee, seen.payout]).to.deep.equal([result.pnlUsd, result.closeFee, result.payout]);
      const whole = await close(fixture, id, 0n, px("60100"));
      expect(await close(fixture, id, model.size, px("60100"))).to.deep.equal(whole);
      expect(await close(fixture, id, model.size * 2n, px("60100"))).to.deep.equal(whole);
    });

    it("is a liquidation where the price says so, unless liquidations wait", async () => {
      const fixture = await start();
      const { breaker, guardian, desk } = fixture;
      const { id, model } = await openPosition(fixture);
      const seen = await close(fixture, id, 0n, px("59900"));
      expect([seen.isLiquidated, seen.exit, seen.payout]).to.deep.equal([true, px("59900"), 0n]);
      expect(seen.executorPay).to.equal(liquidationReward(model.margin, quoteOf(fixture)));
      // Held within the anchors' band.
      expect((await close(fixture, id, 0n, px("50000"))).exit).to.equal(px("59400"));
      await breaker.connect(guardian).raise(3);
      await desk.warp(86_400);
      await desk.refresh();
      const inGrace = await close(fixture, id, 0n, px("59950"));
      expect(inGrace.isLiquidated).to.equal(false);
    });

    it("refuses orders, and prices that are not fresh", async () => {
      const fixture = await start();
      const { desk, tradingLens, trader } = fixture;
      const { id: order } = await desk.requestOpen(trader);
      await expect(close(fixture, order, 0n, px("60000")))
        .to.be.revertedWithCustomError(tradingLens, "TradingLens_NotOpen")
        .withArgs(order);
      const { id } = await openPosition(fixture);
      await makeStale(fixture, "USDT");
      await expect(close(fixture, id, 0n, px("60000")))
        .to.be.revertedWithCustomError(tradingLens, "TradingLens_PriceMissing")
        .withArgs(assetIdOf("USDT"));
      await makeStale(fixture, "BTC");
      await expect(close(fixture, id, 0n, px("60000")))
        .to.be.revertedWithCustomError(tradingLens, "TradingLens_PriceMissing")
        .withArgs(1n);
    });

    it("has the slippage of the depth and of the skew model", async () => {
      const fixture = await start();
      const { desk, tradingConfigurator, trading, tradingRecords, riskManager } = fixture;
      const book = desk.bookId("BTC", "standard");
      for (const model of [1, 2]) {
        const data = tradingConfigurator.interface.encodeFunctionData("setSlippage", [
          await trading.getAddress(),
          book,
          model,
          100,
          10_000,
        ]);
        const change = await scheduled(fixture, riskManager, tradingConfigurator, data);
        await afterADay(fixture);
        await change();
        await desk.refresh();
        const { id } = await openPosition(fixture, { mode: "standard", leverage: 20 });
        const { size, entry } = await tradingRecords.position(id);
        const [long, short] = [await tradingRecords.bookSide(book, true), await tradingRecords.bookSide(book, false)];
        const rate = slippageX18(
          { kind: model === 1 ? "depth" : "skew", fixedPips: 100n, onePercentDepthUsd: usd("10000") },
          {
            ...{ isLong: true, isOpening: false, notional: size * entry },
            ...{ longUsd: long.notional - size * entry, shortUsd: short.notional },
          },
        );
        expect((await close(fixture, id, 0n, px("60000"))).exit).to.equal(exitPriceX18(px("60000"), rate, true));
        expect(rate > 10n ** 14n).to.equal(model === 1);
      }
    });
  });
});
