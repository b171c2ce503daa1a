/** The whole exchange: every call either happens as a whole or leaves nothing. */
import { MIN_ANCHORS, act, restore } from "./actions";
import type { Action, ActionResult } from "./actions";
import { addToFund } from "./funds";
import { cancelStretched, liquidate } from "./liquidating";
import type { StepOutcome } from "./liquidating";
import { deleverage, shareLoss } from "./passing";
import type { Passing } from "./passing";
import { Refusal } from "./refusal";
import type { Reason } from "./refusal";
import type { OrderId } from "./resting";
import { addCash } from "./scopes";
import type { Scope } from "./scopes";
import { beginSettling, cancelDead, closeSettled } from "./settling";
import { newAccount, newMarket } from "./state";
import type { ExchangeState, MarketConfig } from "./state";
import { refreshIndex } from "./touches";
import type { Tick } from "./touches";

/** What a call came to. */
export type Outcome<T> = { readonly done: T } | { readonly refused: Reason };

/** The exchange as its users know it. */
export class Exchange {
  state: ExchangeState;

  constructor(configs: readonly MarketConfig[], now: bigint) {
    this.state = {
      now,
      breaker: 0,
      halts: [],
      markets: configs.map((config) => newMarket(config, now)),
      accounts: [],
      collateral: 0n,
      dust: 0n,
    };
  }

  /** A new account of an owner's; its number. */
  open(owner: number, broker?: number): number {
    this.state.accounts.push(newAccount(owner, this.state.markets, broker));
    return this.state.accounts.length - 1;
  }

  /** Time passes. */
  pass(seconds: bigint): void {
    this.state.now += seconds;
  }

  /** Refused while everything stands still. */
  deposit(account: number, amount: bigint): Outcome<void> {
    if (this.state.breaker >= 3) return { refused: "BreakerRaised" };
    addCash(this.state, { account }, amount);
    this.state.collateral += amount;
    return { done: undefined };
  }

  /** Anyone adds to a market's fund. */
  addToFund(market: number, amount: bigint): void {
    addToFund(this.state, this.state.markets[market], amount);
    this.state.collateral += amount;
  }

  /** All unswept fees of a market leave. */
  sweepFees(number: number): bigint {
    const market = this.state.markets[number];
    const swept = market.fees;
    Object.assign(market, { fees: 0n, brokerFees: [] });
    this.state.collateral -= swept;
    return swept;
  }

  refresh(market: number, tick: Tick): Outcome<void> {
    return this.attempt((state) => refreshIndex(state, state.markets[market], tick, MIN_ANCHORS));
  }

  act(account: number, actions: readonly Action[]): Outcome<ActionResult[]> {
    return this.attempt((state) => act(state, account, actions));
  }

  cancelDead(id: OrderId): Outcome<void> {
    return this.attempt((state) => cancelDead(state, id));
  }

  cancelStretched(scope: Scope, ids: readonly OrderId[], keeper: number): Outcome<void> {
    return this.attempt((state) => cancelStretched(state, scope, ids, keeper));
  }

  liquidate(scope: Scope, market: number, maxOrders: number, keeper: number): Outcome<StepOutcome> {
    return this.attempt((state) => liquidate(state, scope, market, maxOrders, keeper));
  }

  deleverage(scope: Scope, market: number, candidate: number, keeper: number): Outcome<Passing> {
    return this.attempt((state) => deleverage(state, scope, market, candidate, keeper));
  }

  shareLoss(scope: Scope, market: number, counterparty: number): Outcome<Passing> {
    return this.attempt((state) => shareLoss(state, scope, market, counterparty));
  }

  /** A market takes reductions only. */
  restrict(market: number): void {
    const state = this.state.markets[market];
    if (state.status === "active") state.status = "reduceOnly";
  }

  beginSettling(market: number): Outcome<void> {
    return this.attempt((state) => beginSettling(state, market));
  }

  closeSettled(market: number, long: number, short: number, lots: bigint): Outcome<bigint> {
    return this.attempt((state) => closeSettled(state, market, long, short, lots));
  }

  /** Raises or lowers the breaker; a level 3 is a halt until it ends. */
  setBreaker(level: number): void {
    const { breaker, halts, now } = this.state;
    if (level === 3 && breaker < 3) halts.push({ from: now, to: 1n << 63n });
    if (level < 3 && breaker === 3) halts[halts.length - 1] = { ...halts[halts.length - 1], to: now };
    this.state.breaker = level;
  }

  private attempt<T>(call: (state: ExchangeState) => T): Outcome<T> {
    const before = structuredClone(this.state);
    try {
      return { done: call(this.state) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      restore(this.state, before);
      return { refused: error.reason };
    }
  }
}
