// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {ProSetup, ProState} from "../ProState.sol";

/// @title Deleveraging, the last resort and settling
/// @dev Linked to Pro and run on its storage.
library AdlLogic {
    /// @notice See `IPro.deleverage`.
    function deleverage(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint8 marketId,
        uint40 candidate,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason) {}

    /// @notice See `IPro.shareLoss`.
    function shareLoss(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint8 marketId,
        uint40 counterparty
    ) external returns (ProOutcome outcome, ProReason reason) {}

    /// @notice See `IPro.beginSettling`.
    function beginSettling(
        ProState storage state,
        ProSetup calldata setup,
        uint8 marketId,
        address prover,
        uint256 tickIndex
    ) external returns (ProOutcome outcome, ProReason reason) {}

    /// @notice See `IPro.closeSettled`.
    function closeSettled(
        ProState storage state,
        ProSetup calldata setup,
        uint8 marketId,
        uint40 long,
        uint40 short,
        uint256 lots
    ) external returns (ProOutcome outcome, ProReason reason) {}
}
