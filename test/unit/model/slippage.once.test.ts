import { expect } from "chai";
import fc from "fast-check";
import type { SlippageInput, SlippageModel } from "../../../sdk/model";
import {
  MAX_SLIPPAGE_X18,
  depthSlippageX18,
  exitSlippageX18,
  pipsToX18,
  slippageX18,
  wideningPart,
} from "../../../sdk/model";
import { X18, usd } from "../../../sdk/units";
import { isRoundedUp } from "./arbitraries";

const amount = fc.bigInt({ min: 0n, max: 10n ** 25n });
const traded = fc.bigInt({ min: 1n, max: 10n ** 24n });
/** Deep enough that none of these trades reaches the bound, where splitting does gain. */
const depth = fc.bigInt({ min: 5n * 10n ** 23n, max: 10n ** 26n });
const fixedPips = fc.bigInt({ min: 0n, max: 500n });

function trade(changes: Partial<SlippageInput>): SlippageInput {
  return { isLong: true, isOpening: true, longUsd: 0n, shortUsd: 0n, notional: usd("1000"), ...changes };
}

describe("model: slippage", () => {
  const deep = { fixedPips: 100n, onePercentDepthUsd: usd("1000000") };
  const depthModel: SlippageModel = { kind: "depth", ...deep };
  const skewModel: SlippageModel = { kind: "skew", ...deep };

  it("is constant in the fixed model", () => {
    expect(slippageX18({ kind: "fixed", fixedPips: 100n }, trade({ longUsd: usd("5000000") }))).to.equal(
      pipsToX18(100n),
    );
  });

  it("moves one percent at the one-percent depth, half the trade counting", () => {
    expect(slippageX18(depthModel, trade({ longUsd: usd("1000000"), notional: 0n }))).to.equal(pipsToX18(10_000n));
    expect(slippageX18(depthModel, trade({ notional: usd("1000000") }))).to.equal(pipsToX18(5_000n));
    expect(
      slippageX18(depthModel, trade({ isLong: false, shortUsd: usd("500000"), notional: usd("1000000") })),
    ).to.equal(pipsToX18(10_000n));
    expect(slippageX18(depthModel, trade({ notional: usd("1") }))).to.equal(pipsToX18(100n));
  });

  it("is at most that of the terms at an exit, in every model", () => {
    const { isOpening: _, ...large } = trade({ longUsd: usd("1000000"), notional: usd("1000000") });
    expect(exitSlippageX18(depthModel, large, 20_000n)).to.equal(pipsToX18(15_000n));
    expect(exitSlippageX18(depthModel, large, 15_000n)).to.equal(pipsToX18(15_000n));
    expect(exitSlippageX18(depthModel, large, 14_999n)).to.equal(pipsToX18(14_999n));
    expect(exitSlippageX18(skewModel, { ...large, shortUsd: usd("3000000") }, 99n)).to.equal(pipsToX18(99n));
    expect(exitSlippageX18({ kind: "fixed", fixedPips: 100n }, large, 50n)).to.equal(pipsToX18(50n));
    expect(exitSlippageX18({ kind: "fixed", fixedPips: 100n }, large, 100n)).to.equal(pipsToX18(100n));
  });

  it("finds the part that widens the gap", () => {
    const gap = { longUsd: usd("300"), shortUsd: usd("700") };
    expect(wideningPart(trade({ ...gap, notional: usd("1000") }))).to.equal(usd("600"));
    expect(wideningPart(trade({ ...gap, notional: usd("400") }))).to.equal(0n);
    expect(wideningPart(trade({ ...gap, isLong: false, notional: usd("400") }))).to.equal(usd("400"));
    expect(wideningPart(trade({ ...gap, isOpening: false, notional: usd("1000") }))).to.equal(usd("400"));
    expect(wideningPart(trade({ ...gap, isOpening: false, isLong: false, notional: usd("1") }))).to.equal(0n);
  });

  it("charges the fixed rate on what closes the gap and depth on what widens it", () => {
    const gap = { longUsd: usd("1000000"), shortUsd: usd("2000000") };
    expect(slippageX18(skewModel, trade({ ...gap, notional: usd("1000000") }))).to.equal(pipsToX18(100n));
    // Half of it at 100 pips, half at (2,000,000 + 500,000) / 100,000,000.
    expect(slippageX18(skewModel, trade({ ...gap, notional: usd("2000000") }))).to.equal(pipsToX18(12_550n));
    expect(slippageX18(skewModel, trade({ ...gap, isLong: false, notional: usd("1000000") }))).to.equal(
      pipsToX18(25_000n),
    );
    expect(slippageX18(skewModel, trade({ ...gap, notional: 0n }))).to.equal(pipsToX18(100n));
  });

  it("is rounded up once and never below the fixed rate", () => {
    fc.assert(
      fc.property(amount, traded, depth, fixedPips, (oi, notional, onePercent, fixed) => {
        const s = depthSlippageX18(oi, notional, onePercent, fixed);
        if (s === pipsToX18(fixed) || s === MAX_SLIPPAGE_X18) return true;
        return s > pipsToX18(fixed) && isRoundedUp(s, (2n * oi + notional) * X18, 200n * onePercent);
      }),
    );
  });

  it("never passes a quarter of the price", () => {
    const crowded = trade({ longUsd: usd("25000000"), notional: usd("1000") });
    expect(slippageX18(depthModel, crowded)).to.equal(MAX_SLIPPAGE_X18);
    expect(slippageX18(skewModel, crowded)).to.equal(MAX_SLIPPAGE_X18);
  });

  it("gains nothing by splitting, beyond the rounding of the whole, below the bound", () => {
    const kind = fc.constantFrom<"depth" | "skew">("depth", "skew");
    fc.assert(
      fc.property(
        fc.record({ kind, fixedPips, onePercentDepthUsd: depth }),
        fc.record({ isLong: fc.boolean(), isOpening: fc.boolean(), longUsd: amount, shortUsd: amount }),
        traded,
        traded,
        (model, book, a, b) => {
          const shifted = (by: bigint) => ({
            ...book,
            longUsd: book.longUsd + (book.isLong ? by : 0n),
            shortUsd: book.shortUsd + (book.isLong ? 0n : by),
          });
          // Without this trade: an opening's second part finds the first in place, a close's first part the second.
          const first = slippageX18(model, { ...(book.isOpening ? book : shifted(b)), notional: a });
          const second = slippageX18(model, { ...(book.isOpening ? shifted(a) : book), notional: b });
          const whole = slippageX18(model, { ...book, notional: a + b });
          return first * a + second * b > (whole - 1n) * (a + b);
        },
      ),
    );
  });
});
