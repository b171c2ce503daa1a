/** Positions: signed lots, what is open at its entry cost, and funding since the last change. */
import { abs, floorDiv } from "../rounding";
import type { Grid } from "./units";
import { valueOf } from "./units";

/** One per account and market. */
export interface Position {
  /** Positive long, negative short. */
  readonly lots: bigint;
  /** Σ fill price × lots of what is open, quote, with the sign of the lots. */
  readonly cost: bigint;
  /** Its side's funding index at the last change, quote per lot. */
  readonly snapshot: bigint;
}

/** What a lot of either side has owed since the beginning, quote per lot; negative received. */
export interface FundingIndices {
  readonly longOwed: bigint;
  readonly shortOwed: bigint;
}

/** What a change of a position brings about. */
export interface PositionChange {
  readonly position: Position;
  /** Goes to the scope's cash, quote: what closed lots brought beyond their cost; negative is a loss. */
  readonly realised: bigint;
  /** Leaves the scope's cash, quote: funding since the last change; negative was received. */
  readonly funding: bigint;
}

/** No position. */
export const FLAT: Position = { lots: 0n, cost: 0n, snapshot: 0n };
/** Indices of a new market. */
export const NO_FUNDING: FundingIndices = { longOwed: 0n, shortOwed: 0n };

/** The index that a position of so many lots follows; 0 without. */
export function indexOf({ longOwed, shortOwed }: FundingIndices, lots: bigint): bigint {
  return lots === 0n ? 0n : lots > 0n ? longOwed : shortOwed;
}

/** Funding since the last change, quote; exact, positive when the position owes. */
export function fundingOwed({ lots, snapshot }: Position, indices: FundingIndices): bigint {
  return abs(lots) * (indexOf(indices, lots) - snapshot);
}

/** U: value less cost less funding owed, quote; exact. */
export function unrealised(grid: Grid, position: Position, price: bigint, indices: FundingIndices): bigint {
  return valueOf(grid, price, position.lots) - position.cost - fundingOwed(position, indices);
}

/** What of a position's lots a trade of so many signed lots closes; 0 where it only opens. */
export function closedLots(held: bigint, lots: bigint): bigint {
  if (held === 0n || held > 0n === lots > 0n) return 0n;
  return abs(lots) < abs(held) ? abs(lots) : abs(held);
}

/**
 * Buys (positive) or sells lots at a price, 10 decimals. What reduces leaves the cost's share of what stays, rounded down,
 * and realises the rest: a rounding moves a gain from cash to what is unrealised. Crossing zero is a reduction to 0, then
 * an opening.
 */
export function fill(
  grid: Grid,
  position: Position,
  indices: FundingIndices,
  lots: bigint,
  price: bigint,
): PositionChange {
  const reducing = closedLots(position.lots, lots) * (lots > 0n ? 1n : -1n);
  const reduced = reduceFor(position, indices, reducing, valueOf(grid, price, reducing));
  const opening = lots - reducing;
  return increaseFor(reduced, indices, opening, valueOf(grid, price, opening));
}

/** Adds lots to a changed position for an amount of quote, both with the sign of the lots. */
export function increaseFor(
  change: PositionChange,
  indices: FundingIndices,
  lots: bigint,
  quote: bigint,
): PositionChange {
  const held = change.position.lots + lots;
  const position = { lots: held, cost: change.position.cost + quote, snapshot: indexOf(indices, held) };
  return { ...change, position };
}

/**
 * Trades lots that only reduce a position for an amount of quote, which has the sign of the lots: what a buyer pays, or
 * minus what a seller receives.
 */
export function reduceFor(position: Position, indices: FundingIndices, lots: bigint, quote: bigint): PositionChange {
  const held = position.lots + lots;
  if (abs(held) > abs(position.lots)) throw new RangeError(`${lots} lots don't reduce ${position.lots}`);
  const cost = position.lots === 0n ? 0n : floorDiv(position.cost * abs(held), abs(position.lots));
  return {
    position: { lots: held, cost, snapshot: indexOf(indices, held) },
    realised: cost - position.cost - quote,
    funding: fundingOwed(position, indices),
  };
}
