/**
 * Units of the order book. A price has 10 decimals, a size 8, their product is quote with 18 decimals: 1e18 is one whole
 * settlement token. An order counts its price in ticks and its size in lots.
 */
import { PIPS, X18 } from "../../units";
import { ceilDiv, floorDiv } from "../rounding";

/** Steps of price and size of a market. */
export interface Grid {
  /** Price of one tick, 10 decimals. */
  readonly tickSize: bigint;
  /** Size of one lot, 8 decimals. */
  readonly lotSize: bigint;
}

/** One whole unit of quote. */
export const QUOTE = X18;
/** Pips as a fraction with 18 decimals. */
export const PIPS_X18 = X18 / PIPS;

/** Which way an order or a fill changes the position of its owner. */
export type Side = "buy" | "sell";

/** +1 for what buys, −1 for what sells. */
export function signOf(side: Side): bigint {
  return side === "buy" ? 1n : -1n;
}

/** The side that an order of this side meets. */
export function opposite(side: Side): Side {
  return side === "buy" ? "sell" : "buy";
}

/** Price of an order, 10 decimals. */
export function priceOfTick({ tickSize }: Grid, tick: bigint): bigint {
  return tick * tickSize;
}

/** Last tick not above a price. */
export function tickDown({ tickSize }: Grid, price: bigint): bigint {
  return floorDiv(price, tickSize);
}

/** First tick not below a price. */
export function tickUp({ tickSize }: Grid, price: bigint): bigint {
  return ceilDiv(price, tickSize);
}

/** Lots at a price, quote; exact, with the sign of the lots. */
export function valueOf({ lotSize }: Grid, price: bigint, lots: bigint): bigint {
  return price * lotSize * lots;
}

/** One lot by one tick, quote: what a unit of an account's sums B and A is worth. */
export function quotePerTickLot({ lotSize, tickSize }: Grid): bigint {
  return tickSize * lotSize;
}

/** An order's notional at its own price, quote; exact. */
export function notionalOf(grid: Grid, tick: bigint, lots: bigint): bigint {
  return tick * lots * quotePerTickLot(grid);
}

/** numerator / denominator towards zero: what is neither paid nor received, but a measure with a sign. */
export function truncDiv(numerator: bigint, denominator: bigint): bigint {
  return numerator / denominator;
}
