// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {Fill} from "../../trading/math/TradeMath.sol";
import {TradeChecks} from "../../trading/rules/TradeChecks.sol";
import {
    BookConfig,
    BookConfigWordFields,
    OpenConfig,
    OpenConfigWordFields,
    Tier,
    TierWordFields
} from "../../types/Book.sol";
import {Order, Position} from "../../types/Trade.sol";
import {Price} from "../../types/Units.sol";
import {PackWords} from "./PackWords.sol";

contract TradeChecksHarness {
    function acceptsOpening(
        Quote memory quote,
        BookConfig memory config,
        OpenConfig memory openConfig
    ) external view returns (Reason) {
        return
            TradeChecks.acceptsOpening(quote, BookConfigWordFields.pack(config), OpenConfigWordFields.pack(openConfig));
    }

    function liquidationTick(
        Tick memory tick,
        uint256 assetId,
        Position memory position,
        bool isShielded,
        bool wasShielded
    ) external view returns (Reason) {
        return TradeChecks.liquidationTick(tick, assetId, position.openedAt.inSeconds(), isShielded, wasShielded);
    }

    function firstTick(
        Tick memory tick,
        uint256 assetId,
        uint256 target,
        uint256 expiry
    ) external pure returns (Reason) {
        return PriceChecks.firstTick(tick, assetId, target, expiry);
    }

    function momentOfOpening(Quote memory quote, OpenConfig memory config) external pure returns (Reason) {
        return TradeChecks.momentOfOpening(quote, OpenConfigWordFields.pack(config));
    }

    function momentOfExit(Quote memory quote) external pure returns (Reason) {
        return TradeChecks.momentOfExit(quote);
    }

    function size(
        Order memory order,
        Fill memory fill,
        Tier memory tier,
        OpenConfig memory config
    ) external pure returns (Reason) {
        return
            TradeChecks.size(
                PackWords.body(order),
                PackWords.triggers(order),
                order.state.isLong(),
                fill,
                TierWordFields.pack(tier),
                OpenConfigWordFields.pack(config)
            );
    }

    function takeProfit(
        bool isLong,
        Price target,
        Price entry,
        uint256 leverage,
        uint256 profitCapPips
    ) external pure returns (Reason) {
        return TradeChecks.takeProfit(isLong, target, entry, leverage, profitCapPips);
    }

    function reachesLimit(
        Price market,
        Price limit,
        bool isBuy,
        uint256 maxDeviationPips
    ) external pure returns (Reason) {
        return TradeChecks.reachesLimit(market, limit, isBuy, maxDeviationPips);
    }

    function isFurther(Price price, Price target, uint256 maxPips) external pure returns (bool) {
        return PriceChecks.isFar(price, target, maxPips);
    }

    function isAcceptable(Price fillPrice, Price bound, bool isBuy) external pure returns (bool) {
        return TradeChecks.isAcceptable(fillPrice, bound, isBuy);
    }

    function worseOf(Price tick, Price clamped, bool isLong) external pure returns (Price) {
        return TradeChecks.worseOf(tick, clamped, isLong);
    }
}
