import { expect } from "chai";
import fc from "fast-check";
import { amountOut, burnFeePips, DEAD_SHARES, mintFeePips, sharesOut, targetUsd, toUsdDown } from "../../../sdk/model";
import { px, tokens, usd } from "../../../sdk/units";
import { isRoundedDown, isRoundedUp, tokenQuote } from "./arbitraries";

const BASE = { basePips: 2_500n, taxPips: 500n };
const USDT = { decimals: 18, price: px("1") };
const value = fc.bigInt({ min: 0n, max: 10n ** 27n });

describe("model: ALP fees", () => {
  it("charges by the distance from the target", () => {
    const at = (target: string, before: string, after: string) =>
      mintFeePips({ targetUsd: usd(target), beforeUsd: usd(before), afterUsd: usd(after), ...BASE });
    expect(at("100", "50", "60")).to.equal(2_250n);
    expect(at("100", "100", "120")).to.equal(2_550n);
    expect(at("100", "300", "400")).to.equal(3_000n);
    expect(at("100", "90", "110")).to.equal(2_550n);
    expect(at("100", "100", "100")).to.equal(2_500n);
  });

  it("lets an asset without a target leave but not enter", () => {
    const input = { targetUsd: 0n, beforeUsd: usd("5"), afterUsd: usd("1"), ...BASE };
    expect(burnFeePips(input)).to.equal(2_000n);
    expect(burnFeePips({ ...input, taxPips: 3_000n })).to.equal(0n);
    expect(() => mintFeePips(input)).to.throw(RangeError);
  });

  it("is rounded up once and lies between 0 and base + tax", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 27n }), value, value, (target, before, after) => {
        const { basePips, taxPips } = BASE;
        const fee = burnFeePips({ targetUsd: target, beforeUsd: before, afterUsd: after, ...BASE });
        const d0 = before > target ? before - target : target - before;
        const d1 = after > target ? after - target : target - after;
        const half = d0 + d1 < 2n * target ? d0 + d1 : 2n * target;
        const rebate = basePips * target - taxPips * d0;
        const isRight =
          d1 < d0
            ? isRoundedUp(fee, rebate > 0n ? rebate : 0n, target)
            : isRoundedUp(fee, basePips * 2n * target + taxPips * half, 2n * target);
        return isRight && fee >= 0n && fee <= basePips + taxPips;
      }),
    );
  });
});

describe("model: ALP shares", () => {
  it("mints the first shares at 1 USD and keeps the dead ones", () => {
    const first = sharesOut(tokens("1000", 18), USDT, 0n, 0n, 0n);
    expect(first).to.deep.equal({ shares: usd("999"), deadShares: DEAD_SHARES });
    expect(() => sharesOut(tokens("1", 18), USDT, 0n, 0n, 0n)).to.throw(RangeError);
  });

  it("refuses to mint against a vault that is worth nothing, and burns there for nothing", () => {
    expect(() => sharesOut(1n, USDT, 0n, 0n, usd("1"))).to.throw(RangeError);
    expect(amountOut(usd("1"), USDT, 0n, -1n, usd("1"))).to.equal(0n);
  });

  it("rounds once, for the vault", () => {
    const positive = fc.bigInt({ min: 1n, max: 10n ** 27n });
    const fee = fc.bigInt({ min: 0n, max: 3_000n });
    fc.assert(
      fc.property(positive, tokenQuote, fee, positive, positive, (amount, token, feePips, nav, supply) => {
        const unit = 10n ** BigInt(token.decimals);
        const worth = token.price * 10n ** 8n;
        const kept = 1_000_000n - feePips;
        const { shares } = sharesOut(amount, token, feePips, nav, supply);
        const out = amountOut(amount, token, feePips, nav, supply);
        return (
          isRoundedDown(shares, amount * worth * kept * supply, unit * 1_000_000n * nav) &&
          isRoundedDown(out, amount * nav * kept * unit, supply * worth * 1_000_000n)
        );
      }),
    );
  });

  it("gives no more shares or tokens in parts than in one piece", () => {
    const positive = fc.bigInt({ min: 1n, max: 10n ** 27n });
    fc.assert(
      fc.property(positive, positive, tokenQuote, positive, positive, (a, b, token, nav, supply) => {
        const minted = (x: bigint) => sharesOut(x, token, 2_500n, nav, supply).shares;
        const burnt = (x: bigint) => amountOut(x, token, 2_500n, nav, supply);
        return minted(a) + minted(b) <= minted(a + b) && burnt(a) + burnt(b) <= burnt(a + b);
      }),
    );
  });

  it("lets nobody leave with more than it put in, over any mints and burns at constant prices", () => {
    const assets = [
      { decimals: 18, price: px("1"), weightPips: 500_000n },
      { decimals: 6, price: px("0.9998"), weightPips: 200_000n },
      { decimals: 8, price: px("60123.45"), weightPips: 300_000n },
    ];
    const step = fc.record({
      isMint: fc.boolean(),
      asset: fc.constantFrom(0, 1, 2),
      mintUsd: fc.bigInt({ min: 1n, max: 10n ** 24n }),
      burnPips: fc.bigInt({ min: 1n, max: 1_000_000n }),
    });
    const start = fc.tuple(value, value, value);

    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 15 }), (startUsd, steps) => {
        const unit = (i: number) => 10n ** BigInt(assets[i].decimals);
        const worth = (i: number) => assets[i].price * 10n ** 8n;
        const liquidity = startUsd.map((v, i) => (v * unit(i)) / worth(i));
        const valueOf = (i: number) => toUsdDown(liquidity[i], assets[i]);
        const nav = () => valueOf(0) + valueOf(1) + valueOf(2);
        let supply = nav() + DEAD_SHARES;
        let shares = 0n;
        // Exact value of what went in and out, in USD × 10^18 further decimals.
        let paidX18 = 0n;
        const exactX18 = (i: number, amount: bigint) => amount * worth(i) * 10n ** BigInt(18 - assets[i].decimals);
        if (nav() === 0n) return true;

        for (const { isMint, asset: i, mintUsd, burnPips } of steps) {
          const target = targetUsd(nav(), assets[i].weightPips);
          if (target === 0n) continue;
          const before = valueOf(i);
          if (isMint) {
            const amount = (mintUsd * unit(i)) / worth(i);
            const afterUsd = before + toUsdDown(amount, assets[i]);
            const fee = mintFeePips({ targetUsd: target, beforeUsd: before, afterUsd, ...BASE });
            const minted = sharesOut(amount, assets[i], fee, nav(), supply).shares;
            shares += minted;
            supply += minted;
            liquidity[i] += amount;
            paidX18 += exactX18(i, amount);
          } else {
            const burnt = (shares * burnPips) / 1_000_000n;
            const gross = (burnt * nav()) / supply;
            if (gross > before) continue;
            const fee = burnFeePips({ targetUsd: target, beforeUsd: before, afterUsd: before - gross, ...BASE });
            const amount = amountOut(burnt, assets[i], fee, nav(), supply);
            shares -= burnt;
            supply -= burnt;
            liquidity[i] -= amount;
            paidX18 -= exactX18(i, amount);
          }
          // What is still held, at the vault's value, is never worth more than what it cost.
          if (shares * nav() * 10n ** 18n > paidX18 * supply) return false;
        }
        return true;
      }),
    );
  });
});
