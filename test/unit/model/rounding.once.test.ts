import { expect } from "chai";
import fc from "fast-check";
import {
  ceilDiv,
  clamp,
  floorDiv,
  mulDivDown,
  mulDivUp,
  splitFee,
  toTokensDown,
  toTokensUp,
  toUsdDown,
  toUsdUp,
} from "../../../sdk/model";
import { isRoundedDown, isRoundedUp, tokenQuote } from "./arbitraries";

const signed = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
const positive = fc.bigInt({ min: 1n, max: 10n ** 30n });

describe("model: rounding", () => {
  it("rounds by direction and not by sign", () => {
    expect([floorDiv(7n, 2n), floorDiv(-7n, 2n), floorDiv(-8n, 2n)]).to.deep.equal([3n, -4n, -4n]);
    expect([ceilDiv(7n, 2n), ceilDiv(-7n, 2n), ceilDiv(8n, 2n)]).to.deep.equal([4n, -3n, 4n]);
    expect(() => floorDiv(1n, 0n)).to.throw(RangeError);
    expect(() => ceilDiv(1n, -1n)).to.throw(RangeError);
  });

  it("is off by less than one unit", () => {
    fc.assert(
      fc.property(
        signed,
        signed,
        positive,
        (a, b, den) => isRoundedDown(mulDivDown(a, b, den), a * b, den) && isRoundedUp(mulDivUp(a, b, den), a * b, den),
      ),
    );
  });

  it("clamps to the nearer end", () => {
    expect([clamp(-5n, 0n, 3n), clamp(2n, 0n, 3n), clamp(4n, 0n, 3n)]).to.deep.equal([0n, 2n, 3n]);
  });
});

describe("model: conversion", () => {
  it("converts whole tokens of any decimals", () => {
    for (const decimals of [0, 2, 6, 8, 18, 24]) {
      const token = { decimals, price: 20_000_000_000n };
      expect(toUsdDown(3n * 10n ** BigInt(decimals), token)).to.equal(6n * 10n ** 18n);
      expect(toTokensUp(6n * 10n ** 18n, token)).to.equal(3n * 10n ** BigInt(decimals));
    }
  });

  it("never returns more than went in", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 36n }), tokenQuote, (amount, token) => {
        const there = toTokensDown(toUsdDown(amount, token), token) <= amount;
        const back = toTokensUp(toUsdUp(amount, token), token) >= amount;
        return there && back;
      }),
    );
  });
});

describe("model: fee split", () => {
  it("shares a fee out completely, ALP first", () => {
    expect(splitFee(1_000n, 400_000n, 500_000n)).to.deep.equal({ alp: 400n, broker: 300n, treasury: 300n });
    expect(splitFee(1n, 400_000n, 1_000_000n)).to.deep.equal({ alp: 1n, broker: 0n, treasury: 0n });
  });

  it("adds up to the fee with no negative part", () => {
    const share = fc.bigInt({ min: 0n, max: 1_000_000n });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), share, share, (fee, alpShare, brokerShare) => {
        const { alp, broker, treasury } = splitFee(fee, alpShare, brokerShare);
        return alp + broker + treasury === fee && alp >= 0n && broker >= 0n && treasury >= 0n;
      }),
    );
  });
});
