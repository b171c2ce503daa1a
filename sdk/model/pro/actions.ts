/** What an owner does in one call, in the order written, and the tests of margin at its end. */
import { abs, min } from "../rounding";
import { noEffects, noteChange, renewMarks, returnEmptied } from "./effects";
import type { CallEffects, Effect } from "./effects";
import { LEAST_RESTING, countHighLeverage, highLeverageReason } from "./matching";
import { exposure, passesLeavingRule, passesOpeningRule, passesReductionRule } from "./margin";
import { INCREASE_SECONDS, USUAL_SECONDS, openingSeconds, place } from "./placing";
import type { Order, Placed } from "./placing";
import { Refusal, check } from "./refusal";
import type { Reason } from "./refusal";
import { findOrder, isExpired, reduceOrder, removeResting } from "./resting";
import type { OrderId } from "./resting";
import {
  STRICT_SECONDS,
  accountOf,
  addCash,
  cashOf,
  checkAge,
  heldMarketsOf,
  holdingOf,
  isInUse,
  isSameScope,
  marketsOf,
  returnIsolatedCash,
  scopeHealth,
} from "./scopes";
import type { Scope } from "./scopes";
import type { ExchangeState } from "./state";
import { maxLeverageAt } from "./tiers";
import { checkOpening, refreshIndex } from "./touches";
import type { Tick } from "./touches";
import { QUOTE, notionalOf, quotePerTickLot, valueOf } from "./units";

/** One action; a soft one that is refused is skipped. */
export type Action = { readonly isSoft?: boolean } & (
  | { readonly kind: "refresh"; readonly market: number; readonly tick: Tick }
  | { readonly kind: "cancel"; readonly id: OrderId }
  | { readonly kind: "lower"; readonly id: OrderId; readonly lots: bigint }
  | { readonly kind: "place"; readonly order: Order }
  | { readonly kind: "leverage"; readonly market: number; readonly leverage: bigint }
  | { readonly kind: "mode"; readonly market: number; readonly isIsolated: boolean }
  | { readonly kind: "transfer"; readonly from: Scope; readonly to: Scope; readonly amount: bigint }
  | { readonly kind: "withdraw"; readonly amount: bigint }
  /** From the cross cash to a keeper's account. */
  | { readonly kind: "tip"; readonly keeper: number; readonly amount: bigint }
);

/** What became of one action. */
export interface ActionResult {
  readonly reason?: Reason;
  readonly placed?: Placed;
}

/** Anchors that a narrow index needs. */
export const MIN_ANCHORS = 2;
/** What a call may give to keepers. */
const MOST_TIPS = QUOTE / 5n;
/** Least fill that a tip goes with, but the last of a position. */
const LEAST_TIPPED = 10n * QUOTE;

/** Copies a state back to how it was. */
export function restore(state: ExchangeState, snapshot: ExchangeState): void {
  Object.assign(state, snapshot);
}

/** Whether the last order that was filled is worth a tip from the cross scope. */
function isTipped(state: ExchangeState, { filled }: CallEffects, account: number): boolean {
  if (filled === undefined || filled.isIsolated) return false;
  return filled.notional >= LEAST_TIPPED || accountOf(state, account).stakes[filled.market].position.lots === 0n;
}

/** Takes cash that is there; whether it may leave is tested at the end of the call. */
function takeOut(state: ExchangeState, effects: CallEffects, scope: Scope, amount: bigint): void {
  check(amount <= cashOf(state, scope), "CashTooLow");
  addCash(state, scope, -amount);
  effects.changes.push({ scope, kind: "takenOut" });
}

function setLeverage(
  state: ExchangeState,
  effects: CallEffects,
  account: number,
  number: number,
  leverage: bigint,
): void {
  const market = state.markets[number];
  const { config, mark } = market;
  const stake = accountOf(state, account).stakes[number];
  check(leverage >= 1n && leverage <= config.tiers[0].maxLeverage, "LeverageOutOfRange");
  check(state.breaker < 3, "BreakerRaised");
  const isRaised = leverage > stake.leverage;
  stake.leverage = leverage;
  if (!isInUse(stake)) return;
  if (isRaised) {
    check(state.breaker === 0, "BreakerRaised");
    check(market.status === "active", "MarketReduceOnly");
    checkOpening(state, market, openingSeconds(market, leverage, INCREASE_SECONDS));
    const notional = abs(valueOf(config.grid, mark, stake.position.lots));
    const reason = highLeverageReason(state, market, leverage, notional, market.openLots);
    if (reason !== undefined) throw new Refusal(reason);
    countHighLeverage(state, market, leverage, notional);
  }
  noteChange(state, effects, account, number, isRaised ? "increased" : "rested");
}

