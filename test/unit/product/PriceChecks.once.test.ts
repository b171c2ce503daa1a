import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";

import { BAND_PIPS, MAX_PRICE, bandOf, clampToBand, isConfidenceOk, isDeviationOk } from "../../../sdk/model/prices";
import { px } from "../../../sdk/units";

const deploy = () => ethers.deployContract("OracleMathHarness");

function tickOf(price: bigint, confidence = 0n) {
  return { price, confidence, publishTime: 1n, minPublishTime: 0n, assetId: 1n, isUnique: false };
}

function anchorsOf(low: bigint, high: bigint) {
  return { low, mid: (low + high) / 2n, high, fresh: 2n };
}

const NO_ANCHORS = { low: 0n, mid: 0n, high: 0n, fresh: 0n };
const price = fc.bigInt({ min: 1n, max: MAX_PRICE });

describe("PriceChecks", () => {
  describe("deviates", () => {
    it("counts a tick on the limit as within it, on both sides", async () => {
      const harness = await loadFixture(deploy);
      const anchors = anchorsOf(px("100"), px("100"));
      expect(await harness.deviates(tickOf(px("101")), anchors, 10_000n)).to.equal(false);
      expect(await harness.deviates(tickOf(px("99")), anchors, 10_000n)).to.equal(false);
      expect(await harness.deviates(tickOf(px("101") + 1n), anchors, 10_000n)).to.equal(true);
      expect(await harness.deviates(tickOf(px("99") - 1n), anchors, 10_000n)).to.equal(true);
    });

    it("O11: measures from the lowest and from the highest anchor", async () => {
      const harness = await loadFixture(deploy);
      const anchors = anchorsOf(px("100"), px("102"));
      expect(await harness.deviates(tickOf(px("101")), anchors, 10_000n)).to.equal(false);
      expect(await harness.deviates(tickOf(px("101.5")), anchors, 10_000n)).to.equal(true);
      expect(await harness.deviates(tickOf(px("100.5")), anchors, 10_000n)).to.equal(true);
    });

    it("is true where there is no anchor", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.deviates(tickOf(px("100")), NO_ANCHORS, 1_000_000n)).to.equal(true);
      expect(await harness.deviates(tickOf(0n), NO_ANCHORS, 1_000_000n)).to.equal(true);
    });

    it("agrees with the model", async () => {
      const harness = await loadFixture(deploy);
      const limits = fc.bigInt({ min: 0n, max: 1_000_000n });
      const property = fc.asyncProperty(price, price, price, limits, async (tick, a, b, maxPips) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const isOk = isDeviationOk(tick, low, maxPips) && isDeviationOk(tick, high, maxPips);
        expect(await harness.deviates(tickOf(tick), anchorsOf(low, high), maxPips)).to.equal(!isOk);
      });
      await fc.assert(property, { numRuns: 40 });
    });
  });

  describe("confidenceExceeds", () => {
    it("O05: counts a confidence on the limit as within it", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.confidenceExceeds(tickOf(px("1000"), px("1.5")), 1_500n)).to.equal(false);
      expect(await harness.confidenceExceeds(tickOf(px("1000"), px("1.5") + 1n), 1_500n)).to.equal(true);
    });

    it("O05: is true of the confidence that stands for any wider one", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.confidenceExceeds(tickOf(MAX_PRICE, MAX_PRICE), 999_999n)).to.equal(true);
    });

    it("agrees with the model", async () => {
      const harness = await loadFixture(deploy);
      const limits = fc.bigInt({ min: 0n, max: 1_000_000n });
      const property = fc.asyncProperty(price, price, limits, async (tick, confidence, maxPips) => {
        const isOk = isConfidenceOk(confidence, tick, maxPips);
        expect(await harness.confidenceExceeds(tickOf(tick, confidence), maxPips)).to.equal(!isOk);
      });
      await fc.assert(property, { numRuns: 40 });
    });
  });

  describe("clamp", () => {
    it("leaves a price on an edge of the band where it is", async () => {
      const harness = await loadFixture(deploy);
      const anchors = anchorsOf(px("100"), px("200"));
      expect(await harness.clamp(px("99"), anchors)).to.equal(px("99"));
      expect(await harness.clamp(px("202"), anchors)).to.equal(px("202"));
      expect(await harness.clamp(px("150"), anchors)).to.equal(px("150"));
    });

    it("moves a price beyond the band to the nearer edge", async () => {
      const harness = await loadFixture(deploy);
      const anchors = anchorsOf(px("100"), px("200"));
      expect(await harness.clamp(px("99") - 1n, anchors)).to.equal(px("99"));
      expect(await harness.clamp(px("202") + 1n, anchors)).to.equal(px("202"));
    });

    it("rounds the lower edge up and the upper edge down: 149 gives 148 and 150", async () => {
      const harness = await loadFixture(deploy);
      const anchors = anchorsOf(149n, 149n);
      expect(await harness.clamp(1n, anchors)).to.equal(148n);
      expect(await harness.clamp(1_000n, anchors)).to.equal(150n);
    });

    it("can't leave the range of a price", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.clamp(MAX_PRICE, anchorsOf(MAX_PRICE, MAX_PRICE))).to.equal(MAX_PRICE);
      expect(await harness.clamp(1n, anchorsOf(1n, 1n))).to.equal(1n);
    });

    it("refuses where there is no anchor", async () => {
      const harness = await loadFixture(deploy);
      await expect(harness.clamp(1n, NO_ANCHORS)).to.be.revertedWithCustomError(harness, "PriceChecks_NoAnchor");
    });

    it("agrees with the model", async () => {
      const harness = await loadFixture(deploy);
      expect(BAND_PIPS).to.equal(10_000n);
      const property = fc.asyncProperty(price, price, price, async (tick, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(await harness.clamp(tick, anchorsOf(low, high))).to.equal(clampToBand(tick, [low, high]));
      });
      await fc.assert(property, { numRuns: 40 });
    });
  });

  describe("isInBand", () => {
    it("has the edges inside, rounded as the clamp rounds them", async () => {
      const harness = await loadFixture(deploy);
      // 0.99 and 1.01 of 10,001 and 10,005 are 9,900.99 and 10,105.05.
      const anchors = anchorsOf(10_001n, 10_005n);
      for (const [tick, isInside] of [
        [9_900n, false],
        [9_901n, true],
        [10_105n, true],
        [10_106n, false],
      ] as const) {
        expect(await harness.isInBand(tick, anchors), tick.toString()).to.equal(isInside);
      }
    });

    it("holds nothing where there is no anchor, and no price of 0", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.isInBand(1n, NO_ANCHORS)).to.equal(false);
      expect(await harness.isInBand(0n, anchorsOf(1n, MAX_PRICE))).to.equal(false);
    });

    it("is true of what the model's clamp leaves alone, and of nothing else", async () => {
      const harness = await loadFixture(deploy);
      const offset = fc.bigInt({ min: -2n, max: 2n });
      const property = fc.asyncProperty(price, price, price, offset, fc.nat(2), async (free, a, b, off, at) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const band = bandOf([low, high]);
        const near = [free, band.low, band.high][at] + off;
        const tick = near < 1n ? 1n : near > MAX_PRICE ? MAX_PRICE : near;
        const isLeftAlone = clampToBand(tick, [low, high]) === tick;
        expect(await harness.isInBand(tick, anchorsOf(low, high))).to.equal(isLeftAlone);
      });
      await fc.assert(property, { numRuns: 60 });
    });
  });
});
