/**
 * The state of every trade from Trading's events alone: what a history server, a wallet or a test keeps without reading
 * storage. Every record has the fields of the contract's own, so that the two can be compared.
 */
import type { LogDescription, Result } from "ethers";
import { Trading__factory } from "../typechain-types";

/** A log with the time of its block. */
export interface IndexedLog {
  readonly topics: readonly string[];
  readonly data: string;
  /** Seconds. */
  readonly blockTimestamp: bigint;
}

/** What owner, book, token and flags a trade has for life. */
export interface TradeHead {
  readonly owner: string;
  readonly bookId: bigint;
  readonly tokenId: bigint;
  readonly isLong: boolean;
  readonly asNative: boolean;
  readonly leverage: bigint;
  readonly broker: bigint;
  readonly takeProfit: bigint;
  readonly stopLoss: bigint;
}

/** An order that waits for its tick. */
export interface OrderRecord extends TradeHead {
  readonly requestedAt: bigint;
  readonly expiry: bigint;
  readonly amount: bigint;
  readonly price: bigint;
}

/** An open position. */
export interface PositionRecord extends TradeHead {
  readonly openedAt: bigint;
  readonly stopLossSetAt: bigint;
  readonly takeProfitSetAt: bigint;
  readonly margin: bigint;
  readonly size: bigint;
  readonly entry: bigint;
  readonly carryIndex: bigint;
  readonly termsId: bigint;
}

/** How a close came about, in the order of the contract's `CloseKind`. */
export const CLOSE_KIND = { none: 0n, requested: 1n, armedStop: 2n, dead: 3n } as const;

/** The close that is pending or was last tried. */
export interface CloseRecord {
  readonly word: bigint;
  readonly target: bigint;
  readonly expiry: bigint;
  readonly shieldedFor: bigint;
  readonly kind: bigint;
}

/** How a trade ended. */
export type Ending = "refused" | "cancelled" | "closed" | "liquidated";

/** Age up to which a tick that a close had shielded may liquidate, seconds. */
const SHIELDED_TICK_MAX_AGE = 60n;

/** Flags of a trade's state byte. */
const STATE = { long: 4n, native: 8n } as const;

const TRADING = Trading__factory.createInterface();

/** Applies Trading's logs in their order. */
export class TradingIndexer {
  readonly orders = new Map<bigint, OrderRecord>();
  readonly positions = new Map<bigint, PositionRecord>();
  readonly closes = new Map<bigint, CloseRecord>();
  readonly endings = new Map<bigint, Ending>();
  private readonly tokenIds = new Map<string, bigint>();

  apply(log: IndexedLog): void {
    const event = TRADING.parseLog(log);
    if (event === null) return;
    const handler = this.handlers[event.name];
    if (handler === undefined) throw new Error(`no handler for ${event.name}`);
    handler(event.args, log.blockTimestamp, event);
  }

  private readonly handlers: Readonly<
    Record<string, ((args: Result, at: bigint, event: LogDescription) => void) | undefined>
  > = {
    OrderPlaced: (args, at) => this.place(args, at),
    OrderRefused: (args) => this.endOrder(idOf(args), "refused"),
    OrderCancelled: (args) => this.endOrder(idOf(args), "cancelled"),
    TradeOpened: (args, at) => this.open(args, at),
    CloseRequested: (args, at) => this.requestClose(args, at),
    CloseRefused: (args, at) => this.refuseClose(idOf(args), at),
    TradeClosed: (args) => this.endPosition(idOf(args), "closed"),
    TradeLiquidated: (args) => this.endPosition(idOf(args), "liquidated"),
    MarginTokenSet: (args) => {
      const { token, config } = named(args);
      this.tokenIds.set(token as string, big((config as Result).tokenId));
    },
    BookConfigured: () => undefined,
    OpenConfigured: () => undefined,
    TiersSet: () => undefined,
  };

  private place(args: Result, at: bigint): void {
    const placed = named(args);
    const tokenId = this.tokenIds.get(placed.token as string);
    if (tokenId === undefined) throw new Error(`${String(placed.token)} was never listed`);
    const state = big(placed.state);
    const id = idOf(args);
    if (this.orders.has(id) || this.endings.has(id)) throw new Error(`${id} was placed before`);
    this.orders.set(id, {
      owner: placed.owner as string,
      bookId: big(placed.bookId),
      tokenId,
      isLong: (state & STATE.long) !== 0n,
      asNative: (state & STATE.native) !== 0n,
      leverage: big(placed.leverage),
      broker: big(placed.broker),
      takeProfit: big(placed.takeProfit),
      stopLoss: big(placed.stopLoss),
      requestedAt: at,
      expiry: big(placed.expiry),
      amount: big(placed.amount),
      price: big(placed.acceptablePrice),
    });
  }

  private open(args: Result, at: bigint): void {
    const id = idOf(args);
    const { requestedAt: _1, expiry: _2, amount: _3, price: _4, ...head } = taken(this.orders, id);
    const position = named(args);
    this.positions.set(id, {
      ...head,
      openedAt: big(position.openedAt),
      stopLossSetAt: at,
      takeProfitSetAt: at,
      margin: big(position.margin),
      size: big(position.size),
      entry: big(position.entry),
      carryIndex: big(position.carryIndex),
      termsId: big(position.termsId),
    });
  }

  /** As the contract does: a close that follows others inherits what they had shielded. */
  private requestClose(args: Result, at: bigint): void {
    const id = idOf(args);
    const { acceptablePrice, target, expiry } = named(args);
    const last = this.closes.get(id);
    const oldest = at - SHIELDED_TICK_MAX_AGE;
    let shieldedFor = 0n;
    if (last !== undefined && last.expiry >= oldest) {
      const from = last.target - last.shieldedFor;
      shieldedFor = big(target) - (from > oldest ? from : oldest);
    }
    this.closes.set(id, {
      word: big(acceptablePrice),
      target: big(target),
      expiry: big(expiry),
      shieldedFor,
      kind: CLOSE_KIND.requested,
    });
  }

  private refuseClose(id: bigint, at: bigint): void {
    this.closes.set(id, { ...taken(this.closes, id), expiry: at, kind: CLOSE_KIND.dead });
  }

  private endOrder(id: bigint, ending: Ending): void {
    taken(this.orders, id);
    this.end(id, ending);
  }

  private endPosition(id: bigint, ending: Ending): void {
    taken(this.positions, id);
    this.closes.delete(id);
    this.end(id, ending);
  }

  private end(id: bigint, ending: Ending): void {
    if (this.endings.has(id)) throw new Error(`${id} ended before`);
    this.endings.set(id, ending);
  }
}

function idOf(args: Result): bigint {
  return big(named(args).id);
}

/** The arguments by name, each of a type that its use asserts. */
function named(args: Result): Record<string, unknown> {
  return args.toObject() as Record<string, unknown>;
}

function big(value: unknown): bigint {
  if (typeof value !== "bigint") throw new Error(`${String(value)} is not an integer`);
  return value;
}

/** Removes and returns; an event about a trade that is not there is an error of the history. */
function taken<T>(records: Map<bigint, T>, id: bigint): T {
  const record = records.get(id);
  if (record === undefined) throw new Error(`no record of ${id}`);
  records.delete(id);
  return record;
}
