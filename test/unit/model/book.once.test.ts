import { expect } from "chai";
import fc from "fast-check";
import type { SideSums } from "../../../sdk/model";
import {
  addToSide,
  carryOwedUsd,
  contributionOf,
  decayLoss,
  EMPTY_SIDE,
  hasRoom,
  holdLoss,
  isBudgetExceeded,
  leastLossRatePercent,
  lpPnl,
  NANO_USD,
  pnlUsd,
  recordLoss,
  removeFromSide,
  worstLpPnl,
} from "../../../sdk/model";
import { PIPS, px, size, usd } from "../../../sdk/units";
import type { OpenedPosition } from "./arbitraries";
import { movePips, openedPosition } from "./arbitraries";

const index = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const entries = fc.array(fc.record({ opened: openedPosition, index }), { minLength: 1, maxLength: 8 });

function partOf({ opened, index: indexAtOpenX18 }: { opened: OpenedPosition; index: bigint }): SideSums {
  const { position, input } = opened;
  return contributionOf({ ...position, leverage: input.leverage, indexAtOpenX18 });
}

describe("model: book sums", () => {
  it("bounds every margin from below and every cap from above", () => {
    fc.assert(
      fc.property(openedPosition, ({ position, input, result }) => {
        const part = contributionOf({ ...position, leverage: input.leverage, indexAtOpenX18: 0n });
        const margin = part.marginNanoSum * NANO_USD;
        const cap = part.capNanoSum * NANO_USD;
        return (
          margin <= result.marginUsd &&
          cap * PIPS >= position.profitCapPips * result.marginUsd &&
          (result.marginUsd - margin) * input.leverage <= position.entry + input.leverage * NANO_USD
        );
      }),
    );
  });

  it("returns to empty when every position has left, in any order", () => {
    fc.assert(
      fc.property(entries, (list) => {
        const parts = list.map(partOf);
        const full = parts.reduce(addToSide, EMPTY_SIDE);
        const left = [...parts].reverse().reduce(removeFromSide, full);
        expect(left).to.deep.equal(EMPTY_SIDE);
      }),
    );
  });

  it("values a side as the sum of its positions, to a unit each", () => {
    fc.assert(
      fc.property(entries, fc.boolean(), movePips, index, (list, isLong, move, indexNow) => {
        const same = list.map(({ opened, index: at }) => ({
          opened: { ...opened, position: { ...opened.position, isLong } },
          index: at,
        }));
        const side = same.map(partOf).reduce(addToSide, EMPTY_SIDE);
        const unbounded: SideSums = { ...side, marginNanoSum: 10n ** 60n, capNanoSum: 10n ** 60n };
        const price = (same[0].opened.position.entry * move) / PIPS;
        const exact = same.reduce((sum, { opened: { position, result }, index: at }) => {
          return sum - pnlUsd(position, price) + carryOwedUsd(result.notional, indexNow, at);
        }, 0n);
        const gap = lpPnl(isLong, unbounded, price, indexNow) - exact;
        return gap >= -BigInt(same.length) - 1n && gap <= BigInt(same.length);
      }),
    );
  });

  it("never leaves the clamp, and is nothing without positions", () => {
    fc.assert(
      fc.property(entries, fc.boolean(), movePips, index, (list, isLong, move, indexNow) => {
        const side = list.map(partOf).reduce(addToSide, EMPTY_SIDE);
        const value = lpPnl(isLong, side, (list[0].opened.position.entry * move) / PIPS, indexNow);
        return value >= worstLpPnl(side) && value <= side.marginNanoSum * NANO_USD;
      }),
    );
    expect(lpPnl(true, EMPTY_SIDE, px("60000"), 5n)).to.equal(0n);
  });

  it("counts the other side's sign", () => {
    const part = contributionOf({
      entry: px("60000"),
      size: size("1"),
      leverage: 100n,
      profitCapPips: 5_000_000n,
      indexAtOpenX18: 0n,
    });
    expect(lpPnl(true, part, px("59900"), 0n)).to.equal(usd("100"));
    expect(lpPnl(false, part, px("59900"), 0n)).to.equal(usd("-100"));
    expect(lpPnl(true, part, px("1"), 0n)).to.equal(usd("600"));
    expect(lpPnl(true, part, px("900000"), 0n)).to.equal(-part.capNanoSum * NANO_USD);
    expect(lpPnl(true, part, px("60000"), 10n ** 15n)).to.equal(usd("60"));
  });
});

describe("model: least loss rate", () => {
  it("is rounded down to whole percent", () => {
    expect(leastLossRatePercent(0n, true, [600_000n])).to.equal(60n);
    expect(leastLossRatePercent(0n, true, [599_999n])).to.equal(59n);
    expect(leastLossRatePercent(0n, true, [950_000n, 509_999n, 600_000n])).to.equal(50n);
  });

  it("remembers the tiers before while a position may be of one of them", () => {
    expect(leastLossRatePercent(60n, false, [800_000n])).to.equal(60n);
    expect(leastLossRatePercent(60n, false, [550_000n])).to.equal(55n);
    expect(leastLossRatePercent(60n, true, [800_000n])).to.equal(80n);
  });
});

