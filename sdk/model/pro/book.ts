/** The order book: price-time priority. Orders are added and taken off here; who may is decided elsewhere. */
import { isWithinBand, MAX_LEVELS } from "./mark";
import type { FirmLevel } from "./mark";
import type { Book, Level, RestingOrder } from "./state";
import type { Grid, Side } from "./units";
import { priceOfTick } from "./units";

/** Whether tick a comes before tick b on a side. */
export function isBetter(side: Side, a: bigint, b: bigint): boolean {
  return side === "buy" ? a > b : a < b;
}

/** Whether an order of a side at a limit meets a price of the other side. */
export function crosses(side: Side, limit: bigint, tick: bigint): boolean {
  return side === "buy" ? tick <= limit : tick >= limit;
}

/** The best price of a side. */
export function bestTick(book: Book, side: Side): bigint | undefined {
  return book[side][0]?.tick;
}

/** The order that is met first on a side. */
export function firstOrder(book: Book, side: Side): RestingOrder | undefined {
  return book[side][0]?.orders[0];
}

/** Adds an order behind all others of its price. */
export function addOrder(book: Book, order: RestingOrder): void {
  const levels = book[order.side];
  const at = levels.findIndex(({ tick }) => tick === order.tick || isBetter(order.side, order.tick, tick));
  if (at !== -1 && levels[at].tick === order.tick) {
    levels[at].orders.push(order);
    return;
  }
  levels.splice(at === -1 ? levels.length : at, 0, { tick: order.tick, orders: [order] });
}

/** Takes an order off, and its level with the last one. */
export function removeOrder(book: Book, order: RestingOrder): void {
  const levels = book[order.side];
  const at = levels.findIndex(({ tick }) => tick === order.tick);
  const { orders } = levels[at];
  orders.splice(orders.indexOf(order), 1);
  if (orders.length === 0) levels.splice(at, 1);
}

/** Lots of a level. */
export function lotsOf({ orders }: Level): bigint {
  return orders.reduce((sum, { lots }) => sum + lots, 0n);
}

/** Whether an order's lots count for depth: it stays until it is taken off, and may open a position. */
export function isFirm({ expiry, isReduceOnly }: RestingOrder): boolean {
  return expiry === 0n && !isReduceOnly;
}

/** The first levels of a side as the search for depth sees them: nothing is firm beyond the band. */
export function firmLevels(grid: Grid, levels: readonly Level[], mark: bigint, bandPips: bigint): FirmLevel[] {
  return levels.slice(0, MAX_LEVELS).map(({ orders, tick }) => {
    const isNear = isWithinBand(priceOfTick(grid, tick), mark, bandPips);
    const firmLots = orders.reduce((sum, order) => sum + (isNear && isFirm(order) ? order.lots : 0n), 0n);
    return { tick, firmLots };
  });
}
