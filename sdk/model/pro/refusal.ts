/** Why the exchange refuses what was asked. */
export type Reason =
  // The moment.
  | "MarketReduceOnly"
  | "MarketSettling"
  | "BreakerRaised"
  | "IndexMissing"
  | "IndexStale"
  | "IndexNotNarrow"
  | "SequencerNotReady"
  | "TickNotNewer"
  | "TickTooOld"
  | "ConfidenceTooWide"
  | "AnchorsNotFresh"
  // The order.
  | "OrderNotFound"
  | "OrderNotExpired"
  | "SizeNotLower"
  | "PriceMissing"
  | "SizeMissing"
  | "NotionalTooSmall"
  | "RestTooSmall"
  | "BeyondBand"
  | "BeyondMark"
  | "WouldFill"
  | "WouldNotFill"
  | "NoFillsAllowed"
  | "ExpiryPassed"
  | "SlotsFull"
  | "OrdersFull"
  | "MarketsFull"
  | "NothingToReduce"
  // Caps and gates.
  | "OpenInterestFull"
  | "PositionTooLarge"
  | "GuardTooHigh"
  | "HighLeverageFull"
  | "HighLeverageOpenInterest"
  | "LeverageOutOfRange"
  | "LeverageAboveTier"
  // The account.
  | "AccountUnknown"
  | "NotAllowed"
  | "ModeIsFixed"
  | "ModeIsOther"
  | "CashTooLow"
  | "MarginTooLow"
  | "BelowMaintenance"
  | "AmountMissing"
  | "NegativeScope"
  // Liquidation.
  | "NotLiquidatable"
  | "NotStretched"
  | "OrdersRest"
  | "PositionMissing"
  | "PositionNotDue"
  | "StepTooSoon"
  | "NothingFilled"
  | "DeleveragingNotOpen"
  | "ScoreTooLow"
  | "EntryBeyondBankruptcy"
  | "SameSide"
  | "SameOwner"
  | "LossNotDue"
  | "SettlingNotDue";

/** A call or an action that was refused; nothing of it is kept. */
export class Refusal extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** Refuses unless the condition holds. */
export function check(condition: boolean, reason: Reason): asserts condition {
  if (!condition) throw new Refusal(reason);
}
