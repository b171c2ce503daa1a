// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, BookLib, Contribution} from "../../trading/BookLib.sol";
import {BookConfig, BookSide, BookState} from "../../types/Book.sol";
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
        _book.accrue();
    }

    function recordVaultPnl(int256 pnlUsd) external {
        BookState memory state = _book.accrued(_book.configOf());
        state.recordVaultPnl(pnlUsd);
        _book.state = state;
    }

    function add(bool isLong, Contribution calldata part) external {
        _book.accrue();
        BookSide storage side_ = _side(isLong);
        side_.add(side_.totals(), part);
    }

    function sub(bool isLong, Contribution calldata part) external {
        _book.accrue();
        BookSide storage side_ = _side(isLong);
        side_.sub(side_.totals(), part);
    }

    function accrued() external view returns (BookState memory) {
        return _book.accrued(_book.configOf());
    }

    function side(bool isLong) external view returns (BookSide memory) {
        return _side(isLong);
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

    function lpPnl(
        BookSide memory side_,
        bool isLong,
        int256 indexNow,
        Price lowPrice,
        Price highPrice
    ) external pure returns (int256 low, int256 high) {
        return BookLib.lpPnl(PackWords.totals(side_), PackWords.bounds(side_), isLong, indexNow, lowPrice, highPrice);
    }

    function _side(bool isLong) private view returns (BookSide storage) {
        return isLong ? _book.long : _book.short;
    }
}
