import type { JsonRpcApiProvider, TransactionReceipt } from "ethers";
import { FailedTransactionError, explained } from "../../../sdk/index";
import type { Account } from "./keys";
import type { Output } from "./output";

/** Tries a transaction, sends it and waits until it is mined. Throws `RefusedError` before anything is sent where it would revert. */
export async function send(
  account: Account,
  transaction: { to: string; data: string },
  what: string,
  output: Output,
): Promise<TransactionReceipt> {
  try {
    await account.call({ ...transaction, from: account.address });
    const sent = await account.sendTransaction({ ...transaction, nonce: await nonceOf(account) });
    output.note(`${what}: sent ${sent.hash}`);
    const receipt = await sent.wait();
    if (receipt === null) throw new Error(`${sent.hash} was not mined`);
    return receipt;
  } catch (error) {
    const failed = (error as { receipt?: TransactionReceipt | null }).receipt;
    if (failed) throw new FailedTransactionError(failed);
    throw explained(error);
  }
}

/** Asked of the node itself: ethers keeps an answer for a moment, and the transaction before may have been mined since. */
async function nonceOf({ address, provider }: Account): Promise<number> {
  const node = provider as JsonRpcApiProvider;
  return Number(await node.send("eth_getTransactionCount", [address, "pending"]));
}
