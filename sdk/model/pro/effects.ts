/** What a call has changed so far, for what its end has to do: marks anew, then the tests of margin. */
import { accrue, concerns, renewDepth, renewMark } from "./touches";
import { isSameScope, returnIsolatedCash, scopeOf } from "./scopes";
import type { Scope } from "./scopes";
import type { ExchangeState } from "./state";
import type { Side } from "./units";

/** The position grew as the taker's or leverage was raised · an order rested · something was taken out · it shrank. */
export type EffectKind = "increased" | "rested" | "takenOut" | "reduced";

/** One change of one scope; `market` is none where cash alone was taken. */
export interface Effect {
  readonly scope: Scope;
  readonly market?: number;
  readonly kind: EffectKind;
}

/** All changes of a call. */
export interface CallEffects {
  readonly touched: number[];
  readonly dirty: { readonly market: number; readonly side: Side }[];
  readonly changes: Effect[];
  /** Isolated scopes that may be left with neither position nor order. */
  readonly emptied: { readonly account: number; readonly market: number }[];
  /** The last order that was filled, wholly or in part: where, in which mode, and for how much. */
  filled?: { readonly market: number; readonly isIsolated: boolean; readonly notional: bigint };
}

export function noEffects(): CallEffects {
  return { touched: [], dirty: [], changes: [], emptied: [] };
}

/** What is left of the cash of isolated scopes returns at the end of a call: an order may take another's place in it. */
export function returnEmptied(state: ExchangeState, { emptied }: CallEffects): void {
  for (const { account, market } of emptied) returnIsolatedCash(state, account, market);
}

/** Funding and mean basis at now, by the book as it was. */
export function begin(state: ExchangeState, market: number): void {
  if (state.markets[market].funding.touchedAt !== state.now) accrue(state, state.markets[market]);
}

/** Before a market's book changes in a call. */
export function touch(state: ExchangeState, effects: CallEffects, market: number): void {
  begin(state, market);
  if (!effects.touched.includes(market)) effects.touched.push(market);
}

/** Notes that a level changed. */
export function noteLevel(state: ExchangeState, effects: CallEffects, market: number, side: Side, tick: bigint): void {
  const { depth } = state.markets[market];
  if (!concerns(side, side === "buy" ? depth.bid : depth.ask, tick)) return;
  if (effects.dirty.some((one) => one.market === market && one.side === side)) return;
  effects.dirty.push({ market, side });
}

/** Notes a change of an account's scope in a market. */
export function noteChange(
  state: ExchangeState,
  { changes }: CallEffects,
  account: number,
  market: number,
  kind: EffectKind,
): void {
  const scope = scopeOf(state, account, market);
  const isNoted = changes.some((one) => one.market === market && one.kind === kind && isSameScope(one.scope, scope));
  if (!isNoted) changes.push({ scope, market, kind });
}

/** At the end of a call: depth where it changed, then every touched mark. */
export function renewMarks(state: ExchangeState, { dirty, touched }: CallEffects): void {
  for (const { market, side } of dirty) renewDepth(state.markets[market], side);
  for (const market of touched) renewMark(state.markets[market]);
}
