/** Positions, orders, triggers, grids and distress of the order book as the chain has them, rebuilt from events alone. */
import { Codec, proWords } from "@asterism/sdk";
import type { EventOf, TimedLog } from "@asterism/sdk";
import { gridBookAbi, proAbi, proTriggersAbi } from "@asterism/sdk/abis";
import { IdGroups } from "../index/IdGroups";
import { gridKey, keyOfGrid, openedGrid, rolledGrid } from "./grids";
import type { GridRecord, Holding } from "./grids";
import { accountOfOrder, accountOfScope } from "./ids";

const PRO = new Codec(proAbi);
const TRIGGERS = new Codec(proTriggersAbi);
const GRIDS = new Codec(gridBookAbi);

/** Whose log it is. */
export type ProSource = "pro" | "triggers" | "grids";

/** `MarketStatus` of the contracts. */
export const MARKET_STATUS = { unlisted: 0, active: 1, reduceOnly: 2, settling: 3 } as const;

/** What of a market's configuration a keeper decides by. */
export interface ProMarketSettings {
  readonly assetId: number;
  /** USD, 10 decimals. */
  readonly tickSize: bigint;
  /** Of the asset, 8 decimals. */
  readonly lotSize: bigint;
  readonly maxDeviationPips: number;
  readonly liquidationFeePips: number;
  /** Of {@link MARKET_STATUS}. */
  readonly status: number;
}

export interface ProOrderRecord {
  readonly isBid: boolean;
  readonly isReduceOnly: boolean;
  /** Its price in ticks. */
  readonly tick: bigint;
  /** What is left of it. */
  readonly lots: bigint;
  /** Last second in which it may be filled; 0: none. */
  readonly expiry: number;
}

/** An order that waits for a price. */
export interface ProTriggerRecord {
  readonly account: bigint;
  readonly market: number;
  /** 0 stop, 1 take profit, 2 trailing. */
  readonly kind: number;
  readonly isBuy: boolean;
  /** What it waits for, in ticks; of a trailing one the activation, 0 for none. */
  readonly tick: bigint;
  readonly callbackPips: bigint;
  readonly expiry: number;
  readonly changedAt: number;
  /** Left for its keepers, quote; what was paid of it is told. */
  readonly tip: bigint;
}

/** Since when the book does not take a scope's positions, and since when they may be passed on; 0: not. */
export interface Distress {
  readonly since: number;
  readonly adlSince: number;
}

/** What changed with some logs. */
export interface ProChange {
  /** Accounts whose scopes are to be looked at again. */
  readonly accounts: Set<bigint>;
  readonly triggers: Set<bigint>;
  readonly orders: Set<bigint>;
  /** Markets of which everybody's are. */
  readonly markets: Set<number>;
  /** Keys of grids that stand otherwise. */
  readonly grids: Set<bigint>;
  /** The last index that a market was brought, 10 decimals. */
  readonly prices: Map<number, bigint>;
}

/** Of a trigger that was placed or changed: a tenth of a dollar. */
const TIP = 10n ** 17n;

export const newProChange = (): ProChange => ({
  ...{ accounts: new Set(), triggers: new Set(), orders: new Set(), markets: new Set() },
  ...{ grids: new Set(), prices: new Map() },
});

/** Whether the second of its block says something of a log. */
export function isTimed(log: Pick<TimedLog, "topics" | "data">, source: ProSource): boolean {
  return source !== "pro" || PRO.event(log)?.name === "ScopeReduced";
}

export class ProIndexer {
  /** Signed lots by market and account; none is 0. */
  readonly lots = new Map<number, Map<bigint, bigint>>();
  /** Accounts in isolated mode, by market. */
  readonly isolated = new Map<number, Set<bigint>>();
  readonly orders = new Map<bigint, ProOrderRecord>();
  readonly triggers = new Map<bigint, ProTriggerRecord>();
  readonly distress = new Map<bigint, Distress>();
  readonly markets = new Map<number, ProMarketSettings>();
  /** Those that run, by their keys. */
  readonly grids = new Map<bigint, GridRecord>();
  private readonly byAccount = new IdGroups<bigint>();
  private readonly byMarket = new IdGroups<number>();

  clone(): ProIndexer {
    const copy = new ProIndexer();
    for (const [market, held] of this.lots) copy.lots.set(market, new Map(held));
    for (const [market, accounts] of this.isolated) copy.isolated.set(market, new Set(accounts));
    for (const name of ["triggers", "distress", "markets", "grids"] as const) {
      for (const [id, record] of this[name]) (copy[name] as Map<unknown, unknown>).set(id, record);
    }
    for (const [id, order] of this.orders) copy.putOrder(id, order);
    return copy;
  }

  putOrder(id: bigint, order: ProOrderRecord): void {
    this.orders.set(id, order);
    this.byAccount.add(accountOfOrder(id), id);
    this.byMarket.add(Number(proWords.marketOfOrder(id)), id);
  }

