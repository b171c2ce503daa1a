// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {ProSetup, ProState} from "../ProState.sol";

/// @title Liquidation
/// @dev Linked to Pro and run on its storage.
library LiquidationLogic {
    /// @notice See `IPro.liquidate`.
    function liquidate(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint8 marketId,
        uint256 maxOrders,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason) {}
}
