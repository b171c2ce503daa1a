/** Scopes: the cross one of an account, or a market's isolated one. Their cash, their markets, their health. */
import { min } from "../rounding";
import { NO_DISTRESS } from "./distress";
import type { Distress } from "./distress";
import { accrueFunding } from "./funding";
import type { FundingState } from "./funding";
import { healthOf } from "./margin";
import type { Health, Holding } from "./margin";
import { lesser, measure } from "./mark";
import type { BookMeasures } from "./mark";
import { check } from "./refusal";
import type { AccountState, ExchangeState, MarketState, Stake } from "./state";

/** An account's cross scope, or the isolated one of a market. */
export interface Scope {
  readonly account: number;
  readonly market?: number;
}

/** Seconds for which an index serves withdrawals, liquidations and the like. */
export const STRICT_SECONDS = 5n;

export function accountOf(state: ExchangeState, account: number): AccountState {
  check(account >= 0 && account < state.accounts.length, "AccountUnknown");
  return state.accounts[account];
}

/** The scope that a market of an account belongs to. */
export function scopeOf(state: ExchangeState, account: number, market: number): Scope {
  return accountOf(state, account).stakes[market].isIsolated ? { account, market } : { account };
}

export function isSameScope(a: Scope, b: Scope): boolean {
  return a.account === b.account && a.market === b.market;
}

export function cashOf(state: ExchangeState, { account, market }: Scope): bigint {
  const owner = accountOf(state, account);
  return market === undefined ? owner.cash : owner.stakes[market].isolatedCash;
}

export function addCash(state: ExchangeState, { account, market }: Scope, amount: bigint): void {
  const owner = accountOf(state, account);
  if (market === undefined) owner.cash += amount;
  else owner.stakes[market].isolatedCash += amount;
}

/** Whether a stake has a position or an order. */
export function isInUse({ position, slots }: Stake): boolean {
  return position.lots !== 0n || slots.some((order) => order !== null);
}

/** The markets in which a scope has a position or an order; an isolated one's own in any case. */
export function marketsOf(state: ExchangeState, scope: Scope): number[] {
  const { stakes } = accountOf(state, scope.account);
  if (scope.market !== undefined) return [scope.market];
  return stakes.flatMap((stake, market) => (!stake.isIsolated && isInUse(stake) ? [market] : []));
}

/** Those of them in which it has a position: what equity and maintenance margin are made of. */
export function heldMarketsOf(state: ExchangeState, scope: Scope): number[] {
  const { stakes } = accountOf(state, scope.account);
  return marketsOf(state, scope).filter((market) => stakes[market].position.lots !== 0n);
}

export function hasPosition(state: ExchangeState, scope: Scope): boolean {
  return heldMarketsOf(state, scope).length > 0;
}

/** Seconds since the index was published; 0 in a market that settles at it. */
export function indexAge({ now }: ExchangeState, { index, status }: MarketState): bigint {
  check(index !== undefined, "IndexMissing");
  return status === "settling" ? 0n : now - index.publishTime;
}

/** Refuses a market whose index is older. */
export function checkAge(state: ExchangeState, market: number, seconds: bigint): void {
  check(indexAge(state, state.markets[market]) <= seconds, "IndexStale");
}

/** The book's measures at the stored index, at a moment. */
export function measuresAt({ config, depth, index }: MarketState, at: bigint): BookMeasures {
  if (index === undefined) return { premiumX18: 0n, basisX18: 0n };
  return measure(config.grid, depth, index.price, at - index.publishTime, config.maxDeviationPips);
}

/** Funding as if the market were touched now, with the index that is stored. */
export function fundingNow(state: ExchangeState, market: MarketState, found: BookMeasures): FundingState {
  const { config, funding, index, status } = market;
  if (index === undefined || status === "settling") return { ...funding, touchedAt: state.now };
  const left = measuresAt(market, funding.touchedAt);
  const counted = lesser(left.premiumX18, found.premiumX18);
  return accrueFunding(funding, state.now, counted, config.grid, index.price, config, state.halts);
}

/** A stake as margin sees it: funding up to the market's last touch, which is no older than its index. */
export function holdingOf(state: ExchangeState, account: number, number: number): Holding {
  const market = state.markets[number];
  const { leverage, position, sums } = accountOf(state, account).stakes[number];
  const { indices } = market.funding;
  const index = market.index?.price ?? 0n;
  return { terms: market.config, position, sums, leverage, indices, mark: market.mark, index };
}

/** Every stake of a scope. */
export function holdingsOf(state: ExchangeState, scope: Scope): Holding[] {
  return marketsOf(state, scope).map((market) => holdingOf(state, scope.account, market));
}

/** What margin tests read of a scope now. */
export function scopeHealth(state: ExchangeState, scope: Scope): Health {
  return healthOf(cashOf(state, scope), holdingsOf(state, scope));
}

export function distressOf(state: ExchangeState, { account, market }: Scope): Distress {
  return accountOf(state, account).distress[market === undefined ? 0 : market + 1] ?? NO_DISTRESS;
}

export function setDistress(state: ExchangeState, { account, market }: Scope, distress: Distress): void {
  accountOf(state, account).distress[market === undefined ? 0 : market + 1] = distress;
}

/** What is left of an isolated market's cash returns once neither position nor order is there. Never a debt. */
export function returnIsolatedCash(state: ExchangeState, account: number, market: number): void {
  const owner = accountOf(state, account);
  const stake = owner.stakes[market];
  if (!stake.isIsolated || isInUse(stake)) return;
  check(stake.isolatedCash >= 0n, "BelowMaintenance");
  owner.cash += stake.isolatedCash;
  stake.isolatedCash = 0n;
}

/** Takes at most what a scope has above 0. */
export function takeUpTo(state: ExchangeState, scope: Scope, amount: bigint): bigint {
  const cash = cashOf(state, scope);
  const taken = cash > 0n ? min(cash, amount) : 0n;
  addCash(state, scope, -taken);
  return taken;
}
