// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, BookLib, Contribution} from "../../trading/BookLib.sol";
import {
    BookConfig,
    BookConfigWord,
    BookSide,
    BookState,
    MarginToken,
    OpenConfig,
    OpenConfigWord,
    OpenConfigWordFields,
    SideTotals,
    Terms,
    Tier,
    TierWordFields
} from "../../types/Book.sol";
import {Close, CloseWordFields} from "../../types/Close.sol";
import {Timestamp, now32} from "../../types/Timestamp.sol";
import {
    Order,
    OrderBodyFields,
    OrderHead,
    OrderHeadFields,
    OrderTriggers,
    OrderTriggersFields,
    Position,
    PositionBodyFields,
    TradeState,
    unpackOrder,
    unpackPosition
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

    function readPosition(Position calldata value) external returns (Position memory) {
        _position = value;
        return unpackPosition(_position.head(), _position.body(), _position.triggers());
    }

    function readOrder(Order calldata value) external returns (Order memory) {
        _order = value;
        Position storage record = _orderRecord();
        return unpackOrder(record.orderHead(), record.orderBody(), record.orderTriggers());
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
        return _close.word().unpack();
    }

    function writeClose(Close calldata value) external returns (Close memory) {
        _close.setWord(CloseWordFields.packed(value));
        return _close;
    }

    function readToken(MarginToken calldata value) external returns (MarginToken memory) {
        _token = value;
        return _token.word().unpack();
    }

    function readConfig(BookConfig calldata value) external returns (BookConfig memory) {
        _book.config = value;
        return _book.configOf().unpack();
    }

    function readOpenConfig(OpenConfig calldata value) external returns (OpenConfig memory) {
        _book.openConfig = value;
        return _book.openConfigOf().unpack();
    }

    /// @dev The configuration as it was packed, with tiers, set anew, and the tier of each leverage then.
    function tiersOf(
        OpenConfig calldata value,
        Tier[] calldata tiers,
        uint256[] calldata leverages
    ) external pure returns (OpenConfig memory config, uint256[] memory tierIndices) {
        OpenConfigWord word = OpenConfigWordFields.pack(value);
        word = word.withTiersOf(OpenConfigWordFields.pack(value).withTiers(tiers));
        tierIndices = new uint256[](leverages.length);
        for (uint256 i = 0; i < leverages.length; ++i) tierIndices[i] = word.tierIndexOf(leverages[i]);
        config = word.unpack();
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

    function _orderRecord() private view returns (Position storage record) {
        Order storage stored = _order;
        assembly ("memory-safe") {
            record.slot := stored.slot
        }
    }
}
