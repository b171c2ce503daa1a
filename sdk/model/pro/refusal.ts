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
  | "OrderExpired"
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
  | "TipTooHigh"
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
  | "Deficit"
  | "SameSide"
  | "SameOwner"
  | "LossNotDue"
  | "SettlingNotDue"
  // Triggers.
  | "NoTick"
  | "TickTooEarly"
  | "TicksNotInOrder"
  | "ActivationNotReached"
  | "PriceNotReached"
  | "CallbackOutOfRange"
  | "BoundOutOfRange";

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

/** A call that did nothing but renew the record of a distress. */
export interface Skipped {
  readonly kind: "skipped";
  readonly reason: Reason;
}

/** Does the rest of a keeper's call: where that is refused, what the call noted before stays. */
export function keeping<S extends object, T>(state: S, rest: () => T): T | Skipped {
  const before = structuredClone(state);
  try {
    return rest();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    Object.assign(state, before);
    return { kind: "skipped", reason: error.reason };
  }
}
