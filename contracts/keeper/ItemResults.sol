// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ItemResult} from "../interfaces/IExecutor.sol";
import {Outcome} from "../product/Outcome.sol";

/// @title What is told of an item that is executed and then liquidated
/// @notice The Liquidator and its preview ask the same questions.
library ItemResults {
    /// @notice Whether an execution leaves nothing to liquidate.
    function isOver(ItemResult memory execution) internal pure returns (bool) {
        return execution.outcome == Outcome.Closed || execution.outcome == Outcome.Liquidated;
    }

    /// @notice The last of both that did something or failed: what was executed, or failed to be, is told where there was
    /// nothing to liquidate.
    function told(
        ItemResult memory execution,
        ItemResult memory liquidation
    ) internal pure returns (ItemResult memory) {
        return !_isIdle(liquidation) || _isIdle(execution) ? liquidation : execution;
    }

    function _isIdle(ItemResult memory result) private pure returns (bool) {
        return result.outcome == Outcome.Skipped && !result.isFailed;
    }
}
