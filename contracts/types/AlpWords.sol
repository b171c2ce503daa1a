// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// The configuration of ALP is one list of words: first an `AlpHeaderWord`, then an `AlpAssetWord` for each asset, then the
// address of each product that is valued by its ledgers alone.

/// @dev What holds for all assets. From the lowest bit: basePips 24 · taxPips 24 · shareFloorUsd 64 · assetCount 8.
type AlpHeaderWord is uint256;

/// @dev An asset. From the lowest bit: token 160 · assetId 16 · weightPips 24 · maxSharePips 24.
type AlpAssetWord is uint256;

using AlpHeaderFields for AlpHeaderWord global;
using AlpAssetFields for AlpAssetWord global;

library AlpHeaderFields {
    function basePips(AlpHeaderWord self) internal pure returns (uint24) {
        return uint24(AlpHeaderWord.unwrap(self));
    }

    function taxPips(AlpHeaderWord self) internal pure returns (uint24) {
        return uint24(AlpHeaderWord.unwrap(self) >> 24);
    }

    function shareFloorUsd(AlpHeaderWord self) internal pure returns (uint64) {
        return uint64(AlpHeaderWord.unwrap(self) >> 48);
    }

    function assetCount(AlpHeaderWord self) internal pure returns (uint8) {
        return uint8(AlpHeaderWord.unwrap(self) >> 112);
    }

    function pack(
        uint24 basePips_,
        uint24 taxPips_,
        uint64 shareFloorUsd_,
        uint8 assetCount_
    ) internal pure returns (AlpHeaderWord) {
        return
            AlpHeaderWord.wrap(
                uint256(basePips_) |
                    (uint256(taxPips_) << 24) |
                    (uint256(shareFloorUsd_) << 48) |
                    (uint256(assetCount_) << 112)
            );
    }
}

library AlpAssetFields {
    function token(AlpAssetWord self) internal pure returns (address) {
        return address(uint160(AlpAssetWord.unwrap(self)));
    }

    function assetId(AlpAssetWord self) internal pure returns (uint16) {
        return uint16(AlpAssetWord.unwrap(self) >> 160);
    }

    function weightPips(AlpAssetWord self) internal pure returns (uint24) {
        return uint24(AlpAssetWord.unwrap(self) >> 176);
    }

    function maxSharePips(AlpAssetWord self) internal pure returns (uint24) {
        return uint24(AlpAssetWord.unwrap(self) >> 200);
    }

    function pack(
        address token_,
        uint16 assetId_,
        uint24 weightPips_,
        uint24 maxSharePips_
    ) internal pure returns (AlpAssetWord) {
        return
            AlpAssetWord.wrap(
                uint256(uint160(token_)) |
                    (uint256(assetId_) << 160) |
                    (uint256(weightPips_) << 176) |
                    (uint256(maxSharePips_) << 200)
            );
    }
}

/// @dev Reading the list.
library AlpWords {
    function headerOf(uint256[] memory words) internal pure returns (AlpHeaderWord) {
        return AlpHeaderWord.wrap(words[0]);
    }

    /// @param index Below the number of assets.
    function assetAt(uint256[] memory words, uint256 index) internal pure returns (AlpAssetWord) {
        return AlpAssetWord.wrap(words[index + 1]);
    }

    function hasLedgerProduct(uint256[] memory words, address product) internal pure returns (bool) {
        for (uint256 i = headerOf(words).assetCount() + 1; i < words.length; ++i) {
            if (words[i] == uint160(product)) return true;
        }
        return false;
    }
}
