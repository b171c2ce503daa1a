// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {BookConfigWord, BookId, BookSide, BookState, Mode, SideBounds, SideTotals} from "../../types/Book.sol";
import {Price} from "../../types/Units.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingState} from "../TradingState.sol";

/// @title ValuationLogic
/// @notice What the open positions are worth to the LPs.
/// @dev Linked to Trading and run on its storage. Loops over the books with open interest, never over positions; no trade
/// passes here.
library ValuationLogic {
    using BookLib for Book;
    using BookLib for BookSide;

    /// @notice What books are worth, USD with 18 decimals; see `IProduct.lpPnl`.
    struct Sums {
        int256 lowUsd;
        int256 highUsd;
        uint256 dueUsd;
    }

    /// @notice What both sides of a book are valued with.
    /// @param lowPrice 0: there is no valid price.
    /// @param lossRatePercent No position of the book is liquidated at a smaller loss.
    struct Terms {
        Price lowPrice;
        Price highPrice;
        uint256 lossRatePercent;
        bool isMarginFixed;
    }

    /// @notice See `IProduct.exposedAssets`.
    function exposedAssets(TradingState storage store) external view returns (uint256 assetMask) {
        for (uint256 rest = store.exposedBooks; rest != 0; rest &= rest - 1) {
            // No id of a market's asset is above 255.
            assetMask |= 1 << store.books[BookId.wrap(AssetMask.lowest(rest))].configOf().assetId();
        }
    }

    /// @notice See `IProduct.lpPnl`.
    /// @param clock Of the breaker, now.
    function lpPnl(
        TradingState storage store,
        uint256 clock,
        uint256 assetMask,
        uint256[] calldata rangeWords
    ) external view returns (int256 lowUsd, int256 highUsd, uint256 dueUsd) {
        Sums memory sums;
        for (uint256 rest = store.exposedBooks; rest != 0; rest &= rest - 1) {
            BookId bookId = BookId.wrap(AssetMask.lowest(rest));
            Book storage book = store.books[bookId];
            BookConfigWord config = book.configOf();
            Terms memory terms;
            (terms.lowPrice, terms.highPrice) = _pricesOf(config.assetId(), assetMask, rangeWords);
            terms.lossRatePercent = config.leastLossRatePercent();
            terms.isMarginFixed = bookId.mode() == Mode.Degen;
            BookState memory state = book.accrued(config, clock);
            _addSide(sums, book.long, true, state.longIndex, terms);
            _addSide(sums, book.short, false, state.shortIndex, terms);
        }
        return (sums.lowUsd, sums.highUsd, sums.dueUsd);
    }

    function _addSide(
        Sums memory sums,
        BookSide storage side,
        bool isLong,
        int256 index,
        Terms memory terms
    ) private view {
        SideTotals totals = side.totals();
        if (totals.size() == 0) return;
        SideBounds bounds = side.boundsOf();
        (int256 worst, int256 best) = BookLib.lpBounds(totals, bounds);
        (int256 low, int256 high) = (worst, best);
        if (!terms.lowPrice.isZero()) {
            (low, high) = BookLib.lpPnl(totals, bounds, isLong, index, terms.lowPrice, terms.highPrice);
            sums.dueUsd += BookLib.dueUsd(high, best, terms.lossRatePercent, terms.isMarginFixed);
        }
        unchecked {
            // At most 512 sides of at most 94 bits, see `BookLib.lpBounds`.
            sums.lowUsd += BookLib.held(low, worst, best);
            sums.highUsd += BookLib.held(high, worst, best);
        }
    }

    /// @dev Both ends of a price; 0 where it is not valid, or the asset not among those given.
    function _pricesOf(
        uint16 assetId,
        uint256 assetMask,
        uint256[] calldata rangeWords
    ) private pure returns (Price low, Price high) {
        if (assetMask & (1 << assetId) == 0) return (low, high);
        uint256 word = rangeWords[AssetMask.placeOf(assetMask, assetId)];
        if (PackedPrice.isRangeValid(word)) {
            (low, high) = (Price.wrap(PackedPrice.lowOf(word)), Price.wrap(PackedPrice.highOf(word)));
        }
    }
}
