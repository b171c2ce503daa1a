/**
 * The state of every trade from Trading's events alone: what a history server, a wallet or a test keeps without reading
 * storage. Every record has the fields of the contract's own, so that the two can be compared.
 */
import { Interface } from "ethers";
import type { LogDescription, Result } from "ethers";
import { tradingAbi } from "./abis";

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
  readonly isLimit: boolean;
  /** When the cancellation of a limit was asked for; 0: it was not. */
  readonly cancelledAt: bigint;
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
  readonly addedMargin: bigint;
}

/** How a close came about, in the order of the contract's `CloseKind`. */
export const CLOSE_KIND = { none: 0n, requested: 1n, armedStop: 2n, dead: 3n } as const;

/** The close that is pending or was last tried. */
export interface CloseRecord {
  readonly word: bigint;
  readonly target: bigint;
  readonly expiry: bigint;
  readonly former: bigint;
  readonly kind: bigint;
}

/** What order and position have alike in the contract's records. */
interface StoredHead {
  readonly owner: string;
  readonly bookId: bigint;
  readonly tokenId: bigint;
  readonly state: bigint;
  readonly leverage: bigint;
  readonly takeProfit: bigint;
  readonly stopLoss: bigint;
}

/** The contract's `Order`. */
export interface StoredOrder extends StoredHead, Pick<OrderRecord, "requestedAt" | "expiry" | "amount" | "price"> {
  readonly broker: bigint;
  readonly cancelledAt: bigint;
}

/** The contract's `Position`. */
export type StoredPosition = StoredHead & Omit<PositionRecord, keyof TradeHead | "addedMargin">;

/** The contract's `TradeExtra`. */
export interface StoredExtra {
  readonly addedMargin: bigint;
  readonly broker: bigint;
}

/** The contract's `Close`. */
export interface StoredClose extends Omit<CloseRecord, "word"> {
  readonly boundOrArmer: bigint;
}

/** How a trade ended. */
export type Ending = "refused" | "cancelled" | "closed" | "liquidated";

/** Bits and largest value of each of the two offsets that a close keeps of the one before it. */
const FORMER_BITS = 12n;
const FORMER_MAX = 2n ** FORMER_BITS - 1n;

/** Flags of a trade's state byte. */
const STATE = { status: 3n, limit: 2n, long: 4n, native: 8n } as const;

/** Bits of a requested close's word below the size that it closes. */
const PART_SHIFT = 64n;

const TRADING = new Interface(tradingAbi);

/** Applies Trading's logs in their order. */
export class TradingIndexer {
  readonly orders = new Map<bigint, OrderRecord>();
  readonly positions = new Map<bigint, PositionRecord>();
  readonly closes = new Map<bigint, CloseRecord>();
  readonly endings = new Map<bigint, Ending>();
  private readonly tokenIds = new Map<string, bigint>();

  /** A copy that goes its own way. */
  clone(): TradingIndexer {
    const copy = new TradingIndexer();
    const maps = ["orders", "positions", "closes", "endings", "tokenIds"] as const;
    for (const name of maps) for (const [key, value] of this[name]) copy[name].set(key as never, value as never);
    return copy;
  }

  /** What a trade has for life; undefined where it has ended, or is not there yet. */
  headOf(id: bigint): TradeHead | undefined {
    return this.orders.get(id) ?? this.positions.get(id);
  }

  /** Every margin token that is known, by address. */
  get tokens(): ReadonlyMap<string, bigint> {
    return this.tokenIds;
  }

  /** A margin token as the contract numbers it: for an indexer that begins later than its listing. */
  listToken(token: string, tokenId: bigint): void {
    this.tokenIds.set(token, tokenId);
  }

  /** An order as the contract has it: for an indexer that begins later than its placing. */
  putOrder(id: bigint, record: StoredOrder): void {
    const { state, requestedAt, expiry, amount, price, cancelledAt } = record;
    const isLimit = (state & STATE.status) === STATE.limit;
    this.orders.set(id, { ...headOf(record), requestedAt, expiry, amount, price, isLimit, cancelledAt });
  }

