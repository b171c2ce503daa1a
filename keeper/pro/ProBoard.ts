/**
 * What of the order book waits for a keeper: scopes that a tick may make liquidatable or that are in distress, triggers that a tick has
 * reached, grids of which something was filled, orders that have expired.
 */
import { Codec, PIPS, proWords, query } from "@asterism/sdk";
import type { Connection } from "@asterism/sdk";
import { proLensAbi, proTriggersAbi } from "@asterism/sdk/abis";
import { SortedKeys } from "../index/SortedKeys";
import { TriggerIndex } from "../index/triggers";
import type { Tick, TickBook } from "../ticks/TickBook";
import { GridBoard } from "./GridBoard";
import { Numbers } from "./Numbers";
import { ScopeIndex } from "./ScopeIndex";
import { Trails } from "./Trails";
import type { Peak } from "./Trails";
import { MARKET_STATUS } from "./ProIndexer";
import type { ProChange, ProIndexer, ProTriggerRecord } from "./ProIndexer";
import { accountOfOrder, accountOfScope } from "./ids";

const LENS = new Codec(proLensAbi);
const TRIGGERS = new Codec(proTriggersAbi);

/** What is known of ticks and anchors. */
export interface ProSurroundings {
  /** Second of the chain. */
  readonly now: number;
  clamped(assetId: number, price: bigint): bigint;
}

/** A scope as the lens showed it last. */
export interface ScopeView {
  readonly scope: bigint;
  /** The position with the largest maintenance margin: the one that a liquidation begins with. */
  readonly market: number;
  readonly lots: bigint;
  /** Of that position, quote. */
  readonly notional: bigint;
  readonly equity: bigint;
}

/** Something that is due since a second of the chain. */
export interface Since<T> {
  readonly due: T;
  readonly since: number;
}

/** A trigger with the tick that it fires at, and of a trailing one the tick that it came back from. */
export interface Firing {
  readonly id: bigint;
  readonly tick: Tick;
  readonly earlier?: Tick;
}

const TRAILING = 2;
const STOP = 0;
/** Seconds that a tick fires triggers. */
const FIRE_SECONDS = 3;
/** What funding and the age of what was read may make of a liquidation price, pips of it. */
const TOLERANCE_PIPS = 500;
/** A move of a stored index after which all who quote in its market are looked at again: they may be stretched. */
const STRETCHING_PIPS = 5_000n;
/** Scopes of one question. */
const PAGE = 200;

export class ProBoard {
  readonly grids: GridBoard;
  private readonly index = new ScopeIndex();
  private readonly triggers = new TriggerIndex();
  private readonly trails = new Trails();
  private readonly expiries = new SortedKeys();
  private readonly views = new Map<bigint, ScopeView>();
  private readonly dirty = new Set<bigint>();
  private readonly due = new Map<bigint, number>();
  private readonly fired = new Map<bigint, Firing>();
  private readonly triggerNumbers = new Numbers();
  private readonly orderNumbers = new Numbers();
  private readonly expiryOf = new Map<bigint, number>();
  /** Scopes whose orders anybody may cancel, as the lens showed them last, with the second since which it is so. */
  private readonly loose = new Map<bigint, number>();
  /** The index of a market at which all who quote there were looked at. */
  private readonly lookedAt = new Map<number, bigint>();
  /** Markets that settle, by when that was seen. */
  private readonly settlingSince = new Map<number, number>();
  private readAllAt = -Infinity;
  private delay = 0;

  constructor(
    private readonly connection: Connection,
    readonly state: ProIndexer,
    private readonly surroundings: ProSurroundings,
    private readonly ticks: TickBook,
    private readonly rereadMs: number,
  ) {
    this.grids = new GridBoard(state);
  }

  get size() {
    const { index, state, trails, triggers, due, fired, grids } = this;
    return {
      ...{ scopes: index.size, triggers: triggers.size + trails.size, orders: state.orders.size },
      ...{ grids: state.grids.size, due: due.size, fired: fired.size, rolls: grids.size },
    };
  }

