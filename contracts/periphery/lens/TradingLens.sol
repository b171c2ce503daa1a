// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {IPriceAggregator, PushPrice, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ITrading, OpenRequest} from "../../interfaces/ITrading.sol";
import {
    ClosePreview,
    ITradingLens,
    OpeningView,
    PendingClose,
    PositionView,
    TradeRecord
} from "../../interfaces/ITradingLens.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {CarryMath} from "../../trading/math/CarryMath.sol";
import {SlippageMath} from "../../trading/math/SlippageMath.sol";
import {CloseInput, CloseResult, TokenPrice, TradeMath} from "../../trading/math/TradeMath.sol";
import {OpenRules} from "../../trading/rules/OpenRules.sol";
import {TradeChecks} from "../../trading/rules/TradeChecks.sol";
import {BookConfig, BookConfigWordFields, BookId, BookState, MarginToken, Terms} from "../../types/Book.sol";
import {Close, CloseKind, CloseWord, CloseWordFields} from "../../types/Close.sol";
import {Order, Position, TradeExtra, TradeStatus} from "../../types/Trade.sol";
import {PIPS, Price, Size, valueOf} from "../../types/Units.sol";
import {Code} from "../../utils/Code.sol";
import {TradingStateLib} from "../TradingStateLib.sol";
import {TradeScan} from "./TradeScan.sol";

