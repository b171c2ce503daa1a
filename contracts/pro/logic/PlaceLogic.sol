// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ONE_USD, PIPS} from "../../types/Units.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {IProEvents, OrderEnd} from "../interfaces/IPro.sol";
import {MarginRules} from "../rules/MarginRules.sol";
import {OrderRules} from "../rules/OrderRules.sol";
import {Party} from "../rules/Party.sol";
import {ProBook} from "../rules/ProBook.sol";
import {TakeOrder, TakeResult} from "../rules/Take.sol";
import {
    ActionKind,
    ActionWord,
    EffectWord,
    EffectWordFields,
    OrderType,
    ResultWord,
    ResultWordFields,
    StopCause
} from "../types/ActionWord.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {IndexWord, MarkWord} from "../types/MarketWords.sol";
import {OrderWord, OrderWordFields} from "../types/OrderWord.sol";
import {MAX_ACCOUNT_ORDERS, MAX_MARKET_ORDERS, MAX_SCOPE_MARKETS, ProIds} from "../types/ProIds.sol";
import {MarkLogic} from "./MarkLogic.sol";
import {MatchLogic} from "./MatchLogic.sol";

/// @title Placing, lowering and cancelling orders
/// @dev Linked to Pro and run on its storage. Refuses with `Pro_ActionRefused`, so that a soft action can be skipped.
library PlaceLogic {
    /// @dev Least notional of any order that does not close a whole position.
    uint256 private constant LEAST_NOTIONAL = 10 * ONE_USD;
    /// @dev Most resting orders that one order may meet.
    uint256 private constant MAX_FILLS = 100;

    /// @dev The working set of a placing.
    struct Placing {
        uint8 marketId;
        uint40 account;
        bool isBid;
        bool isReduceOnly;
        bool canOpen;
        OrderType orderType;
        uint24 tick;
        uint32 expiry;
        uint48 lots;
        uint256 reducible;
        uint256 flags;
        ConfigWord config;
        MarkWord mark;
    }

    /// @notice Does one of the actions Cancel, Lower and Place for an account.
    function perform(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action
    ) external returns (ResultWord result, EffectWord effect) {
        uint256 kind = action.kind();
        if (kind == uint256(ActionKind.Place)) return _place(state, setup, account, action);
        return (ResultWord.wrap(0), _change(state, setup, account, action, kind == uint256(ActionKind.Cancel)));
    }

    /// @notice See `IPro.cancelDead`.
    function cancelDead(
        ProState storage state,
        ProSetup calldata setup,
        uint256[] calldata ids
    ) external returns (uint256 cancelled) {
        for (uint256 i = 0; i < ids.length; ++i) {
            uint8 marketId = ProIds.marketOfOrder(ids[i]);
            Market storage market = state.markets[marketId];
            (uint48 ref, OrderWord order, bool isLive) = OrderRules.find(market, ids[i]);
            bool isSettling = market.config.status() == MarketStatus.Settling;
            if (!isLive || (!isSettling && !order.isExpired())) continue;
            OrderEnd end = isSettling ? OrderEnd.Settling : OrderEnd.Expired;
            _removeAndTouch(state, setup, market, marketId, ref, order, end);
            ++cancelled;
        }
    }

    /// @notice See `IPro.cancelStretched`: the orders; who may and who is paid is the caller's to see to.
    /// @return cancelled How many there were, of the ids that are live orders of the scope.
    function cancelOf(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint256[] calldata ids,
        OrderEnd end
    ) external returns (uint256 cancelled) {
        for (uint256 i = 0; i < ids.length; ++i) {
            uint8 marketId = ProIds.marketOfOrder(ids[i]);
            Market storage market = state.markets[marketId];
            (uint48 ref, OrderWord order, bool isLive) = OrderRules.find(market, ids[i]);
            uint40 account = ProIds.accountOfReference(ref);
            if (!isLive || ProIds.scopeOf(account, marketId, market.sums[account].isIsolated()) != scope) continue;
            _removeAndTouch(state, setup, market, marketId, ref, order, end);
            ++cancelled;
        }
    }

    /// @dev Outside `IPro.act`: the touch ends with each order.
    function _removeAndTouch(
        ProState storage state,
        ProSetup calldata setup,
        Market storage market,
        uint8 marketId,
        uint48 ref,
        OrderWord order,
        OrderEnd end
    ) private {
        MarkLogic.begin(market, setup);
        OrderRules.remove(state, market, marketId, ref, order, end, true);
        bool isDirty = ProBook.isDirty(market.mark, order.isBid(), order.tick());
        MarkLogic.end(market, marketId, isDirty && order.isBid(), isDirty && !order.isBid());
    }

    function _change(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action,
        bool isCancel
    ) private returns (EffectWord) {
        uint8 marketId = ProIds.marketOfOrder(action.orderId());
        Market storage market = state.markets[marketId];
        (uint48 ref, OrderWord order) = _ownOrder(market, account, action.orderId());
        if (market.touch.touchedAt() != block.timestamp) MarkLogic.begin(market, setup);
        uint256 flags = EffectWordFields.TOUCHED;
        if (ProBook.isDirty(market.mark, order.isBid(), order.tick())) {
            flags |= order.isBid() ? EffectWordFields.DIRTY_BIDS : EffectWordFields.DIRTY_ASKS;
        }
        if (isCancel) {
            OrderRules.remove(state, market, marketId, ref, order, OrderEnd.Cancelled, false);
            flags |= EffectWordFields.EMPTIED;
        } else {
            _lower(market, ref, order, action.lotsLeft());
            emit IProEvents.OrderLowered(action.orderId(), action.lotsLeft());
        }
        return EffectWordFields.pack(marketId, market.sums[account].isIsolated(), flags);
    }

    function _ownOrder(
        Market storage market,
        uint40 account,
        uint256 id
    ) private view returns (uint48 ref, OrderWord order) {
        bool isLive;
        (ref, order, isLive) = OrderRules.find(market, id);
        if (!isLive || ProIds.accountOfReference(ref) != account) _refuse(ProReason.OrderNotFound, id, 0);
    }

    function _lower(Market storage market, uint48 ref, OrderWord order, uint48 lots) private {
        // Check:
        if (order.isExpired()) _refuse(ProReason.OrderExpired, order.expiry(), block.timestamp);
        if (lots >= order.lots()) _refuse(ProReason.SizeNotLower, lots, order.lots());
        uint256 notional = uint256(lots) * order.tick() * market.config.unit();
        uint256 least = market.indices.leastRestingUsd() * ONE_USD;
        if (notional < least || lots == 0) _refuse(ProReason.RestTooSmall, notional, least);
        // Effect:
        if (!order.isReduceOnly()) {
            uint40 account = ProIds.accountOfReference(ref);
            market.sums[account] = market.sums[account].removed(order.isBid(), order.lots() - lots, order.tick());
        }
        ProBook.lower(market, ref, order, lots);
    }

    function _place(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action
    ) private returns (ResultWord result, EffectWord effect) {
        Placing memory x;
        uint8 marketId = action.market();
        Market storage market = state.markets[marketId];
        _load(market, setup, x, account, action);
        _checkSize(x);

        TakeResult memory taken;
        if (_crosses(market.mark, x)) {
            if (x.orderType == OrderType.PostOnly) _refuse(ProReason.WouldFill, x.tick, market.mark.best(!x.isBid));
            taken = _take(state, market, x, action);
        }
        if (x.orderType == OrderType.FillOrKill && taken.lots != x.lots) {
            _refuse(ProReason.WouldNotFill, taken.lots, x.lots);
        }
        uint256 id = _rest(state, market, x, taken);
        if (taken.lots != 0 || id != 0 || taken.met != 0) x.flags |= EffectWordFields.TOUCHED;
        result = ResultWordFields.pack(taken.lots, id, taken.cause, taken.tickLots);
        effect = EffectWordFields.pack(marketId, market.sums[account].isIsolated(), x.flags);
    }

    function _load(
        Market storage market,
        ProSetup calldata setup,
        Placing memory x,
        uint40 account,
        ActionWord action
    ) private {
        ConfigWord config = market.config;
        MarketStatus status = config.status();
        if (status == MarketStatus.Unlisted) _refuse(ProReason.MarketNotListed, action.market(), 0);
        if (status == MarketStatus.Settling) _refuse(ProReason.MarketSettling, action.market(), 0);
        if (!setup.status.canClose()) _refuse(ProReason.BreakerRaised, 0, 0);
        if (market.index.price() == 0) _refuse(ProReason.IndexMissing, action.market(), 0);
        if (market.touch.touchedAt() != block.timestamp) MarkLogic.begin(market, setup);
        (x.marketId, x.account, x.config, x.mark) = (action.market(), account, config, market.mark);
        (x.isBid, x.isReduceOnly, x.orderType) = (action.isBid(), action.isReduceOnly(), action.orderType());
        (x.tick, x.expiry, x.lots) = (action.tick(), action.expiry(), action.lots());
        x.canOpen = setup.status.canOpen() && status == MarketStatus.Active;
        int256 position = market.positions[account].lots();
        if (x.isBid != position > 0) x.reducible = uint256(position < 0 ? -position : position);
        if (x.isReduceOnly) {
            if (x.reducible == 0) _refuse(ProReason.NothingToReduce, 0, 0);
            // Less than the order's lots, which have 48 bits.
            if (x.lots > x.reducible) x.lots = uint48(x.reducible);
        }
    }

    function _checkSize(Placing memory x) private view {
        bool isResting = x.orderType == OrderType.Limit || x.orderType == OrderType.PostOnly;
        if (x.lots == 0) _refuse(ProReason.SizeMissing, 0, 0);
        if (x.tick == 0 && isResting) _refuse(ProReason.PriceMissing, 0, 0);
        if (x.expiry != 0 && x.expiry < block.timestamp) _refuse(ProReason.ExpiryPassed, x.expiry, block.timestamp);
        uint256 notional =
            x.tick == 0 ? x.lots * x.config.lotSize() * x.mark.mark() : uint256(x.lots) * x.tick * x.config.unit();
        // What is left of a position can always be closed.
        if (notional >= LEAST_NOTIONAL || (x.isReduceOnly && x.lots == x.reducible)) return;
        _refuse(ProReason.NotionalTooSmall, notional, LEAST_NOTIONAL);
    }

    function _crosses(MarkWord mark, Placing memory x) private pure returns (bool) {
        uint24 best = mark.best(!x.isBid);
        if (best == 0) return false;
        return x.tick == 0 || (x.isBid ? best <= x.tick : best >= x.tick);
    }

    function _take(
        ProState storage state,
        Market storage market,
        Placing memory x,
        ActionWord action
    ) private returns (TakeResult memory taken) {
        uint256 maxFills = action.maxFills();
        if (maxFills == 0 || maxFills > MAX_FILLS) _refuse(ProReason.NoFillsAllowed, maxFills, MAX_FILLS);
        _checkTaking(state, market, x);
        taken = MatchLogic.take(
            state,
            TakeOrder({
                account: x.account,
                market: x.marketId,
                isBuy: x.isBid,
                isLiquidation: false,
                limit: x.tick,
                lots: x.lots,
                maxOrders: maxFills,
                selfTrade: action.selfTrade()
            })
        );
        if (taken.met == 0) return taken;
        // Whatever it met was at the best price; orders of its own may be gone.
        x.flags |= x.isBid ? EffectWordFields.DIRTY_ASKS : EffectWordFields.DIRTY_BIDS;
        x.flags |= EffectWordFields.EMPTIED;
        if (taken.lots == 0) return taken;
        x.flags |= taken.isIncreased ? EffectWordFields.INCREASED : EffectWordFields.REDUCED;
    }

    /// @dev What the moment must be like for who takes. An order that may increase is one that does.
    function _checkTaking(ProState storage state, Market storage market, Placing memory x) private view {
        if (x.lots <= x.reducible) {
            _requireAge(market, MarginRules.RESTING_AGE);
            return;
        }
        _requireOpen(x);
        uint256 leverage = MarginRules.leverageOf(market, x.account);
        _requireAge(market, MarginRules.increaseAge(leverage, x.config.highLeverage()));
        IndexWord index = market.index;
        if (!index.isNarrow()) _refuse(ProReason.IndexNotNarrow, 0, 0);
        if (!index.isReady()) _refuse(ProReason.SequencerNotReady, 0, 0);
        AccountWord word = state.accounts[x.account];
        if (!market.sums[x.account].isIsolated() && _isFull(word, x.marketId)) {
            _refuse(ProReason.MarketsFull, MAX_SCOPE_MARKETS, MAX_SCOPE_MARKETS);
        }
    }

    /// @dev Puts what is left of an order on the book. One of which something was filled is dropped where it can't rest, another
    /// one is refused.
    function _rest(
        ProState storage state,
        Market storage market,
        Placing memory x,
        TakeResult memory taken
    ) private returns (uint256 id) {
        if (x.orderType == OrderType.ImmediateOrCancel || x.orderType == OrderType.FillOrKill) return 0;
        if (taken.lots == x.lots) return 0;
        // It stopped before the book was out of its reach, or still crosses what lies beyond the band.
        if (taken.cause == StopCause.MaxFills || taken.cause == StopCause.SelfTrade) return 0;
        if (_crosses(market.mark, x)) return 0;
        // What is left is less than the order's lots.
        x.lots -= uint48(taken.lots);
        (ProReason reason, uint256 value, uint256 bound) = _obstacle(market, x);
        if (reason == ProReason.None) (reason, id) = _append(state, market, x);
        if (reason == ProReason.None) return id;
        if (taken.lots == 0) _refuse(reason, value, bound);
    }

    /// @dev What keeps an order from resting.
    function _obstacle(
        Market storage market,
        Placing memory x
    ) private view returns (ProReason reason, uint256 value, uint256 bound) {
        if (!x.canOpen) return (_closedReason(x), 0, 0);
        uint256 leverage = MarginRules.leverageOf(market, x.account);
        reason = MarginRules.staleness(market, MarginRules.restingAge(leverage, x.config.highLeverage()));
        if (reason != ProReason.None) return (reason, block.timestamp - market.index.publishTime(), 0);
        (value, bound) = (uint256(x.lots) * x.tick * x.config.unit(), market.indices.leastRestingUsd() * ONE_USD);
        if (value < bound) return (ProReason.RestTooSmall, value, bound);
        uint256 price = x.tick * x.config.tickSize();
        uint256 mark = x.mark.mark();
        if (x.isReduceOnly && (x.isBid ? price > mark : price < mark)) return (ProReason.BeyondMark, price, mark);
        uint256 band = x.config.bandPips();
        bool isBeyond = x.isBid ? price * PIPS > mark * (PIPS + band) : price * PIPS < mark * (PIPS - band);
        if (isBeyond) return (ProReason.BeyondBand, price, mark);
        return (ProReason.None, 0, 0);
    }

    function _append(
        ProState storage state,
        Market storage market,
        Placing memory x
    ) private returns (ProReason, uint256 id) {
        Party memory party;
        party.load(state, market, x.marketId, x.account);
        uint256 slot = _freeSlot(party.sums.slots());
        if (slot == MAX_MARKET_ORDERS) return (ProReason.SlotsFull, 0);
        if (party.word.orders() >= MAX_ACCOUNT_ORDERS) return (ProReason.OrdersFull, 0);
        if (!x.isReduceOnly) {
            bool isFitting;
            (party.sums, isFitting) = party.sums.added(x.isBid, x.lots, x.tick);
            if (!isFitting) return (ProReason.SumsFull, 0);
        }
        if (!party.sums.isIsolated()) {
            if (_isFull(party.word, x.marketId)) return (ProReason.MarketsFull, 0);
            party.word = party.word.withMarket(x.marketId);
        }
        uint48 ref = ProIds.referenceOf(x.account, slot);
        // 2^48 orders of one slot are not placed in the life of a chain.
        uint48 generation = market.orders[ref].generation() + 1;
        OrderWord order = OrderWordFields.pack(x.lots, 0, x.tick, x.expiry, x.isBid, x.isReduceOnly, generation);
        if (!ProBook.append(market, ref, order)) return (ProReason.SumsFull, 0);
        party.sums = party.sums.withSlot(slot);
        party.word = party.word.withOrder();
        party.store(state, market);

        // Without margin of its own it must not be in the way of a liquidation.
        x.flags |= x.isReduceOnly ? EffectWordFields.REDUCED : EffectWordFields.RESTED;
        if (ProBook.isDirty(market.mark, x.isBid, x.tick)) {
            x.flags |= x.isBid ? EffectWordFields.DIRTY_BIDS : EffectWordFields.DIRTY_ASKS;
        }
        id = ProIds.orderId(ref, generation, x.marketId);
        uint8 flags = x.isBid ? 1 : 0;
        if (x.isReduceOnly) flags |= 2;
        emit IProEvents.OrderRested(id, x.tick, x.lots, x.expiry, flags);
        return (ProReason.None, id);
    }

    /// @dev Number of the lowest bit that is not set; that of all there are where all are.
    function _freeSlot(uint32 slots) private pure returns (uint256) {
        return slots == type(uint32).max ? MAX_MARKET_ORDERS : AssetMask.lowest(~uint256(slots));
    }

    /// @dev Whether a cross scope has as many markets as it may, and not this one.
    function _isFull(AccountWord word, uint8 marketId) private pure returns (bool) {
        if (word.hasMarket(marketId)) return false;
        uint256 count = 0;
        for (uint256 rest = word.markets(); rest != 0; rest &= rest - 1) ++count;
        return count >= MAX_SCOPE_MARKETS;
    }

    function _requireOpen(Placing memory x) private pure {
        if (!x.canOpen) _refuse(_closedReason(x), 0, 0);
    }

    function _closedReason(Placing memory x) private pure returns (ProReason) {
        return x.config.status() == MarketStatus.Active ? ProReason.BreakerRaised : ProReason.MarketReduceOnly;
    }

    function _requireAge(Market storage market, uint256 maxAge) private view {
        ProReason reason = MarginRules.staleness(market, maxAge);
        if (reason != ProReason.None) _refuse(reason, block.timestamp - market.index.publishTime(), maxAge);
    }

    function _refuse(ProReason reason, uint256 value, uint256 bound) private pure {
        revert IProEvents.Pro_ActionRefused(reason, value, bound);
    }
}
