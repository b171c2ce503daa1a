import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { TradeMathHarness } from "../../../../typechain-types";
import type { CloseVector, PositionVector } from "../../model/vectors";
import { readVectors } from "../../model/vectors";

const STANDARD_CLOSE_FEE_PIPS = 800n;
const DEGEN_CLOSE_FEE_PIPS = 300n;
const DEGEN_PROFIT_SHARE_PIPS = 150_000n;
const ALL_PIPS = 1_000_000n;
const X18_PER_PIP = 10n ** 12n;

function tokenAt(row: PositionVector, price: string) {
  return { price: BigInt(price), unit: 10n ** BigInt(row.tokenDecimals) };
}

function termsOf(row: PositionVector) {
  const isDegen = row.mode === "Degen";
  return {
    liquidationLossRatePips: row.llrPips,
    profitCapPips: row.profitCapPips,
    closeFeePips: isDegen ? DEGEN_CLOSE_FEE_PIPS : STANDARD_CLOSE_FEE_PIPS,
    profitSharePips: isDegen ? DEGEN_PROFIT_SHARE_PIPS : 0n,
    maxExitSlippagePips: ALL_PIPS,
  };
}

/** The two steps of an opening. */
async function openWith(harness: TradeMathHarness, row: PositionVector) {
  const token = tokenAt(row, row.tokenPriceAtOpen);
  const { amountIn, executionFeeUsd, leverage, openFeePips, tick, isLong } = row;
  const divided = await harness.divide(amountIn, executionFeeUsd, leverage, openFeePips, token);
  const entry = await harness.withSlippage(tick, BigInt(row.slippagePips) * X18_PER_PIP, isLong);
  const sized = await harness.sizeAt(divided.marginUsd, entry, leverage);
  const { executionFee, openFee, margin, marginUsd } = divided;
  return { executionFee, openFee, margin, marginUsd, entry, size: sized.size, notional: sized.notional };
}

async function closeWith(harness: TradeMathHarness, row: PositionVector, executionFeeUsd: string) {
  const { margin, size, entry } = row.open;
  const exit = await harness.withSlippage(row.closeTick, BigInt(row.slippagePips) * X18_PER_PIP, !row.isLong);
  const input = { margin, addedMargin: 0n, isLong: row.isLong, size, entry, exit, carryOwed: row.carryOwedUsd };
  const token = tokenAt(row, row.tokenPriceAtClose);
  const paid = { executionFeeUsd, isExecutorPaid: true, isArmerPaid: false };
  const result = await harness.close({ ...input, ...paid }, termsOf(row), token, token);
  const { pnlUsd, gain, loss, executionFee, closeFee, payout } = result;
  return { exit, pnlUsd, gain, loss, executionFee, closeFee, payout };
}

function expectClose(got: Awaited<ReturnType<typeof closeWith>>, wanted: CloseVector | undefined, what: string): void {
  if (wanted === undefined) throw new Error(`${what}: nothing published`);
  expect(got.exit, what).to.equal(BigInt(wanted.exit));
  expect(got.pnlUsd, what).to.equal(BigInt(wanted.pnlUsd));
  expect(got.executionFee, what).to.equal(BigInt(wanted.executionFeeTokens));
  expect(got.closeFee, what).to.equal(BigInt(wanted.closeFeeTokens));
  expect(got.payout, what).to.equal(BigInt(wanted.payout));
  const gain = BigInt(wanted.gainTokens);
  // What is collected of a loss ends where the margin does.
  if (gain >= 0n) expect([got.gain, got.loss], what).to.deep.equal([gain, 0n]);
  else expect(got.loss <= -gain && got.gain === 0n, what).to.equal(true);
}

describe("TradeMath: published vectors", () => {
  const deploy = () => ethers.deployContract("TradeMathHarness");
  const vectors = readVectors();

  describe("divide, withSlippage, sizeAt", () => {
    it("open every position exactly", async () => {
      const harness = await loadFixture(deploy);
      for (const [index, row] of vectors.positions.entries()) {
        const opened = await openWith(harness, row);
        for (const key of ["margin", "openFee", "marginUsd", "entry", "size", "notional"] as const) {
          expect(opened[key], `position ${index}, ${key}`).to.equal(BigInt(row.open[key]));
        }
        expect(opened.margin + opened.openFee + opened.executionFee).to.equal(BigInt(row.amountIn));
      }
    });
  });

  describe("priceOfLoss", () => {
    it("finds every liquidation and bankruptcy price exactly", async () => {
      const harness = await loadFixture(deploy);
      for (const [index, row] of vectors.positions.entries()) {
        const { size, entry, marginUsd } = row.open;
        const at = (share: bigint) => harness.priceOfLoss(row.isLong, size, entry, row.carryOwedUsd, marginUsd, share);
        expect(await at(BigInt(row.llrPips)), `position ${index}`).to.equal(BigInt(row.liquidationPrice));
        expect(await at(ALL_PIPS), `position ${index}`).to.equal(BigInt(row.bankruptcyPrice));
      }
    });
  });

  describe("isLiquidatable, liquidationReward", () => {
    it("decide and settle every liquidation exactly", async () => {
      const harness = await loadFixture(deploy);
      for (const [index, row] of vectors.positions.entries()) {
        const { size, entry } = row.open;
        const token = tokenAt(row, row.tokenPriceAtClose);
        const carry = BigInt(row.carryOwedUsd);
        const pnl = await harness.pnlAt(row.isLong, size, entry, row.closeTick);
        const marginUsd = await harness.usdDown(row.open.margin, token);
        const isLiquidatable = await harness.isLiquidatable(pnl, carry, marginUsd, row.llrPips);
        expect(isLiquidatable, `position ${index}`).to.equal(row.liquidatableAtCloseTick);
        if (row.liquidation === undefined) continue;
        const margin = BigInt(row.open.margin);
        const reward = await harness.liquidationReward(margin, token);
        const owed = (await harness.tokensUp(carry - pnl, token)) + reward;
        expect(reward, `position ${index}`).to.equal(BigInt(row.liquidation.reward));
        expect(margin - reward, `position ${index}`).to.equal(BigInt(row.liquidation.toVault));
        expect(owed > margin ? owed - margin : 0n, `position ${index}`).to.equal(BigInt(row.liquidation.badDebt));
      }
    });
  });

  describe("close", () => {
    it("settles every close exactly, by the owner and by another", async () => {
      const harness = await loadFixture(deploy);
      for (const [index, row] of vectors.positions.entries()) {
        if (row.liquidation !== undefined) continue;
        expectClose(await closeWith(harness, row, "0"), row.closeByOwner, `position ${index}, by its owner`);
        const byAnother = await closeWith(harness, row, row.executionFeeUsd);
        expectClose(byAnother, row.closeByAnother, `position ${index}, by another`);
      }
    });
  });
});
