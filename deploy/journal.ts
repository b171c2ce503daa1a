import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listTransactions, status, trackTransaction, wipe } from "@nomicfoundation/ignition-core";
import type { ArtifactResolver, EIP1193Provider } from "@nomicfoundation/ignition-core";
import { z } from "zod";
import { HandoverNote } from "./handoverNote";
import { UnsettledError, countsOf, findMined } from "./sent";

const JOURNAL = "journal.jsonl";

/** What a deployment has sent according to its journal, its handover included. */
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

/** The messages of a deployment, none where it was not begun. A line that a killed run left half written is dropped. */
function openJournal(folder: string): string[] {
  const path = join(folder, JOURNAL);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  if (lines.length > 0 && !isWhole(lines[lines.length - 1])) {
    lines.pop();
    writeFileSync(path, lines.map((line) => `\n${line}`).join(""));
  }
  if (lines.length === 0) rmSync(path);
  return lines;
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** What was sent before; nothing where no deployment was begun. */
export async function readJournal(folder: string, artifacts: ArtifactResolver): Promise<SentBefore> {
  if (openJournal(folder).length === 0) return { hashes: [], confirmed: [], pending: [], contracts: 0 };
  const transactions = await listTransactions(folder, artifacts);
  const hashesOf = (isWanted: (state: string) => boolean) =>
    transactions.filter((transaction) => isWanted(String(transaction.status))).map(({ txHash }) => txHash);
  const { contracts } = await status(folder, artifacts);
  const handovers = new HandoverNote(folder).sent();
  const handoversOf = (isWanted: boolean) =>
    handovers.filter(({ isMined }) => isMined === isWanted).map(({ hash }) => hash);
  return {
    hashes: [...hashesOf(() => true), ...handovers.map(({ hash }) => hash)],
    confirmed: [...hashesOf((state) => state === "SUCCESS" || state === "FAILURE"), ...handoversOf(true)],
    pending: [...hashesOf((state) => state === "PENDING"), ...handoversOf(false)],
    contracts: Object.keys(contracts).length,
  };
}

/**
 * Has a deployment try again what failed: a call that failed has changed nothing. What was sent and is not mined yet is left
 * as it is, since it may be mined any time.
 */
export async function forgetFailures(folder: string, artifacts: ArtifactResolver): Promise<void> {
  if (openJournal(folder).length === 0) return;
  const { failed } = await status(folder, artifacts);
  for (const { futureId } of failed) await wipe(folder, artifacts, futureId);
}

/**
 * Completes the journal of a run that was killed. A call that was begun and never announced is forgotten, and so is a
 * transaction that was announced and never sent: both are made anew. One that was mined without its hash being noted is found
 * by its nonce. Throws {@link UnsettledError} where it waits to be mined or can't be found.
 */
export async function settleInterrupted(
  folder: string,
  artifacts: ArtifactResolver,
  provider: EIP1193Provider,
  account: string,
): Promise<void> {
  const { begun, unnoted } = interruptedOf(openJournal(folder));
  for (const futureId of begun) await wipe(folder, artifacts, futureId);
  if (unnoted.size === 0) return;
  const { mined, pending } = await countsOf(provider, account);
  for (const [futureId, nonce] of unnoted) {
    if (nonce < mined) {
      const last = (await readJournal(folder, artifacts)).confirmed.at(-1);
      const { hash } = await findMined(provider, account, nonce, last);
      await trackTransaction(folder, hash, provider);
    } else if (nonce < pending) {
      throw UnsettledError.ofWaiting(nonce, account);
    } else {
      await wipe(folder, artifacts, futureId);
    }
  }
}

const messageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("DEPLOYMENT_EXECUTION_STATE_INITIALIZE"), futureId: z.string() }),
  z.object({ type: z.literal("CALL_EXECUTION_STATE_INITIALIZE"), futureId: z.string() }),
  z.object({ type: z.literal("NETWORK_INTERACTION_REQUEST"), futureId: z.string() }),
  z.object({ type: z.literal("TRANSACTION_PREPARE_SEND"), futureId: z.string(), nonce: z.int() }),
  z.object({ type: z.literal("TRANSACTION_SEND"), futureId: z.string() }),
  z.object({ type: z.literal("ONCHAIN_INTERACTION_REPLACED_BY_USER"), futureId: z.string() }),
  z.object({ type: z.literal("WIPE_APPLY"), futureId: z.string() }),
]);

interface Interrupted {
  /** Deployments and calls that were begun, and that nothing was asked of the chain for. */
  begun: Set<string>;
  /** The nonce of every transaction that was announced and neither noted nor forgotten since; a future sends one at a time. */
  unnoted: Map<string, number>;
}

function interruptedOf(lines: readonly string[]): Interrupted {
  const [begun, unnoted] = [new Set<string>(), new Map<string, number>()];
  for (const line of lines) {
    const parsed = messageSchema.safeParse(JSON.parse(line));
    if (!parsed.success) continue;
    const message = parsed.data;
    switch (message.type) {
      case "DEPLOYMENT_EXECUTION_STATE_INITIALIZE":
      case "CALL_EXECUTION_STATE_INITIALIZE":
        begun.add(message.futureId);
        break;
      case "NETWORK_INTERACTION_REQUEST":
        begun.delete(message.futureId);
        break;
      case "TRANSACTION_PREPARE_SEND":
        unnoted.set(message.futureId, message.nonce);
        break;
      case "WIPE_APPLY":
        begun.delete(message.futureId);
        unnoted.delete(message.futureId);
        break;
      default:
        unnoted.delete(message.futureId);
    }
  }
  return { begun, unnoted };
}