describe("model: loss budget", () => {
  const budget = usd("3600");

  it("drains by budget / 3600 a second, down to 0 and no further", () => {
    const loss = { lossUsd: usd("100"), at: 1_000n };
    expect(decayLoss(loss, budget, 1_040n)).to.deep.equal({ lossUsd: usd("60"), at: 1_040n });
    expect(decayLoss(loss, budget, 1_100n).lossUsd).to.equal(0n);
    expect(decayLoss(loss, budget, 9_999n).lossUsd).to.equal(0n);
  });

  it("forgets a credit by budget / 600 a second, up to 0 and no further", () => {
    const credit = { lossUsd: usd("-600"), at: 1_000n };
    expect(decayLoss(credit, budget, 1_040n)).to.deep.equal({ lossUsd: usd("-360"), at: 1_040n });
    expect(decayLoss(credit, budget, 1_100n).lossUsd).to.equal(0n);
    expect(decayLoss(credit, budget, 9_999n).lossUsd).to.equal(0n);
    expect(decayLoss({ lossUsd: 0n - budget, at: 0n }, budget, 599n).lossUsd).to.equal(usd("-6"));
    expect(decayLoss({ lossUsd: 0n - budget, at: 0n }, budget, 600n).lossUsd).to.equal(0n);
  });

  it("nets gains paid with losses kept, a credit at most the budget", () => {
    const loss = recordLoss({ lossUsd: 0n, at: 0n }, budget, 10n, usd("50"));
    expect(recordLoss(loss, budget, 10n, usd("-20")).lossUsd).to.equal(usd("30"));
    expect(recordLoss(loss, budget, 10n, usd("-80")).lossUsd).to.equal(usd("-30"));
    expect(recordLoss(loss, budget, 10n, usd("-3650")).lossUsd).to.equal(0n - budget);
    expect(recordLoss(loss, budget, 10n, usd("-3650") - 1n).lossUsd).to.equal(0n - budget);
    expect(recordLoss(loss, budget, 20n, 0n).lossUsd).to.equal(usd("40"));
    expect(holdLoss({ lossUsd: usd("-50"), at: 3n }, usd("20"))).to.deep.equal({ lossUsd: usd("-20"), at: 3n });
    expect(holdLoss({ lossUsd: usd("50"), at: 3n }, usd("20")).lossUsd).to.equal(usd("50"));
  });

  it("is the same in any order of gains and losses that a credit of the budget can hold", () => {
    const results = fc.array(fc.bigInt({ min: usd("-300"), max: usd("300") }), { maxLength: 12 });
    fc.assert(
      fc.property(results, results, (given, keys) => {
        const order = given.map((result, index) => ({ result, key: keys[index] ?? 0n }));
        const shuffled = [...order].sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ result }) => result);
        const close = (list: readonly bigint[]) =>
          list.reduce((loss, result) => recordLoss(loss, budget, 0n, result), { lossUsd: 0n, at: 0n }).lossUsd;
        // Twelve times 300 is the budget: no order reaches the end of the credit.
        return close(shuffled) === close(given) && close(given) === given.reduce((sum, result) => sum + result, 0n);
      }),
    );
  });

  it("is exceeded only above the budget", () => {
    expect(isBudgetExceeded({ lossUsd: budget, at: 0n }, budget, 0n)).to.equal(false);
    expect(isBudgetExceeded({ lossUsd: budget + 1n, at: 0n }, budget, 0n)).to.equal(true);
    expect(isBudgetExceeded({ lossUsd: budget + 1n, at: 0n }, budget, 1n)).to.equal(false);
  });

  it("never drains faster by being touched more often", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });
    const dt = fc.bigInt({ min: 0n, max: 5_000n });
    fc.assert(
      fc.property(amount, amount, dt, dt, (lossUsd, limit, a, b) => {
        const once = decayLoss({ lossUsd, at: 0n }, limit, a + b).lossUsd;
        const twice = decayLoss(decayLoss({ lossUsd, at: 0n }, limit, a), limit, a + b).lossUsd;
        return twice >= once && twice <= once + 1n;
      }),
    );
  });

  it("never keeps a credit longer by being touched more often", () => {
    const credit = fc.bigInt({ min: -(10n ** 24n), max: 0n });
    const dt = fc.bigInt({ min: 0n, max: 500n });
    fc.assert(
      fc.property(credit, fc.bigInt({ min: 0n, max: 10n ** 24n }), dt, dt, (lossUsd, limit, a, b) => {
        const once = decayLoss({ lossUsd, at: 0n }, limit, a + b).lossUsd;
        const twice = decayLoss(decayLoss({ lossUsd, at: 0n }, limit, a), limit, a + b).lossUsd;
        return twice >= once && twice <= once + 1n;
      }),
    );
  });
});

describe("model: room for an order", () => {
  const cap = usd("1000000");

  it("is a quarter of the cap, and what is left of it", () => {
    expect(hasRoom(0n, usd("250000"), cap)).to.equal(true);
    expect(hasRoom(0n, usd("250000") + 1n, cap)).to.equal(false);
    expect(hasRoom(usd("750000"), usd("250000"), cap)).to.equal(true);
    expect(hasRoom(usd("750000") + 1n, usd("250000"), cap)).to.equal(false);
    expect(hasRoom(0n, 1n, 0n)).to.equal(false);
  });
});
