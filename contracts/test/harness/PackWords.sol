// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookSide, SideBounds, SideBoundsFields, SideTotals, SideTotalsFields} from "../../types/Book.sol";
import {Order, OrderBody, OrderBodyFields, OrderTriggers, OrderTriggersFields} from "../../types/Trade.sol";

/// @title One-slot records packed by hand, as the compiler packs them
library PackWords {
    function totals(BookSide memory side) internal pure returns (SideTotals) {
        return SideTotalsFields.pack(side.size, side.notional, side.marginNano);
    }

    function bounds(BookSide memory side) internal pure returns (SideBounds) {
        return SideBoundsFields.pack(side.carryAtEntry, side.capNano);
    }

    function body(Order memory order) internal pure returns (OrderBody) {
        return OrderBodyFields.pack(order.amount, order.price, order.broker);
    }

    function triggers(Order memory order) internal pure returns (OrderTriggers) {
        return OrderTriggersFields.pack(order.takeProfit, order.stopLoss, order.leverage);
    }
}
