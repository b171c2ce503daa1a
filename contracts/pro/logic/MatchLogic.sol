// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ONE_USD, PIPS} from "../../types/Units.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProState} from "../ProState.sol";
import {TickBits} from "../TickBits.sol";
import {IProEvents, OrderEnd} from "../interfaces/IPro.sol";
import {FundRules} from "../rules/FundRules.sol";
import {HeatCase, HeatRules} from "../rules/HeatRules.sol";
import {OrderRules} from "../rules/OrderRules.sol";
import {Fill, Party} from "../rules/Party.sol";
import {ProBook} from "../rules/ProBook.sol";
import {TakeOrder, TakeResult} from "../rules/Take.sol";
import {SelfTrade, StopCause} from "../types/ActionWord.sol";
import {LevelWord, LevelWordFields} from "../types/LevelWord.sol";
import {ConfigWord, LimitsWord} from "../types/MarketConfig.sol";
import {HeatWordFields, IndicesWord, MarkWord} from "../types/MarketWords.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {ProIds} from "../types/ProIds.sol";

/// @title Matching
/// @notice Best price first, oldest first, at the maker's price. Every maker is settled as it is met.
/// @dev Linked to Pro and run on its storage. Nothing of a maker's reverts: what can't be filled is cancelled. The taker is
/// settled once, for all fills of the call together.
/// What is not tested for overflow is bounded by widths: lots of an order and of a call have 48 bits, of a position and the open
/// interest 64, ticks 24, a lot at a tick 112, lots at the mark 184, pips 20. What would tell of a book or an open interest gone
/// wrong is tested.
library MatchLogic {
    /// @dev What a fill leaves below this part of the least resting notional goes with it.
    uint256 private constant RESIDUE_DIVISOR = 10;

    /// @dev The working set of a call.
    /// @param edge Worst tick, the order's and the band's; of a sale beyond the last tick where none is within the band.
    /// @param remaining Lots not yet filled.
    /// @param reducible Lots that would still only reduce the taker's position.
    /// @param openInterest Lots, after the fills so far.
    /// @param isHeatLoaded Heat, fund and guard are: somebody's leverage is high.
    /// @param isHot Something was opened at high leverage.
    /// @param heat Openings at high leverage in the rolling hour so far, quote.
    /// @param word With the best prices of the book as it is by now.
    /// @param fill Of the taker: ticks × lots where costs are meant, without sign.
    struct Matching {
        uint8 marketId;
        uint40 taker;
        bool isBuy;
        bool isHeatLoaded;
        bool isHot;
        uint24 last;
        SelfTrade selfTrade;
        StopCause cause;
        uint256 edge;
        uint256 remaining;
        uint256 maxOrders;
        uint256 met;
        uint256 reducible;
        uint256 mark;
        uint256 unit;
        uint256 openInterest;
        uint256 heat;
        uint256 fund;
        uint256 guardX9;
        uint256 topCap;
        uint256 makerFees;
        uint256 closedLots;
        uint256 closedTicks;
        uint256 openedLots;
        uint256 openedTicks;
        ConfigWord config;
        LimitsWord limits;
        IndicesWord indices;
        MarkWord word;
    }

    /// @dev What a fill, or all of a call together, would open.
    /// @param opened Lots beyond what reduces.
    /// @param closed Lots that reduce.
    /// @param notional Of what is opened, quote.
    /// @param openInterest Lots that it would leave.
    struct Growth {
        uint256 opened;
        uint256 closed;
        uint256 notional;
        uint256 openInterest;
    }

    /// @dev A level while its orders are met.
    struct Level {
        uint24 tick;
        uint48 head;
        uint48 tail;
        uint256 lots;
        uint256 count;
        uint256 firm;
        bool isBeyondBand;
    }

    /// @notice Fills an order against the book, settles its makers and its taker. What is left of it is the caller's to deal with.
    /// @dev Requirements: the market was begun (`MarkLogic.begin`) in this second, has an index and does not settle. The caller
    /// ends the touch where `met` is not 0. Reverts with `Pro_ActionRefused` where an increase of the taker's breaks a cap.
    function take(ProState storage state, TakeOrder calldata order) external returns (TakeResult memory result) {
        Market storage market = state.markets[order.market];
        Matching memory x;
        _load(market, x, order);
        Party memory taker;
        taker.load(state, market, order.market, order.account);
        x.reducible = taker.reducible(order.isBuy);
        _walk(state, market, x);
        (result.met, result.cause) = (x.met, x.cause);
        result.lots = x.closedLots + x.openedLots;
        result.tickLots = x.closedTicks + x.openedTicks;
        if (result.lots != 0) x.word = x.word.withLast(x.last);
        market.mark = x.word;
        if (result.lots == 0) return result;

        // Anew: orders of its own that it met are gone from its sums.
        taker.load(state, market, order.market, order.account);
        result.isIncreased = x.openedLots != 0;
        if (result.isIncreased) _requireCaps(market, x, taker);
        result.cashChange = _settleTaker(state, market, x, taker, order.isLiquidation);
        if (x.isHot) market.heat = HeatWordFields.pack(x.heat, uint40(block.timestamp));
        market.indices = x.indices.withOpenInterest(x.openInterest);
    }

    function _load(Market storage market, Matching memory x, TakeOrder calldata order) private view {
        ConfigWord config = market.config;
        (x.config, x.limits, x.indices, x.word) = (config, market.limits, market.indices, market.mark);
        (x.marketId, x.taker, x.isBuy) = (order.market, order.account, order.isBuy);
        (x.remaining, x.maxOrders, x.selfTrade) = (order.lots, order.maxOrders, order.selfTrade);
        x.mark = x.word.mark();
        x.unit = config.unit();
        x.openInterest = x.indices.openInterest();
        x.topCap = x.limits.topCapUsd() * ONE_USD;
        x.edge = _edgeOf(x, order.limit);
    }

    /// @dev The tighter of the order's limit and the edge of the band on the taker's losing side.
    function _edgeOf(Matching memory x, uint24 limit) private pure returns (uint256) {
        unchecked {
            // Bands are at most 5%.
            uint256 step = x.config.tickSize() * PIPS;
            if (x.isBuy) {
                uint256 highest = (x.mark * (PIPS + x.config.bandPips())) / step;
                return limit != 0 && limit < highest ? limit : highest;
            }
            uint256 lowest = (x.mark * (PIPS - x.config.bandPips()) + step - 1) / step;
            return limit > lowest ? limit : lowest;
        }
    }

    function _walk(ProState storage state, Market storage market, Matching memory x) private {
        bool isBid = !x.isBuy;
        uint24 tick = x.word.best(isBid);
        while (tick != 0 && (x.isBuy ? tick <= x.edge : tick >= x.edge)) {
            if (x.remaining == 0) {
                x.cause = StopCause.Filled;
                return;
            }
            if (x.met == x.maxOrders) {
                x.cause = StopCause.MaxFills;
                return;
            }
            _meetLevel(state, market, x, tick);
            if (x.cause == StopCause.SelfTrade) return;
            tick = x.word.best(isBid);
        }
        x.cause = x.remaining == 0 ? StopCause.Filled : StopCause.NoPrice;
    }

    function _meetLevel(ProState storage state, Market storage market, Matching memory x, uint24 tick) private {
        bool isBid = !x.isBuy;
        uint256 key = TickBits.levelKey(isBid, tick);
        LevelWord word = market.levels[key];
        Level memory level = Level({
            tick: tick,
            head: word.head(),
            tail: word.tail(),
            lots: word.lots(),
            count: word.count(),
            firm: word.firm(),
            isBeyondBand: _isBeyondBand(x, tick)
        });
        while (level.count != 0 && x.remaining != 0 && x.met != x.maxOrders) {
            ++x.met;
            _meet(state, market, x, level);
            if (x.cause == StopCause.SelfTrade) break;
        }
        if (level.count != 0) {
            market.levels[key] = LevelWordFields.pack(level.lots, level.head, level.tail, level.count, level.firm);
        } else {
            market.levels[key] = LevelWord.wrap(0);
            x.word = ProBook.dropLevel(market, x.word, isBid, tick);
        }
    }

    /// @dev Whether a resting price is further from the mark, to its owner's disadvantage, than the band.
    function _isBeyondBand(Matching memory x, uint24 tick) private pure returns (bool) {
        unchecked {
            uint256 price = tick * x.config.tickSize() * PIPS;
            uint256 band = x.config.bandPips();
            return x.isBuy ? price < x.mark * (PIPS - band) : price > x.mark * (PIPS + band);
        }
    }

    /// @dev Meets the head of a level: fills it, cancels it, or ends at it.
    function _meet(ProState storage state, Market storage market, Matching memory x, Level memory level) private {
        uint48 ref = level.head;
        OrderWord order = market.orders[ref];
        uint40 account = ProIds.accountOfReference(ref);
        Party memory maker;
        if (order.isExpired()) return _drop(state, market, x, level, maker, order, OrderEnd.Expired);
        if (ProIds.isSameOwner(account, x.taker)) {
            if (x.selfTrade != SelfTrade.ExpireMaker) x.cause = StopCause.SelfTrade;
            if (x.selfTrade == SelfTrade.ExpireTaker) return;
            return _drop(state, market, x, level, maker, order, OrderEnd.SelfTrade);
        }
        if (level.isBeyondBand) return _drop(state, market, x, level, maker, order, OrderEnd.BeyondBand);

        maker.load(state, market, x.marketId, account);
        (uint256 lots, uint256 closed, OrderEnd end) = _admit(market, x, maker, order);
        if (lots == 0) return _drop(state, market, x, level, maker, order, end);
        (int256 cashChange, uint256 fee) = _moveMaker(x, maker, level.tick, lots, closed);
        if (maker.isDeficit()) {
            // Nothing is stored yet.
            return _drop(state, market, x, level, maker, order, OrderEnd.Deficit);
        }
        _count(x, level.tick, lots, closed);
        x.makerFees += fee;
        // At most the order's lots, which have 48 bits.
        emit IProEvents.OrderFilled(
            ProIds.orderId(ref, order.generation(), x.marketId),
            x.taker,
            uint48(lots),
            cashChange,
            fee
        );
        _storeMaker(state, market, x, level, maker, order, uint48(lots));
    }

    /// @dev How much of an order can be filled, and how much of that only reduces its owner's position. None: why it goes.
    function _admit(
        Market storage market,
        Matching memory x,
        Party memory maker,
        OrderWord order
    ) private view returns (uint256 lots, uint256 closed, OrderEnd end) {
        lots = order.lots();
        if (lots > x.remaining) lots = x.remaining;
        closed = maker.reducible(order.isBid());
        if (closed > lots) closed = lots;
        if (order.isReduceOnly()) return (closed, closed, OrderEnd.Reduced);
        if (closed == lots) return (lots, closed, end);

        Growth memory growth;
        unchecked {
            // Of the open interest what the fill would leave: the taker's part that only reduces is in it already.
            uint256 reducing = lots < x.reducible ? lots : x.reducible;
            (growth.opened, growth.closed) = (lots - closed, closed);
            growth.notional = (lots - closed) * order.tick() * x.unit;
            growth.openInterest = x.openInterest + lots - reducing - closed;
        }
        if (_capOf(market, x, maker, growth) != ProReason.None) return (0, 0, OrderEnd.Capped);
    }

    /// @dev Which cap or rule of high leverage a position breaks by growing. The notional counts where it breaks none.
    function _capOf(
        Market storage market,
        Matching memory x,
        Party memory party,
        Growth memory growth
    ) private view returns (ProReason) {
        unchecked {
            uint256 size = growth.opened;
            if (growth.closed == 0) size += _size(party.position.lots());
            if (_valueOf(x, size) > x.topCap) return ProReason.PositionTooLarge;
        }
        uint256 leverage = party.leverage(x.config);
        if (leverage <= x.config.highLeverage()) return ProReason.None;
        if (!x.isHeatLoaded) _loadHeat(market, x);
        ProReason reason = HeatRules.obstacle(
            HeatCase(leverage, x.guardX9, growth.notional, x.heat, x.fund, _valueOf(x, growth.openInterest))
        );
        if (reason != ProReason.None) return reason;
        x.heat += growth.notional;
        x.isHot = true;
        return ProReason.None;
    }

    /// @dev Only where anybody needs it: two cold slots.
    function _loadHeat(Market storage market, Matching memory x) private view {
        x.isHeatLoaded = true;
        x.fund = market.fund.fund();
        x.guardX9 = market.index.guardX9();
        x.heat = HeatRules.heatNow(market.heat, x.fund);
    }

    function _moveMaker(
        Matching memory x,
        Party memory maker,
        uint24 tick,
        uint256 lots,
        uint256 closed
    ) private pure returns (int256 cashChange, uint256 fee) {
        unchecked {
            uint256 perLot = tick * x.unit;
            fee = _feeUp(lots * perLot, x.config.makerFeePips());
            Fill memory fill = _fillOf(!x.isBuy, closed, lots - closed, closed * perLot, (lots - closed) * perLot);
            // Fees have at most 180 bits.
            cashChange = maker.move(x.indices, fill, -int256(fee));
        }
    }

    /// @dev Counts a fill for the taker and for the open interest.
    function _count(Matching memory x, uint24 tick, uint256 lots, uint256 closedByMaker) private pure {
        uint256 closed = lots < x.reducible ? lots : x.reducible;
        unchecked {
            // Sums of a call's lots, and of those by their ticks.
            x.reducible -= closed;
            x.remaining -= lots;
            x.closedLots += closed;
            x.closedTicks += closed * tick;
            x.openedLots += lots - closed;
            x.openedTicks += (lots - closed) * tick;
        }
        // One side opens what the other does not close: what both close was in it before.
        x.openInterest = x.openInterest + lots - closed - closedByMaker;
        x.last = tick;
    }

    function _storeMaker(
        ProState storage state,
        Market storage market,
        Matching memory x,
        Level memory level,
        Party memory maker,
        OrderWord order,
        uint48 lots
    ) private {
        if (!order.isReduceOnly()) maker.sums = maker.sums.removed(order.isBid(), lots, order.tick());
        level.lots -= lots;
        if (order.isFirm()) level.firm -= lots;
        order = order.withLots(order.lots() - lots);
        OrderEnd end = _endOf(x, maker, order);
        if (end == OrderEnd.Cancelled) {
            market.orders[level.head] = order;
            maker.store(state, market);
        } else {
            _remove(state, market, x, level, maker, order, end);
        }
    }

    /// @dev Whether what a fill left of an order stays: `Cancelled` says yes.
    function _endOf(Matching memory x, Party memory maker, OrderWord order) private pure returns (OrderEnd) {
        uint256 left = order.lots();
        if (left == 0) return OrderEnd.Filled;
        if (order.isReduceOnly() && maker.reducible(order.isBid()) == 0) return OrderEnd.Reduced;
        unchecked {
            uint256 least = x.indices.leastRestingUsd() * ONE_USD;
            return left * order.tick() * x.unit * RESIDUE_DIVISOR < least ? OrderEnd.Residue : OrderEnd.Cancelled;
        }
    }

    /// @dev Takes the head of a level off the book unfilled.
    function _drop(
        ProState storage state,
        Market storage market,
        Matching memory x,
        Level memory level,
        Party memory maker,
        OrderWord order,
        OrderEnd end
    ) private {
        // Anew: what it may have been changed to is not stored.
        maker.load(state, market, x.marketId, ProIds.accountOfReference(level.head));
        _remove(state, market, x, level, maker, order, end);
    }

    /// @dev Takes the head of a level, with the lots that are left of it, off the book and out of its account's sums.
    function _remove(
        ProState storage state,
        Market storage market,
        Matching memory x,
        Level memory level,
        Party memory maker,
        OrderWord order,
        OrderEnd end
    ) private {
        uint48 ref = level.head;
        OrderRules.forget(maker, ref, order);
        // The taker's own cash stays for what he is about to open.
        if (maker.account != x.taker || !maker.sums.isIsolated()) maker.tidy();
        maker.store(state, market);
        market.orders[ref] = order.emptied();
        level.lots -= order.lots();
        if (order.isFirm()) level.firm -= order.lots();
        --level.count;
        level.head = order.next();
        // An order filled wholly is told by its fills.
        if (end == OrderEnd.Filled) return;
        emit IProEvents.OrderRemoved(ProIds.orderId(ref, order.generation(), x.marketId), end);
    }

    /// @dev Caps of the taker, once for all its fills.
    function _requireCaps(Market storage market, Matching memory x, Party memory taker) private view {
        Growth memory growth = Growth(x.openedLots, x.closedLots, x.openedTicks * x.unit, x.openInterest);
        ProReason reason = _capOf(market, x, taker, growth);
        if (reason == ProReason.None) {
            if (x.openInterest <= x.indices.openInterest()) return;
            uint256 value = _valueOf(x, x.openInterest);
            uint256 most = x.limits.maxOpenInterestUsd() * ONE_USD;
            if (value <= most) return;
            revert IProEvents.Pro_ActionRefused(ProReason.OpenInterestFull, value, most);
        }
        revert IProEvents.Pro_ActionRefused(reason, x.openedLots, 0);
    }

    function _settleTaker(
        ProState storage state,
        Market storage market,
        Matching memory x,
        Party memory taker,
        bool isLiquidation
    ) private returns (int256 cashChange) {
        uint256 fee = 0;
        Fill memory fill;
        unchecked {
            if (!isLiquidation) fee = _feeUp((x.closedTicks + x.openedTicks) * x.unit, x.config.takerFeePips());
            fill = _fillOf(x.isBuy, x.closedLots, x.openedLots, x.closedTicks * x.unit, x.openedTicks * x.unit);
            // Fees have at most 180 bits.
            cashChange = taker.move(x.indices, fill, -int256(fee));
        }
        // What an isolated scope has left returns at the end of a call, or of a step of its liquidation.
        if (!taker.sums.isIsolated()) taker.tidy();
        taker.store(state, market);
        FundRules.addFees(state, market, x.taker, fee, x.makerFees, _valueOf(x, x.openInterest));
        int256 lots = fill.closedLots + fill.openedLots;
        emit IProEvents.Taken(x.taker, x.marketId, lots, x.closedTicks + x.openedTicks, cashChange, fee);
    }

    function _fillOf(
        bool isBuy,
        uint256 closedLots,
        uint256 openedLots,
        uint256 closedCost,
        uint256 openedCost
    ) private pure returns (Fill memory) {
        unchecked {
            // Costs have at most 184 bits.
            int256 sign = isBuy ? int256(1) : -1;
            return
                Fill(
                    sign * int256(closedLots),
                    sign * int256(closedCost),
                    sign * int256(openedLots),
                    sign * int256(openedCost)
                );
        }
    }

    /// @dev Lots at the mark, quote.
    function _valueOf(Matching memory x, uint256 lots) private pure returns (uint256) {
        unchecked {
            return lots * x.config.lotSize() * x.mark;
        }
    }

    function _feeUp(uint256 notional, uint256 pips) private pure returns (uint256) {
        unchecked {
            return (notional * pips + PIPS - 1) / PIPS;
        }
    }

    function _size(int256 lots) private pure returns (uint256) {
        unchecked {
            return uint256(lots < 0 ? -lots : lots);
        }
    }
}
