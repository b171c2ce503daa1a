// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    BookConfig,
    BookSide,
    BookState,
    Close,
    Extra,
    MarginToken,
    Mode,
    OpenConfig,
    Order,
    Outcome,
    Position,
    Reason,
    Terms,
    Tier,
    TradeStatus
} from "../types/TradeTypes.sol";
import {Price, Size} from "../types/Units.sol";
import {IProduct} from "./IProduct.sol";

/// @notice An order to open.
/// @param owner Whose trade it becomes; the caller pays.
/// @param bookId Market and mode: 2 · marketId, plus 1 for Degen.
/// @param isLong Side.
/// @param leverage Whole number: 1 to 500 in Standard, 500 to 1001 in Degen, at most the book's.
/// @param token Margin token.
/// @param amount Paid in, in token units: margin, open fee and execution fee.
/// @param acceptablePrice Worst fill price, slippage included, 10 decimals; 0: any.
/// @param takeProfit 10 decimals; 0: where the profit cap is reached.
/// @param stopLoss 10 decimals; 0: none.
/// @param deadline Last block time at which it may be filled, at least 15 s after the target; it may lapse earlier.
/// @param broker Broker id; 0: none.
/// @param asNative Pay out in the native coin; only with the wrapped native coin as margin.
struct OpenRequest {
    address owner;
    uint16 bookId;
    bool isLong;
    uint16 leverage;
    address token;
    uint96 amount;
    Price acceptablePrice;
    Price takeProfit;
    Price stopLoss;
    uint40 deadline;
    uint32 broker;
    bool asNative;
}

/// @title Trading: Standard and Degen positions against the vault
/// @notice Orders and closes are requested in one transaction and filled in a later one, by anybody who proves the first
/// Pyth tick at or after request time + executionDelay. So nobody chooses a price.
/// @dev A trade is one three-slot record, first an order, then a position. Ids are dense and never used again.
/// What cannot be filled is either refused (final: what the order, its tick or the capacity decides) or skipped (it stays
/// pending: what the moment decides); neither reverts.
interface ITrading is IProduct {
    /// @notice A market order was placed, at the time of the block.
    /// @param amount What arrived, in token units.
    /// @param acceptablePrice Worst fill price; 0: any.
    /// @param takeProfit 0: where the profit cap is reached.
    /// @param stopLoss 0: none.
    /// @param state Status and flags, see `TradeState`: bit 2 long, bit 3 paid out in the native coin.
    /// @param broker 0: none.
    /// @param expiry Last block time at which it can be filled.
    event OrderPlaced(
        uint256 indexed id,
        address indexed owner,
        uint16 indexed bookId,
        address token,
        uint256 amount,
        Price acceptablePrice,
        Price takeProfit,
        Price stopLoss,
        uint16 leverage,
        uint8 state,
        uint32 broker,
        uint32 expiry
    );
    /// @notice An order was refused; `refund` went back to its owner and `executionFee` to the executor, in token units.
    event OrderRefused(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Reason reason,
        uint256 refund,
        uint256 executionFee
    );
    /// @notice An expired order was refunded in full.
    event OrderCancelled(uint256 indexed id, address indexed owner, uint256 refund);
    /// @notice An order was filled: with its `OrderPlaced` and the time of the block, all that its `Position` holds.
    /// @param tick Price that filled it, without slippage.
    /// @param openedAt Publish time of that tick.
    /// @param margin In token units, as the fees.
    event TradeOpened(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price tick,
        uint32 openedAt,
        Price entry,
        Size size,
        uint256 margin,
        uint256 openFee,
        uint256 executionFee,
        int72 carryIndex,
        uint8 termsId
    );
    /// @notice The owner asked for a close.
    event CloseRequested(
        uint256 indexed id,
        address indexed owner,
        Price acceptablePrice,
        uint32 target,
        uint32 expiry
    );
    /// @notice A close was refused; the position is as it was.
    event CloseRefused(uint256 indexed id, address indexed executor, Reason reason);
    /// @notice A tick reached the stop of a position: a market close without a bound was placed.
    event StopArmed(uint256 indexed id, address indexed armer, Price tick, uint32 target, uint32 expiry);
    /// @notice Whoever armed the stop was paid out of the payout of `TradeClosed`, in token units.
    event ArmerPaid(uint256 indexed id, address indexed armer, uint256 fee);
    /// @notice A position was closed. USD with 18 decimals, the rest in token units.
    event TradeClosed(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price exit,
        int256 pnlUsd,
        int256 carryOwedUsd,
        uint256 closeFee,
        uint256 executionFee,
        uint256 payout
    );
    /// @notice A position was liquidated. Token units.
    event TradeLiquidated(
        uint256 indexed id,
        address indexed owner,
        address indexed liquidator,
        Price tick,
        uint256 reward,
        uint256 toVault,
        uint256 badDebt
    );
    /// @notice A book was configured.
    event BookConfigured(uint16 indexed bookId, BookConfig config);
    /// @notice The openings of a book were configured.
    event OpenConfigured(uint16 indexed bookId, OpenConfig config);
    /// @notice The tiers of a book were set.
    event TiersSet(uint16 indexed bookId, Tier[] tiers);
    /// @notice A margin token was listed, enabled or disabled.
    event MarginTokenSet(address indexed token, MarginToken config);

