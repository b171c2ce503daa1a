import { join } from "node:path";
import { takeLock } from "../../../deploy/lock";
import type { Surroundings } from "./world";

/**
 * Runs while no other command on this machine sends for an account: two at once would give their transactions the same number. Throws
 * `LockedError`.
 */
export async function alone<T>(
  { root }: Pick<Surroundings, "root">,
  chainId: bigint | number,
  account: string,
  run: () => Promise<T>,
): Promise<T> {
  const release = takeLock(join(root, "cache", `${chainId}-${account}.lock`), "sending transactions of the account");
  try {
    return await run();
  } finally {
    release();
  }
}
