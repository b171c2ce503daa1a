/** The contracts' enums by name, in their order. */

export const TradeStatus = ["None", "MarketOrder", "LimitOrder", "Open"] as const;

/** How the close of a position came about. */
export const CloseKind = ["None", "Requested", "ArmedStop", "Refused"] as const;

/** What a book accepts. */
export const BookStatus = ["Unlisted", "Active", "ReduceOnly", "Closed"] as const;

export const SlippageModel = ["Fixed", "Depth", "Skew"] as const;

export const BetStatus = ["None", "Requested", "Struck"] as const;

/** What can be done about a bet now. */
export const BetAction = ["AwaitsStrike", "Strikeable", "AwaitsSettlement", "Settleable", "Returnable"] as const;

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

/** What an attempt of a keeper's in Pro did. */
export const ProOutcome = [
  "Skipped",
  "Refreshed",
  "Cancelled",
  "Reduced",
  "Distressed",
  "Deleveraged",
  "LossShared",
  "Settled",
  "Triggered",
  "PartlyTriggered",
  "Removed",
  "Rolled",
  "Ended",
] as const;

/** Why Pro refused or skipped. */
export const ProReason = [
  "None",
  "MarketNotListed",
  "MarketReduceOnly",
  "MarketSettling",
  "BreakerRaised",
  "IndexMissing",
  "IndexStale",
  "IndexNotNarrow",
  "SequencerNotReady",
  "NoTick",
  "TickOfOtherAsset",
  "TickNotNewer",
  "TickTooOld",
  "ConfidenceTooWide",
  "AnchorsNotFresh",
  "OrderNotFound",
  "OrderExpired",
  "SizeNotLower",
  "PriceMissing",
  "SizeMissing",
  "NotionalTooSmall",
  "RestTooSmall",
  "BeyondBand",
  "BeyondMark",
  "WouldFill",
  "WouldNotFill",
  "NoFillsAllowed",
  "ExpiryPassed",
  "SlotsFull",
  "OrdersFull",
  "MarketsFull",
  "SumsFull",
  "NothingToReduce",
  "OpenInterestFull",
  "PositionTooLarge",
  "GuardTooHigh",
  "HighLeverageFull",
  "HighLeverageOpenInterest",
  "LeverageOutOfRange",
  "LeverageAboveTier",
  "NotAllowed",
  "ModeIsFixed",
  "ModeIsOther",
  "CashTooLow",
  "MarginTooLow",
  "BelowMaintenance",
  "AmountMissing",
  "ReceiverMissing",
  "BrokerIsNamed",
  "BrokerNotOffered",
  "TipTooHigh",
  "NotLiquidatable",
  "NotStretched",
  "LiquidationGrace",
  "OrdersRest",
  "PositionMissing",
  "PositionNotDue",
  "StepTooSoon",
  "NothingFilled",
  "DeleveragingNotOpen",
  "ScoreTooLow",
  "EntryBeyondBankruptcy",
  "SameSide",
  "LossNotDue",
  "SettlingNotDue",
  "WouldLeaveDeficit",
  "TriggerNotFound",
  "TriggerExpired",
  "TickTooEarly",
  "TicksNotInOrder",
  "ActivationNotReached",
  "PriceNotReached",
  "CallbackOutOfRange",
  "BoundOutOfRange",
  "GridNotFound",
  "NothingToRoll",
  "StopReached",
  "PositionMoved",
] as const;

export function nameOf<T extends string>(names: readonly T[], value: bigint): T {
  const name = names[Number(value)];
  if (name === undefined) throw new Error(`no name for ${value.toString()} among ${names.join(", ")}`);
  return name;
}
