// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CallProxy} from "./CallProxy.sol";

/// @notice A contract wallet that reverts with a huge amount of data when paid in the native coin.
/// @dev Compiled, never deployed to a real chain.
contract ReturnBombReceiver is CallProxy {
    /// @notice Size of the revert data in bytes; 0 switches it off.
    uint256 public sizeBytes;

    receive() external payable override {
        uint256 size = sizeBytes;
        if (size == 0) return;
        assembly {
            revert(0, size)
        }
    }

    /// @notice Sets the size of the revert data in bytes.
    function setSizeBytes(uint256 sizeBytes_) external {
        sizeBytes = sizeBytes_;
    }
}
