// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PIPS} from "../../types/Units.sol";

/// @title Prices and shares of triggers
/// @dev Prices have 10 decimals and 64 bits, pips are below `PIPS`: no product passes 128 bits.
library TriggerMath {
    /// @notice Whether an index has reached the price that a stop or a take profit waits for; on it counts.
    function isReached(uint256 price, uint256 target, bool isAbove) internal pure returns (bool) {
        return isAbove ? price >= target : price <= target;
    }

    /// @notice Whether a price has come back from an earlier one by a callback: down for what sells, up for what buys.
    function isTrailed(uint256 earlier, uint256 later, uint256 callbackPips, bool isBuy) internal pure returns (bool) {
        return
            isBuy ? later * PIPS >= earlier * (PIPS + callbackPips) : later * PIPS <= earlier * (PIPS - callbackPips);
    }

    /// @notice The worst tick within a bound of a price.
    /// @dev Rounding: towards the price, up for what sells and down for what buys: no fill is further away than the bound.
    /// @return limit 0: no tick lies within it.
    function limitOf(
        uint256 price,
        uint256 boundPips,
        uint256 tickSize,
        bool isBuy
    ) internal pure returns (uint24 limit) {
        uint256 step = PIPS * tickSize;
        if (isBuy) {
            uint256 highest = (price * (PIPS + boundPips)) / step;
            // Cut to the last tick there is.
            return highest > type(uint24).max ? type(uint24).max : uint24(highest);
        }
        uint256 lowest = (price * (PIPS - boundPips) + step - 1) / step;
        // Within the width, or none.
        return lowest > type(uint24).max ? 0 : uint24(lowest);
    }

    /// @notice What of a tip belongs to the part that was filled, rounded down.
    /// @dev Requirements: filled at most wanted, wanted above 0.
    function shareOf(uint256 tip, uint256 filled, uint256 wanted) internal pure returns (uint24) {
        // At most the tip, which has 24 bits.
        return uint24((tip * filled) / wanted);
    }
}