  /** A position with its close, likewise. */
  putPosition(id: bigint, record: StoredPosition, extra: StoredExtra, close: StoredClose): void {
    const { openedAt, stopLossSetAt, takeProfitSetAt, margin, size, entry, carryIndex, termsId } = record;
    const { broker, addedMargin } = extra;
    this.positions.set(id, {
      ...headOf({ ...record, broker }),
      ...{ openedAt, stopLossSetAt, takeProfitSetAt, margin, size, entry, carryIndex, termsId, addedMargin },
    });
    const { boundOrArmer, target, expiry, former, kind } = close;
    if (kind !== CLOSE_KIND.none) this.closes.set(id, { word: boundOrArmer, target, expiry, former, kind });
  }

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
    LimitCancelRequested: (args, at) => this.update(this.orders, idOf(args), { cancelledAt: at }),
    OrderCancelled: (args) => this.endOrder(idOf(args), "cancelled"),
    TradeOpened: (args, at) => this.open(args, at),
    TpSlUpdated: (args, at) => this.updateTpSl(args, at),
    MarginAdded: (args) => this.update(this.positions, idOf(args), { addedMargin: big(named(args).total) }),
    CloseRequested: (args) => this.requestClose(args),
    StopArmed: (args) => this.armStop(args),
    CloseRefused: (args, at) => this.refuseClose(idOf(args), at),
    TradeReduced: (args, at) => this.reduce(args, at),
    TradeClosed: (args) => this.endPosition(idOf(args), "closed"),
    TradeLiquidated: (args) => this.endPosition(idOf(args), "liquidated"),
    MarginTokenSet: (args) => {
      const { token, config } = named(args);
      this.tokenIds.set(token as string, big((config as Result).tokenId));
    },
    ArmerPaid: () => undefined,
    PermitUsed: () => undefined,
    PermitSkipped: () => undefined,
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
      isLimit: (state & STATE.status) === STATE.limit,
      cancelledAt: 0n,
    });
  }

  private open(args: Result, at: bigint): void {
    const id = idOf(args);
    const { owner, bookId, tokenId, isLong, asNative, leverage, broker, takeProfit, stopLoss } = taken(this.orders, id);
    const position = named(args);
    this.positions.set(id, {
      ...{ owner, bookId, tokenId, isLong, asNative, leverage, broker, takeProfit, stopLoss },
      openedAt: big(position.openedAt),
      stopLossSetAt: at,
      takeProfitSetAt: at,
      margin: big(position.margin),
      size: big(position.size),
      entry: big(position.entry),
      carryIndex: big(position.carryIndex),
      termsId: big(position.termsId),
      addedMargin: 0n,
    });
  }

  /** As the contract does: a price counts from now on only if it is another one. */
  private updateTpSl(args: Result, at: bigint): void {
    const id = idOf(args);
    const [takeProfit, stopLoss] = [big(named(args).takeProfit), big(named(args).stopLoss)];
    const position = this.positions.get(id);
    if (position === undefined) return this.update(this.orders, id, { takeProfit, stopLoss });
    const takeProfitSetAt = takeProfit === position.takeProfit ? position.takeProfitSetAt : at;
    const stopLossSetAt = stopLoss === position.stopLoss ? position.stopLossSetAt : at;
    this.update(this.positions, id, { takeProfit, stopLoss, takeProfitSetAt, stopLossSetAt });
  }

  private requestClose(args: Result): void {
    const { size, acceptablePrice } = named(args);
    this.placeClose(args, big(acceptablePrice) | (big(size) << PART_SHIFT), CLOSE_KIND.requested);
  }

  private armStop(args: Result): void {
    this.placeClose(args, BigInt(named(args).armer as string), CLOSE_KIND.armedStop);
  }

  /** As the contract does: a close remembers when the one before it had its target and when it ended. */
  private placeClose(args: Result, word: bigint, kind: bigint): void {
    const id = idOf(args);
    const { target, expiry } = named(args);
    const last = this.closes.get(id);
    let former = 0n;
    if (last !== undefined && big(target) - last.expiry <= FORMER_MAX) {
      const began = big(target) - last.target;
      former = (began > FORMER_MAX ? FORMER_MAX : began) | ((big(target) - last.expiry) << FORMER_BITS);
    }
    this.closes.set(id, { word, target: big(target), expiry: big(expiry), former, kind });
  }

  private reduce(args: Result, at: bigint): void {
    const id = idOf(args);
    const part = named(args);
    const { size, margin, addedMargin } = found(this.positions, id);
    this.update(this.positions, id, {
      size: size - big(part.size),
      margin: margin - big(part.margin),
      addedMargin: addedMargin - big(part.addedMargin),
    });
    this.refuseClose(id, at);
  }

  private update<T>(records: Map<bigint, T>, id: bigint, change: Partial<T>): void {
    records.set(id, { ...found(records, id), ...change });
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

function headOf(record: StoredHead & { readonly broker: bigint }): TradeHead {
  const { owner, bookId, tokenId, state, leverage, broker, takeProfit, stopLoss } = record;
  const [isLong, asNative] = [(state & STATE.long) !== 0n, (state & STATE.native) !== 0n];
  return { owner, bookId, tokenId, isLong, asNative, leverage, broker, takeProfit, stopLoss };
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

/** An event about a trade that is not there is an error of the history. */
function found<T>(records: Map<bigint, T>, id: bigint): T {
  const record = records.get(id);
  if (record === undefined) throw new Error(`no record of ${id}`);
  return record;
}

/** Removes and returns. */
function taken<T>(records: Map<bigint, T>, id: bigint): T {
  const record = found(records, id);
  records.delete(id);
  return record;
}
