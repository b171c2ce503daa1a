/** What work is worth and what it costs, both in USD with 18 decimals. */
import type { TokenView } from "../state/World";

/** Gas that parts of a batch take; measured, a little more than they do. */
export const GAS = {
  /** The transaction, and the first proof. */
  base: 130_000n,
  /** Each further proof. */
  proof: 70_000n,
  /** An item of a batch. */
  item: 60_000n,
  /** An item that opens its side of a book, or its pair of token and keeper, for the first time: once a batch. */
  first: 90_000n,
  /** An order or a bet that is ended for nothing. */
  ending: 70_000n,
} as const;

/** What has to be there before each item, so that none fails for lack of it; it is not used. */
export const ITEM_RESERVE = 1_000_000n;

export function gasOf(items: number, proofs: number): bigint {
  if (items === 0) return 0n;
  return GAS.base + GAS.first + GAS.proof * BigInt(Math.max(0, proofs - 1)) + GAS.item * BigInt(items);
}

/** Token units in USD, 18 decimals; 0 where the token has no price. */
export function usdOf(amount: bigint, token: Pick<TokenView, "price" | "decimals"> | undefined): bigint {
  if (token === undefined) return 0n;
  return (amount * token.price * 10n ** 8n) / 10n ** BigInt(token.decimals);
}

/** Wei in USD, 18 decimals. */
export function weiToUsd(wei: bigint, nativePrice: bigint): bigint {
  return (wei * nativePrice) / 10n ** 10n;
}

/** USD, 18 decimals, in wei; 0 where the coin has no price. */
export function usdToWei(usd: bigint, nativePrice: bigint): bigint {
  return nativePrice === 0n ? 0n : (usd * 10n ** 10n) / nativePrice;
}

/**
 * The most wei for one gas at which work still pays.
 * @param usd What it brings.
 * @param besideWei What it costs beside its gas.
 */
export function worthOf(usd: bigint, besideWei: bigint, gas: bigint, nativePrice: bigint): bigint {
  const wei = usdToWei(usd, nativePrice) - besideWei;
  return wei > 0n && gas > 0n ? wei / gas : 0n;
}
