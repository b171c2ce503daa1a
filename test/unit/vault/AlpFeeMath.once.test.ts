import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { burnFeePips } from "../../../sdk/model";
import { usd } from "../../../sdk/units";
import { readVectors } from "../model/vectors";

describe("AlpFeeMath", () => {
  async function deploy() {
    return { harness: await ethers.deployContract("AlpFeeMathHarness") };
  }

  describe("feePipsUp", () => {
    it("gives the vectors exactly", async () => {
      const { harness } = await loadFixture(deploy);
      const { alpFees } = readVectors();
      expect(alpFees).to.have.length(36);
      for (const v of alpFees) {
        const fee = await harness.feePipsUp(v.targetUsd, v.beforeUsd, v.afterUsd, v.basePips, v.taxPips);
        expect(fee).to.equal(BigInt(v.feePips));
      }
    });

    it("is cheaper nearer to the target, dearer away from it, and the base fee where nothing changes", async () => {
      const { harness } = await loadFixture(deploy);
      const fee = (before: string, after: string) =>
        harness.feePipsUp(usd("100"), usd(before), usd(after), 2_500n, 500n);
      expect(await fee("50", "60")).to.equal(2_250n);
      expect(await fee("100", "120")).to.equal(2_550n);
      expect(await fee("100", "100")).to.equal(2_500n);
      expect(await fee("90", "110")).to.equal(2_550n);
      expect(await fee("300", "400")).to.equal(3_000n);
    });

    it("never goes below zero, and lets an asset without a target leave", async () => {
      const { harness } = await loadFixture(deploy);
      expect(await harness.feePipsUp(usd("100"), 0n, usd("1"), 100n, 500n)).to.equal(0n);
      expect(await harness.feePipsUp(0n, usd("5"), usd("4"), 2_500n, 500n)).to.equal(2_000n);
      expect(await harness.feePipsUp(0n, usd("5"), usd("6"), 2_500n, 500n)).to.equal(3_000n);
    });

    it("agrees with the model everywhere", async () => {
      const { harness } = await loadFixture(deploy);
      const value = fc.bigInt({ min: 0n, max: 10n ** 46n });
      const pips = fc.bigInt({ min: 0n, max: 10_000n });
      await fc.assert(
        fc.asyncProperty(value, value, value, pips, pips, async (target, before, after, basePips, taxPips) => {
          fc.pre(target !== 0n);
          const expected = burnFeePips({ targetUsd: target, beforeUsd: before, afterUsd: after, basePips, taxPips });
          expect(await harness.feePipsUp(target, before, after, basePips, taxPips)).to.equal(expected);
        }),
        { numRuns: 200 },
      );
    });
  });

  describe("distance", () => {
    it("has no sign", async () => {
      const { harness } = await loadFixture(deploy);
      expect(await harness.distance(3n, 5n)).to.equal(2n);
      expect(await harness.distance(5n, 3n)).to.equal(2n);
      expect(await harness.distance(5n, 5n)).to.equal(0n);
    });
  });
});
