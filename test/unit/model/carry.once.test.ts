import { expect } from "chai";
import fc from "fast-check";
import { accrueIndices, carryFlow, carryOwedUsd, pipsPerHourToX18PerSecond, ratePerSecond } from "../../../sdk/model";
import { usd, X18 } from "../../../sdk/units";

const RATES = {
  fundingFactorX18: pipsPerHourToX18PerSecond(20n),
  minRateX18: 0n,
  maxRateX18: pipsPerHourToX18PerSecond(100n),
  borrowRateX18: pipsPerHourToX18PerSecond(2n),
};
const ZERO = { longX18: 0n, shortX18: 0n };
const notional = fc.bigInt({ min: 0n, max: 10n ** 25n });
const rate = fc.bigInt({ min: 0n, max: 10n ** 12n });
const rates = fc
  .record({ fundingFactorX18: rate, bounds: fc.tuple(rate, rate), borrowRateX18: rate })
  .map(({ bounds: [a, b], ...rest }) => ({ ...rest, minRateX18: a < b ? a : b, maxRateX18: a < b ? b : a }));
const seconds = fc.bigInt({ min: 0n, max: 10_000_000n });

describe("model: carry", () => {
  it("converts pips an hour to a fraction a second, rounded up", () => {
    expect(pipsPerHourToX18PerSecond(36n)).to.equal(10_000_000_000n);
    expect(pipsPerHourToX18PerSecond(2n)).to.equal(555_555_556n);
    expect(pipsPerHourToX18PerSecond(0n)).to.equal(0n);
  });

  it("charges the heavier side and nobody when equal", () => {
    expect(ratePerSecond(usd("2"), usd("1"), RATES)).to.equal(RATES.fundingFactorX18 / 2n);
    expect(ratePerSecond(usd("1"), usd("2"), RATES)).to.equal(-(RATES.fundingFactorX18 / 2n));
    expect(ratePerSecond(usd("1"), 0n, RATES)).to.equal(RATES.fundingFactorX18);
    expect(ratePerSecond(usd("1"), usd("1"), { ...RATES, minRateX18: 5n })).to.equal(0n);
    expect(ratePerSecond(0n, 0n, RATES)).to.equal(0n);
  });

  it("stays within its bounds and changes sign with the sides", () => {
    fc.assert(
      fc.property(notional, notional, rates, (long, short, r) => {
        const value = ratePerSecond(long, short, r);
        const magnitude = value < 0n ? -value : value;
        const isBounded = long === short ? value === 0n : magnitude >= r.minRateX18 && magnitude <= r.maxRateX18;
        return isBounded && ratePerSecond(short, long, r) === -value;
      }),
    );
  });

  it("adds up over time however often it is accrued", () => {
    fc.assert(
      fc.property(notional, notional, rates, seconds, seconds, (long, short, r, a, b) => {
        const twice = accrueIndices(accrueIndices(ZERO, long, short, r, a), long, short, r, b);
        const once = accrueIndices(ZERO, long, short, r, a + b);
        return twice.longX18 === once.longX18 && twice.shortX18 === once.shortX18;
      }),
    );
  });

  it("never pays the receiving side more than the paying side owes", () => {
    fc.assert(
      fc.property(notional, notional, rates, seconds, (long, short, r, dt) => {
        const flow = carryFlow(ZERO, accrueIndices(ZERO, long, short, r, dt), long, short);
        const borrow = (long + short) * r.borrowRateX18 * dt;
        return flow.vaultX36 >= borrow && flow.vaultX36 === flow.longOwedX36 + flow.shortOwedX36;
      }),
    );
  });

  it("leaves the vault no loss after every position is rounded, through changes of open interest", () => {
    const change = fc.record({ isLong: fc.boolean(), notional, dt: seconds });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), rates, seconds, (changes, r, last) => {
        let indices = ZERO;
        let long = 0n;
        let short = 0n;
        const opened = changes.map(({ isLong, notional: n, dt }) => {
          indices = accrueIndices(indices, long, short, r, dt);
          if (isLong) long += n;
          else short += n;
          return { isLong, notional: n, index: isLong ? indices.longX18 : indices.shortX18 };
        });
        indices = accrueIndices(indices, long, short, r, last);
        const owed = opened.map((p) =>
          carryOwedUsd(p.notional, p.isLong ? indices.longX18 : indices.shortX18, p.index),
        );
        return owed.reduce((sum, part) => sum + part, 0n) >= 0n;
      }),
    );
  });

  it("rounds what a trader owes up and what it receives down", () => {
    expect(carryOwedUsd(1n, 1n, 0n)).to.equal(1n);
    expect(carryOwedUsd(1n, -1n, 0n)).to.equal(0n);
    expect(carryOwedUsd(usd("100"), X18 / 100n, 0n)).to.equal(usd("1"));
    fc.assert(
      fc.property(notional, notional, rate, (a, b, index) => {
        const parts = carryOwedUsd(a, index, 0n) + carryOwedUsd(b, index, 0n);
        const received = carryOwedUsd(a, -index, 0n) + carryOwedUsd(b, -index, 0n);
        return parts >= carryOwedUsd(a + b, index, 0n) && received >= carryOwedUsd(a + b, -index, 0n);
      }),
    );
  });
});
