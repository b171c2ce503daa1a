import type { PriceNetwork } from "../../sdk/pyth/networks";
import type { ProProfile } from "./pro";

/** An asset the system knows a price of. */
export type AssetKey = "BTC" | "ETH" | "BNB" | "USDT" | "USDC" | "WBTC";

/** In the order of their numbers in the contracts, the same on every chain: new ones come last. */
export const ASSET_KEYS: readonly AssetKey[] = ["BTC", "ETH", "BNB", "USDT", "USDC", "WBTC"];

/** A wrapped coin that is an asset of its own, to the coin it stands for and is worth as long as its peg holds. */
export const WRAPPED_ASSETS: Readonly<Partial<Record<AssetKey, AssetKey>>> = { WBTC: "BTC" };

/** A checksummed address. */
export type Address = string;

/**
 * What a token's contract is like; decides which stand-in a replica installs.
 * `plain`: ERC-20 that returns a bool. `permit`: the same with ERC-2612. `noReturn`: transfers return nothing.
 * `wrappedNative`: WETH9 with its fallback. `wrappedEther`: bridged WETH with permit.
 */
export type TokenKind = "plain" | "permit" | "noReturn" | "wrappedNative" | "wrappedEther";

export interface TokenProfile {
  symbol: string;
  /** `name()` of the contract; part of the EIP-712 domain where the token has `permit`. */
  name: string;
  address: Address;
  decimals: number;
  assetKey: AssetKey;
  kind: TokenKind;
  /** Target weight in the vault; the weights of a chain sum to 1_000_000. */
  targetWeightPips: number;
  /** Share of the vault that no mint may take it beyond, once the vault holds more than `shareFloorUsd`. */
  maxSharePips: number;
  /** Accepted as margin and as stake. */
  margin: boolean;
  /** The quirk of the original tether; derived from `kind`, stated for readers. */
  transferReturnsNothing: boolean;
}

/** A feed of Chainlink's shape. Fresh while its age is at most heartbeat plus grace. */
export interface FeedProfile {
  address: Address;
  description: string;
  decimals: number;
  heartbeatSeconds: number;
  graceSeconds: number;
}

export interface SequencerProfile {
  address: Address;
  /** How long after a restart prices stay unusable for risk and liquidations. */
  graceSeconds: number;
}

export interface BinancePairProfile {
  base: string;
  quote: string;
  /** The registry's address keys of the pair, for replicas; on chain read them from `getTradingPairDetails`. */
  baseAsset: Address;
  quoteAsset: Address;
  decimals: number;
  heartbeatSeconds: number;
  graceSeconds: number;
}

/**
 * Binance's prices, from Atlas or from the registry that it succeeds: one of the two for each asset, never both, since they
 * are one publisher.
 */
export interface BinanceProfile {
  registry: Address;
  pairs: Readonly<Partial<Record<AssetKey, BinancePairProfile>>>;
  /** The successor's feeds, Chainlink-shaped. */
  atlas: Readonly<Partial<Record<AssetKey, FeedProfile>>>;
  /** Assets that are read through the registry because the preflight refused their Atlas feed. */
  registryAssets: readonly AssetKey[];
}

export interface PythProfile {
  address: Address;
  priceIds: Readonly<Record<AssetKey, string>>;
  /** Who signs the updates and what they cost: the same on every chain. A replica's Pyth is set up with it. */
  network: PriceNetwork;
}

/** A tier of a book; ascending by `maxLeverage`. */
export interface TierProfile {
  maxLeverage: number;
  /** USD, 18 decimals. */
  maxNotionalUsd: bigint;
  liquidationLossRatePips: number;
  /** Share of the initial margin a gain may reach. */
  profitCapPips: number;
  /** Largest slippage of a close, whatever the book's model is then. */
  maxExitSlippagePips: number;
}

export type Mode = "standard" | "degen";

