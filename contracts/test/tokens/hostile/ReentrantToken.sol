// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Calls a configured target in the middle of a transfer and records what came of it.
/// @dev Disarmed while its own call runs, so that one transfer makes one call. The outcome is recorded and not
///      bubbled: a test asserts on it. Compiled, never deployed to a real chain.
contract ReentrantToken is TokenBase {
    address public callTarget;
    bytes public callData;
    bool public isArmed;
    /// @notice Whether the call comes before the balances move, or after.
    bool public callsBeforeMove;

    uint256 public callCount;
    bool public lastSuccess;
    bytes public lastReturnData;

    /// @notice Sets the call to make and arms it for every transfer until disarmed.
    function arm(address callTarget_, bytes calldata callData_, bool callsBeforeMove_) external {
        callTarget = callTarget_;
        callData = callData_;
        callsBeforeMove = callsBeforeMove_;
        isArmed = true;
    }

    /// @notice Stops calling.
    function disarm() external {
        isArmed = false;
    }

    function _update(address from, address to, uint256 value) internal override {
        bool calls = isArmed && from != address(0) && to != address(0);
        if (calls && callsBeforeMove) _reenter();
        super._update(from, to, value);
        if (calls && !callsBeforeMove) _reenter();
    }

    function _reenter() private {
        isArmed = false;
        (bool success, bytes memory returnData) = callTarget.call(callData);
        ++callCount;
        lastSuccess = success;
        lastReturnData = returnData;
        isArmed = true;
    }
}
