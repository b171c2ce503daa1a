// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {ProReason} from "../ProOutcome.sol";
import {TriggerMath} from "../math/TriggerMath.sol";
import {ConfigWord} from "../types/MarketConfig.sol";
import {TriggerKind, TriggerWord} from "../types/TriggerWord.sol";

/// @notice What decides whether a trigger fires.
/// @param trigger Its word.
/// @param config Of its market.
/// @param clock Only ticks published later count, seconds.
/// @param quote The tick at which it would fire, with the anchors.
/// @param earlier Of a trailing one the tick that it came back from.
struct TriggerCase {
    TriggerWord trigger;
    ConfigWord config;
    uint256 clock;
    Quote quote;
    Tick earlier;
}

/// @title When a trigger fires
/// @notice Changes nothing: execution and its preview ask the same question.
library TriggerRules {
    /// @dev Oldest tick that fires, in seconds.
    uint256 internal constant MAX_TICK_AGE = 3;
    /// @dev Widest confidence of both ticks of a trailing trigger: 15 bp.
    uint256 internal constant TRAILING_CONFIDENCE_PIPS = 1_500;

    /// @notice Whether a trigger fires.
    /// @return reason None: it does.
    /// @return price The tick, held within the anchors' band, 10 decimals; it counts where the trigger fires.
    function judge(TriggerCase memory x) internal view returns (ProReason reason, uint256 price) {
        bool isTrailing = x.trigger.kind() == TriggerKind.Trailing;
        uint256 maxConfidence = isTrailing ? TRAILING_CONFIDENCE_PIPS : PriceChecks.MAX_CONFIDENCE_PIPS;
        Tick memory tick = x.quote.tick;
        reason = _checkTick(x, tick, maxConfidence);
        if (reason != ProReason.None) return (reason, 0);
        if (block.timestamp > uint256(tick.publishTime) + MAX_TICK_AGE) return (ProReason.TickTooOld, 0);
        if (x.quote.anchors.fresh == 0) return (ProReason.AnchorsNotFresh, 0);
        price = PriceChecks.clamp(tick.price, x.quote.anchors).raw();
        if (isTrailing) return (_judgeTrail(x, price, maxConfidence), price);

        bool isAbove = x.trigger.isBuy() == (x.trigger.kind() == TriggerKind.Stop);
        bool isReached = TriggerMath.isReached(price, x.trigger.tick() * x.config.tickSize(), isAbove);
        return (isReached ? ProReason.None : ProReason.PriceNotReached, price);
    }

    /// @notice The worst tick at which a trigger that fires at a price may fill; 0: there is none.
    function limitOf(TriggerWord trigger, ConfigWord config, uint256 price) internal pure returns (uint24) {
        if (trigger.isLimit()) return trigger.bound();
        return TriggerMath.limitOf(price, trigger.bound(), config.tickSize(), trigger.isBuy());
    }

    /// @notice Whether a refusal is the account's own matter and ends a trigger: margin, size, or nothing to reduce, and a market
    /// that settles, where nothing trades any more. Whatever else refuses is of the moment.
    function isFinal(ProReason reason) internal pure returns (bool) {
        return
            reason == ProReason.NothingToReduce ||
            reason == ProReason.NotionalTooSmall ||
            reason == ProReason.MarginTooLow ||
            reason == ProReason.BelowMaintenance ||
            reason == ProReason.LeverageAboveTier ||
            reason == ProReason.PositionTooLarge ||
            reason == ProReason.MarketsFull ||
            reason == ProReason.MarketSettling;
    }

    function _checkTick(
        TriggerCase memory x,
        Tick memory tick,
        uint256 maxConfidence
    ) private pure returns (ProReason) {
        if (tick.publishTime == 0) return ProReason.NoTick;
        if (tick.assetId != x.config.assetId()) return ProReason.TickOfOtherAsset;
        if (tick.publishTime <= x.clock) return ProReason.TickTooEarly;
        return PriceChecks.confidenceExceeds(tick, maxConfidence) ? ProReason.ConfidenceTooWide : ProReason.None;
    }

    /// @dev The earlier tick has no anchors of its time: it counts as it was published.
    function _judgeTrail(
        TriggerCase memory x,
        uint256 price,
        uint256 maxConfidence
    ) private pure returns (ProReason reason) {
        Tick memory earlier = x.earlier;
        reason = _checkTick(x, earlier, maxConfidence);
        if (reason != ProReason.None) return reason;
        if (earlier.publishTime >= x.quote.tick.publishTime) return ProReason.TicksNotInOrder;
        uint256 peak = earlier.price.raw();
        bool isBuy = x.trigger.isBuy();
        uint256 activation = x.trigger.tick() * x.config.tickSize();
        if (activation != 0 && !TriggerMath.isReached(peak, activation, !isBuy)) return ProReason.ActivationNotReached;
        bool isTrailed = TriggerMath.isTrailed(peak, price, x.trigger.callbackPips(), isBuy);
        return isTrailed ? ProReason.None : ProReason.PriceNotReached;
    }
}
