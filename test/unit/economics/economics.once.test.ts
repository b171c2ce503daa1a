import { expect } from "chai";
import { generatePath } from "../../../kit/prices";
import { px } from "../../../sdk/units";
import { InputError } from "../../../scripts/demo/errors";
import { PricePath } from "../../../scripts/demo/path";
import { decodeEconomicsOptions, parseEconomicsOptions } from "../../../scripts/economics/options";
import { movingAlike } from "../../../scripts/economics/pro/arena";
import { lagOf } from "../../../scripts/economics/pro/funding";
import { cashOfLegs, worstSecond } from "../../../scripts/economics/pro/several";
import { fallOf, standing } from "../../../scripts/economics/pro/victims";
import { brokenBounds, toTable } from "../../../scripts/economics/report";
import type { StrategyReport } from "../../../scripts/economics/report";
import { summarise } from "../../../scripts/economics/statistics";
import type { Played } from "../../../scripts/economics/strategy";
import { Clock } from "../../../scripts/economics/vault/Clock";
import { WINDOW_SECONDS, drawWindow, greatestMove } from "../../../scripts/economics/windows";

const OPTIONS = { strategies: ["A06"], windows: 2, seed: 1, minutes: null, isGenerated: true, reports: "reports" };

/** A quiet hour in which one second moves by a tenth. */
function pathWithJump(jump: number): PricePath {
  const points = [
    ...generatePath({ seed: 1, startTime: 0, seconds: 3_600, startPriceX10: px("100000"), jumpsPerHour: 0 }),
  ].map((point, second) => (second < jump ? point : { ...point, priceX10: (point.priceX10 * 9n) / 10n }));
  return PricePath.of("made up", null, points);
}

function played(...gains: readonly number[]): Played[] {
  return gains.map((gain) => ({ gain, risked: 500, most: 10 }));
}

function reportOf(windows: readonly Played[], more: Partial<StrategyReport> = {}): StrategyReport {
  const summary = summarise(windows, 1) ?? null;
  const places = windows.map((window) => ({ from: 0, isViolent: false, ...window }));
  return { id: "A06", title: "an attack", bound: "a bound", summary, without: 1, windows: places, ...more };
}

/** Whole dollars, a second each. */
function pathOf(...prices: readonly number[]): PricePath {
  const points = prices.map((price, time) => ({
    time,
    priceX10: px(`${price}`),
    confidenceX10: px(`${price}`) / 100n,
  }));
  return PricePath.of("made up", null, points);
}

