// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IPriceAggregator} from "../../interfaces/IPriceAggregator.sol";
import {ITrading} from "../../interfaces/ITrading.sol";
import {ITradingLens, PositionView, TradeRecord} from "../../interfaces/ITradingLens.sol";
import {CarryMath} from "../../libraries/CarryMath.sol";
import {TokenPrice, TradeMath} from "../../libraries/TradeMath.sol";
import {TradeState} from "../../libraries/TradeState.sol";
import {BookConfig, BookState, MarginToken, Order, Position, Terms, TradeStatus} from "../../types/TradeTypes.sol";
import {PIPS, Price, valueOf} from "../../types/Units.sol";

/// @title TradingLens
/// @notice See `ITradingLens`.
contract TradingLens is ITradingLens {
    using TradeState for uint8;

    IPriceAggregator public immutable aggregator;

    constructor(address aggregator_) {
        if (aggregator_ == address(0)) revert TradingLens_ZeroAddress();
        aggregator = IPriceAggregator(aggregator_);
    }

    /// @inheritdoc ITradingLens
    function position(ITrading trading, uint256 id) external view override returns (PositionView memory) {
        Position memory record = _openPosition(trading, id);
        (BookConfig memory config, ) = trading.bookConfig(record.bookId);
        return _view(trading, id, record, _pushPrice(config.assetId));
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
    function scan(
        ITrading trading,
        uint256 from,
        uint256 to
    ) external view override returns (TradeRecord[] memory records) {
        uint256 next = trading.nextTradeId();
        if (to > next) to = next;
        if (from >= to) return records;
        records = new TradeRecord[](_countLive(trading, from, to));
        uint256 count = 0;
        for (uint256 id = from; id < to; ++id) {
            TradeStatus status = trading.statusOf(id);
            if (status == TradeStatus.None) continue;
            records[count++] =
                status == TradeStatus.Open ? _positionRecord(trading, id) : _orderRecord(trading, id, status);
        }
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
        seen.tokenPrice = _pushPrice(margin.assetId);
        seen.price = price;
        seen.notionalUsd = valueOf(record.size, record.entry);
        seen.marginUsd = TradeMath.usdDown(
            record.margin + seen.extra.addedMargin,
            TokenPrice(seen.tokenPrice, 10 ** margin.decimals)
        );
        bool isLong = record.state.isLong();
        seen.pnlUsd = TradeMath.pnlAt(isLong, record.size, record.entry, price);
        BookState memory state = trading.bookState(record.bookId);
        int256 index = isLong ? state.longIndex : state.shortIndex;
        seen.carryOwedUsd = CarryMath.owed(seen.notionalUsd, index, record.carryIndex);
        Terms memory terms = trading.terms(record.bookId, record.termsId);
        seen.liquidationPrice = _priceOfLoss(seen, isLong, terms.liquidationLossRatePips);
        seen.bankruptcyPrice = _priceOfLoss(seen, isLong, PIPS);
        seen.isLiquidatable = TradeMath.isLiquidatable(
            seen.pnlUsd,
            seen.carryOwedUsd,
            seen.marginUsd,
            terms.liquidationLossRatePips
        );
    }

    function _countLive(ITrading trading, uint256 from, uint256 to) private view returns (uint256 count) {
        for (uint256 id = from; id < to; ++id) {
            if (trading.statusOf(id) != TradeStatus.None) ++count;
        }
    }

    function _openPosition(ITrading trading, uint256 id) private view returns (Position memory) {
        if (trading.statusOf(id) != TradeStatus.Open) revert TradingLens_NotOpen(id);
        return trading.position(id);
    }

    function _pushPrice(uint16 assetId) private view returns (Price price) {
        price = aggregator.pushPrice(assetId).mid;
        if (price.isZero()) revert TradingLens_PriceMissing(assetId);
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
        if (open.state.hasExtra()) record.addedMargin = trading.extraOf(id).addedMargin;
        // The raw value of a Size has 96 bits.
        record.size = uint96(open.size.raw());
        record.price = open.entry;
        record.takeProfit = open.takeProfit;
        record.stopLoss = open.stopLoss;
    }

    function _priceOfLoss(PositionView memory seen, bool isLong, uint256 sharePips) private pure returns (Price) {
        Position memory record = seen.position;
        return TradeMath.priceOfLoss(isLong, record.size, record.entry, seen.carryOwedUsd, seen.marginUsd, sharePips);
    }
}
