import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import type { SlippageModel } from "../../../../sdk/model";
import { MAX_SLIPPAGE_X18, pipsToX18, slippageX18 } from "../../../../sdk/model";
import { usd } from "../../../../sdk/units";
import type { SlippageMathHarness } from "../../../../typechain-types";
import { RUNS } from "./positions";

const deploy = () => ethers.deployContract("SlippageMathHarness");

const KINDS = ["fixed", "depth", "skew"] as const;

interface Case {
  kind: (typeof KINDS)[number];
  fixedPips: bigint;
  depthUsd: bigint;
  same: bigint;
  other: bigint;
  trade: bigint;
  isOpening: boolean;
}

function configOf({ kind, fixedPips, depthUsd }: Case) {
  return {
    assetId: 1,
    status: 1,
    maxLeverage: 500,
    tierCount: 3,
    slippageModel: KINDS.indexOf(kind),
    slippagePips: fixedPips,
    alpSharePips: 0,
    borrowPipsPerHour: 0,
    fundingPipsPerHour: 0,
    minFundingPipsPerHour: 0,
    maxFundingPipsPerHour: 0,
    lossBudgetUsd: 1,
    onePercentDepthUsd: depthUsd,
    leastLossRatePercent: 60,
  };
}

function ofContract(harness: SlippageMathHarness, given: Case): Promise<bigint> {
  return harness.slippageX18(configOf(given), given.same, given.other, given.trade, given.isOpening);
}

function ofModel(given: Case, isLong: boolean): bigint {
  const { kind, fixedPips, depthUsd, same, other, trade, isOpening } = given;
  const model: SlippageModel =
    kind === "fixed" ? { kind, fixedPips } : { kind, fixedPips, onePercentDepthUsd: depthUsd * usd("1") };
  const [longUsd, shortUsd] = isLong ? [same, other] : [other, same];
  return slippageX18(model, { isLong, isOpening, longUsd, shortUsd, notional: trade });
}

/** Up to what the sums of a side hold, mostly of the size of a market. */
const notional = fc.oneof(fc.bigInt({ min: 0n, max: usd("20000000") }), fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }));
const cases = (kind: Case["kind"]) =>
  fc.record({
    kind: fc.constant(kind),
    fixedPips: fc.bigInt({ min: 0n, max: 10_000n }),
    depthUsd: fc.oneof(fc.bigInt({ min: 1n, max: 10n ** 8n }), fc.constantFrom(1n, 2n ** 48n - 1n)),
    same: notional,
    other: notional,
    trade: notional.map((value) => value + 1n),
    isOpening: fc.boolean(),
  });

