// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IWrappedNative} from "../interfaces/external/IWrappedNative.sol";

/// @title WrapProbe
/// @notice Wraps the coin that comes along and unwraps it. It is never deployed: its constructor is run by a call without a
/// receiver, and returns what came of it in place of code.
/// @dev It has no code yet while it runs, so that the 2,300 gas of an original WETH9's `transfer` are enough to pay it.
contract WrapProbe {
    /// @dev Returns (credited, isReturned): what the deposit was credited with in token units, and whether the withdrawal
    /// paid the same amount in the native coin and took all the tokens.
    /// @param token The wrapped native coin.
    constructor(IWrappedNative token) payable {
        token.deposit{value: msg.value}();
        uint256 credited = IERC20(address(token)).balanceOf(address(this));
        token.withdraw(credited);
        uint256 left = IERC20(address(token)).balanceOf(address(this));
        bytes memory encoded = abi.encode(credited, address(this).balance == msg.value && left == 0);
        assembly ("memory-safe") {
            return(add(encoded, 0x20), mload(encoded))
        }
    }
}
