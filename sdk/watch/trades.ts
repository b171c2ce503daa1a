import type { Connection } from "../connection";
import { Codec } from "../abi";
import type { EventOf } from "../abi";
import { tradingAbi, tradingLensAbi, tradingRecordsAbi } from "../abis";
import { marketOf } from "../chains";
import { TradingIndexer } from "../indexer";
import type { TradeHead } from "../indexer";
import { query } from "../reading";
import { TradeStatus, nameOf } from "../enums";
import { LogStream } from "./stream";
import type { Cursor, Step, StreamOptions, TimedLog } from "./stream";

const TRADING = new Codec(tradingAbi);
const RECORDS = new Codec(tradingRecordsAbi);
const LENS = new Codec(tradingLensAbi);
/** Ids that one scan looks through; those that ended cost it little. */
const SCANNED = 1_000n;
/** Records asked for at once. */
const PAGE = 100;

/** Which trades are watched: all by default. */
export interface TradeFilter {
  readonly owner?: string;
  /** "BTC/USD", or "BTC": in any mode. */
  readonly market?: string;
  readonly id?: bigint;
}

/** Something that happened to a trade. */
export interface TradeEvent {
  readonly kind: "event";
  readonly id: bigint;
  readonly event: EventOf<typeof tradingAbi>;
  readonly log: TimedLog;
  readonly cursor: Cursor;
}

/** The chain was reorganised: whatever was told of later blocks did not happen. */
export interface TradesUndone {
  readonly kind: "undone";
  readonly above: number;
  readonly cursor: Cursor;
}

/** Every order and position as the chain has it, kept up to date from events, and what happens to them. */
export class TradeWatch {
  /** As of the oldest block that the cursor remembers. */
  private settled: TradingIndexer;
  private recent: TimedLog[] = [];

  private constructor(
    private readonly connection: Connection,
    private readonly stream: LogStream,
    private head: TradingIndexer,
    private at: Cursor,
  ) {
    this.settled = head.clone();
  }

  /**
   * Begins at a block, the latest by default: what stands there is read from the contracts, so that no history is needed. The
   * node has to know the state of that block.
   */
  static async begin(
    connection: Connection,
    { block, ...options }: Partial<StreamOptions> & { block?: number } = {},
  ): Promise<TradeWatch> {
    const number = block ?? (await connection.provider.getBlockNumber());
    const found = await connection.provider.getBlock(number);
    if (!found?.hash) throw new Error(`the node knows no block ${number}`);
    const state = await tradesAt(connection, number);
    const all = { ...options, addresses: [connection.contracts.trading], fromBlock: number + 1 };
    const cursor = { recent: [{ number, hash: found.hash }] };
    return new TradeWatch(connection, new LogStream(connection.provider, all), state, cursor);
  }

  /** Orders, positions and closes as of the cursor. */
  get state(): TradingIndexer {
    return this.head;
  }

  get cursor(): Cursor {
    return this.at;
  }

  /** What happens to the trades of the filter from the cursor on; ends with the signal. One at a time. */
  async *follow(signal: AbortSignal, filter: TradeFilter = {}): AsyncIterable<TradeEvent | TradesUndone> {
    for await (const step of this.stream.follow(signal, this.at)) yield* this.take(step, filter);
  }

  /** The same up to the chain's head, without waiting for more. */
  async *catchUp(filter: TradeFilter = {}): AsyncIterable<TradeEvent | TradesUndone> {
    for await (const step of this.stream.catchUp(this.at)) yield* this.take(step, filter);
  }

