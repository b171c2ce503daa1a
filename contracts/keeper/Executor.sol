// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ExecutionItem, IExecutor, ItemResult} from "../interfaces/IExecutor.sol";
import {PriceProof} from "../interfaces/IPriceAggregator.sol";
import {ITrading} from "../interfaces/ITrading.sol";
import {Code} from "../utils/Code.sol";
import {KeeperBatch} from "./KeeperBatch.sol";
import {TradingBatch} from "./TradingBatch.sol";

/// @title The executor
/// @notice See `IExecutor`.
contract Executor is IExecutor, TradingBatch {
    constructor(address aggregator_) KeeperBatch(aggregator_) {}

    /// @inheritdoc IExecutor
    function execute(
        ITrading trading,
        PriceProof[] calldata proofs,
        ExecutionItem[] calldata items
    ) external payable override nonReentrant returns (ItemResult[] memory results) {
        if (!Code.isContract(address(trading))) revert KeeperBatch_NotATrading(address(trading));
        (uint256 first, uint256 excess) = _prove(proofs);
        results = new ItemResult[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            ExecutionItem calldata item = items[i];
            uint256 tick = _tickNumber(first, item.tickIndex);
            bytes memory data = abi.encodeCall(ITrading.execute, (item.tradeId, tick, msg.sender));
            results[i] = _attemptTrade(address(trading), item.tradeId, data);
            _reportSkip(address(trading), item.tradeId, results[i]);
        }
        _returnExcess(excess);
    }
}
