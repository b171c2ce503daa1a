import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future } from "@nomicfoundation/ignition-core";
import { ZeroAddress } from "ethers";
import { ASSET_KEYS } from "../profiles";
import type { AssetKey, ChainProfile } from "../profiles";
import { AccessModule } from "./access";

/** `SourceKind` of the contracts. */
const SOURCE_KIND = { chainlink: 0, binanceOracle: 1 } as const;

/** `SourceConfig` of the contracts. */
interface SourceArguments {
  kind: number;
  feed: string;
  maxAgeSeconds: number;
  base: string;
  quote: string;
}

/** The number of an asset in the contracts, the same on every chain; 0 is left free. */
export function assetIdOf(key: AssetKey): number {
  return ASSET_KEYS.indexOf(key) + 1;
}

/** The PriceAggregator with the chain's assets and push sources. */
export function buildOracleModule(profile: ChainProfile) {
  return buildModule("Oracle", (m) => {
    const { accessManager } = m.useModule(AccessModule);
    const sequencer = profile.sequencer ?? { address: ZeroAddress, graceSeconds: 0 };
    const priceAggregator = m.contract("PriceAggregator", [
      accessManager,
      profile.pyth.address,
      sequencer.address,
      sequencer.graceSeconds,
    ]);
    for (const key of usedAssets(profile)) {
      const sources = sourcesOf(profile, key);
      const quorum = profile.oracle.referenceQuorums[key];
      if (sources.length < quorum) {
        throw new Error(`${profile.name}: ${key} has ${sources.length} push sources, fewer than its quorum`);
      }
      const assetId = assetIdOf(key);
      const config = {
        pythId: profile.pyth.priceIds[key],
        quorum,
        maxSpreadPips: profile.oracle.maxReferenceSpreadPips,
        isVolatile: isVolatile(profile, key),
      };
      // One after the other: sources are numbered in the order in which they are added.
      let previous: Future = m.call(priceAggregator, "configureAsset", [assetId, config], {
        id: `configureAsset_${key}`,
      });
      for (const [name, source] of sources) {
        previous = m.call(priceAggregator, "addSource", [assetId, { ...source }], {
          id: `addSource_${key}_${name}`,
          after: [previous],
        });
      }
    }
    return { priceAggregator };
  });
}

export type OracleModule = ReturnType<typeof buildOracleModule>;

/** What a token, a market or a prediction needs the price of. */
function usedAssets(profile: ChainProfile): AssetKey[] {
  const used = new Set<string>([
    ...profile.tokens.map(({ assetKey }) => assetKey),
    ...profile.markets.map(({ assetKey }) => assetKey),
    ...profile.prediction.markets.map(({ assetKey }) => assetKey),
  ]);
  return ASSET_KEYS.filter((key) => used.has(key));
}

/** A market's asset or a token that is not a dollar. */
function isVolatile(profile: ChainProfile, key: AssetKey): boolean {
  const tokens = profile.tokens.filter(({ assetKey }) => assetKey === key);
  return tokens.length === 0 || tokens.some(({ volatile }) => volatile);
}

/** Chainlink, and Binance through its registry, or through the successor's feed for a pair the registry lacks. */
function sourcesOf(profile: ChainProfile, key: AssetKey): [string, SourceArguments][] {
  const sources: [string, SourceArguments][] = [];
  const chainlink = profile.chainlink[key];
  if (chainlink) sources.push(["chainlink", feedSource(chainlink)]);
  const { binance } = profile;
  const pair = binance?.pairs[key];
  const atlas = binance?.atlas[key];
  if (binance && pair) {
    const { base, quote, heartbeatSeconds, graceSeconds } = pair;
    const maxAgeSeconds = heartbeatSeconds + graceSeconds;
    sources.push(["binance", { kind: SOURCE_KIND.binanceOracle, feed: binance.registry, maxAgeSeconds, base, quote }]);
  } else if (atlas) {
    sources.push(["atlas", feedSource(atlas)]);
  }
  return sources;
}

function feedSource(feed: { address: string; heartbeatSeconds: number; graceSeconds: number }): SourceArguments {
  const maxAgeSeconds = feed.heartbeatSeconds + feed.graceSeconds;
  return { kind: SOURCE_KIND.chainlink, feed: feed.address, maxAgeSeconds, base: "", quote: "" };
}
