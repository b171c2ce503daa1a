import { expect } from "chai";
import type { Signer } from "ethers";
import type { OpenOptions } from "../../../kit/desk/Desk";
import type { CloseResult } from "../../../sdk/model";
import { carryOwedUsd, closeTrade, splitFee } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import {
  CarryTrack,
  balancesOf,
  bookOf,
  difference,
  executeAt,
  nextBlockAt,
  openPosition,
  quoteOf,
  start,
} from "./setup";
import type { Fixture, Modelled } from "./setup";

const DAY = 24 * 3_600;

interface Scene {
  name: string;
  options: OpenOptions;
  price: bigint;
  tokenPrice?: bigint;
  seconds?: number;
  byOwner?: boolean;
}

function modelClose(
  fixture: Fixture,
  model: Modelled,
  tick: bigint,
  carry: bigint,
  options: OpenOptions,
  byOwner = false,
): CloseResult {
  return closeTrade({
    position: model.position,
    tick,
    slippagePips: BigInt(bookOf(fixture, options.asset ?? "BTC", options.mode ?? "degen").slippagePips),
    token: quoteOf(fixture, options.token),
    carryOwedUsd: carry,
    executionFeeUsd: fixture.profile.execution.executionFeeUsd,
    executionFeeCount: byOwner ? 0n : 1n,
  });
}

