import { existsSync } from "node:fs";
import { join } from "node:path";
import { listTransactions, status, wipe } from "@nomicfoundation/ignition-core";
import type { ArtifactResolver } from "@nomicfoundation/ignition-core";

/** What a deployment has sent according to its journal. */
export interface SentBefore {
  /** Everything that was sent, in order. */
  hashes: string[];
  /** Transactions that were mined, in order. */
  confirmed: string[];
  /** Transactions that were sent and not seen in a block. */
  pending: string[];
  /** Contracts and libraries that stand. */
  contracts: number;
}

/** Whether a deployment was begun in a folder. */
export function hasJournal(folder: string): boolean {
  return existsSync(join(folder, "journal.jsonl"));
}

/** What was sent before; nothing where no deployment was begun. */
export async function readJournal(folder: string, artifacts: ArtifactResolver): Promise<SentBefore> {
  if (!hasJournal(folder)) return { hashes: [], confirmed: [], pending: [], contracts: 0 };
  const transactions = await listTransactions(folder, artifacts);
  const hashesOf = (isWanted: (state: string) => boolean) =>
    transactions.filter((transaction) => isWanted(String(transaction.status))).map(({ txHash }) => txHash);
  const { contracts } = await status(folder, artifacts);
  return {
    hashes: hashesOf(() => true),
    confirmed: hashesOf((state) => state === "SUCCESS" || state === "FAILURE"),
    pending: hashesOf((state) => state === "PENDING"),
    contracts: Object.keys(contracts).length,
  };
}

/**
 * Has a deployment try again what failed: a call that failed has changed nothing. What was sent and is not mined yet is left
 * as it is, since it may be mined any time.
 */
export async function forgetFailures(folder: string, artifacts: ArtifactResolver): Promise<void> {
  if (!hasJournal(folder)) return;
  const { failed } = await status(folder, artifacts);
  for (const { futureId } of failed) await wipe(folder, artifacts, futureId);
}
