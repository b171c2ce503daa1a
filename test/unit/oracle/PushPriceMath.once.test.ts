import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";

import { MAX_PRICE, median, referencePrice } from "../../../sdk/model/prices";

const deploy = () => ethers.deployContract("OracleMathHarness");
const price = fc.bigInt({ min: 1n, max: MAX_PRICE });
const prices = fc.array(price, { minLength: 1, maxLength: 3 });

describe("PushPriceMath", () => {
  describe("insert", () => {
    it("starts without any price", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.insertAll([])).to.deep.equal([0n, 0n, 0n, 0n]);
    });

    it("takes one, the mean of two rounded down, the middle of three", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.insertAll([7n])).to.deep.equal([7n, 7n, 7n, 1n]);
      expect(await harness.insertAll([10n, 7n])).to.deep.equal([7n, 8n, 10n, 2n]);
      expect(await harness.insertAll([10n, 7n, 9n])).to.deep.equal([7n, 9n, 10n, 3n]);
    });

    it("O10: the newest of three moves the median no further than the next one", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.insertAll([100n, 101n, MAX_PRICE])).to.deep.equal([100n, 101n, MAX_PRICE, 3n]);
      expect(await harness.insertAll([100n, 101n, 1n])).to.deep.equal([1n, 100n, 101n, 3n]);
    });

    it("agrees with the model in any order", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(prices, async (values) => {
        const expected = referencePrice(values);
        const result = await harness.insertAll(values);
        expect(result).to.deep.equal([expected.low, expected.median, expected.high, BigInt(values.length)]);
      });
      await fc.assert(property, { numRuns: 60 });
    });
  });

  describe("medianWith", () => {
    it("is the price itself where there is no other", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.medianWith([], 5n)).to.equal(5n);
    });

    it("agrees with the model", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(prices, price, async (values, other) => {
        expect(await harness.medianWith(values, other)).to.equal(median([...values, other]));
      });
      await fc.assert(property, { numRuns: 60 });
    });
  });
});
