/** Where the book and the fund don't end a liquidation: positions are passed on, and at last a loss is shared. */
import { DAY_SECONDS, drained, lossLimitPerLot } from "./budgets";
import {
  deficitOf,
  isAdmitted,
  isEntryWithin,
  lossPerLot,
  mostLots,
  passedLots,
  passingQuote,
  thresholdX64,
} from "./adl";
import { deleveraging, mayDeleverage, seen } from "./distress";
import { noEffects, renewMarks, returnEmptied, touch } from "./effects";
import { payCaller } from "./funds";
import { candidateOf, checkStrict, hasFundRoom } from "./liquidating";
import { CALLER_PAY } from "./liquidation";
import type { Candidate } from "./liquidation";
import { isLiquidatable } from "./margin";
import { applyChange, leavesDeficit } from "./matching";
import { reduceFor } from "./positions";
import { check } from "./refusal";
import { ordersOf } from "./resting";
import { accountOf, distressOf, hasPosition, marketsOf, scopeHealth, setDistress } from "./scopes";
import type { Scope } from "./scopes";
import type { ExchangeState } from "./state";
import { valueOf } from "./units";

/** What was passed on. */
export interface Passed {
  readonly lots: bigint;
  /** What the bankrupt's lots brought beyond the mark, quote. */
  readonly deficit: bigint;
}

/** What both ways of ending have in common: the scope as it is, or none where it became healthy. */
function bankruptAt(state: ExchangeState, scope: Scope, number: number): Candidate | undefined {
  checkStrict(state, scope);
  const health = scopeHealth(state, scope);
  const isDue = hasPosition(state, scope) && isLiquidatable(health);
  setDistress(state, scope, seen(distressOf(state, scope), state.now, isDue));
  if (!isDue) return undefined;
  const hasOrders = marketsOf(state, scope).some((market) => ordersOf(state, scope.account, market).length > 0);
  check(!hasOrders, "OrdersRest");
  check(accountOf(state, scope.account).stakes[number].position.lots !== 0n, "PositionMissing");
  return candidateOf(state, scope, number, health);
}

/** Trades lots between two accounts of a market at an amount of quote, outside the book. */
function exchangeLots(
  state: ExchangeState,
  number: number,
  bankrupt: number,
  candidate: number,
  lots: bigint,
  quotes: { readonly bankrupt: bigint; readonly candidate: bigint },
): void {
  const effects = noEffects();
  const market = state.markets[number];
  const { indices } = market.funding;
  const held = accountOf(state, bankrupt).stakes[number].position;
  const taken = accountOf(state, candidate).stakes[number].position;
  const sign = held.lots > 0n ? -1n : 1n;
  const given = reduceFor(held, indices, sign * lots, quotes.bankrupt);
  const received = reduceFor(taken, indices, -sign * lots, quotes.candidate);
  check(!leavesDeficit(state, candidate, number, received, 0n), "NegativeScope");
  applyChange(state, effects, candidate, number, received);
  check(!leavesDeficit(state, bankrupt, number, given, 0n), "NegativeScope");
  applyChange(state, effects, bankrupt, number, given);
  market.openLots -= lots;
  returnEmptied(state, effects);
}

/** Closes lots of a bankrupt scope against a candidate who ranks high enough by now, at the mark or its bankruptcy price. */
export function deleverage(
  state: ExchangeState,
  scope: Scope,
  number: number,
  candidate: number,
  keeper: number,
): Passed | undefined {
  const bankrupt = bankruptAt(state, scope, number);
  if (bankrupt === undefined) return undefined;
  const effects = noEffects();
  touch(state, effects, number);
  const market = state.markets[number];
  const { grid } = market.config;
  const isOpen = mayDeleverage(
    distressOf(state, scope),
    state.now,
    bankrupt.equity,
    hasFundRoom(state, scope, number, bankrupt),
  );
  check(isOpen || distressOf(state, scope).adlSince !== 0n, "DeleveragingNotOpen");
  setDistress(state, scope, deleveraging(distressOf(state, scope), state.now));
  const seconds = state.now - distressOf(state, scope).adlSince;

  const { position } = accountOf(state, candidate).stakes[number];
  const lots = passedLots(bankrupt.lots, position.lots, mostLots(grid, position.lots, bankrupt.mark, seconds));
  check(lots > 0n, "SameSide");
  check(isAdmitted(grid, position, bankrupt.mark, market.funding.indices, seconds), "ScoreTooLow");
  const deficit = deficitOf(bankrupt, lots);
  check(isEntryWithin(grid, position, bankrupt.mark, deficit, lots), "EntryBeyondBankruptcy");
  const quotes = passingQuote(grid, bankrupt.lots, bankrupt.mark, lots, deficit);
  exchangeLots(state, number, scope.account, candidate, lots, quotes);
  payCaller(state, market, keeper, CALLER_PAY);
  renewMarks(state, effects);
  return { lots, deficit };
}

/** Charges a bankrupt position's share of the deficit to the whole opposite side, then closes it at the mark. */
export function shareLoss(
  state: ExchangeState,
  scope: Scope,
  number: number,
  counterparty: number,
): Passed | undefined {
  const bankrupt = bankruptAt(state, scope, number);
  if (bankrupt === undefined) return undefined;
  const effects = noEffects();
  touch(state, effects, number);
  const market = state.markets[number];
  const { grid } = market.config;
  const { adlSince } = distressOf(state, scope);
  check(adlSince !== 0n && thresholdX64(state.now - adlSince) === 0n && bankrupt.equity < 0n, "LossNotDue");
  const taken = accountOf(state, counterparty).stakes[number].position;
  const isLong = bankrupt.lots > 0n;
  const lots = passedLots(bankrupt.lots, taken.lots, isLong ? bankrupt.lots : -bankrupt.lots);
  check(lots > 0n, "SameSide");

  const deficit = deficitOf(bankrupt, lots);
  const perLot = lossPerLot(deficit, market.openLots);
  const { longOwed, shortOwed } = market.funding.indices;
  const indices = isLong ? { longOwed, shortOwed: shortOwed + perLot } : { longOwed: longOwed + perLot, shortOwed };
  market.funding = { ...market.funding, indices };
  state.dust += perLot * market.openLots - deficit;
  const limit = lossLimitPerLot(valueOf(grid, bankrupt.mark, 1n));
  const before = drained(market.charged, limit, DAY_SECONDS, state.now);
  market.charged = { amount: before.amount + perLot, at: state.now };
  if (market.charged.amount > limit && market.status === "active") market.status = "reduceOnly";

  // The bankrupt is credited with the deficit, the counterparty closes at the mark.
  const { bankrupt: credited } = passingQuote(grid, bankrupt.lots, bankrupt.mark, lots, deficit);
  const { candidate } = passingQuote(grid, bankrupt.lots, bankrupt.mark, lots, 0n);
  exchangeLots(state, number, scope.account, counterparty, lots, { bankrupt: credited, candidate });
  renewMarks(state, effects);
  return { lots, deficit };
}
