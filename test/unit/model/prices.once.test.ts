import { expect } from "chai";
import fc from "fast-check";
import {
  bandOf,
  clampToBand,
  closeFillPrice,
  isConfidenceOk,
  isDeviationOk,
  isPrice,
  MAX_PRICE,
  median,
  normalizePythConfidence,
  normalizePythPrice,
  referencePrice,
} from "../../../sdk/model";
import { px } from "../../../sdk/units";

const anyPrice = fc.bigInt({ min: 1n, max: MAX_PRICE });
const prices = fc.array(anyPrice, { minLength: 1, maxLength: 5 });

describe("model: prices of several sources", () => {
  it("takes the middle, and the mean of two", () => {
    expect(median([5n])).to.equal(5n);
    expect(median([9n, 4n])).to.equal(6n);
    expect(median([9n, 1n, 4n])).to.equal(4n);
    expect(median([10n, 2n, 8n, 4n])).to.equal(6n);
    expect(referencePrice([9n, 1n, 4n])).to.deep.equal({ median: 4n, low: 1n, high: 9n });
    expect(() => median([])).to.throw(RangeError);
  });

  it("lies within its sources whatever their order", () => {
    fc.assert(
      fc.property(prices, (list) => {
        const { median: middle, low, high } = referencePrice(list);
        return low <= middle && middle <= high && median([...list].reverse()) === middle;
      }),
    );
  });
});

describe("model: band", () => {
  it("leaves a price exactly on the band unchanged", () => {
    const anchors = [px("60000"), px("60100")];
    expect(bandOf(anchors)).to.deep.equal({ low: px("59400"), high: px("60701") });
    for (const edge of [px("59400"), px("60701"), px("60000")]) expect(clampToBand(edge, anchors)).to.equal(edge);
    expect(clampToBand(px("59400") - 1n, anchors)).to.equal(px("59400"));
    expect(clampToBand(px("60701") + 1n, anchors)).to.equal(px("60701"));
  });

  it("never ends outside the exact band and moves only what is outside", () => {
    fc.assert(
      fc.property(anyPrice, prices, (tick, anchors) => {
        const { low, high } = referencePrice(anchors);
        const isInside = (p: bigint) => p * 100n >= low * 99n && p * 100n <= high * 101n;
        const clamped = clampToBand(tick, anchors);
        return isInside(clamped) && (!isInside(tick) || clamped === tick);
      }),
    );
  });

  it("fills a close at the worse for the trader", () => {
    const anchors = [px("100")];
    expect(closeFillPrice(px("103"), anchors, true)).to.equal(px("101"));
    expect(closeFillPrice(px("97"), anchors, true)).to.equal(px("97"));
    expect(closeFillPrice(px("103"), anchors, false)).to.equal(px("103"));
    expect(closeFillPrice(px("97"), anchors, false)).to.equal(px("99"));
  });
});

describe("model: tolerances", () => {
  it("counts the boundary as ok", () => {
    expect(isDeviationOk(px("101"), px("100"), 10_000n)).to.equal(true);
    expect(isDeviationOk(px("101") + 1n, px("100"), 10_000n)).to.equal(false);
    expect(isDeviationOk(px("99"), px("100"), 10_000n)).to.equal(true);
    expect(isDeviationOk(px("99") - 1n, px("100"), 10_000n)).to.equal(false);
    expect(isConfidenceOk(px("0.15"), px("100"), 1_500n)).to.equal(true);
    expect(isConfidenceOk(px("0.15") + 1n, px("100"), 1_500n)).to.equal(false);
    expect(isConfidenceOk(0n, 0n, 1_500n)).to.equal(false);
  });
});

describe("model: units of Pyth", () => {
  it("reads exponents of any sign", () => {
    expect(normalizePythPrice(6_000_000_000_000n, -8)).to.equal(px("60000"));
    expect(normalizePythPrice(60_000n, 0)).to.equal(px("60000"));
    expect(normalizePythPrice(600n, 2)).to.equal(px("60000"));
    expect(normalizePythPrice(6_000_012_345n, -5)).to.equal(px("60000.12345"));
    expect(normalizePythPrice(123_456n, -10)).to.equal(123_456n);
    expect(normalizePythPrice(129n, -12)).to.equal(1n);
    expect(normalizePythPrice(-129n, -12)).to.equal(-2n);
    expect(normalizePythConfidence(129n, -12)).to.equal(2n);
    expect(normalizePythConfidence(7n, 1)).to.equal(px("70"));
  });

  it("knows what fits", () => {
    expect([-1n, 0n, 1n, MAX_PRICE, MAX_PRICE + 1n].map(isPrice)).to.deep.equal([false, false, true, true, false]);
  });
});
