// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Outcome} from "../product/Outcome.sol";
import {BookId} from "../types/Book.sol";
import {Close} from "../types/Close.sol";
import {Timestamp} from "../types/Timestamp.sol";
import {Position, TradeExtra, TradeStatus} from "../types/Trade.sol";
import {Price, Size} from "../types/Units.sol";
import {ClosePreview, ITrading, OpenPreview, OpenRequest} from "./ITrading.sol";

/// @notice The close that is pending on a position; all zero where none is.
/// @param acceptablePrice Worst fill price, 10 decimals; 0: any.
/// @param size What it closes, base asset, 8 decimals: a part or the whole position.
/// @param target It fills at the first tick at or after this time.
/// @param expiry Last block time at which it can be filled.
/// @param armer Who armed the stop that it is; zero: the owner asked for it.
struct PendingClose {
    Price acceptablePrice;
    uint96 size;
    Timestamp target;
    Timestamp expiry;
    address armer;
}

/// @notice One trade in a list: an order or a position.
/// @param id Of the trade.
/// @param status What it is.
/// @param owner Whose it is.
/// @param bookId Market and mode.
/// @param token Margin token.
/// @param isLong Side.
/// @param leverage At opening, or as ordered.
/// @param since Block time of an order's request; publish time of the tick that opened a position.
/// @param expiry Last block time at which an order can be filled; 0 for a position.
/// @param amount Amount paid in with an order; initial margin of a position; in token units.
/// @param addedMargin Margin added to a position, in token units.
/// @param size Of a position, base asset, 8 decimals.
/// @param price Worst acceptable price or limit of an order, entry of a position, 10 decimals.
/// @param takeProfit 10 decimals; 0: where the profit cap is reached.
/// @param stopLoss 10 decimals; 0: none.
/// @param isLimit An order that rests.
/// @param asNative Paid out in the native coin.
/// @param broker Broker id; 0: none.
/// @param cancelledAt Block time at which the cancellation of a resting limit was asked for; 0: it was not.
/// @param cancellableFrom Block time from which on anyone may cancel an order; 0 for a position.
/// @param close The close that is pending on a position.
struct TradeRecord {
    uint256 id;
    TradeStatus status;
    address owner;
    BookId bookId;
    address token;
    bool isLong;
    uint16 leverage;
    Timestamp since;
    Timestamp expiry;
    uint96 amount;
    uint128 addedMargin;
    uint96 size;
    Price price;
    Price takeProfit;
    Price stopLoss;
    bool isLimit;
    bool asNative;
    uint32 broker;
    Timestamp cancelledAt;
    uint256 cancellableFrom;
    PendingClose close;
}

/// @notice What a position is worth at a price, with carry and the token's price as of now.
/// @param position Its record.
/// @param extra Margin added, and broker.
/// @param close The close that is pending or was last tried.
/// @param token Margin token.
/// @param tokenPrice USD per token, 10 decimals: the median of its fresh push sources.
/// @param isTokenPriceDisputed More than one source is fresh, and they are too far apart to be believed: nothing opens or
/// triggers, only the owner can execute a close, and a liquidation must be due at both ends.
/// @param tokenLow Lower end of a disputed price, else `tokenPrice`: what the owner would owe is converted at it.
/// @param tokenHigh Upper end of a disputed price, else `tokenPrice`: what he would be paid is converted at it.
/// @param price What it is valued at, 10 decimals, without slippage.
/// @param notionalUsd At entry, USD with 18 decimals.
/// @param marginUsd Margin with what was added, USD with 18 decimals, rounded down.
/// @param pnlUsd Signed, USD with 18 decimals; before carry and fees.
/// @param carryOwedUsd Signed, USD with 18 decimals, rounded up; positive: the trader owes.
/// @param liquidationPrice 10 decimals; where loss and carry reach the liquidation loss rate: with a margin in the market's own
/// asset at its price there, else at the token's price as it stands, of a disputed one at both ends. 0: no price liquidates
/// a long; the largest: none a short.
/// @param bankruptcyPrice 10 decimals; where they reach the margin, likewise.
/// @param capPrice 10 decimals; where the profit cap is reached: a take profit there, or none, is taken there whatever the
/// token's price.
/// @param isTokenPriceAssumed The two prices hold only as long as the token's price does: it is neither the market's own asset nor
/// within 5% of one dollar. Within that a token counts as a dollar, which hardly moves; which ones are meant to be no contract knows.
/// @param isLiquidatable At `price`, and at both ends.
struct PositionView {
    Position position;
    TradeExtra extra;
    Close close;
    address token;
    Price tokenPrice;
    bool isTokenPriceDisputed;
    Price tokenLow;
    Price tokenHigh;
    Price price;
    uint256 notionalUsd;
    uint256 marginUsd;
    int256 pnlUsd;
    int256 carryOwedUsd;
    Price liquidationPrice;
    Price bankruptcyPrice;
    Price capPrice;
    bool isTokenPriceAssumed;
    bool isLiquidatable;
}

