/** Where the book and the fund don't end a liquidation: positions are passed on, and at last a loss is shared. */
import { abs, min } from "../rounding";
import { DAY_SECONDS, drained, lossLimitPerLot } from "./budgets";
import {
  deficitOf,
  isAdmitted,
  isEntryWithin,
  lossPerLot,
  mostLots,
  passedLots,
  passingQuote,
  thresholdX96,
} from "./adl";
import { deleveraging, mayDeleverage, seen } from "./distress";
import { noEffects, renewMarks, returnEmptied, touch } from "./effects";
import type { CallEffects } from "./effects";
import { payCaller } from "./funds";
import { candidateOf, checkValued, forgetDistress, hasFundRoom } from "./liquidating";
import { CALLER_PAY } from "./liquidation";
import type { Candidate } from "./liquidation";
import { isLiquidatable } from "./margin";
import type { Health } from "./margin";
import { applyChange, leavesDeficit } from "./matching";
import { reduceFor } from "./positions";
import { check, keeping } from "./refusal";
import type { Skipped } from "./refusal";
import { ordersOf } from "./resting";
import { accountOf, distressOf, hasPosition, marketsOf, scopeHealth, setDistress } from "./scopes";
import type { Scope } from "./scopes";
import type { ExchangeState } from "./state";
import { valueOf } from "./units";

/** What was closed against a candidate is at least so many times what the fund pays for him. */
const CANDIDATE_PAY_DIVISOR = 10_000n;

/** What was passed on. */
export type Passing =
  | Skipped
  | { readonly kind: "healthy" }
  | {
      readonly kind: "passed";
      readonly lots: bigint;
      /** What the bankrupt's lots brought beyond the mark, quote. */
      readonly deficit: bigint;
    };

/** The scope as it is found once the market's funding is at now, its distress renewed; none where it is healthy. */
function bankruptAt(state: ExchangeState, effects: CallEffects, scope: Scope, number: number): Health | undefined {
  checkValued(state, scope);
  touch(state, effects, number);
  const health = scopeHealth(state, scope);
  const isDue = hasPosition(state, scope) && isLiquidatable(health);
  setDistress(state, scope, seen(distressOf(state, scope), state.now, isDue));
  return isDue ? health : undefined;
}

/** The position that is to be passed on; none while an order of the scope rests. */
function positionAt(state: ExchangeState, scope: Scope, number: number, health: Health): Candidate {
  const hasOrders = marketsOf(state, scope).some((market) => ordersOf(state, scope.account, market).length > 0);
  check(!hasOrders, "OrdersRest");
  check(marketsOf(state, scope).includes(number), "PositionMissing");
  const candidate = candidateOf(state, scope, number, health);
  check(candidate.lots !== 0n, "PositionMissing");
  return candidate;
}

/** Trades lots between two accounts of a market at an amount of quote, outside the book. */
function exchangeLots(
  state: ExchangeState,
  number: number,
  scope: Scope,
  candidate: number,
  lots: bigint,
  quotes: { readonly bankrupt: bigint; readonly candidate: bigint },
): void {
  const effects = noEffects();
  const market = state.markets[number];
  const { indices } = market.funding;
  const { account: bankrupt } = scope;
  const held = accountOf(state, bankrupt).stakes[number].position;
  const taken = accountOf(state, candidate).stakes[number].position;
  const sign = held.lots > 0n ? -1n : 1n;
  const given = reduceFor(held, indices, sign * lots, quotes.bankrupt);
  const received = reduceFor(taken, indices, -sign * lots, quotes.candidate);
  check(!leavesDeficit(state, candidate, number, received, 0n), "Deficit");
  applyChange(state, effects, candidate, number, received);
  check(!leavesDeficit(state, bankrupt, number, given, 0n), "Deficit");
  applyChange(state, effects, bankrupt, number, given);
  market.openLots -= lots;
  forgetDistress(state, scope);
  returnEmptied(state, effects);
}

/** Closes lots of a bankrupt scope against a candidate who ranks high enough by now, at the mark or its bankruptcy price. */
export function deleverage(
  state: ExchangeState,
  scope: Scope,
  number: number,
  candidate: number,
  keeper: number,
): Passing {
  const effects = noEffects();
  const health = bankruptAt(state, effects, scope, number);
  if (health === undefined) return { kind: "healthy" };
  return keeping(state, (): Passing => {
    const bankrupt = positionAt(state, scope, number, health);
    const hasRoom = hasFundRoom(state, scope, number, bankrupt);
    const distress = distressOf(state, scope);
    check(mayDeleverage(distress, state.now, bankrupt.equity, hasRoom), "DeleveragingNotOpen");
    setDistress(state, scope, deleveraging(distress, state.now));
    return keeping(state, () => passOn(state, effects, scope, number, candidate, keeper, bankrupt));
  });
}

function passOn(
  state: ExchangeState,
  effects: CallEffects,
  scope: Scope,
  number: number,
  candidate: number,
  keeper: number,
  bankrupt: Candidate,
): Passing {
  const market = state.markets[number];
  const { grid } = market.config;
  const seconds = state.now - distressOf(state, scope).adlSince;
  const { position } = accountOf(state, candidate).stakes[number];
  const lots = passedLots(bankrupt.lots, position.lots, mostLots(grid, position.lots, bankrupt.mark, seconds));
  check(lots > 0n, "SameSide");
  const { indices } = market.funding;
  check(isAdmitted(grid, position, bankrupt.mark, indices, seconds), "ScoreTooLow");
  const deficit = deficitOf(bankrupt, lots);
  const isWithin = isEntryWithin(grid, position, bankrupt.mark, indices, seconds, deficit, lots);
  check(isWithin, "EntryBeyondBankruptcy");
  const quotes = passingQuote(grid, bankrupt.lots, bankrupt.mark, lots, deficit);
  exchangeLots(state, number, scope, candidate, lots, quotes);
  payCaller(state, market, keeper, min(CALLER_PAY, valueOf(grid, bankrupt.mark, lots) / CANDIDATE_PAY_DIVISOR));
  renewMarks(state, effects);
  return { kind: "passed", lots, deficit };
}

/** Charges a bankrupt position's share of the deficit to the whole opposite side, then closes it at the mark. */
export function shareLoss(state: ExchangeState, scope: Scope, number: number, counterparty: number): Passing {
  const effects = noEffects();
  const health = bankruptAt(state, effects, scope, number);
  if (health === undefined) return { kind: "healthy" };
  return keeping(state, () => {
    const bankrupt = positionAt(state, scope, number, health);
    const { adlSince } = distressOf(state, scope);
    const isDue = adlSince !== 0n && thresholdX96(state.now - adlSince) === 0n && bankrupt.equity < 0n;
    check(isDue, "LossNotDue");
    return chargeAndClose(state, effects, scope, number, counterparty, bankrupt);
  });
}

function chargeAndClose(
  state: ExchangeState,
  effects: CallEffects,
  scope: Scope,
  number: number,
  counterparty: number,
  bankrupt: Candidate,
): Passing {
  const market = state.markets[number];
  const { grid } = market.config;
  const taken = accountOf(state, counterparty).stakes[number].position;
  const isLong = bankrupt.lots > 0n;
  const lots = passedLots(bankrupt.lots, taken.lots, abs(bankrupt.lots));
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
  exchangeLots(state, number, scope, counterparty, lots, { bankrupt: credited, candidate });
  renewMarks(state, effects);
  return { kind: "passed", lots, deficit };
}
