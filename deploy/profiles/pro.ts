import type { AssetKey } from "./types";

/** A tier of position sizes; ascending by `capUsd`, whole dollars. */
export interface ProTierProfile {
  capUsd: number;
  maxLeverage: number;
  ratePips: number;
}

/** A market of Pro; its number is its place in the list. */
export interface ProMarketProfile {
  name: string;
  assetKey: AssetKey;
  /** Step of price, 10 decimals. */
  tickSize: bigint;
  /** Step of size, 8 decimals. */
  lotSize: bigint;
  /** Price of the day on which the steps were chosen, 10 decimals: listing holds them against it. */
  referencePrice: bigint;
  maxDeviationPips: number;
  bandPips: number;
  highLeverage: number;
  defaultLeverage: number;
  liquidationFeePips: number;
  fundingCapPips: number;
  interestPips: number;
  /** Whole dollars of one side. */
  maxOpenInterestUsd: number;
  tiers: readonly ProTierProfile[];
}

export interface ProProfile {
  /** Symbol of the settlement token, one of the chain's. */
  settlementSymbol: string;
  takerFeePips: number;
  makerFeePips: number;
  /** Least notional of an order that rests, whole dollars. */
  leastRestingUsd: number;
  /** From the last change of a trigger; only later ticks fire it. */
  triggerDelaySeconds: number;
  markets: readonly ProMarketProfile[];
}

/** One dollar as a price. */
const DOLLAR = 10n ** 10n;

const MAJOR_TIERS: readonly ProTierProfile[] = [
  { capUsd: 50_000, maxLeverage: 200, ratePips: 2_500 },
  { capUsd: 250_000, maxLeverage: 100, ratePips: 5_000 },
  { capUsd: 1_000_000, maxLeverage: 50, ratePips: 10_000 },
  { capUsd: 5_000_000, maxLeverage: 20, ratePips: 25_000 },
  { capUsd: 10_000_000, maxLeverage: 10, ratePips: 50_000 },
  { capUsd: 20_000_000, maxLeverage: 5, ratePips: 100_000 },
];

const OTHER_TIERS: readonly ProTierProfile[] = [
  { capUsd: 50_000, maxLeverage: 50, ratePips: 10_000 },
  { capUsd: 250_000, maxLeverage: 20, ratePips: 25_000 },
  { capUsd: 1_000_000, maxLeverage: 10, ratePips: 50_000 },
  { capUsd: 5_000_000, maxLeverage: 5, ratePips: 100_000 },
];

const MAJOR = {
  maxDeviationPips: 3_000,
  bandPips: 20_000,
  highLeverage: 20,
  defaultLeverage: 20,
  liquidationFeePips: 500,
  fundingCapPips: 5_000,
  interestPips: 100,
  maxOpenInterestUsd: 20_000_000,
  tiers: MAJOR_TIERS,
} as const;

const MARKETS: readonly ProMarketProfile[] = [
  {
    name: "BTC/USD",
    assetKey: "BTC",
    tickSize: DOLLAR,
    lotSize: 100_000n,
    referencePrice: 100_000n * DOLLAR,
    ...MAJOR,
  },
  {
    ...{ name: "ETH/USD", assetKey: "ETH", tickSize: DOLLAR / 10n, lotSize: 1_000_000n },
    referencePrice: 4_000n * DOLLAR,
    ...MAJOR,
  },
  {
    ...{ name: "BNB/USD", assetKey: "BNB", tickSize: DOLLAR / 100n, lotSize: 10_000_000n },
    referencePrice: 900n * DOLLAR,
    ...{ maxDeviationPips: 10_000, bandPips: 50_000, highLeverage: 10, defaultLeverage: 10 },
    ...{ liquidationFeePips: 2_000, fundingCapPips: 20_000, interestPips: 0, maxOpenInterestUsd: 5_000_000 },
    tiers: OTHER_TIERS,
  },
];

/** Pro as it ships, settled in a dollar token of the chain. */
export function pro(settlementSymbol: string): ProProfile {
  return {
    ...{ settlementSymbol, takerFeePips: 400, makerFeePips: 50, leastRestingUsd: 250 },
    triggerDelaySeconds: 3,
    markets: MARKETS,
  };
}
