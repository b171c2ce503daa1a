/** Matching: a taker meets resting orders, the best price first and the oldest of it first, each settled at once. */
import { HOUR_SECONDS, PIPS } from "../../units";
import { abs, ceilDiv, floorDiv, max, min } from "../rounding";
import { crosses, firstOrder } from "./book";
import { drained, highLeverageLimit, isFunded } from "./budgets";
import { begin, noteLevel, touch } from "./effects";
import type { CallEffects } from "./effects";
import { feeOf } from "./fees";
import { isWithinGuard } from "./guard";
import { closedLots, fill, increaseFor, reduceFor } from "./positions";
import type { PositionChange } from "./positions";
import type { Reason } from "./refusal";
import { isExpired, reduceOrder, removeResting } from "./resting";
import { accountOf, addCash, cashOf, hasPosition, scopeOf } from "./scopes";
import type { ExchangeState, MarketState, RestingOrder } from "./state";
import { topCap } from "./tiers";
import type { Grid, Side } from "./units";
import { QUOTE, notionalOf, opposite, priceOfTick, quotePerTickLot, signOf, tickDown, tickUp, valueOf } from "./units";

/** What happens where an order meets one of its own owner. */
export type SelfTrade = "expireMaker" | "expireTaker" | "expireBoth";

/** Why an order stopped filling. */
export type StopCause = "filled" | "noPrice" | "maxFills" | "selfTrade";

/** An order that takes. */
export interface Taker {
  readonly account: number;
  readonly side: Side;
  readonly lots: bigint;
  /** Its limit, already within the band. */
  readonly limit: bigint;
  readonly maxFills: number;
  readonly selfTrade: SelfTrade;
}

/** What a taker got. */
export interface Match {
  readonly filled: bigint;
  /** Σ tick × lots. */
  readonly tickLots: bigint;
  readonly met: number;
  readonly cause: StopCause;
  /** Lots that increased the taker's position, and their notional, quote. */
  readonly increased: bigint;
  readonly increasedNotional: bigint;
}

/** Least notional of an order that rests, quote. */
export const LEAST_RESTING = 250n * QUOTE;
/** What a fill leaves below this is cancelled with it. */
const LEAST_RESIDUE = LEAST_RESTING / 10n;

/** The farthest tick from the mark to the disadvantage of who buys or sells. */
export function bandEdge(grid: Grid, mark: bigint, bandPips: bigint, side: Side): bigint {
  return side === "buy"
    ? tickDown(grid, floorDiv(mark * (PIPS + bandPips), PIPS))
    : tickUp(grid, ceilDiv(mark * (PIPS - bandPips), PIPS));
}

/** A limit within the band on its owner's losing side; 0 asks for the edge. */
export function withinBand({ config, mark }: MarketState, side: Side, limit: bigint): bigint {
  const edge = bandEdge(config.grid, mark, config.bandPips, side);
  if (limit === 0n) return edge;
  return side === "buy" ? min(limit, edge) : max(limit, edge);
}

/** Why an increase at high leverage is refused beside the index's age, if it is: by guard, hour and open interest. */
export function highLeverageReason(
  state: ExchangeState,
  market: MarketState,
  leverage: bigint,
  notional: bigint,
  openLots: bigint,
): Reason | undefined {
  const { config, fund, highLeverage, index, mark } = market;
  if (leverage <= config.restingLeverage || index === undefined) return undefined;
  if (!isWithinGuard(leverage, index.gapX9)) return "GuardTooHigh";
  if (!isFunded(leverage, valueOf(config.grid, mark, openLots), fund.held)) return "HighLeverageOpenInterest";
  const limit = highLeverageLimit(fund.held);
  const used = drained(highLeverage, limit, HOUR_SECONDS, state.now).amount;
  return used + notional > limit ? "HighLeverageFull" : undefined;
}

/** Counts an increase at high leverage. */
export function countHighLeverage(state: ExchangeState, market: MarketState, leverage: bigint, notional: bigint): void {
  if (leverage <= market.config.restingLeverage) return;
  const limit = highLeverageLimit(market.fund.held);
  const { amount, at } = drained(market.highLeverage, limit, HOUR_SECONDS, state.now);
  market.highLeverage = { amount: amount + notional, at };
}

/** How far open interest moves when two positions trade lots. */
function openLotsChange(buyer: bigint, seller: bigint, lots: bigint): bigint {
  const long = (held: bigint) => max(held, 0n);
  return long(buyer + lots) - long(buyer) + long(seller - lots) - long(seller);
}

/** Applies a change of a position to the account and its scope's cash. */
export function applyChange(
  state: ExchangeState,
  { emptied }: CallEffects,
  account: number,
  market: number,
  change: PositionChange,
): void {
  accountOf(state, account).stakes[market].position = change.position;
  if (change.position.lots === 0n) emptied.push({ account, market });
  addCash(state, scopeOf(state, account, market), change.realised - change.funding);
}

/** Whether a change would leave a scope without any position and with negative cash. */
export function leavesDeficit(
  state: ExchangeState,
  account: number,
  market: number,
  change: PositionChange,
  fee: bigint,
): boolean {
  const scope = scopeOf(state, account, market);
  if (change.position.lots !== 0n || cashOf(state, scope) + change.realised - change.funding >= fee) return false;
  const { stakes } = accountOf(state, account);
  const others = { ...stakes[market].position };
  stakes[market].position = change.position;
  const isFlat = !hasPosition(state, scope);
  stakes[market].position = others;
  return isFlat;
}

