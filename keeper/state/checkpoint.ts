/** What a keeper knows, as text: enough to go on after a restart without reading the chain's whole history again. */
import { BetIndexer, TradingIndexer } from "@asterism/sdk";
import type { BlockId, CloseRecord, IndexedBet, OrderRecord, PositionRecord } from "@asterism/sdk";
import { z } from "zod";
import { ProIndexer } from "../pro/ProIndexer";
import type { ProMarketSettings, ProOrderRecord } from "../pro/ProIndexer";
import type { Peak } from "../pro/Trails";

/** Whose state it is, and as of which block. */
export interface Checkpoint {
  readonly chainId: number;
  readonly trading: string;
  readonly prediction: string;
  readonly pro: string;
  readonly proTriggers: string;
  readonly gridBook: string;
  readonly block: BlockId;
  readonly trades: TradingIndexer;
  readonly bets: BetIndexer;
  readonly book: ProIndexer;
  /** Of trailing stops: as of the moment in which it was stored, and right whatever a reorganisation undoes. */
  readonly peaks: readonly Peak[];
}

const FORMAT = 4;

const listed = z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())]));
const schema = z.object({
  format: z.literal(FORMAT),
  chainId: z.number(),
  trading: z.string(),
  prediction: z.string(),
  pro: z.string(),
  proTriggers: z.string(),
  gridBook: z.string(),
  block: z.object({ number: z.number().int().nonnegative(), hash: z.string() }),
  tradeTokens: z.array(z.tuple([z.string(), z.string()])),
  stakeTokens: z.array(z.tuple([z.string(), z.string()])),
  orders: listed,
  positions: listed,
  closes: listed,
  bets: listed,
  book: z.object({
    lots: z.array(z.tuple([z.number(), z.string(), z.bigint()])),
    isolated: z.array(z.tuple([z.number(), z.string()])),
    orders: listed,
    triggers: listed,
    distress: listed,
    grids: listed,
    markets: z.array(z.tuple([z.number(), z.record(z.string(), z.unknown())])),
    peaks: z.array(
      z.object({
        id: z.bigint(),
        clock: z.number(),
        tick: z.object({
          ...{ assetId: z.number(), price: z.bigint(), confidence: z.bigint(), publishTime: z.number() },
          ...{ previous: z.number(), updateData: z.array(z.string()) },
        }),
      }),
    ),
  }),
});

/** The file is of another version, was cut short, or is none of a keeper's. */
export class CheckpointError extends Error {
  constructor(cause: unknown) {
    super(`the state can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "CheckpointError";
  }
}

export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const { trades, bets, book, peaks, ...origin } = checkpoint;
  const entries = (records: ReadonlyMap<bigint, object>) => [...records].map(([id, record]) => [id.toString(), record]);
  const tokens = (ids: ReadonlyMap<string, bigint>) => [...ids].map(([token, id]) => [token, id.toString()]);
  const body = {
    ...{ format: FORMAT, ...origin },
    tradeTokens: tokens(trades.tokens),
    stakeTokens: tokens(bets.tokens),
    orders: entries(trades.orders),
    positions: entries(trades.positions),
    closes: entries(trades.closes),
    bets: entries(bets.bets),
    book: {
      lots: [...book.lots].flatMap(([market, held]) => [...held].map(([id, lots]) => [market, id.toString(), lots])),
      isolated: [...book.isolated].flatMap(([market, ids]) => [...ids].map((id) => [market, id.toString()])),
      orders: entries(book.orders),
      triggers: entries(book.triggers),
      distress: entries(book.distress),
      grids: entries(book.grids),
      markets: [...book.markets],
      peaks,
    },
  };
  // Integers with an n behind them: nothing else of a record is text that looks so.
  return JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? `${value.toString()}n` : value));
}

/** Throws {@link CheckpointError}. */
export function decodeCheckpoint(text: string): Checkpoint {
  try {
    const parsed = schema.parse(JSON.parse(text, revived));
    const { chainId, trading, prediction, pro, proTriggers, gridBook, block, ...lists } = parsed;
    const trades = new TradingIndexer();
    for (const [token, id] of lists.tradeTokens) trades.listToken(token, BigInt(id));
    for (const [id, record] of lists.orders) trades.orders.set(BigInt(id), record as unknown as OrderRecord);
    for (const [id, record] of lists.positions) trades.positions.set(BigInt(id), record as unknown as PositionRecord);
    for (const [id, record] of lists.closes) trades.closes.set(BigInt(id), record as unknown as CloseRecord);
    const bets = new BetIndexer();
    for (const [token, id] of lists.stakeTokens) bets.listToken(token, BigInt(id));
    for (const [id, record] of lists.bets) bets.restore(BigInt(id), record as unknown as IndexedBet);
    const book = bookOf(lists.book);
    const origin = { chainId, trading, prediction, pro, proTriggers, gridBook };
    return { ...origin, block, trades, bets, book, peaks: lists.book.peaks };
  } catch (error) {
    throw new CheckpointError(error);
  }
}

function bookOf({ isolated, lots, markets, orders, ...lists }: z.output<typeof schema>["book"]): ProIndexer {
  const book = new ProIndexer();
  for (const [market, id, count] of lots) {
    book.lots.set(market, (book.lots.get(market) ?? new Map<bigint, bigint>()).set(BigInt(id), count));
  }
  for (const [market, id] of isolated) {
    book.isolated.set(market, (book.isolated.get(market) ?? new Set<bigint>()).add(BigInt(id)));
  }
  for (const [id, record] of orders) book.putOrder(BigInt(id), record as unknown as ProOrderRecord);
  for (const name of ["triggers", "distress", "grids"] as const) {
    for (const [id, record] of lists[name]) (book[name] as Map<bigint, unknown>).set(BigInt(id), record);
  }
  for (const [market, settings] of markets) book.markets.set(market, settings as unknown as ProMarketSettings);
  return book;
}

function revived(_: string, value: unknown): unknown {
  return typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
}