  /** The same ticks over another state. */
  over(state: ProIndexer): ProBoard {
    const board = new ProBoard(this.connection, state, this.surroundings, this.ticks, this.rereadMs);
    board.trails.restore(this.trails.all());
    return board;
  }

  /** The best price that each trailing stop has come by: no contract knows it. */
  get peaks(): Peak[] {
    return this.trails.all();
  }

  /** What a former keeper knew of that; to be told before `rebuild`. */
  restorePeaks(peaks: readonly Peak[]): void {
    this.trails.restore(peaks);
  }

  /** Everything anew, from the state. */
  async rebuild(): Promise<void> {
    const { index, triggers, trails, expiries, triggerNumbers, orderNumbers } = this;
    const peaks = trails.all();
    for (const all of [index, triggers, trails, expiries, triggerNumbers, orderNumbers]) all.clear();
    for (const all of [this.views, this.dirty, this.due, this.fired, this.expiryOf, this.loose]) all.clear();
    for (const all of [this.lookedAt, this.settlingSince]) all.clear();
    trails.restore(peaks);
    const { contracts, reader } = this.connection;
    this.delay = Number(await reader.one(query(TRIGGERS, contracts.proTriggers, "executionDelay", [])));
    for (const id of this.state.triggers.keys()) this.updateTrigger(id);
    for (const id of this.state.orders.keys()) this.updateOrder(id);
    for (const market of this.state.markets.keys()) this.noteSettling(market);
    this.grids.rebuild(this.surroundings.now);
    this.soilAll();
    while (this.dirty.size > 0) await this.read();
    for (const { assetId } of this.state.markets.values()) for (const tick of this.ticks.all(assetId)) this.cross(tick);
  }

  /** What has changed. */
  apply(change: ProChange): void {
    const { accounts, markets, orders, prices, triggers } = change;
    for (const id of triggers) this.updateTrigger(id);
    for (const id of orders) this.updateOrder(id);
    for (const account of accounts) this.soil(account);
    for (const market of markets) {
      this.noteSettling(market);
      for (const account of this.state.lots.get(market)?.keys() ?? []) this.soil(account);
    }
    for (const [market, price] of prices) this.soilQuoting(market, price);
    this.grids.apply(change, this.surroundings.now);
  }

  /** Takes a tick up: remembers what it reaches. */
  cross(tick: Tick): void {
    for (const [market, { assetId, maxDeviationPips }] of this.state.markets) {
      if (assetId !== tick.assetId) continue;
      const price = this.surroundings.clamped(assetId, tick.price);
      const [low, high] = tick.price < price ? [tick.price, price] : [price, tick.price];
      // The mark lies so far from the index at most.
      const slack = (maxDeviationPips + TOLERANCE_PIPS) / Number(PIPS);
      for (const scope of this.index.reached(market, Number(low) * (1 - slack), Number(high) * (1 + slack))) {
        if (!this.due.has(scope)) this.due.set(scope, tick.publishTime);
      }
      for (const number of this.triggers.reached("stopLoss", market, Number(low), Number(high))) {
        this.noteFired(this.triggerNumbers.idOf(number), tick);
      }
      for (const { id, earlier } of this.trails.cross(market, tick, price)) this.fired.set(id, { id, tick, earlier });
      this.grids.cross(market, tick, low, high);
    }
  }

