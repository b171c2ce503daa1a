// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ONE_USD} from "../../types/Units.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {IProEvents, OrderEnd} from "../interfaces/IPro.sol";
import {ActChanges} from "../rules/ActChanges.sol";
import {ActEnd} from "../rules/ActEnd.sol";
import {ActRights} from "../rules/ActRights.sol";
import {BookRun, Booking} from "../rules/Booking.sol";
import {OrderRules} from "../rules/OrderRules.sol";
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
import {OrderWord, OrderWordFields} from "../types/OrderWord.sol";
import {MAX_ACCOUNT_ORDERS, MAX_MARKET_ORDERS, ProIds} from "../types/ProIds.sol";
import {SumsWord} from "../types/SumsWord.sol";
import {MatchLogic} from "./MatchLogic.sol";

/// @title Placing, lowering and cancelling orders, and the end of a call
/// @dev Linked to Pro and run on its storage. What a soft action is refused for is known before anything is written, but where it
/// takes: that one needs a frame of its own, which Pro gives it.
library PlaceLogic {
    /// @dev Most resting orders that one order may meet.
    uint256 private constant MAX_FILLS = 100;

    /// @notice Does actions Cancel, Lower and Place of a call from number `book.first` on: as many as are of one market, the caller
    /// may do and need no frame of their own.
    /// @dev Soft ones that are refused are skipped, others revert with `Pro_ActionRefused`. Where nothing was changed before and
    /// these are the last actions, the call ends here.
    /// @return results Of what was done, from the first on; none where the first needs a frame of its own.
    /// @return effect What they have changed together; nothing that is left to be ended or tested where the call ended here.
    function run(
        ProState storage state,
        ProSetup calldata setup,
        BookRun calldata book,
        uint256[] calldata actions
    ) external returns (uint256[] memory results, EffectWord effect) {
        results = new uint256[](actions.length - book.first);
        Booking memory x;
        x.load(state, _marketOf(ActionWord.wrap(actions[book.first])), book.account);
        uint256 done = 0;
        for (; done < results.length; ++done) {
            ActionWord action = ActionWord.wrap(actions[book.first + done]);
            if (!_isOfRun(x, book.rights, action)) break;
            (bool isDone, ResultWord result) = _perform(state, setup, x, action, false);
            if (!isDone) break;
            results[done] = ResultWord.unwrap(result);
        }
        x.store(state);
        effect = x.effect();
        if (done == results.length) {
            if (!book.endsCall) return (results, effect);
            ActChanges memory changes;
            changes.add(effect);
            if (changes.isAny()) ActEnd.finish(state, book.account, changes);
            return (results, EffectWord.wrap(0));
        }
        assembly ("memory-safe") {
            // Shorter than it is: what lies behind is not used again.
            mstore(results, done)
        }
    }

    /// @notice Does one of the actions Cancel, Lower and Place for an account; reverts with `Pro_ActionRefused` where it is refused,
    /// soft or not.
    function perform(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action
    ) external returns (ResultWord result, EffectWord effect) {
        Booking memory x;
        x.load(state, _marketOf(action), account);
        (, result) = _perform(state, setup, x, action, true);
        x.store(state);
        effect = x.effect();
    }

    /// @notice The end of a call: touches end, what isolated scopes have left returns, and what was changed is tested.
    function finish(ProState storage state, uint40 account, ActChanges memory changes) external {
        ActEnd.finish(state, account, changes);
    }

    function _marketOf(ActionWord action) private pure returns (uint8) {
        bool isPlace = action.kind() == uint256(ActionKind.Place);
        return isPlace ? action.market() : ProIds.marketOfOrder(action.orderId());
    }

    /// @dev Whether an action is of this library, of the market at hand, and the caller's to do. All others are Pro's to refuse or
    /// to pass on.
    function _isOfRun(Booking memory x, uint256 rights, ActionWord action) private pure returns (bool) {
        uint256 kind = action.kind();
        if (kind < uint256(ActionKind.Cancel) || kind > uint256(ActionKind.Place)) return false;
        if (rights & ActRights.needed(action) == 0 || _marketOf(action) != x.marketId) return false;
        return kind != uint256(ActionKind.Place) || action.isWellFormed();
    }

    /// @param isFramed Whoever called undoes what a soft action did that is refused.
    /// @return isDone False, and nothing was changed, where it takes, is soft and not framed.
    function _perform(
        ProState storage state,
        ProSetup calldata setup,
        Booking memory x,
        ActionWord action,
        bool isFramed
    ) private returns (bool isDone, ResultWord result) {
        bool mustSucceed = isFramed || !action.isSoft();
        Market storage market = state.markets[x.marketId];
        uint256 kind = action.kind();
        if (kind == uint256(ActionKind.Cancel)) {
            _cancel(market, setup, x, action);
        } else if (kind == uint256(ActionKind.Lower)) {
            _lower(market, setup, x, action);
        } else if (x.mayEnter(setup, action)) {
            if (!x.crosses(action)) result = _place(market, setup, x, action);
            else if (action.orderType() == OrderType.PostOnly) _refuseToFill(x, action);
            else if (mustSucceed) result = _take(state, market, setup, x, action);
            else return (false, result);
        }
        if (x.reason == ProReason.None) return (true, result);
        if (mustSucceed) revert IProEvents.Pro_ActionRefused(x.reason, x.value, x.bound);
        result = ResultWord.wrap(uint256(x.reason));
        x.reason = ProReason.None;
        return (true, result);
    }

    function _cancel(Market storage market, ProSetup calldata setup, Booking memory x, ActionWord action) private {
        (uint48 ref, OrderWord order) = _ownOrder(market, x, action.orderId());
        if (x.reason != ProReason.None) return;
        x.begin(market, setup);
        x.noteTouch(order.isBid(), order.tick());
        x.flags |= EffectWordFields.EMPTIED;
        x.mark = ProBook.unlink(market, x.mark, ref, order);
        OrderRules.forget(x.party, ref, order);
        // What an isolated scope has left returns at the end of the call.
        if (!x.party.sums.isIsolated()) x.party.tidy();
        x.isChanged = true;
        emit IProEvents.OrderRemoved(action.orderId(), OrderEnd.Cancelled);
    }

    function _lower(Market storage market, ProSetup calldata setup, Booking memory x, ActionWord action) private {
        // Check:
        (uint48 ref, OrderWord order) = _ownOrder(market, x, action.orderId());
        if (x.reason != ProReason.None) return;
        if (!_mayLower(market, x, order, action.lotsLeft())) return;
        // Effect:
        x.begin(market, setup);
        x.noteTouch(order.isBid(), order.tick());
        uint48 lots = action.lotsLeft();
        if (!order.isReduceOnly()) {
            x.party.sums = x.party.sums.removed(order.isBid(), order.lots() - lots, order.tick());
            x.isChanged = true;
        }
        ProBook.lower(market, ref, order, lots);
        emit IProEvents.OrderLowered(action.orderId(), lots);
    }

    function _ownOrder(
        Market storage market,
        Booking memory x,
        uint256 id
    ) private view returns (uint48 ref, OrderWord order) {
        bool isLive;
        (ref, order, isLive) = OrderRules.find(market, id);
        if (!isLive || ProIds.accountOfReference(ref) != x.party.account) x.refuse(ProReason.OrderNotFound, id, 0);
    }

    function _mayLower(
        Market storage market,
        Booking memory x,
        OrderWord order,
        uint48 lots
    ) private view returns (bool) {
        if (order.isExpired()) return x.refuse(ProReason.OrderExpired, order.expiry(), block.timestamp);
        if (lots >= order.lots()) return x.refuse(ProReason.SizeNotLower, lots, order.lots());
        uint256 notional = uint256(lots) * order.tick() * x.config.unit();
        uint256 least = market.indices.leastRestingUsd() * ONE_USD;
        return (notional >= least && lots != 0) || x.refuse(ProReason.RestTooSmall, notional, least);
    }

    function _refuseToFill(Booking memory x, ActionWord action) private pure {
        x.refuse(ProReason.WouldFill, action.tick(), x.mark.best(!action.isBid()));
    }

    /// @dev An order that nothing on the book fills.
    function _place(
        Market storage market,
        ProSetup calldata setup,
        Booking memory x,
        ActionWord action
    ) private returns (ResultWord) {
        uint256 id = 0;
        if (action.isResting()) {
            id = _rest(market, setup, x, action);
        } else if (action.orderType() == OrderType.FillOrKill) {
            x.refuse(ProReason.WouldNotFill, 0, x.lots);
        }
        if (x.reason == ProReason.None) x.begin(market, setup);
        return ResultWordFields.pack(0, id, StopCause.None, 0);
    }

    /// @dev An order that meets the book. What it leaves rests if it may: one of which something was filled is dropped where it can't,
    /// another one is refused.
    function _take(
        ProState storage state,
        Market storage market,
        ProSetup calldata setup,
        Booking memory x,
        ActionWord action
    ) private returns (ResultWord) {
        TakeResult memory taken = _match(state, market, setup, x, action);
        if (x.reason != ProReason.None) return ResultWord.wrap(0);
        uint256 id = 0;
        // What it stopped before is not out of its reach, and nothing rests across the book.
        bool isOver = taken.cause == StopCause.MaxFills || taken.cause == StopCause.SelfTrade || x.crosses(action);
        if (action.isResting() && taken.lots != x.lots && !isOver) {
            x.lots -= taken.lots;
            id = _rest(market, setup, x, action);
            if (taken.lots != 0) x.reason = ProReason.None;
        } else if (action.orderType() == OrderType.FillOrKill && taken.lots != x.lots) {
            x.refuse(ProReason.WouldNotFill, taken.lots, x.lots);
        }
        return ResultWordFields.pack(taken.lots, id, taken.cause, taken.tickLots);
    }

    function _match(
        ProState storage state,
        Market storage market,
        ProSetup calldata setup,
        Booking memory x,
        ActionWord action
    ) private returns (TakeResult memory taken) {
        uint256 maxFills = action.maxFills();
        if (maxFills == 0 || maxFills > MAX_FILLS) x.refuse(ProReason.NoFillsAllowed, maxFills, MAX_FILLS);
        else if (x.mayTake(setup)) taken = _matched(state, market, setup, x, action);
        if (taken.met == 0) return taken;
        // Whatever it met was at the best price; orders of its own may be gone.
        x.flags |= EffectWordFields.TOUCHED | EffectWordFields.EMPTIED;
        x.flags |= action.isBid() ? EffectWordFields.DIRTY_ASKS : EffectWordFields.DIRTY_BIDS;
        if (taken.lots == 0) return taken;
        x.flags |= taken.isIncreased ? EffectWordFields.INCREASED : EffectWordFields.REDUCED;
    }

    function _matched(
        ProState storage state,
        Market storage market,
        ProSetup calldata setup,
        Booking memory x,
        ActionWord action
    ) private returns (TakeResult memory taken) {
        x.begin(market, setup);
        x.store(state);
        taken = MatchLogic.take(
            state,
            TakeOrder({
                account: x.party.account,
                market: x.marketId,
                isBuy: action.isBid(),
                isLiquidation: false,
                limit: action.tick(),
                // As many as an action has, which are 48 bits, at most.
                lots: uint48(x.lots),
                maxOrders: action.maxFills(),
                selfTrade: action.selfTrade()
            })
        );
        x.loadBook(state, x.party.account);
    }

    /// @dev Puts an order, or what is left of it, on the book, or says why not.
    function _rest(
        Market storage market,
        ProSetup calldata setup,
        Booking memory x,
        ActionWord action
    ) private returns (uint256 id) {
        // Check:
        if (!x.mayRest(market, setup, action)) return 0;
        uint256 slot = _freeSlot(x.party.sums.slots());
        (SumsWord sums, ProReason reason) = _withOrder(x, action, slot);
        uint48 ref = ProIds.referenceOf(x.party.account, slot);
        // 2^48 orders of one slot are not placed in the life of a chain.
        uint48 generation = market.orders[ref].generation() + 1;
        if (reason == ProReason.None) reason = _append(market, x, action, ref, generation);
        if (reason != ProReason.None) {
            x.refuse(reason, 0, 0);
            return 0;
        }
        // Effect:
        (x.party.sums, x.party.word) = (sums.withSlot(slot), x.party.word.withOrder());
        if (!sums.isIsolated()) x.party.word = x.party.word.withMarket(x.marketId);
        x.isChanged = true;
        // Without margin of its own it must not be in the way of a liquidation.
        x.flags |= action.isReduceOnly() ? EffectWordFields.REDUCED : EffectWordFields.RESTED;
        x.noteTouch(action.isBid(), action.tick());
        id = ProIds.orderId(ref, generation, x.marketId);
        uint8 flags = action.isBid() ? 1 : 0;
        if (action.isReduceOnly()) flags |= 2;
        emit IProEvents.OrderRested(id, action.tick(), uint48(x.lots), action.expiry(), flags);
    }

    /// @dev The sums of an account with an order more, and what keeps the account from having one.
    function _withOrder(
        Booking memory x,
        ActionWord action,
        uint256 slot
    ) private pure returns (SumsWord sums, ProReason) {
        sums = x.party.sums;
        if (slot == MAX_MARKET_ORDERS) return (sums, ProReason.SlotsFull);
        if (x.party.word.orders() >= MAX_ACCOUNT_ORDERS) return (sums, ProReason.OrdersFull);
        if (!action.isReduceOnly()) {
            bool isFitting;
            (sums, isFitting) = sums.added(action.isBid(), x.lots, action.tick());
            if (!isFitting) return (sums, ProReason.SumsFull);
        }
        return (sums, !sums.isIsolated() && x.isFull() ? ProReason.MarketsFull : ProReason.None);
    }

    function _append(
        Market storage market,
        Booking memory x,
        ActionWord action,
        uint48 ref,
        uint48 generation
    ) private returns (ProReason) {
        OrderWord order = OrderWordFields.pack(
            // At most what an action has, 48 bits.
            uint48(x.lots),
            0,
            action.tick(),
            action.expiry(),
            action.isBid(),
            action.isReduceOnly(),
            generation
        );
        bool isFitting;
        (isFitting, x.mark) = ProBook.append(market, x.mark, ref, order);
        return isFitting ? ProReason.None : ProReason.SumsFull;
    }

    /// @dev Number of the lowest bit that is not set; that of all there are where all are.
    function _freeSlot(uint32 slots) private pure returns (uint256) {
        return slots == type(uint32).max ? MAX_MARKET_ORDERS : AssetMask.lowest(~uint256(slots));
    }
}
