import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { Reason } from "../../../../sdk/enums";
import { isFurther, limitAt, takeProfitBound } from "../../../../sdk/model";
import { px, usd } from "../../../../sdk/units";

const deploy = () => ethers.deployContract("TradeChecksHarness");

const NOBODY = ethers.ZeroAddress;
const BTC = 1n;

function tick(at: number, changes: object = {}) {
  return {
    price: px("60000"),
    confidence: px("12"),
    publishTime: at,
    minPublishTime: at,
    assetId: BTC,
    isUnique: true,
    ...changes,
  };
}

function quote(changes: object = {}) {
  return {
    tick: tick(1_000),
    anchors: { low: px("60000"), mid: px("60000"), high: px("60000"), fresh: 2 },
    tokenPrice: px("1"),
    tokenLow: 0n,
    tokenHigh: 0n,
    isSequencerReady: true,
    ...changes,
  };
}

const BOOK = {
  assetId: BTC,
  status: 1,
  maxLeverage: 500,
  tierCount: 1,
  slippageModel: 0,
  slippagePips: 100,
  alpSharePips: 0,
  borrowPipsPerHour: 0,
  fundingPipsPerHour: 0,
  minFundingPipsPerHour: 0,
  maxFundingPipsPerHour: 0,
  lossBudgetUsd: 1,
  onePercentDepthUsd: 0,
  leastLossRatePercent: 60,
};

const OPEN = {
  openFeePips: 800,
  maxOpenInterestUsd: 1_000_000,
  minNotionalUsd: 200,
  minMarginUsd: 5,
  maxConfidencePips: 3_000,
  maxDeviationPips: 10_000,
  minAnchors: 2,
  reduceOnlyUntil: 0,
};

const TIER = {
  maxLeverage: 500,
  maxNotionalUsd: 1_000_000,
  termsId: 0,
  terms: {
    liquidationLossRatePips: 600_000,
    profitCapPips: 5_000_000,
    closeFeePips: 800,
    profitSharePips: 0,
    maxExitSlippagePips: 200,
  },
};

function order(isLong: boolean, changes: object = {}) {
  return {
    owner: NOBODY,
    bookId: 0,
    tokenId: 1,
    state: isLong ? 5 : 1,
    requestedAt: 0,
    expiry: 0,
    amount: 0,
    price: 0,
    broker: 0,
    cancelledAt: 0,
    takeProfit: 0,
    stopLoss: 0,
    leverage: 100,
    ...changes,
  };
}

function fill(changes: object = {}) {
  const entry = px("60000");
  return {
    executionFee: 0,
    openFee: 0,
    margin: 0,
    marginUsd: usd("100"),
    entry,
    size: usd("10000") / entry,
    notional: usd("10000"),
    ...changes,
  };
}

function position(openedAt: number) {
  return {
    owner: NOBODY,
    bookId: 0,
    tokenId: 1,
    state: 7,
    openedAt,
    stopLossSetAt: 0,
    margin: 1,
    size: 1,
    entry: 1,
    takeProfit: 0,
    stopLoss: 0,
    carryIndex: 0,
    leverage: 100,
    termsId: 0,
    takeProfitSetAt: 0,
  };
}

