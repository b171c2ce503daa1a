import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { z } from "zod";

/** A transaction is mined soon after the one before it: so many blocks later it is no longer looked for. */
const SEARCHED_BLOCKS = 5_000;

/** A run was killed about to send a transaction, and what has become of it can't be told. */
export class UnsettledError extends Error {
  constructor(nonce: number, account: string, what: string) {
    super(`the transaction ${nonce} of ${account} was about to be sent when the run before ended: ${what}`);
    this.name = "UnsettledError";
  }

  /** It was sent, and is in no block yet. */
  static ofWaiting(nonce: number, account: string): UnsettledError {
    return new UnsettledError(nonce, account, "it waits to be mined; run the same command again once it is");
  }
}

/** How many transactions of an account are mined, and how many there are with those that wait. */
export async function countsOf(
  provider: EIP1193Provider,
  account: string,
): Promise<{ mined: number; pending: number }> {
  const countAt = async (block: string) =>
    Number(await provider.request({ method: "eth_getTransactionCount", params: [account, block] }));
  return { mined: await countAt("latest"), pending: await countAt("pending") };
}

const blockSchema = z.object({
  transactions: z.array(z.object({ hash: z.string(), from: z.string(), to: z.string().nullable(), nonce: z.string() })),
});

/** A mined transaction by its nonce, looked for from the block of `last` on, the last one that is known to be mined. */
export async function findMined(
  provider: EIP1193Provider,
  account: string,
  nonce: number,
  last: string | undefined,
): Promise<{ hash: string; to: string | null }> {
  const newest = Number(await provider.request({ method: "eth_blockNumber", params: [] }));
  const first = last === undefined ? Math.max(0, newest - SEARCHED_BLOCKS) : await blockOf(provider, last);
  for (let block = first; block <= Math.min(newest, first + SEARCHED_BLOCKS); block++) {
    const found = await provider.request({ method: "eth_getBlockByNumber", params: [`0x${block.toString(16)}`, true] });
    const transaction = blockSchema
      .parse(found)
      .transactions.find(({ from, nonce: at }) => from.toLowerCase() === account.toLowerCase() && Number(at) === nonce);
    if (transaction !== undefined) return transaction;
  }
  throw new UnsettledError(
    nonce,
    account,
    `it is mined, and not within ${SEARCHED_BLOCKS} blocks from block ${first} on`,
  );
}

const receiptSchema = z.object({ blockNumber: z.string() });

async function blockOf(provider: EIP1193Provider, hash: string): Promise<number> {
  const receipt = await provider.request({ method: "eth_getTransactionReceipt", params: [hash] });
  return Number(receiptSchema.parse(receipt).blockNumber);
}
