// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The wrapped native coin (WBNB, WETH)
/// @notice What the Vault and the Router ask of it.
interface IWrappedNative {
    /// @notice Wraps the native coin sent.
    function deposit() external payable;

    /// @notice Unwraps `amount` to the caller.
    function withdraw(uint256 amount) external;
}
