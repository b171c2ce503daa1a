import { ASSET_KEYS } from "./profiles";
import type { Address, AssetKey, ChainProfile, FeedProfile } from "./profiles";

/** A push source of an asset, as it is configured and as the preflight reads it. */
export interface PushSourceProfile {
  name: "chainlink" | "atlas" | "registry";
  /** `SourceKind` of the contracts. */
  kind: "chainlink" | "binanceOracle";
  /** The Chainlink-shaped feed, or the registry that knows it. */
  feed: Address;
  description: string;
  decimals: number;
  heartbeatSeconds: number;
  /** Heartbeat plus grace. */
  maxAgeSeconds: number;
  /** Names of the pair in the registry; empty for a feed. */
  base: string;
  quote: string;
}

/** What a token, a market or a prediction needs the price of. */
export function usedAssets(profile: ChainProfile): AssetKey[] {
  const used = new Set<string>([
    ...profile.tokens.map(({ assetKey }) => assetKey),
    ...profile.markets.map(({ assetKey }) => assetKey),
    ...profile.prediction.markets.map(({ assetKey }) => assetKey),
  ]);
  return ASSET_KEYS.filter((key) => used.has(key));
}

/** Chainlink, and Binance through Atlas or, where that was refused, through the registry. */
export function pushSourcesOf(profile: ChainProfile, key: AssetKey): PushSourceProfile[] {
  const { binance } = profile;
  const isByRegistry = binance?.registryAssets.includes(key) ?? false;
  const sources = [
    chainlinkSource(profile, key),
    isByRegistry ? registrySource(profile, key) : atlasSource(profile, key),
  ];
  return sources.filter((source) => source !== undefined);
}

export function chainlinkSource(profile: ChainProfile, key: AssetKey): PushSourceProfile | undefined {
  const feed = profile.chainlink[key];
  return feed && feedSource("chainlink", feed);
}

export function atlasSource(profile: ChainProfile, key: AssetKey): PushSourceProfile | undefined {
  const feed = profile.binance?.atlas[key];
  return feed && feedSource("atlas", feed);
}

export function registrySource({ binance }: ChainProfile, key: AssetKey): PushSourceProfile | undefined {
  const pair = binance?.pairs[key];
  if (binance === null || pair === undefined) return undefined;
  const { base, quote, decimals, heartbeatSeconds, graceSeconds } = pair;
  return {
    ...{ name: "registry", kind: "binanceOracle", feed: binance.registry },
    ...{ description: `${base} / ${quote}`, decimals, heartbeatSeconds },
    ...{ maxAgeSeconds: heartbeatSeconds + graceSeconds, base, quote },
  };
}

function feedSource(name: "chainlink" | "atlas", feed: FeedProfile): PushSourceProfile {
  const { address, description, decimals, heartbeatSeconds, graceSeconds } = feed;
  const maxAgeSeconds = heartbeatSeconds + graceSeconds;
  return {
    ...{ name, kind: "chainlink", feed: address, description, decimals, heartbeatSeconds },
    ...{ maxAgeSeconds, base: "", quote: "" },
  };
}
