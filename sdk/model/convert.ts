/**
 * Token amounts to USD and back at a token's price T (10 decimals).
 *
 * usd / 1e18 = amount / 10^decimals × T / 1e10, hence usd = amount × T × 1e8 / 10^decimals.
 */
import { PRICE_DECIMALS, USD_DECIMALS } from "../units";
import { mulDivDown, mulDivUp } from "./rounding";

/** A token as the arithmetic sees it. */
export interface TokenQuote {
  /** The token's own decimals. */
  readonly decimals: number;
  /** T: USD per 1.0 token, 10 decimals. */
  readonly price: bigint;
}

/** Factor from price × 1 token unit to a USD amount. */
const SCALE = 10n ** BigInt(USD_DECIMALS - PRICE_DECIMALS);

/** One whole token in its own units. */
export function tokenUnit(decimals: number): bigint {
  return 10n ** BigInt(decimals);
}

/** USD value (18 decimals) of a token amount, rounded down. */
export function toUsdDown(amount: bigint, token: TokenQuote): bigint {
  return mulDivDown(amount, token.price * SCALE, tokenUnit(token.decimals));
}

/** USD value (18 decimals) of a token amount, rounded up. */
export function toUsdUp(amount: bigint, token: TokenQuote): bigint {
  return mulDivUp(amount, token.price * SCALE, tokenUnit(token.decimals));
}

/** Tokens worth a USD amount (18 decimals), rounded down: what somebody receives. A loss grows by it. */
export function toTokensDown(usdAmount: bigint, token: TokenQuote): bigint {
  return mulDivDown(usdAmount, tokenUnit(token.decimals), token.price * SCALE);
}

/** Tokens worth a USD amount (18 decimals), rounded up: what somebody owes. */
export function toTokensUp(usdAmount: bigint, token: TokenQuote): bigint {
  return mulDivUp(usdAmount, tokenUnit(token.decimals), token.price * SCALE);
}