/// @notice What an order would come to at a price, now.
/// @param preview Fill, fees, prices of liquidation and bankruptcy, and the reason why it would not be opened.
/// @param outcome Opened, Refused (final, the execution fee is due), or Skipped: it stays pending, a limit rests.
/// @param wouldFillNow Of a limit: the market has gone through it already.
struct OpeningView {
    OpenPreview preview;
    Outcome outcome;
    bool wouldFillNow;
}

/// @title Reading Trading
/// @notice What wallets and keepers show and look for. Changes nothing and is asked by no contract.
/// @dev Works for every Trading on the same PriceAggregator.
interface ITradingLens {
    /// @notice Nobody is the zero address.
    error TradingLens_ZeroAddress();
    /// @notice There is no open position under this id.
    error TradingLens_NotOpen(uint256 id);
    /// @notice No push source of the asset is fresh.
    error TradingLens_PriceMissing(uint16 assetId);

    /// @notice A position at the median of the fresh push sources of its market.
    /// @dev An estimate: what a close or a liquidation gets is the price of its tick.
    /// Requirements: it is open; the market and the margin token have a fresh push source.
    function position(ITrading trading, uint256 id) external view returns (PositionView memory);

    /// @notice A position at a price given, 10 decimals, without slippage.
    /// @dev Requirements: it is open; the margin token has a fresh push source.
    function positionAt(ITrading trading, uint256 id, Price price) external view returns (PositionView memory);

    /// @notice The orders and positions with ids from `from` up to, and without, `to`. Those that ended are left out.
    /// @dev Ids start at 1. `to` beyond the last id is cut to it.
    function scan(ITrading trading, uint256 from, uint256 to) external view returns (TradeRecord[] memory);

    /// @notice The orders and positions of one account, as `scan`, at most `max` of them.
    /// @return records In the order of their ids.
    /// @return next Id to go on from; `to`, or the id that the next trade gets, when all were looked at.
    function tradesOf(
        ITrading trading,
        address owner,
        uint256 from,
        uint256 to,
        uint256 max
    ) external view returns (TradeRecord[] memory records, uint256 next);

    /// @notice What an order would come to if it were filled now by a tick of this price and confidence, with the push prices
    /// and the sequencer as they are: the decisions and reasons are those of the execution.
    /// @dev What is wrong with the request itself (allowance, deadline, a limit's take profit) `requestOpen` and
    /// `requestLimit` say: call them statically. A token that is not listed has no price.
    /// @param price 10 decimals, without slippage.
    /// @param confidence Half-width of the tick's confidence interval, 10 decimals.
    function previewOpen(
        ITrading trading,
        OpenRequest calldata request,
        bool isLimit,
        Price price,
        uint64 confidence
    ) external view returns (OpeningView memory);

    /// @notice What a close of a position, executed now by somebody else with a tick of this price, would come to; by its owner
    /// while the price of its token is disputed.
    /// @dev Requirements: it is open; the market and the margin token have a fresh push source.
    /// @param size Of what is closed, base asset, 8 decimals; 0: all of it.
    /// @param price 10 decimals, without slippage.
    function closePreview(
        ITrading trading,
        uint256 id,
        Size size,
        Price price
    ) external view returns (ClosePreview memory);
}