describe("SlippageMath", () => {
  before(() => console.log(`      seed ${RUNS.seed}`));

  describe("slippageX18", () => {
    it("is the fixed rate in the fixed model", async () => {
      const harness = await loadFixture(deploy);
      await fc.assert(
        fc.asyncProperty(cases("fixed"), async (given) => {
          expect(await ofContract(harness, given)).to.equal(pipsToX18(given.fixedPips));
        }),
        { seed: RUNS.seed, numRuns: 20 },
      );
    });

    it("is the fixed rate of nothing, in every model", async () => {
      const harness = await loadFixture(deploy);
      for (const kind of KINDS) {
        const given = { kind, fixedPips: 700n, depthUsd: 1n, same: usd("5000"), other: usd("9"), trade: 0n };
        for (const isOpening of [true, false]) {
          expect(await ofContract(harness, { ...given, isOpening })).to.equal(pipsToX18(700n));
        }
      }
    });

    it("is the model's in the depth model", async () => {
      const harness = await loadFixture(deploy);
      await fc.assert(
        fc.asyncProperty(cases("depth"), fc.boolean(), async (given, isLong) => {
          expect(await ofContract(harness, given)).to.equal(ofModel(given, isLong));
        }),
        { seed: RUNS.seed, numRuns: 150 },
      );
    });

    it("is the model's in the skew model, or one unit of 18 decimals above it", async () => {
      const harness = await loadFixture(deploy);
      await fc.assert(
        fc.asyncProperty(cases("skew"), fc.boolean(), async (given, isLong) => {
          const above = (await ofContract(harness, given)) - ofModel(given, isLong);
          expect(above === 0n || above === 1n, `${above} above`).to.equal(true);
        }),
        { seed: RUNS.seed, numRuns: 200 },
      );
    });

    it("counts half the trade, an odd unit included", async () => {
      const harness = await loadFixture(deploy);
      const base: Case = {
        kind: "depth",
        fixedPips: 0n,
        depthUsd: 1n,
        same: 0n,
        other: 0n,
        trade: 1n,
        isOpening: true,
      };
      expect(await ofContract(harness, base)).to.equal(1n);
      expect(await ofContract(harness, { ...base, trade: 401n })).to.equal(3n);
    });

    it("meets the open interest of the side, not the skew, with the part that widens", async () => {
      const harness = await loadFixture(deploy);
      const gap = { same: usd("1000000"), other: usd("2000000"), depthUsd: 1_000_000n, fixedPips: 100n };
      const opening: Case = { ...gap, kind: "skew", trade: usd("2000000"), isOpening: true };
      // Half of it at 100 pips, half at (2,000,000 + 500,000) / 100,000,000.
      expect(await ofContract(harness, opening)).to.equal(pipsToX18(12_550n));
      const closing: Case = { ...gap, kind: "skew", trade: usd("500000"), isOpening: false };
      expect(await ofContract(harness, closing)).to.equal(pipsToX18(12_500n));
    });

    it("never passes a quarter of the price, so that every position can be closed", async () => {
      const harness = await loadFixture(deploy);
      const full = 2n ** 96n - 1n;
      for (const kind of ["depth", "skew"] as const) {
        for (const isOpening of [true, false]) {
          const given: Case = {
            kind,
            fixedPips: 1n,
            depthUsd: 1n,
            same: full,
            other: 2n * full,
            trade: full,
            isOpening,
          };
          const got = await ofContract(harness, isOpening ? { ...given, other: 0n } : given);
          expect(got).to.equal(MAX_SLIPPAGE_X18);
        }
      }
    });

    it("gains nothing when a trade is split", async () => {
      const harness = await loadFixture(deploy);
      const deep = fc.bigInt({ min: 10n ** 7n, max: 10n ** 9n });
      const part = fc.bigInt({ min: usd("1"), max: usd("5000000") });
      const market = fc.bigInt({ min: 0n, max: usd("20000000") });
      const kind = fc.constantFrom<"depth" | "skew">("depth", "skew");
      const book = fc.record({ kind, fixedPips: fc.constant(100n), depthUsd: deep, same: market, other: market });
      const property = fc.asyncProperty(book, fc.boolean(), part, part, async (given, isOpening, a, b) => {
        const at = (same: bigint, trade: bigint) => ofContract(harness, { ...given, same, trade, isOpening });
        // Without this trade: an opening's second part finds the first in place, a close's first part the second.
        const first = await at(given.same + (isOpening ? 0n : b), a);
        const second = await at(given.same + (isOpening ? a : 0n), b);
        const whole = await at(given.same, a + b);
        // Each rate is rounded up twice at most.
        expect(first * a + second * b > (whole - 2n) * (a + b)).to.equal(true);
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 60 });
    });
  });

  describe("exitSlippageX18", () => {
    it("is the model's of a close, held at that of the terms from its very pip on", async () => {
      const harness = await loadFixture(deploy);
      const anyCase = fc.oneof(cases("fixed"), cases("depth"), cases("skew"));
      const maxPips = fc.bigInt({ min: 0n, max: 250_000n });
      const property = fc.asyncProperty(anyCase, fc.boolean(), maxPips, async (given, isLong, max) => {
        const closing = { ...given, isOpening: false };
        const { same, other, trade } = given;
        const got = await harness.exitSlippageX18(configOf(given), same, other, trade, max);
        const free = ofModel(closing, isLong);
        const bound = pipsToX18(max);
        if (free >= bound) expect(got).to.equal(bound);
        else expect(got - free === 0n || got - free === 1n).to.equal(true);
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 150 });
    });
  });
});
