// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {Credit, Opening} from "../../interfaces/IVault.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {TokenPrice} from "../../product/TokenPrice.sol";
import {
    BookConfigWord,
    BookSide,
    BookState,
    MarginTokenWord,
    OpenConfigWord,
    SideTotals,
    TierWord
} from "../../types/Book.sol";
import {BreakerStatus} from "../../types/BreakerStatus.sol";
import {now32, toTimestamp} from "../../types/Timestamp.sol";
import {
    OrderBody,
    OrderHead,
    OrderTriggers,
    PositionBody,
    PositionBodyFields,
    PositionHead,
    PositionTriggers,
    TradeState,
    TradeStatus
} from "../../types/Trade.sol";
import {ONE_USD, Price} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {SlippageMath} from "../math/SlippageMath.sol";
import {Fill, TradeMath} from "../math/TradeMath.sol";
import {TradeChecks} from "./TradeChecks.sol";

/// @notice What one fill works on: slots loaded once, as they are stored, and what follows from them.
/// @param id Of the trade.
/// @param executor Who is credited the execution fee.
/// @param isLimit It rests until a tick reaches its price, and fills exactly there.
/// @param isLong Side.
/// @param head Slot 0 of the order.
/// @param order Slot 1 of the order.
/// @param triggers Slot 2 of the order.
/// @param config Of its book.
/// @param openConfig Of its book.
/// @param marginToken Its margin token.
/// @param tier Of its leverage; zero while that was not looked up.
/// @param same Sums of its side before it.
/// @param other Sums of the other side.
/// @param quote What the oracles say.
/// @param fill How the amount is divided, and the size it buys.
/// @param state Running numbers of the book, brought to now.
/// @param breaker What the breaker lets happen, and its clock.
struct OpenContext {
    uint256 id;
    address executor;
    bool isLimit;
    bool isLong;
    OrderHead head;
    OrderBody order;
    OrderTriggers triggers;
    BookConfigWord config;
    OpenConfigWord openConfig;
    MarginTokenWord marginToken;
    TierWord tier;
    SideTotals same;
    SideTotals other;
    Quote quote;
    Fill fill;
    BookState state;
    BreakerStatus breaker;
}