describe("TradeChecks", () => {
  const nameOf = (reason: bigint) => Reason[Number(reason)];

  describe("firstTick", () => {
    it("takes a tick proven unique from at most the target and published in [target, expiry]", async () => {
      const harness = await loadFixture(deploy);
      const check = async (given: object) => nameOf(await harness.firstTick(tick(100, given), BTC, 100, 130));
      expect(await check({})).to.equal("None");
      expect(await check({ minPublishTime: 99 })).to.equal("None");
      expect(await check({ publishTime: 130 })).to.equal("None");
      expect(await check({ publishTime: 131 })).to.equal("Expired");
      expect(await check({ publishTime: 110, minPublishTime: 101 })).to.equal("TickNotFirst");
      expect(await check({ isUnique: false })).to.equal("TickNotFirst");
      expect(await check({ publishTime: 99, minPublishTime: 99 })).to.equal("TickTooEarly");
      expect(await check({ assetId: 2 })).to.equal("TickOfOtherAsset");
      expect(await check({ publishTime: 0 })).to.equal("NoTick");
    });
  });

  describe("momentOfOpening", () => {
    it("names the first thing that the moment lacks", async () => {
      const harness = await loadFixture(deploy);
      const check = async (given: object) => nameOf(await harness.momentOfOpening(quote(given), OPEN));
      const anchors = (low: string, high: string, fresh = 2) => ({
        anchors: { low: px(low), mid: 0, high: px(high), fresh },
      });
      expect(await check({})).to.equal("None");
      expect(await check({ isSequencerReady: false, tokenPrice: 0 })).to.equal("SequencerNotReady");
      expect(await check({ tokenPrice: 0 })).to.equal("TokenPriceMissing");
      expect(await check({ tokenLow: px("0.9"), tokenHigh: px("1.1") })).to.equal("TokenPriceDisputed");
      expect(await check(anchors("60000", "60000", 1))).to.equal("AnchorsNotFresh");
      expect(await check(anchors("60000", "60000", 0))).to.equal("AnchorsNotFresh");
      expect(await check({ ...anchors("60000", "60000"), tick: tick(1, { price: px("60600") }) })).to.equal("None");
      expect(await check({ tick: tick(1, { price: px("60600") + 1n }) })).to.equal("PriceDeviates");
      expect(await check({ tick: tick(1, { price: px("59400") - 1n }) })).to.equal("PriceDeviates");
      expect(await check(anchors("59000", "60000"))).to.equal("PriceDeviates");
    });
  });

  describe("momentOfExit", () => {
    it("wants the token's price and one fresh anchor, no sequencer and no deviation", async () => {
      const harness = await loadFixture(deploy);
      const check = async (given: object) => nameOf(await harness.momentOfExit(quote(given)));
      const anchors = (fresh: number) => ({ anchors: { low: px("1"), mid: px("1"), high: px("1"), fresh } });
      expect(await check({ ...anchors(1), isSequencerReady: false })).to.equal("None");
      expect(await check({ tokenPrice: 0 })).to.equal("TokenPriceMissing");
      expect(await check(anchors(0))).to.equal("AnchorsNotFresh");
    });
  });

  describe("acceptsOpening", () => {
    it("wants an active book, no news window and a narrow confidence", async () => {
      const harness = await loadFixture(deploy);
      const now = await time.latest();
      const check = async (given: object, book: object = {}, open: object = {}) =>
        nameOf(await harness.acceptsOpening(quote(given), { ...BOOK, ...book }, { ...OPEN, ...open }));
      expect(await check({})).to.equal("None");
      for (const status of [0, 2, 3]) expect(await check({}, { status })).to.equal("BookNotActive");
      expect(await check({}, {}, { reduceOnlyUntil: now + 100 })).to.equal("BookNotActive");
      expect(await check({}, {}, { reduceOnlyUntil: now - 1 })).to.equal("None");
      expect(await check({ tick: tick(1, { confidence: px("180") }) })).to.equal("None");
      expect(await check({ tick: tick(1, { confidence: px("180") + 1n }) })).to.equal("ConfidenceTooWide");
    });
  });

  describe("size", () => {
    it("holds price, margin and notional to their bounds, in this order", async () => {
      const harness = await loadFixture(deploy);
      const check = async (filled: object, ordered: object = {}) =>
        nameOf(await harness.size(order(true, ordered), fill(filled), TIER, OPEN));
      expect(await check({})).to.equal("None");
      expect(await check({ marginUsd: 0 }, { price: px("60000") - 1n })).to.equal("PriceBound");
      expect(await check({ marginUsd: usd("5") })).to.equal("None");
      expect(await check({ marginUsd: usd("5") - 1n })).to.equal("MarginTooSmall");
      expect(await check({ notional: usd("200") })).to.equal("None");
      expect(await check({ notional: usd("200") - 1n })).to.equal("NotionalTooSmall");
      expect(await check({ notional: usd("1000000") })).to.equal("None");
      expect(await check({ notional: usd("1000000") + 1n })).to.equal("NotionalTooLarge");
      expect(await check({}, { takeProfit: px("60000") })).to.equal("TakeProfitOutOfRange");
    });
  });

  describe("takeProfit", () => {
    it("lies beyond the entry, up to where the gain reaches its cap", async () => {
      const harness = await loadFixture(deploy);
      const [entry, leverage, cap] = [px("60000") + 1n, 300n, 3_333_333n];
      for (const isLong of [true, false]) {
        const check = async (target: bigint) => nameOf(await harness.takeProfit(isLong, target, entry, leverage, cap));
        const bound = takeProfitBound(isLong, entry, leverage, cap);
        const step = isLong ? 1n : -1n;
        expect(await check(0n)).to.equal("None");
        expect(await check(entry)).to.equal("TakeProfitOutOfRange");
        expect(await check(entry + step)).to.equal("None");
        expect(await check(bound)).to.equal("None");
        expect(await check(bound + step)).to.equal("TakeProfitOutOfRange");
      }
    });
  });

  describe("isAcceptable", () => {
    it("is at most the bound for who buys and at least for who sells; 0 is any", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.isAcceptable(10, 10, true)).to.equal(true);
      expect(await harness.isAcceptable(11, 10, true)).to.equal(false);
      expect(await harness.isAcceptable(10, 10, false)).to.equal(true);
      expect(await harness.isAcceptable(9, 10, false)).to.equal(false);
      expect(await harness.isAcceptable(1, 0, false)).to.equal(true);
      expect(await harness.isAcceptable(99, 0, true)).to.equal(true);
    });
  });

  describe("liquidationTick", () => {
    it("is newer than the opening tick, young enough, unshielded and sure enough", async () => {
      const harness = await loadFixture(deploy);
      const now = await time.latest();
      const check = async (given: object, openedAt = now - 500, isShielded = false, wasShielded = false) =>
        nameOf(await harness.liquidationTick(tick(now, given), BTC, position(openedAt), isShielded, wasShielded));
      expect(await check({ isUnique: false })).to.equal("None");
      expect(await check({ publishTime: 0 })).to.equal("NoTick");
      expect(await check({ assetId: 2 })).to.equal("TickOfOtherAsset");
      expect(await check({}, now)).to.equal("TickNotNewer");
      expect(await check({}, now - 1)).to.equal("None");
      expect(await check({ publishTime: now - 30 })).to.equal("None");
      expect(await check({ publishTime: now - 31 })).to.equal("TickTooOld");
      expect(await check({}, 0, true)).to.equal("CloseIsPending");
      expect(await check({ publishTime: now - 60 }, 0, false, true)).to.equal("None");
      expect(await check({ publishTime: now - 61 }, 0, false, true)).to.equal("TickTooOld");
      expect(await check({ confidence: px("600") })).to.equal("None");
      expect(await check({ confidence: px("600") + 1n })).to.equal("ConfidenceTooWide");
    });
  });

  describe("worseOf", () => {
    it("is the lower for a long and the higher for a short", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.worseOf(10, 12, true)).to.equal(10n);
      expect(await harness.worseOf(12, 10, true)).to.equal(10n);
      expect(await harness.worseOf(10, 12, false)).to.equal(12n);
      expect(await harness.worseOf(12, 10, false)).to.equal(12n);
      expect(await harness.worseOf(10, 10, true)).to.equal(10n);
    });
  });

  describe("reachesLimit, isFurther", () => {
    const LIMIT = px("60000");
    /** Prices around each boundary, from the limit in the direction in which it fills. */
    const distances = [-1n, 0n, 1n, px("299.9999999999"), px("300"), px("300") + 1n, px("6000")];

    for (const isLong of [true, false]) {
      it(`says of a limit to ${isLong ? "buy" : "sell"} what the model says`, async () => {
        const harness = await loadFixture(deploy);
        const answers: string[] = [];
        for (const distance of distances) {
          const market = isLong ? LIMIT - distance : LIMIT + distance;
          const expected = limitAt(market, LIMIT, isLong, 5_000n);
          const reason = await harness.reachesLimit(market, LIMIT, isLong, 5_000n);
          expect(reason).to.equal(Reason.indexOf(expected === "Fills" ? "None" : expected));
          answers.push(expected);
        }
        expect(answers).to.deep.equal([
          "TickNotReached",
          "Fills",
          "Fills",
          "Fills",
          "Fills",
          "GapTooWide",
          "GapTooWide",
        ]);
      });
    }

    it("measures a distance as the model does, up to the largest prices", async () => {
      const harness = await loadFixture(deploy);
      const top = 2n ** 64n - 1n;
      for (const [price, target, pips] of [
        [LIMIT, LIMIT, 0n],
        [LIMIT + 1n, LIMIT, 0n],
        [1n, top, 999_999n],
        [top, 1n, 100_000n],
        [top, (top * 100n) / 101n, 10_000n],
        [top, (top * 100n) / 101n + 1n, 10_000n],
      ]) {
        expect(await harness.isFurther(price, target, pips)).to.equal(isFurther(price, target, pips));
      }
    });
  });
});
