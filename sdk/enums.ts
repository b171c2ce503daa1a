/** The contracts' enums by name, in their order. */

export const TradeStatus = ["None", "MarketOrder", "LimitOrder", "Open"] as const;

export const Outcome = ["Skipped", "Refused", "Opened", "Closed", "Liquidated", "Armed", "Reduced"] as const;

export const Reason = [
  "None",
  "NothingPending",
  "Expired",
  "NoTick",
  "TickOfOtherAsset",
  "TickNotFirst",
  "TickTooEarly",
  "TickTooOld",
  "TickNotNewer",
  "TickNotReached",
  "CancelBinds",
  "CloseIsPending",
  "NotLiquidatable",
  "BreakerRaised",
  "SequencerNotReady",
  "AnchorsNotFresh",
  "PriceDeviates",
  "TokenPriceMissing",
  "TokenPriceDisputed",
  "LiquidationGrace",
  "PriceBoundByClamp",
  "ConfidenceTooWide",
  "BookNotActive",
  "PriceBound",
  "NotionalTooSmall",
  "NotionalTooLarge",
  "MarginTooSmall",
  "LeverageNotOffered",
  "TakeProfitOutOfRange",
  "LiquidatableAtOpening",
  "OpenInterestFull",
  "ReserveFull",
  "LossBudgetSpent",
  "TokenNotEnabled",
  "GapTooWide",
] as const;

export function nameOf<T extends string>(names: readonly T[], value: bigint): T {
  const name = names[Number(value)];
  if (name === undefined) throw new Error(`no name for ${value.toString()} among ${names.join(", ")}`);
  return name;
}
