import type {
  AssetKey,
  BookProfile,
  MarketProfile,
  Mode,
  OracleProfile,
  PredictionProfile,
  StakeTokenProfile,
  TierProfile,
  VaultProfile,
} from "./types";

/** Whole dollars as USD with 18 decimals. */
export function usd(dollars: number): bigint {
  // Cents are exact in a double for every amount used here.
  return BigInt(Math.round(dollars * 100)) * 10n ** 16n;
}

/**
 * Pyth price ids, the same on every chain (certainty A: several independent repositories, and each but WBTC's occurs in
 * recorded updates; ten repositories agree on WBTC's).
 */
export const PYTH_PRICE_IDS: Readonly<Record<AssetKey, string>> = {
  BTC: "0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43",
  ETH: "0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace",
  BNB: "0x2f95862b045670cd22bee3114c39763a4a08beeb663b145d283c31d7d1101c4f",
  USDT: "0x2b89b9dc8fdf9f34709a5b106b472f0f39bb6ca9ce04b0fd7f2e971688e2e53b",
  USDC: "0xeaa020c61cc479712813461ce153894a96a6c00b21ed0cfc2798d1f9a9e9c94a",
  WBTC: "0xc9d8b075a5c69303365ae23633d4e085199bf5c520a3b90fed1322a0342ffc33",
};

/** Whole tokens in token units. */
export function tokens(amount: number, decimals: number): bigint {
  return BigInt(amount) * 10n ** BigInt(decimals);
}

const LIQUIDATION_LOSS_RATE_PIPS = 600_000;

const BOOK_DEFAULTS: Readonly<
  Record<Mode, Omit<BookProfile, "slippagePips" | "maxOpenInterestUsd" | "lossBudgetUsd" | "tiers">>
> = {
  standard: {
    mode: "standard",
    minLeverage: 1,
    maxLeverage: 500,
    openFeePips: 800,
    closeFeePips: 800,
    closeFeeProfitSharePips: 0,
    executionDelaySeconds: 2,
    alpFeeSharePips: 400_000,
    maxOpenConfidencePips: 3_000,
    maxOpenDeviationPips: 10_000,
    minMarginUsd: usd(5),
    minNotionalUsd: usd(200),
    borrowRatePipsPerHour: 2,
    fundingFactorPipsPerHour: 20,
    minFundingPipsPerHour: 0,
    maxFundingPipsPerHour: 100,
  },
  degen: {
    mode: "degen",
    minLeverage: 500,
    maxLeverage: 1001,
    openFeePips: 0,
    closeFeePips: 300,
    closeFeeProfitSharePips: 150_000,
    executionDelaySeconds: 3,
    alpFeeSharePips: 800_000,
    maxOpenConfidencePips: 1_500,
    maxOpenDeviationPips: 5_000,
    minMarginUsd: usd(5),
    minNotionalUsd: usd(200),
    borrowRatePipsPerHour: 2,
    fundingFactorPipsPerHour: 20,
    minFundingPipsPerHour: 0,
    maxFundingPipsPerHour: 100,
  },
};

type TierDefaults = Pick<TierProfile, "maxLeverage" | "profitCapPips" | "maxExitSlippagePips">;

/** In Standard an exit slips by at most a tenth of the margin at each tier's largest leverage; in Degen it is fixed. */
const TIERS: Readonly<Record<Mode, readonly TierDefaults[]>> = {
  standard: [
    { maxLeverage: 10, profitCapPips: 1_000_000, maxExitSlippagePips: 10_000 },
    { maxLeverage: 50, profitCapPips: 2_500_000, maxExitSlippagePips: 2_000 },
    { maxLeverage: 500, profitCapPips: 5_000_000, maxExitSlippagePips: 200 },
  ],
  degen: [
    { maxLeverage: 750, profitCapPips: 5_000_000, maxExitSlippagePips: 100 },
    { maxLeverage: 1001, profitCapPips: 3_000_000, maxExitSlippagePips: 100 },
  ],
};

/** One order takes at most this part of a side's cap; a larger one meets a full side. */
const ORDERS_PER_CAP = 4n;

export interface BookLimits {
  maxOpenInterestUsd: bigint;
  lossBudgetUsd: bigint;
}

