import { ZeroAddress } from "ethers";
import type { Signer, TransactionResponse } from "ethers";

import {
  FeedReports__factory,
  LocalPyth__factory,
  StandInAggregatorProxy__factory,
  StandInAggregator__factory,
  StandInBinanceAccessController__factory,
  StandInBinanceAggregator__factory,
  StandInBinanceFeedAdapter__factory,
  StandInBinanceRegistry__factory,
  StandInSequencerFeed__factory,
  StandInWrappedNative__factory,
  TokenBase__factory,
} from "../../typechain-types";
import type {
  StandInAggregator,
  StandInAggregatorProxy,
  StandInBinanceAccessController,
  StandInBinanceAggregator,
  StandInBinanceFeedAdapter,
  StandInBinanceRegistry,
  StandInSequencerFeed,
  StandInWrappedNative,
  TokenBase,
} from "../../typechain-types";
import type { AssetKey, BinancePairProfile, ChainProfile, FeedProfile } from "../../deploy/profiles";
import type { FeedReports } from "../../typechain-types/contracts/replica/feeds/FeedReports";
import type { RpcProvider } from "./code";
import { ReplicaError } from "./errors";

/** `replica`: stand-ins at the canonical addresses. `live`: the real contracts, on which nothing is ever changed. */
export type ReplicaKind = "replica" | "live";

export type PushSource = "chainlink" | "binance" | "atlas";

/** A price of an asset as its feeds are to report it. */
export interface PushPrice {
  asset: AssetKey;
  /** USD, 10 decimals. */
  priceX10: bigint;
  /** Unix seconds; by default those of the block. */
  updatedAt?: number;
  /** All that the chain has by default. */
  sources?: readonly PushSource[];
}

const PRICE_DECIMALS = 10;

/** A feed's answer for a price with 10 decimals, rounded down. */
export function toAnswer(priceX10: bigint, decimals: number): bigint {
  if (decimals >= PRICE_DECIMALS) return priceX10 * 10n ** BigInt(decimals - PRICE_DECIMALS);
  return priceX10 / 10n ** BigInt(PRICE_DECIMALS - decimals);
}

/** The embedded chain: its contracts by name, and what tests may change about it. */
export class Replica {
  readonly tokens: Readonly<Record<string, TokenBase>>;
  readonly wrappedNative: StandInWrappedNative;
  readonly feeds: Readonly<Partial<Record<AssetKey, StandInAggregatorProxy>>>;
  readonly atlasFeeds: Readonly<Partial<Record<AssetKey, StandInAggregatorProxy>>>;
  readonly registry: StandInBinanceRegistry | null;
  readonly sequencer: StandInAggregatorProxy | null;

  constructor(
    readonly profile: ChainProfile,
    readonly kind: ReplicaKind,
    private readonly provider: RpcProvider,
    private readonly signer: Signer,
  ) {
    const connectFeeds = (feeds: Partial<Record<AssetKey, FeedProfile>>) =>
      Object.fromEntries(
        Object.entries(feeds).map(([asset, feed]) => [
          asset,
          StandInAggregatorProxy__factory.connect(feed.address, signer),
        ]),
      ) as Partial<Record<AssetKey, StandInAggregatorProxy>>;
    this.tokens = Object.fromEntries(
      profile.tokens.map((token) => [token.symbol, TokenBase__factory.connect(token.address, signer)]),
    );
    this.wrappedNative = StandInWrappedNative__factory.connect(profile.wrappedNative, signer);
    this.feeds = connectFeeds(profile.chainlink);
    this.atlasFeeds = connectFeeds(profile.binance?.atlas ?? {});
    this.registry = profile.binance ? StandInBinanceRegistry__factory.connect(profile.binance.registry, signer) : null;
    this.sequencer = profile.sequencer
      ? StandInAggregatorProxy__factory.connect(profile.sequencer.address, signer)
      : null;
  }

  /** The token of a symbol. */
  token(symbol: string): TokenBase {
    const token = this.tokens[symbol];
    if (token === undefined) throw new ReplicaError("unknown-symbol", `${symbol} on ${this.profile.name}`);
    return token;
  }

  /** The aggregator behind an asset's Chainlink or Atlas proxy: forge rounds on it. */
  async aggregator(asset: AssetKey, source: "chainlink" | "atlas" = "chainlink"): Promise<StandInAggregator> {
    const proxy = source === "chainlink" ? this.feeds[asset] : this.atlasFeeds[asset];
    if (proxy === undefined) throw new ReplicaError("unknown-feed", `${source} ${asset} on ${this.profile.name}`);
    return StandInAggregator__factory.connect(await proxy.aggregator(), this.signer);
  }

  /** The aggregator behind a pair of Binance's registry. */
  async binanceAggregator(asset: AssetKey): Promise<StandInBinanceAggregator> {
    const { registry, pair } = this.binancePair(asset);
    const address = await registry.getFeed(pair.baseAsset, pair.quoteAsset);
    return StandInBinanceAggregator__factory.connect(address, this.signer);
  }

  /**
   * What consumers read a pair of Binance's registry at. Everyone may, until it is given an access controller with
   * `setAccessController`; after the registry's `setFeed` it answers the old feed until told to `synchronise`.
   */
  async binanceAdapter(asset: AssetKey): Promise<StandInBinanceFeedAdapter> {
    const { registry, pair } = this.binancePair(asset);
    const [, , address] = await registry.getTradingPairDetails(pair.base, pair.quote);
    return StandInBinanceFeedAdapter__factory.connect(address, this.signer);
  }

