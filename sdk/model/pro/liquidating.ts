/** Liquidation of a scope: its orders first, then a step through the book. */
import { max, min } from "../rounding";
import { deficitOf } from "./adl";
import { noEffects, renewMarks, returnEmptied, touch } from "./effects";
import type { CallEffects } from "./effects";
import {
  CALLER_PAY,
  LEAST_PAID_NOTIONAL,
  STEP_SECONDS,
  boundTick,
  coveredLots,
  isLargeEnough,
  isUrgent,
  stepFees,
  wantedLots,
} from "./liquidation";
import type { Candidate } from "./liquidation";
import { NO_DISTRESS, distressSeconds, noted, seen } from "./distress";
import { addToFund, allowanceFor, bookTakerFee, payCaller, payFromFund } from "./funds";
import { bandEdge, matchTaker } from "./matching";
import { isLiquidatable, isStretched, maintenanceOf } from "./margin";
import type { Health } from "./margin";
import { check, keeping } from "./refusal";
import type { Skipped } from "./refusal";
import { findOrder, ordersOf, removeResting } from "./resting";
import type { OrderId } from "./resting";
import {
  STRICT_SECONDS,
  accountOf,
  addCash,
  checkAge,
  distressOf,
  hasPosition,
  heldMarketsOf,
  holdingOf,
  isSameScope,
  marketsOf,
  scopeHealth,
  scopeOf,
  setDistress,
  takeUpTo,
} from "./scopes";
import type { Scope } from "./scopes";
import type { ExchangeState } from "./state";
import { QUOTE, priceOfTick, quotePerTickLot, valueOf } from "./units";

/** What a step did. */
export type StepOutcome =
  | Skipped
  | { readonly kind: "healthy" }
  | { readonly kind: "cancelled"; readonly orders: number }
  | {
      readonly kind: "stepped";
      readonly lots: bigint;
      readonly wanted: bigint;
      readonly fromFund: bigint;
      readonly isDistressed: boolean;
    };

const NOTHING_MET = { cause: "noPrice", filled: 0n, tickLots: 0n } as const;
/** What cancelling an order of a stretched scope takes of its cash, quote. */
const STRETCHED_PAY = QUOTE / 50n;

/** Refuses while an index of these markets is old or the sequencer was not ready. */
function checkStrict(state: ExchangeState, markets: readonly number[]): void {
  check(state.breaker < 3, "BreakerRaised");
  for (const market of markets) {
    checkAge(state, market, STRICT_SECONDS);
    check(state.markets[market].index?.isReady === true, "SequencerNotReady");
  }
}

/** Of a scope that is to be liquidated: where no more than orders rest nothing is valued, and no price is asked for. */
export function checkValued(state: ExchangeState, scope: Scope): void {
  checkStrict(state, scope.market === undefined ? heldMarketsOf(state, scope) : [scope.market]);
}

/** Anyone takes orders off a stretched scope, for a little of its cash each. */
export function cancelStretched(state: ExchangeState, scope: Scope, ids: readonly OrderId[], keeper: number): void {
  checkStrict(state, marketsOf(state, scope));
  check(isStretched(scopeHealth(state, scope)), "NotStretched");
  const effects = noEffects();
  for (const id of ids) {
    check(isSameScope(scopeOf(state, id.account, id.market), scope), "OrderNotFound");
    removeResting(state, effects, id.market, findOrder(state, id));
    addCash(state, { account: keeper }, takeUpTo(state, scope, STRETCHED_PAY));
  }
  returnEmptied(state, effects);
  renewMarks(state, effects);
}

/** A position of a scope as a step sees it. */
export function candidateOf(state: ExchangeState, scope: Scope, number: number, health: Health): Candidate {
  const holding = holdingOf(state, scope.account, number);
  const { mark, position, terms } = holding;
  const { equity, maintenance } = health;
  const { grid, tiers } = terms;
  return {
    grid,
    tiers,
    lots: position.lots,
    mark,
    equity,
    maintenance,
    ownMaintenance: maintenanceOf(holding, mark),
  };
}

function largestMaintenance(state: ExchangeState, scope: Scope): bigint {
  return marketsOf(state, scope)
    .map((number) => holdingOf(state, scope.account, number))
    .map((holding) => maintenanceOf(holding, holding.mark))
    .reduce(max, 0n);
}

/** Takes up to so many orders of a scope off. */
function cancelOrders(state: ExchangeState, effects: CallEffects, scope: Scope, most: number): number {
  let cancelled = 0;
  for (const market of marketsOf(state, scope)) {
    for (const order of ordersOf(state, scope.account, market)) {
      if (cancelled === most) return cancelled;
      removeResting(state, effects, market, order);
      cancelled++;
    }
  }
  return cancelled;
}

