import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";

import { isPrice, normalizePythConfidence, normalizePythPrice } from "../../../../sdk/model/prices";
import { MAX_PRICE } from "../fixture";

const deploy = () => ethers.deployContract("OracleMathHarness");
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_INT32 = 2n ** 31n - 1n;

const raw = (price: bigint, conf: bigint, expo: bigint | number) => ({ price, conf, expo, publishTime: 1n });

describe("PythAdapter", () => {
  describe("normalise", () => {
    for (let expo = -12; expo <= 2; expo++) {
      it(`O06: brings the exponent ${expo} to 10 decimals as the model does`, async () => {
        const harness = await loadFixture(deploy);
        for (const [price, conf] of [
          [123_456_789n, 98_765n],
          [999n, 1n],
          [1n, 0n],
        ]) {
          const expected = normalizePythPrice(price, expo);
          const result = await harness.normalise(raw(price, conf, expo));
          const confidence = isPrice(expected) ? normalizePythConfidence(conf, expo) : 0n;
          expect(result).to.deep.equal([isPrice(expected) ? expected : 0n, confidence]);
        }
      });
    }

    it("rounds the price down and the confidence up", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.normalise(raw(199n, 1n, -12))).to.deep.equal([1n, 1n]);
      expect(await harness.normalise(raw(199n, 100n, -12))).to.deep.equal([1n, 1n]);
      expect(await harness.normalise(raw(199n, 101n, -12))).to.deep.equal([1n, 2n]);
      expect(await harness.normalise(raw(199n, 0n, -12))).to.deep.equal([1n, 0n]);
    });

    it("has no price where it is zero, negative or rounds to zero", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.normalise(raw(0n, 1n, -8))).to.deep.equal([0n, 0n]);
      expect(await harness.normalise(raw(-1n, 1n, -8))).to.deep.equal([0n, 0n]);
      expect(await harness.normalise(raw(-MAX_INT64 - 1n, 1n, -8))).to.deep.equal([0n, 0n]);
      expect((await harness.normalise(raw(99n, 1n, -12))).price).to.equal(0n);
    });

    it("has no price where it exceeds 64 bits", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.normalise(raw(MAX_INT64, 1n, -10))).to.deep.equal([MAX_INT64, 1n]);
      expect(await harness.normalise(raw(MAX_INT64, 1n, -9))).to.deep.equal([0n, 0n]);
      expect(await harness.normalise(raw(1_844_674_407n, 1n, 0))).to.deep.equal([
        1_844_674_407n * 10n ** 10n,
        10n ** 10n,
      ]);
      expect(await harness.normalise(raw(1_844_674_408n, 1n, 0))).to.deep.equal([0n, 0n]);
    });

    it("survives every exponent", async () => {
      const harness = await loadFixture(deploy);
      for (const expo of [-MAX_INT32 - 1n, -31n, -30n, 10n, 11n, MAX_INT32]) {
        expect((await harness.normalise(raw(MAX_INT64, MAX_PRICE, expo))).price).to.equal(0n);
      }
    });

    it("O05: takes the largest number for a confidence that exceeds 64 bits", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.normalise(raw(1n, MAX_PRICE, -8))).to.deep.equal([100n, MAX_PRICE]);
    });
  });
});
