// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StandInToken} from "./StandInToken.sol";

/// @notice Arbitrum's WETH: a bridged ERC-20 with `permit` that wraps the native coin.
/// @dev Unlike WETH9 it takes plain transfers only: an unknown selector reverts. Compiled, never deployed to a real
///      chain.
contract StandInWrappedEther is StandInToken {
    event Deposit(address indexed account, uint256 amount);
    event Withdrawal(address indexed account, uint256 amount);

    error StandInWrappedEther_NativeTransferFailed(address to, uint256 amount);

    receive() external payable {
        deposit();
    }

    /// @notice Burns `amount` of the caller and pays it out in the native coin.
    function withdraw(uint256 amount) external {
        _burn(msg.sender, amount);
        (bool success, ) = msg.sender.call{value: amount}("");
        if (!success) revert StandInWrappedEther_NativeTransferFailed(msg.sender, amount);
        emit Withdrawal(msg.sender, amount);
    }

    /// @notice Wraps the native coin sent along.
    function deposit() public payable {
        _mint(msg.sender, msg.value);
        emit Deposit(msg.sender, msg.value);
    }
}