/** A book with the shipped defaults of its mode. */
export function book(mode: Mode, slippagePips: number, limits: BookLimits): BookProfile {
  const tiers = TIERS[mode].map((tier) => ({
    ...tier,
    maxNotionalUsd: limits.maxOpenInterestUsd / ORDERS_PER_CAP,
    liquidationLossRatePips: LIQUIDATION_LOSS_RATE_PIPS,
  }));
  return { ...BOOK_DEFAULTS[mode], slippagePips, ...limits, tiers };
}

export interface ChainLimits {
  btcStandard: BookLimits;
  ethStandard: BookLimits;
  btcDegen: BookLimits;
}

/** The two shipped markets; only BTC/USD has the Degen mode. */
export function markets(limits: ChainLimits): readonly MarketProfile[] {
  const btc = [book("standard", 100, limits.btcStandard), book("degen", 100, limits.btcDegen)];
  return [
    { name: "BTC/USD", assetKey: "BTC", books: btc },
    { name: "ETH/USD", assetKey: "ETH", books: [book("standard", 200, limits.ethStandard)] },
  ];
}

/** Shared by both chains; `maxReferenceSpreadPips` is our choice, the rest is fixed by the specification. */
export const ORACLE_DEFAULTS: Omit<OracleProfile, "minAnchors" | "referenceQuorums"> = {
  maxReferenceSpreadPips: 20_000,
  maxConfidencePips: 10_000,
  clampBandPips: 10_000,
  maxTriggerAgeSeconds: 3,
  maxLiquidationAgeSeconds: 30,
  maxLiquidationAfterCloseAgeSeconds: 60,
  maxMintAgeSeconds: 5,
};

export const EXECUTION_DEFAULTS = {
  executionWindowSeconds: 30,
  minDeadlineSeconds: 15,
  liquidationRewardPips: 50_000,
  minLiquidationRewardUsd: usd(0.2),
  maxLiquidationRewardUsd: usd(50),
} as const;

export const VAULT_DEFAULTS: Omit<VaultProfile, "tradingCeilings" | "shareFloorUsd"> = {
  maxUtilizationPips: 800_000,
  mintFeePips: 2_500,
  mintFeeTaxPips: 500,
  cooldownSeconds: 48 * 3600,
};

const MAJOR_PERIODS = [
  { periodSeconds: 300, payoutPips: 770_000 },
  { periodSeconds: 900, payoutPips: 800_000 },
  { periodSeconds: 1800, payoutPips: 820_000 },
] as const;

const OTHER_PERIODS = [
  { periodSeconds: 1800, payoutPips: 720_000 },
  { periodSeconds: 3600, payoutPips: 770_000 },
] as const;

const PREDICTION_MARKETS = [
  { name: "BTC/USD", assetKey: "BTC", periods: MAJOR_PERIODS },
  { name: "ETH/USD", assetKey: "ETH", periods: MAJOR_PERIODS },
  { name: "BNB/USD", assetKey: "BNB", periods: OTHER_PERIODS },
] as const;

/** Up to 5,000 dollars a bet. The least is twenty times one execution fee or more: what is left is a stake worth striking. */
export function dollarStakes(symbol: string, decimals: number, least: number, maxOpenStake: number): StakeTokenProfile {
  return {
    symbol,
    minStake: tokens(least, decimals),
    maxStake: tokens(5_000, decimals),
    maxOpenStake: tokens(maxOpenStake, decimals),
    ceiling: tokens(10 * maxOpenStake, decimals),
  };
}

/** Stakes in the wrapped native coin of 18 decimals; the least is given in thousandths. */
export function nativeStakes(symbol: string, least: number, most: number, maxOpenStake: number): StakeTokenProfile {
  return {
    symbol,
    minStake: tokens(least, 15),
    maxStake: tokens(most, 18),
    maxOpenStake: tokens(maxOpenStake, 18),
    ceiling: tokens(10 * maxOpenStake, 18),
  };
}

/** Bounds and caps of stakes are our choice. A fair coin leaves the house 9 to 14% of a stake. */
export function prediction(stakeTokens: readonly StakeTokenProfile[]): PredictionProfile {
  return {
    executionDelaySeconds: 3,
    markets: PREDICTION_MARKETS,
    stakeTokens,
    maxStrikeConfidencePips: 3_000,
    maxStrikeDeviationPips: 10_000,
  };
}
