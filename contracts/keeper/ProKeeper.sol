// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceProof} from "../interfaces/IPriceAggregator.sol";
import {ProOutcome, ProReason} from "../pro/ProOutcome.sol";
import {IGridBook} from "../pro/interfaces/IGridBook.sol";
import {IPro} from "../pro/interfaces/IPro.sol";
import {GridItem, IProKeeper, ProItem, ProItemResult, ProTask, TriggerItem} from "../pro/interfaces/IProKeeper.sol";
import {IProTriggers} from "../pro/interfaces/IProTriggers.sol";
import {ProIds} from "../pro/types/ProIds.sol";
import {Code} from "../utils/Code.sol";
import {KeeperBatch} from "./KeeperBatch.sol";

/// @title ProKeeper
/// @notice See `IProKeeper`.
contract ProKeeper is IProKeeper, KeeperBatch {
    /// @notice Gas that one item may use: a step of a liquidation that meets a hundred orders needs about 4M.
    uint256 public constant ITEM_GAS = 6_000_000;

    constructor(address aggregator_) KeeperBatch(aggregator_) {}

    /// @inheritdoc IProKeeper
    function run(
        IPro pro,
        PriceProof[] calldata proofs,
        ProItem[] calldata items
    ) external payable override nonReentrant returns (ProItemResult[] memory results) {
        if (!Code.isContract(address(pro))) revert KeeperBatch_NotATrading(address(pro));
        (uint256 first, uint256 excess) = _prove(proofs);
        results = new ProItemResult[](items.length);
        for (uint256 i = 0; i < items.length; ++i) results[i] = _attemptItem(address(pro), first, items[i]);
        _returnExcess(excess);
    }

    /// @inheritdoc IProKeeper
    function fire(
        IProTriggers triggers,
        PriceProof[] calldata proofs,
        ProItem[] calldata items,
        TriggerItem[] calldata fires
    ) external payable override nonReentrant returns (ProItemResult[] memory results) {
        if (!Code.isContract(address(triggers))) revert KeeperBatch_NotATrading(address(triggers));
        (uint256 first, uint256 excess) = _prove(proofs);
        results = new ProItemResult[](items.length + fires.length);
        if (items.length != 0) {
            address pro = address(triggers.pro());
            for (uint256 i = 0; i < items.length; ++i) results[i] = _attemptItem(pro, first, items[i]);
        }
        for (uint256 i = 0; i < fires.length; ++i) {
            results[items.length + i] = _attemptTrigger(address(triggers), first, fires[i]);
        }
        _returnExcess(excess);
    }

    /// @inheritdoc IProKeeper
    function roll(
        IGridBook grids,
        PriceProof[] calldata proofs,
        ProItem[] calldata items,
        GridItem[] calldata rolls
    ) external payable override nonReentrant returns (ProItemResult[] memory results) {
        if (!Code.isContract(address(grids))) revert KeeperBatch_NotATrading(address(grids));
        (uint256 first, uint256 excess) = _prove(proofs);
        results = new ProItemResult[](items.length + rolls.length);
        if (items.length != 0) {
            address pro = address(grids.pro());
            for (uint256 i = 0; i < items.length; ++i) results[i] = _attemptItem(pro, first, items[i]);
        }
        for (uint256 i = 0; i < rolls.length; ++i) {
            results[items.length + i] = _attemptGrid(address(grids), rolls[i]);
        }
        _returnExcess(excess);
    }

    function _attemptItem(
        address pro,
        uint256 first,
        ProItem calldata item
    ) private returns (ProItemResult memory result) {
        result = _resultOf(pro, item.scope, _callOf(first, item));
        if (result.isFailed || result.outcome != ProOutcome.Skipped) return result;
        emit ProItemSkipped(pro, item.scope, item.task, item.market, result.reason);
    }

    function _attemptTrigger(
        address triggers,
        uint256 first,
        TriggerItem calldata item
    ) private returns (ProItemResult memory result) {
        uint256 tick = _tickNumber(first, item.tickIndex);
        uint256 earlier = _tickNumber(first, item.earlierTickIndex);
        bytes memory data = abi.encodeCall(IProTriggers.execute, (item.id, address(this), tick, earlier, msg.sender));
        result = _resultOf(triggers, item.id, data);
        if (result.isFailed || result.outcome != ProOutcome.Skipped) return result;
        emit TriggerSkipped(triggers, item.id, result.reason);
    }

    function _attemptGrid(address grids, GridItem calldata item) private returns (ProItemResult memory result) {
        bytes memory data = abi.encodeCall(IGridBook.roll, (item.id, item.maxLines, msg.sender));
        result = _resultOf(grids, item.id, data);
        if (result.isFailed || result.outcome != ProOutcome.Skipped) return result;
        emit GridSkipped(grids, item.id, result.reason);
    }

    function _resultOf(address target, uint256 id, bytes memory data) private returns (ProItemResult memory result) {
        (bool isDone, uint256 outcome, uint256 reason) = _attempt(target, data, ITEM_GAS);
        // A successor may know more outcomes and reasons than these.
        bool isKnown = outcome <= uint256(type(ProOutcome).max) && reason <= uint256(type(ProReason).max);
        if (isDone && isKnown) {
            (result.outcome, result.reason) = (ProOutcome(outcome), ProReason(reason));
            return result;
        }
        emit ItemFailed(target, id, _errorBytes());
        result.isFailed = true;
    }

    function _callOf(uint256 first, ProItem calldata item) private view returns (bytes memory) {
        ProTask task = item.task;
        if (task == ProTask.Liquidate) {
            return abi.encodeCall(IPro.liquidate, (item.scope, item.market, item.amount, msg.sender));
        }
        if (task == ProTask.Deleverage) {
            return abi.encodeCall(IPro.deleverage, (item.scope, item.market, item.other, msg.sender));
        }
        if (task == ProTask.ShareLoss) {
            return abi.encodeCall(IPro.shareLoss, (item.scope, item.market, item.other));
        }
        if (task == ProTask.CloseSettled) {
            uint40 long = ProIds.accountOfScope(item.scope);
            return abi.encodeCall(IPro.closeSettled, (item.market, long, item.other, item.amount));
        }
        uint256 tick = _tickNumber(first, item.amount);
        if (task == ProTask.BeginSettling) {
            return abi.encodeCall(IPro.beginSettling, (item.market, address(this), tick));
        }
        return abi.encodeCall(IPro.refresh, (address(this), tick, item.market));
    }
}
