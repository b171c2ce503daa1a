// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Whether an address is a contract
/// @dev An account that delegates to a contract (EIP-7702) has code, 0xef0100 and an address, and is still its owner's: the
/// owner can change or remove it at any time.
library Code {
    /// @dev Length of a delegation: three bytes and an address.
    uint256 private constant DELEGATION_BYTES = 23;
    bytes3 private constant DELEGATION_PREFIX = 0xef0100;

    /// @notice The address has no code, or only a delegation.
    error Code_NotAContract(address account);

    /// @notice Reverts unless `account` is a contract.
    function requireContract(address account) internal view {
        if (!isContract(account)) revert Code_NotAContract(account);
    }

    /// @notice Whether `account` has code of its own.
    function isContract(address account) internal view returns (bool) {
        uint256 length = account.code.length;
        if (length != DELEGATION_BYTES) return length != 0;
        bytes32 start;
        // The first bytes of the code, to the scratch space.
        assembly ("memory-safe") {
            extcodecopy(account, 0x00, 0x00, 0x20)
            start := mload(0x00)
        }
        return bytes3(start) != DELEGATION_PREFIX;
    }
}
