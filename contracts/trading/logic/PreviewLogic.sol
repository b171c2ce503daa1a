// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {ClosePreview, ExecutionPreview, OpenPreview, OpenRequest} from "../../interfaces/ITrading.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {TokenPrice} from "../../product/TokenPrice.sol";
import {TermsWord} from "../../types/Book.sol";
import {CloseKind, CloseWordFields} from "../../types/Close.sol";
import {Timestamp, now32, toTimestamp} from "../../types/Timestamp.sol";
import {
    OrderBodyFields,
    OrderHead,
    OrderHeadFields,
    OrderTriggersFields,
    Position,
    TradeState,
    TradeStateFields,
    TradeStatus
} from "../../types/Trade.sol";
import {PIPS, Price, Size} from "../../types/Units.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {Exposure, ShownPrices} from "../math/ShownPrices.sol";
import {CloseResult, Fill, TradeMath} from "../math/TradeMath.sol";
import {CloseContext, CloseRules} from "../rules/CloseRules.sol";
import {OpenContext, OpenRules} from "../rules/OpenRules.sol";

/// @title PreviewLogic
/// @notice Says what an execution would do.
/// @dev Linked to Trading and run on its storage. Asks `OpenRules` and `CloseRules` the questions that execution asks.
library PreviewLogic {
    /// @notice See `ITrading.previewOpen`.
    function opening(
        TradingState storage store,
        TradingSetup calldata setup,
        OpenRequest calldata request,
        bool isLimit,
        Quote calldata quote
    ) external view returns (OpenPreview memory preview) {
        OpenContext memory context;
        (context.quote, context.breaker) = (quote, setup.breaker.status());
        OpenRules.load(
            store,
            context,
            _headOf(store, request, isLimit),
            OrderBodyFields.pack(request.amount, request.acceptablePrice, request.broker),
            OrderTriggersFields.pack(request.takeProfit, request.stopLoss, request.leverage)
        );
        (, preview.reason) = _judge(store, setup, context);
        Fill memory fill = context.fill;
        (preview.entry, preview.size) = (fill.entry, fill.size);
        (preview.margin, preview.openFee, preview.executionFee) = (fill.margin, fill.openFee, fill.executionFee);
        (preview.notionalUsd, preview.marginUsd) = (fill.notional, fill.marginUsd);
        if (fill.size.raw() != 0) _showPrices(context, preview);
    }

    /// @notice See `ITrading.previewExecute`.
    function execution(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        address executor,
        Quote calldata quote
    ) external view returns (ExecutionPreview memory preview) {
        TradeStatus status = store.positions[id].status();
        if (status == TradeStatus.None) preview.reason = Reason.NothingPending;
        else if (status == TradeStatus.Open)
            _exit(store, setup, _closeContext(store, setup, id, executor, quote), preview);
        else _fill(store, setup, id, quote, preview);
    }

    /// @notice See `ITrading.previewClose`.
    function closing(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        Size size,
        address executor,
        Quote calldata quote
    ) external view returns (ClosePreview memory preview) {
        if (store.positions[id].status() != TradeStatus.Open) {
            preview.reason = Reason.NothingPending;
            return preview;
        }
        CloseContext memory context = _closeContext(store, setup, id, executor, quote);
        context.close = CloseWordFields.pack(
            CloseWordFields.packBound(Price.wrap(0), size),
            toTimestamp(quote.tick.publishTime),
            now32(),
            0,
            CloseKind.Requested
        );
        _close(store, setup, context, preview);
    }

    /// @notice See `ITrading.previewLiquidate`.
    function liquidation(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        Quote calldata quote
    ) external view returns (ExecutionPreview memory preview) {
        if (store.positions[id].status() != TradeStatus.Open) {
            preview.reason = Reason.NothingPending;
            return preview;
        }
        CloseContext memory context = _closeContext(store, setup, id, address(0), quote);
        (preview.outcome, preview.reason) = CloseRules.judgeLiquidation(store, setup, context);
        if (preview.outcome == Outcome.Liquidated) _liquidation(context, preview);
    }

    function _fill(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        Quote calldata quote,
        ExecutionPreview memory preview
    ) private view {
        OpenContext memory context;
        Position storage record = store.positions[id];
        OrderHead head = record.orderHead();
        (context.quote, context.breaker) = (quote, setup.breaker.status());
        OpenRules.load(store, context, head, record.orderBody(), record.orderTriggers());
        preview.reason = block.timestamp > head.expiry().inSeconds() ? Reason.Expired : Reason.None;
        if (preview.reason == Reason.None && !context.breaker.canOpen()) preview.reason = Reason.BreakerRaised;
        if (preview.reason == Reason.None) preview.reason = OpenRules.checkTick(setup, context);
        if (preview.reason != Reason.None) return;
        (preview.outcome, preview.reason) = _judge(store, setup, context);
        if (preview.outcome == Outcome.Skipped) return;
        preview.executorPay = context.fill.executionFee;
        if (preview.outcome == Outcome.Opened) preview.price = context.fill.entry;
        else preview.ownerPay = context.order.amount() - preview.executorPay;
    }

    function _exit(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context,
        ExecutionPreview memory preview
    ) private view {
        Price exit;
        (preview.outcome, preview.reason, exit) = CloseRules.judge(store, setup, context);
        if (preview.outcome == Outcome.Liquidated) return _liquidation(context, preview);
        if (preview.outcome != Outcome.Closed && preview.outcome != Outcome.Reduced) return;
        CloseResult memory result = CloseRules.divide(setup, context, exit);
        preview.price = exit;
        (preview.executorPay, preview.ownerPay) = (result.executionFee, result.payout);
        // Who armed a stop is paid for that when it is filled, by whomever.
        if (context.executor == context.armer) preview.executorPay += result.armerFee;
        preview.closeFee = result.closeFee;
    }

    function _close(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context,
        ClosePreview memory preview
    ) private view {
        preview.isTokenPriceDisputed = PriceChecks.isTokenPriceDisputed(context.quote);
        Outcome outcome;
        (outcome, preview.reason, preview.exit) = CloseRules.judge(store, setup, context);
        preview.isLiquidated = outcome == Outcome.Liquidated;
        bool isClosed = outcome == Outcome.Closed || outcome == Outcome.Reduced;
        if (!isClosed && !preview.isLiquidated) return;
        preview.carryOwedUsd = CloseRules.carryOwed(context);
        if (preview.isLiquidated) {
            (preview.exit, preview.pnlUsd) = (context.clamped, CloseRules.pnlAtClamp(context));
            preview.executorPay = _rewardOf(context);
            return;
        }
        CloseResult memory result = CloseRules.divide(setup, context, preview.exit);
        (preview.pnlUsd, preview.gain, preview.loss) = (result.pnlUsd, result.gain, result.loss);
        (preview.closeFee, preview.executorPay) = (result.closeFee, result.executionFee);
        preview.payout = result.payout;
    }

    /// @dev Where the position that the order becomes would be lost, and where its gain reaches the cap.
    function _showPrices(OpenContext memory context, OpenPreview memory preview) private pure {
        TermsWord terms = context.tier.terms();
        Fill memory fill = context.fill;
        uint16 tokenAssetId = context.marginToken.assetId();
        Exposure memory exposure;
        (exposure.isLong, exposure.size, exposure.entry) = (context.isLong, fill.size, fill.entry);
        exposure.margin = fill.margin;
        exposure.token = TokenPrice(context.quote.tokenPrice, 10 ** context.marginToken.decimals());
        exposure.isInKind = tokenAssetId == context.config.assetId();
        preview.liquidationPrice = ShownPrices.priceOfLoss(exposure, terms.liquidationLossRatePips());
        preview.bankruptcyPrice = ShownPrices.priceOfLoss(exposure, PIPS);
        uint256 leverage = context.triggers.leverage();
        preview.capPrice = TradeMath.capPrice(context.isLong, fill.entry, leverage, terms.profitCapPips());
        preview.isTokenPriceAssumed = ShownPrices.isTokenPriceAssumed(exposure);
    }

    /// @dev As execution decides, with the Vault's room asked for where execution would take it.
    function _judge(
        TradingState storage store,
        TradingSetup calldata setup,
        OpenContext memory context
    ) private view returns (Outcome outcome, Reason reason) {
        if (!context.breaker.canOpen()) return (Outcome.Skipped, Reason.BreakerRaised);
        (outcome, reason) = OpenRules.judge(store, setup, context);
        if (outcome != Outcome.Opened) return (outcome, reason);
        if (setup.vault.hasRoom(address(this), OpenRules.openingOf(context))) return (outcome, reason);
        return (OpenRules.outcomeOf(context.isLimit, Reason.ReserveFull), Reason.ReserveFull);
    }

    function _liquidation(CloseContext memory context, ExecutionPreview memory preview) private pure {
        preview.price = context.clamped;
        preview.executorPay = _rewardOf(context);
    }

    function _rewardOf(CloseContext memory context) private pure returns (uint256) {
        return TradeMath.liquidationReward(context.body.margin() + context.addedMargin, context.dearToken);
    }

    /// @dev As if the Executor called.
    function _closeContext(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        address executor,
        Quote calldata quote
    ) private view returns (CloseContext memory context) {
        (context.id, context.executor, context.quote) = (id, executor, quote);
        context.caller = setup.trustedExecutor;
        CloseRules.load(store, context);
    }

    /// @dev Slot 0 of the order that the request would become.
    function _headOf(
        TradingState storage store,
        OpenRequest calldata request,
        bool isLimit
    ) private view returns (OrderHead) {
        TradeState state = TradeStateFields.pack(
            isLimit ? TradeStatus.LimitOrder : TradeStatus.MarketOrder,
            request.isLong,
            request.asNative
        );
        uint8 tokenId = store.marginTokens[request.token].word().tokenId();
        return
            OrderHeadFields.pack(request.owner, request.bookId, tokenId, state, Timestamp.wrap(0), Timestamp.wrap(0));
    }
}
