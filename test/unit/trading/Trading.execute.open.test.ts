import { expect } from "chai";
import { TradeStatus } from "../../../sdk/enums";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { contributionOf, gainCap, splitFee } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  PYTH_UNIT,
  balancesOf,
  bookOf,
  difference,
  executeAt,
  modelOpening,
  settleAtTarget,
  sourcesOf,
  start,
} from "./setup";

const LONG = 4n;
const EXTRA = 16n;

describe("Trading", () => {
  describe("execute: a filled order", () => {
    const cases: { name: string; options: OpenOptions; price?: bigint }[] = [
      { name: "a Degen long", options: { leverage: 1001 } },
      {
        name: "a Degen short of the lower tier",
        options: { leverage: 750, isLong: false },
        price: px("60000.00000003"),
      },
      { name: "a Standard long", options: { mode: "standard", leverage: 500 }, price: px("59999.99999999") },
      { name: "a Standard short of the lowest tier", options: { mode: "standard", leverage: 10, isLong: false } },
      { name: "a Standard long of another market", options: { mode: "standard", asset: "ETH", leverage: 50 } },
    ];
    for (const { name, options, price } of cases) {
      it(`becomes ${name} exactly as in the model`, async () => {
        const fixture = await start();
        const { desk, trading, tradingRecords, trader, keeper } = fixture;
        const { asset = "BTC", mode = "degen", isLong = true } = options;
        await desk.setPrice("USDT", px("0.99970013"));
        const amount = desk.tokenUnits("USDT", 123n) + 567n;
        const model = modelOpening(fixture, { ...options, amount }, price);
        const before = await balancesOf(fixture);
        const pending = await desk.requestOpen(trader, {
          ...options,
          amount,
          takeProfit: 0n,
          stopLoss: px("1"),
          broker: 9,
        });
        const { outcomes, receipt, at } = await settleAtTarget(fixture, pending, { price });

        expect(outcomes).to.deep.equal(["Opened"]);
        expect(await trading.statusOf(pending.id)).to.equal(TradeStatus.indexOf("Open"));
        const position = await tradingRecords.position(pending.id);
        expect(position.owner).to.equal(trader.address);
        expect(position.bookId).to.equal(desk.bookId(asset, mode));
        expect(position.state).to.equal(3n + (isLong ? LONG : 0n) + EXTRA);
        expect([position.margin, position.size, position.entry]).to.deep.equal([model.margin, model.size, model.entry]);
        expect([position.takeProfit, position.stopLoss]).to.deep.equal([0n, px("1")]);
        expect([position.openedAt, position.takeProfitSetAt, position.stopLossSetAt]).to.deep.equal(
          Array(3).fill(BigInt(at)),
        );
        expect(position.leverage).to.equal(model.leverage);
        expect(await tradingRecords.extraOf(pending.id)).to.deep.equal([0n, 9n]);
        const terms = await tradingRecords.terms(position.bookId, position.termsId);
        const { llrPips, profitCapPips, closeFeePips } = model.position;
        const tier = bookOf(fixture, asset, mode).tiers.find(
          ({ maxLeverage }) => maxLeverage >= Number(model.leverage),
        );
        expect(terms).to.deep.equal([
          ...[llrPips, profitCapPips, closeFeePips, mode === "degen" ? 150_000n : 0n],
          BigInt(tier?.maxExitSlippagePips ?? 0),
        ]);

        await expect(Promise.resolve(receipt))
          .to.emit(trading, "TradeOpened")
          .withArgs(
            pending.id,
            trader,
            keeper,
            price ?? desk.priceOf(asset),
            position.openedAt,
            position.entry,
            position.size,
            position.margin,
            model.openFee,
            model.executionFee,
            position.carryIndex,
            position.termsId,
          );

        const { alp, broker, treasury } = splitFee(
          model.openFee,
          BigInt(bookOf(fixture, asset, mode).alpFeeSharePips),
          0n,
        );
        expect(difference(await balancesOf(fixture), before)).to.deep.equal({
          trader: -amount,
          keeper: model.executionFee,
          liquidity: alp,
          fees: broker + treasury,
          collateral: model.margin,
          reserved: gainCap(model.margin, model.profitCapPips),
        });
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("joins the sums of its side", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader } = fixture;
      for (const [isLong, leverage] of [
        [true, 600],
        [false, 1001],
        [true, 1000],
      ] as const) {
        const model = modelOpening(fixture, { isLong, leverage });
        const before = await tradingRecords.bookSide(1, isLong);
        const pending = await desk.requestOpen(trader, { isLong, leverage });
        await settleAtTarget(fixture, pending);
        const { carryIndex } = await tradingRecords.position(pending.id);
        const { entry, size, profitCapPips } = model;
        const part = contributionOf({
          entry,
          size,
          leverage: BigInt(leverage),
          profitCapPips,
          indexAtOpenX18: carryIndex,
        });
        const after = await tradingRecords.bookSide(1, isLong);
        expect(after.size - before.size).to.equal(part.sizeSum);
        expect(after.notional - before.notional).to.equal(part.notionalSum);
        expect(after.marginNano - before.marginNano).to.equal(part.marginNanoSum);
        expect(after.carryAtEntry - before.carryAtEntry).to.equal(part.carryEntrySum);
        expect(after.capNano - before.capNano).to.equal(part.capNanoSum);
      }
      expect(await trading.exposedAssets()).to.equal(1n << 1n);
    });

    it("takes margin in every token at its own price and decimals", async () => {
      const fixture = await start();
      const { desk, tradingRecords, trader, profile } = fixture;
      for (const { symbol, assetKey } of profile.tokens.filter(({ margin }) => margin)) {
        const amount = (desk.tokenUnits(symbol, 100n) * px("1")) / desk.priceOf(assetKey);
        const model = modelOpening(fixture, { token: symbol, amount });
        const before = await balancesOf(fixture, symbol);
        const pending = await desk.requestOpen(trader, { token: symbol, amount });
        expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Opened"]);
        const { margin, size, entry } = await tradingRecords.position(pending.id);
        expect([margin, size, entry]).to.deep.equal([model.margin, model.size, model.entry]);
        expect(difference(await balancesOf(fixture, symbol), before).keeper).to.equal(model.executionFee);
      }
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("uses the median of the token's fresh sources, of two their mean rounded down", async () => {
      const fixture = await start();
      const { desk, replica, tradingRecords, trader, profile } = fixture;
      // A token that two feeds price, where the chain has one.
      const token = profile.tokens.find(({ assetKey, margin }) => margin && sourcesOf(fixture, assetKey).length === 2);
      const { symbol, assetKey } = token ?? profile.tokens[0];
      const [first, second] = sourcesOf(fixture, assetKey);
      const mean = desk.priceOf(assetKey);
      await replica.setPushPrice(assetKey, mean - PYTH_UNIT, undefined, [first]);
      if (second !== undefined) await replica.setPushPrice(assetKey, mean + PYTH_UNIT, undefined, [second]);
      const amount = (desk.tokenUnits(symbol, 100n) * px("1")) / mean;
      const pending = await desk.requestOpen(trader, { token: symbol, amount });
      expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Opened"]);
      await desk.setPrice(assetKey, second === undefined ? mean - PYTH_UNIT : mean);
      const model = modelOpening(fixture, { token: symbol, amount }, px("60000"));
      expect((await tradingRecords.position(pending.id)).size).to.equal(model.size);
    });

    it("pays the execution fee to whoever executes, its owner too", async () => {
      const fixture = await start();
      const { desk, vault, replica, trader } = fixture;
      const pending = await desk.requestOpen(trader);
      await settleAtTarget(fixture, pending, { by: trader });
      const token = replica.token("USDT");
      expect(await vault.claimableOf(token, trader)).to.equal(modelOpening(fixture).executionFee);
    });

    it("is executed once", async () => {
      const fixture = await start();
      const { desk, trader } = fixture;
      const { id, target } = await desk.requestOpen(trader);
      const proofs = [desk.firstTick("BTC", target)];
      const { outcomes } = await executeAt(fixture, target, [id], proofs);
      expect(outcomes).to.deep.equal(["Opened"]);
      expect((await executeAt(fixture, target + 1, [id], proofs)).outcomes).to.deep.equal(["Skipped NothingPending"]);
    });
  });

  describe("execute: nothing to do", () => {
    it("skips what never was, and reverts without an executor", async () => {
      const fixture = await start();
      const { desk, trading } = fixture;
      const at = (await desk.now()) + 5;
      const { outcomes } = await executeAt(fixture, at, [0n, 99n], [desk.firstTick("BTC", at)]);
      expect(outcomes).to.deep.equal(["Skipped NothingPending", "Skipped NothingPending"]);
      await expect(trading.execute(1n, 0n, "0x0000000000000000000000000000000000000000")).to.be.revertedWithCustomError(
        trading,
        "Trading_ZeroAddress",
      );
    });
  });
});
