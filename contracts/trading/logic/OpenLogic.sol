// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITrading} from "../../interfaces/ITrading.sol";
import {Opening} from "../../interfaces/IVault.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {BookId, BookSide} from "../../types/Book.sol";
import {toTimestamp} from "../../types/Timestamp.sol";
import {OrderHead, Position, PositionBody, PositionHead, PositionTriggers, TradeExtra} from "../../types/Trade.sol";
import {Book, BookLib} from "../BookLib.sol";
import {Settling} from "../Settling.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {Fill} from "../math/TradeMath.sol";
import {OpenContext, OpenRules} from "../rules/OpenRules.sol";

/// @title Filling orders
/// @dev Linked to Trading and run on its storage. `OpenRules` decides, this carries it out.
library OpenLogic {
    using BookLib for Book;
    using BookLib for BookSide;

    /// @notice Fills, refuses or skips the order under `id`.
    function execute(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external returns (Outcome outcome, Reason reason) {
        OpenContext memory context;
        Position storage record = store.positions[id];
        OrderHead head = record.orderHead();
        (context.id, context.executor) = (id, executor);

        // Check: what leaves the order pending.
        if (block.timestamp > head.expiry().inSeconds()) return (Outcome.Skipped, Reason.Expired);
        context.breaker = setup.breaker.status();
        if (!context.breaker.canOpen()) return (Outcome.Skipped, Reason.BreakerRaised);
        OpenRules.load(store, context, head, record.orderBody(), record.orderTriggers());
        QuoteLib.read(context.quote, setup.aggregator, msg.sender, tickIndex, context.marginToken.assetId());
        reason = OpenRules.checkTick(setup, context);
        if (reason != Reason.None) return (Outcome.Skipped, reason);

        // Check: the order itself and the capacity; the reserve is the last thing to be asked for.
        (outcome, reason) = OpenRules.judge(store, setup, context);
        if (outcome == Outcome.Opened && !_bookOpening(setup, context)) {
            reason = Reason.ReserveFull;
            outcome = OpenRules.outcomeOf(context.isLimit, reason);
        }
        if (outcome == Outcome.Opened) _promote(store, context);
        else if (outcome == Outcome.Refused) _refuse(store, setup, context, reason);
    }

    /// @dev Fees leave the product's collateral, the largest gain is reserved. False if there is no room for it.
    function _bookOpening(TradingSetup calldata setup, OpenContext memory context) private returns (bool isBooked) {
        Opening memory opening = OpenRules.openingOf(context);
        isBooked = setup.vault.open(opening);
        if (isBooked) {
            Settling.recordBrokerFee(
                setup.vault,
                context.order.broker(),
                opening.token,
                context.head.owner(),
                opening.toFees
            );
        }
    }

    /// @dev Turns the record into a position and adds it to the sums.
    function _promote(TradingState storage store, OpenContext memory context) private {
        // Effect:
        int72 carryIndex = context.isLong ? context.state.longIndex : context.state.shortIndex;
        _storePosition(store, context);
        _addToBook(store, context, carryIndex);
        Fill memory fill = context.fill;
        emit ITrading.TradeOpened(
            context.id,
            context.head.owner(),
            context.executor,
            context.quote.tick.price,
            toTimestamp(context.quote.tick.publishTime),
            fill.entry,
            fill.size,
            fill.margin,
            fill.openFee,
            fill.executionFee,
            carryIndex,
            context.tier.termsId()
        );
    }

    function _storePosition(TradingState storage store, OpenContext memory context) private {
        uint32 broker = context.order.broker();
        if (broker != 0) store.extras[context.id] = TradeExtra(0, broker);
        (PositionHead head, PositionBody body, PositionTriggers triggers) = OpenRules.positionOf(context);
        store.positions[context.id].open(head, body, triggers);
    }

    function _addToBook(TradingState storage store, OpenContext memory context, int72 carryIndex) private {
        BookId bookId = context.head.bookId();
        Book storage book = store.books[bookId];
        if (context.same.size() == 0 && context.other.size() == 0) store.exposedBooks |= 1 << bookId.index();
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
        TradingState storage store,
        TradingSetup calldata setup,
        OpenContext memory context,
        Reason reason
    ) private {
        // Effect:
        OrderHead head = context.head;
        uint256 amount = context.order.amount();
        uint256 fee = context.fill.executionFee;
        store.positions[context.id].clear();
        emit ITrading.OrderRefused(context.id, head.owner(), context.executor, reason, amount - fee, fee);

        // Interaction:
        Settling.refund(setup.vault, context.marginToken.token(), head, amount, context.executor, fee);
    }
}
