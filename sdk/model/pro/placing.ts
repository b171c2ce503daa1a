/** Placing an order: what it may ask for, what it takes, what of it rests. */
import { abs, min } from "../rounding";
import { bestTick, crosses } from "./book";
import { begin, noteChange } from "./effects";
import type { CallEffects } from "./effects";
import { feeOf } from "./fees";
import { bookTakerFee } from "./funds";
import { LEAST_RESTING, bandEdge, countHighLeverage, highLeverageReason, matchTaker, withinBand } from "./matching";
import type { Match, SelfTrade } from "./matching";
import { Refusal, check } from "./refusal";
import type { Reason } from "./refusal";
import { rest, slotReason } from "./resting";
import type { OrderId } from "./resting";
import { accountOf, addCash, checkAge, indexAge, scopeOf } from "./scopes";
import type { ExchangeState, MarketState } from "./state";
import { topCap } from "./tiers";
import { checkOpening, openInterest } from "./touches";
import type { Side } from "./units";
import { QUOTE, notionalOf, opposite, priceOfTick, quotePerTickLot, valueOf } from "./units";

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

/** What became of an order; no cause where it did not meet the book. */
export interface Placed extends Omit<Match, "cause"> {
  readonly cause?: Match["cause"];
  readonly id?: OrderId;
}

const NOTHING: Placed = { filled: 0n, tickLots: 0n, met: 0, increased: 0n, increasedNotional: 0n };
const LEAST_ORDER = 10n * QUOTE;
/** Most resting orders that one order may meet. */
const MAX_FILLS = 100;
/** Oldest index for a reduction, a resting order and the other markets of a scope. */
export const USUAL_SECONDS = 30n;
/** Oldest index for an increase by a taker, and for any at high leverage. */
export const INCREASE_SECONDS = 15n;
export const HIGH_LEVERAGE_SECONDS = 2n;

/** Oldest index that an increase may have, by leverage. */
export function openingSeconds({ config }: MarketState, leverage: bigint, seconds: bigint): bigint {
  return leverage > config.restingLeverage ? HIGH_LEVERAGE_SECONDS : seconds;
}

/** An order as it is worked on: what it may trade, and what of that only reduces. */
interface Working {
  readonly order: Order;
  readonly account: number;
  readonly market: MarketState;
  readonly leverage: bigint;
  readonly lots: bigint;
  readonly reducible: bigint;
}

function checkOpen({ breaker }: ExchangeState, { status }: MarketState): void {
  check(status === "active", "MarketReduceOnly");
  check(breaker === 0, "BreakerRaised");
}

/** What an order comes to before it meets the book; one that only reduces is cut to what there is to reduce. */
function load(state: ExchangeState, account: number, order: Order): Working {
  const market = state.markets[order.market];
  check(market.status !== "settling", "MarketSettling");
  check(state.breaker < 3, "BreakerRaised");
  check(market.index !== undefined, "IndexMissing");
  begin(state, order.market);
  const { leverage, position } = accountOf(state, account).stakes[order.market];
  const reducible = position.lots > 0n === (order.side === "buy") ? 0n : abs(position.lots);
  if (order.isReduceOnly) check(reducible > 0n, "NothingToReduce");
  const lots = order.isReduceOnly ? min(order.lots, reducible) : order.lots;
  return { order, account, market, leverage, lots, reducible };
}

function checkSize({ now }: ExchangeState, { lots, market, order, reducible }: Working): void {
  const { config, mark } = market;
  const { expiry, tick, type } = order;
  check(lots > 0n, "SizeMissing");
  check(tick > 0n || (type !== "limit" && type !== "postOnly"), "PriceMissing");
  check(expiry === 0n || expiry >= now, "ExpiryPassed");
  const notional = tick === 0n ? valueOf(config.grid, mark, lots) : notionalOf(config.grid, tick, lots);
  // What is left of a position can always be closed.
  const isClosing = order.isReduceOnly && lots === reducible;
  check(notional >= LEAST_ORDER || isClosing, "NotionalTooSmall");
}

/** Whether an order meets the best price of the other side; without a limit it meets any. */
function meetsBook({ market, order }: Working): boolean {
  const best = bestTick(market.book, opposite(order.side));
  return best !== undefined && (order.tick === 0n || crosses(order.side, order.tick, best));
}

/** What the moment must be like for who takes; an order that may increase is one that does. */
function checkTaking(state: ExchangeState, { leverage, lots, market, order, reducible }: Working): void {
  if (lots <= reducible) {
    checkAge(state, order.market, USUAL_SECONDS);
    return;
  }
  checkOpen(state, market);
  checkOpening(state, market, openingSeconds(market, leverage, INCREASE_SECONDS));
}

