// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Outcome, Reason} from "../product/Outcome.sol";

/// @title Whatever waits for a tick
/// @notice What the executor asks of a product.
interface IExecutable {
    /// @notice Does what is pending under `id`, with a tick that the caller has proven in this transaction.
    /// @dev Never reverts for anything that the oracle, the request or the moment decides.
    /// @param id Of the trade or bet.
    /// @param tickIndex Number of the tick among those that the caller had the price aggregator prove.
    /// @param executor Is credited the execution fee.
    function execute(uint256 id, uint256 tickIndex, address executor) external returns (Outcome, Reason);
}