describe("Trading", () => {
  describe("execute: a filled close", () => {
    const standard = { mode: "standard", leverage: 100 } as const;
    const scenes: Scene[] = [
      { name: "a Degen profit of which 15% are taken", options: {}, price: px("60060") },
      { name: "a Degen profit at its cap", options: { leverage: 750, isLong: false }, price: px("59405") },
      { name: "a Degen profit too small for the 15%", options: { isLong: false }, price: px("59990") },
      { name: "a Degen loss", options: {}, price: px("59985.00000001") },
      { name: "a Standard profit", options: standard, price: px("60313.13131313") },
      { name: "a Standard profit at its cap", options: { ...standard, leverage: 500 }, price: px("60590") },
      { name: "a Standard loss", options: { ...standard, isLong: false }, price: px("60100") },
      { name: "a close by the owner, who pays himself no fee", options: {}, price: px("60010"), byOwner: true },
      { name: "a profit after a day", options: { ...standard, leverage: 10 }, price: px("60500"), seconds: DAY },
      { name: "a loss of carry alone", options: { ...standard, leverage: 10 }, price: px("60000"), seconds: DAY },
      { name: "a dearer token", options: standard, price: px("60200"), tokenPrice: px("1.01999999") },
      { name: "a cheaper token", options: { ...standard, isLong: false }, price: px("60200"), tokenPrice: px("0.98") },
    ];
    for (const { name, options, price, tokenPrice, seconds = 60, byOwner = false } of scenes) {
      it(`divides ${name} exactly as in the model`, async () => {
        const fixture = await start();
        const { desk, trading, trader, keeper } = fixture;
        const { mode = "degen", asset = "BTC" } = options;
        const amount = desk.tokenUnits("USDT", 121n) + 123n;
        const { id, at, model } = await openPosition(fixture, { ...options, amount });
        const track = new CarryTrack(bookOf(fixture, asset, mode), at);
        const atOpen = track.change(at, model.position.isLong, model.notional);
        await desk.warp(seconds);
        if (tokenPrice !== undefined) await desk.setPrice("USDT", tokenPrice);
        await desk.setPrice(asset, price);
        await desk.refresh();
        const before = await balancesOf(fixture);
        const pending = await desk.requestClose(trader, id);
        const executor: Signer = byOwner ? trader : keeper;
        const proof = desk.firstTick(asset, pending.target);
        const result = await executeAt(fixture, pending.target, [id], [proof], { by: executor });

        const { longX18, shortX18 } = track.until(result.at);
        const carry = carryOwedUsd(model.notional, (model.position.isLong ? longX18 : shortX18) - atOpen, 0n);
        const closed = modelClose(fixture, model, price, carry, options, byOwner);
        expect(result.outcomes).to.deep.equal(["Closed"]);
        await expect(Promise.resolve(result.receipt))
          .to.emit(trading, "TradeClosed")
          .withArgs(
            id,
            trader,
            executor,
            closed.exit,
            closed.pnlUsd,
            carry,
            closed.closeFee,
            closed.executionFee,
            closed.payout,
          );
        const { alp, broker, treasury } = splitFee(
          closed.closeFee,
          BigInt(bookOf(fixture, asset, mode).alpFeeSharePips),
          0n,
        );
        const reserved = (await balancesOf(fixture)).reserved;
        expect(reserved).to.equal(0n);
        expect(difference(await balancesOf(fixture), before)).to.deep.equal({
          trader: closed.payout,
          keeper: closed.executionFee,
          liquidity: closed.lossCollected - closed.gainPaid + alp,
          fees: broker + treasury,
          collateral: -model.margin,
          reserved: -before.reserved,
        });
        expect(await desk.statusOf(id)).to.equal("None");
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("leaves nothing behind: sums, close, extra and exposed book are gone", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, trader, keeper } = fixture;
      const { id } = await openPosition(fixture, { broker: 3 });
      await desk.close(trader, keeper, id);
      expect(await tradingRecords.bookSide(1, true)).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      expect(await tradingRecords.extraOf(id)).to.deep.equal([0n, 0n]);
      expect(await tradingRecords.closeOf(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      expect(await trading.exposedAssets()).to.equal(0n);
      expect((await tradingRecords.position(id)).margin).to.equal(0n);
    });

    it("pays in the native coin where that was asked for", async () => {
      const fixture = await start();
      const { desk, trader, profile } = fixture;
      const options = { token: profile.wrappedNativeSymbol, amount: 4n * 10n ** 16n, asNative: true };
      const { id, at, model } = await openPosition(fixture, options);
      const track = new CarryTrack(bookOf(fixture, "BTC", "degen"), at);
      track.change(at, true, model.notional);
      const pending = await desk.requestClose(trader, id);
      const before = await trader.provider.getBalance(trader);
      await executeAt(fixture, pending.target, [id], [desk.firstTick("BTC", pending.target)]);
      const carry = carryOwedUsd(model.notional, track.until(pending.target).longX18, 0n);
      const { payout } = modelClose(fixture, model, px("60000"), carry, options);
      expect((await trader.provider.getBalance(trader)) - before).to.equal(payout);
    });
  });

  describe("execute: carry", () => {
    it("is owed by the heavier side, received by the lighter, whichever that becomes", async () => {
      const fixture = await start();
      const { desk, trading, trader, other } = fixture;
      const mode = "standard" as const;
      const open = async (isLong: boolean, whole: bigint, who: Signer) => {
        const amount = desk.tokenUnits("USDT", whole);
        return openPosition(fixture, { mode, isLong, leverage: 20, amount }, who);
      };
      const first = await open(true, 1_000n, trader);
      const track = new CarryTrack(bookOf(fixture, "BTC", mode), first.at);
      track.change(first.at, true, first.model.notional);
      await desk.warp(7_200);
      await desk.refresh();
      const second = await open(false, 400n, other);
      const secondIndex = track.change(second.at, false, second.model.notional);
      await desk.warp(DAY);
      await desk.refresh();
      const third = await open(false, 3_000n, other);
      const thirdIndex = track.change(third.at, false, third.model.notional);
      await desk.warp(DAY);
      await desk.refresh();

      for (const [position, index] of [
        [third, thirdIndex],
        [first, 0n],
        [second, secondIndex],
      ] as const) {
        const { isLong } = position.model.position;
        const pending = await desk.requestClose(isLong ? trader : other, position.id);
        const { receipt, at } = await executeAt(
          fixture,
          pending.target,
          [position.id],
          [desk.firstTick("BTC", pending.target)],
        );
        const now = track.change(at, isLong, -position.model.notional);
        const carry = carryOwedUsd(position.model.notional, now, index);
        const closed = modelClose(fixture, position.model, px("60000"), carry, { mode });
        const [event] = await trading.queryFilter(
          trading.filters.TradeClosed(position.id),
          receipt.blockNumber,
          receipt.blockNumber,
        );
        expect(event.args.carryOwedUsd).to.equal(carry);
        expect(event.args.payout).to.equal(closed.payout);
        await nextBlockAt(at + 1);
      }
      expect(await desk.isBalanced()).to.equal(true);
    });
  });
});
