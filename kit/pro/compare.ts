/** Pro on the chain against the exact model, by what the lens shows of both. */
import type { System } from "../../deploy/deploySystem";
import { cashOf, healthOf, holdingsOf, initialMargin, isInUse } from "../../sdk/model/pro";
import type { ExchangeState, Scope } from "../../sdk/model/pro";
import type { AccountIds } from "./words";
import { scopeIdOf } from "./words";

type Pairs = Record<string, readonly [chain: unknown, model: unknown]>;

function differ(where: string, pairs: Pairs): string[] {
  return Object.entries(pairs).flatMap(([name, [chain, model]]) =>
    String(chain) === String(model) ? [] : [`${where}.${name}: ${String(chain)}, ${String(model)}`],
  );
}

/** Initial margin of a scope at its marks, quote. */
export function initialMarginOf(state: ExchangeState, scope: Scope): bigint {
  return holdingsOf(state, scope).reduce((sum, holding) => sum + initialMargin(holding, holding.mark), 0n);
}

/** The scopes of an account in which something is. */
export function scopesOf(state: ExchangeState, account: number): Scope[] {
  const isolated = state.accounts[account].stakes.flatMap((stake, market) =>
    stake.isIsolated && isInUse(stake) ? [{ account, market }] : [],
  );
  return [{ account }, ...isolated];
}

/** Where a scope differs. */
export async function compareScope(
  { pro, proLens }: System,
  state: ExchangeState,
  ids: AccountIds,
  scope: Scope,
): Promise<string[]> {
  const shown = await proLens.health(pro, scopeIdOf(ids, scope));
  const holdings = holdingsOf(state, scope);
  const health = healthOf(cashOf(state, scope), holdings);
  const where = scope.market === undefined ? `account ${scope.account}` : `account ${scope.account} in ${scope.market}`;
  const held = holdings.filter(({ position }) => position.lots !== 0n).map(({ position }) => position);
  const lens = shown.positions.filter(({ lots }) => lots !== 0n);
  return differ(where, {
    cash: [shown.cash, cashOf(state, scope)],
    equity: [shown.equity, health.equity],
    initialMargin: [shown.initialMargin, initialMarginOf(state, scope)],
    maintenanceMargin: [shown.maintenanceMargin, health.maintenance],
    available: [shown.available, health.available],
    lots: [lens.map(({ lots }) => lots), held.map(({ lots }) => lots)],
    cost: [lens.map(({ cost }) => cost), held.map(({ cost }) => cost)],
  });
}

/** Where a market differs. */
export async function compareMarket({ pro, proLens }: System, state: ExchangeState, market: number): Promise<string[]> {
  const { basisEmaX18, fund, funding, index, mark, openLots } = state.markets[market];
  const shown = await proLens.mark(pro, market);
  const flows = await proLens.funding(pro, market);
  return differ(`market ${market}`, {
    index: [shown.index, index?.price ?? 0n],
    publishTime: [shown.publishTime, index?.publishTime ?? 0n],
    mark: [shown.mark, mark],
    basis: [shown.basisEmaX18, basisEmaX18],
    guard: [shown.guardX9, index?.gapX9 ?? 0n],
    isNarrow: [shown.isNarrow, index?.isNarrow ?? false],
    longIndex: [flows.longIndex, funding.indices.longOwed],
    shortIndex: [flows.shortIndex, -funding.indices.shortOwed],
    openInterest: [flows.openInterest, openLots],
    fund: [flows.fund, fund.held],
  });
}