  private *take(step: Step, filter: TradeFilter): Iterable<TradeEvent | TradesUndone> {
    this.at = step.cursor;
    if (step.kind === "undo") {
      this.recent = this.recent.filter(({ blockNumber }) => blockNumber <= step.above);
      this.head = this.settled.clone();
      for (const log of this.recent) this.head.apply(log);
      yield { kind: "undone", above: step.above, cursor: step.cursor };
      return;
    }
    const told: TradeEvent[] = [];
    for (const log of step.logs) {
      const event = TRADING.event(log);
      if (event === undefined) continue;
      const id = "id" in event.args ? event.args.id : undefined;
      // Who owns a trade that ends with this event is known before it, of one that begins after it.
      const before = id === undefined ? undefined : this.head.headOf(id);
      this.head.apply(log);
      const trade = before ?? (id === undefined ? undefined : this.head.headOf(id));
      if (id === undefined || trade === undefined || !this.isOf(filter, id, trade)) continue;
      told.push({ kind: "event", id, event, log, cursor: step.cursor });
    }
    this.recent.push(...step.logs);
    this.settle(step.cursor.recent[0].number);
    yield* told;
  }

  /** Logs that no reorganisation can undo any more go into the state that one begins from. */
  private settle(oldest: number): void {
    const count = this.recent.findIndex(({ blockNumber }) => blockNumber > oldest);
    const past = this.recent.splice(0, count < 0 ? this.recent.length : count);
    for (const log of past) this.settled.apply(log);
  }

  private isOf({ owner, market, id }: TradeFilter, tradeId: bigint, trade: TradeHead): boolean {
    if (id !== undefined && id !== tradeId) return false;
    if (owner !== undefined && owner.toLowerCase() !== trade.owner.toLowerCase()) return false;
    if (market === undefined) return true;
    const { books } = marketOf(this.connection.chain, market);
    return Object.values(books).some((book) => BigInt(book.id) === trade.bookId);
  }
}

/** Every order, position and close that stands at a block, read from the contracts. */
export async function tradesAt(connection: Connection, blockTag: number): Promise<TradingIndexer> {
  const { reader, contracts, chain } = connection;
  const { trading, tradingLens, tradingRecords } = contracts;
  const indexer = new TradingIndexer();
  const tokens = Object.values(chain.tokens);
  const listed = await reader.all(
    tokens.map(({ address }) => query(RECORDS, tradingRecords, "marginToken", [address])),
    blockTag,
  );
  for (const [index, { address }] of tokens.entries()) indexer.listToken(address, listed[index].tokenId);
  const end = await reader.one(query(TRADING, trading, "nextTradeId", []), blockTag);
  for (let from = 1n; from < end; from += SCANNED) {
    const to = from + SCANNED < end ? from + SCANNED : end;
    const found = await reader.one(query(LENS, tradingLens, "scan", [trading, from, to]), blockTag);
    for (let start = 0; start < found.length; start += PAGE) {
      await take(connection, indexer, found.slice(start, start + PAGE), blockTag);
    }
  }
  return indexer;
}

async function take(
  { reader, contracts: { tradingRecords } }: Connection,
  indexer: TradingIndexer,
  trades: readonly { readonly id: bigint; readonly status: bigint }[],
  blockTag: number,
): Promise<void> {
  const isOpen = ({ status }: { readonly status: bigint }) => nameOf(TradeStatus, status) === "Open";
  const orders = trades.filter((trade) => !isOpen(trade));
  const open = trades.filter(isOpen);
  const stored = await reader.all(
    orders.map(({ id }) => query(RECORDS, tradingRecords, "order", [id])),
    blockTag,
  );
  for (const [index, { id }] of orders.entries()) indexer.putOrder(id, stored[index]);
  const [positions, extras, closes] = await Promise.all([
    reader.all(
      open.map(({ id }) => query(RECORDS, tradingRecords, "position", [id])),
      blockTag,
    ),
    reader.all(
      open.map(({ id }) => query(RECORDS, tradingRecords, "extraOf", [id])),
      blockTag,
    ),
    reader.all(
      open.map(({ id }) => query(RECORDS, tradingRecords, "closeOf", [id])),
      blockTag,
    ),
  ]);
  for (const [index, { id }] of open.entries()) indexer.putPosition(id, positions[index], extras[index], closes[index]);
}
