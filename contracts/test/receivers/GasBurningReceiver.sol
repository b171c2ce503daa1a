// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CallProxy} from "./CallProxy.sol";

/// @notice A contract wallet that burns all gas when paid in the native coin while switched on.
/// @dev Compiled, never deployed to a real chain.
contract GasBurningReceiver is CallProxy {
    bool public isHostile;

    receive() external payable override {
        if (isHostile) {
            assembly ("memory-safe") {
                invalid()
            }
        }
    }

    /// @notice Switches the behaviour on or off.
    function setHostile(bool isHostile_) external {
        isHostile = isHostile_;
    }
}
