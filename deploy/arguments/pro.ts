import type { ProMarketProfile, ProProfile } from "../profiles";
import { assetIdOf } from "./oracle";

/** `MarketStatus` of the contracts. */
const ACTIVE = 1;

/** A market of a profile as `listMarket` takes it: `MarketConfig`, `MarketLimits` and `MarginTier[]`. */
export function proMarketArguments(market: ProMarketProfile, settings: ProProfile, minAnchors: number) {
  const config = {
    tickSize: market.tickSize,
    lotSize: market.lotSize,
    assetId: assetIdOf(market.assetKey),
    status: ACTIVE,
    minAnchors,
    maxDeviationPips: market.maxDeviationPips,
    bandPips: market.bandPips,
    highLeverage: market.highLeverage,
    defaultLeverage: market.defaultLeverage,
    takerFeePips: settings.takerFeePips,
    makerFeePips: settings.makerFeePips,
    liquidationFeePips: market.liquidationFeePips,
    fundingCapPips: market.fundingCapPips,
  };
  const limits = {
    maxOpenInterestUsd: market.maxOpenInterestUsd,
    leastRestingUsd: settings.leastRestingUsd,
    interestPips: market.interestPips,
    tierCount: market.tiers.length,
    reduceOnlySince: 0,
    tightenedAt: 0,
  };
  const tiers = market.tiers.map((tier) => ({ ...tier, cumX6: 0 }));
  return { config, limits, tiers };
}
