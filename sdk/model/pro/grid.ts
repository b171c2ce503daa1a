/** Grids: where their lines lie, what they hold, which orders they wait with, what they earn. */
import type { Grid, Side } from "./units";
import { priceOfTick } from "./units";

/** An order that a grid wants. */
export interface GridOrder {
  /** Its price, counted from the lowest line. */
  readonly line: number;
  readonly side: Side;
  readonly tick: bigint;
  readonly lots: bigint;
}

/** A grid as far as it decides: its lines, the lots of each, and how many cells on each side have orders. */
export interface Ladder {
  readonly ticks: readonly bigint[];
  readonly lots: bigint;
  readonly window: number;
}

/** 0.02 USD, quote: what a line pays whoever rolls it. */
export const GRID_TIP = 2n * 10n ** 16n;
/** Lines that one roll pays for at most. */
export const GRID_ROLL = 10;
/** Oldest index at which a roll places anything, seconds. */
export const GRID_AGE = 5n;

/** Lines of equal differences, each the nearest tick; of two equally near ones the upper. */
export function arithmeticLines(low: bigint, high: bigint, lines: number): bigint[] {
  const steps = BigInt(lines - 1);
  return Array.from({ length: lines }, (_, i) => {
    const exact = 2n * (low * steps + (high - low) * BigInt(i));
    return (exact + steps) / (2n * steps);
  });
}

/** Lines of equal ratios, each the tick nearest to low · (high / low)^(i / n): by comparing n-th powers, without a root. */
export function geometricLines(low: bigint, high: bigint, lines: number): bigint[] {
  const steps = BigInt(lines - 1);
  return Array.from({ length: lines }, (_, i) => {
    // t is the nearest: the last of which 2t − 1 is not above 2x, where x^n = low^(n − i) · high^i.
    const target = 2n ** steps * low ** (steps - BigInt(i)) * high ** BigInt(i);
    let [least, above] = [low, high + 1n];
    while (above - least > 1n) {
      const middle = (least + above) / 2n;
      if ((2n * middle - 1n) ** steps <= target) least = middle;
      else above = middle;
    }
    return least;
  });
}

/** What a grid holds as it is opened: one line of each cell whose middle is above the price. */
export function gridStart({ lots, ticks }: Ladder, market: Grid, price: bigint): bigint {
  const above = ticks.slice(1).filter((tick, i) => priceOfTick(market, tick + ticks[i]) > 2n * price);
  return BigInt(above.length) * lots;
}

/**
 * The orders of a grid that holds so much, those nearest to the price first, and of two equally near ones that which answers what was
 * filled since `paidHeld`. Cells are held from the highest down; one that is held in part waits with its larger part.
 */
export function gridOrders({ lots, ticks, window }: Ladder, held: bigint, paidHeld: bigint): GridOrder[] {
  const cells = ticks.length - 1;
  const whole = Number(held / lots);
  const part = held % lots;
  const first = cells - whole;
  const orderOf = (cell: number): GridOrder => {
    if (cell >= first) return { line: cell + 1, side: "sell", tick: ticks[cell + 1], lots };
    if (cell + 1 < first || part === 0n) return { line: cell, side: "buy", tick: ticks[cell], lots };
    return part * 2n < lots
      ? { line: cell, side: "buy", tick: ticks[cell], lots: lots - part }
      : { line: cell + 1, side: "sell", tick: ticks[cell + 1], lots: part };
  };
  const distances = Array.from({ length: window }, (_, distance) => distance);
  const pairs = distances.map((distance) => {
    const [above, below] = [first + distance, first - 1 - distance];
    return held >= paidHeld ? [above, below] : [below, above];
  });
  return pairs
    .flat()
    .filter((cell) => cell >= 0 && cell < cells)
    .map(orderOf);
}

/** Whether an order waits because the mark lies beyond its line by more than a cell, or at all where there is no further line. */
export function gridWaits({ ticks }: Ladder, market: Grid, mark: bigint, { line, side }: GridOrder): boolean {
  const next = side === "buy" ? Math.max(line - 1, 0) : Math.min(line + 1, ticks.length - 1);
  const price = priceOfTick(market, ticks[next]);
  return side === "buy" ? mark < price : mark > price;
}

/** Σ tick × lots of the fills that take what a grid holds from one amount to another: bought going up, sold going down. */
export function gridTurnover({ lots, ticks }: Ladder, from: bigint, to: bigint): bigint {
  const [least, most, upper] = from < to ? [from, to, 0] : [to, from, 1];
  return ticks.slice(1).reduce((sum, _, cell) => {
    // Lots below those of this cell.
    const base = BigInt(ticks.length - 2 - cell) * lots;
    const start = least > base ? least : base;
    const end = most < base + lots ? most : base + lots;
    return end > start ? sum + (end - start) * ticks[cell + upper] : sum;
  }, 0n);
}

/** What lines that were bought and sold again earned, ticks × lots, before fees; `flow` is what was sold less what was bought. */
export function gridRealised(ladder: Ladder, start: bigint, held: bigint, flow: bigint): bigint {
  const open = gridTurnover(ladder, start, held);
  return held >= start ? flow + open : flow - open;
}

/** What a roll pays, quote: a line for each that what is held moved by since the last pay, no more than orders came to rest. */
export function gridTip({ lots }: Ladder, held: bigint, paidHeld: bigint, placed: number): bigint {
  const moved = (held > paidHeld ? held - paidHeld : paidHeld - held) / lots;
  return (moved < BigInt(placed) ? moved : BigInt(placed)) * GRID_TIP;
}
