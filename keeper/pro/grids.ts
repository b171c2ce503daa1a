/** Grids as their events tell them, and how much of each a roll would answer. */
import type { EventOf } from "@asterism/sdk";
import type { gridBookAbi } from "@asterism/sdk/abis";

/** A grid that runs: what was chosen, and how its account stood at its last roll. Lots. */
export interface GridRecord {
  readonly id: bigint;
  readonly account: bigint;
  readonly market: number;
  /** Of each order. */
  readonly lots: bigint;
  /** Held where every cell is. */
  readonly most: bigint;
  /** The lowest and the highest line, ticks. */
  readonly low: bigint;
  readonly high: bigint;
  /** Ticks that end it; 0: none. */
  readonly stopLow: bigint;
  readonly stopHigh: bigint;
  /** What its account held and had in the book. */
  readonly position: bigint;
  readonly bidLots: bigint;
  readonly askLots: bigint;
  /** What its cells hold. */
  readonly held: bigint;
  /** The same up to the last line that was paid for. */
  readonly paidHeld: bigint;
  /** Second of the chain. */
  readonly rolledAt: number;
  /** When a liquidation last reduced its position; 0: not since it was opened. */
  readonly reducedAt: number;
  /** The last roll answered lines, and its account could not pay for them. */
  readonly isUnpaid: boolean;
}

/** What an account has in a market; of its orders those that are not reduce-only. */
export interface Holding {
  readonly position: bigint;
  readonly bidLots: bigint;
  readonly askLots: bigint;
}

/** What a roll would find. */
export interface GridCount {
  readonly held: bigint;
  /** The position moved by no more than the orders account for; otherwise the next roll ends the grid. */
  readonly isExplained: boolean;
  /** Lines that were filled and that nobody was paid for. */
  readonly lines: number;
}

type GridEvent = EventOf<typeof gridBookAbi>;
type Opened = Extract<GridEvent, { name: "GridOpened" }>["args"];
type Rolled = Extract<GridEvent, { name: "GridRolled" }>["args"];

const KEY_MASK = (1n << 48n) - 1n;

/** Of an account and a market: one grid at a time. */
export const gridKey = (market: number, account: bigint): bigint => (account << 8n) | BigInt(market);
export const keyOfGrid = (id: bigint): bigint => id & KEY_MASK;

export function openedGrid({ account, id, order, startHeld }: Opened, time: number, holding: Holding): GridRecord {
  const { high, lots, low, stopHigh, stopLow } = order;
  return {
    ...{ id, account, market: Number(order.market), lots, most: (order.lines - 1n) * lots, low, high },
    ...{ stopLow, stopHigh, ...holding, held: startHeld, paidHeld: startHeld },
    ...{ rolledAt: time, reducedAt: 0, isUnpaid: false },
  };
}

export function rolledGrid(grid: GridRecord, { held, roll }: Rolled, time: number, holding: Holding): GridRecord {
  const due = size(held - grid.paidHeld) / grid.lots;
  const answered = due < roll.placed ? due : roll.placed;
  const moved = answered * grid.lots;
  return {
    ...{ ...grid, ...holding, held, rolledAt: time },
    paidHeld: held > grid.paidHeld ? grid.paidHeld + moved : grid.paidHeld - moved,
    // A roll that answers nothing asks for no pay, and says nothing of the account.
    isUnpaid: answered === 0n ? grid.isUnpaid : roll.tip === 0n,
  };
}

/**
 * What was bought and sold since the last roll. Where all orders that are gone account for the move they were all filled; otherwise some
 * were taken off, and the move itself is what counts.
 */
export function countGrid(grid: GridRecord, { askLots, bidLots, position }: Holding): GridCount {
  const [bids, asks] = [fallen(grid.bidLots, bidLots), fallen(grid.askLots, askLots)];
  const moved = position - grid.position;
  const isWhole = bids - asks === moved && grid.held + bids <= grid.most && asks <= grid.held;
  const bought = isWhole ? bids : moved > 0n ? moved : 0n;
  const sold = isWhole ? asks : moved < 0n ? -moved : 0n;
  const held = grid.held + bought - sold;
  const isWithin = bought <= bids && sold <= asks && held >= 0n && held <= grid.most;
  if (!isWithin || grid.reducedAt >= grid.rolledAt) return { held: grid.held, isExplained: false, lines: 0 };
  return { held, isExplained: true, lines: Number(size(held - grid.paidHeld) / grid.lots) };
}

const fallen = (before: bigint, now: bigint): bigint => (before > now ? before - now : 0n);
const size = (lots: bigint): bigint => (lots < 0n ? -lots : lots);
