// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {PriceRange} from "../../interfaces/IPriceAggregator.sol";
import {Book, BookLib} from "../BookLib.sol";
import {BookConfigWord} from "../../types/BookWords.sol";
import {BookSide, BookState} from "../../types/TradeTypes.sol";
import {TradingStore} from "../../trading/TradingStore.sol";

/// @title What the open positions are worth to the LPs
/// @dev Linked to Trading and run on its storage. Loops over the books with open interest, never over positions; no trade passes here.
library ValuationLogic {
    using BookLib for Book;
    using BookLib for BookSide;

    /// @notice See `IProduct.exposedAssets`.
    function exposedAssets(TradingStore storage store) external view returns (uint16[] memory assetIds) {
        uint256 assets;
        uint256 count;
        for (uint256 rest = store.exposedBooks; rest != 0; rest &= rest - 1) {
            uint256 bit = 1 << store.books[_lowestBit(rest)].config.assetId;
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
    function lpPnl(
        TradingStore storage store,
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) external view returns (int256 lowUsd, int256 highUsd) {
        for (uint256 rest = store.exposedBooks; rest != 0; rest &= rest - 1) {
            Book storage book = store.books[_lowestBit(rest)];
            BookConfigWord config = book.configOf();
            BookState memory state = book.accrued(config);
            PriceRange memory range = _rangeOf(config.assetId(), assetIds, ranges);
            (int256 low, int256 high) = _sideLpPnl(book.long, true, state.longIndex, range);
            (lowUsd, highUsd) = (lowUsd + low, highUsd + high);
            (low, high) = _sideLpPnl(book.short, false, state.shortIndex, range);
            (lowUsd, highUsd) = (lowUsd + low, highUsd + high);
        }
    }

    /// @dev LPs are worst off against longs at the high price, against shorts at the low one.
    function _sideLpPnl(
        BookSide storage stored,
        bool isLong,
        int256 index,
        PriceRange memory range
    ) private view returns (int256 low, int256 high) {
        if (stored.size == 0) return (0, 0);
        BookSide memory side = stored;
        if (!range.isValid) return side.lpBounds();
        (uint256 worst, uint256 best) = isLong
            ? (range.high.raw(), range.low.raw())
            : (range.low.raw(), range.high.raw());
        low = side.lpPnl(isLong, index, worst);
        high = side.lpPnl(isLong, index, best);
    }

    /// @dev An asset that is not among those given has no valid price.
    function _rangeOf(
        uint16 assetId,
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) private pure returns (PriceRange memory range) {
        for (uint256 i = 0; i < assetIds.length; ++i) {
            if (assetIds[i] == assetId) return ranges[i];
        }
    }

    /// @dev Index of the lowest bit set: the logarithm of the bit alone.
    function _lowestBit(uint256 bits) private pure returns (uint16 index) {
        uint256 bit = bits & (~bits + 1);
        for (uint16 step = 128; step != 0; step >>= 1) {
            if (bit >> step == 0) continue;
            bit >>= step;
            index += step;
        }
    }
}
