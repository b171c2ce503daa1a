// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Passing calldata on
/// @notice Hands arguments of the current call to another contract as they came, without decoding and encoding them.
/// @dev Offsets of the ABI count from the first argument. A copy of all arguments behind another selector, with the offset
/// of the wanted ones written over the first words, is therefore a valid encoding of them; what else is in the copy is
/// never looked at. The callee decodes what it is given, and so checks it as it checks anybody's calldata. Only for
/// functions that are called from outside: elsewhere the calldata is somebody else's.
library Passthrough {
    /// @notice Calls a function of one dynamic argument with that of the current call.
    /// @param position Of the argument among those of the current call, at least 1, counted from 0 in words.
    /// @return word First word of the answer. Reverts with the callee's error, or without one for a shorter answer.
    function one(address target, uint256 value, bytes4 selector, uint256 position) internal returns (uint256 word) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            calldatacopy(add(data, 0x04), 0x04, sub(calldatasize(), 0x04))
            mstore(add(data, 0x04), calldataload(add(0x04, mul(position, 0x20))))
            let isDone := call(gas(), target, value, data, calldatasize(), 0x00, 0x20)
            if iszero(and(isDone, gt(returndatasize(), 0x1f))) {
                returndatacopy(data, 0x00, returndatasize())
                revert(data, returndatasize())
            }
            word := mload(0x00)
        }
    }

    /// @notice Calls a function of two dynamic arguments, and without an answer, with two of the current call that follow
    /// each other.
    /// @param position Of the first of them among those of the current call, counted from 0 in words.
    function two(address target, uint256 value, bytes4 selector, uint256 position) internal {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            calldatacopy(add(data, 0x04), 0x04, sub(calldatasize(), 0x04))
            let from := add(0x04, mul(position, 0x20))
            mstore(add(data, 0x04), calldataload(from))
            mstore(add(data, 0x24), calldataload(add(from, 0x20)))
            if iszero(call(gas(), target, value, data, calldatasize(), 0x00, 0x00)) {
                returndatacopy(data, 0x00, returndatasize())
                revert(data, returndatasize())
            }
        }
    }
}
