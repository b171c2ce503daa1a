/** What is known of each chain: tokens, markets, assets and their numbers in the contracts. */
import { CHAINS } from "./data";

/** What the system knows a price of. */
export type AssetKey = "BTC" | "ETH" | "BNB" | "USDT" | "USDC" | "WBTC";
export type Mode = "standard" | "degen";
export type ChainKey = keyof typeof CHAINS;

export interface AssetFacts {
  /** Its number in the contracts, the same on every chain. */
  readonly id: number;
  /** Its price feed, 32 bytes. */
  readonly pythId: string;
}

export interface TokenFacts {
  readonly symbol: string;
  readonly name: string;
  readonly address: string;
  readonly decimals: number;
  readonly asset: AssetKey;
  /** Taken as margin and as stake. */
  readonly isMargin: boolean;
  /** Takes signed allowances (ERC-2612, version "1"). */
  readonly hasPermit: boolean;
}

export interface BookFacts {
  /** 2 · market, plus 1 for Degen. */
  readonly id: number;
  readonly minLeverage: number;
  readonly maxLeverage: number;
  /** From a request to the tick that fills it. */
  readonly executionDelaySeconds: number;
}

export interface MarketFacts {
  readonly id: number;
  readonly asset: AssetKey;
  readonly books: Readonly<Partial<Record<Mode, BookFacts>>>;
}

export interface PredictionMarketFacts {
  readonly id: number;
  readonly asset: AssetKey;
  readonly periodsSeconds: readonly number[];
}

/** A market of the order book. */
export interface ProMarketFacts {
  readonly id: number;
  readonly asset: AssetKey;
  /** Step of price, USD. */
  readonly tickSize: string;
  /** Step of size, of the asset. */
  readonly lotSize: string;
}

export interface ProFacts {
  /** Symbol of the token that everything is settled in. */
  readonly token: string;
  readonly markets: Readonly<Record<string, ProMarketFacts>>;
}

export interface ChainFacts {
  readonly key: ChainKey;
  readonly chainId: number;
  readonly name: string;
  readonly nativeSymbol: string;
  readonly wrappedNativeSymbol: string;
  readonly wrappedNative: string;
  /** The contract that prices are proven by. */
  readonly pyth: string;
  /** What an execution costs its order, in USD. */
  readonly executionFeeUsd: string;
  readonly assets: Readonly<Partial<Record<AssetKey, AssetFacts>>>;
  readonly tokens: Readonly<Record<string, TokenFacts>>;
  readonly markets: Readonly<Record<string, MarketFacts>>;
  readonly predictionMarkets: Readonly<Record<string, PredictionMarketFacts>>;
  readonly pro: ProFacts;
}

/** A name or number that means nothing here; the message says which ones do. */
export class UnknownNameError extends Error {
  constructor(what: string, name: string, known: readonly string[]) {
    super(`no ${what} "${name}"; there are ${known.join(", ")}`);
    this.name = "UnknownNameError";
  }
}

export const chains: Readonly<Record<ChainKey, ChainFacts>> = CHAINS;

/** The facts of a chain by its id. */
export function chainById(chainId: number | bigint): ChainFacts {
  const all = Object.values(chains);
  const found = all.find((chain) => BigInt(chain.chainId) === BigInt(chainId));
  if (found === undefined) {
    const known = all.map((chain) => `${chain.chainId} (${chain.name})`);
    throw new UnknownNameError("chain", String(chainId), known);
  }
  return found;
}

/** A token by its symbol, or by its address. */
export function tokenOf(chain: ChainFacts, symbol: string): TokenFacts {
  const byAddress = Object.values(chain.tokens).find(({ address }) => address.toLowerCase() === symbol.toLowerCase());
  return byAddress ?? named("token", chain.tokens, symbol);
}

/** A market by its name, "BTC/USD", or by its asset alone, "BTC". */
export function marketOf(chain: ChainFacts, name: string): MarketFacts {
  return named("market", chain.markets, name in chain.markets ? name : `${name}/USD`);
}

export function bookOf(chain: ChainFacts, market: string, mode: Mode): BookFacts {
  return named(`book of ${market} in mode`, marketOf(chain, market).books, mode);
}

/** The market and the mode of a book. */
export function marketOfBook(chain: ChainFacts, bookId: bigint | number): { market: MarketFacts; mode: Mode } {
  for (const market of Object.values(chain.markets)) {
    for (const [mode, book] of Object.entries(market.books)) {
      if (BigInt(book.id) === BigInt(bookId)) return { market, mode: mode as Mode };
    }
  }
  throw new UnknownNameError("book", String(bookId), ["2 · market, plus 1 for Degen"]);
}

/** A market that bets are taken on, by its name or its asset. */
export function predictionMarketOf(chain: ChainFacts, name: string): PredictionMarketFacts {
  const all = chain.predictionMarkets;
  return named("market for bets", all, name in all ? name : `${name}/USD`);
}

/** A market of the order book, by its name or its asset. */
export function proMarketOf({ pro }: ChainFacts, name: string): ProMarketFacts {
  return named("market of Pro", pro.markets, name in pro.markets ? name : `${name}/USD`);
}

/** A market of the order book by its number. */
export function proMarketAt({ pro }: ChainFacts, id: bigint | number): ProMarketFacts {
  const found = Object.values(pro.markets).find((market) => BigInt(market.id) === BigInt(id));
  if (found === undefined) throw new UnknownNameError("market of Pro", String(id), Object.keys(pro.markets));
  return found;
}

export function assetOf(chain: ChainFacts, key: string): AssetFacts {
  return named("asset", chain.assets, key);
}

/** The asset of a number. */
export function assetKeyOf(chain: ChainFacts, id: bigint | number): AssetKey {
  const found = Object.entries(chain.assets).find(([, asset]) => BigInt(asset.id) === BigInt(id));
  if (found === undefined) throw new UnknownNameError("asset", String(id), Object.keys(chain.assets));
  return found[0] as AssetKey;
}

function named<T>(what: string, all: Readonly<Record<string, T | undefined>>, name: string): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined) throw new UnknownNameError(what, name, Object.keys(all));
  return found;
}
