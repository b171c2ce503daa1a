// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITrading} from "../interfaces/ITrading.sol";
import {Book, BookLib} from "../trading/BookLib.sol";
import {TradingState} from "../trading/TradingState.sol";
import {
    BookConfig,
    BookConfigWord,
    BookId,
    BookSide,
    BookState,
    MarginToken,
    MarginTokenWord,
    MAX_TIERS,
    OpenConfig,
    OpenConfigWord,
    SideBounds,
    SideTotals,
    StateWord,
    Terms,
    TermsWord,
    Tier,
    TierWord,
    unpackSide
} from "../types/Book.sol";
import {Close, CloseWord} from "../types/Close.sol";
import {
    Order,
    OrderBody,
    OrderHead,
    OrderTriggers,
    Position,
    PositionBody,
    PositionHead,
    PositionTriggers,
    TradeExtra,
    TradeExtraWord,
    unpackOrder,
    unpackPosition
} from "../types/Trade.sol";

/// @title Reading the records of Trading from outside
/// @notice Off the core: Trading hands out words, this knows where each record lies and what it says. `using TradingStateLib
/// for ITrading` gives every function as one of Trading's.
/// @dev The slots are the compiler's: `TradingState` lies in Trading from slot 0 on.
library TradingStateLib {
    /// @notice The order under `id`; meaningless unless `statusOf` says that it is one.
    function order(ITrading trading, uint256 id) internal view returns (Order memory) {
        uint256[] memory words = _wordsOf(trading, _slotOf(id), 3);
        return unpackOrder(OrderHead.wrap(words[0]), OrderBody.wrap(words[1]), OrderTriggers.wrap(words[2]));
    }

    /// @notice The position under `id`; meaningless unless `statusOf` says Open.
    function position(ITrading trading, uint256 id) internal view returns (Position memory) {
        uint256[] memory words = _wordsOf(trading, _slotOf(id), 3);
        return
            unpackPosition(PositionHead.wrap(words[0]), PositionBody.wrap(words[1]), PositionTriggers.wrap(words[2]));
    }

    /// @notice The pending or last tried close of a position.
    function closeOf(ITrading trading, uint256 id) internal view returns (Close memory) {
        Close storage close = _state().closes[id];
        uint256 slot;
        assembly ("memory-safe") {
            slot := close.slot
        }
        return CloseWord.wrap(_wordOf(trading, slot)).unpack();
    }

    /// @notice Margin added to a position, and its broker.
    function extraOf(ITrading trading, uint256 id) internal view returns (TradeExtra memory) {
        TradeExtra storage extra = _state().extras[id];
        uint256 slot;
        assembly ("memory-safe") {
            slot := extra.slot
        }
        return TradeExtraWord.wrap(_wordOf(trading, slot)).unpack();
    }

    /// @notice Running numbers of a book, brought to now on the breaker's clock.
    function bookState(ITrading trading, BookId bookId) internal view returns (BookState memory state) {
        BookConfigWord config = _configOf(trading, bookId);
        BookState storage stored = _state().books[bookId].state;
        uint256 slot;
        assembly ("memory-safe") {
            slot := stored.slot
        }
        state = StateWord.wrap(_wordOf(trading, slot)).unpack();
        (SideTotals long, ) = _sideOf(trading, bookId, true);
        (SideTotals short, ) = _sideOf(trading, bookId, false);
        BookLib.advance(state, config, long, short, trading.breaker().clock());
    }

    /// @notice Sums of one side of a book.
    function bookSide(ITrading trading, BookId bookId, bool isLong) internal view returns (BookSide memory) {
        (SideTotals totals, SideBounds bounds) = _sideOf(trading, bookId, isLong);
        return unpackSide(totals, bounds);
    }

    /// @notice Configuration of a book.
    function bookConfig(
        ITrading trading,
        BookId bookId
    ) internal view returns (BookConfig memory config, OpenConfig memory openConfig) {
        OpenConfig storage stored = _state().books[bookId].openConfig;
        uint256 slot;
        assembly ("memory-safe") {
            slot := stored.slot
        }
        config = _configOf(trading, bookId).unpack();
        openConfig = OpenConfigWord.wrap(_wordOf(trading, slot)).unpack();
    }

    /// @notice Tiers of a book.
    function tiers(ITrading trading, BookId bookId) internal view returns (Tier[] memory list) {
        TierWord[MAX_TIERS] storage stored = _state().books[bookId].tiers;
        uint256 slot;
        assembly ("memory-safe") {
            slot := stored.slot
        }
        uint256[] memory words = _wordsOf(trading, slot, _configOf(trading, bookId).tierCount());
        list = new Tier[](words.length);
        for (uint256 i = 0; i < words.length; ++i) list[i] = TierWord.wrap(words[i]).unpack();
    }

    /// @notice Terms that a position of a book keeps.
    function terms(ITrading trading, BookId bookId, uint8 termsId) internal view returns (Terms memory) {
        Terms storage stored = _state().books[bookId].terms[termsId];
        uint256 slot;
        assembly ("memory-safe") {
            slot := stored.slot
        }
        return TermsWord.wrap(_wordOf(trading, slot)).unpack();
    }

    /// @notice A margin token.
    function marginToken(ITrading trading, address token) internal view returns (MarginToken memory) {
        return _tokenAt(trading, _state().marginTokens[token]);
    }

    /// @notice A margin token by its number in trade records.
    function marginTokenById(ITrading trading, uint8 tokenId) internal view returns (MarginToken memory) {
        return _tokenAt(trading, _state().marginTokensById[tokenId]);
    }

    function _tokenAt(ITrading trading, MarginToken storage stored) private view returns (MarginToken memory) {
        uint256 slot;
        assembly ("memory-safe") {
            slot := stored.slot
        }
        return MarginTokenWord.wrap(_wordOf(trading, slot)).unpack();
    }

    function _configOf(ITrading trading, BookId bookId) private view returns (BookConfigWord) {
        BookConfig storage stored = _state().books[bookId].config;
        uint256 slot;
        assembly ("memory-safe") {
            slot := stored.slot
        }
        return BookConfigWord.wrap(_wordOf(trading, slot));
    }

    function _sideOf(
        ITrading trading,
        BookId bookId,
        bool isLong
    ) private view returns (SideTotals totals, SideBounds bounds) {
        Book storage book = _state().books[bookId];
        BookSide storage side = isLong ? book.long : book.short;
        uint256 slot;
        assembly ("memory-safe") {
            slot := side.slot
        }
        uint256[] memory words = _wordsOf(trading, slot, 2);
        return (SideTotals.wrap(words[0]), SideBounds.wrap(words[1]));
    }

    /// @dev First slot of a trade.
    function _slotOf(uint256 id) private view returns (uint256 slot) {
        Position storage trade = _state().positions[id];
        assembly ("memory-safe") {
            slot := trade.slot
        }
    }

    function _wordOf(ITrading trading, uint256 slot) private view returns (uint256) {
        return _wordsOf(trading, slot, 1)[0];
    }

    /// @dev So many slots that follow each other.
    function _wordsOf(ITrading trading, uint256 slot, uint256 count) private view returns (uint256[] memory words) {
        bytes32[] memory slots = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) slots[i] = bytes32(slot + i);
        bytes32[] memory answer = trading.extsload(slots);
        // Two arrays of whole words are the same in memory.
        assembly ("memory-safe") {
            words := answer
        }
    }

    function _state() private pure returns (TradingState storage state) {
        assembly ("memory-safe") {
            state.slot := 0
        }
    }
}
