/** Markets as they are listed. */
import { px, size } from "../../units";
import type { MarketConfig } from "./state";
import { MAJOR_TIERS, MINOR_TIERS } from "./tiers";
import { QUOTE } from "./units";

const MAJOR = {
  tiers: MAJOR_TIERS,
  restingLeverage: 20n,
  interestPips: 100n,
  capPips: 5_000n,
  bandPips: 20_000n,
  maxDeviationPips: 3_000n,
  takerFeePips: 400n,
  makerFeePips: 50n,
  liquidationFeePips: 500n,
  openInterestCap: 20_000_000n * QUOTE,
  defaultLeverage: 20n,
};

export const BTC_MARKET: MarketConfig = { ...MAJOR, grid: { tickSize: px("1"), lotSize: size("0.001") } };
export const ETH_MARKET: MarketConfig = { ...MAJOR, grid: { tickSize: px("0.1"), lotSize: size("0.01") } };
export const BNB_MARKET: MarketConfig = {
  ...MAJOR,
  grid: { tickSize: px("0.01"), lotSize: size("0.1") },
  tiers: MINOR_TIERS,
  restingLeverage: 10n,
  interestPips: 0n,
  capPips: 20_000n,
  bandPips: 50_000n,
  maxDeviationPips: 10_000n,
  liquidationFeePips: 2_000n,
  openInterestCap: 5_000_000n * QUOTE,
  defaultLeverage: 10n,
};
