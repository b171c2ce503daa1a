import { formatToken, tokenOf } from "../../../sdk/index";
import type { Asterism } from "../../../sdk/index";

/** Units of a token as people read them: "4.8008 USDT". */
export function amountShown({ connection }: Asterism, symbol: string, amount: bigint): string {
  return `${formatToken(amount, tokenOf(connection.chain, symbol).decimals)} ${symbol}`;
}
