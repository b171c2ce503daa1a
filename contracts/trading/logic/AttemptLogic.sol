// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ANY_ASSET, ExecutionPreview, ItemPreview} from "../../interfaces/ITrading.sol";
import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {BookId, BookSide, BookState, SideTotals, StateWord, StateWordFields} from "../../types/Book.sol";
import {BreakerStatus} from "../../types/BreakerStatus.sol";
import {DueWord, DueWordFields} from "../../types/DueWord.sol";
import {PairWord, PairWordFields} from "../../types/PairWord.sol";
import {Position, PositionBody, PositionHead, PositionTriggers, TradeStatus} from "../../types/Trade.sol";
import {Price} from "../../types/Units.sol";
import {FreeMemory} from "../../utils/FreeMemory.sol";
import {AttemptPreviews} from "../AttemptPreviews.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {CloseContext, CloseRules} from "../rules/CloseRules.sol";
import {OpenContext, OpenRules} from "../rules/OpenRules.sol";
import {TradeChecks} from "../rules/TradeChecks.sol";
import {TradingBounds} from "../rules/TradingBounds.sol";

/// @notice What the trades of one search share: each price and each book is asked for once.
/// @param executor Who would execute.
/// @param ticks As given.
/// @param anchors By asset: fresh push sources, packed; 0: not asked for yet.
/// @param tokens By asset: price of a token, with its ends while it is disputed, as a packed range; 0: not asked for yet.
/// @param long By book: sums of the long side.
/// @param short By book: sums of the short side.
/// @param states By book: running numbers, brought to now, packed; 0: not loaded yet.
/// @param state Of the book of the trade at hand.
/// @param quote Of the tick and the token of the trade at hand.
/// @param quoteKey Which book and token that is, plus 1.
/// @param pairs What was learnt of books and tokens; each in the place of the remainder of its key.
/// @param scratch For a first look at a position.
/// @param isSequencerReady As the aggregator says.
/// @param breaker What the breaker lets happen, and its clock.
struct Search {
    address executor;
    Tick[] ticks;
    uint256[] anchors;
    uint256[] tokens;
    SideTotals[] long;
    SideTotals[] short;
    StateWord[] states;
    BookState state;
    Quote quote;
    uint256 quoteKey;
    PairWord[] pairs;
    CloseContext scratch;
    bool isSequencerReady;
    BreakerStatus breaker;
}

