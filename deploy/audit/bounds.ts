/** Least and most of what governance can set, as the contracts have it in code; by what an audit calls a setting. */
const BOUNDS: readonly (readonly [pattern: RegExp, min: bigint, max: bigint])[] = [
  // Vault and AlpManager.
  [/^Vault\.ledger\(.*\)\.maxUtilizationPips$/, 1n, 950_000n],
  [/^AlpManager\.fees\./, 0n, 10_000n],
  [/^AlpManager\.shareFloorUsd$/, 0n, 100_000_000n],
  [/^AlpManager\.assets\[\d+\]\.(weightPips|maxSharePips)$/, 0n, 1_000_000n],
  [/^BrokerRegistry\.broker\(.*\)\.sharePips$/, 0n, 500_000n],
  // PriceSources.
  [/^PriceAggregator\.asset\(.*\)\.quorum$/, 0n, 3n],
  [/^PriceAggregator\.asset\(.*\)\.maxSpreadPips$/, 0n, 100_000n],
  [/^PriceAggregator\.source\(.*\)\.config\.maxAgeSeconds$/, 1n, 172_800n],
  // TradingBounds.
  [/^TradingRecords\.bookConfig\(.*\)\.openFeePips$/, 0n, 10_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.alpSharePips$/, 0n, 1_000_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.slippagePips$/, 0n, 10_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.borrowPipsPerHour$/, 0n, 100n],
  [/^TradingRecords\.bookConfig\(.*\)\.(fundingPipsPerHour|minFundingPipsPerHour|maxFundingPipsPerHour)$/, 0n, 1_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.maxOpenInterestUsd$/, 0n, 10n ** 9n],
  [/^TradingRecords\.bookConfig\(.*\)\.lossBudgetUsd$/, 1n, 10n ** 9n],
  [/^TradingRecords\.bookConfig\(.*\)\.minNotionalUsd$/, 10n, 100_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.minMarginUsd$/, 1n, 10_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.(maxConfidencePips|maxDeviationPips)$/, 1n, 100_000n],
  [/^TradingRecords\.bookConfig\(.*\)\.minAnchors$/, 1n, 3n],
  [/^TradingRecords\.tiers\(.*\)\.maxLeverage$/, 1n, 1_001n],
  [/^TradingRecords\.tiers\(.*\)\.liquidationLossRatePips$/, 500_000n, 950_000n],
  [/^TradingRecords\.tiers\(.*\)\.profitCapPips$/, 100_000n, 10_000_000n],
  // PredictionConfigurator.
  [/^Prediction\.market\(.*\)\.(maxConfidencePips|maxDeviationPips)$/, 1n, 100_000n],
  [/^Prediction\.market\(.*\)\.minAnchors$/, 1n, 3n],
  [/^Prediction\.period\(.*\)\.payoutPips$/, 0n, 950_000n],
  // ProBounds.
  [/^Pro\.market\(.*\)\.minAnchors$/, 1n, 8n],
  [/^Pro\.market\(.*\)\.maxDeviationPips$/, 1n, 30_000n],
  [/^Pro\.market\(.*\)\.bandPips$/, 1n, 50_000n],
  [/^Pro\.market\(.*\)\.(highLeverage|defaultLeverage)$/, 1n, 20n],
  [/^Pro\.market\([^)]*\)\.takerFeePips$/, 0n, 1_000n],
  [/^Pro\.market\([^)]*\)\.makerFeePips$/, 0n, 500n],
  [/^Pro\.market\([^)]*\)\.liquidationFeePips$/, 0n, 10_000n],
  [/^Pro\.market\([^)]*\)\.(fundingCapPips|interestPips)$/, 0n, 20_000n],
  [/^Pro\.market\([^)]*\)\.(maxOpenInterestUsd|tiers\[\d+\]\.capUsd)$/, 0n, 10n ** 10n],
  [/^Pro\.market\([^)]*\)\.leastRestingUsd$/, 10n, 10_000n],
  [/^Pro\.market\([^)]*\)\.tiers\[\d+\]\.maxLeverage$/, 1n, 200n],
  [/^Breaker\.level$/, 0n, 3n],
];

/** Inclusive; nothing for what has none but its type's. */
export function boundsOf(what: string): readonly [min: bigint, max: bigint] | undefined {
  const found = BOUNDS.find(([pattern]) => pattern.test(what));
  return found && [found[1], found[2]];
}
