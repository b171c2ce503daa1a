// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev What is stored of the breaker, as the compiler packs its struct: one slot, loaded once, its fields cut out where they
/// are needed. From the lowest bit: level 8 · haltEndsAt 40 · burnBlockedAt 40 · haltStartedAt 40 · haltedBefore 40 · raisedAt 40.
type BreakerWord is uint256;

using BreakerWordFields for BreakerWord global;

library BreakerWordFields {
    function level(BreakerWord self) internal pure returns (uint8) {
        return uint8(BreakerWord.unwrap(self));
    }

    function haltEndsAt(BreakerWord self) internal pure returns (uint256) {
        return uint40(BreakerWord.unwrap(self) >> 8);
    }

    function burnBlockedAt(BreakerWord self) internal pure returns (uint256) {
        return uint40(BreakerWord.unwrap(self) >> 48);
    }

    function haltStartedAt(BreakerWord self) internal pure returns (uint256) {
        return uint40(BreakerWord.unwrap(self) >> 88);
    }

    function haltedBefore(BreakerWord self) internal pure returns (uint256) {
        return uint40(BreakerWord.unwrap(self) >> 128);
    }

    function raisedAt(BreakerWord self) internal pure returns (uint40) {
        return uint40(BreakerWord.unwrap(self) >> 168);
    }
}