/// @title OpenRules
/// @notice Decides whether an order fills, and with what. Changes nothing: execution and its preview ask the same question. What only the Vault knows, whether
/// the largest gain can be reserved, is asked last and elsewhere.
library OpenRules {
    using BookLib for Book;
    using BookLib for BookSide;
    using TradeMath for Fill;

    /// @dev One order takes at most a quarter of a side's cap: with less than all of it nobody pushes out what he likes less.
    uint256 internal constant ORDERS_PER_CAP = 4;

    /// @dev Everything but the quote and the breaker.
    function load(
        TradingState storage store,
        OpenContext memory context,
        OrderHead head,
        OrderBody order,
        OrderTriggers triggers
    ) internal view {
        (context.head, context.order, context.triggers) = (head, order, triggers);
        context.isLong = head.state().isLong();
        context.isLimit = head.state().status() == TradeStatus.LimitOrder;
        Book storage book = store.books[head.bookId()];
        context.config = book.configOf();
        context.openConfig = book.openConfigOf();
        context.marginToken = store.marginTokensById[head.tokenId()].word();
    }

    /// @notice Whether the order may be filled now, and with this tick; nothing here is the order's own fault.
    function checkTick(TradingSetup calldata setup, OpenContext memory context) internal view returns (Reason) {
        uint256 delay = setup.delayOf(context.head.bookId());
        uint256 earliest = context.head.requestedAt().inSeconds() + delay;
        uint256 assetId = context.config.assetId();
        if (!context.isLimit) {
            return PriceChecks.firstTick(context.quote.tick, assetId, earliest, context.head.expiry().inSeconds());
        }
        uint256 cancelledAt = context.order.cancelledAt().inSeconds();
        uint256 latest = cancelledAt == 0 ? type(uint256).max : cancelledAt + delay;
        return TradeChecks.limitTick(context.quote.tick, assetId, earliest, latest);
    }

    /// @notice Decides whether the order opens at its tick. Whether the Vault has room for it is asked elsewhere.
    /// @dev Outcomes: Opened, Refused, Skipped. Fills `fill`, `tier` and `state` of the context on the way.
    function judge(
        TradingState storage store,
        TradingSetup calldata setup,
        OpenContext memory context
    ) internal view returns (Outcome, Reason reason) {
        reason = TradeChecks.momentOfOpening(context.quote, context.openConfig);
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        Book storage book = store.books[context.head.bookId()];
        context.same = book.sideOf(context.isLong).totals();
        context.other = book.sideOf(!context.isLong).totals();
        context.fill.divide(
            context.order.amount(),
            setup.executionFeeUsd,
            context.triggers.leverage(),
            context.openConfig.openFeePips(),
            TokenPrice(context.quote.tokenPrice, 10 ** context.marginToken.decimals())
        );
        Price market = _marketPrice(context);
        if (context.isLimit) {
            reason = TradeChecks.reachesLimit(
                market,
                context.order.price(),
                context.isLong,
                context.openConfig.maxDeviationPips()
            );
            if (reason != Reason.None) return (Outcome.Skipped, reason);
        }
        reason = _checkOrder(book, context, market);
        if (reason == Reason.None) reason = _checkCapacity(book, context);
        return (outcomeOf(context.isLimit, reason), reason);
    }

    /// @notice As execution decides, before its tick is looked at or after: with the Vault's room asked for where execution
    /// would take it.
    function judgeWithRoom(
        TradingState storage store,
        TradingSetup calldata setup,
        OpenContext memory context
    ) internal view returns (Outcome outcome, Reason reason) {
        if (!context.breaker.canOpen()) return (Outcome.Skipped, Reason.BreakerRaised);
        (outcome, reason) = judge(store, setup, context);
        if (outcome != Outcome.Opened) return (outcome, reason);
        if (setup.vault.hasRoom(address(this), openingOf(context))) return (outcome, reason);
        return (outcomeOf(context.isLimit, Reason.ReserveFull), Reason.ReserveFull);
    }

    /// @notice The position that the order becomes: its three slots.
    function positionOf(
        OpenContext memory context
    ) internal view returns (PositionHead head, PositionBody body, PositionTriggers triggers) {
        TradeState state = context.head.state().withStatus(TradeStatus.Open);
        if (context.order.broker() != 0) state = state.withExtra();
        int72 carryIndex = context.isLong ? context.state.longIndex : context.state.shortIndex;
        Fill memory fill = context.fill;
        head = context.head.opened(state, toTimestamp(context.quote.tick.publishTime), now32());
        // The margin is at most the amount, which has 96 bits.
        body = PositionBodyFields.pack(uint96(fill.margin), fill.size, fill.entry);
        triggers = context.triggers.opened(carryIndex, context.tier.termsId(), now32());
    }

    /// @notice Opened without a reason, else refused; but a limit rests on where only its own terms would not refuse it.
    function outcomeOf(bool isLimit, Reason reason) internal pure returns (Outcome) {
        if (reason == Reason.None) return Outcome.Opened;
        if (!isLimit) return Outcome.Refused;
        bool isOwn =
            reason == Reason.NotionalTooSmall ||
                reason == Reason.NotionalTooLarge ||
                reason == Reason.MarginTooSmall ||
                reason == Reason.LeverageNotOffered ||
                reason == Reason.TakeProfitOutOfRange;
        return isOwn ? Outcome.Refused : Outcome.Skipped;
    }

    /// @notice Whether a reason of `judge` is what the moment decides of any order: it stays pending.
    function isOfMoment(Reason reason) internal pure returns (bool) {
        return
            reason == Reason.BreakerRaised ||
            reason == Reason.SequencerNotReady ||
            reason == Reason.TokenPriceMissing ||
            reason == Reason.TokenPriceDisputed ||
            reason == Reason.AnchorsNotFresh ||
            reason == Reason.PriceDeviates ||
            reason == Reason.TickNotReached;
    }

    /// @notice What is asked of the Vault: the fees leave the collateral, the largest gain is reserved.
    function openingOf(OpenContext memory context) internal pure returns (Opening memory) {
        Fill memory fill = context.fill;
        uint256 toFees = TradeMath.restOf(fill.openFee, context.config.alpSharePips());
        return
            Opening({
                token: context.marginToken.token(),
                reserve: TradeMath.capOf(fill.margin, context.tier.terms().profitCapPips()),
                toLiquidity: fill.openFee - toFees,
                toFees: toFees,
                executor: Credit(context.executor, fill.executionFee)
            });
    }

    /// @dev Sizes the position and applies every rule that is neither the vault's nor the book's capacity.
    function _checkOrder(
        Book storage book,
        OpenContext memory context,
        Price market
    ) private view returns (Reason reason) {
        reason = TradeChecks.acceptsOpening(context.quote, context.config, context.openConfig);
        if (reason != Reason.None) return reason;
        // A limit may have waited since before the token was disabled.
        if (!context.marginToken.isEnabled()) return Reason.TokenNotEnabled;
        uint256 leverage = context.triggers.leverage();
        TierWord tier = book.tierOf(context.config, context.openConfig, leverage);
        if (tier.maxLeverage() == 0) return Reason.LeverageNotOffered;
        context.tier = tier;

        // An amount of dust can buy nothing: there is no size to divide by later.
        Fill memory fill = context.fill;
        fill.sizeAt(context.isLimit ? context.order.price() : market, leverage);
        if (fill.notional == 0) return Reason.NotionalTooSmall;
        reason = TradeChecks.size(context.order, context.triggers, context.isLong, fill, tier, context.openConfig);
        if (reason != Reason.None) return reason;

        int256 pnlUsd = TradeMath.pnlAt(context.isLong, fill.size, fill.entry, context.quote.tick.price);
        bool isLost = TradeMath.isLiquidatable(pnlUsd, 0, fill.marginUsd, tier.terms().liquidationLossRatePips());
        return isLost ? Reason.LiquidatableAtOpening : Reason.None;
    }

    /// @dev Open interest and loss budget. An order beyond its share of the cap as it stands meets a full side: a cut leaves a
    /// limit resting.
    function _checkCapacity(Book storage book, OpenContext memory context) private view returns (Reason) {
        book.accrueInto(context.state, context.config, context.breaker.clock());
        unchecked {
            // 32 bits by 30; 40 by 60; a notional has 160, a sum of them 96.
            int256 budgetNano = int256(uint256(context.config.lossBudgetUsd()) * BookLib.NANO_USD);
            if (context.state.lossNano > budgetNano) return Reason.LossBudgetSpent;
            uint256 limit = context.openConfig.maxOpenInterestUsd() * ONE_USD;
            if (context.fill.notional * ORDERS_PER_CAP > limit) return Reason.OpenInterestFull;
            return context.same.notional() + context.fill.notional > limit ? Reason.OpenInterestFull : Reason.None;
        }
    }

    /// @dev What the tick costs with slippage.
    function _marketPrice(OpenContext memory context) private pure returns (Price) {
        uint256 slippageX18 = SlippageMath.slippageX18(
            context.config,
            context.same.notional(),
            context.other.notional(),
            context.fill.marginUsd * context.triggers.leverage(),
            true
        );
        return TradeMath.withSlippage(context.quote.tick.price, slippageX18, context.isLong);
    }
}
