/** Grids of which a roll answers something or that it ends: by what their accounts hold, and by the ticks at their stops. */
import { proWords } from "@asterism/sdk";
import { TriggerIndex } from "../index/triggers";
import type { Tick } from "../ticks/TickBook";
import { Numbers } from "./Numbers";
import { MARKET_STATUS } from "./ProIndexer";
import type { ProChange, ProIndexer } from "./ProIndexer";
import { countGrid } from "./grids";
import type { GridRecord } from "./grids";

/** A grid that is worth a roll. */
export interface GridView {
  readonly grid: GridRecord;
  /** Lines that the roll is paid for, as far as their orders come to rest and its account can pay. */
  readonly lines: number;
  /** The roll ends it. */
  readonly isOver: boolean;
  /** Of one that a stop ends the tick that reached it. */
  readonly stop?: Tick;
  /** Second of the chain since which it is so. */
  readonly since: number;
}

interface Due {
  readonly lines: number;
  readonly isOver: boolean;
  readonly rolledAt: number;
  readonly since: number;
}

/** Lines that one roll answers, and pays for, at most. */
export const MOST_LINES = 10;
/** Seconds in which a tick brings the index that rolls are paid at: what is left of five is for the transaction. */
export const FRESH_SECONDS = 3;
/** After which an account that could not pay is tried again. */
const UNPAID_SECONDS = 3_600;

export class GridBoard {
  private readonly stops = new TriggerIndex();
  private readonly numbers = new Numbers();
  /** Ids of the grids whose stops are known, by key. */
  private readonly placed = new Map<bigint, bigint>();
  private readonly due = new Map<bigint, Due>();
  private readonly stopped = new Map<bigint, Tick>();

  constructor(private readonly state: ProIndexer) {}

  /** Grids that wait for a roll. */
  get size(): number {
    return new Set([...this.due.keys(), ...this.stopped.keys()]).size;
  }

  /** Everything anew, from the state. */
  rebuild(now: number): void {
    for (const all of [this.stops, this.numbers, this.placed, this.due, this.stopped]) all.clear();
    for (const key of this.state.grids.keys()) this.update(key, now);
  }

  apply({ grids, markets }: ProChange, now: number): void {
    for (const key of grids) this.update(key, now);
    if (markets.size === 0) return;
    for (const [key, { market }] of this.state.grids) if (markets.has(market)) this.update(key, now);
  }

  /** Takes a tick of a market up that counts for something from `low` to `high`. */
  cross(market: number, tick: Tick, low: bigint, high: bigint): void {
    for (const number of this.stops.reached("stopLoss", market, Number(low), Number(high))) {
      const key = this.numbers.idOf(number) >> 1n;
      if ((this.stopped.get(key)?.publishTime ?? 0) < tick.publishTime) this.stopped.set(key, tick);
    }
  }

  /** What can be rolled in a second of the chain. */
  *views(now: number): IterableIterator<GridView> {
    for (const [key, tick] of this.stopped) if (now > tick.publishTime + FRESH_SECONDS) this.stopped.delete(key);
    for (const key of new Set([...this.due.keys(), ...this.stopped.keys()])) {
      const grid = this.state.grids.get(key);
      if (grid === undefined || (grid.isUnpaid && now < grid.rolledAt + UNPAID_SECONDS)) continue;
      const stop = this.stopped.get(key);
      const due = this.due.get(key);
      const isOver = stop !== undefined || due?.isOver === true;
      const lines = isOver ? this.restingLines(grid) : (due?.lines ?? 0);
      const since = due?.since ?? stop?.publishTime ?? now;
      yield { grid, lines: Math.min(lines, MOST_LINES), isOver, stop, since };
    }
  }

  private update(key: bigint, now: number): void {
    const grid = this.state.grids.get(key);
    if (this.placed.get(key) !== grid?.id) this.placeStops(key, grid);
    const before = this.due.get(key);
    this.due.delete(key);
    if (grid === undefined) return;
    const { isExplained, lines } = countGrid(grid, this.state.holdingOf(grid.market, grid.account));
    const isOver = !isExplained || this.state.markets.get(grid.market)?.status === MARKET_STATUS.settling;
    if (!isOver && lines === 0) return;
    const { rolledAt } = grid;
    // What is left after a roll waits anew.
    const since = before?.rolledAt === rolledAt ? before.since : now;
    this.due.set(key, { lines, isOver, rolledAt, since });
  }

  private placeStops(key: bigint, grid: GridRecord | undefined): void {
    this.stopped.delete(key);
    for (const side of [0n, 1n]) {
      const name = (key << 1n) | side;
      this.stops.remove(this.numbers.of(name), "stopLoss");
      this.numbers.forget(name);
    }
    if (grid === undefined) {
      this.placed.delete(key);
      return;
    }
    this.placed.set(key, grid.id);
    const { market, stopHigh, stopLow } = grid;
    const tickSize = this.state.markets.get(market)?.tickSize ?? 0n;
    for (const [side, stop] of [stopLow, stopHigh].entries()) {
      if (stop === 0n) continue;
      const id = this.numbers.of((key << 1n) | BigInt(side));
      this.stops.put({ id, kind: "stopLoss", assetId: market, price: stop * tickSize, isAbove: side === 1 });
    }
  }

  /** Orders that a grid's end takes off: those of its account between its outermost lines. */
  private restingLines({ account, high, low, market }: GridRecord): number {
    let count = 0;
    for (const id of this.state.ordersOf(account)) {
      const order = this.state.orders.get(id);
      if (order === undefined || Number(proWords.marketOfOrder(id)) !== market) continue;
      if (order.tick >= low && order.tick <= high) count += 1;
    }
    return count;
  }
}
