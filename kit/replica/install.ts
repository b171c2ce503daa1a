import { ContractFactory, ZeroAddress } from "ethers";
import type { Signer } from "ethers";

import {
  StandInAggregatorProxy__factory,
  StandInAggregator__factory,
  StandInBinanceAccessController__factory,
  StandInBinanceAggregator__factory,
  StandInBinanceDenominations__factory,
  StandInBinanceFeedAdapter__factory,
  StandInBinanceRegistry__factory,
  StandInSequencerFeed__factory,
  TokenBase__factory,
} from "../../typechain-types";
import type { StandInBinanceRegistry } from "../../typechain-types";
import type { AssetKey, BinancePairProfile, BinanceProfile, ChainProfile, FeedProfile } from "../../deploy/profiles";
import { occupancyOf } from "./code";
import type { ArtifactSource, Occupancy, RpcProvider } from "./code";
import { ReplicaError } from "./errors";
import { CodePlacer, placements } from "./placement";
import type { Placement } from "./placement";
import { installPyth } from "./pyth";
import type { PythInstallation } from "./pyth";
import { Replica, confirmed, toAnswer } from "./Replica";

/** Bounds of the answers of modern feeds: 1 and 2^176 − 1. */
export const MIN_ANSWER = 1n;
export const MAX_ANSWER = 95780971304118053647396689196894323976171195136475135n;

const PRICE_SCALE = 10n ** 10n;

/** USD with 10 decimals. */
export const DEFAULT_PRICES: Readonly<Record<AssetKey, bigint>> = {
  BTC: 60_000n * PRICE_SCALE,
  ETH: 3_000n * PRICE_SCALE,
  BNB: 600n * PRICE_SCALE,
  USDT: PRICE_SCALE,
  USDC: PRICE_SCALE,
  WBTC: 60_000n * PRICE_SCALE,
};

export interface ReplicaOptions {
  profile: ChainProfile;
  provider: RpcProvider;
  /** Pays for the installation and owns the stand-ins. */
  signer: Signer;
  artifacts: ArtifactSource;
  /** Initial prices, USD with 10 decimals; {@link DEFAULT_PRICES} fill the gaps. */
  prices?: Partial<Record<AssetKey, bigint>>;
  /** The local Pyth; without it Pyth's address stays as it is. */
  pyth?: PythInstallation;
  /**
   * Contracts to put at tokens' addresses instead of the usual ones, by symbol: `{ USDT: "NoReturnToken" }`. Installing
   * again with another choice exchanges the code and keeps the balances.
   */
  tokenContracts?: Readonly<Record<string, string>>;
}

/**
 * Turns an empty development chain into a replica of the profile's chain, and returns its handle.
 * Repeatable: addresses that carry the stand-ins already are left alone, as are their prices and balances. Where the addresses carry
 * any other code (a fork of the real chain) nothing is written and the handle is `live`.
 */
export async function installReplica(options: ReplicaOptions): Promise<Replica> {
  const { profile, provider, signer } = options;
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(profile.chainId)) {
    throw new ReplicaError("wrong-chain", `expected ${profile.chainId}, connected to ${chainId}`);
  }
  const plan = placements(profile, options.tokenContracts ?? {}, options.pyth?.contractName);
  const occupancies = await Promise.all(plan.map((item) => occupancyOf(provider, options.artifacts, item)));
  if (isLive(plan, occupancies)) return new Replica(profile, "live", provider, signer);

  const placer = new CodePlacer(provider, signer, options.artifacts);
  for (const [i, item] of plan.entries()) if (occupancies[i] !== "stand-in") await placer.place(item);

  await initializeTokens(profile, signer);
  const prices = { ...DEFAULT_PRICES, ...options.prices };
  await initializeFeeds(profile.chainlink, prices, signer);
  if (profile.sequencer) await initializeSequencer(options, profile.sequencer.address);
  if (profile.binance) {
    await initializeFeeds(profile.binance.atlas, prices, signer);
    await initializeBinance(options, profile.binance, prices);
  }
  if (options.pyth) await installPyth(profile, signer, options.artifacts, options.pyth);
  return new Replica(profile, "replica", provider, signer);
}

