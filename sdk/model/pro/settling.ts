/** Delisting: a last index that stands for good, and positions closed against each other at it. */
import { min } from "../rounding";
import { noEffects, renewMarks, returnEmptied } from "./effects";
import { applyChange, leavesDeficit } from "./matching";
import { fill } from "./positions";
import { check } from "./refusal";
import { isExpired, findOrder, removeResting } from "./resting";
import type { OrderId } from "./resting";
import { accountOf, scopeHealth, scopeOf } from "./scopes";
import type { ExchangeState } from "./state";
import { accrue, renewMark } from "./touches";

/** The index stands from now on, is never too old, and is the mark; nothing is owed any more. */
export function beginSettling(state: ExchangeState, number: number): void {
  const market = state.markets[number];
  check(market.status === "reduceOnly" && market.index !== undefined, "SettlingNotDue");
  accrue(state, market);
  market.status = "settling";
  renewMark(market);
}

/** Closes opposite positions against each other at the last index, without fees. */
export function closeSettled(state: ExchangeState, number: number, long: number, short: number, most: bigint): bigint {
  const market = state.markets[number];
  check(market.status === "settling", "SettlingNotDue");
  const buyer = accountOf(state, short).stakes[number].position;
  const seller = accountOf(state, long).stakes[number].position;
  const lots = min(most, min(seller.lots, -buyer.lots));
  check(lots > 0n, "SameSide");
  // At the mark a part would leave the whole deficit to who is left with the rest.
  for (const account of [long, short]) {
    check(scopeHealth(state, scopeOf(state, account, number)).equity >= 0n, "Deficit");
  }
  const effects = noEffects();
  const { indices } = market.funding;
  const sold = fill(market.config.grid, seller, indices, -lots, market.mark);
  const bought = fill(market.config.grid, buyer, indices, lots, market.mark);
  for (const [account, change] of [
    [long, sold],
    [short, bought],
  ] as const) {
    check(!leavesDeficit(state, account, number, change, 0n), "Deficit");
    applyChange(state, effects, account, number, change);
  }
  market.openLots -= lots;
  returnEmptied(state, effects);
  return lots;
}

/** Anyone takes expired orders off, and any of a market that settles. */
export function cancelDead(state: ExchangeState, id: OrderId): void {
  const order = findOrder(state, id);
  const isDead = isExpired(state, order) || state.markets[id.market].status === "settling";
  check(isDead, "OrderNotExpired");
  const effects = noEffects();
  removeResting(state, effects, id.market, order);
  returnEmptied(state, effects);
  renewMarks(state, effects);
}