  /** Ids of all that an account has in the book. */
  ordersOf(account: bigint): Iterable<bigint> {
    return this.byAccount.of(account);
  }

  /** Ids of all that a market's book has. */
  ordersIn(market: number): Iterable<bigint> {
    return this.byMarket.of(market);
  }

  /** Accounts with an order in the book. */
  quoting(): Iterable<bigint> {
    return this.byAccount.keys();
  }

  holdingOf(market: number, account: bigint): Holding {
    let [bidLots, askLots] = [0n, 0n];
    for (const id of this.ordersOf(account)) {
      const order = this.orders.get(id);
      if (order === undefined || order.isReduceOnly || Number(proWords.marketOfOrder(id)) !== market) continue;
      if (order.isBid) bidLots += order.lots;
      else askLots += order.lots;
    }
    return { position: this.lotsOf(market, account), bidLots, askLots };
  }

  lotsOf(market: number, account: bigint): bigint {
    return this.lots.get(market)?.get(account) ?? 0n;
  }

  scopeOf(market: number, account: bigint): bigint {
    const isIsolated = this.isolated.get(market)?.has(account) === true;
    return isIsolated ? proWords.isolatedScope(account, BigInt(market)) : proWords.crossScope(account);
  }

  /** Every scope of an account that has a position or an order. */
  scopesOf(account: bigint): Set<bigint> {
    const found = new Set<bigint>();
    for (const [market, held] of this.lots) if (held.has(account)) found.add(this.scopeOf(market, account));
    for (const id of this.ordersOf(account)) found.add(this.scopeOf(Number(proWords.marketOfOrder(id)), account));
    return found;
  }

  /** Accounts with a position or an order. */
  holders(): Set<bigint> {
    return new Set([...[...this.lots.values()].flatMap((held) => [...held.keys()]), ...this.quoting()]);
  }

  /** Accounts on the other side of a position, the largest first. */
  opposite(market: number, account: bigint): bigint[] {
    const own = this.lotsOf(market, account);
    const held = [...(this.lots.get(market) ?? [])].filter(([, lots]) => lots > 0n !== own > 0n);
    held.sort(([, a], [, b]) => Number((b < 0n ? -b : b) - (a < 0n ? -a : a)));
    return held.map(([id]) => id);
  }

  /** Takes in a log; what it changed is added to `change`. Of those of which {@link isTimed} says so the time counts. */
  apply(log: TimedLog, source: ProSource, change: ProChange = newProChange()): void {
    const time = Number(log.blockTimestamp);
    if (source === "triggers") {
      const event = TRIGGERS.event(log);
      if (event !== undefined) this.applyTrigger(event, time, change);
    } else if (source === "grids") {
      const event = GRIDS.event(log);
      if (event !== undefined) this.applyGrid(event, time, change);
    } else {
      const event = PRO.event(log);
      if (event !== undefined) this.applyPro(event, time, change);
    }
  }

  private applyPro(event: EventOf<typeof proAbi>, time: number, change: ProChange): void {
    switch (event.name) {
      case "OrderRested": {
        const { expiry, flags, lots, orderId, tick } = event.args;
        const [isBid, isReduceOnly] = [(flags & 1n) === 1n, (flags & 2n) === 2n];
        this.changeOrder(orderId, { isBid, isReduceOnly, tick, lots, expiry: Number(expiry) }, change);
        change.accounts.add(accountOfOrder(orderId));
        return;
      }
      case "OrderRemoved":
        this.changeOrder(event.args.orderId, undefined, change);
        return;
      case "OrderLowered": {
        const order = this.orders.get(event.args.orderId);
        if (order !== undefined) this.changeOrder(event.args.orderId, { ...order, lots: event.args.lots }, change);
        return;
      }
      case "OrderFilled": {
        const { lots, orderId } = event.args;
        const order = this.orders.get(orderId);
        if (order === undefined) throw new Error(`an order was filled that never rested: ${orderId}`);
        // Of what is filled wholly nothing else is told.
        const left = order.lots === lots ? undefined : { ...order, lots: order.lots - lots };
        this.changeOrder(orderId, left, change);
        const market = Number(proWords.marketOfOrder(orderId));
        this.move(market, accountOfOrder(orderId), order.isBid ? lots : -lots, change);
        return;
      }
      case "Refreshed":
        change.prices.set(Number(event.args.market), event.args.price);
        return;
      case "Taken":
      case "PositionMoved":
        this.move(Number(event.args.market), event.args.account, event.args.lots, change);
        return;
      case "ModeSet": {
        const market = Number(event.args.market);
        const accounts = this.isolated.get(market) ?? new Set();
        this.isolated.set(market, accounts);
        if (event.args.isIsolated) accounts.add(event.args.account);
        else accounts.delete(event.args.account);
        return;
      }
      case "Deposited":
        this.replenish(event.args.account, change);
        return;
      case "Withdrawn":
      case "IsolatedReturned":
        change.accounts.add(event.args.account);
        return;
      case "Transferred":
        change.accounts.add(accountOfScope(event.args.fromScope));
        this.replenish(accountOfScope(event.args.toScope), change);
        return;
      case "ScopeReduced": {
        const account = accountOfScope(event.args.scope);
        change.accounts.add(account);
        this.changeGrid(gridKey(Number(event.args.market), account), { reducedAt: time }, change);
        return;
      }
      case "LossShared":
      case "TiersSet":
        change.markets.add(Number(event.args.market));
        return;
      case "DistressNoted": {
        const { adlSince, scope, since } = event.args;
        if (since === 0n && adlSince === 0n) this.distress.delete(scope);
        else this.distress.set(scope, { since: Number(since), adlSince: Number(adlSince) });
        return;
      }
      case "MarketStatusSet":
        this.setStatus(Number(event.args.market), Number(event.args.status), change);
        return;
      case "SettlingBegun":
        this.setStatus(Number(event.args.market), MARKET_STATUS.settling, change);
        return;
      case "MarketConfigured": {
        const { config, market } = event.args;
        this.markets.set(Number(market), {
          ...{ assetId: Number(config.assetId), tickSize: config.tickSize, lotSize: config.lotSize },
          maxDeviationPips: Number(config.maxDeviationPips),
          liquidationFeePips: Number(config.liquidationFeePips),
          status: Number(config.status),
        });
        change.markets.add(Number(market));
        return;
      }
      default:
    }
  }

