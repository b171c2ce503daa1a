// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev All orders of one side at one price. From the lowest bit: lots 80 · head 48 · tail 48 · count 24 · firm 56. Head is
/// the reference of the oldest order, tail that of the newest. Firm: the lots without expiry that are not reduce-only.
type LevelWord is uint256;

using LevelWordFields for LevelWord global;

library LevelWordFields {
    /// @dev Requirements: lots of 80 bits, count of 24, firm of 56; `LevelLib` checks them where they grow.
    function pack(
        uint256 lots_,
        uint48 head_,
        uint48 tail_,
        uint256 count_,
        uint256 firm_
    ) internal pure returns (LevelWord) {
        return
            LevelWord.wrap(lots_ | (uint256(head_) << 80) | (uint256(tail_) << 128) | (count_ << 176) | (firm_ << 200));
    }

    // Each getter cuts to the width that its field was packed with.

    function lots(LevelWord self) internal pure returns (uint256) {
        return uint80(LevelWord.unwrap(self));
    }

    function head(LevelWord self) internal pure returns (uint48) {
        return uint48(LevelWord.unwrap(self) >> 80);
    }

    function tail(LevelWord self) internal pure returns (uint48) {
        return uint48(LevelWord.unwrap(self) >> 128);
    }

    function count(LevelWord self) internal pure returns (uint256) {
        return uint24(LevelWord.unwrap(self) >> 176);
    }

    function firm(LevelWord self) internal pure returns (uint256) {
        return LevelWord.unwrap(self) >> 200;
    }
}