describe("economics", () => {
  it("takes options by their names, and says which is wrong", () => {
    expect(parseEconomicsOptions(OPTIONS)).to.deep.equal(OPTIONS);
    expect(decodeEconomicsOptions(JSON.stringify(OPTIONS))).to.deep.equal(OPTIONS);
    for (const [wrong, text] of [
      [{ ...OPTIONS, strategies: ["A6"] }, "strategies.0: an id like A06 or R19"],
      [{ ...OPTIONS, windows: 0 }, "windows: "],
      [{ ...OPTIONS, minutes: 0 }, "minutes: "],
    ] as const) {
      expect(() => parseEconomicsOptions(wrong), text).to.throw(InputError, text);
    }
    expect(() => decodeEconomicsOptions("{")).to.throw(InputError, "ASTERISM_ECONOMICS");
  });

  it("draws the same windows of a seed, every second one where the price moves most", () => {
    const path = pathWithJump(2_000);
    for (const number of [0, 1, 2, 3]) {
      const window = drawWindow(path, 7, number);
      expect(window.isViolent).to.equal(number % 2 === 1);
      expect(window.path.seconds).to.equal(WINDOW_SECONDS);
      expect(window.path.at(0)).to.deep.equal(path.at(window.from));
      expect(drawWindow(path, 7, number).from).to.equal(window.from);
    }
    const starts = Array.from({ length: 60 }, (_, index) => drawWindow(path, 7, 2 * index + 1).from);
    expect(starts).to.include(2_000 - 60);
    const { path: part } = { path: path.slice(1_940, WINDOW_SECONDS) };
    expect(greatestMove(part, 1, 200)).to.equal(60);
  });

  it("sums up windows by what was at stake, and counts those beyond their bound by more than a cent", () => {
    expect(summarise([], 1)).to.equal(undefined);
    const few = summarise(played(-5, 5), 1);
    expect([few?.mean, few?.interval, few?.broken]).to.deep.equal([0, null, 0]);
    const some = summarise(played(-50, 0, 10.02, 10.005), 1);
    expect(some?.mean).to.be.closeTo((2 * (-50 + 10.02 + 10.005)) / 4, 1e-9);
    expect([some?.broken, some?.worst.gain]).to.deep.equal([1, 10.02]);
    const [low = 0, high = 0] = some?.interval ?? [];
    expect(low >= -100 && low < (some?.mean ?? 0) && high > (some?.mean ?? 0) && high <= 20.04).to.equal(true);
    expect(summarise(played(-50, 0, 10.02, 10.005), 1)?.interval).to.deep.equal([low, high]);
  });

  it("names every bound and every other promise that was broken", () => {
    const strategies = [
      reportOf(played(1, 2, 3)),
      reportOf(played(1, 20, 3), { id: "R39" }),
      reportOf([{ ...played(1)[0], faults: ["it leaks"] }], { id: "R62" }),
      reportOf([], { id: "R60" }),
    ];
    const report = { chain: "a chain", prices: "prices", seed: 1, seconds: 1, strategies };
    expect(brokenBounds(report)).to.deep.equal(["R39: 20.00 USD against 10.00: broken is a bound", "R62: it leaks"]);
    const table = toTable(report);
    for (const text of ["3 of 4", "10.00 BROKEN", "no occasion"]) expect(table).to.contain(text);
  });

  it("lets prices stand, go on and stand again", () => {
    const clock = new Clock();
    expect([clock.secondOf(100), clock.secondOf(1_000)]).to.deep.equal([0, 0]);
    clock.go(1_001);
    expect([clock.secondOf(1_000), clock.secondOf(1_001), clock.secondOf(1_010)]).to.deep.equal([0, 1, 10]);
    clock.stand(1_010);
    clock.go(2_000);
    expect([clock.secondOf(1_005), clock.secondOf(1_999), clock.secondOf(2_000)]).to.deep.equal([5, 10, 11]);
  });

  it("has somebody fall due in the first second that moves enough, and prices stand from there", () => {
    const fall = fallOf(pathWithJump(100), true);
    expect([fall?.second, fall?.isLong, fall?.path.seconds]).to.deep.equal([100, true, 102]);
    expect(fall?.path.at(101)).to.deep.equal(fall?.path.at(100));
    expect(fallOf(pathWithJump(3_000), true)).to.equal(undefined);
    const still = standing(pathOf(100, 90, 80), 1);
    expect([0, 1, 2, 3].map((second) => still.at(second).priceX10)).to.deep.equal(
      ["100", "90", "90", "90"].map((price) => px(price)),
    );
  });

  it("moves the other markets by the shares that BTC moves by", () => {
    const alike = movingAlike(pathOf(100, 110, 90), px("3000"));
    expect([0, 1, 2].map((second) => alike.at(second).priceX10)).to.deep.equal(["3000", "3300", "2700"].map(px));
    expect(alike.at(1).confidenceX10).to.equal(px("33"));
  });

  it("finds the second that is the worst for a side, from one on", () => {
    const path = pathOf(100, 80, 95, 90, 120, 90);
    expect(worstSecond(path, 2, true)).to.equal(3);
    expect(worstSecond(path, 0, true)).to.equal(1);
    expect(worstSecond(path, 2, false)).to.equal(4);
    expect(worstSecond(path, 99, true)).to.equal(5);
  });

  it("brings to legs their margin, and an eight-hundredth for fees and spread", () => {
    // 45,000 USD a leg: 225 and 900 of margin, 56.25 each beside.
    expect(cashOfLegs([200n, 50n])).to.equal(282 + 957);
  });

  it("measures how far quotes of seconds before lie above the price, never below", () => {
    expect(lagOf(pathOf(100, 110, 100), 0)).to.equal(0);
    expect(lagOf(pathOf(100, 110, 100), 1)).to.be.closeTo(0.1 / 3, 1e-12);
    expect(lagOf(pathOf(100, 80, 80), 1)).to.be.closeTo(0.25 / 3, 1e-12);
    expect(lagOf(pathOf(100, 80, 80), 2)).to.be.closeTo(0.5 / 3, 1e-12);
  });
});
