/** Placing an order: what it may ask for, what it takes, what of it rests. */
import { abs, min } from "../rounding";
import { bestTick, crosses } from "./book";
import { noteChange } from "./effects";
import type { CallEffects } from "./effects";
import { feeOf } from "./fees";
import { bookTakerFee } from "./funds";
import { LEAST_RESTING, bandEdge, countHighLeverage, highLeverageReason, matchTaker, withinBand } from "./matching";
import type { Match, SelfTrade } from "./matching";
import { closedLots } from "./positions";
import { Refusal, check } from "./refusal";
import { rest } from "./resting";
import type { OrderId } from "./resting";
import { accountOf, addCash, checkAge, scopeOf } from "./scopes";
import type { ExchangeState, MarketState } from "./state";
import { topCap } from "./tiers";
import { checkOpening } from "./touches";
import type { Side } from "./units";
import { QUOTE, notionalOf, opposite, priceOfTick, quotePerTickLot, signOf, tickDown, valueOf } from "./units";

/** What becomes of what is not filled at once: it rests · refused where it would fill · dropped · all of it refused. */
export type OrderType = "limit" | "postOnly" | "immediateOrCancel" | "fillOrKill";

/** An order as it is asked for. */
export interface Order {
  readonly market: number;
  readonly side: Side;
  readonly type: OrderType;
  /** Its limit; 0, where it never rests, the edge of the band. */
  readonly tick: bigint;
  readonly lots: bigint;
  /** Last second in which it may be filled; 0 for ever. */
  readonly expiry: bigint;
  readonly isReduceOnly: boolean;
  readonly selfTrade: SelfTrade;
  readonly maxFills: number;
}

/** What became of an order. */
export interface Placed extends Omit<Match, "cause" | "met"> {
  /** None where it did not look. */
  readonly cause?: Match["cause"];
  readonly id?: OrderId;
}

const LEAST_ORDER = 10n * QUOTE;
/** Oldest index for a reduction, a resting order and the other markets of a scope. */
export const USUAL_SECONDS = 30n;
/** Oldest index for an increase by a taker, and for any at high leverage. */
export const INCREASE_SECONDS = 15n;
export const HIGH_LEVERAGE_SECONDS = 2n;

/** Oldest index that an increase may have, by leverage. */
export function openingSeconds({ config }: MarketState, leverage: bigint, seconds: bigint): bigint {
  return leverage > config.restingLeverage ? HIGH_LEVERAGE_SECONDS : seconds;
}

function opensAnything({ breaker }: ExchangeState, { status }: MarketState): void {
  check(breaker === 0, "BreakerRaised");
  check(status === "active", "MarketReduceOnly");
}

/** Lots that the order may trade: all, or what reduces the position. */
function checkedLots(state: ExchangeState, account: number, order: Order): bigint {
  const { config, mark, status } = state.markets[order.market];
  const canRest = order.type === "limit" || order.type === "postOnly";
  check(status !== "settling", "MarketSettling");
  check(state.breaker < 3, "BreakerRaised");
  check(order.lots > 0n, "SizeMissing");
  check(order.tick > 0n || !canRest, "PriceMissing");
  check(order.expiry === 0n || order.expiry >= state.now, "ExpiryPassed");
  checkAge(state, order.market, USUAL_SECONDS);
  const tick = order.tick === 0n ? tickDown(config.grid, mark) : order.tick;
  check(notionalOf(config.grid, tick, order.lots) >= LEAST_ORDER, "NotionalTooSmall");
  if (!order.isReduceOnly) return order.lots;
  const { lots } = accountOf(state, account).stakes[order.market].position;
  const reducing = closedLots(lots, signOf(order.side) * order.lots);
  check(reducing > 0n, "NothingToReduce");
  return canRest ? order.lots : reducing;
}

