// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A push source of an asset, one word of the `SourceSheet`. From the lowest bit: reader 160 · maxAgeSeconds 24 ·
/// decimals 8 · isEnabled 8 · isBounded 8 · isLast 8 · quorum 8 · maxSpreadPips 24 · isSuspended 8. `isEnabled`: the governor
/// has it asked. `isBounded`: its answers can reach bounds, which are read only then. `isLast`: no source follows. Quorum (0:
/// the asset is not listed) and spread are the rules of the asset's reference price, in its first source only: in a word that
/// every reading of the asset begins with. `isSuspended`: the guardian has disabled it; until when is read only then.
type SourceWord is uint256;

using SourceWordFields for SourceWord global;

library SourceWordFields {
    function withRules(SourceWord self, uint8 quorum_, uint24 maxSpreadPips_) internal pure returns (SourceWord) {
        uint256 rules = uint256(quorum_) | (uint256(maxSpreadPips_) << 8);
        return _with(self, 216, type(uint32).max, rules);
    }

    function withReader(
        SourceWord self,
        address reader_,
        uint8 decimals_,
        bool isBounded_
    ) internal pure returns (SourceWord) {
        self = _with(self, 0, type(uint160).max, uint160(reader_));
        return _with(_with(self, 184, type(uint8).max, decimals_), 200, type(uint8).max, _bit(isBounded_));
    }

    function withMaxAge(SourceWord self, uint24 maxAgeSeconds_) internal pure returns (SourceWord) {
        return _with(self, 160, type(uint24).max, maxAgeSeconds_);
    }

    function withEnabled(SourceWord self, bool isEnabled_) internal pure returns (SourceWord) {
        return _with(self, 192, type(uint8).max, _bit(isEnabled_));
    }

    function withLast(SourceWord self, bool isLast_) internal pure returns (SourceWord) {
        return _with(self, 208, type(uint8).max, _bit(isLast_));
    }

    function withSuspended(SourceWord self, bool isSuspended_) internal pure returns (SourceWord) {
        return _with(self, 248, type(uint8).max, _bit(isSuspended_));
    }

    function reader(SourceWord self) internal pure returns (address) {
        return address(uint160(SourceWord.unwrap(self)));
    }

    function maxAgeSeconds(SourceWord self) internal pure returns (uint256) {
        return uint24(SourceWord.unwrap(self) >> 160);
    }

    function decimals(SourceWord self) internal pure returns (uint8) {
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

    function quorum(SourceWord self) internal pure returns (uint8) {
        return uint8(SourceWord.unwrap(self) >> 216);
    }

    function maxSpreadPips(SourceWord self) internal pure returns (uint24) {
        return uint24(SourceWord.unwrap(self) >> 224);
    }

    function isSuspended(SourceWord self) internal pure returns (bool) {
        return SourceWord.unwrap(self) >> 248 != 0;
    }

    /// @param mask Of the field, from bit 0 on; no value is wider.
    function _with(SourceWord self, uint256 shift, uint256 mask, uint256 value) private pure returns (SourceWord) {
        return SourceWord.wrap((SourceWord.unwrap(self) & ~(mask << shift)) | (value << shift));
    }

    function _bit(bool flag) private pure returns (uint256) {
        return flag ? 1 : 0;
    }
}
