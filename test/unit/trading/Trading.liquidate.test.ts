import { expect } from "chai";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { clampToBand, isLiquidatable, liquidationPrice, settleLiquidation } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  PYTH_UNIT,
  around,
  balancesOf,
  carryAt,
  difference,
  executeAt,
  liquidateAt,
  makeStale,
  openPosition,
  quoteOf,
  start,
} from "./setup";

const UNTOUCHED = { trader: 0n, keeper: 0n, liquidity: 0n, fees: 0n, collateral: 0n, reserved: 0n };
describe("Trading", () => {
  describe("liquidate", () => {
    it("takes a position whose carry has eaten its margin, at the very tick of its take profit", async () => {
      const fixture = await start();
      const { desk } = fixture;
      const options = { mode: "standard", leverage: 500, takeProfit: px("60070") } as const;
      const { id, at, model } = await openPosition(fixture, options);
      await desk.setPrice("BTC", px("60070"));
      await desk.warp(115 * 3_600);
      await desk.refresh();
      const now = await desk.now();
      const carry = carryAt(fixture, options, at, now + 1, model);
      expect(isLiquidatable(model.position, px("60070"), carry, quoteOf(fixture))).to.equal(true);
      const { outcomes } = await executeAt(fixture, now + 1, [id], [desk.anyTick("BTC", now)]);
      expect(outcomes).to.deep.equal(["Liquidated"]);
    });

    const scenes: { name: string; options: OpenOptions; far?: bigint }[] = [
      { name: "a Degen long", options: {} },
      { name: "a Degen short", options: { isLong: false, leverage: 600 } },
      { name: "a Standard long", options: { mode: "standard" } },
      { name: "a Standard short of another market", options: { mode: "standard", asset: "ETH", isLong: false } },
      { name: "a bad debt", options: { mode: "standard" }, far: px("59401") },
    ];
    for (const { name, options, far } of scenes) {
      it(`settles ${name} exactly as in the model, from the boundary tick on`, async () => {
        const fixture = await start();
        const { desk, trading, trader, keeper } = fixture;
        const { asset = "BTC" } = options;
        await desk.setPrice("USDT", px("0.9997"));
        const { id, at, model } = await openPosition(fixture, options);
        const before = await balancesOf(fixture);
        await desk.warp(3_600);
        await desk.refresh();
        const now = (await desk.now()) + 5;
        const carry = (when: number) => carryAt(fixture, options, at, when, model);
        const token = quoteOf(fixture);

        const early = around(liquidationPrice(model.position, carry(now), token), model.position.isLong);
        const skipped = await liquidateAt(fixture, now, [id], [desk.anyTick(asset, now, { price: early.notReached })]);
        expect(skipped.outcomes).to.deep.equal(["Skipped NotLiquidatable"]);
        expect(difference(await balancesOf(fixture), before)).to.deep.equal(UNTOUCHED);

        const then = now + 1;
        const { reached } = around(liquidationPrice(model.position, carry(then), token), model.position.isLong);
        const tick = far ?? reached;
        const { outcomes, receipt } = await liquidateAt(
          fixture,
          then,
          [id],
          [desk.anyTick(asset, then, { price: tick })],
        );
        expect(outcomes).to.deep.equal(["Liquidated"]);
        const { reward, toVault, badDebt } = settleLiquidation(model.position, tick, carry(then), token);
        expect(badDebt > 0n).to.equal(far !== undefined);
        await expect(Promise.resolve(receipt))
          .to.emit(trading, "TradeLiquidated")
          .withArgs(id, trader, keeper, tick, reward, toVault, badDebt);
        const changed = difference(await balancesOf(fixture), before);
        expect(changed).to.deep.equal({
          trader: 0n,
          keeper: reward,
          liquidity: toVault,
          fees: 0n,
          collateral: -model.margin,
          reserved: -before.reserved,
        });
        expect(await desk.statusOf(id)).to.equal("None");
        expect(await trading.exposedAssets()).to.equal(0n);
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("holds the tick within the anchors' band", async () => {
      const fixture = await start();
      const { desk, trading } = fixture;
      for (const [isLong, crash, atEdge] of [
        [true, px("58000"), 60],
        [false, px("62000"), 61],
      ] as const) {
        // Between 59,400 and 58,000 liquidates 10x to 59x; the edge itself everything above.
        const far = await openPosition(fixture, { mode: "standard", leverage: 40, isLong });
        const near = await openPosition(fixture, { mode: "standard", leverage: atEdge, isLong });
        const at = (await desk.now()) + 3;
        const proof = desk.anyTick("BTC", at, { price: crash });
        const { outcomes, receipt } = await liquidateAt(fixture, at, [far.id, near.id], [proof]);
        expect(outcomes).to.deep.equal(["Skipped NotLiquidatable", "Liquidated"]);
        const filter = trading.filters.TradeLiquidated(near.id);
        const [event] = await trading.queryFilter(filter, receipt.blockNumber, receipt.blockNumber);
        expect(event.args.tick).to.equal(clampToBand(crash, [px("60000")]));
      }
    });

    it("skips what is no position", async () => {
      const fixture = await start();
      const { desk, trading, trader } = fixture;
      const { id } = await desk.requestOpen(trader);
      const at = (await desk.now()) + 5;
      const { outcomes } = await liquidateAt(fixture, at, [0n, id, 99n], [desk.anyTick("BTC", at)]);
      expect(outcomes).to.deep.equal(Array(3).fill("Skipped NothingPending"));
      await expect(
        trading.liquidate(1n, 0n, "0x0000000000000000000000000000000000000000"),
      ).to.be.revertedWithCustomError(trading, "Trading_ZeroAddress");
    });

    it("wants a tick of its asset, sure to 100 bp", async () => {
      const fixture = await start();
      const { desk } = fixture;
      const { id } = await openPosition(fixture);
      const price = px("59950");
      const widest = price / 100n;
      const at = (await desk.now()) + 5;
      expect((await liquidateAt(fixture, at, [id], [])).outcomes).to.deep.equal(["Skipped NoTick"]);
      const other = await liquidateAt(fixture, at + 1, [id], [desk.anyTick("ETH", at)]);
      expect(other.outcomes).to.deep.equal(["Skipped TickOfOtherAsset"]);
      const unsure = desk.anyTick("BTC", at, { price, confidence: widest + PYTH_UNIT });
      expect((await liquidateAt(fixture, at + 2, [id], [unsure])).outcomes).to.deep.equal([
        "Skipped ConfidenceTooWide",
      ]);
      const sure = desk.anyTick("BTC", at, { price, confidence: widest });
      expect((await liquidateAt(fixture, at + 3, [id], [sure])).outcomes).to.deep.equal(["Liquidated"]);
    });

    it("needs one fresh anchor and the token's price", async () => {
      const fixture = await start();
      const { desk, replica } = fixture;
      const { id } = await openPosition(fixture);
      const at = (await desk.now()) + 10;
      const tick = desk.anyTick("BTC", at, { price: px("59950") });
      await makeStale(fixture, "BTC");
      expect((await liquidateAt(fixture, at, [id], [tick])).outcomes).to.deep.equal(["Skipped AnchorsNotFresh"]);
      await replica.setPushPrice("BTC", px("60000"), undefined, ["chainlink"]);
      await makeStale(fixture, "USDT");
      expect((await liquidateAt(fixture, at + 8, [id], [tick])).outcomes).to.deep.equal(["Skipped TokenPriceMissing"]);
      await replica.setPushPrice("USDT", px("1"));
      expect((await liquidateAt(fixture, at + 14, [id], [tick])).outcomes).to.deep.equal(["Liquidated"]);
    });

    it("waits for a sequencer that is up and past its grace period, while the owner may close", async () => {
      const fixture = await start();
      const { desk, replica, trader, profile, priceAggregator } = fixture;
      if (profile.sequencer === null) {
        expect(await priceAggregator.isSequencerReady()).to.equal(true);
        return;
      }
      const [first, second] = [await openPosition(fixture), await openPosition(fixture)];
      const up = await desk.now();
      await replica.setSequencer(true, up);
      const pending = await desk.requestClose(trader, first.id);
      const price = px("59950");
      const soon = await liquidateAt(
        fixture,
        pending.target,
        [second.id],
        [desk.anyTick("BTC", pending.target, { price })],
      );
      expect(soon.outcomes).to.deep.equal(["Skipped SequencerNotReady"]);
      const proof = desk.firstTick("BTC", pending.target, { price });
      expect((await executeAt(fixture, pending.target + 1, [first.id], [proof])).outcomes).to.deep.equal(["Closed"]);
      const ready = up + profile.sequencer.graceSeconds;
      await desk.warpTo(ready - 20);
      await desk.setPrice("BTC", px("60000"));
      const tick = desk.anyTick("BTC", ready - 1, { price });
      const before = await liquidateAt(fixture, ready - 1, [second.id], [tick]);
      expect(before.outcomes).to.deep.equal(["Skipped SequencerNotReady"]);
      expect((await liquidateAt(fixture, ready, [second.id], [tick])).outcomes).to.deep.equal(["Liquidated"]);
    });
  });
});
