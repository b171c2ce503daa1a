// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {ITrading} from "../../interfaces/ITrading.sol";
import {Credit, Settlement} from "../../interfaces/IVault.sol";
import {Book, BookLib} from "../BookLib.sol";
import {CarryMath} from "../CarryMath.sol";
import {PriceChecks} from "../PriceChecks.sol";
import {QuoteLib} from "../QuoteLib.sol";
import {SlippageMath} from "../SlippageMath.sol";
import {TradeChecks} from "../TradeChecks.sol";
import {TradeCodec} from "../TradeCodec.sol";
import {CloseInput, CloseResult, TokenPrice, TradeMath} from "../TradeMath.sol";
import {TradeState} from "../TradeState.sol";
import {BookConfigWord, MarginTokenWord, SideTotals, TermsWord} from "../../types/BookWords.sol";
import {
    BookSide,
    BookState,
    Close,
    CloseKind,
    Extra,
    MarginToken,
    Outcome,
    Position,
    Reason
} from "../../types/TradeTypes.sol";
import {CloseWord, PositionBody, PositionExits, TradeHead} from "../../types/TradeWords.sol";
import {PIPS, Price, valueOf} from "../../types/Units.sol";
import {TradingEnvironment, TradingStore, TradingStoreLib} from "../../trading/TradingStore.sol";
import {BrokerFees} from "./BrokerFees.sol";
import {ClosePlacing} from "./ClosePlacing.sol";

