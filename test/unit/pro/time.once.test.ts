import { expect } from "chai";
import fc from "fast-check";
import type { Halt } from "../../../sdk/model";
import { abs } from "../../../sdk/model";
import type { FundingState } from "../../../sdk/model/pro";
import {
  ONE_X96,
  PIPS_X18,
  accrueFunding,
  advanceBasis,
  advanceGuard,
  blend,
  firstGuard,
  fundingOwed,
  fundingPerLot,
  fundingRate,
  halvedX96,
  lesser,
  newFunding,
} from "../../../sdk/model/pro";
import { HOUR_SECONDS, px } from "../../../sdk/units";
import { BTC } from "./samples";

const HALF_LIVES = [3n, 60n, 208n, 600n];
const TERMS = { interestPips: 100n, capPips: 5_000n };
const halfLife = fc.constantFrom(...HALF_LIVES);
const seconds = fc.bigInt({ min: 0n, max: 20_000n });
const premium = fc.bigInt({ min: -3_000n * PIPS_X18, max: 3_000n * PIPS_X18 });
const index = fc.bigInt({ min: px("0.00001"), max: px("1000000000") });

describe("pro model: halving", () => {
  it("is 1 at once, a half after a half-life, nothing after 64", () => {
    for (const life of HALF_LIVES) {
      expect(halvedX96(0n, life)).to.equal(ONE_X96);
      expect(halvedX96(life, life)).to.equal(ONE_X96 / 2n);
      expect(halvedX96(64n * life - 1n, life) > 0n).to.equal(true);
      expect(halvedX96(64n * life, life)).to.equal(0n);
    }
  });

  it("is exact to 2^-56 and better", () => {
    for (const life of HALF_LIVES) {
      for (let step = 1n; step <= life; step++) {
        // (2^(−step/life))^life = 2^−step: the relative error of the power is `life` times that of the factor.
        const power = halvedX96(step, life) ** life;
        const exact = (ONE_X96 ** life) >> step;
        const error = abs(power - exact);
        expect(error * (1n << 80n) <= exact * life, `${step}/${life}`).to.equal(true);
      }
    }
  });

  it("never rises with time", () => {
    fc.assert(fc.property(seconds, halfLife, (time, life) => halvedX96(time + 1n, life) <= halvedX96(time, life)));
  });

  it("blends the same in parts as at once, but for a unit each", () => {
    fc.assert(
      fc.property(premium, premium, fc.array(fc.bigInt({ min: 0n, max: 60n })), halfLife, (from, to, parts, life) => {
        const whole = parts.reduce((sum, part) => sum + part, 0n);
        const inParts = parts.reduce((value, part) => blend(value, to, part, life), from);
        return abs(inParts - blend(from, to, whole, life)) <= BigInt(parts.length) + 1n;
      }),
    );
  });
});

describe("pro model: what counts between two touches", () => {
  it("is the lesser in size, nothing where the signs differ", () => {
    expect([lesser(3n, 2n), lesser(-3n, -2n), lesser(3n, -2n), lesser(0n, 5n)]).to.deep.equal([2n, -2n, 0n, 0n]);
    fc.assert(
      fc.property(premium, premium, (left, found) => {
        const counted = lesser(left, found);
        const isLesser = abs(counted) <= abs(left) && abs(counted) <= abs(found);
        return isLesser && counted * left >= 0n && counted * found >= 0n && counted === lesser(found, left);
      }),
    );
  });

  it("counts for 60 s, then 0", () => {
    fc.assert(
      fc.property(premium, premium, fc.bigInt({ min: 60n, max: 5_000n }), (ema, value, time) => {
        const after = advanceBasis(advanceBasis(ema, value, 60n), 0n, time - 60n);
        return abs(advanceBasis(ema, value, time) - after) <= 2n;
      }),
    );
  });

  it("keeps the mean basis between its ends", () => {
    fc.assert(
      fc.property(premium, premium, seconds, (ema, value, time) => {
        const after = advanceBasis(ema, value, time);
        const ends = [ema, value, 0n];
        return ends.some((end) => end <= after) && ends.some((end) => end >= after);
      }),
    );
  });
});

/** Σ rate × seconds by the rules, one second after the other but for a halt's. */
function secondBySecond(state: FundingState, now: bigint, counted: bigint, halt?: Halt): bigint {
  let mean = state.meanPremiumX18;
  let sum = state.premiumSumX18;
  let owed = 0n;
  for (let second = state.touchedAt; second < now; second++) {
    if (second % HOUR_SECONDS === 0n && second > state.touchedAt) {
      // An hour without a touch counts nothing; the one of the touch before does.
      const isTouched = second / HOUR_SECONDS === state.touchedAt / HOUR_SECONDS + 1n;
      mean = isTouched ? sum / HOUR_SECONDS : 0n;
      sum = 0n;
    }
    const isHalted = halt !== undefined && second >= halt.from && second < halt.to;
    if (!isHalted) owed += fundingRate(mean, TERMS);
    if (second < state.touchedAt + 60n) sum += counted;
  }
  return owed;
}

