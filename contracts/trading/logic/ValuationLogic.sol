// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceRange} from "../../interfaces/IPriceAggregator.sol";
import {BookConfigWord, BookId, BookSide, BookState, SideBounds, SideTotals} from "../../types/Book.sol";
import {Price} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingState} from "../TradingState.sol";

/// @title What the open positions are worth to the LPs
/// @dev Linked to Trading and run on its storage. Loops over the books with open interest, never over positions; no trade
/// passes here.
library ValuationLogic {
    using BookLib for Book;
    using BookLib for BookSide;

    /// @notice See `IProduct.exposedAssets`.
    function exposedAssets(TradingState storage store) external view returns (uint16[] memory assetIds) {
        uint256 assets;
        uint256 count;
        for (uint256 rest = store.exposedBooks; rest != 0; rest &= rest - 1) {
            // Bit i stands for asset i: no id of a market is above 255.
            uint256 bit = 1 << store.books[BookId.wrap(_lowestBit(rest))].configOf().assetId();
            if (assets & bit != 0) continue;
            assets |= bit;
            ++count;
        }
        assetIds = new uint16[](count);
        for (uint256 i = 0; i < count; ++i) {
            assetIds[i] = _lowestBit(assets);
            assets &= assets - 1;
        }
    }

    /// @notice See `IProduct.lpPnl`.
    /// @param clock Of the breaker, now.
    function lpPnl(
        TradingState storage store,
        uint256 clock,
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) external view returns (int256 lowUsd, int256 highUsd) {
        for (uint256 rest = store.exposedBooks; rest != 0; rest &= rest - 1) {
            (int256 low, int256 high) = _bookLpPnl(store.books[BookId.wrap(_lowestBit(rest))], clock, assetIds, ranges);
            unchecked {
                // At most 512 sides of at most 94 bits, see `BookLib.lpBounds`.
                (lowUsd, highUsd) = (lowUsd + low, highUsd + high);
            }
        }
    }

    /// @notice See `ITrading.bookState`.
    /// @param clock Of the breaker, now.
    function bookState(
        TradingState storage store,
        uint256 clock,
        BookId bookId
    ) external view returns (BookState memory) {
        Book storage book = store.books[bookId];
        return book.accrued(book.configOf(), clock);
    }

    function _bookLpPnl(
        Book storage book,
        uint256 clock,
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) private view returns (int256 lowUsd, int256 highUsd) {
        BookConfigWord config = book.configOf();
        BookState memory state = book.accrued(config, clock);
        (Price lowPrice, Price highPrice) = _pricesOf(config.assetId(), assetIds, ranges);
        (lowUsd, highUsd) = _sideLpPnl(book.long, true, state.longIndex, lowPrice, highPrice);
        (int256 low, int256 high) = _sideLpPnl(book.short, false, state.shortIndex, lowPrice, highPrice);
        unchecked {
            // 94 bits each, see `BookLib.lpBounds`.
            (lowUsd, highUsd) = (lowUsd + low, highUsd + high);
        }
    }

    /// @param highPrice 0: there is no valid price.
    function _sideLpPnl(
        BookSide storage side,
        bool isLong,
        int256 index,
        Price lowPrice,
        Price highPrice
    ) private view returns (int256 low, int256 high) {
        SideTotals totals = side.totals();
        if (totals.size() == 0) return (0, 0);
        SideBounds bounds = side.boundsOf();
        if (highPrice.isZero()) return BookLib.lpBounds(totals, bounds);
        return BookLib.lpPnl(totals, bounds, isLong, index, lowPrice, highPrice);
    }

    /// @dev Both ends of a price; 0 where it is not valid, or the asset not among those given.
    function _pricesOf(
        uint16 assetId,
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) private pure returns (Price low, Price high) {
        for (uint256 i = 0; i < assetIds.length; ++i) {
            if (assetIds[i] != assetId) continue;
            PriceRange calldata range = ranges[i];
            if (range.isValid) (low, high) = (range.low, range.high);
            return (low, high);
        }
    }

    /// @dev Index of the lowest bit set, by bisection of the bit alone. Requirements: not 0.
    function _lowestBit(uint256 bits) private pure returns (uint16 index) {
        assembly ("memory-safe") {
            let bit := and(bits, sub(0, bits))
            index := shl(7, gt(bit, 0xffffffffffffffffffffffffffffffff))
            index := or(index, shl(6, gt(shr(index, bit), 0xffffffffffffffff)))
            index := or(index, shl(5, gt(shr(index, bit), 0xffffffff)))
            index := or(index, shl(4, gt(shr(index, bit), 0xffff)))
            index := or(index, shl(3, gt(shr(index, bit), 0xff)))
            index := or(index, shl(2, gt(shr(index, bit), 0xf)))
            index := or(index, shl(1, gt(shr(index, bit), 0x3)))
            index := or(index, gt(shr(index, bit), 0x1))
        }
    }
}
