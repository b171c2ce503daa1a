/** Minting and burning ALP: fees by target weight, shares and amounts. */
import { PIPS, X18 } from "../units";
import type { TokenQuote } from "./convert";
import { tokenUnit } from "./convert";
import { abs, clamp, floorDiv, max, min, mulDivDown, mulDivUp } from "./rounding";

/** Shares that nobody owns, made by the first mint: they keep the share price out of a single depositor's reach. */
export const DEAD_SHARES = X18;

/** Converts price × token units to USD with 18 decimals. */
const SCALE = 10n ** 8n;

/** What the fee is computed from. */
export interface WeightInput {
  /** Tg = weight × total liquidity at mid prices, USD. */
  readonly targetUsd: bigint;
  /** Value of the asset in the vault before, USD. */
  readonly beforeUsd: bigint;
  /** Value of the asset in the vault after, USD. */
  readonly afterUsd: bigint;
  readonly basePips: bigint;
  readonly taxPips: bigint;
}

/** A mint. */
export interface MintResult {
  /** To the minter. */
  readonly shares: bigint;
  /** Locked for ever; only by the first mint. */
  readonly deadShares: bigint;
}

/** Tg = weight × total liquidity, USD, rounded down. */
export function targetUsd(totalUsd: bigint, weightPips: bigint): bigint {
  return mulDivDown(totalUsd, weightPips, PIPS);
}

/**
 * Fee in pips, rounded up. With d0 and d1 the distances from the target before and after:
 * nearer: max(base − tax·d0/Tg, 0); else base + tax·min((d0 + d1)/2, Tg)/Tg.
 * Without a target the asset can only leave, as with d0/Tg = 1.
 */
export function burnFeePips(input: WeightInput): bigint {
  const { targetUsd: target, basePips, taxPips } = input;
  if (target === 0n) return max(basePips - taxPips, 0n);
  const before = abs(input.beforeUsd - target);
  const after = abs(input.afterUsd - target);
  if (after < before) return max(basePips - mulDivDown(taxPips, before, target), 0n);
  // Twice the mean distance over twice the target, so that the halving is not a rounding of its own.
  return basePips + mulDivUp(taxPips, min(before + after, 2n * target), 2n * target);
}

/** The same fee for a mint, which an asset without a target refuses. */
export function mintFeePips(input: WeightInput): bigint {
  if (input.targetUsd === 0n) throw new RangeError("an asset without a target weight takes no deposits");
  return burnFeePips(input);
}

/**
 * Shares for a deposit: value after the fee × supply / NAV, rounded down once.
 * The value is taken at the low price and the NAV at its high end. The first mint is at 1 USD a share and gives up the
 * dead shares; it must be worth more than those.
 */
export function sharesOut(
  amountIn: bigint,
  token: TokenQuote,
  feePips: bigint,
  navHighUsd: bigint,
  supply: bigint,
): MintResult {
  const value = amountIn * token.price * SCALE * (PIPS - feePips);
  const unit = tokenUnit(token.decimals) * PIPS;
  if (supply === 0n) {
    const shares = floorDiv(value, unit) - DEAD_SHARES;
    if (shares <= 0n) throw new RangeError("the first mint must be worth more than the dead shares");
    return { shares, deadShares: DEAD_SHARES };
  }
  if (navHighUsd <= 0n) throw new RangeError("a vault that is worth nothing takes no deposits");
  return { shares: mulDivDown(value, supply, unit * navHighUsd), deadShares: 0n };
}

/**
 * Shares for a deposit where liquidations may be due: the lesser of the deposit less the fee at the high NAV, and the whole
 * deposit at the high NAV and what these could add to it.
 */
export function sharesOutWithDue(
  amountIn: bigint,
  token: TokenQuote,
  feePips: bigint,
  nav: { highUsd: bigint; dueUsd: bigint },
  supply: bigint,
): { shares: bigint; afterFee: bigint; afterDue: bigint } {
  const afterFee = sharesOut(amountIn, token, feePips, nav.highUsd, supply).shares;
  const afterDue = sharesOut(amountIn, token, 0n, nav.highUsd + nav.dueUsd, supply).shares;
  return { shares: min(afterFee, afterDue), afterFee, afterDue };
}

/** What the vault's ledger holds of one asset for a product, at the ends of its price. */
export interface ProductHolding {
  readonly collateral: bigint;
  readonly reserved: bigint;
  readonly decimals: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** What a product says its positions are worth to the LPs, USD. */
export interface ProductAnswer {
  readonly lowUsd: bigint;
  readonly highUsd: bigint;
  readonly dueUsd: bigint;
}

/**
 * What counts of it, with 16 more decimals than USD (exact): low between −Σ reserved at the high price and +Σ of the lesser
 * of collateral and reserved at the low one, high between −Σ reserved at the low price and +Σ collateral, of assets of which
 * anything is reserved, at the high one, and what is due by the same bounds on the sum. Without an answer: the adverse side of
 * both. Nothing reserved: nothing.
 */
export function productWorthX34(holdings: readonly ProductHolding[], answer?: ProductAnswer) {
  if (holdings.every(({ reserved }) => reserved === 0n)) return { low: 0n, high: 0n, due: 0n };
  const sum = (of: (holding: ProductHolding) => bigint) =>
    holdings.reduce((total, holding) => total + of(holding) * 10n ** BigInt(24 - holding.decimals), 0n);
  const [lossLow, lossHigh] = [sum((of) => of.reserved * of.low), sum((of) => of.reserved * of.high)];
  const gainLow = sum((of) => min(of.collateral, of.reserved) * of.low);
  const gainHigh = sum((of) => (of.reserved === 0n ? 0n : of.collateral * of.high));
  if (answer === undefined) return { low: -lossHigh, high: gainHigh, due: 0n };
  const [low, high, due] = [answer.lowUsd, answer.highUsd, answer.dueUsd].map((usd) => usd * 10n ** 16n);
  const highHeld = clamp(high, -lossLow, gainHigh);
  return {
    low: clamp(low, -lossHigh, gainLow),
    high: highHeld,
    due: clamp(high + due, -lossLow, gainHigh) - highHeld,
  };
}

/** Whether a mint may leave this much of an asset, USD with 34 decimals, in a vault that then holds so much. */
export function isShareAllowed(assetX34: bigint, totalX34: bigint, maxSharePips: bigint, floorUsd: bigint): boolean {
  return totalX34 <= floorUsd * 10n ** 34n || assetX34 * PIPS <= totalX34 * maxSharePips;
}

/**
 * Tokens for shares: shares × NAV / supply / price after the fee, rounded down once.
 * The NAV is taken at its low end and the asset at its high price. A vault worth nothing pays nothing.
 */
export function amountOut(
  shares: bigint,
  token: TokenQuote,
  feePips: bigint,
  navLowUsd: bigint,
  supply: bigint,
): bigint {
  const value = shares * max(navLowUsd, 0n) * (PIPS - feePips);
  return mulDivDown(value, tokenUnit(token.decimals), supply * token.price * SCALE * PIPS);
}
