import type { AssetKey, BookProfile, Mode } from "../profiles";
import { assetIdOf } from "./oracle";

const MODE: Readonly<Record<Mode, number>> = { standard: 0, degen: 1 };

/** `BookStatus` and `SlippageModel` of the contracts. */
const ACTIVE = 1;
const FIXED = 0;

const ONE_USD = 10n ** 18n;

/** The number of a book in the contracts. */
export function bookIdOf(marketId: number, mode: Mode): number {
  return 2 * marketId + MODE[mode];
}

/** Dollars with 18 decimals as the whole dollars that the configuration counts in. */
export function wholeUsd(amount: bigint): bigint {
  if (amount % ONE_USD !== 0n) throw new Error(`${amount.toString()} is not a whole number of dollars`);
  return amount / ONE_USD;
}

/** A book of a profile as `listBook` takes it: `BookConfig`, `OpenConfig` and `Tier[]`. */
export function bookArguments(assetKey: AssetKey, book: BookProfile, minAnchors: number) {
  const config = {
    assetId: assetIdOf(assetKey),
    status: ACTIVE,
    maxLeverage: book.maxLeverage,
    tierCount: book.tiers.length,
    slippageModel: FIXED,
    slippagePips: book.slippagePips,
    alpSharePips: book.alpFeeSharePips,
    borrowPipsPerHour: book.borrowRatePipsPerHour,
    fundingPipsPerHour: book.fundingFactorPipsPerHour,
    minFundingPipsPerHour: book.minFundingPipsPerHour,
    maxFundingPipsPerHour: book.maxFundingPipsPerHour,
    lossBudgetUsd: wholeUsd(book.lossBudgetUsd),
    onePercentDepthUsd: 0,
    leastLossRatePercent: 0,
  };
  const openConfig = {
    openFeePips: book.openFeePips,
    maxOpenInterestUsd: wholeUsd(book.maxOpenInterestUsd),
    minNotionalUsd: wholeUsd(book.minNotionalUsd),
    minMarginUsd: wholeUsd(book.minMarginUsd),
    maxConfidencePips: book.maxOpenConfidencePips,
    maxDeviationPips: book.maxOpenDeviationPips,
    minAnchors,
    reduceOnlyUntil: 0,
  };
  const tiers = book.tiers.map((tier) => ({
    maxLeverage: tier.maxLeverage,
    maxNotionalUsd: wholeUsd(tier.maxNotionalUsd),
    termsId: 0,
    terms: {
      liquidationLossRatePips: tier.liquidationLossRatePips,
      profitCapPips: tier.profitCapPips,
      closeFeePips: book.closeFeePips,
      profitSharePips: book.closeFeeProfitSharePips,
      maxExitSlippagePips: tier.maxExitSlippagePips,
    },
  }));
  return { config, openConfig, tiers };
}