    error Trading_ZeroAddress();
    error Trading_OnlyConfigurator(address caller);
    error Trading_OnlyVault(address caller);
    error Trading_BreakerRaised(uint8 level);
    error Trading_BookNotActive(uint16 bookId);
    error Trading_LeverageOutOfRange(uint256 leverage, uint256 min, uint256 max);
    error Trading_TokenNotAccepted(address token);
    error Trading_NotWrappedNative(address token);
    error Trading_DeadlineTooEarly(uint256 deadline, uint256 earliest);
    error Trading_AmountTooLarge(uint256 amount, uint256 max);
    error Trading_NotOwner(uint256 id, address caller);
    error Trading_NotOpen(uint256 id);
    error Trading_NotAnOrder(uint256 id);
    error Trading_NotExpired(uint256 id, uint256 expiry);
    error Trading_CloseIsPending(uint256 id, uint256 expiry);
    error Trading_DelayTooShort(uint256 executionDelay, uint256 min);
    error Trading_TermsExhausted(uint16 bookId);
    error Trading_TooManyTokens(uint256 max);
    error Trading_MidCall();

    /// @notice Places a market order. It fills at the first tick at or after now + executionDelay.
    /// @dev The caller pays, by an allowance to this contract. Requirements: breaker at 0, book active, leverage offered,
    /// token accepted, deadline no earlier than the target + 15 s. Emits `OrderPlaced`.
    /// @return id Of the trade.
    function requestOpen(OpenRequest calldata request) external returns (uint256 id);

    /// @notice Asks to close a position at the first tick at or after now + executionDelay.
    /// @dev Requirements: breaker at 2 or below, the caller owns the position, no other close of it is pending.
    /// @param acceptablePrice Worst fill price, slippage included, 10 decimals; 0: any.
    /// @param deadline Last block time at which it may be filled; at least the target + 15 s.
    function requestClose(uint256 id, Price acceptablePrice, uint40 deadline) external;

    /// @notice Refunds an expired order in full to its owner. Open to anyone, at every breaker level.
    function cancelExpired(uint256 id) external;

    /// @notice Fills the order or the close that is pending under `id`, with a tick that the caller has proven in this
    /// transaction. Where no close is pending, a tick at most 3 s old takes the profit of a position, exactly at its price
    /// and then slippage, or arms its stop: a market close of now, filled like any other.
    /// @dev Never reverts for anything that the oracle, the order or the moment decides.
    /// @param id Of the trade.
    /// @param tickIndex Number of the tick among those that the caller had the price aggregator prove.
    /// @param executor Is credited the execution fee.
    function execute(uint256 id, uint256 tickIndex, address executor) external returns (Outcome, Reason);

    /// @notice Liquidates a position at a tick that the caller has proven in this transaction: strictly newer than the
    /// opening tick, at most 30 s old (60 s if a close had shielded it), crossing the liquidation price.
    /// @param liquidator Is credited the reward.
    function liquidate(uint256 id, uint256 tickIndex, address liquidator) external returns (Outcome, Reason);

    /// @notice Sets a book's common configuration; tier count and largest leverage stay those of its tiers. Only the
    /// configurator, which checks the bounds.
    function setBookConfig(uint16 bookId, BookConfig calldata config) external;

    /// @notice Sets a book's configuration of openings. Only the configurator, which checks the bounds.
    function setOpenConfig(uint16 bookId, OpenConfig calldata config) external;

    /// @notice Sets a book's tiers; `termsId` is ignored and allotted here. Only the configurator, which checks them.
    function setTiers(uint16 bookId, Tier[] calldata tiers) external;

    /// @notice Lists, enables or disables a margin token. Only the configurator.
    function setMarginToken(address token, uint16 assetId, bool isEnabled) external;

    /// @notice State of a trade; None if it never was or has ended.
    function statusOf(uint256 id) external view returns (TradeStatus);

    /// @notice The order under `id`; meaningless unless `statusOf` says that it is one.
    function order(uint256 id) external view returns (Order memory);

    /// @notice The position under `id`; meaningless unless `statusOf` says Open.
    function position(uint256 id) external view returns (Position memory);

    /// @notice The pending or last tried close of a position.
    function closeOf(uint256 id) external view returns (Close memory);

    /// @notice Margin added to a position, and its broker.
    function extraOf(uint256 id) external view returns (Extra memory);

    /// @notice Id that the next trade gets; the first is 1.
    function nextTradeId() external view returns (uint256);

    /// @notice Running numbers of a book, brought to now.
    function bookState(uint16 bookId) external view returns (BookState memory);

    /// @notice Sums of one side of a book.
    function bookSide(uint16 bookId, bool isLong) external view returns (BookSide memory);

    /// @notice Configuration of a book.
    function bookConfig(uint16 bookId) external view returns (BookConfig memory, OpenConfig memory);

    /// @notice Tiers of a book.
    function tiers(uint16 bookId) external view returns (Tier[] memory);

    /// @notice Terms that a position of a book keeps.
    function terms(uint16 bookId, uint8 termsId) external view returns (Terms memory);

    /// @notice A margin token.
    function marginToken(address token) external view returns (MarginToken memory);

    /// @notice A margin token by its number in trade records.
    function marginTokenById(uint8 tokenId) external view returns (MarginToken memory);

    /// @notice Seconds between a request and the earliest tick that can fill it.
    function executionDelay(Mode mode) external view returns (uint256);

    /// @notice Seconds after the target in which an order or a close can be filled.
    function executionWindow() external view returns (uint256);

    /// @notice Paid per executed order or close, USD with 18 decimals.
    function executionFeeUsd() external view returns (uint256);
}