function perform(state: ExchangeState, effects: CallEffects, account: number, action: Action): Placed | undefined {
  switch (action.kind) {
    case "refresh":
      refreshIndex(state, state.markets[action.market], action.tick, MIN_ANCHORS);
      return undefined;
    case "cancel": {
      check(action.id.account === account, "OrderNotFound");
      removeResting(state, effects, action.id.market, findOrder(state, action.id));
      return undefined;
    }
    case "lower": {
      check(action.id.account === account, "OrderNotFound");
      const order = findOrder(state, action.id);
      const { grid } = state.markets[action.id.market].config;
      check(!isExpired(state, order), "OrderExpired");
      check(action.lots < order.lots, "SizeNotLower");
      check(notionalOf(grid, order.tick, action.lots) >= LEAST_RESTING, "RestTooSmall");
      reduceOrder(state, effects, action.id.market, order, order.lots - action.lots);
      return undefined;
    }
    case "place":
      return place(state, effects, account, action.order);
    case "leverage":
      setLeverage(state, effects, account, action.market, action.leverage);
      return undefined;
    case "mode": {
      const stake = accountOf(state, account).stakes[action.market];
      check(!isInUse(stake), "ModeIsFixed");
      returnIsolatedCash(state, account, action.market);
      stake.isIsolated = action.isIsolated;
      return undefined;
    }
    case "transfer": {
      const { amount, from, to } = action;
      check(state.breaker < 3, "BreakerRaised");
      check(amount > 0n, "AmountMissing");
      const isOwn = accountOf(state, from.account).owner === accountOf(state, to.account).owner;
      check(from.account === account && isOwn, "NotAllowed");
      check(to.account === account || to.market === undefined, "ModeIsOther");
      for (const { account: number, market } of [from, to]) {
        check(market === undefined || accountOf(state, number).stakes[market].isIsolated, "ModeIsOther");
      }
      takeOut(state, effects, from, amount);
      addCash(state, to, amount);
      if (to.market !== undefined) effects.emptied.push({ account: to.account, market: to.market });
      if (from.market !== undefined) effects.emptied.push({ account: from.account, market: from.market });
      return undefined;
    }
    case "withdraw":
      check(state.breaker < 3, "BreakerRaised");
      check(action.amount > 0n, "AmountMissing");
      takeOut(state, effects, { account }, action.amount);
      state.collateral -= action.amount;
      return undefined;
    case "tip": {
      const { amount, keeper } = action;
      check(state.breaker < 3, "BreakerRaised");
      check(amount > 0n, "AmountMissing");
      check(amount <= cashOf(state, { account }), "CashTooLow");
      addCash(state, { account }, -amount);
      addCash(state, { account: keeper }, amount);
      // What goes with no fill of the cross scope is tested like a withdrawal; who may only reduce is refused it without any.
      effects.changes.push({ scope: { account }, kind: isTipped(state, effects, account) ? "reduced" : "takenOut" });
      return undefined;
    }
  }
}

/** Oldest index that a market of a changed scope may have, seconds: by what was done in it and by its own leverage. */
function oldestAllowed(state: ExchangeState, scope: Scope, changes: readonly Effect[], market: number): bigint {
  if (changes.every(({ kind }) => kind === "reduced")) return USUAL_SECONDS;
  const { leverage } = accountOf(state, scope.account).stakes[market];
  const isIncreased = changes.some((change) => change.kind === "increased" && change.market === market);
  const most = openingSeconds(state.markets[market], leverage, isIncreased ? INCREASE_SECONDS : USUAL_SECONDS);
  return changes.some(({ kind }) => kind === "takenOut") ? min(most, STRICT_SECONDS) : most;
}

/** Refuses where an account holds more, by position and orders, than its leverage in a market may have. */
function checkTier(state: ExchangeState, account: number, market: number): void {
  const holding = holdingOf(state, account, market);
  const mostLeverage = maxLeverageAt(holding.terms.tiers, exposure(holding, holding.mark));
  check(holding.leverage <= mostLeverage, "LeverageAboveTier");
}

/** Tests a changed scope: by the opening rule if anything of it grew, rested or left, else by the reduction rule. */
function testScope(state: ExchangeState, scope: Scope, changes: readonly Effect[]): void {
  const isReduced = changes.every(({ kind }) => kind === "reduced");
  const grown = changes.filter(({ kind }) => kind !== "takenOut" && kind !== "reduced");
  for (const market of isReduced ? heldMarketsOf(state, scope) : marketsOf(state, scope)) {
    checkAge(state, market, oldestAllowed(state, scope, changes, market));
    if (grown.some((change) => change.market === market)) checkTier(state, scope.account, market);
  }
  const health = scopeHealth(state, scope);
  if (isReduced) {
    check(passesReductionRule(health), "BelowMaintenance");
    return;
  }
  const isTakenOut = changes.some(({ kind }) => kind === "takenOut");
  const cash = cashOf(state, scope);
  if (isTakenOut) check(passesLeavingRule(cash, health), "CashTooLow");
  else check(passesOpeningRule(cash, health), "MarginTooLow");
}

/** Ends a call: marks, cash of isolated scopes that were left, tests of every changed scope. */
export function finish(state: ExchangeState, effects: CallEffects): void {
  renewMarks(state, effects);
  returnEmptied(state, effects);
  const scopes = effects.changes.map(({ scope }) => scope);
  const distinct = scopes.filter((scope, at) => scopes.findIndex((other) => isSameScope(scope, other)) === at);
  for (const scope of distinct) {
    testScope(
      state,
      scope,
      effects.changes.filter((change) => isSameScope(change.scope, scope)),
    );
  }
}

/** Performs actions of an account and tests every scope that they changed. Refused as a whole but for soft actions. */
export function act(state: ExchangeState, account: number, actions: readonly Action[]): ActionResult[] {
  accountOf(state, account);
  const effects = noEffects();
  let tips = 0n;
  const performed = (action: Action): ActionResult => {
    const placed = perform(state, effects, account, action);
    if (action.kind === "place" && placed !== undefined && placed.filled > 0n) {
      const { market } = action.order;
      const unit = quotePerTickLot(state.markets[market].config.grid);
      const { isIsolated } = accountOf(state, account).stakes[market];
      effects.filled = { market, isIsolated, notional: placed.tickLots * unit };
    }
    return { placed };
  };
  const results = actions.map((action): ActionResult => {
    if (action.kind === "tip") tips += action.amount;
    // No tip is soft in this.
    check(tips <= MOST_TIPS, "TipTooHigh");
    if (action.isSoft !== true) return performed(action);
    const before = structuredClone({ state, effects });
    try {
      return performed(action);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      restore(state, before.state);
      Object.assign(effects, before.effects);
      return { reason: error.reason };
    }
  });
  finish(state, effects);
  return results;
}
