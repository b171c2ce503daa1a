// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ITrading} from "../../interfaces/ITrading.sol";
import {Credit, Opening} from "../../interfaces/IVault.sol";
import {Book, BookLib} from "../BookLib.sol";
import {QuoteLib} from "../QuoteLib.sol";
import {SlippageMath} from "../SlippageMath.sol";
import {TradeChecks} from "../TradeChecks.sol";
import {TradeCodec} from "../TradeCodec.sol";
import {Fill, TokenPrice, TradeMath} from "../TradeMath.sol";
import {TradeState} from "../TradeState.sol";
import {BookConfigWord, MarginTokenWord, OpenConfigWord, SideTotals, TierWord} from "../../types/BookWords.sol";
import {
    BookSide,
    BookState,
    Extra,
    MarginToken,
    Outcome,
    Position,
    Reason,
    TradeStatus
} from "../../types/TradeTypes.sol";
import {OrderBody, OrderExits, TradeHead} from "../../types/TradeWords.sol";
import {ONE_USD, PIPS, Price} from "../../types/Units.sol";
import {TradingEnvironment, TradingStore, TradingStoreLib} from "../../trading/TradingStore.sol";
import {BrokerFees} from "./BrokerFees.sol";
import {RefundLib} from "./RefundLib.sol";

