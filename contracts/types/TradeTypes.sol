// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price, Size} from "./Units.sol";

/// @notice The two ways to trade a market. A book is a market in one mode: `bookId = 2 · marketId + mode`.
enum Mode {
    Standard,
    Degen
}

/// @notice State of a trade. A trade that ended is deleted; its id is never used again.
/// @dev None: never placed, or ended. MarketOrder: waits for its one tick. LimitOrder: rests. Open: a position.
enum TradeStatus {
    None,
    MarketOrder,
    LimitOrder,
    Open
}

/// @notice What a book accepts.
/// @dev Unlisted: nothing ever traded. ReduceOnly: no openings. Closed: as ReduceOnly, and no open interest is left.
enum BookStatus {
    Unlisted,
    Active,
    ReduceOnly,
    Closed
}

/// @notice How the slippage of a fill grows with open interest.
enum SlippageModel {
    Fixed,
    Depth,
    Skew
}

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
    TokenNotEnabled
}

/// @notice A trade that is not filled yet. Shares its three slots with `Position`.
/// @param owner Who placed it; refunds and payouts go here.
/// @param bookId Market and mode.
/// @param tokenId Margin token.
/// @param state Status and flags, see `TradeState`.
/// @param requestedAt Block time of the request.
/// @param expiry Last block time at which it can be filled.
/// @param amount Paid in, in token units; execution and open fee come out of it.
/// @param price Worst acceptable fill price (0: any), or the limit of a limit order.
/// @param broker Broker id; 0: none.
/// @param cancelledAt Block time at which the cancellation of a resting limit was asked for; 0: it was not.
/// @param takeProfit Price of the take profit; 0: where the profit cap is reached.
/// @param stopLoss Price of the stop; 0: none.
/// @param leverage Whole number.
struct Order {
    // slot 0
    address owner;
    uint16 bookId;
    uint8 tokenId;
    uint8 state;
    uint32 requestedAt;
    uint32 expiry;
    // slot 1
    uint96 amount;
    Price price;
    uint32 broker;
    uint32 cancelledAt;
    // slot 2
    Price takeProfit;
    Price stopLoss;
    uint16 leverage;
}

/// @notice An open trade. Margin, size and entry are fixed for its life, but for margin added and parts closed.
/// @param owner Who may close it; payouts go here.
/// @param bookId Market and mode.
/// @param tokenId Margin token.
/// @param state Status and flags, see `TradeState`.
/// @param openedAt Publish time of the tick that filled it: only later ticks can liquidate it.
/// @param stopLossSetAt Block time of the last change of the stop.
/// @param margin Initial margin, in token units.
/// @param size Base asset, 8 decimals.
/// @param entry Entry price.
/// @param takeProfit Price of the take profit; 0: where the profit cap is reached.
/// @param stopLoss Price of the stop; 0: none.
/// @param carryIndex Carry index of its side at opening, 18 decimals. 72 bits carry 2361 times the notional.
/// @param leverage At opening.
/// @param termsId Which terms of its book it keeps.
/// @param takeProfitSetAt Block time of the last change of the take profit.
struct Position {
    // slot 0
    address owner;
    uint16 bookId;
    uint8 tokenId;
    uint8 state;
    uint32 openedAt;
    uint32 stopLossSetAt;
    // slot 1
    uint96 margin;
    Size size;
    Price entry;
    // slot 2
    Price takeProfit;
    Price stopLoss;
    int72 carryIndex;
    uint16 leverage;
    uint8 termsId;
    uint32 takeProfitSetAt;
}

/// @notice What few trades have, kept apart from the record.
/// @param addedMargin Margin added after opening, in token units.
/// @param broker Broker id of the trade.
struct TradeExtra {
    uint128 addedMargin;
    uint32 broker;
}

/// @notice How a close came about.
/// @dev Refused: it is over; kept because ticks that it had shielded from stay valid for a liquidation a little longer.
enum CloseKind {
    None,
    Requested,
    ArmedStop,
    Refused
}

/// @notice The one close of a position that is pending or was last tried. One slot.
/// @param boundOrArmer Requested: worst acceptable price in the low 64 bits (0: any), and in the 96 above them the size to close
/// (0: all of it). Armed: who armed it.
/// @param target It fills at the first tick at or after this time.
/// @param expiry Last block time at which it can be filled.
/// @param shieldedFor Seconds before `target` from which ticks were shielded by this and the closes before it.
/// @param kind How it came about.
struct Close {
    uint160 boundOrArmer;
    uint32 target;
    uint32 expiry;
    uint24 shieldedFor;
    CloseKind kind;
}