/** One fill of a maker's order, decided but not yet done. */
interface MakerFill {
  readonly lots: bigint;
  readonly change: PositionChange;
  readonly fee: bigint;
  readonly increased: bigint;
  /** Of the open interest. */
  readonly growth: bigint;
}

/** What a resting order gives a taker who holds so many lots, or nothing where it is to be cancelled instead. */
function makerFill(
  state: ExchangeState,
  number: number,
  order: RestingOrder,
  wanted: bigint,
  takerHeld: bigint,
): MakerFill | undefined {
  const market = state.markets[number];
  const { config, funding, mark } = market;
  const { leverage, position } = accountOf(state, order.account).stakes[number];
  const sign = signOf(order.side);
  const edge = bandEdge(config.grid, mark, config.bandPips, order.side);
  if (!crosses(order.side, edge, order.tick)) return undefined;

  const offered = order.isReduceOnly ? closedLots(position.lots, sign * order.lots) : order.lots;
  const lots = min(wanted, offered);
  if (lots === 0n) return undefined;
  const price = priceOfTick(config.grid, order.tick);
  const change = fill(config.grid, position, funding.indices, sign * lots, price);
  const fee = feeOf(valueOf(config.grid, price, lots), config.makerFeePips);
  if (leavesDeficit(state, order.account, number, change, fee)) return undefined;

  const [buyer, seller] = order.side === "buy" ? [position.lots, takerHeld] : [takerHeld, position.lots];
  const growth = openLotsChange(buyer, seller, lots);
  const increased = lots - closedLots(position.lots, sign * lots);
  if (increased === 0n) return { lots, change, fee, increased, growth };
  if (abs(valueOf(config.grid, mark, change.position.lots)) > topCap(config.tiers)) return undefined;
  const notional = valueOf(config.grid, price, increased);
  const openLots = market.openLots + growth;
  if (highLeverageReason(state, market, leverage, notional, openLots) !== undefined) return undefined;
  return { lots, change, fee, increased, growth };
}

/** Settles a maker's fill. */
function settleMaker(
  state: ExchangeState,
  effects: CallEffects,
  number: number,
  order: RestingOrder,
  { change, fee, increased, lots }: MakerFill,
): void {
  const market = state.markets[number];
  const { grid } = market.config;
  applyChange(state, effects, order.account, number, change);
  addCash(state, scopeOf(state, order.account, number), -fee);
  market.fees += fee;
  const { leverage } = accountOf(state, order.account).stakes[number];
  if (increased > 0n) countHighLeverage(state, market, leverage, notionalOf(grid, order.tick, increased));
  reduceOrder(state, effects, number, order, lots);
  const isSpent = order.isReduceOnly && closedLots(change.position.lots, signOf(order.side)) === 0n;
  const isResidue = notionalOf(grid, order.tick, order.lots) < LEAST_RESIDUE;
  if (order.lots > 0n && (isSpent || isResidue)) reduceOrder(state, effects, number, order, order.lots);
}

/** Matches a taker, who is settled once for all fills. What is left to the caller: the rest, the fee and the margin. */
export function matchTaker(state: ExchangeState, effects: CallEffects, number: number, taker: Taker): Match {
  begin(state, number);
  const market = state.markets[number];
  const { grid } = market.config;
  const side = opposite(taker.side);
  const sign = signOf(taker.side);
  const { owner } = accountOf(state, taker.account);
  let held = accountOf(state, taker.account).stakes[number].position.lots;
  const sums = { left: taker.lots, closed: 0n, closedTickLots: 0n, increased: 0n, increasedTickLots: 0n };
  let met = 0;

  const meet = (): StopCause | undefined => {
    const order = firstOrder(market.book, side);
    if (order === undefined || !crosses(taker.side, taker.limit, order.tick)) return "noPrice";
    if (met === taker.maxFills) return "maxFills";
    met++;
    touch(state, effects, number);
    noteLevel(state, effects, number, side, order.tick);
    const isOwn = accountOf(state, order.account).owner === owner;
    if (!isExpired(state, order) && isOwn) {
      if (taker.selfTrade !== "expireTaker") removeResting(state, effects, number, order);
      return taker.selfTrade === "expireMaker" ? undefined : "selfTrade";
    }
    const given = isExpired(state, order) ? undefined : makerFill(state, number, order, sums.left, held);
    if (given === undefined) {
      removeResting(state, effects, number, order);
      return undefined;
    }
    const closed = closedLots(held, sign * given.lots);
    held += sign * given.lots;
    sums.closed += closed;
    sums.closedTickLots += closed * order.tick;
    sums.increased += given.lots - closed;
    sums.increasedTickLots += (given.lots - closed) * order.tick;
    sums.left -= given.lots;
    market.openLots += given.growth;
    market.last = priceOfTick(grid, order.tick);
    settleMaker(state, effects, number, order, given);
    return undefined;
  };

  let cause: StopCause | undefined;
  while (cause === undefined) cause = sums.left === 0n ? "filled" : meet();
  const unit = quotePerTickLot(grid);
  const { closed, closedTickLots, increased, increasedTickLots } = sums;
  if (closed + increased > 0n) {
    const { position } = accountOf(state, taker.account).stakes[number];
    const { indices } = market.funding;
    const reduced = reduceFor(position, indices, sign * closed, sign * closedTickLots * unit);
    const change = increaseFor(reduced, indices, sign * increased, sign * increasedTickLots * unit);
    applyChange(state, effects, taker.account, number, change);
  }
  return {
    filled: closed + increased,
    tickLots: closedTickLots + increasedTickLots,
    met,
    cause,
    increased,
    increasedNotional: increasedTickLots * unit,
  };
}
