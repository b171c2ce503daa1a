// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Burns all gas it is given on a transfer, once switched on.
/// @dev Compiled, never deployed to a real chain.
contract GasBurningToken is TokenBase {
    bool public isHostile;

    /// @notice Switches the behaviour on or off.
    function setHostile(bool isHostile_) external {
        isHostile = isHostile_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (isHostile && from != address(0)) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        super._update(from, to, value);
    }
}
