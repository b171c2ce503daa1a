/** Orders on the book together with what an account keeps of them: slots and sums. */
import { addOrder, removeOrder } from "./book";
import { noteLevel, touch } from "./effects";
import type { CallEffects } from "./effects";
import { check } from "./refusal";
import type { Reason } from "./refusal";
import { accountOf } from "./scopes";
import { MAX_ORDERS } from "./state";
import type { ExchangeState, RestingOrder, Stake } from "./state";
import type { Side } from "./units";

/** A reference that no later order of the slot answers to. */
export interface OrderId {
  readonly account: number;
  readonly market: number;
  readonly slot: number;
  readonly generation: bigint;
}

/** Adds lots to an account's sums of a side, or takes them off. */
function addToSums(stake: Stake, side: Side, tick: bigint, lots: bigint): void {
  const { askLots, askTickLots, bidLots, bidTickLots } = stake.sums;
  stake.sums =
    side === "buy"
      ? { ...stake.sums, bidLots: bidLots + lots, bidTickLots: bidTickLots + tick * lots }
      : { ...stake.sums, askLots: askLots + lots, askTickLots: askTickLots + tick * lots };
}

/** Why an account has no room for another order, if it has none. */
export function slotReason(state: ExchangeState, account: number, market: number): Reason | undefined {
  const { orders, stakes } = accountOf(state, account);
  if (!stakes[market].slots.includes(null)) return "SlotsFull";
  return orders < MAX_ORDERS ? undefined : "OrdersFull";
}

/** An order comes to rest in the lowest free slot; there is one. */
export function rest(
  state: ExchangeState,
  effects: CallEffects,
  market: number,
  order: Omit<RestingOrder, "slot" | "generation">,
): OrderId {
  const account = accountOf(state, order.account);
  const stake = account.stakes[market];
  const slot = stake.slots.indexOf(null);
  touch(state, effects, market);
  const generation = ++stake.generations[slot];
  const resting: RestingOrder = { ...order, slot, generation };
  stake.slots[slot] = resting;
  account.orders++;
  if (!order.isReduceOnly) addToSums(stake, order.side, order.tick, order.lots);
  addOrder(state.markets[market].book, resting);
  noteLevel(state, effects, market, order.side, order.tick);
  return { account: order.account, market, slot, generation };
}

/** Takes lots of an order off the book; with the last one the order. */
export function reduceOrder(
  state: ExchangeState,
  effects: CallEffects,
  market: number,
  order: RestingOrder,
  lots: bigint,
): void {
  touch(state, effects, market);
  const account = accountOf(state, order.account);
  const stake = account.stakes[market];
  if (!order.isReduceOnly) addToSums(stake, order.side, order.tick, -lots);
  order.lots -= lots;
  noteLevel(state, effects, market, order.side, order.tick);
  if (order.lots > 0n) return;
  removeOrder(state.markets[market].book, order);
  stake.slots[order.slot] = null;
  account.orders--;
  effects.emptied.push({ account: order.account, market });
}

/** Takes an order off the book. */
export function removeResting(state: ExchangeState, effects: CallEffects, market: number, order: RestingOrder): void {
  reduceOrder(state, effects, market, order, order.lots);
}

/** The order that an id names; a foreign one, or one of an earlier use of the slot, names none. */
export function findOrder(state: ExchangeState, id: OrderId): RestingOrder {
  const order = state.accounts[id.account]?.stakes[id.market]?.slots[id.slot];
  check(order !== undefined && order !== null && order.generation === id.generation, "OrderNotFound");
  return order;
}

/** Whether an order counts no longer. */
export function isExpired({ now }: ExchangeState, { expiry }: RestingOrder): boolean {
  return expiry !== 0n && now > expiry;
}

/** Orders of an account in a market. */
export function ordersOf(state: ExchangeState, account: number, market: number): RestingOrder[] {
  return accountOf(state, account).stakes[market].slots.filter((order) => order !== null);
}
