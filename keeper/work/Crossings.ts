/** What ticks have reached: by trade, until the ticks can do nothing any more. */
import type { Tick } from "../ticks/TickBook";

export type CrossingKind = "liquidation" | "trigger" | "limit";

export interface Crossing {
  readonly tick: Tick;
  /** Last second of the chain in which the tick does something. */
  readonly end: number;
}

/** Of one trade: the tick that crossed first, the one that went furthest, the latest. */
interface Crossed {
  first: Crossing;
  furthest: Crossing;
  latest: Crossing;
}

/** Trades that ticks have reached; a keeper that is so far behind begins with those that it knows. */
const MAX_CROSSED = 200_000;

export class Crossings {
  private readonly all: Record<CrossingKind, Map<number, Crossed>> = {
    liquidation: new Map(),
    trigger: new Map(),
    limit: new Map(),
  };

  get size(): number {
    return this.all.liquidation.size + this.all.trigger.size + this.all.limit.size;
  }

  /** @param isLong Of a position that may be liquidated: the lowest tick went furthest. */
  add(kind: CrossingKind, id: number, tick: Tick, end: number, isLong = true): void {
    const crossing = { tick, end };
    const known = this.all[kind].get(id);
    if (known === undefined) {
      if (this.size < MAX_CROSSED) {
        this.all[kind].set(id, { first: crossing, furthest: crossing, latest: crossing });
      }
      return;
    }
    if (tick.publishTime < known.first.tick.publishTime) known.first = crossing;
    if (tick.publishTime >= known.latest.tick.publishTime) known.latest = crossing;
    const isFurther = isLong ? tick.price < known.furthest.tick.price : tick.price > known.furthest.tick.price;
    if (isFurther) known.furthest = crossing;
  }

  /**
   * What can be done in a second of the chain: each trade with the ticks that it may be tried with, the one that crossed first before
   * the others. Ticks of later seconds wait; what no tick can do any more is forgotten.
   */
  *live(kind: CrossingKind, now: number): IterableIterator<{ readonly id: number; readonly ticks: readonly Tick[] }> {
    for (const [id, crossed] of this.all[kind]) {
      if (crossed.first.end < now) crossed.first = crossed.furthest.end < now ? crossed.latest : crossed.furthest;
      if (crossed.furthest.end < now) crossed.furthest = crossed.latest;
      if (crossed.latest.end < now) {
        this.all[kind].delete(id);
        continue;
      }
      const ticks = [crossed.first, crossed.furthest, crossed.latest].filter(
        ({ tick }, at, list) => tick.publishTime <= now && list.findIndex((other) => other.tick === tick) === at,
      );
      if (ticks.length > 0) yield { id, ticks: ticks.map(({ tick }) => tick) };
    }
  }

  /** A trade has ended, or is another one now. */
  forget(id: number): void {
    for (const kind of ["liquidation", "trigger", "limit"] as const) this.all[kind].delete(id);
  }

  /** A tick that could not be proven after all. */
  drop(tick: Tick): void {
    for (const crossed of Object.values(this.all)) {
      for (const [id, { first, furthest, latest }] of crossed) {
        const left = [first, furthest, latest].filter((each) => each.tick !== tick);
        if (left.length === 0) crossed.delete(id);
        else if (left.length < 3) crossed.set(id, { first: left[0], furthest: left[0], latest: left[left.length - 1] });
      }
    }
  }

  clear(): void {
    for (const crossed of Object.values(this.all)) crossed.clear();
  }
}
