/** Settings and running numbers of the contracts that a keeper decides by: books, terms, tokens, markets for bets, sources of prices. */
import { Codec, PIPS, query } from "@asterism/sdk";
import type { Connection, Returned } from "@asterism/sdk";
import { marketLensAbi, predictionAbi, priceAggregatorAbi, tradingRecordsAbi } from "@asterism/sdk/abis";
import type { TokenQuote } from "@asterism/sdk/model";
import type { Surroundings } from "../index/liquidations";

const MARKETS = new Codec(marketLensAbi);
const RECORDS = new Codec(tradingRecordsAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);
const PREDICTION = new Codec(predictionAbi);

export type BookView = Returned<typeof marketLensAbi, "market">;
export type Terms = Returned<typeof tradingRecordsAbi, "terms">;

/** A margin or stake token. */
export interface TokenView {
  readonly address: string;
  readonly assetId: number;
  readonly decimals: number;
  /** USD, 10 decimals; 0: none of its sources is fresh. */
  readonly price: bigint;
  /** While its sources dispute it, its upper end; else the price. */
  readonly high: bigint;
}

/** What bets of a market wait for. */
export interface BetMarket {
  readonly assetId: number;
}

/** Shares of the anchors between which a tick counts as it is. */
const BAND_PIPS = 10_000n;

export class World implements Surroundings {
  private books = new Map<number, BookView>();
  private readonly terms = new Map<string, Terms>();
  private readonly tokens = new Map<number, TokenView>();
  private readonly pythIds = new Map<number, string>();
  private readonly assets = new Map<string, number>();
  private readonly betMarkets = new Map<number, BetMarket>();
  private readonly stakeTokens = new Map<number, TokenView>();
  /** Of the order book. */
  private readonly proAssets = new Set<number>();
  private readAt = 0;
  private time = 0;
  /** Of Prediction, seconds. */
  betDelay = 0;
  betWindow = 0;

  private constructor(private readonly connection: Connection) {}

  static async read(connection: Connection): Promise<World> {
    const world = new World(connection);
    const { prediction } = connection.contracts;
    const { markets, predictionMarkets } = connection.chain;
    const [delay, window] = await connection.reader.all([
      query(PREDICTION, prediction, "executionDelay", []),
      query(PREDICTION, prediction, "executionWindow", []),
    ]);
    [world.betDelay, world.betWindow] = [Number(delay), Number(window)];
    const ids = Object.values(markets).flatMap(({ books }) => Object.values(books).map(({ id }) => id));
    for (const id of ids) world.books.set(id, undefined as never);
    await world.refresh();
    for (const { id } of Object.values(predictionMarkets)) await world.knowBetMarket(id);
    return world;
  }

  /** Reads again what moves: books and prices of tokens, of the latest block. */
  async refresh(): Promise<void> {
    const { reader, contracts, provider } = this.connection;
    const block = await provider.getBlock("latest");
    if (block === null) throw new Error("the node knows no latest block");
    const ids = [...this.books.keys()];
    const views = await reader.one(
      query(MARKETS, contracts.marketLens, "markets", [contracts.trading, ids]),
      block.number,
    );
    for (const [index, id] of ids.entries()) this.books.set(id, views[index]);
    for (const { config } of views) await this.knowAsset(Number(config.assetId));
    this.readAt = block.timestamp;
    this.time = Math.max(this.time, block.timestamp);
    await this.refreshTokens(block.number);
  }

  /** Second of the chain. */
  get now(): number {
    return this.time;
  }

  /** What follows is asked as of this second of the chain. */
  setTime(time: number): void {
    this.time = Math.max(this.time, time);
  }

  /** Forgets terms and settings that may have changed. */
  forget(): void {
    this.terms.clear();
    this.betMarkets.clear();
  }

  // Books

  get bookIds(): number[] {
    return [...this.books.keys()];
  }

  book(id: number): BookView {
    const book = this.books.get(id);
    if (book === undefined) throw new Error(`the book ${id} was not read`);
    return book;
  }

  booksOf(assetId: number): number[] {
    return [...this.books].filter(([, { config }]) => Number(config.assetId) === assetId).map(([id]) => id);
  }

  /** Reads whatever of a position's or an order's book, terms and token is not known yet. */
  async know(bookId: number, tokenId: number, termsId?: bigint): Promise<void> {
    if (!this.books.has(bookId)) {
      const { reader, contracts } = this.connection;
      const view = await reader.one(query(MARKETS, contracts.marketLens, "market", [contracts.trading, bookId]));
      this.books.set(bookId, view);
      await this.knowAsset(Number(view.config.assetId));
    }
    if (!this.tokens.has(tokenId)) await this.readToken(tokenId);
    const name = `${bookId} ${termsId ?? ""}`;
    if (termsId === undefined || this.terms.has(name)) return;
    const { reader, contracts } = this.connection;
    const terms = await reader.one(query(RECORDS, contracts.tradingRecords, "terms", [bookId, Number(termsId)]));
    this.terms.set(name, terms);
  }

  isKnown(bookId: number, tokenId: number, termsId?: bigint): boolean {
    const hasTerms = termsId === undefined || this.terms.has(`${bookId} ${termsId}`);
    return hasTerms && this.books.has(bookId) && this.tokens.has(tokenId);
  }

  termsOf(bookId: number, termsId: bigint): Terms {
    const terms = this.terms.get(`${bookId} ${termsId}`);
    if (terms === undefined) throw new Error(`the terms ${termsId} of the book ${bookId} were not read`);
    return terms;
  }

