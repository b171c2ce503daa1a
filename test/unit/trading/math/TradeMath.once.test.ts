import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import {
  MAX_PRICE,
  bankruptcyPrice,
  bankruptcyPriceInKind,
  clamp,
  closeTradeAt,
  gainCap,
  isLiquidatable,
  liquidationPrice,
  liquidationPriceInKind,
  liquidationReward,
  pnlUsd,
  takeProfitAtCap,
  takeProfitBound,
  toUsdDown,
} from "../../../../sdk/model";
import { PIPS, px, tokens, usd } from "../../../../sdk/units";
import { MAX_UINT96, RUNS, anyPosition, anyPrice, anyToken, carryOf, closeByHarness, tokenOf } from "./positions";

const deploy = () => ethers.deployContract("TradeMathHarness");

/** A position, a later price, carry and the token's price then. */
const later = anyPosition.chain((open) =>
  fc.record({
    open: fc.constant(open),
    price: fc.oneof(anyPrice, fc.constantFrom(1n, MAX_PRICE, open.position.entry), near(open.position.entry)),
    carry: carryOf(open.opened.notional),
    token: fc.oneof(
      fc.constant(open.token),
      anyToken.map(({ price }) => ({ ...open.token, price })),
    ),
    executionFeeUsd: fc.constantFrom(0n, usd("0.5")),
  }),
);

function near(entry: bigint) {
  return fc.bigInt({ min: 990_000n, max: 1_010_000n }).map((pips) => clamp((entry * pips) / PIPS, 1n, MAX_PRICE));
}