  /** @param order What it is now; undefined: it is gone. */
  private changeOrder(id: bigint, order: ProOrderRecord | undefined, change: ProChange): void {
    const account = accountOfOrder(id);
    if (order !== undefined) this.putOrder(id, order);
    else {
      this.orders.delete(id);
      this.byAccount.remove(account, id);
      this.byMarket.remove(Number(proWords.marketOfOrder(id)), id);
    }
    change.orders.add(id);
    this.changeGrid(gridKey(Number(proWords.marketOfOrder(id)), account), {}, change);
  }

  private changeGrid(key: bigint, changed: Partial<GridRecord>, change: ProChange): void {
    const grid = this.grids.get(key);
    if (grid === undefined) return;
    this.grids.set(key, { ...grid, ...changed });
    change.grids.add(key);
  }

  /** An account has more than before: what it could not pay it may be able to. */
  private replenish(account: bigint, change: ProChange): void {
    change.accounts.add(account);
    for (const market of this.markets.keys()) this.changeGrid(gridKey(market, account), { isUnpaid: false }, change);
  }

  private applyGrid(event: EventOf<typeof gridBookAbi>, time: number, change: ProChange): void {
    if (!("id" in event.args)) return;
    const key = keyOfGrid(event.args.id);
    change.grids.add(key);
    if (event.name === "GridOpened") {
      const { account, order } = event.args;
      const holding = this.holdingOf(Number(order.market), account);
      this.grids.set(key, openedGrid(event.args, time, holding));
      return;
    }
    const grid = this.grids.get(key);
    if (grid === undefined) return;
    const holding = this.holdingOf(grid.market, grid.account);
    // Told after all orders of its call rest: a grid that opens stands as it then does, one that is rolled is told of last.
    if (event.name === "LinePlaced") this.grids.set(key, { ...grid, ...holding });
    if (event.name === "GridRolled") this.grids.set(key, rolledGrid(grid, event.args, time, holding));
    if (event.name === "GridEnded") this.grids.delete(key);
  }

  private setStatus(market: number, status: number, change: ProChange): void {
    const known = this.markets.get(market);
    if (known !== undefined) this.markets.set(market, { ...known, status });
    change.markets.add(market);
  }

  private applyTrigger(event: EventOf<typeof proTriggersAbi>, time: number, change: ProChange): void {
    switch (event.name) {
      case "TriggerSet": {
        const { account, id, order } = event.args;
        const { callbackPips, expiry, isBuy, kind, market, tick } = order;
        this.triggers.set(id, {
          ...{ account, market: Number(market), kind: Number(kind), isBuy, tick, callbackPips },
          ...{ expiry: Number(expiry), changedAt: time, tip: TIP },
        });
        change.triggers.add(id);
        return;
      }
      case "TriggerFired": {
        const { id, isDone, tip } = event.args;
        const known = this.triggers.get(id);
        if (isDone) this.triggers.delete(id);
        else if (known !== undefined) this.triggers.set(id, { ...known, tip: known.tip - tip });
        change.triggers.add(id);
        return;
      }
      case "TriggerRemoved":
        this.triggers.delete(event.args.id);
        change.triggers.add(event.args.id);
        return;
      default:
    }
  }

  private move(market: number, account: bigint, lots: bigint, change: ProChange): void {
    const held = this.lots.get(market) ?? new Map<bigint, bigint>();
    this.lots.set(market, held);
    const left = (held.get(account) ?? 0n) + lots;
    if (left === 0n) held.delete(account);
    else held.set(account, left);
    change.accounts.add(account);
    this.changeGrid(gridKey(market, account), {}, change);
  }
}
