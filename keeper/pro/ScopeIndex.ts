/**
 * Scopes by the prices at which they may become liquidatable, so that a tick finds those that it concerns without a look at the others.
 *
 * What a scope has beyond its maintenance margin is divided among its positions: while each has lost less than its part, the scope is
 * safe. A position that loses d of its price's Δ loses Δ · size of equity, and its maintenance margin changes by less than half of
 * that, so that its part lasts for at least part / (1.5 · size). Of a scope with one position the price is the liquidation price
 * itself. A scope that is reached is looked at anew, and placed by what it has then.
 */
import { SortedKeys } from "../index/SortedKeys";

/** What is known of a position, at the stored mark. */
export interface ScopePosition {
  readonly market: number;
  /** Signed lots. */
  readonly lots: bigint;
  /** Of the asset, 8 decimals. */
  readonly lotSize: bigint;
  /** 10 decimals. */
  readonly mark: bigint;
  /** While all others stay, 10 decimals; 0: nowhere above 0. */
  readonly liquidationPrice: bigint;
}

interface Leg {
  readonly market: number;
  readonly isLong: boolean;
  readonly price: number;
}

/** Maintenance margin grows by less than half of the value: bounds of the tiers. */
const STEEPEST = 1.5;

export class ScopeIndex {
  private readonly sides = new Map<string, SortedKeys>();
  private readonly legs = new Map<bigint, readonly Leg[]>();
  private readonly numbers = new Map<bigint, number>();
  private readonly scopes = new Map<number, bigint>();
  private next = 1;

  get size(): number {
    return this.legs.size;
  }

  /** Places a scope, instead of what was known of it. `surplus` is equity less maintenance margin, quote. */
  put(scope: bigint, surplus: bigint, positions: readonly ScopePosition[]): void {
    this.remove(scope);
    const open = positions.filter(({ lots }) => lots !== 0n);
    if (open.length === 0) return;
    const number = this.next++;
    this.numbers.set(scope, number);
    this.scopes.set(number, scope);
    const legs = open.map((position) => legOf(position, surplus, open.length));
    this.legs.set(scope, legs);
    for (const { isLong, market, price } of legs) this.sideOf(market, isLong).add(price, number);
  }

  remove(scope: bigint): void {
    const number = this.numbers.get(scope);
    if (number === undefined) return;
    for (const { isLong, market, price } of this.legs.get(scope) ?? [])
      this.sideOf(market, isLong).remove(price, number);
    this.legs.delete(scope);
    this.numbers.delete(scope);
    this.scopes.delete(number);
  }

  clear(): void {
    for (const all of [this.sides, this.legs, this.numbers, this.scopes]) all.clear();
  }

  /** Scopes that may be liquidatable where a market's mark is anywhere from `low` to `high`. */
  reached(market: number, low: number, high: number): bigint[] {
    const numbers = [
      ...this.sideOf(market, true).range(low, Infinity),
      ...this.sideOf(market, false).range(-Infinity, high),
    ];
    return numbers.map((number) => this.scopes.get(number) as bigint);
  }

  private sideOf(market: number, isLong: boolean): SortedKeys {
    const name = `${market} ${isLong ? "long" : "short"}`;
    const side = this.sides.get(name) ?? new SortedKeys();
    this.sides.set(name, side);
    return side;
  }
}

function legOf(position: ScopePosition, surplus: bigint, count: number): Leg {
  const { liquidationPrice, lots, lotSize, mark, market } = position;
  const isLong = lots > 0n;
  // At any price.
  if (surplus < 0n) return { market, isLong, price: isLong ? Infinity : -Infinity };
  // A long with a liquidation price of 0 never is; a short with one always is.
  if (count === 1)
    return { market, isLong, price: isLong && liquidationPrice === 0n ? -Infinity : Number(liquidationPrice) };
  const size = Number(isLong ? lots : -lots) * Number(lotSize);
  const distance = Number(surplus) / count / (STEEPEST * size);
  return { market, isLong, price: Number(mark) + (isLong ? -distance : distance) };
}
