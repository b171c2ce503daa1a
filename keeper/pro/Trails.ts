/** Trailing stops: the best price that each had since it was placed, and the ticks that have come back from it. */
import { PIPS } from "@asterism/sdk";
import type { Tick } from "../ticks/TickBook";

export interface Trail {
  readonly market: number;
  readonly isBuy: boolean;
  /** That the price must have reached, 10 decimals; 0: none. */
  readonly activation: bigint;
  readonly callbackPips: bigint;
  /** Only ticks published later count. */
  readonly clock: number;
}

/** The best price of a trail that began at its clock. */
export interface Peak {
  readonly id: bigint;
  readonly clock: number;
  readonly tick: Tick;
}

/** Widest confidence of both ticks. */
const CONFIDENCE_PIPS = 1_500n;

export class Trails {
  private readonly byMarket = new Map<number, Map<bigint, Trail>>();
  private readonly peaks = new Map<bigint, Tick>();
  /** Known before their trails were put here. */
  private readonly restored = new Map<bigint, Peak>();

  get size(): number {
    return [...this.byMarket.values()].reduce((sum, trails) => sum + trails.size, 0);
  }

  /** A trail that was changed begins anew. */
  put(id: bigint, trail: Trail): void {
    if (this.byMarket.get(trail.market)?.get(id)?.clock === trail.clock) return;
    this.remove(id);
    const trails = this.byMarket.get(trail.market) ?? new Map<bigint, Trail>();
    this.byMarket.set(trail.market, trails.set(id, trail));
    const known = this.restored.get(id);
    this.restored.delete(id);
    // Of one that was changed since counts nothing that came before.
    if (known?.clock === trail.clock) this.peaks.set(id, known.tick);
  }

  /** What is known of every trail, of those that are to come too. */
  all(): Peak[] {
    const own: Peak[] = [];
    for (const trails of this.byMarket.values()) {
      for (const [id, { clock }] of trails) {
        const tick = this.peaks.get(id);
        if (tick !== undefined) own.push({ id, clock, tick });
      }
    }
    return [...own, ...this.restored.values()];
  }

  /** Has trails begin with the best price that was known of them. */
  restore(peaks: readonly Peak[]): void {
    for (const peak of peaks) this.restored.set(peak.id, peak);
  }

  remove(id: bigint): void {
    for (const trails of this.byMarket.values()) trails.delete(id);
    this.peaks.delete(id);
  }

  clear(): void {
    this.byMarket.clear();
    this.peaks.clear();
    this.restored.clear();
  }

  /** Takes a tick up: the trails of a market that it fires, each with the tick that it came back from. `price` is the tick's as it counts. */
  cross(market: number, tick: Tick, price: bigint): { readonly id: bigint; readonly earlier: Tick }[] {
    const fired: { id: bigint; earlier: Tick }[] = [];
    if (tick.confidence * PIPS > tick.price * CONFIDENCE_PIPS) return fired;
    for (const [id, trail] of this.byMarket.get(market) ?? []) {
      if (tick.publishTime <= trail.clock) continue;
      const peak = this.peaks.get(id);
      if (peak !== undefined && peak.publishTime < tick.publishTime && isTrailed(trail, peak.price, price)) {
        fired.push({ id, earlier: peak });
      }
      const isBetter = peak === undefined || (trail.isBuy ? tick.price < peak.price : tick.price > peak.price);
      if (isBetter) this.peaks.set(id, tick);
    }
    return fired;
  }
}

function isTrailed({ activation, callbackPips, isBuy }: Trail, peak: bigint, price: bigint): boolean {
  if (isBuy) {
    return (activation === 0n || peak <= activation) && price * PIPS >= peak * (PIPS + callbackPips);
  }
  return (activation === 0n || peak >= activation) && price * PIPS <= peak * (PIPS - callbackPips);
}
