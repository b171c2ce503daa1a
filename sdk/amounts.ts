import { tokenOf } from "./chains";
import type { ChainFacts, TokenFacts } from "./chains";
import { px, size, tokens, usd } from "./units";
import type { Price, Size, TokenAmount, Usd } from "./units";

/** A price, or how it is written: "60000.5". */
export type PriceInput = Price | string;
/** A size, or how it is written: "0.1". */
export type SizeInput = Size | string;
/** An amount in token units, or how it is written in whole tokens: "12.5". */
export type AmountInput = TokenAmount | string;

export const toPrice = (input: PriceInput): Price => (typeof input === "string" ? px(input) : input);
export const toSize = (input: SizeInput): Size => (typeof input === "string" ? size(input) : input);
export const toUsd = (input: Usd | string): Usd => (typeof input === "string" ? usd(input) : input);

export function toAmount(input: AmountInput, { decimals }: TokenFacts): TokenAmount {
  return typeof input === "string" ? tokens(input, decimals) : input;
}

/** What is paid in: a token of the chain, or its native coin, which is wrapped on the way. */
export interface Payment {
  readonly token: TokenFacts;
  readonly isNative: boolean;
}

/** A token by symbol or address; the native coin by its symbol, where no token has it. */
export function paymentOf(chain: ChainFacts, symbol: string): Payment {
  const isNative =
    symbol === chain.nativeSymbol && !Object.values(chain.tokens).some((token) => token.symbol === symbol);
  return { token: tokenOf(chain, isNative ? chain.wrappedNativeSymbol : symbol), isNative };
}
