// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A push source of `PriceSources`, as the compiler packs its struct: one slot, loaded once, its fields cut out where
/// they are needed. From the lowest bit: reader 160 · maxAgeSeconds 24 · decimals 8 · isEnabled 8 · isBounded 8 · isLast 8 ·
/// quorum 8 · maxSpreadPips 24 · isSuspended 8.
type SourceWord is uint256;

using SourceWordFields for SourceWord global;

library SourceWordFields {
    function reader(SourceWord self) internal pure returns (address) {
        return address(uint160(SourceWord.unwrap(self)));
    }

    function maxAgeSeconds(SourceWord self) internal pure returns (uint256) {
        return uint24(SourceWord.unwrap(self) >> 160);
    }

    function decimals(SourceWord self) internal pure returns (uint256) {
        return uint8(SourceWord.unwrap(self) >> 184);
    }

    function isEnabled(SourceWord self) internal pure returns (bool) {
        return uint8(SourceWord.unwrap(self) >> 192) != 0;
    }

    function isBounded(SourceWord self) internal pure returns (bool) {
        return uint8(SourceWord.unwrap(self) >> 200) != 0;
    }

    function isLast(SourceWord self) internal pure returns (bool) {
        return uint8(SourceWord.unwrap(self) >> 208) != 0;
    }

    function quorum(SourceWord self) internal pure returns (uint256) {
        return uint8(SourceWord.unwrap(self) >> 216);
    }

    function maxSpreadPips(SourceWord self) internal pure returns (uint256) {
        return uint24(SourceWord.unwrap(self) >> 224);
    }

    function isSuspended(SourceWord self) internal pure returns (bool) {
        return SourceWord.unwrap(self) >> 248 != 0;
    }
}
