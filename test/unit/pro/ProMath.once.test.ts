import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { PRICE, TIERS, USD } from "./proFixture";

const deploy = () => ethers.deployContract("ProMathHarness");
const BP = 10n ** 14n;
const ONE_X96 = 1n << 96n;
const HOUR = 3_600n;

/** 2^(−elapsed / halfLife) by repeated square roots, in 2^−200. */
function halvedExactly(elapsed: bigint, halfLife: bigint): bigint {
  const one = 1n << 200n;
  let [value, root, rest] = [one >> (elapsed / halfLife), one >> 1n, elapsed % halfLife];
  for (let i = 0; i < 180 && rest !== 0n; i++) {
    root = sqrt(root << 200n);
    rest *= 2n;
    if (rest < halfLife) continue;
    rest -= halfLife;
    value = (value * root) >> 200n;
  }
  return value;
}

function sqrt(value: bigint): bigint {
  let x = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const y = (x + value / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

describe("DecayMath", () => {
  it("is within 2^−90 of 2^(−x), and 0 from x = 64 on", async () => {
    const harness = await loadFixture(deploy);
    const cases: [bigint, bigint][] = [
      [0n, 60n],
      [1n, 3n],
      [30n, 208n],
      [60n, 208n],
      [60n, 60n],
      [59n, 60n],
      [600n, 600n],
      [599n, 600n],
      [12_345n, 600n],
      [191n, 3n],
    ];
    for (const [elapsed, halfLife] of cases) {
      const got = await harness.halvedX96(elapsed, halfLife);
      const distance = (got << 104n) - halvedExactly(elapsed, halfLife);
      expect(distance < 0n ? -distance : distance).to.be.lessThan(1n << 110n);
    }
    expect(await harness.halvedX96(64n * 3n - 1n, 3n)).to.be.greaterThan(0n);
    expect(await harness.halvedX96(64n * 3n, 3n)).to.equal(0n);
    expect(await harness.halvedX96(2n ** 40n, 600n)).to.equal(0n);
  });

  it("vector 6: averages the basis, in two steps as in one", async () => {
    const harness = await loadFixture(deploy);
    const [half, whole] = [await harness.halvedX96(30n, 208n), await harness.halvedX96(60n, 208n)];
    const first = await harness.blend(-3n * BP, 9n * BP, half);
    // −1.858341 bp, then −0.825297 bp.
    const rounded = (value: bigint) => (value - 5n * 10n ** 7n) / 10n ** 8n;
    expect(rounded(first)).to.equal(-1_858_341n);
    const second = await harness.blend(first, 9n * BP, half);
    expect(rounded(second)).to.equal(-825_297n);
    const once = await harness.blend(-3n * BP, 9n * BP, whole);
    expect(once - second >= -1n && once - second <= 1n).to.equal(true);
    expect(await harness.blend(5n, -7n, ONE_X96)).to.equal(5n);
    expect(await harness.blend(5n, -7n, 0n)).to.equal(-7n);
  });
});

describe("MarkMath", () => {
  it("vector 5: the mark is the median of three, within the deviation", async () => {
    const harness = await loadFixture(deploy);
    const p = (price: bigint) => price * PRICE;
    const mark = (ema: bigint, bid: bigint, ask: bigint, last: bigint) =>
      harness.markOf(p(100_000n), ema, p(bid), p(ask), p(last), 3_000n);
    expect(await mark(-3n * BP, 100_040n, 100_060n, 100_120n)).to.equal(p(100_000n));
    expect(await mark(3n * BP, 100_040n, 100_060n, 100_120n)).to.equal(p(100_030n));
    expect(await mark(10n * BP, 100_040n, 100_060n, 100_120n)).to.equal(p(100_060n));
    // Without a book the index stands for each of its prices.
    expect(await mark(10n * BP, 0n, 0n, 0n)).to.equal(p(100_000n));
    expect(await mark(0n, 0n, 0n, 110_000n)).to.equal(p(100_000n));
    expect(await mark(50n * BP, 120_000n, 120_010n, 120_000n)).to.equal(p(100_300n));
    expect(await mark(-50n * BP, 90_000n, 90_010n, 90_000n)).to.equal(p(99_700n));
  });

  it("takes premium and basis from the deep prices, within the deviation", async () => {
    const harness = await loadFixture(deploy);
    const index = 100_000n * PRICE;
    const premium = (bid: bigint, ask: bigint) => harness.premiumX18(index, bid * PRICE, ask * PRICE, 3_000n);
    expect(await premium(100_040n, 100_050n)).to.equal(4n * BP);
    expect(await premium(99_900n, 99_940n)).to.equal(-6n * BP);
    expect(await premium(99_990n, 100_010n)).to.equal(0n);
    expect(await premium(0n, 99_940n)).to.equal(-6n * BP);
    expect(await premium(100_040n, 0n)).to.equal(4n * BP);
    expect(await premium(110_000n, 0n)).to.equal(30n * BP);
    const basis = (bid: bigint, ask: bigint) => harness.basisX18(index, bid * PRICE, ask * PRICE, 3_000n);
    expect(await basis(100_040n, 100_060n)).to.equal(5n * BP);
    expect(await basis(90_000n, 90_000n)).to.equal(-30n * BP);
    expect(await basis(0n, 100_060n)).to.equal(0n);
    expect(await basis(100_040n, 0n)).to.equal(0n);
  });

  it("of two values counts the lesser in size, 0 where signs differ", async () => {
    const harness = await loadFixture(deploy);
    for (const [a, b, expected] of [
      [3n, 5n, 3n],
      [5n, 3n, 3n],
      [-3n, -5n, -3n],
      [-5n, -3n, -3n],
      [3n, -5n, 0n],
      [-3n, 5n, 0n],
      [0n, 5n, 0n],
      [0n, 5n, 0n],
      [1n, 5n, 1n],
      [5n, 1n, 1n],
      [-1n, -5n, -1n],
      [-5n, -1n, -1n],
    ]) {
      expect(await harness.lesser(a, b)).to.equal(expected);
    }
  });

  it("vector 7: funding rates", async () => {
    const harness = await loadFixture(deploy);
    const rate = (mean: bigint, cap = 5_000n) => harness.fundingRateX18(mean * BP, 100n, cap);
    expect(await rate(8n)).to.equal(3n * BP);
    expect(await rate(2n)).to.equal(1n * BP);
    expect(await rate(-12n)).to.equal(-7n * BP);
    expect(await rate(0n)).to.equal(1n * BP);
    expect(await rate(80n)).to.equal(50n * BP);
    expect(await rate(-80n)).to.equal(-50n * BP);
  });
});

describe("FundingMath", () => {
  const spanOf = (from: bigint, to: bigint, sum = 0n, mean = 0n) => ({
    ...{ from, to, haltFrom: 0n, haltTo: 0n, interestPips: 100n, capPips: 5_000n },
    ...{ sum, mean, rateSeconds: 0n },
  });
  const start = 100n * HOUR;

  it("vector 7: 1 BTC pays 3.75 USD for an hour at 3 bp", async () => {
    const harness = await loadFixture(deploy);
    const span = await harness.run(spanOf(start, start + HOUR - 1n, 0n, 8n * BP), 0n, 0n, 0n);
    expect(span.rateSeconds).to.equal(3n * BP * (HOUR - 1n));
    expect(await harness.growth(100_000n * USD, 3n * BP * HOUR)).to.equal((15n * USD) / 4n);
    expect(await harness.growth(100_000n * USD, -3n * BP * HOUR)).to.equal((-15n * USD) / 4n);
  });

  it("within an hour: the sum grows, the mean stays", async () => {
    const harness = await loadFixture(deploy);
    const span = await harness.run(spanOf(start + 5n, start + 45n, 100n, 2n * BP), 3n * BP, 0n, 0n);
    expect([span.sum, span.mean, span.rateSeconds]).to.deep.equal([100n + 120n * BP, 2n * BP, 40n * BP]);
  });

  it("counts a premium for at most 60 s, on both sides of the hour", async () => {
    const harness = await loadFixture(deploy);
    const from = start + HOUR - 20n;
    const span = await harness.run(spanOf(from, from + 500n, 7_180n * BP, 8n * BP), 1n * BP, 0n, 0n);
    // The hour's mean is (7,180 + 20) / 3,600 = 2 bp; 40 s of the premium fall into the next.
    expect([span.sum, span.mean]).to.deep.equal([40n * BP, 2n * BP]);
    expect(span.rateSeconds).to.equal(20n * 3n * BP + 480n * 1n * BP);
  });

  it("skipped hours count a mean of 0: three pieces", async () => {
    const harness = await loadFixture(deploy);
    const from = start + HOUR - 20n;
    const span = await harness.run(spanOf(from, from + 20n + 5n * HOUR, 28_800n * BP, -12n * BP), 0n, 0n, 0n);
    expect([span.sum, span.mean]).to.deep.equal([0n, 0n]);
    expect(span.rateSeconds).to.equal(20n * -7n * BP + HOUR * 3n * BP + 4n * HOUR * BP);
    const two = await harness.run(spanOf(from, from + 20n + 2n * HOUR, 28_800n * BP, 0n), 0n, 0n, 0n);
    expect([two.mean, two.rateSeconds]).to.deep.equal([0n, 20n * BP + HOUR * 3n * BP + HOUR * BP]);
  });

  it("ends an hour with its last second, and owes nothing of the next", async () => {
    const harness = await loadFixture(deploy);
    const from = start + HOUR - 20n;
    const span = await harness.run(spanOf(from, start + HOUR, 28_800n * BP, 2n * BP), 0n, 0n, 0n);
    expect([span.sum, span.mean]).to.deep.equal([0n, 8n * BP]);
    expect(span.rateSeconds).to.equal(20n * BP);
  });

  it("owes nothing for the seconds of level 3", async () => {
    const harness = await loadFixture(deploy);
    const from = start + HOUR - 20n;
    // Halted from 10 s before the hour to 100 s after it.
    const span = await harness.run(spanOf(from, from + 320n, 28_800n * BP, 2n * BP), 0n, 110n, from + 120n);
    expect(span.rateSeconds).to.equal(10n * BP + 200n * 3n * BP);
    const running = await harness.run(spanOf(from, from + 320n, 28_800n * BP, 2n * BP), 0n, 50n, from + 9_999n);
    expect(running.rateSeconds).to.equal(20n * BP + 250n * 3n * BP);
    const all = await harness.run(spanOf(from, from + 320n, 28_800n * BP, 2n * BP), 0n, 320n, from + 100n);
    expect(all.rateSeconds).to.equal(0n);
  });

  it("R52: stops both indices at the width of one, by the same", async () => {
    const harness = await loadFixture(deploy);
    const most = 2n ** 79n - 1n;
    expect(await harness.grown(5n, -3n, 10n)).to.deep.equal([15n, 7n]);
    expect(await harness.grown(most - 5n, 3n, 10n)).to.deep.equal([most, 8n]);
    expect(await harness.grown(5n, -most + 4n, -10n)).to.deep.equal([1n, -most]);
  });
});

describe("MarginMath", () => {
  const usd = (value: bigint) => value * USD;
  const withTiers = async () => {
    const harness = await deploy();
    const cums = [0n, 125n, 1_375n, 16_375n, 141_375n, 641_375n];
    await harness.setTiers(TIERS.map((tier, i) => ({ ...tier, cumX6: cums[i] * 1_000_000n })));
    return harness;
  };

  it("vector 1: maintenance margin by tiers, at least 1 USD, beyond the top at the top's rate", async () => {
    const harness = await loadFixture(withTiers);
    for (const [notional, margin] of [
      [100_000n, 375n],
      [250_000n, 1_125n],
      [300_000n, 1_625n],
      [2_000_000n, 33_625n],
      [50_000n, 125n],
      [400n, 1n],
      [20_000_000n, 1_358_625n],
      [30_000_000n, 2_358_625n],
    ]) {
      expect(await harness.maintenanceMargin(usd(notional))).to.equal(usd(margin));
    }
    expect(await harness.maintenanceMargin(0n)).to.equal(0n);
    expect(await harness.maintenanceMargin(usd(1_000n) + 1n)).to.equal((usd(1_000n) * 2_500n) / 1_000_000n + 1n);
  });

  it("of a market with few tiers the last one's rate holds beyond its cap", async () => {
    const harness = await loadFixture(deploy);
    const cums = [0n, 125_000_000n];
    await harness.setTiers(TIERS.slice(0, 2).map((tier, i) => ({ ...tier, cumX6: cums[i] })));
    expect(await harness.maintenanceMargin(usd(300_000n))).to.equal(usd(1_375n));
  });

  /** BTC, prices in whole dollars, lots of 0.001. */
  const marginOf = async (
    lots: bigint,
    book: [bigint, bigint, bigint, bigint],
    price: bigint,
    leverage: bigint,
    highLeverage = 20n,
  ) => {
    const harness = await loadFixture(deploy);
    return harness.initialMargin(lots, book, price * PRICE, PRICE, 100_000n, leverage, highLeverage);
  };

  it("vector 4: the open cost of a bid above the mark", async () => {
    expect(await marginOf(0n, [1_000n, 103_000n, 0n, 0n], 102_990n, 20n)).to.equal(usd(5_160n));
    expect(await marginOf(0n, [1_000n, 103_000n, 0n, 0n], 102_990n, 100n)).to.equal(usd(5_160n));
    expect(await marginOf(0n, [0n, 0n, 1_000n, 102_980n], 102_990n, 20n)).to.equal(usd(5_159n));
  });

  it("vector 14: what turns a position round takes 1/H", async () => {
    expect(await marginOf(1_000n, [0n, 0n, 2_000n, 100_000n], 100_000n, 200n)).to.equal(usd(5_000n));
    expect(await marginOf(1_000n, [1_000n, 100_000n, 2_000n, 100_000n], 100_000n, 200n)).to.equal(usd(5_500n));
    // The same of a short.
    expect(await marginOf(-1_000n, [2_000n, 100_000n, 0n, 0n], 100_000n, 200n)).to.equal(usd(5_000n));
    expect(await marginOf(-1_000n, [2_000n, 100_000n, 1_000n, 100_000n], 100_000n, 200n)).to.equal(usd(5_500n));
  });

  it("takes at least 2 USD for a position, rounded up once", async () => {
    expect(await marginOf(1n, [0n, 0n, 0n, 0n], 100n, 20n)).to.equal(usd(2n));
    expect(await marginOf(1n, [0n, 0n, 0n, 0n], 100_000n, 3n)).to.equal(usd(100n) / 3n + 1n);
    expect(await marginOf(0n, [0n, 0n, 0n, 0n], 100_000n, 3n)).to.equal(0n);
  });
});

describe("TickBits", () => {
  it("R10: finds the next price over words and blocks, on either side", async () => {
    const harness = await loadFixture(deploy);
    const ticks = [1n, 255n, 256n, 65_535n, 65_536n, 8_388_608n, 16_777_215n];
    for (const isBid of [true, false]) {
      for (const tick of ticks) await harness.set(isBid, tick);
      for (let i = 0; i < ticks.length; i++) {
        const beyond = isBid ? ticks[i - 1] : ticks[i + 1];
        expect(await harness.worse(isBid, ticks[i])).to.equal(beyond ?? 0n);
      }
      await harness.clear(isBid, 65_536n);
      await harness.clear(isBid, 65_535n);
      expect(await harness.worse(isBid, isBid ? 8_388_608n : 256n)).to.equal(isBid ? 256n : 8_388_608n);
      for (const tick of [1n, 255n, 256n, 8_388_608n, 16_777_215n]) await harness.clear(isBid, tick);
      expect(await harness.worse(isBid, isBid ? 16_777_215n : 1n)).to.equal(0n);
    }
  });
});
