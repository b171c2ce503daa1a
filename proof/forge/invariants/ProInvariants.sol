// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketRecord, PartyRecord, ProStateLib} from "contracts/pro/ProStateLib.sol";
import {TickBits} from "contracts/pro/TickBits.sol";
import {IPro} from "contracts/pro/interfaces/IPro.sol";
import {AccountWord} from "contracts/pro/types/AccountWord.sol";
import {LevelWord} from "contracts/pro/types/LevelWord.sol";
import {OrderWord} from "contracts/pro/types/OrderWord.sol";
import {ProIds} from "contracts/pro/types/ProIds.sol";
import {Scene} from "../base/Scene.sol";
import {ProHandler} from "../handlers/ProHandler.sol";

/// @notice What holds of Pro after every call, by the numbers of its invariants (docs/pro.md), written from the records.
contract ProInvariants {
    using ProStateLib for IPro;

    uint256 private constant PIPS = 1e6;

    /// @dev Sums of one account's orders in one market.
    struct Resting {
        uint256 bidLots;
        uint256 askLots;
        uint256 bidNotional;
        uint256 askNotional;
        uint256 orders;
    }

    Scene private immutable scene;
    IPro private immutable pro;
    ProHandler private immutable hand;

    constructor(Scene scene_, ProHandler hand_) {
        (scene, pro, hand) = (scene_, scene_.pro(), hand_);
    }

    function check() external view {
        uint256 count = hand.accountCount();
        uint256 markets = hand.MARKETS();
        int256 books;
        int256 wealth;
        uint256[] memory orders = new uint256[](count);
        uint256[] memory masks = new uint256[](count);
        uint256[] memory open = new uint256[](count);
        for (uint8 market = 0; market < markets; ++market) {
            (int256 held, int256 worth) = _checkMarket(market, orders, masks, open);
            books += held;
            wealth += worth;
        }
        for (uint256 i = 0; i < count; ++i) {
            uint40 id = hand.accounts(i);
            AccountWord word = pro.account(id);
            require(word.orders() == orders[i], "Pro 8: an account's orders");
            require(word.markets() == masks[i], "Pro 8: an account's markets");
            require(word.positions() == open[i], "Pro 8: an account's positions");
            require(open[i] > 0 || word.cash() >= 0, "Pro 17: a flat account owes");
            books += word.cash();
            wealth += word.cash();
        }
        int256 dust = int256(hand.collateral()) - books;
        require(int256(hand.collateral()) == hand.paidIn(), "Pro 4: collateral is not what came in less what went out");
        // Cash and positions of everybody, with funds and fees.
        require(wealth <= hand.paidIn(), "Pro 21: together they have more than was paid in");
        require(dust >= 0, "Pro 2: the books owe more than the collateral");
        require(uint256(dust) <= hand.dustAllowed(), "Pro 2: more dust than charges leave");
    }

    function _checkMarket(
        uint8 market,
        uint256[] memory orders,
        uint256[] memory masks,
        uint256[] memory open
    ) private view returns (int256 held, int256 worth) {
        MarketRecord memory m = pro.market(market);
        int256 sum;
        uint256 longs;
        held = int256(m.fund.fund() + m.fund.fees());
        worth = held;
        for (uint256 i = 0; i < masks.length; ++i) {
            PartyRecord memory p = pro.party(market, hand.accounts(i));
            int256 lots = p.position.lots();
            sum += lots;
            if (lots > 0) longs += uint256(lots);
            int256 funding = lots * (m.indices.indexOf(lots) - p.position.snapshot());
            held += p.isolatedCash - p.position.cost() - funding;
            worth += p.isolatedCash + lots * int256(m.index.price() * m.config.lotSize()) - p.position.cost() - funding;
            Resting memory resting = _checkOrders(market, i, p);
            orders[i] += resting.orders;
            if (!p.sums.isIsolated() && (lots != 0 || resting.orders > 0)) masks[i] |= 1 << market;
            if (!p.sums.isIsolated() && lots != 0) ++open[i];
            bool isUsed = lots != 0 || resting.orders > 0;
            require(lots != 0 || p.isolatedCash >= 0, "Pro 17: a flat isolated scope owes");
            require(isUsed || p.isolatedCash == 0, "Pro 23: cash idle in an isolated scope");
            require(p.sums.isIsolated() || p.isolatedCash == 0, "Pro 23: a cross scope has isolated cash");
        }
        require(sum == 0, "Pro 1: sizes do not balance");
        require(longs == m.indices.openInterest(), "Pro 5: open interest is not one side");
        _checkBook(market, m);
        _checkMark(m);
    }

    /// @dev 6 and 8: sums of an account are its orders'; each order lies in the queue of its level.
    function _checkOrders(uint8 market, uint256 index, PartyRecord memory p) private view returns (Resting memory r) {
        uint40 id = hand.accounts(index);
        uint32 slots = p.sums.slots();
        for (uint256 slot = 0; slot < 32; ++slot) {
            if (slots & (1 << slot) == 0) continue;
            uint48 ref = ProIds.referenceOf(id, slot);
            OrderWord o = pro.order(market, ref);
            require(o.lots() > 0, "Pro 6: an order of nothing rests");
            ++r.orders;
            LevelWord level = pro.level(market, o.isBid(), o.tick());
            require(level.count() > 0, "Pro 6: an order at a level without any");
            require(_isLinked(market, ref, o, level), "Pro 6: an order out of its queue");
            if (o.isReduceOnly()) continue;
            if (o.isBid())
                (r.bidLots, r.bidNotional) = (r.bidLots + o.lots(), r.bidNotional + uint256(o.lots()) * o.tick());
            else (r.askLots, r.askNotional) = (r.askLots + o.lots(), r.askNotional + uint256(o.lots()) * o.tick());
        }
        require(p.sums.bidLots() == r.bidLots && p.sums.askLots() == r.askLots, "Pro 8: lots are not the orders'");
        require(
            p.sums.bidNotional() == r.bidNotional && p.sums.askNotional() == r.askNotional,
            "Pro 8: notionals are not the orders'"
        );
    }

    /// @dev What the first keeps of an order before it means nothing, nor what the last keeps of one after it.
    function _isLinked(uint8 market, uint48 ref, OrderWord o, LevelWord level) private view returns (bool) {
        if (level.head() != ref && pro.order(market, o.prev()).next() != ref) return false;
        return level.tail() == ref || pro.order(market, o.next()).prev() == ref;
    }

    /// @dev 6 and 7: both sides walked from the best price on, by the tree of bits: levels are their queues, and not crossed.
    function _checkBook(uint8 market, MarketRecord memory m) private view {
        (uint24 bid, uint24 ask) = (m.mark.best(true), m.mark.best(false));
        require(bid == 0 || ask == 0 || bid < ask, "Pro 7: the book is crossed");
        uint256 found = _walk(market, true, bid) + _walk(market, false, ask);
        uint256 resting;
        for (uint256 i = 0; i < hand.accountCount(); ++i) {
            for (uint32 s = pro.party(market, hand.accounts(i)).sums.slots(); s != 0; s &= s - 1) ++resting;
        }
        require(found == resting, "Pro 6: the book misses orders, or has too many");
    }

    function _walk(uint8 market, bool isBid, uint24 tick) private view returns (uint256 found) {
        require(_best(market, isBid) == tick, "Pro 6: the best price is not the tree's");
        while (tick != 0) {
            LevelWord level = pro.level(market, isBid, tick);
            (uint256 lots, uint256 firm, uint256 count) = (0, 0, 0);
            for (uint48 ref = level.head(); ref != 0;) {
                OrderWord o = pro.order(market, ref);
                require(o.tick() == tick && o.isBid() == isBid, "Pro 6: an order at another's level");
                lots += o.lots();
                if (o.isFirm()) firm += o.lots();
                ++count;
                require(count <= level.count(), "Pro 6: a queue goes on beyond its level");
                ref = ref == level.tail() ? 0 : o.next();
            }
            require(count == level.count() && lots == level.lots(), "Pro 6: a level is not its orders");
            require(firm == level.firm(), "Pro 6: a level's firm lots");
            found += count;
            tick = _next(market, isBid, tick);
        }
    }

    /// @dev Highest bid or lowest ask by the bits: the next worse than any price.
    function _best(uint8 market, bool isBid) private view returns (uint24) {
        uint256 side = isBid ? 0 : TickBits.ASKS;
        uint256 top = pro.bits(market, TickBits.TOP | side);
        if (top == 0) return 0;
        uint256 high = _edge(top, isBid);
        uint256 middle = _edge(pro.bits(market, TickBits.MIDDLE | side | high), isBid);
        uint256 low = _edge(pro.bits(market, side | (high << 8) | middle), isBid);
        return uint24((high << 16) | (middle << 8) | low);
    }

    function _next(uint8 market, bool isBid, uint24 tick) private view returns (uint24) {
        uint256 side = isBid ? 0 : TickBits.ASKS;
        (uint256 high, uint256 middle, uint256 low) = (tick >> 16, (tick >> 8) & 0xff, tick & 0xff);
        uint256 word = _beyond(pro.bits(market, side | (high << 8) | middle), low, isBid);
        if (word != 0) return uint24((high << 16) | (middle << 8) | _edge(word, isBid));
        word = _beyond(pro.bits(market, TickBits.MIDDLE | side | high), middle, isBid);
        if (word == 0) {
            word = _beyond(pro.bits(market, TickBits.TOP | side), high, isBid);
            if (word == 0) return 0;
            high = _edge(word, isBid);
            word = pro.bits(market, TickBits.MIDDLE | side | high);
        }
        middle = _edge(word, isBid);
        return uint24((high << 16) | (middle << 8) | _edge(pro.bits(market, side | (high << 8) | middle), isBid));
    }

    function _beyond(uint256 word, uint256 bit, bool isBid) private pure returns (uint256) {
        uint256 lower = (uint256(1) << bit) - 1;
        return isBid ? word & lower : word & ~lower & ~(uint256(1) << bit);
    }

    /// @dev Number of the highest or lowest bit.
    function _edge(uint256 word, bool isHighest) private pure returns (uint256) {
        require(word != 0, "Pro 6: the tree of bits has an empty word");
        if (!isHighest) word &= ~word + 1;
        uint256 bit;
        for (uint256 step = 128; step > 0; step >>= 1) {
            if (word >> step != 0) (word, bit) = (word >> step, bit + step);
        }
        return bit;
    }

    /// @dev 13 and 18.
    function _checkMark(MarketRecord memory m) private pure {
        uint256 index = m.index.price();
        if (index == 0) return;
        uint256 mark = m.mark.mark();
        uint256 apart = mark > index ? mark - index : index - mark;
        require(apart <= (index * m.config.maxDeviationPips()) / PIPS, "Pro 13: the mark is too far from the index");
        require(m.outflowOfHour.paid() * 5 <= m.outflowOfHour.held(), "Pro 18: a fund paid too much in an hour");
        require(m.outflowOfDay.paid() * 5 <= m.outflowOfDay.held() * 2, "Pro 18: a fund paid too much in a day");
    }
}
