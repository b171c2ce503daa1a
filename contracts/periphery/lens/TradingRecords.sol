// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITrading} from "../../interfaces/ITrading.sol";
import {ITradingRecords} from "../../interfaces/ITradingRecords.sol";
import {BookConfig, BookId, BookSide, BookState, MarginToken, OpenConfig, Terms, Tier} from "../../types/Book.sol";
import {Close} from "../../types/Close.sol";
import {Order, Position, TradeExtra} from "../../types/Trade.sol";
import {Code} from "../../utils/Code.sol";
import {TradingStateLib} from "../TradingStateLib.sol";

/// @title TradingRecords
/// @notice See `ITradingRecords`.
contract TradingRecords is ITradingRecords {
    using TradingStateLib for ITrading;

    /// @inheritdoc ITradingRecords
    ITrading public immutable override trading;

    constructor(ITrading trading_) {
        Code.requireContract(address(trading_));
        trading = trading_;
    }

    /// @inheritdoc ITradingRecords
    function order(uint256 id) external view override returns (Order memory) {
        return trading.order(id);
    }

    /// @inheritdoc ITradingRecords
    function position(uint256 id) external view override returns (Position memory) {
        return trading.position(id);
    }

    /// @inheritdoc ITradingRecords
    function closeOf(uint256 id) external view override returns (Close memory) {
        return trading.closeOf(id);
    }

    /// @inheritdoc ITradingRecords
    function extraOf(uint256 id) external view override returns (TradeExtra memory) {
        return trading.extraOf(id);
    }

    /// @inheritdoc ITradingRecords
    function bookState(BookId bookId) external view override returns (BookState memory) {
        return trading.bookState(bookId);
    }

    /// @inheritdoc ITradingRecords
    function bookSide(BookId bookId, bool isLong) external view override returns (BookSide memory) {
        return trading.bookSide(bookId, isLong);
    }

    /// @inheritdoc ITradingRecords
    function bookConfig(BookId bookId) external view override returns (BookConfig memory, OpenConfig memory) {
        return trading.bookConfig(bookId);
    }

    /// @inheritdoc ITradingRecords
    function tiers(BookId bookId) external view override returns (Tier[] memory) {
        return trading.tiers(bookId);
    }

    /// @inheritdoc ITradingRecords
    function terms(BookId bookId, uint8 termsId) external view override returns (Terms memory) {
        return trading.terms(bookId, termsId);
    }

    /// @inheritdoc ITradingRecords
    function marginToken(address token) external view override returns (MarginToken memory) {
        return trading.marginToken(token);
    }

    /// @inheritdoc ITradingRecords
    function marginTokenById(uint8 tokenId) external view override returns (MarginToken memory) {
        return trading.marginTokenById(tokenId);
    }
}
