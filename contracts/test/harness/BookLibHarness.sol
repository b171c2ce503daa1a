// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, BookLib, Contribution} from "../../trading/BookLib.sol";
import {BookConfig, BookSide, BookState, SideBounds, SideTotals} from "../../types/Book.sol";
import {Price, Size} from "../../types/Units.sol";
import {PackWords} from "./PackWords.sol";

contract BookLibHarness {
    using BookLib for Book;
    using BookLib for BookSide;
    using BookLib for BookState;

    Book private _book;

    function setConfig(BookConfig calldata config) external {
        _book.config = config;
    }

    function accrue() external {
        _accrue();
    }

    function recordVaultPnl(int256 pnlUsd) external {
        BookState memory state = accrued();
        state.recordVaultPnl(_book.config.lossBudgetUsd, pnlUsd);
        _book.storeState(state);
    }

    /// @dev All at once, from nothing.
    function recordInOrder(int256[] calldata pnlsUsd) external {
        BookState memory state;
        for (uint256 i = 0; i < pnlsUsd.length; ++i) state.recordVaultPnl(_book.config.lossBudgetUsd, pnlsUsd[i]);
        _book.storeState(state);
    }

    function add(bool isLong, Contribution calldata part) external {
        _accrue();
        BookSide storage side_ = _side(isLong);
        side_.add(side_.totals(), part);
    }

    function sub(bool isLong, Contribution calldata part) external {
        _accrue();
        BookSide storage side_ = _side(isLong);
        side_.sub(side_.totals(), part);
    }

    function side(bool isLong) external view returns (BookSide memory) {
        return _side(isLong);
    }

    /// @dev As it is stored.
    function bookState() external view returns (BookState memory) {
        return _book.state;
    }

    function isEmpty() external view returns (bool) {
        return _book.long.size == 0 && _book.short.size == 0;
    }

    function openInterest(bool isLong) external view returns (uint256 same, uint256 other) {
        return (_side(isLong).totals().notional(), _side(!isLong).totals().notional());
    }

    function contributionOf(
        Size size,
        Price entry,
        uint256 leverage,
        int256 carryIndex,
        uint256 profitCapPips
    ) external pure returns (Contribution memory) {
        return BookLib.contributionOf(size, entry, leverage, carryIndex, profitCapPips);
    }

    function holdLoss(int72 lossNano, uint256 lossBudgetUsd) external pure returns (int72) {
        BookState memory state;
        state.lossNano = lossNano;
        state.holdLoss(lossBudgetUsd);
        return state.lossNano;
    }

    function lpPnl(
        BookSide memory side_,
        bool isLong,
        int256 indexNow,
        Price lowPrice,
        Price highPrice
    ) external pure returns (int256 low, int256 high) {
        (SideTotals sums, SideBounds bounds) = (PackWords.totals(side_), PackWords.bounds(side_));
        (low, high) = BookLib.lpPnl(sums, bounds, isLong, indexNow, lowPrice, highPrice);
        (int256 worst, int256 best) = BookLib.lpBounds(sums, bounds);
        (low, high) = (BookLib.held(low, worst, best), BookLib.held(high, worst, best));
    }

    function dueUsd(
        int256 loss,
        int256 margins,
        uint256 lossRatePercent,
        bool isMarginFixed
    ) external pure returns (uint256) {
        return BookLib.dueUsd(loss, margins, lossRatePercent, isMarginFixed);
    }

    function accrued() public view returns (BookState memory) {
        return _book.accrued(_book.configOf(), block.timestamp);
    }

    function _accrue() private {
        _book.storeState(accrued());
    }

    function _side(bool isLong) private view returns (BookSide storage) {
        return isLong ? _book.long : _book.short;
    }
}