describe("TradeMath", () => {
  before(() => console.log(`      seed ${RUNS.seed}, ${RUNS.numRuns} runs`));

  describe("close", () => {
    it("settles as the model does, to the unit and without ever reverting", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(later, async ({ open, price, carry, token, executionFeeUsd }) => {
        const { position } = open;
        const model = closeTradeAt(
          {
            position,
            token,
            carryOwedUsd: carry,
            executionFeeUsd,
            executionFeeCount: executionFeeUsd === 0n ? 0n : 1n,
          },
          price,
        );
        const got = await closeByHarness(harness, position, price, carry, executionFeeUsd, token);
        expect(got).to.deep.equal({
          pnlUsd: model.pnlUsd,
          gain: model.gainPaid,
          loss: model.lossCollected,
          executionFee: model.executionFee,
          closeFee: model.closeFee,
          payout: model.payout,
        });
        const outgoings = got.executionFee + got.loss + got.closeFee + got.payout;
        expect(outgoings).to.equal(position.margin + got.gain);
        expect(got.gain <= gainCap(position.initialMargin, position.profitCapPips)).to.equal(true);
      });
      await fc.assert(property, RUNS);
    });

    it("takes the execution fee out of margin and gain together", async () => {
      const harness = await loadFixture(deploy);
      const token = { decimals: 6, price: px("1") };
      const position = {
        isLong: true,
        entry: px("1"),
        size: 10n ** 8n,
        margin: tokens("0.1", 6),
        initialMargin: tokens("0.1", 6),
        llrPips: 600_000n,
        profitCapPips: 5_000_000n,
        closeFeeKind: "standard" as const,
        closeFeePips: 0n,
      };
      const got = await closeByHarness(harness, position, px("1.5"), 0n, usd("0.5"), token);
      expect([got.gain, got.executionFee, got.payout]).to.deep.equal([
        tokens("0.5", 6),
        tokens("0.5", 6),
        tokens("0.1", 6),
      ]);
    });

    it("takes the share of a profit at its cap from the exact cap, rounded up once", async () => {
      const harness = await loadFixture(deploy);
      const token = { decimals: 0, price: px("1") };
      const position = {
        isLong: true,
        entry: px("1"),
        size: 1_000n * 10n ** 8n,
        margin: 1n,
        initialMargin: 1n,
        llrPips: 600_000n,
        profitCapPips: 6_999_999n,
        closeFeeKind: "degen" as const,
        closeFeePips: 0n,
      };
      // 15% of 6.999999 are 1.04999985: two units; of the six units paid at most it would be one.
      const model = closeTradeAt(
        { position, token, carryOwedUsd: 0n, executionFeeUsd: 0n, executionFeeCount: 0n },
        px("2"),
      );
      expect(model.closeFee).to.equal(2n);
      const got = await closeByHarness(harness, position, px("2"), 0n, 0n, token);
      expect(got.closeFee).to.equal(2n);
    });
  });

  describe("pnlAt", () => {
    it("is the model's, exactly", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(anyPosition, anyPrice, async ({ position }, price) => {
        const { isLong, size, entry } = position;
        expect(await harness.pnlAt(isLong, size, entry, price)).to.equal(pnlUsd(position, price));
      });
      await fc.assert(property, RUNS);
    });
  });

  describe("isLiquidatable", () => {
    it("decides as the model does", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(later, async ({ open, price, carry, token }) => {
        const { position } = open;
        const marginUsd = await harness.usdDown(position.margin, tokenOf(token));
        const got = await harness.isLiquidatable(pnlUsd(position, price), carry, marginUsd, position.llrPips);
        expect(got).to.equal(isLiquidatable(position, price, carry, token));
      });
      await fc.assert(property, RUNS);
    });

    it("counts the boundary as reached, a margin worth nothing included", async () => {
      const harness = await loadFixture(deploy);
      expect(await harness.isLiquidatable(usd("-60"), 0n, usd("100"), 600_000n)).to.equal(true);
      expect(await harness.isLiquidatable(usd("-60") + 1n, 0n, usd("100"), 600_000n)).to.equal(false);
      expect(await harness.isLiquidatable(usd("-50"), usd("10"), usd("100"), 600_000n)).to.equal(true);
      expect(await harness.isLiquidatable(0n, 0n, 0n, 600_000n)).to.equal(true);
      expect(await harness.isLiquidatable(1n, 0n, 0n, 600_000n)).to.equal(false);
    });
  });

  describe("priceOfLoss", () => {
    it("is the model's liquidation and bankruptcy price, within the range of prices", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(later, async ({ open, carry, token }) => {
        const { position } = open;
        const { isLong, size, entry, llrPips } = position;
        const marginUsd = toUsdDown(position.margin, token);
        const at = (share: bigint) => harness.priceOfLoss(isLong, size, entry, carry, marginUsd, share);
        expect(await at(llrPips)).to.equal(clamp(liquidationPrice(position, carry, token), 0n, MAX_PRICE));
        expect(await at(PIPS)).to.equal(clamp(bankruptcyPrice(position, carry, token), 0n, MAX_PRICE));
      });
      await fc.assert(property, RUNS);
    });

    it("solves with the price of the margin where that is in kind, to the unit at which the rule turns", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(later, async ({ open, carry, token }) => {
        const { position } = open;
        const { isLong, size, entry, margin } = position;
        const unit = 10n ** BigInt(token.decimals);
        const exposure = { isLong, size, entry, carryOwed: carry, margin, token: tokenOf(token), isInKind: true };
        for (const [share, model] of [
          [position.llrPips, liquidationPriceInKind],
          [PIPS, bankruptcyPriceInKind],
        ] as const) {
          // Where a price of one unit more changes loss and margin by less than a unit against each other, the rule turns
          // more than once.
          const slope = size * unit * PIPS - share * margin * 10n ** 8n;
          if (!isLong && slope > -unit * PIPS && slope < unit * PIPS) continue;
          if (!isLong && slope < 0n && carry >= entry * size) continue;
          const wanted = clamp(model(position, carry, token.decimals), 0n, MAX_PRICE);
          expect(await harness.shownPriceOfLoss(exposure, share)).to.equal(wanted);
        }
      });
      await fc.assert(property, RUNS);
    });

    it("is the end of all prices where a margin in kind is lost at each of them", async () => {
      const harness = await loadFixture(deploy);
      const shared = { size: 1n, entry: 1n, carryOwed: 10n ** 60n, margin: 0n, token: { price: 1n, unit: 1n } };
      for (const isLong of [true, false]) {
        const exposure = { ...shared, isLong, isInKind: true };
        expect(await harness.shownPriceOfLoss(exposure, PIPS)).to.equal(isLong ? MAX_PRICE : 0n);
      }
    });

    it("is the first price at which the position is liquidatable", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(later, async ({ open, carry, token }) => {
        const { position } = open;
        const { isLong, size, entry, llrPips } = position;
        const marginUsd = toUsdDown(position.margin, token);
        const price = await harness.priceOfLoss(isLong, size, entry, carry, marginUsd, llrPips);
        if (price <= 1n || price >= MAX_PRICE) return;
        const isAt = async (tick: bigint) =>
          harness.isLiquidatable(await harness.pnlAt(isLong, size, entry, tick), carry, marginUsd, llrPips);
        expect(await isAt(price)).to.equal(true);
        expect(await isAt(isLong ? price + 1n : price - 1n)).to.equal(false);
      });
      await fc.assert(property, RUNS);
    });
  });

  describe("liquidationReward", () => {
    it("is the model's", async () => {
      const harness = await loadFixture(deploy);
      const margin = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.bigInt({ min: 0n, max: 2n * MAX_UINT96 }));
      const property = fc.asyncProperty(margin, anyToken, async (amount, token) => {
        expect(await harness.liquidationReward(amount, tokenOf(token))).to.equal(liquidationReward(amount, token));
      });
      await fc.assert(property, RUNS);
    });
  });

  describe("capOf", () => {
    it("is the model's", async () => {
      const harness = await loadFixture(deploy);
      const amount = fc.bigInt({ min: 0n, max: MAX_UINT96 });
      const property = fc.asyncProperty(amount, fc.bigInt({ min: 0n, max: 10_000_000n }), async (margin, cap) => {
        expect(await harness.capOf(margin, cap)).to.equal(gainCap(margin, cap));
      });
      await fc.assert(property, RUNS);
    });
  });

  describe("capPrice", () => {
    it("is the model's bound of a take profit, and never beyond where the gain reaches the cap", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(anyPosition, async ({ position, opened, leverage }) => {
        const { isLong, entry, profitCapPips } = position;
        const got = await harness.capPrice(isLong, entry, leverage, profitCapPips);
        expect(got).to.equal(takeProfitBound(isLong, entry, leverage, profitCapPips));
        const furthest = takeProfitAtCap(position, opened.marginUsd);
        expect(isLong ? got <= furthest : got >= furthest).to.equal(true);
      });
      await fc.assert(property, RUNS);
    });
  });
});
