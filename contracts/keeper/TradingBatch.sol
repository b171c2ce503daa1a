// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ItemResult} from "../interfaces/IExecutor.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {KeeperBatch} from "./KeeperBatch.sol";

/// @title Batches of attempts on Trading
abstract contract TradingBatch is KeeperBatch {
    /// @notice Gas that one item may use: several times what the costliest needs, payments that burn their gas included.
    uint256 public constant ITEM_GAS = 1_000_000;

    /// @dev One attempt on a trade.
    function _attemptTrade(
        address trading,
        uint256 tradeId,
        bytes memory data
    ) internal returns (ItemResult memory result) {
        (bool isDone, uint256 outcome, uint256 reason) = _attempt(trading, data, ITEM_GAS);
        // A successor may know more outcomes and reasons than these.
        bool isKnown = outcome <= uint256(type(Outcome).max) && reason <= uint256(type(Reason).max);
        if (isDone && isKnown) {
            (result.outcome, result.reason) = (Outcome(outcome), Reason(reason));
            return result;
        }
        emit ItemFailed(trading, tradeId, _errorBytes());
        result.isFailed = true;
    }

    function _reportSkip(address trading, uint256 tradeId, ItemResult memory result) internal {
        if (!result.isFailed && result.outcome == Outcome.Skipped) emit ItemSkipped(trading, tradeId, result.reason);
    }
}
