// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an attempt to execute or to liquidate did.
/// @dev Skipped: nothing; the order or position stays. Refused: the order is over and refunded, or the close request is
/// over and the position as it was. Reduced: a part of the position was closed.
enum Outcome {
    Skipped,
    Refused,
    Opened,
    Closed,
    Liquidated,
    Armed,
    Reduced
}

/// @notice Why an attempt was skipped or refused.
enum Reason {
    None,
    // Skipped: nothing to do, or not with this tick.
    NothingPending,
    Expired,
    NoTick,
    TickOfOtherAsset,
    TickNotFirst,
    TickTooEarly,
    TickTooOld,
    TickNotNewer,
    TickNotReached,
    CancelBinds,
    CloseIsPending,
    NotLiquidatable,
    // Skipped: what the moment decides.
    BreakerRaised,
    SequencerNotReady,
    AnchorsNotFresh,
    PriceDeviates,
    TokenPriceMissing,
    TokenPriceDisputed,
    LiquidationGrace,
    PriceBoundByClamp,
    // Refused: what the order, its tick or the capacity decides.
    ConfidenceTooWide,
    BookNotActive,
    PriceBound,
    NotionalTooSmall,
    NotionalTooLarge,
    MarginTooSmall,
    LeverageNotOffered,
    TakeProfitOutOfRange,
    LiquidatableAtOpening,
    OpenInterestFull,
    ReserveFull,
    LossBudgetSpent,
    TokenNotEnabled,
    // Skipped: a limit rests on.
    GapTooWide
}
