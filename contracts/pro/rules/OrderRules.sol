// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Market, ProState} from "../ProState.sol";
import {IProEvents, OrderEnd} from "../interfaces/IPro.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {ProIds} from "../types/ProIds.sol";
import {Party} from "./Party.sol";
import {ProBook} from "./ProBook.sol";

/// @title Taking orders off the book
library OrderRules {
    /// @notice The order that an id names.
    /// @return ref Its reference.
    /// @return order Its word.
    /// @return isLive False for an order that is gone, and for an id that never was one.
    function find(Market storage market, uint256 id) internal view returns (uint48 ref, OrderWord order, bool isLive) {
        ref = ProIds.referenceOfOrder(id);
        order = market.orders[ref];
        isLive = order.isLive() && order.generation() == ProIds.generationOfOrder(id);
    }

    /// @notice Takes an order off the book and out of its account's sums.
    /// @param isTidied An isolated scope left with neither position nor order returns its cash at once.
    function remove(
        ProState storage state,
        Market storage market,
        uint8 marketId,
        uint48 ref,
        OrderWord order,
        OrderEnd end,
        bool isTidied
    ) internal {
        market.mark = ProBook.unlink(market, market.mark, ref, order);
        Party memory party;
        party.load(state, market, marketId, ProIds.accountOfReference(ref));
        forget(party, ref, order);
        if (isTidied || !party.sums.isIsolated()) party.tidy();
        party.store(state, market);
        emit IProEvents.OrderRemoved(ProIds.orderId(ref, order.generation(), marketId), end);
    }

    /// @notice Takes an order, with what is left of it, out of its account's sums.
    function forget(Party memory party, uint48 ref, OrderWord order) internal pure {
        if (!order.isReduceOnly()) party.sums = party.sums.removed(order.isBid(), order.lots(), order.tick());
        party.sums = party.sums.withoutSlot(ProIds.slotOfReference(ref));
        party.word = party.word.withoutOrder();
    }
}