/** Takes what the book has for the order. */
function take(state: ExchangeState, effects: CallEffects, account: number, order: Order, lots: bigint): Match {
  const { market: number, side } = order;
  const market = state.markets[number];
  const { config } = market;
  const stake = accountOf(state, account).stakes[number];
  const reducing = closedLots(stake.position.lots, signOf(side) * lots);
  const wanted = order.isReduceOnly ? min(lots, reducing) : lots;
  const match = matchTaker(state, effects, number, {
    account,
    side,
    lots: wanted,
    limit: withinBand(market, side, order.tick),
    maxFills: order.maxFills,
    selfTrade: order.selfTrade,
  });
  if (match.filled === 0n) return match;

  if (match.increased > 0n) {
    opensAnything(state, market);
    checkOpening(state, market, openingSeconds(market, stake.leverage, INCREASE_SECONDS));
    const held = accountOf(state, account).stakes[number].position.lots;
    check(abs(valueOf(config.grid, market.mark, held)) <= topCap(config.tiers), "PositionTooLarge");
    const reason = highLeverageReason(state, market, stake.leverage, match.increasedNotional, market.openLots);
    if (reason !== undefined) throw new Refusal(reason);
    countHighLeverage(state, market, stake.leverage, match.increasedNotional);
    noteChange(state, effects, account, number, "increased");
  } else {
    noteChange(state, effects, account, number, "reduced");
  }
  const fee = feeOf(match.tickLots * quotePerTickLot(config.grid), config.takerFeePips);
  addCash(state, scopeOf(state, account, number), -fee);
  bookTakerFee(state, market, fee, accountOf(state, account).broker);
  return match;
}

/** Whether what is left of an order may rest; refused where nothing of it was filled, else dropped. */
function mayRest(state: ExchangeState, account: number, order: Order, match: Match, lots: bigint): boolean {
  const { book, config, mark, status } = state.markets[order.market];
  const { grid } = config;
  const isWhole = match.filled === 0n;
  const refuse = (condition: boolean, reason: Refusal["reason"]) => {
    if (isWhole) check(condition, reason);
    return condition;
  };
  if (match.cause === "selfTrade" || match.cause === "maxFills") return false;
  const best = bestTick(book, opposite(order.side));
  if (best !== undefined && crosses(order.side, order.tick, best)) return false;
  if (!refuse(state.breaker === 0, "BreakerRaised") || !refuse(status === "active", "MarketReduceOnly")) return false;
  const { leverage, position } = accountOf(state, account).stakes[order.market];
  const seconds = openingSeconds(state.markets[order.market], leverage, USUAL_SECONDS);
  if (!refuse(state.now - (state.markets[order.market].index?.publishTime ?? 0n) <= seconds, "IndexStale")) {
    return false;
  }
  const edge = bandEdge(grid, mark, config.bandPips, order.side);
  if (!refuse(crosses(order.side, edge, order.tick), "BeyondBand")) return false;
  if (!refuse(notionalOf(grid, order.tick, lots) >= LEAST_RESTING, "RestTooSmall")) return false;
  if (!order.isReduceOnly) return true;
  if (closedLots(position.lots, signOf(order.side)) === 0n) return false;
  const price = priceOfTick(grid, order.tick);
  return refuse(order.side === "buy" ? price <= mark : price >= mark, "BeyondMark");
}

/** Places an order: what crosses is taken, what is left rests, is dropped or refuses it all. */
export function place(state: ExchangeState, effects: CallEffects, account: number, order: Order): Placed {
  const lots = checkedLots(state, account, order);
  const market = state.markets[order.market];
  const best = bestTick(market.book, opposite(order.side));
  const limit = withinBand(market, order.side, order.tick);
  const isTaking = best !== undefined && crosses(order.side, limit, best);
  if (order.type === "postOnly") check(!isTaking, "WouldFill");
  if (isTaking) check(order.maxFills > 0, "NoFillsAllowed");
  const none: Match = {
    filled: 0n,
    tickLots: 0n,
    met: 0,
    cause: "noPrice",
    increased: 0n,
    increasedNotional: 0n,
  };
  const match = isTaking ? take(state, effects, account, order, lots) : none;
  if (order.type === "fillOrKill") check(match.filled === order.lots, "WouldNotFill");
  const placed: Placed = { ...match, cause: isTaking ? match.cause : undefined };
  const left = lots - match.filled;
  if (left === 0n || order.type === "immediateOrCancel" || order.type === "fillOrKill") return placed;
  if (!mayRest(state, account, order, match, left)) return placed;
  const { expiry, isReduceOnly, side, tick } = order;
  const id = rest(state, effects, order.market, { account, side, tick, lots: left, expiry, isReduceOnly });
  if (!isReduceOnly) noteChange(state, effects, account, order.market, "rested");
  return { ...placed, id };
}