describe("pro model: funding over time", () => {
  const state = fc.record({
    touchedAt: fc.bigInt({ min: 0n, max: 2n * HOUR_SECONDS }),
    premiumSumX18: premium.map((value) => value * 1_000n),
    meanPremiumX18: premium,
  });
  const span = fc.bigInt({ min: 0n, max: 6_000n });
  const start = (touched: Pick<FundingState, "touchedAt" | "premiumSumX18" | "meanPremiumX18">): FundingState => ({
    ...newFunding(0n),
    ...touched,
  });

  it("is what every second alone owes, through gaps of no, one and many hours", () => {
    fc.assert(
      fc.property(
        state,
        fc.bigInt({ min: 0n, max: 4n * HOUR_SECONDS }),
        premium,
        index,
        (touched, gap, counted, price) => {
          const from = start(touched);
          const now = from.touchedAt + gap;
          const { indices } = accrueFunding(from, now, counted, BTC, price, TERMS);
          return indices.longOwed === fundingPerLot(BTC, price, secondBySecond(from, now, counted));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("takes nothing for a halt, wherever in the gap it lies", () => {
    fc.assert(
      fc.property(state, span, span, span, premium, (touched, lead, halt, rest, counted) => {
        const from = start(touched);
        const begin = from.touchedAt + lead;
        const now = begin + halt + rest;
        const only = { from: begin, to: begin + halt };
        const { indices } = accrueFunding(from, now, counted, BTC, px("100000"), TERMS, [only]);
        return indices.longOwed === fundingPerLot(BTC, px("100000"), secondBySecond(from, now, counted, only));
      }),
      { numRuns: 40 },
    );
  });

  it("is received exactly as it is paid", () => {
    const lots = fc.array(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lots, state, seconds, premium, index, (held, touched, gap, counted, price) => {
        const from = start(touched);
        const { indices } = accrueFunding(from, from.touchedAt + gap, counted, BTC, price, TERMS);
        const all = [...held, -held.reduce((sum, one) => sum + one, 0n)];
        const owed = all.map((one) => fundingOwed({ lots: one, cost: 0n, snapshot: 0n }, indices));
        return owed.reduce((sum, one) => sum + one, 0n) === 0n;
      }),
    );
  });

  it("costs the same however often it is touched, but for a unit a touch and lot", () => {
    const gaps = fc.array(fc.bigInt({ min: 0n, max: 60n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(state, gaps, premium, (touched, parts, counted) => {
        const from = start({ ...touched, touchedAt: 0n });
        const accrue = (at: FundingState, now: bigint) => accrueFunding(at, now, counted, BTC, px("100000"), TERMS);
        const whole = parts.reduce((sum, part) => sum + part, 0n);
        const inParts = parts.reduce((at, part) => accrue(at, at.touchedAt + part), from);
        // Once every 60 s, so that the premium counts all the time.
        const once = accrue(from, whole);
        return (
          abs(inParts.indices.longOwed - once.indices.longOwed) <= BigInt(parts.length) + 1n &&
          inParts.premiumSumX18 === from.premiumSumX18 + counted * whole
        );
      }),
    );
  });

  it("accrues nothing twice in a second", () => {
    fc.assert(
      fc.property(state, seconds, premium, (touched, gap, counted) => {
        const from = start(touched);
        const once = accrueFunding(from, from.touchedAt + gap, counted, BTC, px("100000"), TERMS);
        const twice = accrueFunding(once, once.touchedAt, -counted, BTC, px("90000"), TERMS);
        expect(twice).to.deep.equal(once);
      }),
    );
  });

  it("keeps the rate within its cap and draws it to the interest", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (mean) => {
        const rate = fundingRate(mean, TERMS);
        const isPulled = abs(mean - 100n * PIPS_X18) > 500n * PIPS_X18 || rate === 100n * PIPS_X18;
        return abs(rate) <= 5_000n * PIPS_X18 && isPulled;
      }),
    );
  });
});

describe("pro model: guard", () => {
  it("begins at 1% of the first index", () => {
    expect(firstGuard(px("100"))).to.deep.equal({ mean: px("100"), gapX9: 10_000_000n });
  });

  it("keeps the mean between its ends and never understates the distance", () => {
    fc.assert(
      fc.property(index, index, index, seconds, (mean, stored, price, time) => {
        const after = advanceGuard({ mean, gapX9: 0n }, stored, price, time);
        const [low, high] = mean < stored ? [mean, stored] : [stored, mean];
        const isBetween = after.mean >= low && after.mean <= high;
        const isCovered = after.gapX9 * after.mean >= abs(price - after.mean) * 10n ** 9n;
        return isBetween && (isCovered || after.gapX9 === (1n << 32n) - 1n);
      }),
    );
  });
});
