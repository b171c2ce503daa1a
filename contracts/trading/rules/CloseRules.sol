// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {TokenMath, TokenPrice} from "../../product/TokenPrice.sol";
import {BookConfigWord, BookSide, BookState, MarginTokenWord, SideTotals, TermsWord} from "../../types/Book.sol";
import {BreakerStatus} from "../../types/BreakerStatus.sol";
import {CloseKind, CloseWord} from "../../types/Close.sol";
import {Timestamp, now32, toTimestamp} from "../../types/Timestamp.sol";
import {
    Position,
    PositionBody,
    PositionBodyFields,
    PositionHead,
    PositionTriggers,
    TradeExtra
} from "../../types/Trade.sol";
import {Price, Size, valueOf} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {CarryMath} from "../math/CarryMath.sol";
import {SlippageMath} from "../math/SlippageMath.sol";
import {CloseInput, CloseResult, TradeMath} from "../math/TradeMath.sol";
import {TradeChecks} from "./TradeChecks.sol";

/// @notice What leaves the position: all of it, or the part that its close asked for.
/// @param size Base asset.
/// @param margin Of the initial margin, in token units; of a part rounded down.
/// @param addedMargin Of what was added since, in token units; of a part rounded down.
/// @param reserve Released, in token units: what the rest no longer needs.
/// @param isWhole Nothing of the position stays.
struct Leaving {
    Size size;
    uint256 margin;
    uint256 addedMargin;
    uint256 reserve;
    bool isWhole;
}

/// @notice What one exit works on: slots loaded once, as they are stored, and what follows from them.
/// @param id Of the trade.
/// @param executor Who is credited the execution fee or the reward.
/// @param caller Who called and named the executor.
/// @param isLong Side.
/// @param armer Who armed the stop that is pending; zero where none is.
/// @param broker Of the trade.
/// @param head Slot 0 of the position.
/// @param body Slot 1 of the position.
/// @param triggers Slot 2 of the position.
/// @param close The close that is pending or was last tried.
/// @param config Of its book.
/// @param marginToken Its margin token.
/// @param terms Of the position.
/// @param same Sums of its side, the position included.
/// @param other Sums of the other side.
/// @param quote What the oracles say.
/// @param token The margin token at its price now, while that is disputed at its lower end: what the trader owes.
/// @param dearToken The same, while it is disputed at its higher end: what the trader is paid, and what his margin is worth.
/// @param clamped The tick, held within the anchors' band.
/// @param addedMargin In token units.
/// @param carryIndex Index of its side now.
/// @param state Running numbers of the book, brought to now.
/// @param leaving What leaves.
/// @param breaker What the breaker lets happen, and its clock.
/// @param isBookLoaded Both sums and the running numbers of the book are there.
struct CloseContext {
    uint256 id;
    address executor;
    address caller;
    bool isLong;
    address armer;
    uint32 broker;
    PositionHead head;
    PositionBody body;
    PositionTriggers triggers;
    CloseWord close;
    BookConfigWord config;
    MarginTokenWord marginToken;
    TermsWord terms;
    SideTotals same;
    SideTotals other;
    Quote quote;
    TokenPrice token;
    TokenPrice dearToken;
    Price clamped;
    uint256 addedMargin;
    int256 carryIndex;
    BookState state;
    Leaving leaving;
    BreakerStatus breaker;
    bool isBookLoaded;
}

