// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IPriceAggregator, PriceProof} from "../interfaces/IPriceAggregator.sol";
import {IProductBase} from "../interfaces/IProduct.sol";
import {ProOutcome, ProReason} from "../pro/ProOutcome.sol";
import {ProStateLib} from "../pro/ProStateLib.sol";
import {IPro} from "../pro/interfaces/IPro.sol";
import {IProTriggers, TriggerOrder} from "../pro/interfaces/IProTriggers.sol";
import {TriggerMath} from "../pro/math/TriggerMath.sol";
import {ProRefusals, Refusal} from "../pro/rules/ProRefusals.sol";
import {TriggerCase, TriggerRules} from "../pro/rules/TriggerRules.sol";
import {ActionWord, ActionWordPacking, OrderType, ResultWord} from "../pro/types/ActionWord.sol";
import {ConfigWord, MarketStatus} from "../pro/types/MarketConfig.sol";
import {ProIds} from "../pro/types/ProIds.sol";
import {TriggerIds, TriggerKind, TriggerWord, TriggerWordFields} from "../pro/types/TriggerWord.sol";
import {ProductBounds} from "../product/ProductBounds.sol";
import {QuoteLib} from "../product/QuoteLib.sol";
import {ONE_USD} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";

/// @title ProTriggers
/// @notice See `IProTriggers`.
contract ProTriggers is IProTriggers, ReentrancyGuardTransient {
    using ProStateLib for IPro;

    /// @dev Rights of a delegate, see `DelegateWord`.
    uint256 private constant MAY_REDUCE = 2;
    uint256 private constant MAY_TRADE = 4;
    uint256 private constant MAY_ANYTHING = 7;
    uint256 private constant MAX_SLOTS = 8;
    /// @dev Most resting orders that one execution meets: each costs about 30,000 gas, and in the worst case they are met three times.
    uint8 private constant MAX_FILLS = 32;
    /// @dev 0.1 USD, in millionths of a dollar.
    uint24 private constant TIP = 100_000;
    uint256 private constant TIP_UNIT = ONE_USD / 1e6;
    uint256 private constant LEAST_NOTIONAL = 10 * ONE_USD;
    uint24 private constant DEFAULT_BOUND_PIPS = 10_000;
    /// @dev As wide as the widest band.
    uint24 private constant MAX_BOUND_PIPS = 50_000;
    uint16 private constant MIN_CALLBACK_PIPS = 1_000;
    uint16 private constant MAX_CALLBACK_PIPS = 50_000;

    /// @dev A trigger on its way into the book.
    /// @param tip Millionths of a dollar.
    struct Shot {
        uint256 id;
        TriggerWord trigger;
        uint24 limit;
        uint256 price;
        uint24 tip;
        address keeper;
    }

    /// @dev What Pro said.
    /// @param isScope The test of a scope failed, which may be for the tip's sake.
    /// @param value Of a refusal.
    /// @param bound Of a refusal.
    /// @param paid Millionths of a dollar.
    struct Answer {
        bool isDone;
        bool isScope;
        ProReason reason;
        uint256 value;
        uint256 bound;
        ResultWord result;
        uint24 paid;
    }

    /// @inheritdoc IProTriggers
    IPro public immutable override pro;

    /// @inheritdoc IProTriggers
    uint256 public immutable override executionDelay;

    IPriceAggregator private immutable _aggregator;

    mapping(uint256 ref => TriggerWord) private _words;

    constructor(IPro pro_, uint256 executionDelay_) {
        Code.requireContract(address(pro_));
        ProductBounds.checkDelay(executionDelay_);
        (pro, executionDelay) = (pro_, executionDelay_);
        _aggregator = IProductBase(address(pro_)).aggregator();
    }

    /// @inheritdoc IProTriggers
    function place(
        uint40 account,
        TriggerOrder[] calldata orders
    ) external override nonReentrant returns (uint256[] memory ids) {
        ids = new uint256[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            TriggerOrder calldata order = orders[i];
            // Check:
            _requireRight(account, order.isReduceOnly ? MAY_REDUCE | MAY_TRADE : MAY_TRADE);
            (uint256 ref, TriggerWord free) = _freeSlot(account, order.market);
            // Effect: a slot is not used 2^40 times in the life of a chain.
            ids[i] = _set(ref, free.generation() + 1, order);
        }
    }

    /// @inheritdoc IProTriggers
    function change(uint256 id, TriggerOrder calldata order) external override nonReentrant {
        // Check:
        uint256 ref = TriggerIds.refOf(id);
        TriggerWord trigger = _words[ref];
        if (!_isNamed(trigger, id)) revert ProTriggers_NotFound(id);
        _requireRight(TriggerIds.accountOf(id), order.isReduceOnly ? MAY_REDUCE | MAY_TRADE : MAY_TRADE);
        uint8 market = TriggerIds.marketOf(id);
        if (order.market != market) _refuse(ProReason.MarketNotListed, order.market, market);
        // Effect:
        _set(ref, trigger.generation(), order);
    }

    /// @inheritdoc IProTriggers
    function cancel(uint256[] calldata ids) external override nonReentrant returns (uint256 cancelled) {
        for (uint256 i = 0; i < ids.length; ++i) {
            // Check:
            _requireRight(TriggerIds.accountOf(ids[i]), MAY_ANYTHING);
            TriggerWord trigger = _words[TriggerIds.refOf(ids[i])];
            if (!_isNamed(trigger, ids[i])) continue;
            // Effect:
            _remove(ids[i], trigger, ProReason.None);
            ++cancelled;
        }
    }

    /// @inheritdoc IProTriggers
    function execute(
        uint256 id,
        address prover,
        uint256 tickIndex,
        uint256 earlierTickIndex,
        address keeper
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        if (keeper == address(0)) revert ProTriggers_ZeroAddress();
        TriggerCase memory x;
        x.trigger = _words[TriggerIds.refOf(id)];
        if (!_isNamed(x.trigger, id)) return (ProOutcome.Skipped, ProReason.TriggerNotFound);
        if (x.trigger.isExpired()) return _remove(id, x.trigger, ProReason.TriggerExpired);
        x.config = pro.config(TriggerIds.marketOf(id));
        x.clock = x.trigger.changedAt() + executionDelay;
        QuoteLib.readExit(x.quote, _aggregator, prover, tickIndex, x.config.assetId());
        if (x.trigger.kind() == TriggerKind.Trailing) x.earlier = _aggregator.tick(prover, earlierTickIndex);
        (ProReason reason, uint256 price) = TriggerRules.judge(x);
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        uint24 limit = TriggerRules.limitOf(x.trigger, x.config, price);
        if (limit == 0) return (ProOutcome.Skipped, ProReason.NothingFilled);
        return _fire(Shot(id, x.trigger, limit, price, x.trigger.tip(), keeper));
    }

    /// @inheritdoc IProTriggers
    function wordAt(uint256 ref) external view override returns (TriggerWord) {
        return _words[ref];
    }

    /// @dev All of it and the tip in one call, or what can be filled and its part of the tip in another: that a part is there, Pro
    /// says as it refuses the whole.
    function _fire(Shot memory shot) private returns (ProOutcome, ProReason) {
        Answer memory answer = _send(shot, OrderType.FillOrKill);
        if (answer.isDone) return _finish(shot, answer);
        if (answer.reason == ProReason.WouldNotFill) {
            shot.tip = TriggerMath.shareOf(shot.tip, answer.value, answer.bound);
            answer = _send(shot, OrderType.ImmediateOrCancel);
            if (answer.isDone) return _keep(shot, answer);
        }
        if (TriggerRules.isFinal(answer.reason)) return _remove(shot.id, shot.trigger, answer.reason);
        return (ProOutcome.Skipped, answer.reason);
    }

    /// @dev A scope that can't bear the tip, or whose other markets have no price for its test, must not keep the order waiting.
    function _send(Shot memory shot, OrderType orderType) private returns (Answer memory answer) {
        answer = _act(shot, orderType, shot.tip);
        if (answer.isScope && shot.tip != 0) answer = _act(shot, orderType, 0);
    }

    function _act(Shot memory shot, OrderType orderType, uint24 tip) private returns (Answer memory answer) {
        uint256[] memory actions = new uint256[](tip == 0 ? 1 : 2);
        actions[0] = ActionWord.unwrap(_orderOf(shot, orderType));
        // A tenth of a dollar at most.
        if (tip != 0) {
            actions[1] = ActionWord.unwrap(ActionWordPacking.softTip(shot.keeper, uint64(tip * TIP_UNIT)));
        }
        // Interaction:
        try pro.act(TriggerIds.accountOf(shot.id), new PriceProof[](0), actions) returns (uint256[] memory results) {
            (answer.isDone, answer.result) = (true, ResultWord.wrap(results[0]));
            if (tip != 0 && results[1] == 0) answer.paid = tip;
        } catch (bytes memory reason) {
            Refusal memory refusal = ProRefusals.read(reason);
            (answer.isScope, answer.reason) = (refusal.isScope, refusal.reason);
            (answer.value, answer.bound) = (refusal.value, refusal.bound);
        }
    }

    function _finish(Shot memory shot, Answer memory answer) private returns (ProOutcome, ProReason) {
        // Effect:
        _words[TriggerIds.refOf(shot.id)] = shot.trigger.emptied();
        _report(shot, answer, true);
        return (ProOutcome.Triggered, ProReason.None);
    }

    /// @dev Of an order without lots of its own the rest is what the position has by then.
    function _keep(Shot memory shot, Answer memory answer) private returns (ProOutcome, ProReason) {
        uint48 filled = answer.result.filled();
        // Dead orders that it met are off the book all the same.
        if (filled == 0) return (ProOutcome.Skipped, ProReason.NothingFilled);
        // Effect: fewer were filled than it has, which was the reason to keep it; the share is part of the tip.
        uint48 lots = shot.trigger.lots();
        if (lots != 0) lots -= filled;
        _words[TriggerIds.refOf(shot.id)] = shot.trigger.withRest(lots, shot.trigger.tip() - shot.tip);
        _report(shot, answer, false);
        return (ProOutcome.PartlyTriggered, ProReason.None);
    }

    function _report(Shot memory shot, Answer memory answer, bool isDone) private {
        emit TriggerFired(
            shot.id,
            shot.keeper,
            shot.price,
            answer.result.filled(),
            answer.result.tickLots(),
            answer.paid * TIP_UNIT,
            isDone
        );
    }

    function _remove(uint256 id, TriggerWord trigger, ProReason reason) private returns (ProOutcome, ProReason) {
        _words[TriggerIds.refOf(id)] = trigger.emptied();
        emit TriggerRemoved(id, reason);
        return (ProOutcome.Removed, reason);
    }

    /// @dev Puts an order into a slot.
    function _set(uint256 ref, uint40 generation, TriggerOrder calldata order) private returns (uint256 id) {
        _checkOrder(order);
        bool isLimit = order.limit != 0;
        uint24 bound = isLimit ? order.limit : order.boundPips;
        if (bound == 0) bound = DEFAULT_BOUND_PIPS;
        TriggerWord word = TriggerWordFields.pack(order.kind, order.isBuy, order.isReduceOnly, order.lots, order.tick);
        word = word.withBound(isLimit, bound, order.callbackPips);
        // Seconds fit 40 bits until the year 36,812.
        _words[ref] = word.withClock(uint40(block.timestamp), order.expiry, TIP, generation);
        id = TriggerIds.idOf(ref, generation);
        emit TriggerSet(id, TriggerIds.accountOf(id), msg.sender, order);
    }

    function _checkOrder(TriggerOrder calldata order) private view {
        ConfigWord config = pro.config(order.market);
        MarketStatus status = config.status();
        if (status == MarketStatus.Unlisted) _refuse(ProReason.MarketNotListed, order.market, 0);
        if (status == MarketStatus.Settling) _refuse(ProReason.MarketSettling, order.market, 0);
        if (order.expiry != 0 && order.expiry < block.timestamp) {
            _refuse(ProReason.ExpiryPassed, order.expiry, block.timestamp);
        }
        bool isTrailing = order.kind == TriggerKind.Trailing;
        if (order.tick == 0 && !isTrailing) _refuse(ProReason.PriceMissing, 0, 0);
        _checkBounds(order, isTrailing);
        if (order.isReduceOnly) return;
        // What reduces may be what is left of a position.
        if (order.lots == 0) _refuse(ProReason.SizeMissing, 0, 0);
        uint256 tick = order.limit != 0 ? order.limit : order.tick;
        uint256 notional = order.lots * tick * config.unit();
        if (tick != 0 && notional < LEAST_NOTIONAL) _refuse(ProReason.NotionalTooSmall, notional, LEAST_NOTIONAL);
    }

    function _checkBounds(TriggerOrder calldata order, bool isTrailing) private pure {
        uint256 maxBound = order.limit != 0 ? 0 : MAX_BOUND_PIPS;
        if (order.boundPips > maxBound) _refuse(ProReason.BoundOutOfRange, order.boundPips, maxBound);
        uint256 callback = order.callbackPips;
        uint256 least = isTrailing ? MIN_CALLBACK_PIPS : 0;
        uint256 most = isTrailing ? MAX_CALLBACK_PIPS : 0;
        if (callback < least) _refuse(ProReason.CallbackOutOfRange, callback, least);
        if (callback > most) _refuse(ProReason.CallbackOutOfRange, callback, most);
    }

    function _freeSlot(uint40 account, uint8 market) private view returns (uint256 ref, TriggerWord word) {
        for (uint256 slot = 0; slot < MAX_SLOTS; ++slot) {
            ref = TriggerIds.referenceOf(account, market, slot);
            word = _words[ref];
            if (!word.isWaiting()) return (ref, word);
        }
        _refuse(ProReason.SlotsFull, MAX_SLOTS, MAX_SLOTS);
    }

    /// @param accepted Of a delegate any of these.
    function _requireRight(uint40 account, uint256 accepted) private view {
        if (pro.owner(ProIds.ownerIndexOf(account)).owner() == msg.sender) return;
        if (pro.delegate(account, msg.sender).rightsNow() & accepted != 0) return;
        revert ProTriggers_NotAllowed(account, msg.sender);
    }

    function _orderOf(Shot memory shot, OrderType orderType) private pure returns (ActionWord) {
        uint48 lots = shot.trigger.lots();
        return
            ActionWordPacking.taking(
                TriggerIds.marketOf(shot.id),
                shot.trigger.isBuy(),
                shot.trigger.isReduceOnly(),
                orderType,
                MAX_FILLS,
                shot.limit,
                // Pro cuts it to what reduces.
                lots == 0 ? type(uint48).max : lots
            );
    }

    /// @dev Whether a slot holds what an id names: no more bits than its own, and its generation.
    function _isNamed(TriggerWord trigger, uint256 id) private pure returns (bool) {
        return trigger.isWaiting() && TriggerIds.idOf(TriggerIds.refOf(id), trigger.generation()) == id;
    }

    function _refuse(ProReason reason, uint256 value, uint256 bound) private pure {
        revert ProTriggers_OrderRefused(reason, value, bound);
    }
}