/// @notice Terms of a position, fixed at its opening.
/// @param liquidationLossRatePips Share of the margin lost at which it is liquidated.
/// @param profitCapPips Largest gain, as a share of the initial margin.
/// @param closeFeePips Least close fee, as a share of the close notional.
/// @param profitSharePips Close fee as a share of the profit, if that is more.
struct Terms {
    uint24 liquidationLossRatePips;
    uint24 profitCapPips;
    uint24 closeFeePips;
    uint24 profitSharePips;
}

/// @notice A tier of a book: a position belongs to the first whose maxLeverage is not below its own. One slot.
/// @param maxLeverage Largest leverage of the tier.
/// @param maxNotionalUsd Largest notional, in whole USD.
/// @param termsId Where the terms are kept in the book's append-only list.
/// @param terms What a position opened now gets.
struct Tier {
    uint16 maxLeverage;
    uint40 maxNotionalUsd;
    uint8 termsId;
    Terms terms;
}

/// @notice Configuration of a book that openings and closes read. One slot.
/// @param assetId Oracle asset of the market.
/// @param status What it accepts.
/// @param maxLeverage Of its last tier.
/// @param tierCount Number of tiers.
/// @param slippageModel How slippage grows.
/// @param slippagePips Fixed, and least, slippage.
/// @param alpSharePips Share of every open and close fee that stays with the LPs.
/// @param borrowPipsPerHour Both sides owe it to the vault.
/// @param fundingPipsPerHour The heavier side owes it to the lighter at full skew.
/// @param minFundingPipsPerHour Least funding rate, where there is any skew.
/// @param maxFundingPipsPerHour Largest funding rate.
/// @param lossBudgetUsd Loss of the vault in a rolling hour after which nothing opens, whole USD.
/// @param onePercentDepthUsd Notional that moves the market by 1%, whole USD; for the depth and skew models.
struct BookConfig {
    uint16 assetId;
    BookStatus status;
    uint16 maxLeverage;
    uint8 tierCount;
    SlippageModel slippageModel;
    uint24 slippagePips;
    uint24 alpSharePips;
    uint16 borrowPipsPerHour;
    uint16 fundingPipsPerHour;
    uint16 minFundingPipsPerHour;
    uint16 maxFundingPipsPerHour;
    uint32 lossBudgetUsd;
    uint48 onePercentDepthUsd;
}

/// @notice Configuration of a book that only openings read. One slot.
/// @param openFeePips Of the notional, out of the amount paid in.
/// @param maxOpenInterestUsd Largest entry notional per side, whole USD.
/// @param minNotionalUsd Least notional of a position, whole USD.
/// @param minMarginUsd Least margin of a position, whole USD.
/// @param maxConfidencePips Widest confidence of the tick of an opening.
/// @param maxDeviationPips Largest deviation of that tick from each fresh anchor.
/// @param minAnchors Least number of fresh anchors of an opening.
/// @param reduceOnlyUntil End of the news window.
struct OpenConfig {
    uint24 openFeePips;
    uint40 maxOpenInterestUsd;
    uint32 minNotionalUsd;
    uint16 minMarginUsd;
    uint24 maxConfidencePips;
    uint24 maxDeviationPips;
    uint8 minAnchors;
    uint40 reduceOnlyUntil;
}

/// @notice Exact sums over the open positions of one side of a book. Two slots.
/// @param size Σ size.
/// @param notional Σ entry notional, USD with 18 decimals: the side's open interest.
/// @param marginNano Σ margin at opening, USD with 9 decimals, each rounded down.
/// @param carryAtEntry Σ of each position's own notional · index at opening, USD with 18 decimals, each rounded down.
/// @param capNano Σ largest gain at opening, USD with 9 decimals, each rounded up.
struct BookSide {
    // slot 0
    uint96 size;
    uint96 notional;
    uint64 marginNano;
    // slot 1
    int128 carryAtEntry;
    uint64 capNano;
}

/// @notice Running numbers of a book. One slot.
/// @param longIndex Carry owed by the long side per notional since the beginning, 18 decimals.
/// @param shortIndex Same of the short side.
/// @param accruedAt Up to when the indices and the loss are brought.
/// @param lossNano Realised loss of the vault within the rolling hour, USD with 9 decimals.
struct BookState {
    int72 longIndex;
    int72 shortIndex;
    uint32 accruedAt;
    uint72 lossNano;
}

/// @notice A token that margins may be paid in. One slot.
/// @param token The token.
/// @param assetId Its oracle asset.
/// @param tokenId Its number in trade records; starts at 1.
/// @param decimals Of the token.
/// @param isEnabled New positions may use it.
struct MarginToken {
    address token;
    uint16 assetId;
    uint8 tokenId;
    uint8 decimals;
    bool isEnabled;
}