/** Caps that an increase of the taker's must keep, once for all its fills. */
function checkCaps(state: ExchangeState, working: Working, match: Match, openLotsBefore: bigint): void {
  const { account, leverage, market, order } = working;
  const { config } = market;
  const held = accountOf(state, account).stakes[order.market].position.lots;
  check(abs(valueOf(config.grid, market.mark, held)) <= topCap(config.tiers), "PositionTooLarge");
  const reason = highLeverageReason(state, market, leverage, match.increasedNotional, market.openLots);
  if (reason !== undefined) throw new Refusal(reason);
  const isWithin = openInterest(market) <= config.openInterestCap;
  check(market.openLots <= openLotsBefore || isWithin, "OpenInterestFull");
}

/** Takes what the book has for the order. */
function take(state: ExchangeState, effects: CallEffects, working: Working): Match {
  const { account, leverage, lots, market, order } = working;
  const { market: number, maxFills, selfTrade, side } = order;
  check(maxFills > 0 && maxFills <= MAX_FILLS, "NoFillsAllowed");
  checkTaking(state, working);
  const before = market.openLots;
  const limit = withinBand(market, side, order.tick);
  const match = matchTaker(state, effects, number, { account, side, lots, limit, maxFills, selfTrade });
  if (match.filled === 0n) return match;
  if (match.increased > 0n) {
    checkCaps(state, working, match, before);
    countHighLeverage(state, market, leverage, match.increasedNotional);
  }
  noteChange(state, effects, account, number, match.increased > 0n ? "increased" : "reduced");
  const fee = feeOf(match.tickLots * quotePerTickLot(market.config.grid), market.config.takerFeePips);
  addCash(state, scopeOf(state, account, number), -fee);
  bookTakerFee(state, market, fee, accountOf(state, account).broker);
  return match;
}

/** What keeps lots of an order from resting. */
function obstacle(state: ExchangeState, { leverage, market, order }: Working, lots: bigint): Reason | undefined {
  const { config, mark, status } = market;
  const { isReduceOnly, side, tick } = order;
  const price = priceOfTick(config.grid, tick);
  if (status !== "active") return "MarketReduceOnly";
  if (state.breaker > 0) return "BreakerRaised";
  if (indexAge(state, market) > openingSeconds(market, leverage, USUAL_SECONDS)) return "IndexStale";
  if (notionalOf(config.grid, tick, lots) < LEAST_RESTING) return "RestTooSmall";
  if (isReduceOnly && (side === "buy" ? price > mark : price < mark)) return "BeyondMark";
  return crosses(side, bandEdge(config.grid, mark, config.bandPips, side), tick) ? undefined : "BeyondBand";
}

/** What is left of an order rests. Of which something was filled is dropped where it can't rest, another one is refused. */
function restOf(state: ExchangeState, effects: CallEffects, working: Working, match?: Match): OrderId | undefined {
  const { account, order } = working;
  const left = working.lots - (match?.filled ?? 0n);
  const canRest = order.type === "limit" || order.type === "postOnly";
  if (!canRest || left === 0n || match?.cause === "maxFills" || match?.cause === "selfTrade") return undefined;
  // It still crosses what lies beyond the band.
  if (meetsBook(working)) return undefined;
  const reason = obstacle(state, working, left) ?? slotReason(state, account, order.market);
  if (reason !== undefined) {
    if (match === undefined || match.filled === 0n) throw new Refusal(reason);
    return undefined;
  }
  const { expiry, isReduceOnly, side, tick } = order;
  const id = rest(state, effects, order.market, { account, side, tick, lots: left, expiry, isReduceOnly });
  // Without margin of its own it must not be in the way of a liquidation.
  noteChange(state, effects, account, order.market, isReduceOnly ? "reduced" : "rested");
  return id;
}

/** Places an order: what crosses is taken, what is left rests, is dropped or refuses it all. */
export function place(state: ExchangeState, effects: CallEffects, account: number, order: Order): Placed {
  const working = load(state, account, order);
  checkSize(state, working);
  const isTaking = meetsBook(working);
  if (isTaking) check(order.type !== "postOnly", "WouldFill");
  const match = isTaking ? take(state, effects, working) : undefined;
  if (order.type === "fillOrKill") check(match?.filled === working.lots, "WouldNotFill");
  const id = restOf(state, effects, working, match);
  return { ...(match ?? NOTHING), id };
}
