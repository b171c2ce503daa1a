import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ORDER_TYPE, REASON, ask, bid } from "../../dsl/proActions";
import type { ProContext } from "./proFixture";
import { ALICE, BTC, PRICE, USD, act, deployFunded, setPrices } from "./proFixture";

const SKIPPED = 0n;
const BP = 10n ** 14n;
const IOC = { type: ORDER_TYPE.immediateOrCancel };

interface Scripted {
  price?: bigint;
  confidence?: bigint;
  age?: bigint;
  anchors?: { low: bigint; mid: bigint; high: bigint; fresh: bigint };
}

/** A keeper proves a tick of BTC, and has the market refreshed with it. Prices in whole dollars. */
async function refreshWith({ oracle, pro, keeper }: ProContext, tick: Scripted, market = 0) {
  const now = BigInt(await time.latest()) + 3n;
  const { price = 100_000n, confidence = 0n, age = 0n } = tick;
  const anchors = tick.anchors ?? { low: price, mid: price, high: price, fresh: 2n };
  const scaled = { ...anchors, low: anchors.low * PRICE, mid: anchors.mid * PRICE, high: anchors.high * PRICE };
  await oracle.set(1, price * PRICE, confidence, now - age, scaled);
  await oracle.connect(keeper).prove([{ assetIds: [1], minPublishTime: 0, isUnique: false, updateData: ["0x01"] }]);
  const number = (await oracle.connect(keeper).prove.staticCall([])) - 1n;
  await time.increaseTo(now);
  const outcome = await pro.connect(keeper).refresh.staticCall(keeper, number, market);
  const transaction = await pro.connect(keeper).refresh(keeper, number, market);
  return { outcome, transaction, now };
}