/// @title Filling orders
/// @dev Linked to Trading and run on its storage.
library OpenLogic {
    using BookLib for Book;
    using BookLib for BookSide;
    using BookLib for BookState;
    using TradeCodec for MarginToken;
    using TradeCodec for Position;
    using TradeCodec for TradeHead;
    using TradeMath for Fill;
    using TradeState for uint8;
    using TradingStoreLib for TradingEnvironment;

    /// @dev What one fill works on: slots loaded once, as they are stored.
    struct FillContext {
        uint256 id;
        address executor;
        bool isLong;
        TradeHead head;
        OrderBody order;
        OrderExits exits;
        BookConfigWord config;
        OpenConfigWord openConfig;
        MarginTokenWord margin;
        TierWord tier;
        SideTotals same;
        SideTotals other;
        int72 carryIndex;
    }

    /// @notice Fills, refuses or skips the market order under `id`.
    function execute(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external returns (Outcome, Reason) {
        FillContext memory context;
        TradeHead head = store.positions[id].head();
        (context.id, context.executor, context.head) = (id, executor, head);

        // Check: what leaves the order pending.
        if (block.timestamp > head.until()) return (Outcome.Skipped, Reason.Expired);
        if (!environment.breaker.canOpen()) return (Outcome.Skipped, Reason.BreakerRaised);
        context.config = store.books[head.bookId()].configOf();
        context.margin = store.marginTokensById[head.tokenId()].packedToken();
        Quote memory quote = QuoteLib.read(environment.aggregator, msg.sender, tickIndex, context.margin.assetId());
        Reason reason = TradeChecks.firstTick(
            quote.tick,
            context.config.assetId(),
            uint256(head.since()) + environment.delayOf(head.bookId()),
            head.until()
        );
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        context.openConfig = store.books[head.bookId()].openConfigOf();
        reason = TradeChecks.momentOfOpening(quote, context.openConfig);
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        return _fill(store, environment, context, quote);
    }

    /// @dev What refuses the order; the reserve is the last thing to be asked for.
    function _fill(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        FillContext memory context,
        Quote memory quote
    ) private returns (Outcome, Reason) {
        Book storage book = store.books[context.head.bookId()];
        _load(store.positions[context.id], book, context);

        // Check: the order itself and its tick.
        Fill memory fill = TradeMath.divide(
            context.order.amount(),
            environment.executionFeeUsd,
            context.exits.leverage(),
            context.openConfig.openFeePips(),
            TokenPrice(quote.tokenPrice, 10 ** context.margin.decimals())
        );
        Reason reason = _sizePosition(book, context, quote, fill);
        if (reason != Reason.None) return _refuse(store, environment, context, fill, reason);

        // Check: capacity.
        BookState memory state = book.accrued(context.config);
        reason = _checkCapacity(context, fill, state);
        if (reason == Reason.None && !_bookOpening(environment, context, fill)) reason = Reason.ReserveFull;
        if (reason != Reason.None) return _refuse(store, environment, context, fill, reason);

        _promote(store, context, quote, fill, state);
        return (Outcome.Opened, Reason.None);
    }

    /// @dev The rest of the order, and the open interest of both sides.
    function _load(Position storage record, Book storage book, FillContext memory context) private view {
        (context.order, context.exits) = (record.orderBody(), record.orderExits());
        context.isLong = context.head.state().isLong();
        context.same = book.sideOf(context.isLong).totals();
        context.other = book.sideOf(!context.isLong).totals();
    }

    /// @dev Sizes the position and applies every rule that is neither the vault's nor the book's capacity.
    function _sizePosition(
        Book storage book,
        FillContext memory context,
        Quote memory quote,
        Fill memory fill
    ) private view returns (Reason reason) {
        reason = TradeChecks.acceptsOpening(quote, context.config, context.openConfig);
        if (reason != Reason.None) return reason;
        uint256 leverage = context.exits.leverage();
        TierWord tier = book.tierOf(context.config.tierCount(), leverage);
        if (tier.maxLeverage() == 0) return Reason.LeverageNotOffered;
        context.tier = tier;

        // An amount of dust can buy nothing: there is no size to divide by later.
        Price tick = quote.tick.price;
        fill.sizeAt(_entryPrice(context, tick, fill.marginUsd * leverage), leverage);
        if (fill.notional == 0) return Reason.NotionalTooSmall;
        reason = TradeChecks.size(context.order, context.exits, context.isLong, fill, tier, context.openConfig);
        if (reason != Reason.None) return reason;

        int256 pnlUsd = TradeMath.pnlAt(context.isLong, fill.size, fill.entry, tick);
        bool isLost = TradeMath.isLiquidatable(pnlUsd, 0, fill.marginUsd, tier.terms().liquidationLossRatePips());
        return isLost ? Reason.LiquidatableAtOpening : Reason.None;
    }

    /// @dev Open interest and loss budget.
    function _checkCapacity(
        FillContext memory context,
        Fill memory fill,
        BookState memory state
    ) private pure returns (Reason) {
        uint256 budgetNano = uint256(context.config.lossBudgetUsd()) * BookLib.NANO_USD;
        if (state.lossNano > budgetNano) return Reason.LossBudgetSpent;
        uint256 limit = context.openConfig.maxOpenInterestUsd() * ONE_USD;
        return context.same.notional() + fill.notional > limit ? Reason.OpenInterestFull : Reason.None;
    }

    function _entryPrice(FillContext memory context, Price tick, uint256 trade) private pure returns (Price) {
        uint256 slippageX18 = SlippageMath.slippageX18(
            context.config,
            context.same.notional(),
            context.other.notional(),
            trade,
            true
        );
        return TradeMath.withSlippage(tick, slippageX18, context.isLong);
    }

    /// @dev Fees leave the product's collateral, the largest gain is reserved. False if there is no room for it.
    function _bookOpening(
        TradingEnvironment calldata environment,
        FillContext memory context,
        Fill memory fill
    ) private returns (bool) {
        uint256 toFees = (fill.openFee * (PIPS - context.config.alpSharePips())) / PIPS;
        bool isBooked = environment.vault.open(
            Opening({
                token: context.margin.token(),
                reserve: TradeMath.capOf(fill.margin, context.tier.terms().profitCapPips()),
                toLiquidity: fill.openFee - toFees,
                toFees: toFees,
                executor: Credit(context.executor, fill.executionFee)
            })
        );
        if (isBooked) {
            BrokerFees.record(
                environment.vault,
                context.order.broker(),
                context.margin.token(),
                context.head.owner(),
                toFees
            );
        }
        return isBooked;
    }

    /// @dev Turns the record into a position and adds it to the sums.
    function _promote(
        TradingStore storage store,
        FillContext memory context,
        Quote memory quote,
        Fill memory fill,
        BookState memory state
    ) private {
        // Effect:
        context.carryIndex = context.isLong ? state.longIndex : state.shortIndex;
        _storePosition(store, context, quote.tick.publishTime, fill);
        _addToBook(store, context, fill, state);
        _emitOpened(context, quote.tick, fill);
    }

    function _emitOpened(FillContext memory context, Tick memory tick, Fill memory fill) private {
        emit ITrading.TradeOpened(
            context.id,
            context.head.owner(),
            context.executor,
            tick.price,
            // Seconds since 1970 pass 32 bits in 2106.
            uint32(tick.publishTime),
            fill.entry,
            fill.size,
            fill.margin,
            fill.openFee,
            fill.executionFee,
            context.carryIndex,
            context.tier.termsId()
        );
    }

    function _storePosition(
        TradingStore storage store,
        FillContext memory context,
        uint256 openedAt,
        Fill memory fill
    ) private {
        uint8 state = context.head.state().withStatus(TradeStatus.Open);
        uint32 broker = context.order.broker();
        if (broker != 0) {
            state = state.withExtra();
            store.extras[context.id] = Extra(0, broker);
        }
        // Seconds since 1970 pass 32 bits in 2106; the margin is at most the amount, which has 96 bits.
        store.positions[context.id].store(
            context.head.withState(state, uint32(openedAt), uint32(block.timestamp)),
            TradeCodec.encodeBody(uint96(fill.margin), fill.size, fill.entry),
            TradeCodec.encodeExits(context.exits, context.carryIndex, context.tier.termsId(), uint32(block.timestamp))
        );
    }

    function _addToBook(
        TradingStore storage store,
        FillContext memory context,
        Fill memory fill,
        BookState memory state
    ) private {
        uint16 bookId = context.head.bookId();
        Book storage book = store.books[bookId];
        if (context.same.size() == 0 && context.other.size() == 0) store.exposedBooks |= 1 << bookId;
        book.storeState(state);
        book.sideOf(context.isLong).add(
            context.same,
            BookLib.contributionOf(
                fill.size,
                fill.entry,
                context.exits.leverage(),
                context.carryIndex,
                context.tier.terms().profitCapPips()
            )
        );
    }

    /// @dev Ends the order: the executor is paid, the rest goes back.
    function _refuse(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        FillContext memory context,
        Fill memory fill,
        Reason reason
    ) private returns (Outcome, Reason) {
        // Effect:
        TradeHead head = context.head;
        uint256 amount = context.order.amount();
        uint256 fee = fill.executionFee;
        store.positions[context.id].clear();
        emit ITrading.OrderRefused(context.id, head.owner(), context.executor, reason, amount - fee, fee);

        // Interaction:
        RefundLib.refund(store, environment.vault, head, amount, context.executor, fee);
        return (Outcome.Refused, reason);
    }
}
