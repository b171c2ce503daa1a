// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Changes its decimals after it was listed.
/// @dev Compiled, never deployed to a real chain.
contract DecimalsChangingToken is TokenBase {
    uint8 private _otherDecimals;
    bool public isHostile;

    /// @notice Reports `decimals_` from now on.
    function setDecimals(uint8 decimals_) external {
        isHostile = true;
        _otherDecimals = decimals_;
    }

    /// @notice Reports the decimals it was initialised with again.
    function restoreDecimals() external {
        isHostile = false;
    }

    function decimals() public view override returns (uint8) {
        return isHostile ? _otherDecimals : super.decimals();
    }
}
