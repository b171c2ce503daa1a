/** The ticks of the last minute or so, by asset and in their order, with the signed data that proves them. */
import type { PriceUpdate, ProvenPrice } from "@asterism/sdk";
import { normalizePythConfidence, normalizePythPrice } from "@asterism/sdk/model";

/** One signed price of an asset. */
export interface Tick {
  readonly assetId: number;
  /** USD, 10 decimals. */
  readonly price: bigint;
  /** USD, 10 decimals. */
  readonly confidence: bigint;
  /** Unix seconds. */
  readonly publishTime: number;
  /** Of the price before it. */
  readonly previous: number;
  readonly updateData: readonly string[];
}

/** Something about a feed that a keeper should know. */
export type TickNotice =
  | { readonly kind: "gap"; readonly assetId: number; readonly from: number; readonly to: number }
  | { readonly kind: "sameSecond"; readonly assetId: number; readonly at: number }
  | { readonly kind: "disorder"; readonly assetId: number; readonly at: number; readonly previous: number };

/** As long as any tick can still do something: a shielded one liquidates for a minute. */
export const TICK_LIFE_SECONDS = 60;
const KEPT_SECONDS = TICK_LIFE_SECONDS + 15;

export function tickOf(assetId: number, price: ProvenPrice, update: PriceUpdate): Tick {
  return {
    assetId,
    price: normalizePythPrice(price.price, price.expo),
    confidence: normalizePythConfidence(price.conf, price.expo),
    publishTime: Number(price.publishTime),
    previous: Number(price.prevPublishTime),
    updateData: update.data,
  };
}

export class TickBook {
  private readonly ticks = new Map<number, Tick[]>();

  constructor(private readonly onNotice: (notice: TickNotice) => void = () => undefined) {}

  /** Whether the tick was not there yet. */
  add(tick: Tick): boolean {
    const { assetId, publishTime, previous } = tick;
    if (tick.price <= 0n) return false;
    if (previous > publishTime) {
      this.onNotice({ kind: "disorder", assetId, at: publishTime, previous });
      return false;
    }
    const known = this.ticks.get(assetId) ?? [];
    this.ticks.set(assetId, known);
    let place = known.length;
    while (place > 0 && isBefore(tick, known[place - 1])) place--;
    const before = known[place - 1];
    if (before !== undefined && before.publishTime === publishTime && before.previous === previous) {
      // The same message again, or another of the same second: only the first of a second is the first at or after anything.
      if (before.price === tick.price || previous < publishTime) return false;
    }
    known.splice(place, 0, tick);
    if (previous === publishTime) this.onNotice({ kind: "sameSecond", assetId, at: publishTime });
    const isLatest = place === known.length - 1;
    if (isLatest && before !== undefined && previous > before.publishTime) {
      this.onNotice({ kind: "gap", assetId, from: before.publishTime, to: previous });
    }
    const oldest = (known.at(-1)?.publishTime ?? 0) - KEPT_SECONDS;
    while (known[0].publishTime < oldest) known.shift();
    return true;
  }

  /** Forgets a tick that can't be proven: the same from elsewhere may be good. */
  drop(tick: Tick): void {
    const known = this.ticks.get(tick.assetId) ?? [];
    const place = known.indexOf(tick);
    if (place >= 0) known.splice(place, 1);
  }

  latest(assetId: number): Tick | undefined {
    return this.ticks.get(assetId)?.at(-1);
  }

  /** The first tick at or after a time, provably: the one before it lies before the time. */
  firstAt(assetId: number, time: number): Tick | undefined {
    return this.ticks.get(assetId)?.find((tick) => tick.previous < time && time <= tick.publishTime);
  }

  all(assetId: number): readonly Tick[] {
    return this.ticks.get(assetId) ?? [];
  }
}

function isBefore(a: Tick, b: Tick): boolean {
  return a.publishTime < b.publishTime || (a.publishTime === b.publishTime && a.previous < b.previous);
}
