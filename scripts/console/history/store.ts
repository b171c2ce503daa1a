/** Where a history is kept: in this process by default, in an engine of one's own where that is outgrown. */
import { z } from "zod";
import type { Deployment } from "../../../sdk/chains/deployment";
import type { Cursor } from "../../../sdk/watch/stream";

export const logSchema = z.object({
  address: z.string(),
  blockNumber: z.number(),
  transactionHash: z.string(),
  index: z.number(),
  topics: z.array(z.string()),
  data: z.string(),
});
export const cursorSchema = z.object({ recent: z.array(z.object({ number: z.number(), hash: z.string() })) });

export type KeptLog = z.infer<typeof logSchema>;

/** A log with the lists that it is told in. */
export interface ListedLog {
  readonly log: KeptLog;
  readonly lists: readonly string[];
}

/** Part of a list, in the order of the chain. */
export interface HistoryPage {
  readonly logs: readonly KeptLog[];
  /** Another one: what was told before did not happen. */
  readonly generation: number;
  /** Place of the last that was told: what comes after it is asked for with it. */
  readonly place: number;
  readonly hasMore: boolean;
}

/** What a history is of: another deployment's is not read on. */
export type HistorySystem = Pick<Deployment, "chainId" | "contracts" | "startBlock">;

/**
 * Keeps logs and how far they have been read, which change together or not at all. Whatever throws has changed nothing; `begin` says then
 * where it stands.
 */
export interface HistoryStore {
  /** Ready to be read and written, as it stands: how far it has come, of which nothing is read twice. */
  begin(): Promise<Cursor>;
  /**
   * Adds what follows. Answers with how far it stands: further than asked, or elsewhere, where another process has written meanwhile; then
   * nothing was added, and it is read on from there.
   */
  append(logs: readonly ListedLog[], cursor: Cursor): Promise<Cursor>;
  /** Takes back all above a block, and answers as `append` does. */
  undo(above: number, cursor: Cursor): Promise<Cursor>;
  /** At most so many of a list after a place; from its beginning for who knows another generation. */
  page(list: string, after: number, generation: number, most: number): Promise<HistoryPage>;
  close(): Promise<void>;
}

/** Logs of one block are fewer. */
const PLACES_OF_BLOCK = 1_000_000;

/** A log's place on the chain, as a number that grows. */
export function placeOf({ blockNumber, index }: Pick<KeptLog, "blockNumber" | "index">): number {
  return blockNumber * PLACES_OF_BLOCK + index;
}

/** The last place that a block can have. */
export function lastPlaceOf(block: number): number {
  return (block + 1) * PLACES_OF_BLOCK - 1;
}
