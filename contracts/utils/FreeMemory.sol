// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Giving memory back
/// @notice Memory is never released by itself, and its cost grows with the square of what is taken. A loop that gives back
/// what each of its steps took costs the same for each, however many there are.
/// @dev Nothing allocated after a mark may be used once the mark is released.
library FreeMemory {
    /// @notice Where the next thing in memory will lie.
    function mark() internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := mload(0x40)
        }
    }

    /// @notice Gives back what was taken since the mark.
    function release(uint256 position) internal pure {
        assembly ("memory-safe") {
            mstore(0x40, position)
        }
    }
}
