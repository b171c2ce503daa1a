// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Sets of assets
/// @notice Bit i stands for asset i: no asset of a market or of the liquidity is numbered above 255.
library AssetMask {
    /// @notice Highest number that a set can hold.
    uint256 internal constant MAX_ASSET_ID = 255;

    /// @notice How many assets there are.
    function count(uint256 mask) internal pure returns (uint256 assets) {
        for (; mask != 0; mask &= mask - 1) {
            unchecked {
                // At most 256.
                ++assets;
            }
        }
    }

    /// @notice Number of an asset's place in ascending order, counted from 0; it need not be in the set.
    /// @param assetId At most 255.
    function placeOf(uint256 mask, uint256 assetId) internal pure returns (uint256) {
        return count(mask & ((1 << assetId) - 1));
    }

    /// @notice The lowest asset of a set, by bisection of the bit alone. Requirements: not empty.
    function lowest(uint256 mask) internal pure returns (uint16 assetId) {
        assembly ("memory-safe") {
            let bit := and(mask, sub(0, mask))
            assetId := shl(7, gt(bit, 0xffffffffffffffffffffffffffffffff))
            assetId := or(assetId, shl(6, gt(shr(assetId, bit), 0xffffffffffffffff)))
            assetId := or(assetId, shl(5, gt(shr(assetId, bit), 0xffffffff)))
            assetId := or(assetId, shl(4, gt(shr(assetId, bit), 0xffff)))
            assetId := or(assetId, shl(3, gt(shr(assetId, bit), 0xff)))
            assetId := or(assetId, shl(2, gt(shr(assetId, bit), 0xf)))
            assetId := or(assetId, shl(1, gt(shr(assetId, bit), 0x3)))
            assetId := or(assetId, gt(shr(assetId, bit), 0x1))
        }
    }
}
