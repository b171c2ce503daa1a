import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import {
  MAX_PRICE,
  entryPriceX18,
  executionFeeTokens,
  sizeOf,
  splitAmountIn,
  toTokensDown,
  toTokensUp,
  toUsdDown,
} from "../../../../sdk/model";
import { X18, px, tokens, usd } from "../../../../sdk/units";
import { MAX_UINT96, RUNS, anyPosition, anyPrice, anyToken, tokenOf } from "./positions";

const deploy = () => ethers.deployContract("TradeMathHarness");

describe("TradeMath: opening", () => {
  before(() => console.log(`      seed ${RUNS.seed}, ${RUNS.numRuns} runs`));

  describe("usdDown, tokensDown, tokensUp", () => {
    it("convert as the model does", async () => {
      const harness = await loadFixture(deploy);
      const amount = fc.bigInt({ min: 0n, max: 2n ** 160n });
      const property = fc.asyncProperty(amount, anyToken, async (value, token) => {
        expect(await harness.usdDown(value, tokenOf(token))).to.equal(toUsdDown(value, token));
        expect(await harness.tokensDown(value, tokenOf(token))).to.equal(toTokensDown(value, token));
        expect(await harness.tokensUp(value, tokenOf(token))).to.equal(toTokensUp(value, token));
      });
      await fc.assert(property, RUNS);
    });
  });

  describe("withSlippage", () => {
    it("moves a price as the model does", async () => {
      const harness = await loadFixture(deploy);
      const rate = fc.bigInt({ min: 0n, max: X18 / 4n });
      const property = fc.asyncProperty(anyPrice, rate, fc.boolean(), async (tick, slippageX18, isBuy) => {
        const moved = entryPriceX18(tick, slippageX18, isBuy);
        if (moved > MAX_PRICE) return;
        expect(await harness.withSlippage(tick, slippageX18, isBuy)).to.equal(moved);
      });
      await fc.assert(property, RUNS);
    });

    it("reverts above the largest price, with the value", async () => {
      const harness = await loadFixture(deploy);
      await expect(harness.withSlippage(MAX_PRICE, 1n, true))
        .to.be.revertedWithCustomError(harness, "Units_Overflow")
        .withArgs(MAX_PRICE + 19n, MAX_PRICE);
      expect(await harness.withSlippage(MAX_PRICE, 0n, true)).to.equal(MAX_PRICE);
    });
  });

  describe("divide", () => {
    it("divides an amount as the model does, with nothing left over", async () => {
      const harness = await loadFixture(deploy);
      const amount = fc.bigInt({ min: 0n, max: MAX_UINT96 });
      const leverage = fc.bigInt({ min: 1n, max: 1001n });
      const fee = fc.constantFrom(0n, usd("0.2"), usd("0.5"));
      const openFee = fc.bigInt({ min: 0n, max: 10_000n });
      const property = fc.asyncProperty(
        amount,
        leverage,
        fee,
        openFee,
        anyToken,
        async (paid, times, feeUsd, pips, token) => {
          const fill = await harness.divide(paid, feeUsd, times, pips, tokenOf(token));
          const split = splitAmountIn(paid, executionFeeTokens(feeUsd, token), times, pips);
          expect([fill.executionFee, fill.openFee, fill.margin]).to.deep.equal([
            split.executionFee,
            split.openFee,
            split.margin,
          ]);
          expect(fill.marginUsd).to.equal(toUsdDown(split.margin, token));
          expect(fill.executionFee + fill.openFee + fill.margin).to.equal(paid);
        },
      );
      await fc.assert(property, RUNS);
    });

    it("takes no more than the amount when it does not cover the execution fee", async () => {
      const harness = await loadFixture(deploy);
      const dollar = tokenOf({ decimals: 6, price: px("1") });
      const fill = await harness.divide(tokens("0.3", 6), usd("0.5"), 100n, 800n, dollar);
      expect([fill.executionFee, fill.openFee, fill.margin]).to.deep.equal([tokens("0.3", 6), 0n, 0n]);
    });
  });

  describe("sizeAt", () => {
    it("sizes as the model does; notional is size times entry", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(anyPosition, async ({ opened, position, leverage }) => {
        const fill = await harness.sizeAt(opened.marginUsd, position.entry, leverage);
        expect(fill.size).to.equal(sizeOf(opened.marginUsd, leverage, position.entry));
        expect(fill.notional).to.equal(fill.size * position.entry);
      });
      await fc.assert(property, RUNS);
    });

    it("reverts above the largest size, with the value", async () => {
      const harness = await loadFixture(deploy);
      expect((await harness.sizeAt(MAX_UINT96, 1n, 1n)).size).to.equal(MAX_UINT96);
      await expect(harness.sizeAt(MAX_UINT96 + 1n, 1n, 1n))
        .to.be.revertedWithCustomError(harness, "Units_Overflow")
        .withArgs(MAX_UINT96 + 1n, MAX_UINT96);
    });
  });
});