/// @title TradingLens
/// @notice See `ITradingLens`.
contract TradingLens is ITradingLens {
    using TradingStateLib for ITrading;

    IPriceAggregator public immutable aggregator;
    IBreaker public immutable breaker;

    constructor(address aggregator_, address breaker_) {
        Code.requireContract(aggregator_);
        Code.requireContract(breaker_);
        aggregator = IPriceAggregator(aggregator_);
        breaker = IBreaker(breaker_);
    }

    /// @inheritdoc ITradingLens
    function position(ITrading trading, uint256 id) external view override returns (PositionView memory) {
        Position memory record = _openPosition(trading, id);
        (BookConfig memory config, ) = trading.bookConfig(record.bookId);
        return _view(trading, id, record, _pushPrice(config.assetId).mid);
    }

    /// @inheritdoc ITradingLens
    function positionAt(
        ITrading trading,
        uint256 id,
        Price price
    ) external view override returns (PositionView memory) {
        return _view(trading, id, _openPosition(trading, id), price);
    }

    /// @inheritdoc ITradingLens
    function scan(ITrading trading, uint256 from, uint256 to) external view override returns (TradeRecord[] memory) {
        (uint256[] memory ids, ) = TradeScan.live(trading, address(0), from, to, type(uint256).max);
        return _recordsOf(trading, ids);
    }

    /// @inheritdoc ITradingLens
    function tradesOf(
        ITrading trading,
        address owner,
        uint256 from,
        uint256 to,
        uint256 max
    ) external view override returns (TradeRecord[] memory records, uint256 next) {
        if (owner == address(0)) revert TradingLens_ZeroAddress();
        uint256[] memory ids;
        (ids, next) = TradeScan.live(trading, owner, from, to, max);
        records = _recordsOf(trading, ids);
    }

    /// @inheritdoc ITradingLens
    function previewOpen(
        ITrading trading,
        OpenRequest calldata request,
        bool isLimit,
        Price price,
        uint64 confidence
    ) external view override returns (OpeningView memory seen) {
        (BookConfig memory config, ) = trading.bookConfig(request.bookId);
        // Seconds since 1970 fit 40 bits until the year 36,812.
        uint40 time = uint40(block.timestamp);
        Tick memory tick = Tick(price, confidence, time, time, config.assetId, true);
        uint16 tokenAssetId = trading.marginToken(request.token).assetId;
        seen.preview = trading.previewOpen(request, isLimit, QuoteLib.ofTick(aggregator, tick, tokenAssetId));
        seen.outcome = _outcomeOf(isLimit, seen.preview.reason);
        seen.wouldFillNow = isLimit && seen.outcome == Outcome.Opened;
    }

    /// @inheritdoc ITradingLens
    function closePreview(
        ITrading trading,
        uint256 id,
        Size size,
        Price price
    ) external view override returns (ClosePreview memory seen) {
        Position memory record = _openPosition(trading, id);
        (BookConfig memory config, ) = trading.bookConfig(record.bookId);
        Price clamped = PriceChecks.clamp(price, _pushPrice(config.assetId));
        PositionView memory whole = _view(trading, id, record, clamped);
        uint256 unit = 10 ** trading.marginTokenById(record.tokenId).decimals;
        seen.isTokenPriceDisputed = whole.isTokenPriceDisputed;
        if (whole.isLiquidatable && aggregator.isSequencerReady() && breaker.canLiquidate()) {
            (seen.isLiquidated, seen.exit) = (true, clamped);
            (seen.pnlUsd, seen.carryOwedUsd) = (whole.pnlUsd, whole.carryOwedUsd);
            seen.executorPay = TradeMath.liquidationReward(
                record.margin + whole.extra.addedMargin,
                TokenPrice(whole.tokenHigh, unit)
            );
            return seen;
        }
        Price from = TradeChecks.worseOf(price, clamped, record.state.isLong());
        return _closing(trading, config, whole, size, from, unit);
    }

    function _view(
        ITrading trading,
        uint256 id,
        Position memory record,
        Price price
    ) private view returns (PositionView memory seen) {
        MarginToken memory margin = trading.marginTokenById(record.tokenId);
        seen.position = record;
        seen.extra = trading.extraOf(id);
        seen.close = trading.closeOf(id);
        seen.token = margin.token;
        _priceToken(seen, margin.assetId);
        seen.price = price;
        seen.notionalUsd = valueOf(record.size, record.entry);
        uint256 held = record.margin + seen.extra.addedMargin;
        seen.marginUsd = TradeMath.usdDown(held, TokenPrice(seen.tokenPrice, 10 ** margin.decimals));
        bool isLong = record.state.isLong();
        seen.pnlUsd = TradeMath.pnlAt(isLong, record.size, record.entry, price);
        seen.carryOwedUsd = CarryMath.owed(seen.notionalUsd, _carryIndex(trading, record), record.carryIndex);
        Terms memory terms = trading.terms(record.bookId, record.termsId);
        // What is due at the upper end is due at both.
        uint256 mostUsd = TradeMath.usdDown(held, TokenPrice(seen.tokenHigh, 10 ** margin.decimals));
        seen.liquidationPrice = _priceOfLoss(seen, isLong, mostUsd, terms.liquidationLossRatePips);
        seen.bankruptcyPrice = _priceOfLoss(seen, isLong, mostUsd, PIPS);
        seen.isLiquidatable = TradeMath.isLiquidatable(
            seen.pnlUsd,
            seen.carryOwedUsd,
            mostUsd,
            terms.liquidationLossRatePips
        );
    }

    function _priceToken(PositionView memory seen, uint16 assetId) private view {
        (Price price, Price low, Price high) = aggregator.tokenPrice(assetId);
        if (price.isZero()) revert TradingLens_PriceMissing(assetId);
        (seen.tokenPrice, seen.isTokenPriceDisputed) = (price, !high.isZero());
        (seen.tokenLow, seen.tokenHigh) = seen.isTokenPriceDisputed ? (low, high) : (price, price);
    }

    /// @param from Where it would fill without slippage.
    function _closing(
        ITrading trading,
        BookConfig memory config,
        PositionView memory whole,
        Size size,
        Price from,
        uint256 unit
    ) private view returns (ClosePreview memory seen) {
        seen.isTokenPriceDisputed = whole.isTokenPriceDisputed;
        CloseInput memory input = _closeInput(trading, whole, size);
        (BookId bookId, uint8 termsId) = (whole.position.bookId, whole.position.termsId);
        Terms memory terms = trading.terms(bookId, termsId);
        input.exit = TradeMath.withSlippage(
            from,
            _exitSlippageX18(trading, bookId, config, input, terms.maxExitSlippagePips),
            !input.isLong
        );
        CloseResult memory result = _divided(input, terms, whole, unit);
        (seen.exit, seen.pnlUsd, seen.carryOwedUsd) = (input.exit, result.pnlUsd, input.carryOwed);
        (seen.gain, seen.loss, seen.closeFee) = (result.gain, result.loss, result.closeFee);
        (seen.executorPay, seen.payout) = (result.executionFee, result.payout);
    }

    /// @dev What leaves, as `CloseRules` divides it; the exit is still to be found.
    function _closeInput(
        ITrading trading,
        PositionView memory whole,
        Size size
    ) private view returns (CloseInput memory input) {
        Position memory record = whole.position;
        (uint256 part, uint256 all) = (size.raw(), record.size.raw());
        bool isWhole = part == 0 || part >= all;
        input.size = isWhole ? record.size : size;
        input.margin = isWhole ? record.margin : (record.margin * part) / all;
        input.addedMargin = isWhole ? whole.extra.addedMargin : (whole.extra.addedMargin * part) / all;
        (input.isLong, input.entry) = (record.state.isLong(), record.entry);
        uint256 notional = valueOf(input.size, record.entry);
        input.carryOwed = CarryMath.owed(notional, _carryIndex(trading, record), record.carryIndex);
        (input.executionFeeUsd, input.isExecutorPaid) = (trading.executionFeeUsd(), !whole.isTokenPriceDisputed);
    }

    /// @dev Converted at the ends of the token's price that execution would take.
    function _divided(
        CloseInput memory input,
        Terms memory terms,
        PositionView memory whole,
        uint256 unit
    ) private pure returns (CloseResult memory) {
        return TradeMath.close(input, terms, TokenPrice(whole.tokenLow, unit), TokenPrice(whole.tokenHigh, unit));
    }

    /// @dev Slippage of what leaves, 18 decimals.
    function _exitSlippageX18(
        ITrading trading,
        BookId bookId,
        BookConfig memory config,
        CloseInput memory input,
        uint256 maxPips
    ) private view returns (uint256) {
        uint256 notional = valueOf(input.size, input.entry);
        return
            SlippageMath.exitSlippageX18(
                BookConfigWordFields.pack(config),
                trading.bookSide(bookId, input.isLong).notional - notional,
                trading.bookSide(bookId, !input.isLong).notional,
                notional,
                maxPips
            );
    }

    /// @dev Index of the position's side now.
    function _carryIndex(ITrading trading, Position memory record) private view returns (int256) {
        BookState memory state = trading.bookState(record.bookId);
        return record.state.isLong() ? state.longIndex : state.shortIndex;
    }

    function _openPosition(ITrading trading, uint256 id) private view returns (Position memory) {
        if (trading.statusOf(id) != TradeStatus.Open) revert TradingLens_NotOpen(id);
        return trading.position(id);
    }

    function _pushPrice(uint16 assetId) private view returns (PushPrice memory price) {
        price = aggregator.pushPrice(assetId);
        if (price.fresh == 0) revert TradingLens_PriceMissing(assetId);
    }

    function _recordsOf(ITrading trading, uint256[] memory ids) private view returns (TradeRecord[] memory records) {
        records = new TradeRecord[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            TradeStatus status = trading.statusOf(ids[i]);
            records[i] =
                status == TradeStatus.Open ? _positionRecord(trading, ids[i]) : _orderRecord(trading, ids[i], status);
        }
    }

    function _orderRecord(
        ITrading trading,
        uint256 id,
        TradeStatus status
    ) private view returns (TradeRecord memory record) {
        Order memory order = trading.order(id);
        record.id = id;
        record.status = status;
        record.owner = order.owner;
        record.bookId = order.bookId;
        record.token = trading.marginTokenById(order.tokenId).token;
        record.isLong = order.state.isLong();
        record.leverage = order.leverage;
        record.since = order.requestedAt;
        record.expiry = order.expiry;
        record.amount = order.amount;
        record.price = order.price;
        record.takeProfit = order.takeProfit;
        record.stopLoss = order.stopLoss;
        record.isLimit = status == TradeStatus.LimitOrder;
        record.asNative = order.state.asNative();
        record.broker = order.broker;
        record.cancelledAt = order.cancelledAt;
        record.cancellableFrom = _cancellableFrom(trading, order);
    }

    function _positionRecord(ITrading trading, uint256 id) private view returns (TradeRecord memory record) {
        Position memory open = trading.position(id);
        record.id = id;
        record.status = TradeStatus.Open;
        record.owner = open.owner;
        record.bookId = open.bookId;
        record.token = trading.marginTokenById(open.tokenId).token;
        record.isLong = open.state.isLong();
        record.leverage = open.leverage;
        record.since = open.openedAt;
        record.amount = open.margin;
        record.asNative = open.state.asNative();
        if (open.state.hasExtra()) {
            TradeExtra memory extra = trading.extraOf(id);
            (record.addedMargin, record.broker) = (extra.addedMargin, extra.broker);
        }
        // The raw value of a Size has 96 bits.
        record.size = uint96(open.size.raw());
        record.price = open.entry;
        record.takeProfit = open.takeProfit;
        record.stopLoss = open.stopLoss;
        record.close = _pendingClose(trading.closeOf(id), record.size);
    }

    /// @dev After the expiry, or once no tick can fill a limit whose cancellation was asked for.
    function _cancellableFrom(ITrading trading, Order memory order) private view returns (uint256 from) {
        from = order.expiry.inSeconds() + 1;
        if (order.cancelledAt.inSeconds() == 0) return from;
        uint256 binds = order.cancelledAt.inSeconds() + trading.executionDelay(order.bookId.mode());
        return Math.min(from, binds + TradeChecks.TRIGGER_TICK_MAX_AGE + 1);
    }

    /// @dev Nothing where the close was refused or has lapsed.
    function _pendingClose(Close memory close, uint96 size) private view returns (PendingClose memory pending) {
        CloseWord word = CloseWordFields.packed(close);
        if (!word.isLive()) return pending;
        (pending.size, pending.target, pending.expiry) = (size, word.target(), word.expiry());
        if (word.kind() == CloseKind.ArmedStop) {
            pending.armer = word.armer();
            return pending;
        }
        pending.acceptablePrice = word.bound();
        uint96 part = Size.unwrap(word.partSize());
        if (part != 0 && part < size) pending.size = part;
    }

    /// @dev What the moment decides leaves an order pending; the rest refuses, but for a limit.
    function _outcomeOf(bool isLimit, Reason reason) private pure returns (Outcome) {
        return OpenRules.isOfMoment(reason) ? Outcome.Skipped : OpenRules.outcomeOf(isLimit, reason);
    }

    function _priceOfLoss(
        PositionView memory seen,
        bool isLong,
        uint256 marginUsd,
        uint256 sharePips
    ) private pure returns (Price) {
        Position memory record = seen.position;
        return TradeMath.priceOfLoss(isLong, record.size, record.entry, seen.carryOwedUsd, marginUsd, sharePips);
    }
}
