// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {BookConfigWord, BookStatus, OpenConfigWord, TierWord} from "../../types/Book.sol";
import {OrderBody, OrderTriggers} from "../../types/Trade.sol";
import {ONE_USD, Price} from "../../types/Units.sol";
import {Fill, TradeMath} from "../math/TradeMath.sol";

/// @title TradeChecks
/// @notice The single rules that let an attempt through, skip or refuse it. Each returns `Reason.None` or the first reason found.
library TradeChecks {
    /// @dev Age up to which a tick may liquidate.
    uint256 internal constant LIQUIDATION_TICK_MAX_AGE = 30;

    /// @dev Age up to which a tick that a close had shielded may liquidate.
    uint256 internal constant SHIELDED_TICK_MAX_AGE = 60;

    /// @dev Age up to which a tick may trigger a take profit or a stop.
    uint256 internal constant TRIGGER_TICK_MAX_AGE = 3;

    /// @dev How far beyond a take profit a tick still takes it at its price: 1%. Further, it arms a market close.
    uint256 internal constant MAX_PROFIT_GAP_PIPS = 10_000;

    /// @notice The tick may fill a resting limit: no earlier than its delay allows, not later than its cancellation binds,
    /// at most 3 s old.
    /// @param earliest Placing + executionDelay.
    /// @param latest Request of the cancellation + executionDelay; the largest uint256 where none was asked for.
    function limitTick(
        Tick memory tick,
        uint256 assetId,
        uint256 earliest,
        uint256 latest
    ) internal view returns (Reason) {
        if (tick.publishTime == 0) return Reason.NoTick;
        if (tick.assetId != assetId) return Reason.TickOfOtherAsset;
        if (tick.publishTime < earliest) return Reason.TickTooEarly;
        if (tick.publishTime > latest) return Reason.CancelBinds;
        return tick.publishTime + TRIGGER_TICK_MAX_AGE < block.timestamp ? Reason.TickTooOld : Reason.None;
    }

    /// @notice The tick, slippage included, has reached the limit, and has gone no further through it than an opening's tick
    /// may lie from the anchors: further through, the limit is a price that nobody has offered for a while.
    function reachesLimit(
        Price market,
        Price limit,
        bool isBuy,
        uint256 maxDeviationPips
    ) internal pure returns (Reason) {
        if (!isAcceptable(market, limit, isBuy)) return Reason.TickNotReached;
        return PriceChecks.isFar(market, limit, maxDeviationPips) ? Reason.GapTooWide : Reason.None;
    }

    /// @notice What the moment decides of an opening.
    function momentOfOpening(Quote memory quote, OpenConfigWord config) internal pure returns (Reason) {
        if (!quote.isSequencerReady) return Reason.SequencerNotReady;
        if (quote.tokenPrice.isZero()) return Reason.TokenPriceMissing;
        if (PriceChecks.isTokenPriceDisputed(quote)) return Reason.TokenPriceDisputed;
        if (quote.anchors.fresh < config.minAnchors()) return Reason.AnchorsNotFresh;
        if (PriceChecks.deviates(quote.tick, quote.anchors, config.maxDeviationPips())) return Reason.PriceDeviates;
        return Reason.None;
    }

    /// @notice What the moment decides of a take profit or a stop.
    function momentOfTrigger(Quote memory quote) internal pure returns (Reason reason) {
        reason = momentOfExit(quote);
        if (reason == Reason.None && PriceChecks.isTokenPriceDisputed(quote)) reason = Reason.TokenPriceDisputed;
    }

    /// @notice What the moment decides of every exit: one fresh anchor and the token's price.
    function momentOfExit(Quote memory quote) internal pure returns (Reason) {
        if (quote.tokenPrice.isZero()) return Reason.TokenPriceMissing;
        return quote.anchors.fresh == 0 ? Reason.AnchorsNotFresh : Reason.None;
    }

    /// @notice Market status, news window and confidence of an opening.
    function acceptsOpening(
        Quote memory quote,
        BookConfigWord config,
        OpenConfigWord openConfig
    ) internal view returns (Reason) {
        if (config.status() != BookStatus.Active) return Reason.BookNotActive;
        if (block.timestamp < openConfig.reduceOnlyUntil()) return Reason.BookNotActive;
        if (PriceChecks.confidenceExceeds(quote.tick, openConfig.maxConfidencePips())) return Reason.ConfidenceTooWide;
        return Reason.None;
    }

    /// @notice Bounds of the order, of its size and of its take profit.
    function size(
        OrderBody order,
        OrderTriggers triggers,
        bool isLong,
        Fill memory fill,
        TierWord tier,
        OpenConfigWord config
    ) internal pure returns (Reason) {
        if (!isAcceptable(fill.entry, order.price(), isLong)) return Reason.PriceBound;
        unchecked {
            // At most 40 bits by 60.
            if (fill.marginUsd < config.minMarginUsd() * ONE_USD) return Reason.MarginTooSmall;
            if (fill.notional < config.minNotionalUsd() * ONE_USD) return Reason.NotionalTooSmall;
            if (fill.notional > tier.maxNotionalUsd() * ONE_USD) return Reason.NotionalTooLarge;
        }
        return takeProfit(isLong, triggers.takeProfit(), fill.entry, triggers.leverage(), tier.terms().profitCapPips());
    }

    /// @notice On the winning side of the entry, and within the profit cap; 0 stands for the cap.
    function takeProfit(
        bool isLong,
        Price target,
        Price entry,
        uint256 leverage,
        uint256 profitCapPips
    ) internal pure returns (Reason) {
        if (target.isZero()) return Reason.None;
        Price cap = TradeMath.capPrice(isLong, entry, leverage, profitCapPips);
        bool isOffered = isLong ? target > entry && target <= cap : target < entry && target >= cap;
        return isOffered ? Reason.None : Reason.TakeProfitOutOfRange;
    }

    /// @notice The fill is no worse than the bound; whoever buys wants at most it, whoever sells at least. 0: any.
    function isAcceptable(Price fillPrice, Price bound, bool isBuy) internal pure returns (bool) {
        if (bound.isZero()) return true;
        return isBuy ? fillPrice <= bound : fillPrice >= bound;
    }

    /// @notice The tick may liquidate: newer than the opening tick, young enough, not shielded by a pending close.
    /// @param openedAt Publish time of the tick that opened the position.
    /// @param isShielded It is a pending close's.
    /// @param wasShielded It had been a close's that is over, and may be older.
    function liquidationTick(
        Tick memory tick,
        uint256 assetId,
        uint256 openedAt,
        bool isShielded,
        bool wasShielded
    ) internal view returns (Reason) {
        if (tick.publishTime == 0) return Reason.NoTick;
        if (tick.assetId != assetId) return Reason.TickOfOtherAsset;
        if (tick.publishTime <= openedAt) return Reason.TickNotNewer;
        if (isShielded) return Reason.CloseIsPending;
        uint256 maxAge = wasShielded ? SHIELDED_TICK_MAX_AGE : LIQUIDATION_TICK_MAX_AGE;
        if (tick.publishTime + maxAge < block.timestamp) return Reason.TickTooOld;
        if (PriceChecks.confidenceExceeds(tick, PriceChecks.MAX_CONFIDENCE_PIPS)) return Reason.ConfidenceTooWide;
        return Reason.None;
    }

    /// @notice The tick may trigger: newer than the opening tick, at most 3 s old, not too wide.
    function triggerTick(Tick memory tick, uint256 assetId, uint256 openedAt) internal view returns (Reason) {
        if (tick.publishTime == 0) return Reason.NoTick;
        if (tick.assetId != assetId) return Reason.TickOfOtherAsset;
        if (tick.publishTime <= openedAt) return Reason.TickNotNewer;
        if (tick.publishTime + TRIGGER_TICK_MAX_AGE < block.timestamp) return Reason.TickTooOld;
        return
            PriceChecks.confidenceExceeds(tick, PriceChecks.MAX_CONFIDENCE_PIPS)
                ? Reason.ConfidenceTooWide
                : Reason.None;
    }

    /// @notice Whether a price has come up to a target: from below (`isAbove`) or from above. On it counts.
    function reaches(Price price, Price target, bool isAbove) internal pure returns (bool) {
        return isAbove ? price >= target : price <= target;
    }

    /// @notice The tick, or the worse for the trader of it and the edge of the anchors' band.
    function worseOf(Price tick, Price clamped, bool isLong) internal pure returns (Price) {
        return (clamped < tick) == isLong ? clamped : tick;
    }
}
