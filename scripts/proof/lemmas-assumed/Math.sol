// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev What OpenZeppelin's `Math` says that it does, where the checker sees only assembly. Products must fit in 256 bits here:
/// lemmas keep to widths with which they do, and the checker is asked whether they hold them.
library Math {
    enum Rounding {
        Floor,
        Ceil,
        Trunc,
        Expand
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function saturatingSub(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    function ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }

    function mulDiv(uint256 x, uint256 y, uint256 denominator) internal pure returns (uint256) {
        return (x * y) / denominator;
    }

    function mulDiv(uint256 x, uint256 y, uint256 denominator, Rounding rounding) internal pure returns (uint256) {
        bool isUp = rounding == Rounding.Ceil || rounding == Rounding.Expand;
        return isUp ? ceilDiv(x * y, denominator) : (x * y) / denominator;
    }
}
