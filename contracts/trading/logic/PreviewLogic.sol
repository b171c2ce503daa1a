// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {ClosePreview, ExecutionPreview, OpenPreview, OpenRequest} from "../../interfaces/ITrading.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {TokenPrice} from "../../product/TokenPrice.sol";
import {TermsWord} from "../../types/Book.sol";
import {BreakerStatus} from "../../types/BreakerStatus.sol";
import {CloseKind, CloseWordFields} from "../../types/Close.sol";
import {Timestamp, now32, toTimestamp} from "../../types/Timestamp.sol";
import {
    OrderBodyFields,
    OrderHead,
    OrderHeadFields,
    OrderTriggersFields,
    TradeState,
    TradeStateFields,
    TradeStatus
} from "../../types/Trade.sol";
import {PIPS, Price, Size} from "../../types/Units.sol";
import {AttemptPreviews} from "../AttemptPreviews.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {Exposure, ShownPrices} from "../math/ShownPrices.sol";
import {CloseResult, Fill, TradeMath} from "../math/TradeMath.sol";
import {CloseContext, CloseRules} from "../rules/CloseRules.sol";
import {OpenContext, OpenRules} from "../rules/OpenRules.sol";

/// @title PreviewLogic
/// @notice Says what a request or an execution would come to, at a given quote.
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
        (, preview.reason) = OpenRules.judgeWithRoom(store, setup, context);
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
        if (status == TradeStatus.None) {
            preview.reason = Reason.NothingPending;
            return preview;
        }
        BreakerStatus breaker = setup.breaker.status();
        if (status != TradeStatus.Open) {
            OpenContext memory order;
            (order.quote, order.breaker) = (quote, breaker);
            AttemptPreviews.fill(store, setup, id, order, preview);
            return preview;
        }
        CloseContext memory context;
        (context.id, context.executor, context.quote) = (id, executor, quote);
        // As if the Executor called.
        (context.caller, context.breaker) = (setup.trustedExecutor, breaker);
        CloseRules.load(store, context);
        AttemptPreviews.exit(store, setup, context, preview);
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
        CloseContext memory context;
        (context.id, context.quote, context.breaker) = (id, quote, setup.breaker.status());
        CloseRules.load(store, context);
        AttemptPreviews.liquidate(store, context, preview);
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
        CloseContext memory context;
        (context.id, context.executor, context.quote) = (id, executor, quote);
        // As if the Executor called.
        (context.caller, context.breaker) = (setup.trustedExecutor, setup.breaker.status());
        CloseRules.load(store, context);
        context.close = CloseWordFields.pack(
            CloseWordFields.packBound(Price.wrap(0), size),
            toTimestamp(quote.tick.publishTime),
            now32(),
            0,
            CloseKind.Requested
        );
        _close(store, setup, context, preview);
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
            preview.executorPay = CloseRules.rewardOf(context);
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