describe("Pro: index, mark and funding", () => {
  describe("refresh", () => {
    it("takes a newer tick, for anyone", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader } = context;
      const { transaction, now } = await refreshWith(context, { price: 100_100n });
      const market = await reader.market(pro, 0);
      expect([market.price, market.publishTime, market.isNarrow, market.isReady]).to.deep.equal([
        100_100n * PRICE,
        now,
        true,
        true,
      ]);
      expect(market.mark).to.equal(100_100n * PRICE);
      await expect(transaction).to.emit(pro, "Refreshed");
    });

    it("R22, R23, R34: refuses what is no tick, another's, old or wide, without anchors; each with its reason", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, keeper, breaker } = context;
      const reasonOf = async (tick: Scripted, market = 0) => (await refreshWith(context, tick, market)).outcome;
      expect(await reasonOf({ age: 6n })).to.deep.equal([SKIPPED, REASON.TickNotNewer]);
      await time.increase(60);
      const before = await reader.market(pro, 0);
      expect(await reasonOf({ age: 6n })).to.deep.equal([SKIPPED, REASON.TickTooOld]);
      expect(await reasonOf({ confidence: 1_000n * PRICE + 1n })).to.deep.equal([SKIPPED, REASON.ConfidenceTooWide]);
      expect(await reasonOf({ anchors: { low: 0n, mid: 0n, high: 0n, fresh: 0n } })).to.deep.equal([
        SKIPPED,
        REASON.AnchorsNotFresh,
      ]);
      expect(await reasonOf({}, 1)).to.deep.equal([SKIPPED, REASON.TickOfOtherAsset]);
      expect(await reasonOf({}, 2)).to.deep.equal([SKIPPED, REASON.MarketNotListed]);
      expect(await pro.refresh.staticCall(breaker, 0, 0)).to.deep.equal([SKIPPED, REASON.NoTick]);
      expect((await reader.market(pro, 0)).publishTime).to.equal(before.publishTime);
      // One second is over when it is brought.
      const { transaction } = await refreshWith(context, { age: 4n });
      await expect(transaction).to.emit(pro, "Refreshed");
      expect(await pro.connect(keeper).refresh.staticCall(keeper, 0, 0)).to.deep.equal([SKIPPED, REASON.TickNotNewer]);
    });

    it("clamps to 1% beyond the anchors, and is narrow only untouched, confident and well anchored", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader } = context;
      const flat = (price: bigint, fresh = 2n) => ({ low: price, mid: price, high: price, fresh });
      const cases: [Scripted, bigint, boolean][] = [
        [{ price: 102_000n, anchors: flat(100_000n) }, 101_000n, false],
        [{ price: 98_000n, anchors: flat(100_000n) }, 99_000n, false],
        [{ price: 101_000n, anchors: flat(100_000n) }, 101_000n, true],
        [{ confidence: 300n * PRICE }, 100_000n, true],
        [{ confidence: 300n * PRICE + 1n }, 100_000n, false],
        [{ anchors: flat(100_000n, 1n) }, 100_000n, false],
      ];
      for (const [tick, price, isNarrow] of cases) {
        await refreshWith(context, tick);
        const market = await reader.market(pro, 0);
        expect([market.price, market.isNarrow]).to.deep.equal([price * PRICE, isNarrow]);
      }
    });

    it("vector 11: the guard", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader } = context;
      // The first index begins at a guard of 1%.
      expect((await reader.market(pro, 0)).guardX9).to.equal(10_000_000n);
      await time.increase(6_000);
      await refreshWith(context, { price: 100_000n });
      const { now } = await refreshWith(context, { price: 101_000n });
      let market = await reader.market(pro, 0);
      expect([market.average, market.guardX9]).to.deep.equal([100_000n * PRICE, 10_000_000n]);
      await time.increaseTo(now + 57n);
      await refreshWith(context, { price: 101_000n });
      market = await reader.market(pro, 0);
      expect(market.publishTime).to.equal(now + 60n);
      // 1% · 2^(−0.1), rounded up; the distance is 0.4975%.
      expect([market.average, market.guardX9]).to.deep.equal([100_500n * PRICE, 9_330_330n]);
    });

    it("the guard falls by half in 600 s, to the unit", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader } = context;
      const first = await reader.market(pro, 0);
      await time.increaseTo(first.publishTime + 597n);
      const { now } = await refreshWith(context, { price: 100_000n });
      expect(now).to.equal(first.publishTime + 600n);
      expect((await reader.market(pro, 0)).guardX9).to.equal(first.guardX9 / 2n);
    });
  });

  describe("deep levels", () => {
    it("vector 13: cumulates firm lots only, over at most eight levels", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      const deep = async () => (await reader.market(pro, 0)).deep;
      const expiry = BigInt(await time.latest()) + 1_000n;
      await act(context, alice, [bid(99_990n, 8n), bid(99_980n, 90n, { expiry }), bid(99_970n, 9n)]);
      // 1,700 USD: the side ends before 2,000.
      expect(await deep()).to.deep.equal([0n, 0n, 99_990n, 0n]);
      await act(context, bob, [bid(99_960n, 50n)]);
      expect(await deep()).to.deep.equal([99_960n, 0n, 99_990n, 0n]);
      // A level ahead of them that is not firm is no best bid.
      await act(context, bob, [bid(99_995n, 90n, { expiry })]);
      expect(await deep()).to.deep.equal([99_960n, 0n, 99_990n, 0n]);
      // Six and seven ahead: the last of eight with firm lots counts, though 2,000 are not reached.
      await act(
        context,
        bob,
        [99_996n, 99_997n, 99_998n, 99_999n, 100_000n].map((tick) => bid(tick, 3n, { expiry })),
      );
      expect(await deep()).to.deep.equal([99_990n, 0n, 99_990n, 0n]);
      await act(context, bob, [bid(100_001n, 3n, { expiry })]);
      expect(await deep()).to.deep.equal([99_990n, 0n, 99_990n, 0n]);
      await act(context, bob, [bid(100_002n, 3n, { expiry })]);
      expect(await deep()).to.deep.equal([0n, 0n, 0n, 0n]);
    });

    it("reach a thousandth of the open interest where that is more than 2,000 USD", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob, carol } = context;
      for (const trader of [alice, bob]) await pro.connect(trader).deposit(trader, 0, 100_000n * USD);
      await act(context, bob, [ask(100_000n, 30_000n)]);
      await act(context, alice, [bid(100_000n, 30_000n, IOC)]);
      // 2,999.70 USD, then more: a thousandth of 3 millions is 3,000.
      await act(context, carol, [bid(99_990n, 30n), bid(99_980n, 6n)]);
      expect((await reader.market(pro, 0)).deep).to.deep.equal([99_980n, 0n, 99_990n, 0n]);
    });

    it("of asks likewise, within the band", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice } = context;
      await act(context, alice, [ask(102_001n, 100n), ask(100_020n, 8n), ask(100_030n, 12n)]);
      expect((await reader.market(pro, 0)).deep).to.deep.equal([0n, 100_030n, 0n, 100_020n]);
    });
  });

  describe("basis, premium and mark", () => {
    it("integrate what a touch left, by the seconds that it stood", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      const math = await ethers.deployContract("ProMathHarness");
      await act(context, alice, [bid(100_100n, 100n)]);
      await act(context, bob, [ask(100_120n, 100n)]);
      const first = await reader.market(pro, 0);
      await setPrices(context, 100_000n, 4_000n);
      const second = await reader.market(pro, 0);
      const seconds = second.touchedAt - first.touchedAt;
      const factor = await math.halvedX96(seconds, 208n);
      // Basis 11 bp, premium 10 bp.
      expect(second.basisEmaX18).to.equal(await math.blend(first.basisEmaX18, 11n * BP, factor));
      expect(second.premiumSumX18 - first.premiumSumX18).to.equal(seconds * 10n * BP);
      // median(I, I · (1 + average), median(bid, ask, last)).
      const average = (100_000n * PRICE * second.basisEmaX18) / 10n ** 18n;
      expect(second.mark).to.equal(100_000n * PRICE + average);
    });

    it("R05: counts an idle book for 60 s at most, and nothing at an index older than 15 s", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      await act(context, alice, [bid(100_100n, 100n)]);
      await act(context, bob, [ask(100_120n, 100n)]);
      const first = await reader.market(pro, 0);
      await time.increase(100);
      await setPrices(context, 100_000n, 4_000n);
      const second = await reader.market(pro, 0);
      expect(second.premiumSumX18 - first.premiumSumX18).to.equal(600n * BP);
      await time.increase(16);
      await act(context, alice, [bid(90_000n, 3n)]).catch(() => undefined);
      await act(context, bob, [ask(101_000n, 100n)]);
      expect((await reader.market(pro, 0)).premiumSumX18).to.equal(second.premiumSumX18);
    });

    it("R03, R67: of two indices the lesser value counts, 0 where signs differ", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice } = context;
      await act(context, alice, [bid(100_100n, 100n)]);
      const first = await reader.market(pro, 0);
      await setPrices(context, 100_050n, 4_000n);
      const second = await reader.market(pro, 0);
      const lesser = (50n * 10n ** 18n) / 100_050n;
      expect(second.premiumSumX18 - first.premiumSumX18).to.equal((second.touchedAt - first.touchedAt) * lesser);
      await setPrices(context, 100_200n, 4_000n);
      expect((await reader.market(pro, 0)).premiumSumX18).to.equal(second.premiumSumX18);
    });
  });

  describe("funding", () => {
    it("R07, Pro 11: flows every second, from the longs to the shorts, and goes to cash when the position changes", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, configurator, reader, alice, bob } = context;
      await configurator.setConfig(pro, 0, BTC, 100);
      await act(context, bob, [ask(100_000n, 2_000n), bid(99_990n, 2_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n, IOC)]);
      const opened = await reader.market(pro, 0);
      await time.increase(3_000);
      await setPrices(context, 100_000n, 4_000n);
      await act(context, alice, [ask(99_990n, 1_000n, IOC)]);
      const closed = await reader.market(pro, 0);
      // The first hour's mean is 0, and so is that of an hour without premium: F is the interest, 1 bp.
      const seconds = closed.touchedAt - opened.touchedAt;
      const perLot = closed.longIndex - opened.longIndex;
      expect(perLot).to.be.closeTo((100n * 10n ** 18n * seconds) / 10_000n / 28_800n, 10n);
      expect(closed.shortIndex - opened.shortIndex).to.equal(perLot);
      const [taken] = (await pro.queryFilter(pro.filters.Taken())).slice(-1);
      // A loss of 10 a BTC, the fee, and funding on 1,000 lots.
      expect(taken.args.cashChange).to.equal(-10n * 10n ** 18n - taken.args.fee - 1_000n * perLot);
      expect((await reader.party(pro, 0, ALICE)).snapshot).to.equal(0n);
    });

    /** With the breaker as it ships, which is born at level 1. */
    async function deployHaltable() {
      const context = await deployFunded("StandInToken", 18, "Breaker");
      await context.breaker.lower(0, await context.breaker.raisedAt());
      return context;
    }

    for (const halted of [1n, 3_600n]) {
      it(`A36: neither side owes any for ${halted} s of level 3`, async () => {
        const context = await loadFixture(deployHaltable);
        const { pro, breaker, configurator, reader, alice, bob } = context;
        await configurator.setConfig(pro, 0, BTC, 100);
        await setPrices(context, 100_000n, 4_000n);
        await act(context, bob, [ask(100_000n, 2_000n)]);
        await act(context, alice, [bid(100_000n, 1_000n, IOC)]);
        const opened = await reader.market(pro, 0);
        await time.setNextBlockTimestamp(opened.touchedAt + 100n);
        await breaker.raise(3);
        const raisedAt = await breaker.raisedAt();
        await time.setNextBlockTimestamp(opened.touchedAt + 100n + halted);
        await breaker.lower(0, raisedAt);
        await setPrices(context, 100_000n, 4_000n);
        const later = await reader.market(pro, 0);
        // 1 bp for eight hours of the hundred dollars that a lot is.
        const seconds = later.touchedAt - opened.touchedAt - halted;
        const perLot = (100n * 10n ** 18n * seconds) / 10_000n / 28_800n;
        expect([later.longIndex - opened.longIndex, later.shortIndex - opened.shortIndex]).to.deep.equal([
          perLot,
          perLot,
        ]);
      });
    }
  });
});
