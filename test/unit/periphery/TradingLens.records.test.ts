import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { requestLimit, requestPartialClose, trigger } from "../../../kit/desk/orders";
import { allTradesOf } from "../../../kit/desk/reading";
import { px } from "../../../sdk/units";
import { nextBlockAt, start, timeOf } from "../trading/setup";
import type { Fixture } from "../trading/setup";

const FAR = 2 ** 31;
const NONE = [0n, 0n, 0n, 0n, ZeroAddress];

async function recordOf({ tradingLens, trading }: Fixture, id: bigint) {
  const [record] = await tradingLens.scan(trading, id, id + 1n);
  return record;
}

describe("TradingLens", () => {
  describe("records of orders", () => {
    it("tell market orders from limits, and when each can be cancelled", async () => {
      const fixture = await start();
      const { desk, trading, trader, stranger } = fixture;
      const market = await desk.requestOpen(trader, { mode: "standard", deadline: FAR });
      const limit = await requestLimit(desk, trader, { mode: "standard", acceptablePrice: px("59000"), deadline: FAR });
      const records = [await recordOf(fixture, market.id), await recordOf(fixture, limit.id)];
      expect(records.map(({ isLimit }) => isLimit)).to.deep.equal([false, true]);
      expect(records.map(({ cancelledAt }) => cancelledAt)).to.deep.equal([0n, 0n]);
      // Target + 30 s; a limit rests until its deadline.
      expect(records.map(({ cancellableFrom }) => cancellableFrom)).to.deep.equal([
        BigInt(market.target + 31),
        BigInt(FAR + 1),
      ]);
      expect(records.map(({ close }) => [...close])).to.deep.equal([NONE, NONE]);

      const asked = await (await trading.connect(trader).cancelLimit(limit.id)).wait();
      const { cancelledAt, cancellableFrom } = await recordOf(fixture, limit.id);
      expect(cancelledAt).to.equal(BigInt(asked === null ? 0 : await timeOf(asked)));
      // 2 s of delay, 3 s of age, and then it is over.
      expect(cancellableFrom).to.equal(cancelledAt + 6n);
      await nextBlockAt(Number(cancellableFrom) - 1);
      await expect(trading.connect(stranger).cancelExpired(limit.id))
        .to.be.revertedWithCustomError(trading, "Trading_NotExpired")
        .withArgs(limit.id, cancellableFrom);
      await nextBlockAt(Number(cancellableFrom));
      await expect(trading.connect(stranger).cancelExpired(limit.id)).to.emit(trading, "OrderCancelled");
    });

    it("never say later than the expiry, and tell broker and native payout", async () => {
      const fixture = await start();
      const { desk, trading, trader, profile } = fixture;
      const native = profile.wrappedNativeSymbol;
      const amount = desk.tokenUnits(native, 1n);
      const limit = await requestLimit(desk, trader, {
        ...{ mode: "standard", acceptablePrice: px("59000"), token: native, amount, asNative: true },
        ...{ broker: 7, deadline: (await desk.now()) + 20 },
      });
      await desk.warp(15);
      await trading.connect(trader).cancelLimit(limit.id);
      const { asNative, broker, expiry, cancelledAt, cancellableFrom } = await recordOf(fixture, limit.id);
      expect([asNative, broker]).to.deep.equal([true, 7n]);
      expect(cancelledAt + 6n).to.be.greaterThan(expiry + 1n);
      expect(cancellableFrom).to.equal(expiry + 1n);
    });
  });

  describe("records of positions", () => {
    it("show the part or the whole that a pending close closes, its bound, and its time", async () => {
      const fixture = await start();
      const { desk, trader, keeper } = fixture;
      const id = await desk.open(trader, keeper, { mode: "standard", amount: desk.tokenUnits("USDT", 1_000n) });
      const { size, close: none } = await recordOf(fixture, id);
      expect([...none]).to.deep.equal(NONE);
      const part = await requestPartialClose(desk, trader, id, size / 3n, { acceptablePrice: px("58000") });
      const { close } = await recordOf(fixture, id);
      const window = [BigInt(part.target), BigInt(part.target + 30)];
      expect([...close]).to.deep.equal([px("58000"), size / 3n, ...window, ZeroAddress]);
      // One that has lapsed is none.
      await desk.warpTo(part.target + 31);
      expect([...(await recordOf(fixture, id)).close]).to.deep.equal(NONE);
      const whole = await desk.requestClose(trader, id);
      const again = await recordOf(fixture, id);
      expect([again.close.acceptablePrice, again.close.size]).to.deep.equal([0n, size]);
      expect([again.cancellableFrom, again.isLimit]).to.deep.equal([0n, false]);
      // One that is refused is none either.
      const refusal = await desk.settle(keeper, whole, { confidence: px("1000") });
      expect(refusal.results[0]).to.deep.include({ outcome: "Refused", reason: "ConfidenceTooWide" });
      expect([...(await recordOf(fixture, id)).close]).to.deep.equal(NONE);
    });

    it("show an armed stop with who armed it, and margin added", async () => {
      const fixture = await start();
      const { desk, trader, keeper, stranger, trading } = fixture;
      const id = await desk.open(trader, keeper, { mode: "standard", stopLoss: px("59900"), broker: 3 });
      await trading.connect(trader).addMargin(id, 5n);
      await desk.warp(5);
      await desk.setPrice("BTC", px("59890"));
      const { results, receipt } = await trigger(desk, stranger, [id]);
      expect(results[0].outcome).to.equal("Armed");
      const { close, size, addedMargin, broker } = await recordOf(fixture, id);
      const at = BigInt(await timeOf(receipt));
      expect([...close]).to.deep.equal([0n, size, at + 2n, at + 32n, stranger.address]);
      expect([addedMargin, broker]).to.deep.equal([5n, 3n]);
    });
  });

  describe("tradesOf", () => {
    it("gives the trades of one account page by page, with the id to go on from", async () => {
      const fixture = await start();
      const { desk, trading, tradingLens, trader, other, keeper, stranger } = fixture;
      const mine: bigint[] = [];
      for (const by of [trader, other, trader, trader, other, trader]) {
        const { id } = await desk.requestOpen(by, { mode: "standard", deadline: FAR });
        if (by === trader) mine.push(id);
      }
      const ended = await desk.open(trader, keeper, { mode: "standard" });
      await desk.close(trader, keeper, ended);
      const end = await trading.nextTradeId();
      const pageOf = async (from: bigint, to: bigint, max: bigint) => {
        const [records, next] = await tradingLens.tradesOf(trading, trader, from, to, max);
        return [records.map(({ id }) => id), next];
      };
      expect(await pageOf(1n, 1_000n, 100n)).to.deep.equal([mine, end]);
      expect(await pageOf(1n, 1_000n, 2n)).to.deep.equal([mine.slice(0, 2), mine[1] + 1n]);
      expect(await pageOf(mine[1] + 1n, 1_000n, 2n)).to.deep.equal([mine.slice(2), mine[3] + 1n]);
      expect(await pageOf(mine[3] + 1n, 1_000n, 2n)).to.deep.equal([[], end]);
      expect(await pageOf(1n, mine[2], 100n)).to.deep.equal([mine.slice(0, 2), mine[2]]);
      expect(await pageOf(1n, 1_000n, 0n)).to.deep.equal([[], 1n]);
      expect(await pageOf(end, 1_000n, 5n)).to.deep.equal([[], end]);
      expect(await pageOf(3n, 2n, 5n)).to.deep.equal([[], 3n]);
      for (const [records, ids] of [
        [1n, 2n],
        [100n, 5_000n],
      ]) {
        expect((await allTradesOf(desk, trader.address, records, ids)).map(({ id }) => id)).to.deep.equal(mine);
      }
      expect(await allTradesOf(desk, stranger.address)).to.deep.equal([]);
      const [seen] = (await tradingLens.tradesOf(trading, other, 1n, 1_000n, 1n)).records;
      expect([...seen]).to.deep.equal([...(await recordOf(fixture, seen.id))]);
      expect(seen.owner).to.equal(other.address);
    });

    it("wants an owner", async () => {
      const { trading, tradingLens } = await start();
      await expect(tradingLens.tradesOf(trading, ZeroAddress, 1n, 2n, 1n)).to.be.revertedWithCustomError(
        tradingLens,
        "TradingLens_ZeroAddress",
      );
    });
  });
});
