// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPriceAggregator, PushPrice, Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ClosePreview, ITrading, OpenRequest} from "../../interfaces/ITrading.sol";
import {ITradingLens, OpeningView, PendingClose, PositionView, TradeRecord} from "../../interfaces/ITradingLens.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {TokenMath, TokenPrice} from "../../product/TokenPrice.sol";
import {CarryMath} from "../../trading/math/CarryMath.sol";
import {Exposure, ShownPrices} from "../../trading/math/ShownPrices.sol";
import {TradeMath} from "../../trading/math/TradeMath.sol";
import {OpenRules} from "../../trading/rules/OpenRules.sol";
import {TradeChecks} from "../../trading/rules/TradeChecks.sol";
import {BookConfig, BookState, MarginToken, Terms} from "../../types/Book.sol";
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

    /// @notice Where prices are read.
    IPriceAggregator public immutable aggregator;

    constructor(address aggregator_) {
        Code.requireContract(aggregator_);
        aggregator = IPriceAggregator(aggregator_);
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
        Tick memory tick = _tickOfNow(config.assetId, price, confidence);
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
        uint16 tokenAssetId = trading.marginTokenById(record.tokenId).assetId;
        Quote memory quote = QuoteLib.ofTick(aggregator, _tickOfNow(config.assetId, price, 0), tokenAssetId);
        if (quote.anchors.fresh == 0) revert TradingLens_PriceMissing(config.assetId);
        if (quote.tokenPrice.isZero()) revert TradingLens_PriceMissing(tokenAssetId);
        // While the token's price is disputed nobody else can execute it.
        address executor = PriceChecks.isTokenPriceDisputed(quote) ? record.owner : address(0);
        return trading.previewClose(id, size, executor, quote);
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
        seen.marginUsd = TokenMath.usdDown(held, TokenPrice(seen.tokenPrice, 10 ** margin.decimals));
        bool isLong = record.state.isLong();
        seen.pnlUsd = TradeMath.pnlAt(isLong, record.size, record.entry, price);
        seen.carryOwedUsd = CarryMath.owed(seen.notionalUsd, _carryIndex(trading, record), record.carryIndex);
        Terms memory terms = trading.terms(record.bookId, record.termsId);
        _showPrices(trading, seen, margin, terms);
        // What is due at the upper end is due at both.
        uint256 mostUsd = TokenMath.usdDown(held, TokenPrice(seen.tokenHigh, 10 ** margin.decimals));
        seen.isLiquidatable = TradeMath.isLiquidatable(
            seen.pnlUsd,
            seen.carryOwedUsd,
            mostUsd,
            terms.liquidationLossRatePips
        );
    }

    function _showPrices(
        ITrading trading,
        PositionView memory seen,
        MarginToken memory margin,
        Terms memory terms
    ) private view {
        Position memory record = seen.position;
        (BookConfig memory config, ) = trading.bookConfig(record.bookId);
        Exposure memory exposure;
        (exposure.isLong, exposure.size, exposure.entry) = (record.state.isLong(), record.size, record.entry);
        (exposure.carryOwed, exposure.margin) = (seen.carryOwedUsd, record.margin + seen.extra.addedMargin);
        exposure.token = TokenPrice(seen.tokenHigh, 10 ** margin.decimals);
        exposure.isInKind = margin.assetId == config.assetId;
        seen.liquidationPrice = ShownPrices.priceOfLoss(exposure, terms.liquidationLossRatePips);
        seen.bankruptcyPrice = ShownPrices.priceOfLoss(exposure, PIPS);
        seen.capPrice = TradeMath.capPrice(exposure.isLong, record.entry, record.leverage, terms.profitCapPips);
        seen.isTokenPriceAssumed = ShownPrices.isTokenPriceAssumed(exposure);
    }

    function _priceToken(PositionView memory seen, uint16 assetId) private view {
        (Price price, Price low, Price high) = aggregator.tokenPrice(assetId);
        if (price.isZero()) revert TradingLens_PriceMissing(assetId);
        (seen.tokenPrice, seen.isTokenPriceDisputed) = (price, !high.isZero());
        (seen.tokenLow, seen.tokenHigh) = seen.isTokenPriceDisputed ? (low, high) : (price, price);
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

    /// @dev A tick of this second, the first at or after it.
    function _tickOfNow(uint16 assetId, Price price, uint64 confidence) private view returns (Tick memory) {
        // Seconds since 1970 fit 40 bits until the year 36,812.
        uint40 time = uint40(block.timestamp);
        return Tick(price, confidence, time, time, assetId, true);
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
}
