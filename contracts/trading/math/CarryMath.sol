// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ONE_X18} from "../../types/Units.sol";

/// @title Carry: funding between the sides, and borrowing from the vault
/// @dev r = clamp(|long − short| / max(long, short) · factor, minRate, maxRate), 0 when the sides are equal. The heavier
/// side owes r on its notional, the lighter receives r on its own, the vault keeps the difference; both owe the borrow
/// rate to the vault.
library CarryMath {
    /// @dev A rate in pips an hour as a fraction a second with 18 decimals, rounded up.
    function perSecondX18(uint16 pipsPerHour) internal pure returns (uint256) {
        unchecked {
            // 16 bits by 40.
            return (uint256(pipsPerHour) * 1e12 + 1 hours - 1) / 1 hours;
        }
    }

    /// @notice Funding rate, 18 decimals a second, rounded down; positive: the long side owes it.
    function fundingRateX18(
        uint256 longNotional,
        uint256 shortNotional,
        uint256 factorX18,
        uint256 minRateX18,
        uint256 maxRateX18
    ) internal pure returns (int256) {
        if (longNotional == shortNotional) return 0;
        bool isLongHeavier = longNotional > shortNotional;
        (uint256 heavier, uint256 lighter) = isLongHeavier
            ? (longNotional, shortNotional)
            : (shortNotional, longNotional);
        uint256 rate = Math.mulDiv(heavier - lighter, factorX18, heavier);
        if (rate < minRateX18) rate = minRateX18;
        if (rate > maxRateX18) rate = maxRateX18;
        // Both bounds and the factor come from pips an hour in 16 bits: far below 2^255.
        return isLongHeavier ? int256(rate) : -int256(rate);
    }

    /// @notice Carry that a position owes since its opening, USD with 18 decimals, rounded up; negative: it receives.
    /// @param notional Entry notional, USD with 18 decimals, below 2^160.
    /// @param indexNow Index of its side now, 18 decimals, within 72 bits.
    /// @param indexAtEntry Index of its side at opening, 18 decimals, within 72 bits.
    function owed(uint256 notional, int256 indexNow, int256 indexAtEntry) internal pure returns (int256) {
        unchecked {
            // notional < 2^160 and the difference of the indices < 2^73: the product fits.
            int256 product = int256(notional) * (indexNow - indexAtEntry);
            // Division truncates towards zero, which rounds a negative product up already.
            if (product <= 0) return product / int256(ONE_X18);
            return (product + int256(ONE_X18) - 1) / int256(ONE_X18);
        }
    }

    /// @notice What a position adds to its side's sum at opening: notional · index, rounded down.
    function atEntry(uint256 notional, int256 indexAtEntry) internal pure returns (int256) {
        unchecked {
            // notional < 2^160 and the index < 2^72: the product fits.
            int256 product = int256(notional) * indexAtEntry;
            if (product >= 0) return product / int256(ONE_X18);
            return -((-product + int256(ONE_X18) - 1) / int256(ONE_X18));
        }
    }
}
