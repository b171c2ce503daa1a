// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Words kept as the code of a contract
/// @notice For lists that are read whole and often and changed rarely: reading them costs one cold account, however many
/// words they have.
/// @dev The code begins with a byte that stops whoever calls it. It can't be changed: a new list is a new contract.
library DataContract {
    /// @notice The words could not be kept.
    error DataContract_NotKept(uint256 words);

    /// @notice Creates a contract of the words.
    /// @param words At most 767: the code of a contract has at most 24,576 bytes.
    function keep(uint256[] memory words) internal returns (address store) {
        assembly ("memory-safe") {
            // Constructor: PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN; then the code itself. It is
            // put together behind the free memory pointer, which stays.
            let size := add(shl(5, mload(words)), 1)
            let code := mload(0x40)
            mstore(code, or(0x61000080600a3d393df300000000000000000000000000000000000000000000, shl(232, size)))
            mcopy(add(code, 0x0b), add(words, 0x20), sub(size, 1))
            store := create(0, code, add(size, 0x0a))
        }
        if (store == address(0)) revert DataContract_NotKept(words.length);
    }

    /// @notice All words of a contract that `keep` created; none of an address without code.
    function read(address store) internal view returns (uint256[] memory words) {
        assembly ("memory-safe") {
            let size := extcodesize(store)
            size := sub(size, gt(size, 0))
            words := mload(0x40)
            mstore(words, shr(5, size))
            extcodecopy(store, add(words, 0x20), 1, size)
            mstore(0x40, add(add(words, 0x20), size))
        }
    }
}