/// @title AttemptLogic
/// @notice Says what an attempt of a keeper would do.
/// @dev Linked to Trading and run on its storage. Asks `OpenRules` and `CloseRules` the questions that execution asks.
library AttemptLogic {
    using BookLib for Book;
    using BookLib for BookSide;

    /// @dev Books and tokens that a search remembers; of two in one place the later.
    uint32 private constant PAIRS = 61;

    /// @notice See `ITrading.previewItem`.
    function item(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        address executor,
        Quote calldata closeQuote,
        Quote calldata quote
    ) external view returns (ItemPreview memory preview) {
        CloseContext memory context;
        (context.id, context.executor, context.breaker) = (id, executor, setup.breaker.status());
        TradeStatus status = store.positions[id].status();
        if (status == TradeStatus.Open) {
            context.quote = closeQuote;
            CloseRules.load(store, context);
            AttemptPreviews.exit(store, setup, context, preview.execution);
            if (_isOver(preview)) return preview;
            CloseRules.goOn(setup, context, preview.execution.outcome);
        } else {
            OpenContext memory order;
            (order.quote, order.breaker) = (closeQuote, context.breaker);
            if (status == TradeStatus.None) preview.execution.reason = Reason.NothingPending;
            else AttemptPreviews.fill(store, setup, id, order, preview.execution);
            if (preview.execution.outcome != Outcome.Opened) {
                preview.liquidation.reason = Reason.NothingPending;
                return preview;
            }
            _open(order, context);
        }
        context.quote = quote;
        AttemptPreviews.liquidate(store, context, preview.liquidation);
    }

    /// @notice See `ITrading.previewDue`.
    function due(
        TradingState storage store,
        TradingSetup calldata setup,
        address executor,
        uint256[] calldata ids,
        Tick[] calldata ticks
    ) external view returns (DueWord[] memory words) {
        words = new DueWord[](ids.length);
        Search memory search;
        (search.executor, search.ticks, search.breaker) = (executor, ticks, setup.breaker.status());
        search.isSequencerReady = setup.aggregator.isSequencerReady();
        search.anchors = new uint256[](TradingBounds.MAX_ASSET_ID + 1);
        search.tokens = new uint256[](TradingBounds.MAX_ASSET_ID + 1);
        search.long = new SideTotals[](TradingBounds.MAX_BOOK_ID + 1);
        search.short = new SideTotals[](TradingBounds.MAX_BOOK_ID + 1);
        search.states = new StateWord[](TradingBounds.MAX_BOOK_ID + 1);
        search.pairs = new PairWord[](PAIRS);
        CloseContext memory scratch = search.scratch;
        (scratch.quote, scratch.dearToken) = (search.quote, scratch.token);
        for (uint256 i = 0; i < ids.length; ++i) words[i] = _dueOf(store, setup, search, ids[i]);
    }

    /// @dev As an item of a Liquidator with the tick of its asset for both. Most positions are idle: that is seen at a first look.
    function _dueOf(
        TradingState storage store,
        TradingSetup calldata setup,
        Search memory search,
        uint256 id
    ) private view returns (DueWord word) {
        // An order has its state, book and token where a position has its own.
        Position storage record = store.positions[id];
        PositionHead head = record.head();
        TradeStatus status = head.state().status();
        if (status == TradeStatus.None) return word;
        PairWord pair = _pairOf(store, setup, search, head);
        if (!pair.hasTick()) return word;
        bool isOpen = status == TradeStatus.Open;
        if (isOpen && (!pair.isPriced() || _isIdle(store, search, record, pair, id))) return word;
        uint256 mark = FreeMemory.mark();
        _quote(store, setup, search, head);
        if (isOpen) word = _exitOf(store, setup, search, id);
        else if (!_rests(search, record, status)) word = _fillOf(store, setup, search, id);
        FreeMemory.release(mark);
    }

    function _exitOf(
        TradingState storage store,
        TradingSetup calldata setup,
        Search memory search,
        uint256 id
    ) private view returns (DueWord) {
        ItemPreview memory preview;
        CloseContext memory context;
        (context.id, context.executor, context.breaker) = (id, search.executor, search.breaker);
        (context.quote, context.state) = (search.quote, search.state);
        CloseRules.load(store, context);
        BookId bookId = context.head.bookId();
        // Of the running numbers exits look at the indices.
        StateWord state = _stateOf(store, search, bookId);
        (search.state.longIndex, search.state.shortIndex) = (state.longIndex(), state.shortIndex());
        uint256 index = bookId.index();
        (context.same, context.other) = (search.long[index], search.short[index]);
        if (!context.isLong) (context.same, context.other) = (context.other, context.same);
        context.isBookLoaded = true;
        AttemptPreviews.exit(store, setup, context, preview.execution);
        if (!_isOver(preview)) {
            CloseRules.goOn(setup, context, preview.execution.outcome);
            AttemptPreviews.liquidate(store, context, preview.liquidation);
        }
        return _told(preview);
    }

    /// @dev An order that fills is not liquidated at its own tick.
    function _fillOf(
        TradingState storage store,
        TradingSetup calldata setup,
        Search memory search,
        uint256 id
    ) private view returns (DueWord) {
        ItemPreview memory preview;
        OpenContext memory context;
        (context.quote, context.breaker) = (search.quote, search.breaker);
        AttemptPreviews.fill(store, setup, id, context, preview.execution);
        return _told(preview);
    }

    /// @dev A limit that the tick itself has not reached: slippage only takes it further away.
    function _rests(Search memory search, Position storage record, TradeStatus status) private view returns (bool) {
        if (status != TradeStatus.LimitOrder) return false;
        bool isLong = record.orderHead().state().isLong();
        return !TradeChecks.isAcceptable(search.quote.tick.price, record.orderBody().price(), isLong);
    }

    /// @dev A first look at a position: three of its slots and its close tell whether there may be anything to do.
    function _isIdle(
        TradingState storage store,
        Search memory search,
        Position storage record,
        PairWord pair,
        uint256 id
    ) private view returns (bool) {
        if (store.closes[id].word().isLive()) return false;
        PositionHead head = record.head();
        CloseContext memory scratch = search.scratch;
        scratch.clamped = pair.clamped();
        (scratch.dearToken.price, scratch.dearToken.unit) = (pair.tokenPrice(), 10 ** pair.decimals());
        (PositionBody body, PositionTriggers triggers) = (record.body(), record.triggers());
        (scratch.body, scratch.triggers, scratch.isLong) = (body, triggers, head.state().isLong());
        scratch.leaving.size = body.size();
        BookId bookId = head.bookId();
        scratch.terms = store.books[bookId].termsOf(triggers.termsId());
        StateWord state = _stateOf(store, search, bookId);
        scratch.carryIndex = scratch.isLong ? state.longIndex() : state.shortIndex();
        return CloseRules.isIdle(scratch);
    }

    /// @dev Running numbers of a book, brought to now; with its sums, loaded once.
    function _stateOf(
        TradingState storage store,
        Search memory search,
        BookId bookId
    ) private view returns (StateWord word) {
        uint256 index = bookId.index();
        word = search.states[index];
        if (StateWord.unwrap(word) != 0) return word;
        Book storage book = store.books[bookId];
        (search.long[index], search.short[index]) = (book.sideOf(true).totals(), book.sideOf(false).totals());
        book.accrueInto(search.state, book.configOf(), search.breaker.clock());
        word = StateWordFields.pack(search.state);
        search.states[index] = word;
    }

    /// @dev What was learnt of the book and the token of a trade, or is now.
    function _pairOf(
        TradingState storage store,
        TradingSetup calldata setup,
        Search memory search,
        PositionHead head
    ) private view returns (PairWord pair) {
        uint32 key = _keyOf(head);
        pair = search.pairs[key % PAIRS];
        if (pair.key() == key) return pair;
        pair = PairWordFields.pack(key);
        if (_quote(store, setup, search, head)) pair = _priced(store, search, head, pair.withTick());
        search.pairs[key % PAIRS] = pair;
    }

    /// @dev With the prices of exits at the search's quote, if the moment lets anything out.
    function _priced(
        TradingState storage store,
        Search memory search,
        PositionHead head,
        PairWord pair
    ) private view returns (PairWord) {
        uint256 mark = FreeMemory.mark();
        CloseContext memory context;
        (context.quote, context.marginToken) = (search.quote, store.marginTokensById[head.tokenId()].word());
        if (CloseRules.priceExit(context)) {
            pair = pair.withExits(context.clamped, context.dearToken.price, context.marginToken.decimals());
        }
        FreeMemory.release(mark);
        return pair;
    }

    /// @dev What the aggregator would say of the first tick of a trade's market, and of its token, into the search's quote.
    /// @return hasTick Without one nothing can be done.
    function _quote(
        TradingState storage store,
        TradingSetup calldata setup,
        Search memory search,
        PositionHead head
    ) private view returns (bool hasTick) {
        uint256 key = _keyOf(head);
        if (search.quoteKey == key) return true;
        uint16 assetId = store.books[head.bookId()].configOf().assetId();
        uint256 index = 0;
        while (index < search.ticks.length && !_isOf(search.ticks[index], assetId)) ++index;
        if (index == search.ticks.length || search.ticks[index].publishTime == 0) return false;
        search.quoteKey = key;
        _quoteTick(search.ticks[index], assetId, search.quote.tick);
        if (search.anchors[assetId] == 0) {
            search.anchors[assetId] = PackedPrice.packPushPrice(setup.aggregator.pushPrice(assetId), false);
        }
        PackedPrice.unpackPushPrice(search.anchors[assetId], search.quote.anchors);
        _quoteToken(setup, search, store.marginTokensById[head.tokenId()].word().assetId());
        search.quote.isSequencerReady = search.isSequencerReady;
        return true;
    }

    function _quoteToken(TradingSetup calldata setup, Search memory search, uint16 assetId) private view {
        uint256 word = search.tokens[assetId];
        if (word == 0) {
            (Price mid, Price low, Price high) = setup.aggregator.tokenPrice(assetId);
            word = PackedPrice.packRange(Price.unwrap(low), Price.unwrap(mid), Price.unwrap(high), true);
            search.tokens[assetId] = word;
        }
        Quote memory quote = search.quote;
        quote.tokenPrice = Price.wrap(PackedPrice.midOf(word));
        quote.tokenLow = Price.wrap(PackedPrice.lowOf(word));
        quote.tokenHigh = Price.wrap(PackedPrice.highOf(word));
    }

    /// @dev The position that an order becomes which is filled now.
    function _open(OpenContext memory order, CloseContext memory context) private view {
        (context.head, context.body, context.triggers) = OpenRules.positionOf(order);
        (context.isLong, context.config, context.marginToken) = (order.isLong, order.config, order.marginToken);
        context.broker = order.order.broker();
        // The sums lack the position itself; a liquidation looks at carry only.
        (context.same, context.other, context.state) = (order.same, order.other, order.state);
        context.isBookLoaded = true;
        CloseRules.takeWhole(context);
    }

    /// @dev Whether the execution leaves nothing to liquidate.
    function _isOver(ItemPreview memory preview) private pure returns (bool isOver) {
        Outcome outcome = preview.execution.outcome;
        isOver = outcome == Outcome.Closed || outcome == Outcome.Liquidated;
        if (isOver) preview.liquidation.reason = Reason.NothingPending;
    }

    /// @dev The last that did something, and what both pay.
    function _told(ItemPreview memory preview) private pure returns (DueWord) {
        bool isLiquidation = preview.liquidation.outcome != Outcome.Skipped;
        ExecutionPreview memory told = isLiquidation ? preview.liquidation : preview.execution;
        if (told.outcome == Outcome.Skipped) return DueWord.wrap(0);
        uint256 pay = preview.execution.executorPay + preview.liquidation.executorPay;
        // Out of a margin of 96 bits and its gain, at most its profit cap of 24 bits of pips.
        return DueWordFields.pack(told.outcome, told.reason, isLiquidation, told.price, uint128(pay));
    }

    /// @dev An order has its book and token where a position has its own. Of 16 and 8 bits, and 1.
    function _keyOf(PositionHead head) private pure returns (uint32) {
        return uint32(((head.bookId().index() << 8) | head.tokenId()) + 1);
    }

    function _isOf(Tick memory tick, uint16 assetId) private pure returns (bool) {
        return tick.assetId == assetId || tick.assetId == ANY_ASSET;
    }

    function _quoteTick(Tick memory from, uint16 assetId, Tick memory tick) private pure {
        (tick.price, tick.confidence, tick.assetId) = (from.price, from.confidence, assetId);
        (tick.publishTime, tick.minPublishTime) = (from.publishTime, from.minPublishTime);
        tick.isUnique = from.isUnique;
    }
}
