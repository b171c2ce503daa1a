/**
 * Closing a position in parts. A part takes its share of the margin, rounded down, and frees the reserve that the rest no
 * longer needs: over any sequence of parts margin and reserve add up to those of the whole.
 */
import { mulDivDown } from "./rounding";
import type { Position } from "./trade";
import { gainCap } from "./trade";

/** A position divided. */
export interface Division {
  /** What is closed: to be settled like a position of its own. */
  readonly part: Position;
  /** What stays open. */
  readonly rest: Position;
  /** Reserve released, in tokens; at least the largest gain of the part. */
  readonly released: bigint;
}

/** Takes `size` out of a position; less than all of it. */
export function dividePosition(position: Position, size: bigint): Division {
  if (size <= 0n || size >= position.size) throw new Error(`${size} is no part of ${position.size}`);
  const initialMargin = mulDivDown(position.initialMargin, size, position.size);
  const added = mulDivDown(position.margin - position.initialMargin, size, position.size);
  const part: Position = { ...position, size, initialMargin, margin: initialMargin + added };
  const rest: Position = {
    ...position,
    size: position.size - size,
    initialMargin: position.initialMargin - initialMargin,
    margin: position.margin - part.margin,
  };
  const reserveOf = (held: Position): bigint => gainCap(held.initialMargin, held.profitCapPips);
  return { part, rest, released: reserveOf(position) - reserveOf(rest) };
}