/** One market in one mode. */
export interface BookProfile {
  mode: Mode;
  minLeverage: number;
  maxLeverage: number;
  openFeePips: number;
  /** Minimum close fee, of the close notional. */
  closeFeePips: number;
  /** Share of the gross profit that is taken if it is more than the minimum. */
  closeFeeProfitSharePips: number;
  slippagePips: number;
  executionDelaySeconds: number;
  /** Share of every fee that stays with the liquidity providers. */
  alpFeeSharePips: number;
  /** Bound on confidence over price for openings. */
  maxOpenConfidencePips: number;
  /** Bound on the distance between tick and every fresh anchor for openings. */
  maxOpenDeviationPips: number;
  /** Open-interest cap per side, USD with 18 decimals. */
  maxOpenInterestUsd: bigint;
  /** Realised loss within a rolling hour that stops openings, USD with 18 decimals. */
  lossBudgetUsd: bigint;
  minMarginUsd: bigint;
  minNotionalUsd: bigint;
  borrowRatePipsPerHour: number;
  fundingFactorPipsPerHour: number;
  minFundingPipsPerHour: number;
  maxFundingPipsPerHour: number;
  tiers: readonly TierProfile[];
}

export interface MarketProfile {
  name: string;
  assetKey: AssetKey;
  books: readonly BookProfile[];
}

/** Bounds of the price aggregator that hold for the whole chain. */
export interface OracleProfile {
  /** Fresh anchors (Chainlink, Binance) an opening needs; everything else needs one. */
  minAnchors: number;
  /** Fresh push sources a reference price needs, by asset. */
  referenceQuorums: Readonly<Partial<Record<AssetKey, number>>>;
  /** Bound on (high − low) / median of a reference price. */
  maxReferenceSpreadPips: number;
  /** Bound on confidence over price for everything that is not an opening. */
  maxConfidencePips: number;
  /** Half-width of the band ticks are clamped to for open positions. */
  clampBandPips: number;
  /** How old the tick of a trigger, a liquidation, a liquidation after a close, a mint or burn may be. */
  maxTriggerAgeSeconds: number;
  maxLiquidationAgeSeconds: number;
  maxLiquidationAfterCloseAgeSeconds: number;
  maxMintAgeSeconds: number;
}

export interface ExecutionProfile {
  /** USD, 18 decimals, paid to whoever executes. */
  executionFeeUsd: bigint;
  executionWindowSeconds: number;
  minDeadlineSeconds: number;
  liquidationRewardPips: number;
  minLiquidationRewardUsd: bigint;
  maxLiquidationRewardUsd: bigint;
}

export interface VaultProfile {
  maxUtilizationPips: number;
  mintFeePips: number;
  mintFeeTaxPips: number;
  cooldownSeconds: number;
  /** Shares of assets are limited in a vault that holds more than this, whole USD. */
  shareFloorUsd: number;
  /** Most that trading may hold reserved of each margin token, by symbol, in token units. */
  tradingCeilings: Readonly<Record<string, bigint>>;
}

export interface PredictionPeriodProfile {
  periodSeconds: number;
  /** Profit of a won bet, as a share of the stake. */
  payoutPips: number;
}

/** A market that bets are taken on; its number is its place in the list. */
export interface PredictionMarketProfile {
  name: string;
  assetKey: AssetKey;
  periods: readonly PredictionPeriodProfile[];
}

/** A token that stakes may be paid in; amounts in token units. */
export interface StakeTokenProfile {
  symbol: string;
  minStake: bigint;
  maxStake: bigint;
  /** Cap on the stakes of a market, period and direction in this token. */
  maxOpenStake: bigint;
  /** Most that all bets may hold reserved of it. */
  ceiling: bigint;
}

export interface PredictionProfile {
  executionDelaySeconds: number;
  markets: readonly PredictionMarketProfile[];
  stakeTokens: readonly StakeTokenProfile[];
  /** Bound on confidence over price of a strike. */
  maxStrikeConfidencePips: number;
  /** Bound on the distance between a strike and every fresh anchor. */
  maxStrikeDeviationPips: number;
}

/** Everything the deployment of one chain needs to know. */
export interface ChainProfile {
  key: "bnb" | "arbitrum";
  chainId: number;
  name: string;
  /** Symbol of the native coin and of its wrapped token, which is one of `tokens`. */
  nativeSymbol: string;
  wrappedNativeSymbol: string;
  wrappedNative: Address;
  tokens: readonly TokenProfile[];
  pyth: PythProfile;
  chainlink: Readonly<Partial<Record<AssetKey, FeedProfile>>>;
  sequencer: SequencerProfile | null;
  binance: BinanceProfile | null;
  oracle: OracleProfile;
  execution: ExecutionProfile;
  vault: VaultProfile;
  markets: readonly MarketProfile[];
  prediction: PredictionProfile;
  pro: ProProfile;
}
