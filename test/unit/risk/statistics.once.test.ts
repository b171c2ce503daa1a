import { expect } from "chai";
import { normal } from "../../../kit/prices";
import { exponential, logNormal, pick, randomOf } from "../../../scripts/risk/random";
import {
  crossingOf,
  meanOf,
  quantileOf,
  ratioOf,
  shareOf,
  shortfallOf,
  stratifiedOf,
} from "../../../scripts/risk/statistics";
import type { Estimate } from "../../../scripts/risk/statistics";
import { breakOf } from "../../../scripts/risk/study";
import type { SweepPoint } from "../../../scripts/risk/study";

const Z = 1.959963984540054;

function expectEstimate(actual: Estimate, value: number, half: number): void {
  expect(actual.value).to.be.closeTo(value, 1e-12);
  expect(actual.high - actual.value).to.be.closeTo(half, 1e-9);
  expect(actual.value - actual.low).to.be.closeTo(half, 1e-9);
}

/** Of so many runs, how many intervals hold the true value. */
function coverage(runs: number, truth: number, estimateOf: (seed: number) => Estimate): number {
  let held = 0;
  for (let seed = 0; seed < runs; seed++) {
    const { low, high } = estimateOf(seed);
    if (low <= truth && truth <= high) held += 1;
  }
  return held / runs;
}

describe("risk: statistics", () => {
  it("gives a mean the interval of its standard error", () => {
    // Variance 2.5 of 1 to 5.
    expectEstimate(meanOf([1, 2, 3, 4, 5]), 3, Z * Math.sqrt(2.5 / 5));
    expect(meanOf([7])).to.deep.equal({ value: 7, low: -Infinity, high: Infinity, samples: 1 });
    expect(meanOf([]).value).to.be.NaN;
  });

  it("gives a share Wilson's interval", () => {
    // By hand: of 10, none: the upper end is z² / (n + z²).
    expect(shareOf(0, 10).low).to.be.closeTo(0, 1e-12);
    expect(shareOf(0, 10).high).to.be.closeTo(Z ** 2 / (10 + Z ** 2), 1e-12);
    expect(shareOf(10, 10).low).to.be.closeTo(10 / (10 + Z ** 2), 1e-12);
    expect(shareOf(0, 0)).to.include({ low: 0, high: 1 });
  });

  it("gives a ratio the interval of the delta method", () => {
    expectEstimate(ratioOf([2, 4, 6], [1, 2, 3])!, 2, 0);
    // Residuals of 1 / 2: ±0.5 around, mean below 2.
    expectEstimate(ratioOf([1.5, 0.5], [2, 2])!, 0.5, (Z * Math.sqrt(0.5 / 2)) / 2);
    expect(ratioOf([1, 2], [0, 0])).to.equal(undefined);
  });

  it("weighs strata by their shares of the whole", () => {
    const strata = [
      { weight: 3, values: [1, 3] },
      { weight: 1, values: [10, 14] },
    ];
    expectEstimate(stratifiedOf(strata), 0.75 * 2 + 0.25 * 12, Z * Math.sqrt((0.75 * 1) ** 2 + (0.25 * 2) ** 2));
  });

  it("finds quantiles and the mean of the worst", () => {
    const values = Array.from({ length: 1_001 }, (_, index) => (index * 2) % 1_001);
    expect(quantileOf(values, 0.5)).to.include({ value: 500, low: 469, high: 531 });
    expect(quantileOf(values, 0.01).value).to.equal(10);
    expect(shortfallOf(values, 0.01).value).to.equal(4.5);
  });

  it("covers what is true in 95 of 100 runs", () => {
    const draw = (seed: number, one: (random: () => number) => number) => {
      const random = randomOf(seed, 99);
      return Array.from({ length: 80 }, () => one(random));
    };
    const bounds = [0.91, 0.985];
    expect(coverage(600, 0, (seed) => meanOf(draw(seed, normal)))).to.be.within(bounds[0], bounds[1]);
    const won = (seed: number) => draw(seed, (random) => (random() < 0.1 ? 1 : 0)).filter((one) => one === 1).length;
    expect(coverage(600, 0.1, (seed) => shareOf(won(seed), 80))).to.be.within(bounds[0], bounds[1]);
    expect(coverage(600, 0, (seed) => quantileOf(draw(seed, normal), 0.5))).to.be.within(bounds[0], bounds[1]);
  });

  it("draws what it says", () => {
    const random = randomOf(11);
    const many = <T>(one: () => T) => Array.from({ length: 20_000 }, one);
    expect(meanOf(many(() => exponential(random, 60))).value).to.be.closeTo(60, 1.5);
    expect(
      quantileOf(
        many(() => logNormal(random, 100, 0.8)),
        0.5,
      ).value,
    ).to.be.closeTo(100, 2.5);
    const among = [
      { name: "a", weight: 1 },
      { name: "b", weight: 3 },
    ];
    const chosen = many(() => pick(random, among).name).filter((name) => name === "b").length;
    expect(chosen / 20_000).to.be.closeTo(0.75, 0.01);
  });

  it("draws apart for every purpose and place", () => {
    const first = (...parts: number[]) => randomOf(...parts)();
    const all = Array.from({ length: 40 }, (_, a) => Array.from({ length: 40 }, (_unused, b) => first(a, b))).flat();
    expect(new Set(all).size).to.equal(all.length);
    expect(first(2 ** 31 + 5)).to.not.equal(first(5));
    expect(first(3, 4)).to.equal(first(3, 4));
  });
});

describe("risk: where a sweep breaks", () => {
  const sure = (value: number): Estimate => ({ value, low: value - 1, high: value + 1, samples: 10 });
  const unsure = (value: number): Estimate => ({ value, low: -1, high: 1, samples: 10 });
  const point = (value: number, lp: Estimate): SweepPoint => ({
    ...{ value, lp, crash: lp, badDebt: lp, missed: lp, lateness: 0 },
  });

  it("is the crossing of a line between the nearest values that are sure of their sign", () => {
    const points = [
      point(0, sure(-4)),
      point(1, sure(4)),
      point(2, unsure(0.5)),
      point(5, sure(-12)),
      point(9, sure(3)),
    ];
    const breakAt = (shipped: number) => breakOf(points, shipped, ({ lp }) => lp);
    expect(crossingOf({ x: 1, y: 4 }, { x: 5, y: -12 })).to.equal(2);
    expect(breakAt(1.4)).to.deep.equal({ gains: 1, loses: 5, at: 2 });
    expect(breakAt(0.1)).to.deep.equal({ gains: 1, loses: 0, at: 0.5 });
    expect(breakAt(8)).to.deep.equal({ gains: 9, loses: 5, at: 8.2 });
    expect(breakOf([point(1, sure(4)), point(2, unsure(-0.5))], 1, ({ lp }) => lp)).to.equal(undefined);
  });
});
