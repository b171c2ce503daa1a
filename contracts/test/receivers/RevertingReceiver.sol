// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CallProxy} from "./CallProxy.sol";

/// @notice A contract wallet that refuses the native coin while switched on.
/// @dev Compiled, never deployed to a real chain.
contract RevertingReceiver is CallProxy {
    bool public isHostile;

    error RevertingReceiver_Refused();

    receive() external payable override {
        if (isHostile) revert RevertingReceiver_Refused();
    }

    /// @notice Switches the behaviour on or off.
    function setHostile(bool isHostile_) external {
        isHostile = isHostile_;
    }
}
