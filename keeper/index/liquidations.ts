/**
 * Positions by the price at which they are liquidated, so that a tick finds those that it crosses without a look at the others.
 *
 * That price moves with carry and with the price of the margin token: of a long
 *
 *     P = E + E·(I − I0) − c·T,     c = LLR · M / Q
 *
 * in which I is the carry index of its side and T the token's price, of a short with the other signs. Positions whose slopes are
 * alike (same book, side, token and about the same leverage) are a group, sorted by the price as of one moment of the group. A
 * tick shifts its bounds by as much as any of the group can have moved since, and looks at what lies between exactly. A group is
 * sorted anew when its members can have moved apart by more than a little.
 */
import { PIPS } from "@asterism/sdk";
import type { Position, TokenQuote } from "@asterism/sdk/model";
import { SortedKeys } from "./SortedKeys";

/** What of a position its liquidation depends on. */
export interface IndexedPosition extends Position {
  readonly id: number;
  readonly bookId: number;
  readonly tokenId: number;
  readonly carryIndexX18: bigint;
}

/** What moves liquidation prices in time. */
export interface Surroundings {
  /** The carry index of a side of a book now, 18 decimals. */
  carryIndexX18(bookId: number, isLong: boolean): bigint;
  /** The price that a margin token counts at now; undefined while it has none. */
  token(tokenId: number): TokenQuote | undefined;
  /** Whether a token is the base asset of a book's market, so that its price is the tick's. */
  isInKind(bookId: number, tokenId: number): boolean;
}

interface Group {
  readonly bookId: number;
  readonly isLong: boolean;
  readonly tokenId: number;
  readonly isInKind: boolean;
  readonly keys: SortedKeys;
  readonly members: Set<number>;
  /** As of which its keys are. */
  indexAt: number;
  tokenAt: number;
  /** Slopes of its members: the least and the largest. */
  byIndex: [number, number];
  byToken: [number, number];
}

interface Entry {
  readonly position: IndexedPosition;
  group: Group;
  key: number;
  byIndex: number;
  byToken: number;
}

export interface LiquidationOptions {
  /** A position counts as crossed by a tick that is so near, pips of the price: what is known of carry and token is a moment old. */
  readonly tolerancePips?: number;
  /** A group whose members may have moved apart by more, pips of the price, is sorted anew. */
  readonly maxSpreadPips?: number;
}

const X18 = 1e18;
/** Of a price in floating point, twice over. */
const PRECISION = 1e-12;

export class LiquidationIndex {
  private readonly groups = new Map<string, Group>();
  private readonly byBook = new Map<number, Group[]>();
  private readonly entries = new Map<number, Entry>();
  private readonly tolerance: number;
  private readonly maxSpread: number;
  /** Groups that were sorted anew, and positions that a tick looked at exactly. */
  readonly work = { sorted: 0, looked: 0 };

  constructor(
    private readonly surroundings: Surroundings,
    { tolerancePips = 20, maxSpreadPips = 100 }: LiquidationOptions = {},
  ) {
    this.tolerance = tolerancePips / Number(PIPS);
    this.maxSpread = maxSpreadPips / Number(PIPS);
  }

  get size(): number {
    return this.entries.size;
  }

  /** Adds a position, or puts it in the place of what was known of it. */
  put(position: IndexedPosition): void {
    this.remove(position.id);
    const group = this.groupOf(position);
    const entry = this.entryOf(position, group);
    group.members.add(position.id);
    this.entries.set(position.id, entry);
    group.keys.add(entry.key, position.id);
  }

  remove(id: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    entry.group.keys.remove(entry.key, id);
    entry.group.members.delete(id);
    this.entries.delete(id);
  }

  clear(): void {
    this.groups.clear();
    this.byBook.clear();
    this.entries.clear();
  }

  /**
   * The positions of some books that a tick crosses: the longs that are liquidated at `low` or above, the shorts at `high` or below.
   * The two differ where anchors hold a tick back, or up.
   */
  crossed(bookIds: Iterable<number>, low: number, high: number): number[] {
    const found: number[] = [];
    for (const bookId of bookIds) {
      for (const group of this.byBook.get(bookId) ?? []) {
        if (group.members.size > 0) this.find(group, group.isLong ? low : high, found);
      }
    }
    return found;
  }

  /** The price at which a position is liquidated now, 10 decimals, in floating point; undefined where it is not here. */
  priceOf(id: number): number | undefined {
    const entry = this.entries.get(id);
    return entry && entry.key + this.shiftOf(entry);
  }

