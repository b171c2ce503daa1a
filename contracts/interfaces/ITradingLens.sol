// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Close, Extra, Position, TradeStatus} from "../types/TradeTypes.sol";
import {Price} from "../types/Units.sol";
import {ITrading} from "./ITrading.sol";

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
struct TradeRecord {
    uint256 id;
    TradeStatus status;
    address owner;
    uint16 bookId;
    address token;
    bool isLong;
    uint16 leverage;
    uint32 since;
    uint32 expiry;
    uint96 amount;
    uint128 addedMargin;
    uint96 size;
    Price price;
    Price takeProfit;
    Price stopLoss;
}

/// @notice What a position is worth at a price, with carry and the token's price as of now.
/// @param position Its record.
/// @param extra Margin added, and broker.
/// @param close The close that is pending or was last tried.
/// @param token Margin token.
/// @param tokenPrice USD per token, 10 decimals: the median of its fresh push sources.
/// @param price What it is valued at, 10 decimals, without slippage.
/// @param notionalUsd At entry, USD with 18 decimals.
/// @param marginUsd Margin with what was added, USD with 18 decimals, rounded down.
/// @param pnlUsd Signed, USD with 18 decimals; before carry and fees.
/// @param carryOwedUsd Signed, USD with 18 decimals, rounded up; positive: the trader owes.
/// @param liquidationPrice 10 decimals; where loss and carry reach the liquidation loss rate.
/// @param bankruptcyPrice 10 decimals; where they reach the margin.
/// @param isLiquidatable At `price`.
struct PositionView {
    Position position;
    Extra extra;
    Close close;
    address token;
    Price tokenPrice;
    Price price;
    uint256 notionalUsd;
    uint256 marginUsd;
    int256 pnlUsd;
    int256 carryOwedUsd;
    Price liquidationPrice;
    Price bankruptcyPrice;
    bool isLiquidatable;
}

/// @title Reading Trading
/// @notice What wallets and keepers show and look for. Changes nothing and is asked by no contract.
/// @dev Works for every Trading on the same PriceAggregator.
interface ITradingLens {
    error TradingLens_ZeroAddress();
    error TradingLens_NotOpen(uint256 id);
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
}