/// @title Closing and liquidating positions
/// @dev Linked to Trading and run on its storage.
library CloseLogic {
    using BookLib for Book;
    using BookLib for BookSide;
    using BookLib for BookState;
    using TradeCodec for Close;
    using TradeCodec for MarginToken;
    using TradeCodec for Position;
    using ClosePlacing for CloseWord;
    using TradeState for uint8;
    using TradingStoreLib for TradingEnvironment;

    /// @dev What one exit works on: slots loaded once, as they are stored, and what follows from them.
    struct ExitContext {
        uint256 id;
        address executor;
        bool isLong;
        TradeHead head;
        PositionBody body;
        PositionExits exits;
        uint256 addedMargin;
        address armer;
        uint32 broker;
        CloseWord close;
        BookConfigWord config;
        MarginTokenWord margin;
        TermsWord terms;
        SideTotals same;
        SideTotals other;
        uint256 tokenUnit;
        uint256 notional;
        Price clamped;
        int256 carryOwed;
    }

    /// @notice Fills, refuses or skips the close that is pending; settles as a liquidation if its tick says so. Where none
    /// is pending, takes the profit or arms the stop that the tick reaches.
    function execute(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external returns (Outcome, Reason) {
        CloseWord close = store.closes[id].packed();
        ExitContext memory context;
        (context.id, context.executor, context.close) = (id, executor, close);
        if (!close.isLive()) return _trigger(store, environment, context, tickIndex);

        // Check: what leaves the close pending.
        if (!environment.breaker.canClose()) return (Outcome.Skipped, Reason.BreakerRaised);
        _loadExit(store, context);
        if (close.kind() == CloseKind.ArmedStop) context.armer = address(close.word());
        Quote memory quote = QuoteLib.read(environment.aggregator, msg.sender, tickIndex, context.margin.assetId());
        Reason reason = TradeChecks.firstTick(quote.tick, context.config.assetId(), close.target(), close.expiry());
        if (reason == Reason.None) reason = TradeChecks.momentOfExit(quote);
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        return _tryClose(store, environment, context, quote);
    }

    /// @dev Takes the profit or arms the stop that the tick reaches, or skips. Each counts from its own last change.
    function _trigger(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        ExitContext memory context,
        uint256 tickIndex
    ) private returns (Outcome, Reason) {
        // Check:
        _loadExit(store, context);
        Quote memory quote = QuoteLib.read(environment.aggregator, msg.sender, tickIndex, context.margin.assetId());
        Reason reason = TradeChecks.triggerTick(quote.tick, context.config.assetId(), context.head.since());
        if (reason == Reason.None && !environment.breaker.canClose()) reason = Reason.BreakerRaised;
        if (reason == Reason.None) reason = TradeChecks.momentOfExit(quote);
        if (reason != Reason.None) return (Outcome.Skipped, _orNothing(context, reason));
        return _pullTrigger(store, environment, context, quote);
    }

    /// @dev The take profit comes first: it is on the winning side, and a stop beyond it would have been reached before.
    function _pullTrigger(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        ExitContext memory context,
        Quote memory quote
    ) private returns (Outcome, Reason) {
        Book storage book = store.books[context.head.bookId()];
        BookState memory state = book.accrued(context.config);
        _bringToNow(book, context, quote, state);
        uint256 delay = environment.delayOf(context.head.bookId());

        if (_reachesProfit(context, quote.tick.publishTime, delay)) {
            Price exit = _exitPrice(context, _takeProfitOf(context));
            TokenPrice memory token = TokenPrice(quote.tokenPrice, context.tokenUnit);
            _settleClose(store, environment, context, token, state, exit);
            return (Outcome.Closed, Reason.None);
        }
        if (_reachesStop(context, quote.tick.publishTime, delay)) {
            return _armStop(store, environment, context, block.timestamp + delay);
        }
        return (Outcome.Skipped, _orNothing(context, Reason.TickNotReached));
    }

    function _reachesProfit(ExitContext memory context, uint256 at, uint256 delay) private pure returns (bool) {
        if (at < context.exits.takeProfitSetAt() + delay) return false;
        return TradeChecks.reaches(context.clamped, _takeProfitOf(context), context.isLong);
    }

    function _reachesStop(ExitContext memory context, uint256 at, uint256 delay) private pure returns (bool) {
        Price stop = context.exits.stopLoss();
        if (stop.isZero() || at < context.head.until() + delay) return false;
        return TradeChecks.reaches(context.clamped, stop, !context.isLong);
    }

    /// @dev The stop becomes a market close of now, without a bound, and remembers who armed it.
    function _armStop(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        ExitContext memory context,
        uint256 target
    ) private returns (Outcome, Reason) {
        uint256 expiry = target + environment.executionWindow;
        ClosePlacing.place(store, context.id, CloseKind.ArmedStop, uint160(context.executor), target, expiry);
        // Seconds since 1970 pass 32 bits in 2106.
        emit ITrading.StopArmed(context.id, context.executor, context.clamped, uint32(target), uint32(expiry));
        return (Outcome.Armed, Reason.None);
    }

    /// @dev The take profit set, or where the profit cap is reached.
    function _takeProfitOf(ExitContext memory context) private pure returns (Price profit) {
        profit = context.exits.takeProfit();
        if (!profit.isZero()) return profit;
        uint256 cap = context.terms.profitCapPips();
        return TradeMath.capPrice(context.isLong, context.body.entry(), context.exits.leverage(), cap);
    }

    /// @dev Without a trigger set, there is simply nothing pending, or what was has expired.
    function _orNothing(ExitContext memory context, Reason reason) private pure returns (Reason) {
        if (!context.exits.takeProfit().isZero() || !context.exits.stopLoss().isZero()) return reason;
        CloseKind kind = context.close.kind();
        bool isLapsed = kind == CloseKind.Requested || kind == CloseKind.ArmedStop;
        return isLapsed ? Reason.Expired : Reason.NothingPending;
    }

    /// @notice Liquidates or skips.
    function liquidate(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        uint256 id,
        uint256 tickIndex,
        address liquidator
    ) external returns (Outcome, Reason) {
        // Check:
        if (!environment.breaker.canLiquidate()) {
            return (Outcome.Skipped, environment.breaker.canClose() ? Reason.LiquidationGrace : Reason.BreakerRaised);
        }
        ExitContext memory context;
        (context.id, context.executor, context.close) = (id, liquidator, store.closes[id].packed());
        _loadExit(store, context);
        Quote memory quote = QuoteLib.read(environment.aggregator, msg.sender, tickIndex, context.margin.assetId());
        Reason reason = _checkLiquidationTick(context, quote);
        if (reason == Reason.None && !quote.isSequencerReady) reason = Reason.SequencerNotReady;
        if (reason == Reason.None) reason = TradeChecks.momentOfExit(quote);
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        TokenPrice memory token = TokenPrice(quote.tokenPrice, context.tokenUnit);
        Book storage book = store.books[context.head.bookId()];
        BookState memory state = book.accrued(context.config);
        _bringToNow(book, context, quote, state);
        if (!_isLiquidatable(context, token)) return (Outcome.Skipped, Reason.NotLiquidatable);

        _settleLiquidation(store, environment, context, token, state);
        return (Outcome.Liquidated, Reason.None);
    }

    /// @dev Position, token and configuration; no price, and nothing brought to now yet.
    function _loadExit(TradingStore storage store, ExitContext memory context) private view {
        Position storage position_ = store.positions[context.id];
        TradeHead head = position_.head();
        (context.head, context.body, context.exits) = (head, position_.body(), position_.exits());
        context.isLong = head.state().isLong();
        context.notional = valueOf(context.body.size(), context.body.entry());
        if (head.state().hasExtra()) {
            Extra storage extra = store.extras[context.id];
            (context.addedMargin, context.broker) = (extra.addedMargin, extra.broker);
        }
        context.margin = store.marginTokensById[head.tokenId()].packedToken();
        context.tokenUnit = 10 ** context.margin.decimals();
        context.config = store.books[head.bookId()].configOf();
    }

    /// @dev Open interest, terms, carry up to now, and the tick held within the anchors' band.
    function _bringToNow(
        Book storage book,
        ExitContext memory context,
        Quote memory quote,
        BookState memory state
    ) private view {
        context.same = book.sideOf(context.isLong).totals();
        context.other = book.sideOf(!context.isLong).totals();
        context.terms = book.termsOf(context.exits.termsId());
        context.carryOwed = CarryMath.owed(
            context.notional,
            context.isLong ? state.longIndex : state.shortIndex,
            context.exits.carryIndex()
        );
        context.clamped = PriceChecks.clamp(quote.tick.price, quote.anchors);
    }

    function _isLiquidatable(ExitContext memory context, TokenPrice memory token) private pure returns (bool) {
        return
            TradeMath.isLiquidatable(
                _pnlAtClamp(context),
                context.carryOwed,
                TradeMath.usdDown(context.body.margin() + context.addedMargin, token),
                context.terms.liquidationLossRatePips()
            );
    }

    /// @dev A pending close shields from its target on; closes that came to nothing leave their ticks a longer life, but
    /// not those published after the last of them was over.
    function _checkLiquidationTick(ExitContext memory context, Quote memory quote) private view returns (Reason) {
        CloseWord close = context.close;
        uint256 shieldedFrom = type(uint256).max;
        uint256 shieldedBefore = type(uint256).max;
        if (close.kind() != CloseKind.None && quote.tick.publishTime <= close.expiry()) {
            shieldedBefore = uint256(close.target()) - close.shieldedFor();
            if (close.kind() != CloseKind.Dead && block.timestamp <= close.expiry()) shieldedFrom = close.target();
        }
        return
            TradeChecks.liquidationTick(
                quote.tick,
                context.config.assetId(),
                context.head.since(),
                shieldedFrom,
                shieldedBefore
            );
    }

    /// @dev Liquidation comes before the price bound. While liquidations wait, it settles as a close.
    function _tryClose(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        ExitContext memory context,
        Quote memory quote
    ) private returns (Outcome, Reason) {
        // Check:
        if (PriceChecks.confidenceExceeds(quote.tick, TradeChecks.MAX_CONFIDENCE_PIPS)) {
            return _refuseClose(store, context, Reason.ConfidenceTooWide);
        }
        TokenPrice memory token = TokenPrice(quote.tokenPrice, context.tokenUnit);
        Book storage book = store.books[context.head.bookId()];
        BookState memory state = book.accrued(context.config);
        _bringToNow(book, context, quote, state);
        if (_isLiquidatable(context, token) && quote.isSequencerReady && environment.breaker.canLiquidate()) {
            _settleLiquidation(store, environment, context, token, state);
            return (Outcome.Liquidated, Reason.None);
        }

        // Check: it fills at the worse for the trader of the tick and its clamp.
        Price tick = quote.tick.price;
        // A stop has no bound.
        Price bound = Price.wrap(context.armer == address(0) ? uint64(context.close.word()) : 0);
        Price exit = _exitPrice(context, TradeChecks.worseOf(tick, context.clamped, context.isLong));
        if (!TradeChecks.isAcceptable(exit, bound, !context.isLong)) {
            if (TradeChecks.isAcceptable(_exitPrice(context, tick), bound, !context.isLong)) {
                return (Outcome.Skipped, Reason.PriceBoundByClamp);
            }
            return _refuseClose(store, context, Reason.PriceBound);
        }
        _settleClose(store, environment, context, token, state, exit);
        return (Outcome.Closed, Reason.None);
    }

    function _exitPrice(ExitContext memory context, Price from) private pure returns (Price) {
        uint256 slippageX18 = SlippageMath.slippageX18(
            context.config,
            context.same.notional() - context.notional,
            context.other.notional(),
            context.notional,
            false
        );
        return TradeMath.withSlippage(from, slippageX18, !context.isLong);
    }

    function _settleClose(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        ExitContext memory context,
        TokenPrice memory token,
        BookState memory state,
        Price exit
    ) private {
        CloseResult memory result = _divideClose(environment, context, token, exit);

        // Effect:
        // A close has a gain or a loss, never both.
        int256 vaultPnl =
            result.gain == 0
                ? int256(TradeMath.usdDown(result.loss, token))
                : -int256(TradeMath.usdDown(result.gain, token));
        _remove(store, context, state, vaultPnl);
        emit ITrading.TradeClosed(
            context.id,
            context.head.owner(),
            context.executor,
            exit,
            result.pnlUsd,
            context.carryOwed,
            result.closeFee,
            result.executionFee,
            result.payout
        );

        // Interaction:
        uint256 toFees = (result.closeFee * (PIPS - context.config.alpSharePips())) / PIPS;
        uint256 armerFee = _armerFee(environment, context, token, result.payout);
        BrokerFees.record(environment.vault, context.broker, context.margin.token(), context.head.owner(), toFees);
        _settle(environment, context, toFees, result.executionFee, armerFee, result.payout - armerFee);
    }

    /// @dev Whoever armed a stop is paid like whoever executes it, out of what would go to the trader.
    function _armerFee(
        TradingEnvironment calldata environment,
        ExitContext memory context,
        TokenPrice memory token,
        uint256 payout
    ) private returns (uint256 fee) {
        address armer = context.armer;
        if (armer == address(0) || armer == context.head.owner()) return 0;
        fee = Math.min(TradeMath.tokensUp(environment.executionFeeUsd, token), payout);
        emit ITrading.ArmerPaid(context.id, armer, fee);
    }

    function _divideClose(
        TradingEnvironment calldata environment,
        ExitContext memory context,
        TokenPrice memory token,
        Price exit
    ) private pure returns (CloseResult memory) {
        CloseInput memory input;
        (input.margin, input.addedMargin) = (context.body.margin(), context.addedMargin);
        (input.isLong, input.size) = (context.isLong, context.body.size());
        (input.entry, input.exit) = (context.body.entry(), exit);
        input.carryOwed = context.carryOwed;
        // The owner pays no execution fee to himself.
        if (context.executor != context.head.owner()) input.executionFeeUsd = environment.executionFeeUsd;
        return TradeMath.close(input, BookLib.unpackTerms(context.terms), token);
    }

    /// @dev The liquidator first, the vault the rest, the trader nothing.
    function _settleLiquidation(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        ExitContext memory context,
        TokenPrice memory token,
        BookState memory state
    ) private {
        uint256 margin = context.body.margin() + context.addedMargin;
        uint256 reward = TradeMath.liquidationReward(margin, token);
        uint256 owed = TradeMath.tokensUp(uint256(context.carryOwed - _pnlAtClamp(context)), token) + reward;

        // Effect:
        _remove(store, context, state, int256(TradeMath.usdDown(margin - reward, token)));
        emit ITrading.TradeLiquidated(
            context.id,
            context.head.owner(),
            context.executor,
            context.clamped,
            reward,
            margin - reward,
            owed > margin ? owed - margin : 0
        );

        // Interaction:
        _settle(environment, context, 0, reward, 0, 0);
    }

    function _pnlAtClamp(ExitContext memory context) private pure returns (int256) {
        return TradeMath.pnlAt(context.isLong, context.body.size(), context.body.entry(), context.clamped);
    }

    /// @dev Takes the position out of the sums, books what the vault made or lost, and deletes the record.
    function _remove(
        TradingStore storage store,
        ExitContext memory context,
        BookState memory state,
        int256 vaultPnlUsd
    ) private {
        uint16 bookId = context.head.bookId();
        Book storage book = store.books[bookId];
        PositionBody body = context.body;
        book.sideOf(context.isLong).sub(
            context.same,
            BookLib.contributionOf(
                body.size(),
                body.entry(),
                context.exits.leverage(),
                context.exits.carryIndex(),
                context.terms.profitCapPips()
            )
        );
        state.recordVaultPnl(vaultPnlUsd);
        book.storeState(state);
        bool isLast = context.same.size() == body.size().raw() && context.other.size() == 0;
        if (isLast) store.exposedBooks &= ~(1 << bookId);
        if (context.head.state().hasExtra()) delete store.extras[context.id];
        if (context.close.kind() != CloseKind.None) store.closes[context.id].store(CloseWord.wrap(0));
        store.positions[context.id].clear();
    }

    function _settle(
        TradingEnvironment calldata environment,
        ExitContext memory context,
        uint256 toFees,
        uint256 executorCredit,
        uint256 armerCredit,
        uint256 payout
    ) private {
        uint256 margin = context.body.margin();
        environment.vault.settle(
            Settlement({
                token: context.margin.token(),
                collateral: margin + context.addedMargin,
                reserve: TradeMath.capOf(margin, context.terms.profitCapPips()),
                toFees: toFees,
                executor: Credit(context.executor, executorCredit),
                armer: Credit(context.armer, armerCredit),
                receiver: context.head.owner(),
                payout: payout,
                asNative: context.head.state().asNative()
            })
        );
    }

    /// @dev The position stays as it was; the record remembers what the close had shielded.
    function _refuseClose(
        TradingStore storage store,
        ExitContext memory context,
        Reason reason
    ) private returns (Outcome, Reason) {
        CloseWord close = context.close;
        // Seconds since 1970 pass 32 bits in 2106.
        store.closes[context.id].store(
            TradeCodec.encodeClose(
                close.word(),
                close.target(),
                uint32(block.timestamp),
                close.shieldedFor(),
                CloseKind.Dead
            )
        );
        emit ITrading.CloseRefused(context.id, context.executor, reason);
        return (Outcome.Refused, reason);
    }
}