  private find(group: Group, price: number, found: number[]): void {
    const { isLong, keys, indexAt, tokenAt } = group;
    const [index, token] = this.now(group);
    const [leastByIndex, mostByIndex] = spread(group.byIndex, index - indexAt);
    const [leastByToken, mostByToken] = spread(group.byToken, token - tokenAt);
    const slack = price * (this.tolerance + PRECISION);
    const [low, high] = isLong
      ? [price - slack - mostByIndex - mostByToken, Infinity]
      : [-Infinity, price + slack - leastByIndex - leastByToken];
    for (const id of keys.range(low, high)) {
      this.work.looked += 1;
      const entry = this.entries.get(id) as Entry;
      const at = entry.key + entry.byIndex * (index - indexAt) + entry.byToken * (token - tokenAt);
      if (isLong ? at >= price - slack : at <= price + slack) found.push(id);
    }
    const apart = mostByIndex - leastByIndex + mostByToken - leastByToken;
    if (apart > price * this.maxSpread) this.sort(group);
  }

  private shiftOf({ group, byIndex, byToken }: Entry): number {
    const [index, token] = this.now(group);
    return byIndex * (index - group.indexAt) + byToken * (token - group.tokenAt);
  }

  /** Sorts a group as of now. */
  private sort(group: Group): void {
    this.work.sorted += 1;
    group.keys.clear();
    [group.indexAt, group.tokenAt] = this.now(group);
    [group.byIndex, group.byToken] = [nothing(), nothing()];
    const entries = [...group.members].map((id) => {
      const entry = this.entryOf((this.entries.get(id) as Entry).position, group);
      this.entries.set(id, entry);
      return entry;
    });
    // In order, each is added at the end.
    entries.sort((a, b) => a.key - b.key);
    for (const { key, position } of entries) group.keys.add(key, position.id);
  }

  private entryOf(position: IndexedPosition, group: Group): Entry {
    const { isInKind, indexAt, tokenAt } = group;
    const sign = position.isLong ? 1 : -1;
    const entry = Number(position.entry);
    const share = this.shareOf(position);
    const owed = indexAt - Number(position.carryIndexX18) / X18;
    let key: number;
    let byIndex = sign * entry;
    let byToken = 0;
    if (!isInKind) {
      byToken = -sign * share;
      key = entry + byIndex * owed + byToken * tokenAt;
    } else if (1 + sign * share <= 0) {
      // A short whose margin gains at least what it loses.
      [key, byIndex] = [Infinity, 0];
    } else {
      byIndex /= 1 + sign * share;
      key = entry / (1 + sign * share) + byIndex * owed;
    }
    widen(group.byIndex, byIndex);
    widen(group.byToken, byToken);
    return { position, group, key, byIndex, byToken };
  }

  /** LLR · M / Q, in whole tokens for one of the base asset. */
  private shareOf({ llrPips, margin, size, tokenId }: IndexedPosition): number {
    const decimals = this.surroundings.token(tokenId)?.decimals ?? 18;
    return ((Number(llrPips) / Number(PIPS)) * (Number(margin) / 10 ** decimals) * 1e8) / Number(size);
  }

  private now({ bookId, isLong, tokenId }: Pick<Group, "bookId" | "isLong" | "tokenId">): [number, number] {
    const index = Number(this.surroundings.carryIndexX18(bookId, isLong)) / X18;
    return [index, Number(this.surroundings.token(tokenId)?.price ?? 0n)];
  }

  private groupOf(position: IndexedPosition): Group {
    const { bookId, isLong, tokenId, entry } = position;
    const isInKind = this.surroundings.isInKind(bookId, tokenId);
    // Slopes of one group differ by less than a half, so that its members stay in order for long.
    const steepness = Math.floor(2 * Math.log2(Math.max(this.shareOf(position), Number.MIN_VALUE)));
    const height = Math.floor(4 * Math.log2(Number(entry)));
    const name = `${bookId} ${isLong ? "long" : "short"} ${tokenId} ${steepness} ${height}`;
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group: Group = {
      ...{ bookId, isLong, tokenId, isInKind, keys: new SortedKeys(), members: new Set<number>() },
      ...{ indexAt: 0, tokenAt: 0, byIndex: nothing(), byToken: nothing() },
    };
    [group.indexAt, group.tokenAt] = this.now(group);
    this.groups.set(name, group);
    const ofBook = this.byBook.get(bookId) ?? [];
    ofBook.push(group);
    this.byBook.set(bookId, ofBook);
    return group;
  }
}

function nothing(): [number, number] {
  return [Infinity, -Infinity];
}

function widen(range: [number, number], slope: number): void {
  range[0] = Math.min(range[0], slope);
  range[1] = Math.max(range[1], slope);
}

/** How far members can have moved: the least and the most. */
function spread([least, most]: readonly [number, number], change: number): [number, number] {
  if (least > most) return [0, 0];
  return [Math.min(least * change, most * change), Math.max(least * change, most * change)];
}
