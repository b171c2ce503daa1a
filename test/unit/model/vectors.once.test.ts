import { expect } from "chai";
import type { FeeKind, OpenResult, Position } from "../../../sdk/model";
import {
  bankruptcyPrice,
  burnFeePips,
  closeTrade,
  isLiquidatable,
  liquidationPrice,
  openTrade,
  ratePerSecond,
  settleLiquidation,
} from "../../../sdk/model";
import type { CloseVector, PositionVector } from "./vectors";
import { readVectors } from "./vectors";

function opened(row: PositionVector): OpenResult {
  return openTrade({
    isLong: row.isLong,
    leverage: BigInt(row.leverage),
    amountIn: BigInt(row.amountIn),
    token: { decimals: row.tokenDecimals, price: BigInt(row.tokenPriceAtOpen) },
    executionFeeUsd: BigInt(row.executionFeeUsd),
    openFeePips: BigInt(row.openFeePips),
    tick: BigInt(row.tick),
    slippagePips: BigInt(row.slippagePips),
  });
}

function positionOf(row: PositionVector): Position {
  const { entry, size, margin } = opened(row);
  const closeFeeKind: FeeKind = row.mode === "Standard" ? "standard" : "degen";
  return {
    isLong: row.isLong,
    entry,
    size,
    margin,
    initialMargin: margin,
    llrPips: BigInt(row.llrPips),
    profitCapPips: BigInt(row.profitCapPips),
    closeFeeKind,
    closeFeePips: row.mode === "Standard" ? 800n : 300n,
  };
}

function closed(row: PositionVector, executionFeeCount: bigint): CloseVector {
  const result = closeTrade({
    position: positionOf(row),
    tick: BigInt(row.closeTick),
    slippagePips: BigInt(row.slippagePips),
    token: { decimals: row.tokenDecimals, price: BigInt(row.tokenPriceAtClose) },
    carryOwedUsd: BigInt(row.carryOwedUsd),
    executionFeeUsd: BigInt(row.executionFeeUsd),
    executionFeeCount,
  });
  return {
    exit: result.exit.toString(),
    pnlUsd: result.pnlUsd.toString(),
    gainTokens: result.gain.toString(),
    executionFeeTokens: result.executionFee.toString(),
    closeFeeTokens: result.closeFee.toString(),
    payout: result.payout.toString(),
  };
}

describe("model: published vectors", () => {
  const vectors = readVectors();

  it("are all there", () => {
    const { positions, alpFees, funding } = vectors;
    expect([positions.length, alpFees.length, funding.length]).to.deep.equal([36, 36, 36]);
  });

  it("opens every position exactly", () => {
    vectors.positions.forEach((row, index) => {
      const { margin, openFee, marginUsd, entry, size, notional } = opened(row);
      const got = { margin, openFee, marginUsd, entry, size, notional };
      const text = Object.fromEntries(Object.entries(got).map(([key, value]) => [key, value.toString()]));
      expect(text, `position ${index}`).to.deep.equal(row.open);
    });
  });

  it("finds every liquidation and bankruptcy price exactly", () => {
    vectors.positions.forEach((row, index) => {
      const token = { decimals: row.tokenDecimals, price: BigInt(row.tokenPriceAtOpen) };
      const carry = BigInt(row.carryOwedUsd);
      expect(liquidationPrice(positionOf(row), carry, token), `position ${index}`).to.equal(
        BigInt(row.liquidationPrice),
      );
      expect(bankruptcyPrice(positionOf(row), carry, token), `position ${index}`).to.equal(BigInt(row.bankruptcyPrice));
    });
  });

  it("closes or liquidates every position exactly", () => {
    vectors.positions.forEach((row, index) => {
      const token = { decimals: row.tokenDecimals, price: BigInt(row.tokenPriceAtClose) };
      const carry = BigInt(row.carryOwedUsd);
      const tick = BigInt(row.closeTick);
      expect(isLiquidatable(positionOf(row), tick, carry, token), `position ${index}`).to.equal(
        row.liquidatableAtCloseTick,
      );
      if (row.liquidation !== undefined) {
        const { reward, toVault, badDebt } = settleLiquidation(positionOf(row), tick, carry, token);
        expect(
          { reward: reward.toString(), toVault: toVault.toString(), badDebt: badDebt.toString() },
          `position ${index}`,
        ).to.deep.equal(row.liquidation);
        return;
      }
      expect(closed(row, 0n), `position ${index}, by its owner`).to.deep.equal(row.closeByOwner);
      expect(closed(row, 1n), `position ${index}, by another`).to.deep.equal(row.closeByAnother);
    });
  });

  it("charges every ALP fee exactly", () => {
    vectors.alpFees.forEach((row, index) => {
      const fee = burnFeePips({
        targetUsd: BigInt(row.targetUsd),
        beforeUsd: BigInt(row.beforeUsd),
        afterUsd: BigInt(row.afterUsd),
        basePips: BigInt(row.basePips),
        taxPips: BigInt(row.taxPips),
      });
      expect(fee, `fee ${index}`).to.equal(BigInt(row.feePips));
    });
  });

  it("sets every funding rate exactly", () => {
    vectors.funding.forEach((row, index) => {
      const rate = ratePerSecond(BigInt(row.longNotionalUsd), BigInt(row.shortNotionalUsd), {
        fundingFactorX18: BigInt(row.fundingFactorX18),
        minRateX18: BigInt(row.minRateX18),
        maxRateX18: BigInt(row.maxRateX18),
      });
      expect(rate, `rate ${index}`).to.equal(BigInt(row.ratePerSecondX18));
    });
  });
});
