import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { takeLock } from "../../../deploy/lock";

/** Where it is held that an account is sending: the same for every copy of the program that a user of this machine runs. */
export function accountLock(chainId: bigint | number, account: string): string {
  return join(tmpdir(), `asterism-${userInfo().uid}`, `${chainId}-${account}.lock`);
}

let sending = 0;

/** Whether this process is sending for an account. */
export function isSending(): boolean {
  return sending > 0;
}

/**
 * Runs while no other command on this machine sends for an account: two at once would give their transactions the same number. Throws
 * `LockedError`.
 */
export async function alone<T>(chainId: bigint | number, account: string, run: () => Promise<T>): Promise<T> {
  const release = takeLock(accountLock(chainId, account), "sending transactions of the account");
  sending += 1;
  try {
    return await run();
  } finally {
    sending -= 1;
    release();
  }
}
