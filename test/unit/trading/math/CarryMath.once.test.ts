import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { carryEntryUsd, carryOwedUsd, pipsPerHourToX18PerSecond, ratePerSecond } from "../../../../sdk/model";
import { usd } from "../../../../sdk/units";
import { isRoundedUp } from "../../model/arbitraries";
import { readVectors } from "../../model/vectors";
import { RUNS } from "./positions";

const deploy = () => ethers.deployContract("CarryMathHarness");

/** What a position's size and entry can make. */
const notional = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 27n }), fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }));
const sideNotional = fc.oneof(fc.constantFrom(0n, 1n, 2n ** 96n - 1n), fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }));
const index = fc.oneof(
  fc.constantFrom(0n, 2n ** 71n - 1n, -(2n ** 71n)),
  fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
  fc.bigInt({ min: -(2n ** 71n), max: 2n ** 71n - 1n }),
);
const rate = fc.bigInt({ min: 0n, max: 10n ** 12n });

describe("CarryMath", () => {
  before(() => console.log(`      seed ${RUNS.seed}`));

  describe("perSecondX18", () => {
    it("is the model's for every rate that 16 bits hold, rounded up", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(fc.bigInt({ min: 0n, max: 65_535n }), async (pipsPerHour) => {
        const perSecond = await harness.perSecondX18(pipsPerHour);
        expect(perSecond).to.equal(pipsPerHourToX18PerSecond(pipsPerHour));
        expect(isRoundedUp(perSecond, pipsPerHour * 10n ** 12n, 3_600n)).to.equal(true);
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 60, examples: [[0n], [1n], [9n], [3_600n], [65_535n]] });
    });
  });

  describe("fundingRateX18", () => {
    it("sets every published rate exactly", async () => {
      const vectors = readVectors();
      const harness = await loadFixture(deploy);
      expect(vectors.funding).to.not.be.empty;
      for (const [i, row] of vectors.funding.entries()) {
        const { longNotionalUsd, shortNotionalUsd, fundingFactorX18, minRateX18, maxRateX18 } = row;
        const got = await harness.fundingRateX18(
          longNotionalUsd,
          shortNotionalUsd,
          fundingFactorX18,
          minRateX18,
          maxRateX18,
        );
        expect(got, `rate ${i}`).to.equal(BigInt(row.ratePerSecondX18));
      }
    });

    it("is the model's, whatever the sides hold", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(
        sideNotional,
        sideNotional,
        rate,
        rate,
        rate,
        async (long, short, factor, a, b) => {
          const [minRateX18, maxRateX18] = a < b ? [a, b] : [b, a];
          const got = await harness.fundingRateX18(long, short, factor, minRateX18, maxRateX18);
          expect(got).to.equal(ratePerSecond(long, short, { fundingFactorX18: factor, minRateX18, maxRateX18 }));
        },
      );
      await fc.assert(property, { seed: RUNS.seed, numRuns: 120 });
    });

    it("is 0 when the sides are equal, whatever the least rate", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.fundingRateX18(usd("7"), usd("7"), 9n, 5n, 10n)).to.equal(0n);
      expect(await harness.fundingRateX18(0n, 0n, 9n, 5n, 10n)).to.equal(0n);
      expect(await harness.fundingRateX18(usd("7"), 0n, 9n, 5n, 10n)).to.equal(9n);
      expect(await harness.fundingRateX18(0n, usd("7"), 9n, 5n, 10n)).to.equal(-9n);
    });
  });

  describe("owed", () => {
    it("is the model's, rounded up for either sign", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(notional, index, index, async (n, now, atOpen) => {
        expect(await harness.owed(n, now, atOpen)).to.equal(carryOwedUsd(n, now, atOpen));
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 120 });
    });
  });

  describe("atEntry", () => {
    it("is the model's, rounded down for either sign", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(notional, index, async (n, atOpen) => {
        expect(await harness.atEntry(n, atOpen)).to.equal(carryEntryUsd(n, atOpen));
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 120 });
    });
  });
});
