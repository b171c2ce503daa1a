import type { ExchangeState, MarketConfig, Outcome, Scope, Tick } from "../../../sdk/model/pro";
import {
  BTC_MARKET,
  ETH_MARKET,
  Exchange,
  QUOTE,
  hasPosition,
  isLiquidatable,
  scopeHealth,
} from "../../../sdk/model/pro";
import { px } from "../../../sdk/units";

/** Owners of the accounts: the first two belong to one. */
export const OWNERS = [0, 0, 1, 2, 3, 4];
export const KEEPER_OWNER = 5;
export const ACCOUNTS = OWNERS.length;
/** The account that works as everybody's keeper. */
export const KEEPER = ACCOUNTS;
const FIRST_SECOND = 1_800_000_000n;
export const CONFIGS: readonly MarketConfig[] = [BTC_MARKET, ETH_MARKET];
/** A lot or two of the second market are less than what may stay of an order, a lot of the first is more. */
const FIRST_PRICES = [px("100000"), px("1200")];

/** An exchange under test, and where its prices really are. */
export interface World {
  readonly exchange: Exchange;
  readonly prices: bigint[];
  /** The scope that a keeper worked on last. */
  scope?: Scope;
}

export function newWorld(cash: bigint, fund: bigint, exchange = new Exchange(CONFIGS, FIRST_SECOND)): World {
  for (const owner of [...OWNERS, KEEPER_OWNER]) exchange.open(owner);
  const world: World = { exchange, prices: [...FIRST_PRICES] };
  for (let account = 0; account < ACCOUNTS; account++) exchange.deposit(account, cash * QUOTE);
  for (let market = 0; market < CONFIGS.length; market++) {
    exchange.addToFund(market, fund * QUOTE);
    refresh(world, market);
  }
  // The guard's first distance is forgotten, and a day has begun with what the funds hold.
  exchange.pass(86_400n);
  for (let market = 0; market < CONFIGS.length; market++) refresh(world, market);
  return world;
}

/** The market's true price as a tick. */
export function tickOf({ exchange, prices }: World, market: number, confidencePips = 1_000n): Tick {
  const price = prices[market];
  const publishTime = exchange.state.now;
  return { price, publishTime, confidencePips, low: price, high: price, anchors: 2, isReady: true };
}

export function refresh(world: World, market: number): Outcome<void> {
  return world.exchange.refresh(market, tickOf(world, market));
}

/** Whether a scope is to be liquidated. */
export function isDue(state: ExchangeState, scope: Scope): boolean {
  return hasPosition(state, scope) && isLiquidatable(scopeHealth(state, scope));
}

/** Accounts whose position in a market lies opposite to an account's. */
export function oppositeTo({ accounts }: ExchangeState, account: number, market: number): number[] {
  const held = accounts.map(({ stakes }) => stakes[market].position.lots);
  return [...accounts.keys()].filter((other) => held[other] * held[account] < 0n);
}