  /** The access controller of Binance's registry: close pairs on it, for the registry and the adapters given it. */
  async binanceAccessController(): Promise<StandInBinanceAccessController> {
    if (this.registry === null) throw new ReplicaError("unknown-feed", `binance on ${this.profile.name}`);
    return StandInBinanceAccessController__factory.connect(await this.registry.getAccessController(), this.signer);
  }

  /** The uptime feed behind the sequencer's proxy. */
  async sequencerFeed(): Promise<StandInSequencerFeed> {
    if (this.sequencer === null) throw new ReplicaError("unknown-feed", `sequencer on ${this.profile.name}`);
    return StandInSequencerFeed__factory.connect(await this.sequencer.aggregator(), this.signer);
  }

  /**
   * Reports a price (USD, 10 decimals) by the push sources of an asset, each in its own decimals: by all the chain has,
   * or by the named ones. Without `updatedAt` the round is completed in the block of the report.
   */
  async setPushPrice(
    asset: AssetKey,
    priceX10: bigint,
    updatedAt?: number,
    sources?: readonly PushSource[],
  ): Promise<void> {
    await this.setPushPrices([{ asset, priceX10, updatedAt, sources }]);
  }

  /** The same for any number of assets, in one block. */
  async setPushPrices(prices: readonly PushPrice[]): Promise<void> {
    this.requireReplica();
    const reports = prices.flatMap(({ asset, priceX10, updatedAt, sources = this.sourcesOf(asset) }) =>
      sources.map((source) => this.reportOf(asset, source, (decimals) => toAnswer(priceX10, decimals), updatedAt)),
    );
    await this.report(reports);
  }

  /** Repeats the latest answer of every push source, so that none is stale. */
  async refreshPushPrices(): Promise<void> {
    this.requireReplica();
    const reports: FeedReports.ReportStruct[] = [];
    for (const asset of Object.keys(this.profile.chainlink) as AssetKey[]) {
      for (const source of this.sourcesOf(asset)) {
        const aggregator =
          source === "binance" ? await this.binanceAggregator(asset) : await this.aggregator(asset, source);
        const answer = await aggregator.latestAnswer();
        reports.push(this.reportOf(asset, source, () => answer));
      }
    }
    await this.report(reports);
  }

  /** Sets the sequencer's status, since `startedAt` or since the latest block. */
  async setSequencer(isUp: boolean, startedAt?: number): Promise<void> {
    this.requireReplica();
    const since = startedAt ?? (await this.provider.getBlock("latest"))?.timestamp ?? 0;
    await confirmed((await this.sequencerFeed()).setStatus(isUp, since));
  }

  /** Sets what the local Pyth asks for each price it proves, in wei. */
  async setUpdateFee(updateFeeWei: bigint): Promise<void> {
    this.requireReplica();
    const pyth = LocalPyth__factory.connect(this.profile.pyth.address, this.signer);
    await confirmed(pyth.setUpdateFee(updateFeeWei));
  }

  /** Creates tokens; the wrapped native coin stays backed. */
  async mintToken(symbol: string, to: string, amount: bigint): Promise<void> {
    this.requireReplica();
    const token = this.token(symbol);
    if (symbol === this.profile.wrappedNativeSymbol) {
      const address = this.profile.wrappedNative;
      const balance = BigInt(String(await this.provider.send("eth_getBalance", [address, "latest"])));
      await this.provider.send("hardhat_setBalance", [address, `0x${(balance + amount).toString(16)}`]);
    }
    await confirmed(token.mint(to, amount));
  }

  private async report(reports: readonly FeedReports.ReportStruct[]): Promise<void> {
    if (reports.length === 0) return;
    const creation = await new FeedReports__factory(this.signer).getDeployTransaction([...reports]);
    await confirmed(this.signer.sendTransaction(creation));
  }

  private reportOf(
    asset: AssetKey,
    source: PushSource,
    answerIn: (decimals: number) => bigint,
    updatedAt = 0,
  ): FeedReports.ReportStruct {
    if (source === "binance") {
      const { registry, pair } = this.binancePair(asset);
      const { baseAsset: base, quoteAsset: quote, decimals } = pair;
      return { feed: registry, base, quote, answer: answerIn(decimals), updatedAt };
    }
    const { chainlink, binance } = this.profile;
    const feed = source === "chainlink" ? chainlink[asset] : binance?.atlas[asset];
    if (feed === undefined) throw new ReplicaError("unknown-feed", `${source} ${asset} on ${this.profile.name}`);
    const { address, decimals } = feed;
    return { feed: address, base: ZeroAddress, quote: ZeroAddress, answer: answerIn(decimals), updatedAt };
  }

  private binancePair(asset: AssetKey): { registry: StandInBinanceRegistry; pair: BinancePairProfile } {
    const pair = this.profile.binance?.pairs[asset];
    if (this.registry === null || pair === undefined) {
      throw new ReplicaError("unknown-feed", `binance ${asset} on ${this.profile.name}`);
    }
    return { registry: this.registry, pair };
  }

  private sourcesOf(asset: AssetKey): PushSource[] {
    const { chainlink, binance } = this.profile;
    const sources: PushSource[] = [];
    if (chainlink[asset]) sources.push("chainlink");
    if (binance?.pairs[asset]) sources.push("binance");
    if (binance?.atlas[asset]) sources.push("atlas");
    return sources;
  }

  private requireReplica(): void {
    if (this.kind === "replica") return;
    throw new ReplicaError("not-a-replica", `${this.profile.name} carries its real contracts`);
  }
}

/** Waits until a transaction is mined. */
export async function confirmed(response: Promise<TransactionResponse>): Promise<void> {
  await (await response).wait();
}
