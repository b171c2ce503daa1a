/** What is to be attempted in a second of the chain: everything that is due, with the ticks that prove it. */
import type { Ledger } from "../state/Ledger";
import type { Tick } from "../ticks/TickBook";
import type { TickFeed } from "../ticks/TickFeed";
import type { Board, Product } from "./Board";
import type { Attempt, Proof } from "./trials";

/** One trade or bet with the ways in which it may be attempted, the best first. */
export interface Candidate {
  readonly key: string;
  readonly product: Product;
  readonly id: bigint;
  readonly ways: readonly Attempt[];
  /** Last second of the chain in which the first way can be gone. */
  readonly until: number;
  /** Second of the chain from which on it could be attempted. */
  readonly since: number;
}

/** Seconds after a target in which the stream is waited for, before its tick is asked for. */
const STREAM_GRACE_SECONDS = 1;

interface Draft {
  readonly product: Product;
  readonly id: bigint;
  executions: Proof[];
  liquidations: Tick[];
  until: number;
  since: number;
}

export function keyOf(product: Product, id: bigint): string {
  return `${product} ${id}`;
}

export class Planner {
  constructor(
    private readonly ledger: Ledger,
    private readonly board: Board,
    private readonly feed: TickFeed,
  ) {}

  /** A tick can't be proven: what waits for it asks for it anew. */
  drop(tick: Tick): void {
    this.board.crossings.drop(tick);
    this.feed.book.drop(tick);
  }

  /** @param now Second of the chain's latest block. */
  candidates(now: number): Candidate[] {
    const drafts = new Map<string, Draft>();
    const { trades } = this.ledger;
    const draft = (product: Product, id: bigint, since: number): Draft => {
      const key = keyOf(product, id);
      const known = drafts.get(key) ?? { product, id, executions: [], liquidations: [], until: Infinity, since };
      known.since = Math.min(known.since, since);
      drafts.set(key, known);
      return known;
    };
    for (const { product, id, assetId, target, until } of this.board.waiting(now)) {
      const tick = this.feed.first(assetId, target, now > target + STREAM_GRACE_SECONDS);
      if (tick === undefined || tick.publishTime > now || tick.publishTime > until) continue;
      const waiting = draft(product, id, Math.max(target, tick.publishTime));
      waiting.executions.push({ tick, firstFrom: target });
      waiting.until = Math.min(waiting.until, until);
    }
    for (const { id, ticks } of this.board.crossings.live("limit", now)) {
      if (!trades.orders.has(BigInt(id))) continue;
      draft("trading", BigInt(id), ticks[0].publishTime).executions.push(...ticks.map((tick) => ({ tick })));
    }
    for (const { id, ticks } of this.board.crossings.live("trigger", now)) {
      if (!trades.positions.has(BigInt(id))) continue;
      const found = draft("trading", BigInt(id), ticks[0].publishTime);
      // A close that is due comes before what may be triggered.
      found.executions.push(...ticks.map((tick) => ({ tick })));
    }
    for (const { id, ticks } of this.board.crossings.live("liquidation", now)) {
      if (!trades.positions.has(BigInt(id))) continue;
      draft("trading", BigInt(id), ticks[0].publishTime).liquidations.push(...ticks);
    }
    return [...drafts].map(([key, { product, id, executions, liquidations, until, since }]) => {
      return { key, product, id, ways: waysOf(product, id, executions, liquidations), until, since };
    });
  }
}

/** The ticks that crossed first together, then the next, each as long as there are any. */
function waysOf(product: Product, id: bigint, executions: readonly Proof[], liquidations: readonly Tick[]): Attempt[] {
  const ways: Attempt[] = [];
  for (let at = 0; at < Math.max(executions.length, liquidations.length); at++) {
    const execution = executions[Math.min(at, executions.length - 1)] as Proof | undefined;
    const tick = liquidations[Math.min(at, liquidations.length - 1)] as Tick | undefined;
    ways.push({ product, id, execution, liquidation: tick && { tick } });
  }
  return ways;
}
