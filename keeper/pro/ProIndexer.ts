/** Positions, orders, triggers and distress of the order book as the chain has them, rebuilt from events alone. */
import { Codec, proWords } from "@asterism/sdk";
import type { EventOf, TimedLog } from "@asterism/sdk";
import { proAbi, proTriggersAbi } from "@asterism/sdk/abis";
import { accountOfOrder, accountOfScope } from "./ids";

const PRO = new Codec(proAbi);
const TRIGGERS = new Codec(proTriggersAbi);

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
}

/** Of a trigger that was placed or changed: a tenth of a dollar. */
const TIP = 10n ** 17n;

export const newProChange = (): ProChange => ({
  ...{ accounts: new Set(), triggers: new Set(), orders: new Set(), markets: new Set() },
});

export class ProIndexer {
  /** Signed lots by market and account; none is 0. */
  readonly lots = new Map<number, Map<bigint, bigint>>();
  /** Accounts in isolated mode, by market. */
  readonly isolated = new Map<number, Set<bigint>>();
  readonly orders = new Map<bigint, ProOrderRecord>();
  readonly triggers = new Map<bigint, ProTriggerRecord>();
  readonly distress = new Map<bigint, Distress>();
  readonly markets = new Map<number, ProMarketSettings>();

  clone(): ProIndexer {
    const copy = new ProIndexer();
    for (const [market, held] of this.lots) copy.lots.set(market, new Map(held));
    for (const [market, accounts] of this.isolated) copy.isolated.set(market, new Set(accounts));
    for (const name of ["orders", "triggers", "distress", "markets"] as const) {
      for (const [id, record] of this[name]) (copy[name] as Map<unknown, unknown>).set(id, record);
    }
    return copy;
  }

  lotsOf(market: number, account: bigint): bigint {
    return this.lots.get(market)?.get(account) ?? 0n;
  }

  scopeOf(market: number, account: bigint): bigint {
    const isIsolated = this.isolated.get(market)?.has(account) === true;
    return isIsolated ? proWords.isolatedScope(account, BigInt(market)) : proWords.crossScope(account);
  }

  /** Every scope of an account that has a position. */
  scopesOf(account: bigint): Set<bigint> {
    const found = new Set<bigint>();
    for (const [market, held] of this.lots) if (held.has(account)) found.add(this.scopeOf(market, account));
    return found;
  }

  /** Accounts with a position. */
  holders(): Set<bigint> {
    return new Set([...this.lots.values()].flatMap((held) => [...held.keys()]));
  }

  /** Accounts on the other side of a position, the largest first. */
  opposite(market: number, account: bigint): bigint[] {
    const own = this.lotsOf(market, account);
    const held = [...(this.lots.get(market) ?? [])].filter(([, lots]) => lots > 0n !== own > 0n);
    held.sort(([, a], [, b]) => Number((b < 0n ? -b : b) - (a < 0n ? -a : a)));
    return held.map(([id]) => id);
  }

  /** Takes in a log of Pro or of its triggers; what it changed is added to `change`. */
  apply(log: TimedLog, isOfTriggers: boolean, change: ProChange = newProChange()): void {
    if (isOfTriggers) {
      const event = TRIGGERS.event(log);
      if (event !== undefined) this.applyTrigger(event, Number(log.blockTimestamp), change);
      return;
    }
    const event = PRO.event(log);
    if (event !== undefined) this.applyPro(event, change);
  }

  private applyPro(event: EventOf<typeof proAbi>, change: ProChange): void {
    switch (event.name) {
      case "OrderRested": {
        const { expiry, flags, lots, orderId } = event.args;
        this.orders.set(orderId, { isBid: (flags & 1n) === 1n, lots, expiry: Number(expiry) });
        change.orders.add(orderId);
        change.accounts.add(accountOfOrder(orderId));
        return;
      }
      case "OrderRemoved":
        this.orders.delete(event.args.orderId);
        change.orders.add(event.args.orderId);
        return;
      case "OrderLowered": {
        const order = this.orders.get(event.args.orderId);
        if (order !== undefined) this.orders.set(event.args.orderId, { ...order, lots: event.args.lots });
        return;
      }
      case "OrderFilled": {
        const { lots, orderId } = event.args;
        const order = this.orders.get(orderId);
        if (order === undefined) throw new Error(`an order was filled that never rested: ${orderId}`);
        // Of what is filled wholly nothing else is told.
        if (order.lots === lots) this.orders.delete(orderId);
        else this.orders.set(orderId, { ...order, lots: order.lots - lots });
        change.orders.add(orderId);
        const market = Number(proWords.marketOfOrder(orderId));
        this.move(market, accountOfOrder(orderId), order.isBid ? lots : -lots, change);
        return;
      }
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
      case "Withdrawn":
      case "IsolatedReturned":
        change.accounts.add(event.args.account);
        return;
      case "Transferred":
        for (const scope of [event.args.fromScope, event.args.toScope]) change.accounts.add(accountOfScope(scope));
        return;
      case "ScopeReduced":
        change.accounts.add(accountOfScope(event.args.scope));
        return;
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
  }
}
