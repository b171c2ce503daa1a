import type { ChainProfile, ProMarketProfile, ProProfile } from "../../deploy/profiles";
import type { MarketConfig } from "../../sdk/model/pro";
import { QUOTE } from "../../sdk/model/pro";

/** Markets of Pro as the model takes them, in the order of their numbers. */
export function marketConfigs({ pro }: ChainProfile): MarketConfig[] {
  return pro.markets.map((market) => configOf(market, pro));
}

function configOf(market: ProMarketProfile, { makerFeePips, takerFeePips }: ProProfile): MarketConfig {
  return {
    grid: { tickSize: market.tickSize, lotSize: market.lotSize },
    tiers: market.tiers.map(({ capUsd, maxLeverage, ratePips }) => ({
      cap: BigInt(capUsd) * QUOTE,
      maxLeverage: BigInt(maxLeverage),
      ratePips: BigInt(ratePips),
    })),
    restingLeverage: BigInt(market.highLeverage),
    interestPips: BigInt(market.interestPips),
    capPips: BigInt(market.fundingCapPips),
    bandPips: BigInt(market.bandPips),
    maxDeviationPips: BigInt(market.maxDeviationPips),
    takerFeePips: BigInt(takerFeePips),
    makerFeePips: BigInt(makerFeePips),
    liquidationFeePips: BigInt(market.liquidationFeePips),
    openInterestCap: BigInt(market.maxOpenInterestUsd) * QUOTE,
    defaultLeverage: BigInt(market.defaultLeverage),
  };
}
