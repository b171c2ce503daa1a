// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Burns a share of every transfer once a fee is set.
/// @dev Compiled, never deployed to a real chain.
contract FeeOnTransferToken is TokenBase {
    /// @notice The share burned, in pips (1e6 = 100%); 0 switches it off.
    uint256 public feePips;

    error FeeOnTransferToken_FeeTooHigh(uint256 feePips);

    /// @notice Sets the fee in pips.
    function setFeePips(uint256 feePips_) external {
        if (feePips_ > 1e6) revert FeeOnTransferToken_FeeTooHigh(feePips_);
        feePips = feePips_;
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : (value * feePips) / 1e6;
        if (fee != 0) super._update(from, address(0), fee);
        super._update(from, to, value - fee);
    }
}
