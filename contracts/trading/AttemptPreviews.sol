// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ExecutionPreview} from "../interfaces/ITrading.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {OrderHead, Position} from "../types/Trade.sol";
import {Price} from "../types/Units.sol";
import {TradingSetup, TradingState} from "./TradingState.sol";
import {CloseResult} from "./math/TradeMath.sol";
import {CloseContext, CloseRules} from "./rules/CloseRules.sol";
import {OpenContext, OpenRules} from "./rules/OpenRules.sol";

/// @title What one attempt would do and pay
/// @dev Asks `OpenRules` and `CloseRules` the questions that execution asks.
library AttemptPreviews {
    /// @notice Filling an order.
    /// @param context With quote and breaker.
    function fill(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        OpenContext memory context,
        ExecutionPreview memory preview
    ) internal view {
        Position storage record = store.positions[id];
        OrderHead head = record.orderHead();
        OpenRules.load(store, context, head, record.orderBody(), record.orderTriggers());
        preview.reason = block.timestamp > head.expiry().inSeconds() ? Reason.Expired : Reason.None;
        if (preview.reason == Reason.None && !context.breaker.canOpen()) preview.reason = Reason.BreakerRaised;
        if (preview.reason == Reason.None) preview.reason = OpenRules.checkTick(setup, context);
        if (preview.reason != Reason.None) return;
        (preview.outcome, preview.reason) = OpenRules.judgeWithRoom(store, setup, context);
        if (preview.outcome == Outcome.Skipped) return;
        preview.executorPay = context.fill.executionFee;
        if (preview.outcome == Outcome.Opened) preview.price = context.fill.entry;
        else preview.ownerPay = context.order.amount() - preview.executorPay;
    }

    /// @notice Executing a position.
    /// @param context Loaded, with quote and breaker.
    function exit(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context,
        ExecutionPreview memory preview
    ) internal view {
        Price price;
        (preview.outcome, preview.reason, price) = CloseRules.judge(store, setup, context);
        if (preview.outcome == Outcome.Liquidated) return _payLiquidator(context, preview);
        if (preview.outcome != Outcome.Closed && preview.outcome != Outcome.Reduced) return;
        CloseResult memory result = CloseRules.divide(setup, context, price);
        preview.price = price;
        (preview.executorPay, preview.ownerPay) = (result.executionFee, result.payout);
        // Who armed a stop is paid for that when it is filled, by whomever.
        if (context.executor == context.armer) preview.executorPay += result.armerFee;
        preview.closeFee = result.closeFee;
    }

    /// @notice Liquidating a position.
    /// @param context Loaded, with quote and breaker.
    function liquidate(
        TradingState storage store,
        CloseContext memory context,
        ExecutionPreview memory preview
    ) internal view {
        (preview.outcome, preview.reason) = CloseRules.judgeLiquidation(store, context);
        if (preview.outcome == Outcome.Liquidated) _payLiquidator(context, preview);
    }

    function _payLiquidator(CloseContext memory context, ExecutionPreview memory preview) private pure {
        preview.price = context.clamped;
        preview.executorPay = CloseRules.rewardOf(context);
    }
}