/** Whether the market's fund still pays for a position's lots at the bound that it pays at. */
export function hasFundRoom(state: ExchangeState, scope: Scope, number: number, candidate: Candidate): boolean {
  if (candidate.equity >= 0n) return false;
  const seconds = distressSeconds(distressOf(state, scope), state.now);
  const { config } = state.markets[number];
  const bound = boundTick(candidate, seconds, config.bandPips, true);
  const allowance = allowanceFor(state, state.markets[number], scope);
  return coveredLots(candidate, 1n, priceOfTick(config.grid, bound), allowance) > 0n;
}

/** A scope that is left without position begins anew. */
export function forgetDistress(state: ExchangeState, scope: Scope): void {
  if (!hasPosition(state, scope)) setDistress(state, scope, NO_DISTRESS);
}

/** A step through the book with what a scope's position wants closed. */
function step(
  state: ExchangeState,
  effects: CallEffects,
  scope: Scope,
  number: number,
  health: Health,
  maxFills: number,
  keeper: number,
): StepOutcome {
  const candidate = candidateOf(state, scope, number, health);
  const market = state.markets[number];
  const { config, mark } = market;
  const { equity, lots } = candidate;
  const stake = accountOf(state, scope.account).stakes[number];
  check(lots !== 0n, "PositionMissing");
  check(isLargeEnough(candidate.ownMaintenance, largestMaintenance(state, scope)), "PositionNotDue");
  const isWaiting = state.now < stake.steppedAt + STEP_SECONDS && !isUrgent(equity, candidate.maintenance);
  check(!isWaiting, "StepTooSoon");

  const seconds = distressSeconds(distressOf(state, scope), state.now);
  const side = lots > 0n ? "sell" : "buy";
  const wanted = wantedLots(candidate);
  const doesFundPay = hasFundRoom(state, scope, number, candidate);
  const limit = boundTick(candidate, seconds, config.bandPips, doesFundPay);
  const allowance = doesFundPay ? allowanceFor(state, market, scope) : 0n;
  const asked = doesFundPay ? coveredLots(candidate, wanted, priceOfTick(config.grid, limit), allowance) : wanted;
  const edge = bandEdge(config.grid, mark, config.bandPips, side);
  const bound = side === "buy" ? min(limit, edge) : max(limit, edge);
  const taker = {
    account: scope.account,
    side,
    lots: asked,
    limit: bound,
    maxFills,
    selfTrade: "expireMaker",
  } as const;
  // Orders of a market that settles are dead.
  const { cause, filled, tickLots } =
    market.status === "settling" ? NOTHING_MET : matchTaker(state, effects, number, taker);

  const notional = tickLots * quotePerTickLot(config.grid);
  const value = valueOf(config.grid, mark, filled);
  const moved = side === "sell" ? notional - value : value - notional;
  const fromFund = equity < 0n ? max(0n, deficitOf(candidate, filled) - moved) : 0n;
  if (fromFund > 0n) payFromFund(state, market, scope, fromFund);
  const fees = stepFees(notional, equity + moved, config.takerFeePips, config.liquidationFeePips);
  addCash(state, scope, -fees.takerFee - fees.liquidationFee);
  bookTakerFee(state, market, fees.takerFee, accountOf(state, scope.account).broker);
  addToFund(state, market, fees.toFund);
  addCash(state, { account: keeper }, fees.toCaller);
  if (equity <= 0n && notional >= LEAST_PAID_NOTIONAL) payCaller(state, market, keeper, CALLER_PAY);

  const isDistressed = filled < wanted && cause !== "maxFills";
  if (isDistressed) setDistress(state, scope, noted(distressOf(state, scope), state.now));
  if (cause === "filled" || (cause === "noPrice" && filled > 0n)) stake.steppedAt = state.now;
  forgetDistress(state, scope);
  return { kind: "stepped", lots: filled, wanted, fromFund, isDistressed };
}

/** One call of a liquidation: cancels orders while any rest, else closes lots of one position. */
export function liquidate(
  state: ExchangeState,
  scope: Scope,
  market: number,
  maxOrders: number,
  keeper: number,
): StepOutcome {
  checkValued(state, scope);
  check(maxOrders > 0, "NoFillsAllowed");
  const effects = noEffects();
  touch(state, effects, market);
  const before = scopeHealth(state, scope);
  const isDue = hasPosition(state, scope) && isLiquidatable(before);
  setDistress(state, scope, seen(distressOf(state, scope), state.now, isDue));
  if (!isDue) return { kind: "healthy" };
  return keeping(state, (): StepOutcome => {
    const orders = cancelOrders(state, effects, scope, maxOrders);
    const outcome: StepOutcome =
      orders > 0 ? { kind: "cancelled", orders } : step(state, effects, scope, market, before, maxOrders, keeper);
    returnEmptied(state, effects);
    renewMarks(state, effects);
    return outcome;
  });
}
