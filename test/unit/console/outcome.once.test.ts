import { expect } from "chai";
import { outcomesOf, tierOf, worstPrice } from "../../../console/src/view/outcome";
import { closeTrade, isLiquidatable, openTrade } from "../../../sdk/model";
import type { Position } from "../../../sdk/model";
import { px, tokens, usd } from "../../../sdk/units";

const DECIMALS = 18;
const token = { decimals: DECIMALS, price: px("1") };
const executionFeeUsd = usd("0.5");
const terms = {
  liquidationLossRatePips: 600_000n,
  profitCapPips: 3_000_000n,
  closeFeePips: 300n,
  profitSharePips: 150_000n,
};

describe("console: outcomes before signing", () => {
  const mark = px("60000");
  const paidIn = tokens("50", DECIMALS);
  const order = { isLong: true, leverage: 1001n, amountIn: paidIn, token, executionFeeUsd, openFeePips: 0n };
  const opened = openTrade({ ...order, tick: mark, slippagePips: 100n });
  const opening = { isLong: true, entry: opened.entry, size: opened.size, margin: opened.margin };
  const outcomes = outcomesOf({ opening, terms, token, mark, slippagePips: 100n, executionFeeUsd, paidIn });

  it("is what the specification's arithmetic says of a close at each move", () => {
    const position: Position = {
      ...{ isLong: true, entry: opened.entry, size: opened.size, margin: opened.margin, initialMargin: opened.margin },
      ...{ llrPips: 600_000n, profitCapPips: 3_000_000n, closeFeeKind: "degen", closeFeePips: 300n },
    };
    expect(outcomes.map(({ movePips }) => movePips)).to.deep.equal([-1_000n, -500n, 0n, 500n, 1_000n]);
    for (const { price, payout, isLiquidated, result } of outcomes) {
      expect(isLiquidated).to.equal(isLiquidatable(position, price, 0n, token));
      const close = { position, tick: price, slippagePips: 100n, token, carryOwedUsd: 0n, executionFeeUsd };
      const expected = isLiquidated ? 0n : closeTrade({ ...close, executionFeeCount: 1n }).payout;
      expect(payout).to.equal(expected);
      expect(result).to.equal(expected - paidIn);
    }
  });

  it("shows that a tenth of a percent takes the margin of 1001x, and wins less than it", () => {
    const [lost, , , , won] = outcomes;
    expect(lost.isLiquidated).to.equal(true);
    expect(lost.result).to.equal(0n - paidIn);
    expect(won.result > 0n && won.result < paidIn).to.equal(true);
  });

  it("bounds the price on the side that costs", () => {
    expect(worstPrice(px("60000"), 2_000n, true)).to.equal(px("60120"));
    expect(worstPrice(px("60000"), 2_000n, false)).to.equal(px("59880"));
  });

  it("finds the first tier that has the leverage", () => {
    const tiers = [{ maxLeverage: 750n }, { maxLeverage: 1_001n }];
    expect(tierOf(tiers, 750)).to.equal(tiers[0]);
    expect(tierOf(tiers, 751)).to.equal(tiers[1]);
    expect(tierOf(tiers, 1_002)).to.equal(undefined);
  });
});