/// @title CloseRules
/// @notice Decides whether a position ends, and how. Changes nothing: execution and its preview ask the same question.
library CloseRules {
    using BookLib for Book;
    using BookLib for BookSide;

    /// @dev Loads position, close, margin token and configuration. Quote and breaker are the caller's to add; prices and carry
    /// are where a rule needs them.
    function load(TradingState storage store, CloseContext memory context) internal view {
        Position storage record = store.positions[context.id];
        PositionHead head = record.head();
        (context.head, context.body, context.triggers) = (head, record.body(), record.triggers());
        context.close = store.closes[context.id].word();
        context.isLong = head.state().isLong();
        if (head.state().hasExtra()) {
            TradeExtra storage extra = store.extras[context.id];
            (context.addedMargin, context.broker) = (extra.addedMargin, extra.broker);
        }
        context.marginToken = store.marginTokensById[head.tokenId()].word();
        context.config = store.books[head.bookId()].configOf();
        takeWhole(context);
    }

    /// @dev All of the position leaves, unless a close says otherwise.
    function takeWhole(CloseContext memory context) internal pure {
        PositionBody body = context.body;
        Leaving memory leaving = context.leaving;
        (leaving.size, leaving.margin, leaving.addedMargin) = (body.size(), body.margin(), context.addedMargin);
        leaving.isWhole = true;
    }

    /// @notice What becomes of the position at the tick of an execution: the close that is pending is filled, refused or
    /// skipped, or settles as a liquidation; where none is, the take profit or the stop is tried. So is the take profit
    /// with a tick from before the close's target: only later ones are the close's.
    /// @return outcome Closed, Reduced, Liquidated, Armed, Refused or Skipped.
    /// @return reason Why it was refused or skipped.
    /// @return exit Fill price of a close.
    function judge(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context
    ) internal view returns (Outcome outcome, Reason reason, Price exit) {
        CloseWord close = context.close;
        Quote memory quote = context.quote;
        bool isPending = close.isLive();
        if (!isPending || _isBefore(context, close.target().inSeconds())) {
            (outcome, reason, exit) = _judgeTriggers(store, setup, context);
            bool isDone = outcome == Outcome.Closed || outcome == Outcome.Liquidated;
            if (!isPending || isDone) return (outcome, reason, exit);
            // What is pending goes on waiting for its own tick, and no stop can take its place.
            return (Outcome.Skipped, outcome == Outcome.Armed ? Reason.CloseIsPending : Reason.TickTooEarly, exit);
        }
        if (!context.breaker.canClose()) return (Outcome.Skipped, Reason.BreakerRaised, exit);
        reason = PriceChecks.firstTick(
            quote.tick,
            context.config.assetId(),
            close.target().inSeconds(),
            close.expiry().inSeconds()
        );
        if (reason == Reason.None) reason = TradeChecks.momentOfExit(quote);
        if (reason != Reason.None) return (Outcome.Skipped, reason, exit);
        return _judgeClose(store, setup, context);
    }

    /// @notice Whether the tick liquidates the position.
    /// @dev Outcomes: Liquidated, Skipped.
    function judgeLiquidation(
        TradingState storage store,
        CloseContext memory context
    ) internal view returns (Outcome, Reason reason) {
        if (!context.breaker.canLiquidate()) {
            return (Outcome.Skipped, context.breaker.canClose() ? Reason.LiquidationGrace : Reason.BreakerRaised);
        }
        reason = _checkLiquidationTick(context);
        if (reason == Reason.None && !context.quote.isSequencerReady) reason = Reason.SequencerNotReady;
        if (reason == Reason.None) reason = TradeChecks.momentOfExit(context.quote);
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        _bringToNow(store, context);
        return _isLiquidatable(context) ? (Outcome.Liquidated, Reason.None) : (Outcome.Skipped, Reason.NotLiquidatable);
    }

    /// @notice The prices of an exit: that of the token, and the tick held within the anchors' band.
    /// @return isPriced False where the moment lets nothing out at all.
    function priceExit(CloseContext memory context) internal pure returns (bool isPriced) {
        isPriced = TradeChecks.momentOfExit(context.quote) == Reason.None;
        if (!isPriced) return false;
        _priceToken(context);
        context.clamped = PriceChecks.clamp(context.quote.tick.price, context.quote.anchors);
    }

    /// @notice Whether no attempt can do anything to a position of which no close is pending: the tick reaches neither trigger
    /// nor its liquidation, whatever clocks and breaker say.
    /// @param context With position, terms, carry index, prices and what leaves; what was added to the margin may be missing:
    /// with it, less is liquidated.
    function isIdle(CloseContext memory context) internal pure returns (bool) {
        int256 pnlUsd = pnlAtClamp(context);
        int256 carryUsd = carryOwed(context);
        if (carryUsd >= pnlUsd && _isLostAt(context, pnlUsd, carryUsd)) return false;
        // The cap is on the winning side.
        bool canTake = pnlUsd >= 0 || !context.triggers.takeProfit().isZero();
        if (canTake && TradeChecks.reaches(context.clamped, _takeProfitOf(context), context.isLong)) return false;
        Price stop = context.triggers.stopLoss();
        return stop.isZero() || !TradeChecks.reaches(context.clamped, stop, !context.isLong);
    }

    /// @notice Goes on with the position as an execution has left it, and as it would be stored.
    /// @param outcome Of the execution: anything that does not end the position.
    function goOn(TradingSetup calldata setup, CloseContext memory context, Outcome outcome) internal view {
        if (outcome == Outcome.Armed) context.close = armedClose(setup, context);
        if (outcome == Outcome.Refused || outcome == Outcome.Reduced) context.close = context.close.refused(now32());
        if (outcome == Outcome.Reduced) {
            context.body = rest(context);
            context.addedMargin -= context.leaving.addedMargin;
        }
        // A close that did not come about may have cut a part.
        takeWhole(context);
    }

    /// @notice The market close of now that the stop becomes, without a bound; it remembers who armed it.
    function armedClose(TradingSetup calldata setup, CloseContext memory context) internal view returns (CloseWord) {
        uint256 target = block.timestamp + setup.delayOf(context.head.bookId());
        Timestamp expiry = toTimestamp(target + setup.executionWindow);
        return context.close.followedBy(CloseKind.ArmedStop, uint160(context.executor), target, expiry);
    }

    /// @notice What stays of a position of which a part leaves: its slot 1.
    function rest(CloseContext memory context) internal pure returns (PositionBody) {
        PositionBody body = context.body;
        Leaving memory leaving = context.leaving;
        Size left = Size.wrap(Size.unwrap(body.size()) - Size.unwrap(leaving.size));
        // A part of a margin of 96 bits.
        return PositionBodyFields.pack(uint96(body.margin() - leaving.margin), left, body.entry());
    }

    /// @notice What a liquidator is paid, in token units.
    function rewardOf(CloseContext memory context) internal pure returns (uint256) {
        return TradeMath.liquidationReward(context.body.margin() + context.addedMargin, context.dearToken);
    }

    /// @notice How a close at a price is divided.
    function divide(
        TradingSetup calldata setup,
        CloseContext memory context,
        Price exit
    ) internal pure returns (CloseResult memory) {
        CloseInput memory input;
        Leaving memory leaving = context.leaving;
        address owner = context.head.owner();
        (input.margin, input.addedMargin) = (leaving.margin, leaving.addedMargin);
        (input.isLong, input.size) = (context.isLong, leaving.size);
        (input.entry, input.exit) = (context.body.entry(), exit);
        input.carryOwed = carryOwed(context);
        // The owner pays no execution fee to himself.
        input.executionFeeUsd = setup.executionFeeUsd;
        input.isExecutorPaid = context.executor != owner;
        input.isArmerPaid = context.armer != address(0) && context.armer != owner;
        return TradeMath.close(input, context.terms.unpack(), context.token, context.dearToken);
    }

    /// @notice Carry that what leaves owes, USD with 18 decimals.
    function carryOwed(CloseContext memory context) internal pure returns (int256) {
        uint256 notional = valueOf(context.leaving.size, context.body.entry());
        return CarryMath.owed(notional, context.carryIndex, context.triggers.carryIndex());
    }

    /// @notice Profit at the clamped tick of what leaves, USD with 18 decimals.
    function pnlAtClamp(CloseContext memory context) internal pure returns (int256) {
        return TradeMath.pnlAt(context.isLong, context.leaving.size, context.body.entry(), context.clamped);
    }

    /// @dev Open interest, terms, carry up to now, and the tick held within the anchors' band.
    function _bringToNow(TradingState storage store, CloseContext memory context) private view {
        Book storage book = store.books[context.head.bookId()];
        context.terms = book.termsOf(context.triggers.termsId());
        if (!context.isBookLoaded) {
            context.same = book.sideOf(context.isLong).totals();
            context.other = book.sideOf(!context.isLong).totals();
            book.accrueInto(context.state, context.config, context.breaker.clock());
            context.isBookLoaded = true;
        }
        context.carryIndex = context.isLong ? context.state.longIndex : context.state.shortIndex;
        _priceToken(context);
        context.clamped = PriceChecks.clamp(context.quote.tick.price, context.quote.anchors);
        context.leaving.reserve = TradeMath.capOf(context.body.margin(), context.terms.profitCapPips());
    }

    /// @dev Every conversion takes the end of a disputed price that is worse for the trader, or the one price that there is.
    function _priceToken(CloseContext memory context) private pure {
        TokenPrice memory token = context.token;
        (token.price, token.unit) = (context.quote.tokenPrice, 10 ** context.marginToken.decimals());
        context.dearToken = token;
        if (!PriceChecks.isTokenPriceDisputed(context.quote)) return;
        context.dearToken = TokenPrice(context.quote.tokenHigh, token.unit);
        token.price = context.quote.tokenLow;
    }

    /// @dev The tick is one of this market, and earlier than the target.
    function _isBefore(CloseContext memory context, uint256 target) private pure returns (bool) {
        uint256 publishTime = context.quote.tick.publishTime;
        return publishTime != 0 && publishTime < target && context.quote.tick.assetId == context.config.assetId();
    }

    /// @dev Liquidation comes before the price bound. While liquidations wait, it settles as a close.
    function _judgeClose(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context
    ) private view returns (Outcome, Reason, Price exit) {
        if (context.close.kind() == CloseKind.ArmedStop) context.armer = context.close.armer();
        if (PriceChecks.confidenceExceeds(context.quote.tick, PriceChecks.MAX_CONFIDENCE_PIPS)) {
            return (Outcome.Refused, Reason.ConfidenceTooWide, exit);
        }
        _bringToNow(store, context);
        if (_isLiquidatedNow(context)) return (Outcome.Liquidated, Reason.None, exit);
        if (PriceChecks.isTokenPriceDisputed(context.quote) && !_isByOwner(setup, context)) {
            return (Outcome.Skipped, Reason.TokenPriceDisputed, exit);
        }

        // It fills at the worse for the trader of the tick and its clamp. A stop has no bound.
        Price bound;
        if (context.armer == address(0)) {
            bound = context.close.bound();
            _cutPart(context);
        }
        Price tick = context.quote.tick.price;
        exit = _exitPrice(context, TradeChecks.worseOf(tick, context.clamped, context.isLong));
        if (!TradeChecks.isAcceptable(exit, bound, !context.isLong)) {
            bool isByClamp = TradeChecks.isAcceptable(_exitPrice(context, tick), bound, !context.isLong);
            return
                isByClamp
                    ? (Outcome.Skipped, Reason.PriceBoundByClamp, exit)
                    : (Outcome.Refused, Reason.PriceBound, exit);
        }
        return (context.leaving.isWhole ? Outcome.Closed : Outcome.Reduced, Reason.None, exit);
    }

    /// @dev The take profit comes first: it is on the winning side, and a stop beyond it would have been reached before.
    /// Each counts from its own last change. A market far beyond the take profit has left its price behind: it closes at a
    /// tick of its own, as a stop does.
    function _judgeTriggers(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context
    ) private view returns (Outcome, Reason reason, Price exit) {
        Quote memory quote = context.quote;
        reason = TradeChecks.triggerTick(quote.tick, context.config.assetId(), context.head.openedAt().inSeconds());
        if (reason == Reason.None && !context.breaker.canClose()) reason = Reason.BreakerRaised;
        if (reason == Reason.None) reason = TradeChecks.momentOfTrigger(quote);
        if (reason != Reason.None) return (Outcome.Skipped, _orNothing(context, reason), exit);

        _bringToNow(store, context);
        uint256 delay = setup.delayOf(context.head.bookId());
        Price profit = _reachedProfit(setup, context, delay);
        if (!profit.isZero()) {
            // A carry that has eaten the margin is not paid out by a profit on the price.
            if (_isLiquidatedNow(context)) return (Outcome.Liquidated, Reason.None, exit);
            bool isFar = PriceChecks.isFar(context.clamped, profit, TradeChecks.MAX_PROFIT_GAP_PIPS);
            if (isFar) return (Outcome.Armed, Reason.None, exit);
            return (Outcome.Closed, Reason.None, _exitPrice(context, profit));
        }
        if (_reachesStop(context, delay)) return (Outcome.Armed, Reason.None, exit);
        return (Outcome.Skipped, _orNothing(context, Reason.TickNotReached), exit);
    }

    /// @dev A part takes its share of the margin, rounded down, and frees the reserve that the rest no longer needs. So
    /// parts release together what the whole would, and no part more than its share.
    function _cutPart(CloseContext memory context) private pure {
        Size partSize = context.close.partSize();
        uint256 part = partSize.raw();
        uint256 whole = context.body.size().raw();
        if (part == 0 || part >= whole) return;
        uint256 margin = context.body.margin();
        uint256 marginOut = (margin * part) / whole;
        uint256 capPips = context.terms.profitCapPips();
        context.leaving = Leaving({
            size: partSize,
            margin: marginOut,
            addedMargin: (context.addedMargin * part) / whole,
            reserve: TradeMath.capOf(margin, capPips) - TradeMath.capOf(margin - marginOut, capPips),
            isWhole: false
        });
    }

    /// @dev Anyone may name the owner as executor: only he himself, or the Executor, which names its caller, is believed.
    function _isByOwner(TradingSetup calldata setup, CloseContext memory context) private pure returns (bool) {
        address owner = context.head.owner();
        if (context.executor != owner) return false;
        return context.caller == owner || context.caller == setup.trustedExecutor;
    }

    /// @dev While the token's price is disputed: at its higher end, and so at both.
    function _isLiquidatable(CloseContext memory context) private pure returns (bool) {
        return _isLostAt(context, pnlAtClamp(context), carryOwed(context));
    }

    function _isLostAt(CloseContext memory context, int256 pnlUsd, int256 carryUsd) private pure returns (bool) {
        return
            TradeMath.isLiquidatable(
                pnlUsd,
                carryUsd,
                TokenMath.usdDown(context.body.margin() + context.addedMargin, context.dearToken),
                context.terms.liquidationLossRatePips()
            );
    }

    /// @dev Whether an exit settles as a liquidation: while liquidations wait, none does.
    function _isLiquidatedNow(CloseContext memory context) private pure returns (bool) {
        return _isLiquidatable(context) && context.quote.isSequencerReady && context.breaker.canLiquidate();
    }

    /// @dev A pending close shields ticks from its target on. A tick that a close had shielded which is over may be older than
    /// others.
    function _checkLiquidationTick(CloseContext memory context) private view returns (Reason) {
        uint256 publishTime = context.quote.tick.publishTime;
        return
            TradeChecks.liquidationTick(
                context.quote.tick,
                context.config.assetId(),
                context.head.openedAt().inSeconds(),
                context.close.shields(publishTime),
                context.close.hadShielded(publishTime)
            );
    }

    /// @dev The take profit or, while that is too new to count, the cap: no change of the one moves the clock of the other, which
    /// begins with the latest moment at which the opening's tick can have filled the order. Else its owner could keep a
    /// position that can gain nothing more open for as long as he liked, at the cost of whoever mints and burns meanwhile.
    /// @return profit Price of the one that the tick reaches; 0: neither.
    function _reachedProfit(
        TradingSetup calldata setup,
        CloseContext memory context,
        uint256 delay
    ) private pure returns (Price profit) {
        uint256 publishTime = context.quote.tick.publishTime;
        uint256 capSetAt = context.head.openedAt().inSeconds() + setup.executionWindow;
        if (publishTime >= context.triggers.takeProfitSetAt().inSeconds() + delay) profit = _takeProfitOf(context);
        else if (publishTime >= capSetAt + delay) profit = _capPriceOf(context);
        else return profit;
        return TradeChecks.reaches(context.clamped, profit, context.isLong) ? profit : Price.wrap(0);
    }

    function _reachesStop(CloseContext memory context, uint256 delay) private pure returns (bool) {
        Price stop = context.triggers.stopLoss();
        if (stop.isZero() || context.quote.tick.publishTime < context.head.stopLossSetAt().inSeconds() + delay)
            return false;
        return TradeChecks.reaches(context.clamped, stop, !context.isLong);
    }

    /// @dev The take profit set, or where the profit cap is reached.
    function _takeProfitOf(CloseContext memory context) private pure returns (Price profit) {
        profit = context.triggers.takeProfit();
        return profit.isZero() ? _capPriceOf(context) : profit;
    }

    /// @dev Where the profit cap is reached.
    function _capPriceOf(CloseContext memory context) private pure returns (Price) {
        uint256 cap = context.terms.profitCapPips();
        return TradeMath.capPrice(context.isLong, context.body.entry(), context.triggers.leverage(), cap);
    }

    /// @dev Without a trigger set, there is simply nothing pending, or what was has expired.
    function _orNothing(CloseContext memory context, Reason reason) private pure returns (Reason) {
        if (!context.triggers.takeProfit().isZero() || !context.triggers.stopLoss().isZero()) return reason;
        CloseKind kind = context.close.kind();
        bool isLapsed = kind == CloseKind.Requested || kind == CloseKind.ArmedStop;
        return isLapsed ? Reason.Expired : Reason.NothingPending;
    }

    /// @dev A price with the slippage of what leaves, at most that of its terms.
    function _exitPrice(CloseContext memory context, Price from) private pure returns (Price) {
        uint256 notional = valueOf(context.leaving.size, context.body.entry());
        uint256 slippageX18 = SlippageMath.exitSlippageX18(
            context.config,
            context.same.notional() - notional,
            context.other.notional(),
            notional,
            context.terms.maxExitSlippagePips()
        );
        return TradeMath.withSlippage(from, slippageX18, !context.isLong);
    }
}
