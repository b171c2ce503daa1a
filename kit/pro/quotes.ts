/** How makers quote and takers take, as actions of the model. */
import { ordersOf, tickDown, tickUp } from "../../sdk/model/pro";
import type { Action, ExchangeState, Order, Side } from "../../sdk/model/pro";
import { PIPS } from "../../sdk/units";

/** Orders that a taker may meet. */
const MOST_FILLS = 100;

/** A level of a ladder on both sides of a price. */
export interface Rung {
  /** Distance from the price. */
  readonly pips: bigint;
  readonly lots: bigint;
}

const PLAIN = { expiry: 0n, isReduceOnly: false, selfTrade: "expireMaker", maxFills: MOST_FILLS } as const;

/** Post-only bids and asks around a price, each rung rounded away from it. What would fill is skipped. */
export function ladder(state: ExchangeState, market: number, price: bigint, rungs: readonly Rung[]): Action[] {
  const { grid } = state.markets[market].config;
  return rungs.flatMap(({ lots, pips }) => {
    const bid = tickDown(grid, (price * (PIPS - pips)) / PIPS);
    const ask = tickUp(grid, (price * (PIPS + pips)) / PIPS);
    const quote = (side: Side, tick: bigint): Action => ({
      kind: "place",
      isSoft: true,
      order: { ...PLAIN, market, side, type: "postOnly", tick, lots },
    });
    return [quote("buy", bid), quote("sell", ask)];
  });
}

/** Takes all orders of an account in a market off. */
export function cancelAll(state: ExchangeState, account: number, market: number): Action[] {
  return ordersOf(state, account, market).map(({ generation, slot }) => ({
    kind: "cancel",
    id: { account, market, slot, generation },
  }));
}

/** Takes what the book has within the band, and drops the rest. */
export function marketOrder(market: number, side: Side, lots: bigint, more: Partial<Order> = {}): Action {
  return { kind: "place", order: { ...PLAIN, market, side, type: "immediateOrCancel", tick: 0n, lots, ...more } };
}
