import type { PriceAggregator, Vault } from "../typechain-types";
import { assetIdOf } from "./arguments/oracle";
import type { ChainProfile } from "./profiles";
import { usedAssets } from "./sources";

/**
 * What a deployed system lacks to open, asked of the system itself: fresh sources of every asset, as many as its reference
 * price needs and, where there is a market of it, as an opening needs; the sequencer; the wrapped native coin.
 */
export async function readinessProblems(
  { priceAggregator, vault }: { priceAggregator: PriceAggregator; vault: Vault },
  profile: ChainProfile,
): Promise<string[]> {
  const problems: string[] = [];
  const priced = new Set<string>([...profile.markets, ...profile.prediction.markets].map(({ assetKey }) => assetKey));
  for (const asset of usedAssets(profile)) {
    const { fresh } = await priceAggregator.pushPrice(assetIdOf(asset));
    const sources = await priceAggregator.sourceCount(assetIdOf(asset));
    const { quorum } = await priceAggregator.asset(assetIdOf(asset));
    const told = `${asset}: ${fresh.toString()} of ${sources.toString()} sources are fresh`;
    if (fresh < quorum) problems.push(`${told}, its reference price needs ${quorum.toString()}`);
    const { minAnchors } = profile.oracle;
    if (priced.has(asset) && fresh < BigInt(minAnchors)) problems.push(`${told}, an opening needs ${minAnchors}`);
  }
  if (!(await priceAggregator.isSequencerReady())) problems.push("the sequencer is down, or up for too short a time");
  const wrappedNative = await vault.wrappedNative();
  if (wrappedNative !== profile.wrappedNative) {
    problems.push(`the vault wraps the native coin in ${wrappedNative}, ${profile.wrappedNative} is expected`);
  }
  return problems;
}
