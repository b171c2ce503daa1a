// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Refuses every transfer while paused.
/// @dev Compiled, never deployed to a real chain.
contract PausableToken is TokenBase {
    bool public isPaused;

    error PausableToken_Paused();

    /// @notice Pauses or resumes transfers.
    function setPaused(bool isPaused_) external {
        isPaused = isPaused_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (isPaused) revert PausableToken_Paused();
        super._update(from, to, value);
    }
}