  // Carry and tokens

  carryIndexX18(bookId: number, isLong: boolean): bigint {
    const { state, longCarryX18, shortCarryX18 } = this.book(bookId);
    const elapsed = BigInt(this.time - this.readAt);
    return isLong ? state.longIndex + longCarryX18 * elapsed : state.shortIndex + shortCarryX18 * elapsed;
  }

  token(tokenId: number): TokenQuote | undefined {
    const token = this.tokens.get(tokenId);
    return token && { decimals: token.decimals, price: token.high };
  }

  tokenView(tokenId: number): TokenView | undefined {
    return this.tokens.get(tokenId);
  }

  tokenByAddress(address: string): TokenView | undefined {
    const all = [...this.tokens.values(), ...this.stakeTokens.values()];
    return all.find((token) => token.address.toLowerCase() === address.toLowerCase());
  }

  isInKind(bookId: number, tokenId: number): boolean {
    return Number(this.book(bookId).config.assetId) === this.tokens.get(tokenId)?.assetId;
  }

  /** A tick as exits count it: held within the band of the anchors, as they were when they were read. */
  clamped(assetId: number, price: bigint): bigint {
    const [bookId] = this.booksOf(assetId);
    const anchors = bookId === undefined ? undefined : this.book(bookId).price;
    if (anchors === undefined || anchors.fresh === 0n) return price;
    const low = (anchors.low * (PIPS - BAND_PIPS)) / PIPS;
    const high = (anchors.high * (PIPS + BAND_PIPS)) / PIPS;
    return price < low ? low : price > high ? high : price;
  }

  // Assets and bets

  /** The feed of every asset that something waits for. */
  get feeds(): { readonly assetId: number; readonly pythId: string }[] {
    const used = new Set([...this.books.values()].map(({ config }) => Number(config.assetId)));
    for (const { assetId } of this.betMarkets.values()) used.add(assetId);
    for (const assetId of this.proAssets) used.add(assetId);
    return [...used].map((assetId) => ({ assetId, pythId: this.pythIdOf(assetId) }));
  }

  pythIdOf(assetId: number): string {
    const id = this.pythIds.get(assetId);
    if (id === undefined) throw new Error(`the feed of asset ${assetId} was not read`);
    return id;
  }

  assetOfFeed(pythId: string): number | undefined {
    return this.assets.get(pythId.toLowerCase());
  }

  /** Watches an asset's feed for the order book too. */
  async knowProMarket(assetId: number): Promise<void> {
    await this.knowAsset(assetId);
    this.proAssets.add(assetId);
  }

  async knowBetMarket(marketId: number, tokenId?: number): Promise<void> {
    const { reader, contracts } = this.connection;
    if (!this.betMarkets.has(marketId)) {
      const { assetId } = await reader.one(query(PREDICTION, contracts.prediction, "market", [marketId]));
      await this.knowAsset(Number(assetId));
      this.betMarkets.set(marketId, { assetId: Number(assetId) });
    }
    if (tokenId !== undefined && !this.stakeTokens.has(tokenId)) {
      const token = await reader.one(query(PREDICTION, contracts.prediction, "stakeTokenById", [tokenId]));
      this.stakeTokens.set(tokenId, await this.viewOf(token));
    }
  }

  betMarket(marketId: number): BetMarket {
    const market = this.betMarkets.get(marketId);
    if (market === undefined) throw new Error(`the market ${marketId} for bets was not read`);
    return market;
  }

  stakeToken(tokenId: number): TokenView | undefined {
    return this.stakeTokens.get(tokenId);
  }

  isBetMarketKnown(marketId: number, tokenId: number): boolean {
    return this.betMarkets.has(marketId) && this.stakeTokens.has(tokenId);
  }

  private async knowAsset(assetId: number): Promise<void> {
    if (this.pythIds.has(assetId)) return;
    const { reader, contracts } = this.connection;
    const { pythId } = await reader.one(query(AGGREGATOR, contracts.priceAggregator, "asset", [assetId]));
    this.pythIds.set(assetId, pythId.toLowerCase());
    this.assets.set(pythId.toLowerCase(), assetId);
  }

  private async readToken(tokenId: number): Promise<void> {
    const { reader, contracts } = this.connection;
    const token = await reader.one(query(RECORDS, contracts.tradingRecords, "marginTokenById", [tokenId]));
    this.tokens.set(tokenId, await this.viewOf(token));
  }

  private async viewOf(token: { token: string; assetId: bigint; decimals: bigint }): Promise<TokenView> {
    const { reader, contracts } = this.connection;
    const price = await reader.one(query(AGGREGATOR, contracts.priceAggregator, "tokenPrice", [Number(token.assetId)]));
    const assetId = Number(token.assetId);
    return { address: token.token, assetId, decimals: Number(token.decimals), ...priceOf(price) };
  }

  private async refreshTokens(block: number): Promise<void> {
    const { reader, contracts } = this.connection;
    for (const all of [this.tokens, this.stakeTokens]) {
      const ids = [...all.keys()];
      const prices = await reader.all(
        ids.map((id) => query(AGGREGATOR, contracts.priceAggregator, "tokenPrice", [all.get(id)?.assetId ?? 0])),
        block,
      );
      for (const [index, id] of ids.entries()) {
        all.set(id, { ...(all.get(id) as TokenView), ...priceOf(prices[index]) });
      }
    }
  }
}

function priceOf({ price, high }: { price: bigint; high: bigint }): Pick<TokenView, "price" | "high"> {
  return { price, high: high === 0n ? price : high };
}
