// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Returns false and moves nothing, instead of reverting, once switched on.
/// @dev Compiled, never deployed to a real chain.
contract ReturnsFalseToken is TokenBase {
    bool public isHostile;

    /// @notice Switches the behaviour on or off.
    function setHostile(bool isHostile_) external {
        isHostile = isHostile_;
    }

    /// @inheritdoc ERC20
    function transfer(address to, uint256 value) public override returns (bool) {
        return isHostile ? false : super.transfer(to, value);
    }

    /// @inheritdoc ERC20
    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return isHostile ? false : super.transferFrom(from, to, value);
    }
}
