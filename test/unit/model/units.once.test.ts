import { expect } from "chai";
import fc from "fast-check";
import {
  UnitError,
  formatDecimal,
  formatPips,
  formatPrice,
  formatSize,
  formatToken,
  formatUsd,
  parseDecimal,
  pips,
  px,
  size,
  tokens,
  usd,
} from "../../../sdk/units";
import type { Price } from "../../../sdk/units";

describe("units", () => {
  it("reads every unit in its decimals", () => {
    expect(usd("12.5")).to.equal(12_500_000_000_000_000_000n);
    expect(px("60000")).to.equal(600_000_000_000_000n);
    expect(px("60_000.01")).to.equal(600_000_100_000_000n);
    expect(size("0.1")).to.equal(10_000_000n);
    expect(tokens("1.5", 6)).to.equal(1_500_000n);
    expect(tokens("1,250", 0)).to.equal(1_250n);
    expect(usd("-0.2")).to.equal(-200_000_000_000_000_000n);
  });

  it("makes price times size a USD amount", () => {
    expect(px("60000") * size("0.1")).to.equal(usd("6000"));
  });

  it("reads rates in percent, basis points and pips", () => {
    expect(pips("0.08%")).to.equal(800n);
    expect(pips("8bp")).to.equal(800n);
    expect(pips("1 bps")).to.equal(100n);
    expect(pips("100%")).to.equal(1_000_000n);
    expect(pips("800")).to.equal(800n);
  });

  it("refuses what it cannot hold exactly", () => {
    expect(() => size("0.123456789")).to.throw("more than 8 decimals");
    expect(() => pips("0.00001%")).to.throw("more than 4 decimals");
    expect(() => usd("1e3")).to.throw("not a decimal number");
    expect(() => usd("")).to.throw("not a decimal number");
    expect(() => usd("0x10")).to.throw("not a decimal number");
    expect(tokens("1.500", 1)).to.equal(15n);
  });

  it("takes groups of three digits only: a decimal comma is a mistake", () => {
    for (const text of ["1,5", "60,00", "1,2345", "1__000", ",100", "1000,000", " 1", "1.", ".5", "+1", "NaN"]) {
      expect(() => usd(text), text).to.throw(UnitError, `"${text}" is not a decimal number`);
    }
    for (const text of ["0,500", "0_500", "00,500", "01,000", "-0,250"]) {
      expect(() => usd(text), text).to.throw(UnitError, `"${text}" is not a decimal number`);
    }
    expect(usd("1,250_000.5")).to.equal(usd("1250000.5"));
  });

  it("refuses what the contracts' types can't hold", () => {
    expect(px("1844674407.3709551615")).to.equal(2n ** 64n - 1n);
    expect(() => px("1844674407.3709551616")).to.throw(
      UnitError,
      '"1844674407.3709551616" is more than its unit holds',
    );
    expect(() => px("-1")).to.throw(UnitError, '"-1" is less than its unit holds');
    expect(() => size("-0.1")).to.throw(UnitError, '"-0.1" is less than its unit holds');
    expect(() => size("1000000000000000000000")).to.throw(UnitError, "is more than its unit holds");
    expect(() => tokens("-1", 6)).to.throw(UnitError, '"-1" is less than its unit holds');
    expect(() => tokens("340282366920938463463374607431768211456", 0)).to.throw(
      UnitError,
      "is more than its unit holds",
    );
    expect(() => pips("2000%")).to.throw(UnitError, '"2000%" is more than its unit holds');
  });

  it("has units that the compiler tells apart", () => {
    const takesPrice = (price: Price): bigint => price;
    expect(takesPrice(px("1"))).to.equal(10n ** 10n);
    // @ts-expect-error: a size is no price.
    takesPrice(size("1"));
    // @ts-expect-error: a USD amount is no price.
    takesPrice(usd("1"));
    // @ts-expect-error: a bare number is of no unit.
    takesPrice(1n);
  });

  it("shows amounts exactly or cut towards zero", () => {
    expect(formatUsd(usd("1234.5"))).to.equal("1234.5");
    expect(formatUsd(usd("-1234.567"), 2)).to.equal("-1234.56");
    expect(formatUsd(usd("-0.001"), 2)).to.equal("0.00");
    expect(formatPrice(px("60000"), 1)).to.equal("60000.0");
    expect(formatSize(size("0.1"))).to.equal("0.1");
    expect(formatToken(1_500_000n, 6)).to.equal("1.5");
    expect(formatToken(7n, 0)).to.equal("7");
    expect(formatPips(800n)).to.equal("0.08%");
  });

  it("reads back what it shows", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 24 }),
        (value, decimals) => parseDecimal(formatDecimal(value, decimals), decimals) === value,
      ),
    );
  });
});