  /** Reads a page of the scopes of which something has changed, and of all now and then. */
  async read(): Promise<void> {
    if (performance.now() - this.readAllAt > this.rereadMs) this.soilAll();
    const scopes = [...this.dirty].slice(0, PAGE);
    if (scopes.length === 0) return;
    for (const scope of scopes) this.dirty.delete(scope);
    const { contracts, reader } = this.connection;
    const asked = scopes.map((scope) => query(LENS, contracts.proLens, "health", [contracts.pro, scope]));
    const found = await reader.all(asked).catch((error: unknown) => {
      for (const scope of scopes) this.dirty.add(scope);
      throw error;
    });
    for (const [at, health] of found.entries()) {
      const scope = scopes[at];
      // Orders are valued at marks, which lie beside the index.
      for (const { mark, market } of health.positions) {
        if (!this.lookedAt.has(Number(market))) this.lookedAt.set(Number(market), mark);
      }
      const positions = health.positions.map((position) => {
        const market = Number(position.market);
        return { ...position, market, lotSize: this.state.markets.get(market)?.lotSize ?? 0n };
      });
      this.index.put(scope, health.equity - health.maintenanceMargin, positions);
      if (!health.isStretched) this.loose.delete(scope);
      else if (!this.loose.has(scope)) this.loose.set(scope, this.surroundings.now);
      const open = positions.filter(({ lots }) => lots !== 0n);
      if (open.length === 0) {
        this.forgetPositions(scope);
        continue;
      }
      open.sort((a, b) => Number(b.maintenanceMargin - a.maintenanceMargin));
      const [{ lots, lotSize, mark, market }] = open;
      const notional = (lots < 0n ? -lots : lots) * lotSize * mark;
      const { equity, isLiquidatable } = health;
      this.views.set(scope, { scope, market, lots, notional, equity });
      if (isLiquidatable && !this.due.has(scope)) this.due.set(scope, 0);
    }
  }

  /** Scopes that may be liquidatable: reached by a tick or in distress, with the second since which that is so. */
  *dueScopes(): IterableIterator<{ readonly view: ScopeView; readonly since: number }> {
    const seen = new Set<bigint>();
    for (const [scope, since] of [...this.due, ...[...this.state.distress].map(([id, d]) => [id, d.since] as const)]) {
      const view = this.views.get(scope);
      if (view === undefined || seen.has(scope)) continue;
      seen.add(scope);
      yield { view, since };
    }
  }

  /** It was tried: it is due again when another tick reaches it. */
  tried(scope: bigint): void {
    this.due.delete(scope);
    this.dirty.add(scope);
  }

  /** Triggers that can fire in a second of the chain. */
  firings(now: number): Firing[] {
    const live: Firing[] = [];
    for (const [id, firing] of this.fired) {
      const { publishTime } = firing.tick;
      if (now > publishTime + FIRE_SECONDS || !this.state.triggers.has(id)) this.fired.delete(id);
      else if (publishTime <= now) live.push(firing);
    }
    return live;
  }

  /** Orders that have expired, or whose market settles: anybody takes them off. */
  dead(now: number): Since<bigint>[] {
    const found = new Map<bigint, number>();
    for (const number of this.expiries.range(-Infinity, now - 1)) {
      const id = this.orderNumbers.idOf(number);
      found.set(id, this.expiryOf.get(id) ?? now);
    }
    for (const [market, since] of this.settlingSince) {
      for (const id of this.state.ordersIn(market)) if (!found.has(id)) found.set(id, since);
    }
    return [...found].map(([due, since]) => ({ due, since }));
  }

  /** Scopes whose orders anybody may cancel, as the lens showed them last, with those orders. */
  stretched(): Since<{ readonly scope: bigint; readonly orders: readonly bigint[] }>[] {
    return [...this.loose]
      .map(([scope, since]) => ({ due: { scope, orders: this.ordersOf(scope) }, since }))
      .filter(({ due }) => due.orders.length > 0);
  }

  ordersOf(scope: bigint): bigint[] {
    const account = accountOfScope(scope);
    return [...this.state.ordersOf(account)].filter(
      (id) => this.state.scopeOf(Number(proWords.marketOfOrder(id)), account) === scope,
    );
  }

  /** Markets whose prices an order of an account asks for, and the tip that goes with it: from an isolated market the cross scope pays it. */
  marketsOfTip(account: bigint, market: number): number[] {
    const scopes = [this.state.scopeOf(market, account), proWords.crossScope(account)];
    return [...new Set([market, ...scopes.flatMap((scope) => this.marketsOf(scope))])];
  }

  /** Markets whose prices the tests of a scope ask for: where it has a position, and where no more than an order of it rests. */
  marketsOf(scope: bigint): number[] {
    const account = accountOfScope(scope);
    const held = [...this.state.lots.keys()].filter(
      (market) => this.state.lotsOf(market, account) !== 0n && this.state.scopeOf(market, account) === scope,
    );
    return [...new Set([...held, ...this.ordersOf(scope).map((id) => Number(proWords.marketOfOrder(id)))])];
  }

