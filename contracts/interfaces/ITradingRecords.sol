// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BookConfig, BookId, BookSide, BookState, MarginToken, OpenConfig, Terms, Tier} from "../types/Book.sol";
import {Close} from "../types/Close.sol";
import {Order, Position, TradeExtra} from "../types/Trade.sol";
import {ITrading} from "./ITrading.sol";

/// @title The records of Trading
/// @notice What one Trading stores of trades, books and margin tokens, as structs. Changes nothing and is asked by no
/// contract; other contracts read with `TradingStateLib`, in the same call.
interface ITradingRecords {
    /// @notice Whose records these are.
    function trading() external view returns (ITrading);

    /// @notice The order under `id`; meaningless unless `statusOf` says that it is one.
    function order(uint256 id) external view returns (Order memory);

    /// @notice The position under `id`; meaningless unless `statusOf` says Open.
    function position(uint256 id) external view returns (Position memory);

    /// @notice The pending or last tried close of a position.
    function closeOf(uint256 id) external view returns (Close memory);

    /// @notice Margin added to a position, and its broker.
    function extraOf(uint256 id) external view returns (TradeExtra memory);

    /// @notice Running numbers of a book, brought to now on the breaker's clock.
    function bookState(BookId bookId) external view returns (BookState memory);

    /// @notice Sums of one side of a book.
    function bookSide(BookId bookId, bool isLong) external view returns (BookSide memory);

    /// @notice Configuration of a book.
    function bookConfig(BookId bookId) external view returns (BookConfig memory, OpenConfig memory);

    /// @notice Tiers of a book.
    function tiers(BookId bookId) external view returns (Tier[] memory);

    /// @notice Terms that a position of a book keeps.
    function terms(BookId bookId, uint8 termsId) external view returns (Terms memory);

    /// @notice A margin token.
    function marginToken(address token) external view returns (MarginToken memory);

    /// @notice A margin token by its number in trade records.
    function marginTokenById(uint8 tokenId) external view returns (MarginToken memory);
}
