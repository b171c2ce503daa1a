// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITrading} from "../interfaces/ITrading.sol";
import {Timestamp, now32} from "../types/Timestamp.sol";
import {OrderTriggers, Position, PositionHead, PositionTriggers, TradeStatus} from "../types/Trade.sol";
import {Price} from "../types/Units.sol";
import {Book, BookLib} from "./BookLib.sol";
import {TradingState} from "./TradingState.sol";
import {RequestRules} from "./rules/RequestRules.sol";

/// @title Placing take profits and stops
/// @dev Part of Trading itself and of no linked library: traders move their triggers more often than anything else, and a library's
/// first call is 2.6k.
library TriggerPlacing {
    using BookLib for Book;

    /// @notice See `ITrading.updateTpSl`.
    function update(TradingState storage store, uint256 id, Price takeProfit, Price stopLoss) internal {
        // Check:
        Position storage record = store.positions[id];
        PositionHead head = record.head();
        TradeStatus status = head.state().status();
        if (status != TradeStatus.Open && status != TradeStatus.LimitOrder) revert ITrading.Trading_NotOpen(id);
        if (head.owner() != msg.sender) revert ITrading.Trading_NotOwner(id, msg.sender);

        // Effect:
        Book storage book = store.books[head.bookId()];
        if (status == TradeStatus.Open) _updatePosition(book, record, head, takeProfit, stopLoss);
        else _updateLimit(book, record, head, takeProfit, stopLoss);
        emit ITrading.TpSlUpdated(id, msg.sender, takeProfit, stopLoss);
    }

    /// @dev Each price counts from now on only if it is another one.
    function _updatePosition(
        Book storage book,
        Position storage record,
        PositionHead head,
        Price takeProfit,
        Price stopLoss
    ) private {
        PositionTriggers triggers = record.triggers();
        Timestamp setAt = triggers.takeProfitSetAt();
        if (takeProfit.raw() != triggers.takeProfit().raw()) {
            uint256 capPips = book.termsOf(triggers.termsId()).profitCapPips();
            bool isLong = head.state().isLong();
            RequestRules.checkTakeProfit(isLong, triggers.leverage(), takeProfit, record.body().entry(), capPips);
            setAt = now32();
        }
        if (stopLoss.raw() != triggers.stopLoss().raw()) record.setHead(head.withStopLossSetAt(now32()));
        record.setTriggers(triggers.withPrices(takeProfit, stopLoss, setAt));
    }

    /// @dev The order must stay one that its ticks fill: a take profit that would refuse it is a cancellation.
    function _updateLimit(
        Book storage book,
        Position storage record,
        PositionHead head,
        Price takeProfit,
        Price stopLoss
    ) private {
        OrderTriggers triggers = record.orderTriggers();
        Price limit = record.orderBody().price();
        RequestRules.checkTakeProfitOfOrder(book, head.state().isLong(), triggers.leverage(), takeProfit, limit);
        record.setOrderTriggers(triggers.withPrices(takeProfit, stopLoss));
    }
}
