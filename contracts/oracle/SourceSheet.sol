// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SourceWord} from "../types/SourceWord.sol";
import {DataContract} from "../utils/DataContract.sol";

/// @title The sheet of sources
/// @notice Whom the price aggregator asks, as the code of a contract: what a transaction needs of Pyth and of any number of
/// assets and sources costs one cold account. Each change of it is a new contract.
/// @dev Its first word is the Pyth contract. Four words follow for each asset, in the order of their numbers: its Pyth id, and
/// its push sources. What lies behind its end reads as 0, as an asset that was never listed does.
library SourceSheet {
    /// @notice Highest number of an asset: all of them fill two thirds of what the code of a contract may have.
    uint256 internal constant MAX_ASSET_ID = 127;

    /// @notice Most push sources of an asset.
    uint256 internal constant MAX_SOURCES = 3;

    uint256 private constant WORDS_PER_ASSET = 1 + MAX_SOURCES;

    /// @notice A copy of the sheet to be changed, with room for an asset.
    /// @param assetId At most `MAX_ASSET_ID`.
    function edit(address sheet, uint256 assetId) internal view returns (uint256[] memory words) {
        words = DataContract.read(sheet);
        uint256 needed = _placeOf(assetId) + WORDS_PER_ASSET;
        if (words.length >= needed) return words;
        uint256[] memory longer = new uint256[](needed);
        for (uint256 i = 0; i < words.length; ++i) longer[i] = words[i];
        return longer;
    }

    function setPyth(uint256[] memory words, address pyth_) internal pure {
        words[0] = uint160(pyth_);
    }

    function setPythId(uint256[] memory words, uint256 assetId, bytes32 pythId) internal pure {
        words[_placeOf(assetId)] = uint256(pythId);
    }

    /// @dev The source before it is not the last.
    /// @param sourceIndex Below `MAX_SOURCES`.
    function setSource(uint256[] memory words, uint256 assetId, uint256 sourceIndex, SourceWord source) internal pure {
        uint256 place = _placeOf(assetId) + 1 + sourceIndex;
        words[place] = SourceWord.unwrap(source);
        if (sourceIndex == 0) return;
        words[place - 1] = SourceWord.unwrap(SourceWord.wrap(words[place - 1]).withLast(false));
    }

    function pyth(address sheet) internal view returns (address) {
        // An address was kept.
        return address(uint160(_wordAt(sheet, 0)));
    }

    /// @return pythId 0 where the asset has none, or is not listed.
    function pythIdOf(address sheet, uint256 assetId) internal view returns (bytes32 pythId) {
        return bytes32(_wordAt(sheet, _placeOf(assetId)));
    }

    /// @param sourceIndex Below `MAX_SOURCES`: what lies behind is another asset's.
    /// @return All 0 where there is none, but for the rules in an asset's first.
    function sourceOf(address sheet, uint256 assetId, uint256 sourceIndex) internal view returns (SourceWord) {
        return SourceWord.wrap(_wordAt(sheet, _placeOf(assetId) + 1 + sourceIndex));
    }

    function sourceCountOf(address sheet, uint256 assetId) internal view returns (uint256 count) {
        while (count < MAX_SOURCES && sourceOf(sheet, assetId, count).reader() != address(0)) ++count;
    }

    function _wordAt(address sheet, uint256 index) private view returns (uint256 word) {
        assembly ("memory-safe") {
            // The code begins with one byte that is no part of the words, see `DataContract`.
            extcodecopy(sheet, 0x00, add(shl(5, index), 1), 0x20)
            word := mload(0x00)
        }
    }

    function _placeOf(uint256 assetId) private pure returns (uint256) {
        unchecked {
            // Asset ids have 16 bits.
            return 1 + assetId * WORDS_PER_ASSET;
        }
    }
}
