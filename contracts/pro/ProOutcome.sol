// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an attempt of a keeper's did.
/// @dev Skipped: nothing. Refreshed: a market has a newer index. Cancelled: orders were taken off the book. Reduced: a step
/// of a liquidation closed lots. Distressed: it closed fewer than it wanted and noted so. Deleveraged: lots were closed
/// against a winner. LossShared: the opposite side bore the rest of a deficit. Settled: positions were closed at the last
/// price. Triggered: a trigger entered the book and is done. PartlyTriggered: it filled in part, its rest waits on. Removed: a
/// trigger is gone unfilled, for good. Rolled: orders of a grid were placed or taken off. Ended: a grid is over.
enum ProOutcome {
    Skipped,
    Refreshed,
    Cancelled,
    Reduced,
    Distressed,
    Deleveraged,
    LossShared,
    Settled,
    Triggered,
    PartlyTriggered,
    Removed,
    Rolled,
    Ended
}

/// @notice Why an action or an attempt was refused or skipped.
enum ProReason {
    None,
    // The moment.
    MarketNotListed,
    MarketReduceOnly,
    MarketSettling,
    BreakerRaised,
    IndexMissing,
    IndexStale,
    IndexNotNarrow,
    SequencerNotReady,
    NoTick,
    TickOfOtherAsset,
    TickNotNewer,
    TickTooOld,
    ConfidenceTooWide,
    AnchorsNotFresh,
    // The order.
    OrderNotFound,
    OrderExpired,
    SizeNotLower,
    PriceMissing,
    SizeMissing,
    NotionalTooSmall,
    RestTooSmall,
    BeyondBand,
    BeyondMark,
    WouldFill,
    WouldNotFill,
    NoFillsAllowed,
    ExpiryPassed,
    SlotsFull,
    OrdersFull,
    MarketsFull,
    SumsFull,
    NothingToReduce,
    // Caps and gates.
    OpenInterestFull,
    PositionTooLarge,
    GuardTooHigh,
    HighLeverageFull,
    HighLeverageOpenInterest,
    LeverageOutOfRange,
    LeverageAboveTier,
    // The account.
    NotAllowed,
    ModeIsFixed,
    ModeIsOther,
    CashTooLow,
    MarginTooLow,
    BelowMaintenance,
    AmountMissing,
    ReceiverMissing,
    BrokerIsNamed,
    BrokerNotOffered,
    TipTooHigh,
    // Liquidation.
    NotLiquidatable,
    NotStretched,
    LiquidationGrace,
    OrdersRest,
    PositionMissing,
    PositionNotDue,
    StepTooSoon,
    NothingFilled,
    DeleveragingNotOpen,
    ScoreTooLow,
    EntryBeyondBankruptcy,
    SameSide,
    LossNotDue,
    SettlingNotDue,
    WouldLeaveDeficit,
    // Triggers.
    TriggerNotFound,
    TriggerExpired,
    TickTooEarly,
    TicksNotInOrder,
    ActivationNotReached,
    PriceNotReached,
    CallbackOutOfRange,
    BoundOutOfRange,
    // Grids.
    GridNotFound,
    NothingToRoll,
    StopReached,
    PositionMoved
}
