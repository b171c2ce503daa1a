/** What a round of work stands on. */
import type { MarketPrice } from "../send/fees";
import type { Ledger } from "../state/Ledger";
import type { Board } from "./Board";
import type { Planner } from "./Planner";

/** What is known of the chain; read anew as a whole where it changed further back than that. */
export interface Scene {
  readonly ledger: Ledger;
  readonly board: Board;
  readonly planner: Planner;
}

/** The present: of the chain, but for when it was read. */
export interface Moment {
  /** Second of the latest block. */
  now: number;
  /** When that block was read, milliseconds of this process. */
  readAt: number;
  market: MarketPrice;
  /** USD of the native coin, 10 decimals. */
  nativePrice: bigint;
}
