/** The clock of carry and loss budgets: it stands still while everything is halted. */
import { max, min } from "./rounding";

/** A level 3, from the second it began to the second it ended or will end. */
export interface Halt {
  readonly from: bigint;
  readonly to: bigint;
}

/** The time less every second of a halt up to it. The halts don't overlap. */
export function clockAt(now: bigint, halts: readonly Halt[]): bigint {
  return halts.reduce((clock, { from, to }) => clock - max(min(now, to) - from, 0n), now);
}
