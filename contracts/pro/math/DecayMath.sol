// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Halving over time
/// @notice The one routine behind every average and threshold of Pro that fades: 2^(−elapsed / half-life).
/// @dev With 96 fractional bits ("X96"). x = ⌊elapsed · 2^96 / halfLife⌋ = n + f; 2^−f by the alternating series of e^(−f · ln 2)
/// in Horner's form, 24 terms, each division rounded down; then shifted right by n. The error is below 2^−90, far below the
/// 2^−56 that the rules allow. 0 from x ≥ 64 on.
library DecayMath {
    /// @dev 1.
    uint256 internal constant ONE_X96 = 1 << 96;

    /// @dev ⌊ln 2 · 2^96⌋.
    uint256 private constant LN2_X96 = 0xB17217F7D1CF79ABC9E3B398;

    uint256 private constant TERMS = 24;

    /// @notice 2^(−elapsedSeconds / halfLifeSeconds).
    function halvedX96(uint256 elapsedSeconds, uint256 halfLifeSeconds) internal pure returns (uint256 factorX96) {
        if (elapsedSeconds >= halfLifeSeconds << 6) return 0;
        unchecked {
            // Elapsed is below 64 half-lives: x has at most 102 bits.
            uint256 x = (elapsedSeconds << 96) / halfLifeSeconds;
            // f · ln 2, below 1: 96 bits; products with a factor of at most 1 have 192.
            uint256 y = ((x & (ONE_X96 - 1)) * LN2_X96) >> 96;
            factorX96 = ONE_X96;
            // Four a round: going round costs nearly as much as a term.
            for (uint256 k = TERMS; k != 0; k -= 4) {
                factorX96 = ONE_X96 - ((y * factorX96) >> 96) / k;
                factorX96 = ONE_X96 - ((y * factorX96) >> 96) / (k - 1);
                factorX96 = ONE_X96 - ((y * factorX96) >> 96) / (k - 2);
                factorX96 = ONE_X96 - ((y * factorX96) >> 96) / (k - 3);
            }
            factorX96 >>= x >> 96;
        }
    }

    /// @notice from · 2^(−x) + to · (1 − 2^(−x)), rounded towards zero.
    /// @dev Requirements: both below 2^150 in size.
    function blend(int256 from, int256 to, uint256 factorX96) internal pure returns (int256) {
        unchecked {
            // The factor is at most 2^96: neither it nor its rest passes int256, nor do the products.
            int256 factor = int256(factorX96);
            int256 one = int256(ONE_X96);
            return (from * factor + to * (one - factor)) / one;
        }
    }

    /// @notice value · 2^(−x), rounded up.
    /// @dev Requirements: value below 2^150.
    function fadedUp(uint256 value, uint256 factorX96) internal pure returns (uint256) {
        unchecked {
            return (value * factorX96 + ONE_X96 - 1) >> 96;
        }
    }
}
