import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { z } from "zod";
import { UnsettledError, countsOf, findMined } from "./sent";

const FILE = "handover.jsonl";

const entrySchema = z.object({
  nonce: z.int(),
  /** The contract that is called: tells the transaction from another of the same number. */
  to: z.string(),
  hash: z.string().optional(),
  isMined: z.boolean(),
});

type Entry = z.infer<typeof entrySchema>;

/** What a deployment's folder knows of the handover's transaction, which no module holds: a line for each change. */
export class HandoverNote {
  constructor(private readonly folder: string) {}

  /** Every attempt whose hash is known, in order. */
  sent(): { hash: string; isMined: boolean }[] {
    return this.entries().flatMap(({ hash, isMined }) => (hash === undefined ? [] : [{ hash, isMined }]));
  }

  /** To be called before the transaction is sent. */
  announce(nonce: number, to: string): void {
    this.write({ nonce, to, isMined: false });
  }

  /** To be called as soon as its hash is known. */
  noteSent(nonce: number, to: string, hash: string): void {
    this.write({ nonce, to, hash, isMined: false });
  }

  /** To be called once it is in a block, whatever came of it there. */
  noteMined(nonce: number, to: string, hash: string): void {
    this.write({ nonce, to, hash, isMined: true });
  }

  /**
   * Completes what a run that was killed left open: a transaction that was mined is found by its nonce and noted; one that was
   * never sent is left to be sent anew. Throws {@link UnsettledError} where it waits to be mined or can't be found.
   *
   * @param last The last transaction of the deployment that is known to be mined.
   */
  async settle(provider: EIP1193Provider, account: string, last: string | undefined): Promise<void> {
    const open = this.entries().at(-1);
    if (open === undefined || open.isMined) return;
    const { nonce, to } = open;
    const { mined, pending } = await countsOf(provider, account);
    if (nonce < mined) {
      const found = await findMined(provider, account, nonce, last);
      // Another transaction has taken the number: what was announced can't be sent any more.
      if (found.to?.toLowerCase() === to.toLowerCase()) this.noteMined(nonce, to, found.hash);
    } else if (nonce < pending) {
      throw UnsettledError.ofWaiting(nonce, account);
    }
  }

  /** The last state of each attempt. */
  private entries(): Entry[] {
    const path = join(this.folder, FILE);
    if (!existsSync(path)) return [];
    const entries = readFileSync(path, "utf8").split("\n").flatMap(entryOf);
    return [...new Map(entries.map((entry) => [entry.nonce, entry])).values()];
  }

  private write(entry: Entry): void {
    mkdirSync(this.folder, { recursive: true });
    appendFileSync(join(this.folder, FILE), `\n${JSON.stringify(entry)}`);
  }
}

/** Nothing of a line that a killed run left half written: what it would have said is found by the line before. */
function entryOf(line: string): Entry[] {
  try {
    return [entrySchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
