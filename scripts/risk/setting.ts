/** What a run is played under: the shipped terms of a chain, and how the world around it behaves. */
import { PROFILES } from "../../deploy/profiles";
import type { BookProfile, ChainProfile, Mode } from "../../deploy/profiles";
import type { CarryRates, FeeKind } from "../../sdk/model";
import { pipsPerHourToX18PerSecond } from "../../sdk/model";
import type { ChainKey } from "../demo/options";
import type { AnchorTerms } from "./market/anchors";

export const MODES: readonly Mode[] = ["standard", "degen"];

export interface TierTerms {
  maxLeverage: number;
  maxNotionalUsd: bigint;
  llrPips: bigint;
  profitCapPips: bigint;
  maxExitSlippagePips: bigint;
}

/** A book of BTC/USD. USD amounts have 18 decimals. */
export interface BookTerms {
  mode: FeeKind;
  minLeverage: number;
  maxLeverage: number;
  openFeePips: bigint;
  closeFeePips: bigint;
  slippagePips: bigint;
  executionDelay: number;
  alpSharePips: bigint;
  maxConfidencePips: number;
  maxDeviationPips: bigint;
  capUsd: bigint;
  budgetUsd: bigint;
  rates: CarryRates;
  tiers: TierTerms[];
}

/** What a keeper proves: the tick that crossed the liquidation price, or the one of its own block. */
export type Proof = "crossing" | "latest";

export interface Setting {
  chain: ChainKey;
  /** What the LPs hold when a path begins, whole USD. */
  vaultUsd: number;
  maxUtilizationPips: bigint;
  executionFeeUsd: bigint;
  /** Of the margin token, which is a dollar. */
  decimals: number;
  books: Record<Mode, BookTerms>;
  /** Seconds from a tick that crosses a liquidation price to the block of its liquidation. */
  keeperDelay: number;
  proof: Proof;
  /** Seconds from the tick of an order or a trigger to its block. */
  orderDelay: number;
  /** The push feeds of BTC. */
  anchors: readonly AnchorTerms[];
  /** Factor on how often honest traders come. */
  flow: number;
  /** Share of the jumps that are known beforehand and played long and short. */
  newsShare: number;
  /** Seconds that snipers see ahead. */
  foresight: number;
}

/** The world as it is taken to be unless said otherwise. */
export const WORLD = { keeperDelay: 1, orderDelay: 1, flow: 1, newsShare: 0.25, foresight: 2 } as const;

/** What LPs hold on each chain unless said otherwise, whole USD. */
export const VAULT_USD: Readonly<Record<ChainKey, number>> = { bnb: 10_000_000, arbitrum: 2_000_000 };

/** Deviations that the operators state. */
const CHAINLINK_DEVIATION_PIPS: Readonly<Record<ChainKey, number>> = { bnb: 1_000, arbitrum: 500 };
const ATLAS_DEVIATION_PIPS = 10_000;

const MARGIN_TOKEN = "USDT";

/** The shipped terms. */
export function shippedSetting(chain: ChainKey): Setting {
  const profile = PROFILES.find(({ key }) => key === chain)!;
  const { books } = profile.markets.find(({ assetKey }) => assetKey === "BTC")!;
  const bookOf = (mode: Mode) => termsOf(books.find((book) => book.mode === mode)!);
  return {
    chain,
    vaultUsd: VAULT_USD[chain],
    maxUtilizationPips: BigInt(profile.vault.maxUtilizationPips),
    executionFeeUsd: profile.execution.executionFeeUsd,
    decimals: profile.tokens.find(({ symbol }) => symbol === MARGIN_TOKEN)!.decimals,
    books: { standard: bookOf("standard"), degen: bookOf("degen") },
    ...WORLD,
    proof: "crossing",
    anchors: anchorsOf(profile),
  };
}

function anchorsOf({ key, chainlink, binance }: ChainProfile): AnchorTerms[] {
  const [first, second] = [chainlink.BTC!, binance?.atlas.BTC];
  const anchors = [{ deviationPips: CHAINLINK_DEVIATION_PIPS[key], heartbeatSeconds: first.heartbeatSeconds }];
  if (second) anchors.push({ deviationPips: ATLAS_DEVIATION_PIPS, heartbeatSeconds: second.heartbeatSeconds });
  return anchors;
}

function termsOf(book: BookProfile): BookTerms {
  return {
    mode: book.mode,
    minLeverage: book.minLeverage,
    maxLeverage: book.maxLeverage,
    openFeePips: BigInt(book.openFeePips),
    closeFeePips: BigInt(book.closeFeePips),
    slippagePips: BigInt(book.slippagePips),
    executionDelay: book.executionDelaySeconds,
    alpSharePips: BigInt(book.alpFeeSharePips),
    maxConfidencePips: book.maxOpenConfidencePips,
    maxDeviationPips: BigInt(book.maxOpenDeviationPips),
    capUsd: book.maxOpenInterestUsd,
    budgetUsd: book.lossBudgetUsd,
    rates: {
      fundingFactorX18: pipsPerHourToX18PerSecond(BigInt(book.fundingFactorPipsPerHour)),
      minRateX18: pipsPerHourToX18PerSecond(BigInt(book.minFundingPipsPerHour)),
      maxRateX18: pipsPerHourToX18PerSecond(BigInt(book.maxFundingPipsPerHour)),
      borrowRateX18: pipsPerHourToX18PerSecond(BigInt(book.borrowRatePipsPerHour)),
    },
    tiers: book.tiers.map((tier) => ({
      maxLeverage: tier.maxLeverage,
      maxNotionalUsd: tier.maxNotionalUsd,
      llrPips: BigInt(tier.liquidationLossRatePips),
      profitCapPips: BigInt(tier.profitCapPips),
      maxExitSlippagePips: BigInt(tier.maxExitSlippagePips),
    })),
  };
}

/** The tier of a leverage: the first that reaches as far. */
export function tierOf(book: BookTerms, leverage: number): TierTerms {
  const tier = book.tiers.find(({ maxLeverage }) => leverage <= maxLeverage);
  if (tier === undefined) throw new RangeError(`${leverage}x is beyond the ${book.mode} book`);
  return tier;
}
