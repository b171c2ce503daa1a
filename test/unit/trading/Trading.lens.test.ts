import { expect } from "chai";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { bankruptcyPrice, isLiquidatable, liquidationPrice, pnlUsd, toUsdDown } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { around, carryAt, liquidateAt, nextBlockAt, openPosition, quoteOf, start } from "./setup";

describe("Trading", () => {
  describe("the prices that the lens shows", () => {
    const scenes: OpenOptions[] = [
      { leverage: 1001 },
      { leverage: 500, isLong: false },
      { mode: "standard", leverage: 3 },
      { mode: "standard", asset: "ETH", leverage: 77, isLong: false },
    ];
    for (const options of scenes) {
      const { mode = "degen", isLong = true, leverage } = options;
      const side = isLong ? "long" : "short";

      it(`are the model's for a ${mode} ${side} at ${leverage}x`, async () => {
        const fixture = await start();
        const { desk, trading, tradingLens, replica } = fixture;
        const { id, at, model } = await openPosition(fixture, options);
        await desk.warp(7_200);
        await desk.setPrice("USDT", px("0.9991"));
        await desk.refresh();
        const now = (await desk.now()) + 5;
        await nextBlockAt(now);
        const seen = await tradingLens.positionAt(trading, id, px("59999"), { blockTag: "pending" });
        const { position, notional } = model;
        const carry = carryAt(fixture, options, at, now, model);
        const token = quoteOf(fixture);
        expect(seen.token).to.equal(await replica.token("USDT").getAddress());
        expect([seen.tokenPrice, seen.notionalUsd]).to.deep.equal([token.price, notional]);
        expect(seen.marginUsd).to.equal(toUsdDown(position.margin, token));
        expect(seen.carryOwedUsd).to.equal(carry);
        expect(seen.pnlUsd).to.equal(pnlUsd(position, px("59999")));
        expect(seen.liquidationPrice).to.equal(liquidationPrice(position, carry, token));
        expect(seen.bankruptcyPrice).to.equal(bankruptcyPrice(position, carry, token));
        expect(seen.isLiquidatable).to.equal(isLiquidatable(position, px("59999"), carry, token));
      });
    }

    for (const isLong of [true, false]) {
      it(`are where a ${isLong ? "long" : "short"} is liquidated, and not one unit of the tick before`, async () => {
        const fixture = await start();
        const { desk, trading, tradingLens, liquidator } = fixture;
        const { id } = await openPosition(fixture, { isLong });
        const first = (await desk.now()) + 5;
        for (const [when, which, outcome] of [
          [first, "notReached", "Skipped NotLiquidatable"],
          [first + 1, "reached", "Liquidated"],
        ] as const) {
          await nextBlockAt(when);
          const pending = { blockTag: "pending" } as const;
          const { liquidationPrice: boundary } = await tradingLens.position(trading, id, pending);
          const beyond = boundary + (isLong ? 1n : -1n);
          expect(await liquidator.liquidatable(trading, [id], boundary, pending)).to.deep.equal([true]);
          expect(await liquidator.liquidatable(trading, [id], beyond, pending)).to.deep.equal([false]);
          const price = around(boundary, isLong)[which];
          const { outcomes } = await liquidateAt(fixture, when, [id], [desk.anyTick("BTC", when, { price })]);
          expect(outcomes).to.deep.equal([outcome]);
        }
      });
    }
  });
});