function isLive(plan: readonly Placement[], occupancies: readonly Occupancy[]): boolean {
  const labels = (...kinds: Occupancy[]) =>
    plan.filter((_, i) => kinds.includes(occupancies[i])).map((item) => item.label);
  const foreign = labels("foreign");
  const standIns = labels("stand-in", "alternative");
  if (foreign.length !== 0 && standIns.length !== 0) {
    throw new ReplicaError("mixed-code", `foreign code at ${foreign.join(", ")}; stand-ins at ${standIns.join(", ")}`);
  }
  return foreign.length !== 0;
}

async function initializeTokens(profile: ChainProfile, signer: Signer): Promise<void> {
  for (const { address, name, symbol, decimals } of profile.tokens) {
    const token = TokenBase__factory.connect(address, signer);
    if (!(await token.isInitialized())) await confirmed(token.initialize(name, symbol, decimals));
  }
}

async function initializeFeeds(
  feeds: Readonly<Partial<Record<AssetKey, FeedProfile>>>,
  prices: Readonly<Record<AssetKey, bigint>>,
  signer: Signer,
): Promise<void> {
  for (const [asset, feed] of Object.entries(feeds) as [AssetKey, FeedProfile][]) {
    const proxy = StandInAggregatorProxy__factory.connect(feed.address, signer);
    if ((await proxy.owner()) !== ZeroAddress) continue;
    const factory = new StandInAggregator__factory(signer);
    const aggregator = await factory.deploy(feed.decimals, feed.description, MIN_ANSWER, MAX_ANSWER);
    await confirmed(aggregator.addAccess(feed.address));
    await confirmed(aggregator.pushAnswer(toAnswer(prices[asset], feed.decimals)));
    await confirmed(proxy.initialize(await signer.getAddress(), await aggregator.getAddress()));
  }
}

/** The sequencer has been up for a day: past any grace period. */
async function initializeSequencer({ provider, signer }: ReplicaOptions, address: string): Promise<void> {
  const proxy = StandInAggregatorProxy__factory.connect(address, signer);
  if ((await proxy.owner()) !== ZeroAddress) return;
  const feed = await new StandInSequencerFeed__factory(signer).deploy();
  const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
  await confirmed(feed.addAccess(address));
  await confirmed(feed.setStatus(true, Math.max(now - 86_400, 1)));
  await confirmed(proxy.initialize(await signer.getAddress(), await feed.getAddress()));
}

async function initializeBinance(
  { artifacts, signer }: ReplicaOptions,
  binance: BinanceProfile,
  prices: Readonly<Record<AssetKey, bigint>>,
): Promise<void> {
  const registry = StandInBinanceRegistry__factory.connect(binance.registry, signer);
  if ((await registry.owner()) === ZeroAddress) {
    const { abi, bytecode } = await artifacts.readArtifact("TradingPairMap");
    const library = await (await new ContractFactory(abi, bytecode, signer).deploy()).getAddress();
    const links = { "contracts/replica/feeds/TradingPairMap.sol:TradingPairMap": library };
    const denominations = await new StandInBinanceDenominations__factory(links, signer).deploy(binance.registry);
    const controller = await new StandInBinanceAccessController__factory(signer).deploy();
    await confirmed(registry.initialize(await signer.getAddress(), await denominations.getAddress()));
    await confirmed(registry.setAccessController(await controller.getAddress()));
  }
  for (const [asset, pair] of Object.entries(binance.pairs) as [AssetKey, BinancePairProfile][]) {
    if (await registry.exists(pair.base, pair.quote)) continue;
    await listPair(registry, pair, prices[asset], signer);
  }
}

/** Open to every reader: neither the adapter nor the aggregator has an access controller. */
async function listPair(
  registry: StandInBinanceRegistry,
  { base, quote, baseAsset, quoteAsset, decimals }: BinancePairProfile,
  priceX10: bigint,
  signer: Signer,
): Promise<void> {
  const description = `${base} / ${quote}`;
  const aggregator = await new StandInBinanceAggregator__factory(signer).deploy(decimals, description, ZeroAddress);
  await confirmed(aggregator.pushAnswer(toAnswer(priceX10, decimals)));
  await confirmed(registry.setFeed(baseAsset, quoteAsset, await aggregator.getAddress()));
  const factory = new StandInBinanceFeedAdapter__factory(signer);
  const adapter = await factory.deploy(await registry.getAddress(), baseAsset, quoteAsset);
  await confirmed(registry.insertPair(base, quote, baseAsset, quoteAsset, await adapter.getAddress()));
}
