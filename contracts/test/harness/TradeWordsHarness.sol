// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, BookLib, Contribution} from "../../trading/BookLib.sol";
import {
    BookConfig,
    BookConfigWord,
    BookSide,
    BookState,
    MarginToken,
    MarginTokenWord,
    OpenConfig,
    OpenConfigWord,
    SideTotals,
    Terms,
    Tier,
    TierWordFields
} from "../../types/Book.sol";
import {Close, CloseWord, CloseWordFields} from "../../types/Close.sol";
import {Timestamp, now32} from "../../types/Timestamp.sol";
import {
    Order,
    OrderBody,
    OrderBodyFields,
    OrderHead,
    OrderHeadFields,
    OrderTriggers,
    OrderTriggersFields,
    Position,
    PositionBody,
    PositionBodyFields,
    PositionHead,
    PositionTriggers,
    TradeState
} from "../../types/Trade.sol";

/// @title The word types beside the compiler's structs
/// @notice `read…`: the compiler writes the struct, the words are read. `write…`: the words are written, the compiler reads.
contract TradeWordsHarness {
    using BookLib for Book;
    using BookLib for BookSide;

    Position private _position;
    Order private _order;
    Close private _close;
    MarginToken private _token;
    Book private _book;

    function readPosition(Position calldata value) external returns (Position memory got) {
        _position = value;
        (PositionHead head, PositionBody body, PositionTriggers triggers) = (
            _position.head(),
            _position.body(),
            _position.triggers()
        );
        (got.owner, got.bookId, got.tokenId, got.state) = (head.owner(), head.bookId(), head.tokenId(), head.state());
        (got.openedAt, got.stopLossSetAt) = (head.openedAt(), head.stopLossSetAt());
        (got.margin, got.size, got.entry) = (body.margin(), body.size(), body.entry());
        (got.takeProfit, got.stopLoss, got.carryIndex) = (
            triggers.takeProfit(),
            triggers.stopLoss(),
            triggers.carryIndex()
        );
        (got.leverage, got.termsId) = (triggers.leverage(), triggers.termsId());
        got.takeProfitSetAt = triggers.takeProfitSetAt();
    }

    function readOrder(Order calldata value) external returns (Order memory got) {
        _order = value;
        (OrderHead head, OrderBody body, OrderTriggers triggers) = _orderWords();
        (got.owner, got.bookId, got.tokenId, got.state) = (head.owner(), head.bookId(), head.tokenId(), head.state());
        (got.requestedAt, got.expiry) = (head.requestedAt(), head.expiry());
        (got.amount, got.price, got.broker) = (body.amount(), body.price(), body.broker());
        got.cancelledAt = body.cancelledAt();
        (got.takeProfit, got.stopLoss, got.leverage) = (
            triggers.takeProfit(),
            triggers.stopLoss(),
            triggers.leverage()
        );
    }

    function writeOrder(Order calldata value) external returns (Order memory) {
        Position storage record = _orderRecord();
        record.place(
            OrderHeadFields.pack(
                value.owner,
                value.bookId,
                value.tokenId,
                value.state,
                value.requestedAt,
                value.expiry
            ),
            OrderBodyFields.pack(value.amount, value.price, value.broker),
            OrderTriggersFields.pack(value.takeProfit, value.stopLoss, value.leverage)
        );
        return _order;
    }

    /// @dev An order with the same owner, book, token, prices and leverage becomes the position.
    function writePosition(Position calldata value) external returns (Position memory) {
        OrderHead head = OrderHeadFields.pack(
            value.owner,
            value.bookId,
            value.tokenId,
            TradeState.wrap(255),
            Timestamp.wrap(1),
            Timestamp.wrap(2)
        );
        OrderTriggers triggers = OrderTriggersFields.pack(value.takeProfit, value.stopLoss, value.leverage);
        _position.open(
            head.opened(value.state, value.openedAt, value.stopLossSetAt),
            PositionBodyFields.pack(value.margin, value.size, value.entry),
            triggers.opened(value.carryIndex, value.termsId, value.takeProfitSetAt)
        );
        return _position;
    }

    function clearPosition(Position calldata value) external returns (Position memory) {
        _position = value;
        _position.clear();
        return _position;
    }

    function readClose(Close calldata value) external returns (Close memory) {
        _close = value;
        CloseWord word = _close.word();
        return Close(word.boundOrArmer(), word.target(), word.expiry(), word.former(), word.kind());
    }

    function writeClose(Close calldata value) external returns (Close memory) {
        _close.setWord(CloseWordFields.packed(value));
        return _close;
    }

    function readToken(MarginToken calldata value) external returns (MarginToken memory) {
        _token = value;
        MarginTokenWord word = _token.word();
        return MarginToken(word.token(), word.assetId(), word.tokenId(), word.decimals(), word.isEnabled());
    }

    function readConfig(BookConfig calldata value) external returns (BookConfig memory got) {
        _book.config = value;
        BookConfigWord word = _book.configOf();
        (got.assetId, got.status, got.maxLeverage) = (word.assetId(), word.status(), word.maxLeverage());
        (got.tierCount, got.slippageModel, got.slippagePips) = (
            word.tierCount(),
            word.slippageModel(),
            word.slippagePips()
        );
        (got.alpSharePips, got.borrowPipsPerHour) = (word.alpSharePips(), word.borrowPipsPerHour());
        got.fundingPipsPerHour = word.fundingPipsPerHour();
        got.minFundingPipsPerHour = word.minFundingPipsPerHour();
        got.maxFundingPipsPerHour = word.maxFundingPipsPerHour();
        (got.lossBudgetUsd, got.onePercentDepthUsd) = (word.lossBudgetUsd(), word.onePercentDepthUsd());
        got.leastLossRatePercent = word.leastLossRatePercent();
    }

    function readOpenConfig(OpenConfig calldata value) external returns (OpenConfig memory got) {
        _book.openConfig = value;
        OpenConfigWord word = _book.openConfigOf();
        (got.openFeePips, got.maxOpenInterestUsd) = (word.openFeePips(), word.maxOpenInterestUsd());
        (got.minNotionalUsd, got.minMarginUsd) = (word.minNotionalUsd(), word.minMarginUsd());
        (got.maxConfidencePips, got.maxDeviationPips) = (word.maxConfidencePips(), word.maxDeviationPips());
        (got.minAnchors, got.reduceOnlyUntil) = (word.minAnchors(), word.reduceOnlyUntil());
    }

    function readTerms(Terms calldata value, uint8 termsId) external returns (Terms memory) {
        _book.terms[termsId] = value;
        return _book.termsOf(termsId).unpack();
    }

    function packTier(Tier calldata value) external pure returns (Tier memory) {
        return TierWordFields.pack(value).unpack();
    }

    function writeState(BookState calldata value) external returns (BookState memory) {
        _book.storeState(value);
        return _book.state;
    }

    /// @dev At the time of the state itself nothing accrues: what comes back is what was read.
    function readState(BookState calldata value) external returns (BookState memory) {
        _book.state = value;
        _book.state.accruedAt = now32();
        return _book.accrued(BookConfigWord.wrap(0), block.timestamp);
    }

    function readSide(BookSide calldata value) external returns (uint96, uint96, uint64) {
        _book.short = value;
        SideTotals totals = _book.sideOf(false).totals();
        return (totals.size(), totals.notional(), totals.marginNano());
    }

    /// @dev Adds a part and takes it away again; both sums as the compiler reads them.
    function addAndSub(
        BookSide calldata value,
        Contribution calldata part
    ) external returns (BookSide memory added, BookSide memory left) {
        _book.long = value;
        BookSide storage side = _book.sideOf(true);
        side.add(side.totals(), part);
        added = _book.long;
        side.sub(side.totals(), part);
        left = _book.long;
    }

    function _orderWords() private view returns (OrderHead, OrderBody, OrderTriggers) {
        Position storage record = _orderRecord();
        return (record.orderHead(), record.orderBody(), record.orderTriggers());
    }

    function _orderRecord() private view returns (Position storage record) {
        Order storage stored = _order;
        assembly ("memory-safe") {
            record.slot := stored.slot
        }
    }
}
