// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an attempt of a keeper's did.
/// @dev Skipped: nothing. Refreshed: a market has a newer index. Cancelled: orders were taken off the book. Reduced: a step
/// of a liquidation closed lots. Distressed: it closed fewer than it wanted and noted so. Deleveraged: lots were closed
/// against a winner. LossShared: the opposite side bore the rest of a deficit. Settled: positions were closed at the last
/// price.
enum ProOutcome {
    Skipped,
    Refreshed,
    Cancelled,
    Reduced,
    Distressed,
    Deleveraged,
    LossShared,
    Settled
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
    WouldLeaveDeficit
}
