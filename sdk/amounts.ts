import { tokenOf } from "./chains";
import type { ChainFacts, TokenFacts } from "./chains";
import { UnitError, px, size, tokens, usd } from "./units";
import type { Price, Size, TokenAmount, Usd } from "./units";

/** A price, or how it is written: "60000.5". */
export type PriceInput = Price | string;
/** A size, or how it is written: "0.1". */
export type SizeInput = Size | string;
/** An amount in token units, or how it is written in whole tokens: "12.5". */
export type AmountInput = TokenAmount | string;

export const toPrice = (input: PriceInput): Price => inUnits(input, px);
export const toSize = (input: SizeInput): Size => inUnits(input, size);
export const toUsd = (input: Usd | string): Usd => inUnits(input, usd);

export function toAmount(input: AmountInput, { decimals }: TokenFacts): TokenAmount {
  return inUnits(input, (text) => tokens(text, decimals));
}

/** A number, as who writes without types may write, says neither whole tokens nor units. */
function inUnits<T extends bigint>(input: T | string, read: (text: string) => T): T {
  if (typeof input === "string") return read(input);
  if (typeof input === "bigint") return input;
  throw new UnitError(`${String(input)} is of no unit: write it as text, or as a bigint in units`);
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
