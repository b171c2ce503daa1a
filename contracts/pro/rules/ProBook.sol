// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Market} from "../ProState.sol";
import {TickBits} from "../TickBits.sol";
import {LevelWord, LevelWordFields} from "../types/LevelWord.sol";
import {MarkWord} from "../types/MarketWords.sol";
import {OrderWord} from "../types/OrderWord.sol";

/// @title The book of a market
/// @notice Levels of orders in price-time priority. Moves orders in and out; knows no accounts and no margin.
/// @dev The word with the best prices is handed in and back: whoever calls loads it before and stores it once all is done.
/// `prev` of a level's head and `next` of its tail mean nothing: they are not written when a neighbour leaves.
library ProBook {
    using TickBits for mapping(uint256 key => uint256);

    /// @dev Bits of a level's field for firm lots.
    uint256 private constant MAX_FIRM = type(uint56).max;

    /// @notice Puts an order at the end of its level.
    /// @param order As packed with its lots; `prev` is set here.
    /// @return isFitting False, and nothing changed, where the level's firm lots would pass their width.
    function append(
        Market storage market,
        MarkWord mark,
        uint48 ref,
        OrderWord order
    ) internal returns (bool isFitting, MarkWord) {
        (bool isBid, uint24 tick) = (order.isBid(), order.tick());
        uint256 key = TickBits.levelKey(isBid, tick);
        LevelWord level = market.levels[key];
        uint256 firm = level.firm() + (order.isFirm() ? order.lots() : 0);
        // All lots of a level have 80 bits: 2^24 orders of 48 bits each do.
        if (firm > MAX_FIRM || level.count() == type(uint24).max) return (false, mark);
        uint48 head = ref;
        if (level.count() == 0) {
            market.bits.set(isBid, tick);
            if (isBetter(isBid, tick, mark.best(isBid))) mark = mark.withBest(isBid, tick);
        } else {
            head = level.head();
            uint48 tail = level.tail();
            order = order.withPrev(tail);
            market.orders[tail] = market.orders[tail].withNext(ref);
        }
        market.orders[ref] = order;
        market.levels[key] = LevelWordFields.pack(level.lots() + order.lots(), head, ref, level.count() + 1, firm);
        return (true, mark);
    }

    /// @notice Takes an order off the book, wherever in its level it is, and empties its slot.
    function unlink(Market storage market, MarkWord mark, uint48 ref, OrderWord order) internal returns (MarkWord) {
        (bool isBid, uint24 tick) = (order.isBid(), order.tick());
        uint256 key = TickBits.levelKey(isBid, tick);
        LevelWord level = market.levels[key];
        (uint48 head, uint48 tail) = (level.head(), level.tail());
        if (ref == head) head = order.next();
        else if (ref != tail) market.orders[order.next()] = market.orders[order.next()].withPrev(order.prev());
        if (ref == tail) tail = order.prev();
        else if (ref != level.head()) market.orders[order.prev()] = market.orders[order.prev()].withNext(order.next());
        market.orders[ref] = order.emptied();
        uint256 firm = level.firm() - (order.isFirm() ? order.lots() : 0);
        if (level.count() == 1) {
            market.levels[key] = LevelWord.wrap(0);
            return dropLevel(market, mark, isBid, tick);
        }
        market.levels[key] = LevelWordFields.pack(level.lots() - order.lots(), head, tail, level.count() - 1, firm);
        return mark;
    }

    /// @notice Lowers an order's lots; it keeps its place.
    function lower(Market storage market, uint48 ref, OrderWord order, uint48 lots) internal {
        uint256 key = TickBits.levelKey(order.isBid(), order.tick());
        LevelWord level = market.levels[key];
        uint256 less = order.lots() - lots;
        market.orders[ref] = order.withLots(lots);
        market.levels[key] = LevelWordFields.pack(
            level.lots() - less,
            level.head(),
            level.tail(),
            level.count(),
            level.firm() - (order.isFirm() ? less : 0)
        );
    }

    /// @notice A level has no order left.
    function dropLevel(Market storage market, MarkWord mark, bool isBid, uint24 tick) internal returns (MarkWord) {
        market.bits.clear(isBid, tick);
        return mark.best(isBid) == tick ? mark.withBest(isBid, market.bits.worse(isBid, tick)) : mark;
    }

    /// @notice Whether a change at `tick` may move the deep level: it is at or before it, or there is none.
    function isDirty(MarkWord mark, bool isBid, uint24 tick) internal pure returns (bool) {
        uint24 deep = isBid ? mark.deepBid() : mark.deepAsk();
        return deep == 0 || (isBid ? tick >= deep : tick <= deep);
    }

    /// @notice Whether a price is better than another of its side; any is better than none.
    function isBetter(bool isBid, uint24 tick, uint24 than) internal pure returns (bool) {
        return than == 0 || (isBid ? tick > than : tick < than);
    }
}
