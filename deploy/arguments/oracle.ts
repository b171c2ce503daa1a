import { ASSET_KEYS } from "../profiles";
import type { AssetKey } from "../profiles";
import type { PushSourceProfile } from "../sources";

/** `SourceKind` of the contracts. */
const SOURCE_KIND = { chainlink: 0, binanceOracle: 1 } as const;

/** `SourceConfig` of the contracts. */
export interface SourceArguments {
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

/** A source of a profile as `addSource` takes it. */
export function sourceArguments({ kind, feed, maxAgeSeconds, base, quote }: PushSourceProfile): SourceArguments {
  return { kind: SOURCE_KIND[kind], feed, maxAgeSeconds, base, quote };
}
