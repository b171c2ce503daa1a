// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CallProxy} from "./CallProxy.sol";

/// @notice A contract wallet that calls a configured target when paid in the native coin and records the outcome.
/// @dev Recording costs more than the 2300 gas of `transfer`: with such a stipend the payment itself fails.
///      Compiled, never deployed to a real chain.
contract ReentrantReceiver is CallProxy {
    address public callTarget;
    bytes public callData;
    bool public isArmed;

    uint256 public callCount;
    bool public lastSuccess;
    bytes public lastReturnData;

    receive() external payable override {
        if (!isArmed) return;
        isArmed = false;
        (bool success, bytes memory returnData) = callTarget.call(callData);
        ++callCount;
        lastSuccess = success;
        lastReturnData = returnData;
    }

    /// @notice Sets the call to make at the next payment; it is made once.
    function arm(address callTarget_, bytes calldata callData_) external {
        callTarget = callTarget_;
        callData = callData_;
        isArmed = true;
    }
}
