/** Minting and burning ALP: fees by target weight, shares and amounts. */
import { PIPS, X18 } from "../units";
import type { TokenQuote } from "./convert";
import { tokenUnit } from "./convert";
import { abs, floorDiv, max, min, mulDivDown, mulDivUp } from "./rounding";

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
