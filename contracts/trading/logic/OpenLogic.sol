// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITrading} from "../../interfaces/ITrading.sol";
import {Opening} from "../../interfaces/IVault.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {TradeCodec} from "../../types/TradeCodec.sol";
import {TradeState} from "../../types/TradeState.sol";
import {BookSide, TradeExtra, Outcome, Position, Reason, TradeStatus} from "../../types/TradeTypes.sol";
import {TradeHead} from "../../types/TradeWords.sol";
import {Book, BookLib} from "../BookLib.sol";
import {BrokerFees} from "../BrokerFees.sol";
import {RefundLib} from "../RefundLib.sol";
import {TradingEnvironment, TradingStore} from "../TradingStore.sol";
import {Fill} from "../math/TradeMath.sol";
import {OpenContext, OpenRules} from "../rules/OpenRules.sol";

/// @title Filling orders
/// @dev Linked to Trading and run on its storage. `OpenRules` decides, this carries it out.
library OpenLogic {
    using BookLib for Book;
    using BookLib for BookSide;
    using TradeCodec for Position;
    using TradeCodec for TradeHead;
    using TradeState for uint8;

    /// @notice Fills, refuses or skips the order under `id`.
    function execute(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external returns (Outcome outcome, Reason reason) {
        OpenContext memory context;
        Position storage record = store.positions[id];
        TradeHead head = record.head();
        (context.id, context.executor) = (id, executor);

        // Check: what leaves the order pending.
        if (block.timestamp > head.until()) return (Outcome.Skipped, Reason.Expired);
        if (!environment.breaker.canOpen()) return (Outcome.Skipped, Reason.BreakerRaised);
        OpenRules.load(store, context, head, record.orderBody(), record.orderTriggers());
        QuoteLib.read(context.quote, environment.aggregator, msg.sender, tickIndex, context.marginToken.assetId());
        reason = OpenRules.checkTick(environment, context);
        if (reason != Reason.None) return (Outcome.Skipped, reason);

        // Check: the order itself and the capacity; the reserve is the last thing to be asked for.
        (outcome, reason) = OpenRules.judge(store, environment, context);
        if (outcome == Outcome.Opened && !_bookOpening(environment, context)) {
            reason = Reason.ReserveFull;
            outcome = OpenRules.outcomeOf(context.isLimit, reason);
        }
        if (outcome == Outcome.Opened) _promote(store, context);
        else if (outcome == Outcome.Refused) _refuse(store, environment, context, reason);
    }

    /// @dev Fees leave the product's collateral, the largest gain is reserved. False if there is no room for it.
    function _bookOpening(
        TradingEnvironment calldata environment,
        OpenContext memory context
    ) private returns (bool isBooked) {
        Opening memory opening = OpenRules.openingOf(context);
        isBooked = environment.vault.open(opening);
        if (isBooked) {
            BrokerFees.record(
                environment.vault,
                context.order.broker(),
                opening.token,
                context.head.owner(),
                opening.toFees
            );
        }
    }

    /// @dev Turns the record into a position and adds it to the sums.
    function _promote(TradingStore storage store, OpenContext memory context) private {
        // Effect:
        int72 carryIndex = context.isLong ? context.state.longIndex : context.state.shortIndex;
        _storePosition(store, context, carryIndex);
        _addToBook(store, context, carryIndex);
        Fill memory fill = context.fill;
        emit ITrading.TradeOpened(
            context.id,
            context.head.owner(),
            context.executor,
            context.quote.tick.price,
            // Seconds since 1970 pass 32 bits in 2106.
            uint32(context.quote.tick.publishTime),
            fill.entry,
            fill.size,
            fill.margin,
            fill.openFee,
            fill.executionFee,
            carryIndex,
            context.tier.termsId()
        );
    }

    function _storePosition(TradingStore storage store, OpenContext memory context, int72 carryIndex) private {
        uint8 state = context.head.state().withStatus(TradeStatus.Open);
        uint32 broker = context.order.broker();
        if (broker != 0) {
            state = state.withExtra();
            store.extras[context.id] = TradeExtra(0, broker);
        }
        Fill memory fill = context.fill;
        // Seconds since 1970 pass 32 bits in 2106; the margin is at most the amount, which has 96 bits.
        store.positions[context.id].store(
            context.head.withState(state, uint32(context.quote.tick.publishTime), uint32(block.timestamp)),
            TradeCodec.encodeBody(uint96(fill.margin), fill.size, fill.entry),
            TradeCodec.encodeTriggers(context.triggers, carryIndex, context.tier.termsId(), uint32(block.timestamp))
        );
    }

    function _addToBook(TradingStore storage store, OpenContext memory context, int72 carryIndex) private {
        uint16 bookId = context.head.bookId();
        Book storage book = store.books[bookId];
        if (context.same.size() == 0 && context.other.size() == 0) store.exposedBooks |= 1 << bookId;
        book.storeState(context.state);
        book.sideOf(context.isLong).add(
            context.same,
            BookLib.contributionOf(
                context.fill.size,
                context.fill.entry,
                context.triggers.leverage(),
                carryIndex,
                context.tier.terms().profitCapPips()
            )
        );
    }

    /// @dev Ends the order: the executor is paid, the rest goes back.
    function _refuse(
        TradingStore storage store,
        TradingEnvironment calldata environment,
        OpenContext memory context,
        Reason reason
    ) private {
        // Effect:
        TradeHead head = context.head;
        uint256 amount = context.order.amount();
        uint256 fee = context.fill.executionFee;
        store.positions[context.id].clear();
        emit ITrading.OrderRefused(context.id, head.owner(), context.executor, reason, amount - fee, fee);

        // Interaction:
        RefundLib.refund(store, environment.vault, head, amount, context.executor, fee);
    }
}