  /** The latest tick of a market that a block of this second can be brought. */
  latestTick(market: number, now: number): Tick | undefined {
    const assetId = this.state.markets.get(market)?.assetId;
    const known = assetId === undefined ? [] : this.ticks.all(assetId);
    return known.filter(({ publishTime }) => publishTime <= now).at(-1);
  }

  triggerOf(id: bigint): ProTriggerRecord | undefined {
    return this.state.triggers.get(id);
  }

  private soil(account: bigint): void {
    const scopes = this.state.scopesOf(account);
    for (const scope of scopes) this.dirty.add(scope);
    // Of what is gone the index has to hear too.
    const markets = [...this.state.markets.keys()].map((market) => proWords.isolatedScope(account, BigInt(market)));
    for (const scope of [proWords.crossScope(account), ...markets]) {
      if (!scopes.has(scope) && (this.views.has(scope) || this.loose.has(scope))) this.forget(scope);
    }
  }

  private soilAll(): void {
    this.readAllAt = performance.now();
    for (const account of this.state.holders()) this.soil(account);
  }

  /** Has all be looked at who have orders in a market whose index has moved since they were. */
  private soilQuoting(market: number, price: bigint): void {
    const before = this.lookedAt.get(market);
    if (before !== undefined) {
      const moved = price < before ? before - price : price - before;
      if (moved * PIPS < before * STRETCHING_PIPS) return;
      for (const id of this.state.orders.keys()) {
        if (Number(proWords.marketOfOrder(id)) === market) this.soil(accountOfOrder(id));
      }
    }
    this.lookedAt.set(market, price);
  }

  private noteSettling(market: number): void {
    if (this.state.markets.get(market)?.status !== MARKET_STATUS.settling) this.settlingSince.delete(market);
    else if (!this.settlingSince.has(market)) this.settlingSince.set(market, this.surroundings.now);
  }

  private forget(scope: bigint): void {
    this.forgetPositions(scope);
    this.loose.delete(scope);
    this.dirty.delete(scope);
  }

  private forgetPositions(scope: bigint): void {
    this.index.remove(scope);
    this.views.delete(scope);
    this.due.delete(scope);
  }

  private noteFired(id: bigint, tick: Tick): void {
    const record = this.state.triggers.get(id);
    if (record === undefined || tick.publishTime <= record.changedAt + this.delay) return;
    const known = this.fired.get(id);
    if (known === undefined || known.tick.publishTime < tick.publishTime) this.fired.set(id, { id, tick });
  }

  private updateTrigger(id: bigint): void {
    const record = this.state.triggers.get(id);
    this.triggers.remove(this.triggerNumbers.of(id), "stopLoss");
    if (record === undefined) {
      this.trails.remove(id);
      this.fired.delete(id);
      this.triggerNumbers.forget(id);
      return;
    }
    const { callbackPips, changedAt, isBuy, kind, market, tick } = record;
    const price = tick * (this.state.markets.get(market)?.tickSize ?? 0n);
    if (kind === TRAILING) {
      const clock = changedAt + this.delay;
      this.trails.put(id, { market, isBuy, activation: price, callbackPips, clock });
      return;
    }
    this.trails.remove(id);
    const isAbove = isBuy === (kind === STOP);
    this.triggers.put({ id: this.triggerNumbers.of(id), kind: "stopLoss", assetId: market, price, isAbove });
  }

  private updateOrder(id: bigint): void {
    const before = this.expiryOf.get(id);
    const expiry = this.state.orders.get(id)?.expiry ?? 0;
    if (before === expiry || (before === undefined && expiry === 0)) return;
    if (before !== undefined) {
      this.expiries.remove(before, this.orderNumbers.of(id));
      this.expiryOf.delete(id);
    }
    if (expiry === 0) {
      this.orderNumbers.forget(id);
      return;
    }
    this.expiries.add(expiry, this.orderNumbers.of(id));
    this.expiryOf.set(id, expiry);
  }
}
