// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev An owner. From the lowest bit: address 160 · broker 32 · broker is named 8 · spare 56.
type OwnerWord is uint256;

using OwnerWordFields for OwnerWord global;

library OwnerWordFields {
    uint256 private constant NAMED = 1 << 192;

    function pack(address owner_) internal pure returns (OwnerWord) {
        return OwnerWord.wrap(uint160(owner_));
    }

    function withBroker(OwnerWord self, uint32 broker_) internal pure returns (OwnerWord) {
        // Only where none was named before: the bits are 0.
        return OwnerWord.wrap(OwnerWord.unwrap(self) | (uint256(broker_) << 160) | NAMED);
    }

    // Each getter cuts to the width that its field was packed with.

    function owner(OwnerWord self) internal pure returns (address) {
        return address(uint160(OwnerWord.unwrap(self)));
    }

    /// @dev 0: none.
    function broker(OwnerWord self) internal pure returns (uint32) {
        return uint32(OwnerWord.unwrap(self) >> 160);
    }

    function isBrokerNamed(OwnerWord self) internal pure returns (bool) {
        return OwnerWord.unwrap(self) & NAMED != 0;
    }
}

/// @dev What a delegate may do for an account. From the lowest bit: expiry 40 · rights 8. Rights: bit 0 cancel, bit 1 place
/// orders that only reduce, bit 2 place any order; the higher ones hold the lower.
type DelegateWord is uint256;

using DelegateWordFields for DelegateWord global;

library DelegateWordFields {
    function pack(uint40 expiry_, uint8 rights_) internal pure returns (DelegateWord) {
        return DelegateWord.wrap(uint256(expiry_) | (uint256(rights_) << 40));
    }

    /// @dev Last second in which it may act.
    function expiry(DelegateWord self) internal pure returns (uint40) {
        return uint40(DelegateWord.unwrap(self));
    }

    /// @dev 0 after the expiry.
    function rightsNow(DelegateWord self) internal view returns (uint256) {
        return block.timestamp > expiry(self) ? 0 : uint8(DelegateWord.unwrap(self) >> 40);
    }

    function rights(DelegateWord self) internal pure returns (uint8) {
        return uint8(DelegateWord.unwrap(self) >> 40);
    }
}
