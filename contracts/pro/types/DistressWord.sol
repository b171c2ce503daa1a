// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev The distress of a scope. From the lowest bit: since 40 · seen 40 · adlSince 40 · paid 112 · spare 24. Paid: quote that
/// the funds have paid for its liquidation. All times in seconds, 0 for never.
type DistressWord is uint256;

using DistressWordFields for DistressWord global;

library DistressWordFields {
    /// @dev Requirements: paid of 112 bits: parts of funds, which have no more each.
    function pack(uint40 since_, uint40 seen_, uint40 adlSince_, uint256 paid_) internal pure returns (DistressWord) {
        return
            DistressWord.wrap(uint256(since_) | (uint256(seen_) << 40) | (uint256(adlSince_) << 80) | (paid_ << 120));
    }

    // Each getter cuts to the width that its field was packed with.

    function since(DistressWord self) internal pure returns (uint40) {
        return uint40(DistressWord.unwrap(self));
    }

    function seen(DistressWord self) internal pure returns (uint40) {
        return uint40(DistressWord.unwrap(self) >> 40);
    }

    function adlSince(DistressWord self) internal pure returns (uint40) {
        return uint40(DistressWord.unwrap(self) >> 80);
    }

    function paid(DistressWord self) internal pure returns (uint256) {
        return uint112(DistressWord.unwrap(self) >> 120);
    }
}
