// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tick} from "../../interfaces/IPriceAggregator.sol";
import {IProductBase} from "../../interfaces/IProduct.sol";
import {ProReason} from "../../pro/ProOutcome.sol";
import {ProStateLib} from "../../pro/ProStateLib.sol";
import {IPro} from "../../pro/interfaces/IPro.sol";
import {IProTriggers} from "../../pro/interfaces/IProTriggers.sol";
import {IProTriggersLens, TriggerDue, TriggerTick, TriggerView} from "../../pro/interfaces/IProTriggersLens.sol";
import {TriggerCase, TriggerRules} from "../../pro/rules/TriggerRules.sol";
import {TriggerIds, TriggerWord} from "../../pro/types/TriggerWord.sol";
import {ONE_USD, Price} from "../../types/Units.sol";

/// @title ProTriggersLens
/// @notice See `IProTriggersLens`.
contract ProTriggersLens is IProTriggersLens {
    using ProStateLib for IPro;

    uint256 private constant SLOTS = 8;
    /// @dev Quote of a millionth of a dollar.
    uint256 private constant TIP_UNIT = ONE_USD / 1e6;
    /// @dev Rights of a delegate, see `DelegateWord`.
    uint256 private constant MAY_REDUCE = 2;
    uint256 private constant MAY_TRADE = 4;

    /// @inheritdoc IProTriggersLens
    function trigger(IProTriggers triggers, uint256 id) external view override returns (TriggerView memory found) {
        (TriggerWord word, bool isWaiting) = _find(triggers, id);
        if (isWaiting) found = _viewOf(id, word);
    }

    /// @inheritdoc IProTriggersLens
    function triggersOf(
        IProTriggers triggers,
        uint40 account,
        uint8 market
    ) external view override returns (TriggerView[] memory waiting) {
        waiting = new TriggerView[](SLOTS);
        uint256 count = 0;
        for (uint256 slot = 0; slot < SLOTS; ++slot) {
            uint256 ref = TriggerIds.referenceOf(account, market, slot);
            TriggerWord word = triggers.wordAt(ref);
            if (word.isWaiting()) waiting[count++] = _viewOf(TriggerIds.idOf(ref, word.generation()), word);
        }
        // Cut to those that there are.
        assembly ("memory-safe") {
            mstore(waiting, count)
        }
    }

    /// @inheritdoc IProTriggersLens
    function triggersDue(
        IProTriggers triggers,
        uint256[] calldata ids,
        TriggerTick[] calldata ticks,
        TriggerTick[] calldata earlier
    ) external view override returns (TriggerDue[] memory due) {
        if (ticks.length != ids.length || earlier.length != ids.length) {
            revert ProTriggersLens_LengthsDiffer(ids.length, ticks.length, earlier.length);
        }
        due = new TriggerDue[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) due[i] = _dueOf(triggers, ids[i], ticks[i], earlier[i]);
    }

    function _dueOf(
        IProTriggers triggers,
        uint256 id,
        TriggerTick calldata tick,
        TriggerTick calldata earlier
    ) private view returns (TriggerDue memory due) {
        TriggerCase memory x;
        bool isWaiting;
        (x.trigger, isWaiting) = _find(triggers, id);
        if (!isWaiting) {
            due.reason = ProReason.TriggerNotFound;
            return due;
        }
        IPro pro = triggers.pro();
        uint40 account = TriggerIds.accountOf(id);
        due.isCashShort = pro.account(account).cash() < int256(x.trigger.tip() * TIP_UNIT);
        if (x.trigger.isExpired()) {
            due.reason = ProReason.TriggerExpired;
            return due;
        }
        x.config = pro.config(TriggerIds.marketOf(id));
        x.clock = x.trigger.changedAt() + triggers.executionDelay();
        uint16 assetId = x.config.assetId();
        x.quote.tick = _tickOf(tick, assetId);
        x.quote.anchors = IProductBase(address(pro)).aggregator().pushPrice(assetId);
        x.earlier = _tickOf(earlier, assetId);
        (due.reason, due.price) = TriggerRules.judge(x);
        if (due.reason != ProReason.None) return due;
        due.limit = TriggerRules.limitOf(x.trigger, x.config, due.price);
        if (due.limit == 0) due.reason = ProReason.NothingFilled;
        else if (!_mayFire(pro, account, address(triggers), x.trigger)) due.reason = ProReason.NotAllowed;
    }

    /// @dev Whether the account's owner lets his triggers act.
    function _mayFire(IPro pro, uint40 account, address triggers, TriggerWord word) private view returns (bool) {
        uint256 needed = word.isReduceOnly() ? MAY_REDUCE | MAY_TRADE : MAY_TRADE;
        return pro.delegate(account, triggers).rightsNow() & needed != 0;
    }

    function _find(IProTriggers triggers, uint256 id) private view returns (TriggerWord word, bool isWaiting) {
        uint256 ref = TriggerIds.refOf(id);
        word = triggers.wordAt(ref);
        isWaiting = word.isWaiting() && TriggerIds.idOf(ref, word.generation()) == id;
    }

    function _tickOf(TriggerTick calldata tick, uint16 assetId) private pure returns (Tick memory) {
        return Tick(Price.wrap(tick.price), tick.confidence, tick.publishTime, 0, assetId, false);
    }

    function _viewOf(uint256 id, TriggerWord word) private pure returns (TriggerView memory found) {
        (found.id, found.account, found.market) = (id, TriggerIds.accountOf(id), TriggerIds.marketOf(id));
        (found.kind, found.isBuy, found.isReduceOnly) = (word.kind(), word.isBuy(), word.isReduceOnly());
        (found.lots, found.tick, found.callbackPips) = (word.lots(), word.tick(), word.callbackPips());
        if (word.isLimit()) found.limit = word.bound();
        else found.boundPips = word.bound();
        (found.changedAt, found.expiry, found.tip) = (word.changedAt(), word.expiry(), word.tip() * TIP_UNIT);
    }
}
