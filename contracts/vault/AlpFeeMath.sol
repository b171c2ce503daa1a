// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The fee of minting and burning ALP
/// @dev It draws every asset towards its target weight: cheaper for what brings the asset nearer, dearer for what takes
/// it away.
library AlpFeeMath {
    /// @notice Fee of a deposit or withdrawal that takes an asset from `before` to `after_`.
    /// @dev With d0, d1 the distances from the target before and after:
    /// d1 < d0 → max(base − tax·d0/target, 0); else base + tax·min((d0 + d1)/2, target)/target.
    /// A target of 0 counts as d0/target = 1, so that a retired asset leaves at max(base − tax, 0).
    /// Rounding: up, once. The three amounts are in any common unit; their products with `taxPips` must fit 256 bits.
    /// @param target Where the asset should be.
    /// @param before Where it is.
    /// @param after_ Where the operation takes it.
    /// @param basePips Fee of an operation that changes nothing, in pips.
    /// @param taxPips Most that the distance takes off or puts on, in pips.
    function feePipsUp(
        uint256 target,
        uint256 before,
        uint256 after_,
        uint256 basePips,
        uint256 taxPips
    ) internal pure returns (uint256) {
        uint256 d0 = distance(before, target);
        uint256 d1 = distance(after_, target);
        if (d1 < d0) {
            uint256 rebate = target == 0 ? taxPips : (taxPips * d0) / target;
            return Math.saturatingSub(basePips, rebate);
        }
        if (target == 0) return basePips + taxPips;
        return basePips + Math.ceilDiv(taxPips * Math.min(d0 + d1, 2 * target), 2 * target);
    }

    /// @notice |a − b|.
    function distance(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : b - a;
    }
}
