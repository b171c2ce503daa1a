/** Take profits, stops and resting limits by the price at which they are reached. */
import { SortedKeys } from "./SortedKeys";

export type TriggerKind = "takeProfit" | "stopLoss" | "limit";

export interface Trigger {
  readonly id: number;
  readonly kind: TriggerKind;
  readonly assetId: number;
  /** USD, 10 decimals: reached by a price at or above it, or at or below it. */
  readonly price: bigint;
  readonly isAbove: boolean;
  /** Pips of the price beyond which it is left alone; none by default. */
  readonly furthestPips?: number;
}

/** Of a key in floating point: what is found may be a unit short. */
const PRECISION = 1e-12;
const PIPS = 1e6;

interface Side {
  readonly keys: SortedKeys;
  readonly isAbove: boolean;
  furthestPips: number;
}

export class TriggerIndex {
  private readonly sides = new Map<string, Side>();
  private readonly placed = new Map<string, { readonly side: Side; readonly key: number }>();

  get size(): number {
    return this.placed.size;
  }

  put(trigger: Trigger): void {
    const { id, kind, price, furthestPips = Infinity } = trigger;
    this.remove(id, kind);
    const side = this.sideOf(trigger);
    const key = Number(price);
    // A side's triggers are looked for as far as any of them reaches.
    side.furthestPips = Math.max(side.furthestPips, furthestPips);
    side.keys.add(key, id);
    this.placed.set(`${kind} ${id}`, { side, key });
  }

  remove(id: number, kind: TriggerKind): void {
    const name = `${kind} ${id}`;
    const found = this.placed.get(name);
    if (found === undefined) return;
    found.side.keys.remove(found.key, id);
    this.placed.delete(name);
  }

  clear(): void {
    this.sides.clear();
    this.placed.clear();
  }

  /** Triggers of an asset that are reached from below at `high` or from above at `low`. */
  reached(kind: TriggerKind, assetId: number, low: number, high: number): number[] {
    const found: number[] = [];
    const above = this.sides.get(nameOf(kind, assetId, true));
    if (above !== undefined) {
      const from = above.furthestPips === Infinity ? -Infinity : low / (1 + above.furthestPips / PIPS);
      found.push(...above.keys.range(from * (1 - PRECISION), high * (1 + PRECISION)));
    }
    const below = this.sides.get(nameOf(kind, assetId, false));
    if (below !== undefined) {
      const to =
        below.furthestPips === Infinity ? Infinity : high / (1 - Math.min(below.furthestPips, PIPS / 2) / PIPS);
      found.push(...below.keys.range(low * (1 - PRECISION), to * (1 + PRECISION)));
    }
    return found;
  }

  /** Whether one trigger is reached so. */
  isReached(id: number, kind: TriggerKind, low: number, high: number): boolean {
    const placed = this.placed.get(`${kind} ${id}`);
    if (placed === undefined) return false;
    const { key, side } = placed;
    return side.isAbove ? high * (1 + PRECISION) >= key : low * (1 - PRECISION) <= key;
  }

  private sideOf({ kind, assetId, isAbove }: Trigger): Side {
    const name = nameOf(kind, assetId, isAbove);
    const side = this.sides.get(name) ?? { keys: new SortedKeys(), isAbove, furthestPips: 0 };
    this.sides.set(name, side);
    return side;
  }
}

function nameOf(kind: TriggerKind, assetId: number, isAbove: boolean): string {
  return `${kind} ${assetId} ${isAbove ? "above" : "below"}`;
}
