// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Lines of a grid and what crossing them comes to
/// @dev Ticks have 24 bits, a line's lots 44, lines are 2 to 100. X80: 80 binary places.
library GridMath {
    uint256 private constant ONE_X80 = 1 << 80;
    /// @dev How far the chord lies below the binary logarithm at most, rounded up: 0.0862.
    uint256 private constant CHORD_X80 = (862 * ONE_X80) / 10_000;
    /// @dev A dozen steps are enough from where the root is looked for; the bound is for the reader.
    uint256 private constant MAX_STEPS = 64;

    /// @notice Ticks of the lines, from low to high: by equal differences, or by equal ratios.
    /// @dev Requirements: 0 < low < high, at least two lines. Each is the tick nearest to low + (high − low) · i / n or to
    /// low · (high / low)^(i / n), n = lines − 1; of two equally near ones the upper, which only differences come to. Ratios are multiplied
    /// up with an error below 2^−48 of a tick.
    function linesOf(
        uint24 low,
        uint24 high,
        uint256 lines,
        bool isGeometric
    ) internal pure returns (uint24[] memory ticks) {
        ticks = new uint24[](lines);
        uint256 steps = lines - 1;
        (ticks[0], ticks[steps]) = (low, high);
        if (!isGeometric) {
            for (uint256 i = 1; i < steps; ++i) {
                // Between two ticks.
                ticks[i] = uint24(low + (2 * uint256(high - low) * i + steps) / (2 * steps));
            }
            return ticks;
        }
        if (steps == 1) return ticks;
        uint256 ratioX80 = rootX80((uint256(high) << 80) / low, steps);
        uint256 tickX80 = uint256(low) << 80;
        for (uint256 i = 1; i < steps; ++i) {
            // 104 bits each.
            tickX80 = (tickX80 * ratioX80) >> 80;
            // At most the highest: a power of the root, which is never above the true one by more than the error.
            ticks[i] = uint24((tickX80 + ONE_X80 / 2) >> 80);
        }
    }

    /// @notice The n-th root of a ratio of 1 to 2^24, by Newton's steps from above.
    /// @dev Requirements: n of 2 to 99. From below 1.0615 times the root times 2^(0.0862 / n) its n-th power is at most 2^9 times the ratio: no
    /// product passes 2^246.
    function rootX80(uint256 valueX80, uint256 n) internal pure returns (uint256 root) {
        // 2^y ≤ 1 + y for what is below 1: no less than the root.
        uint256 whole = Math.log2(valueX80);
        uint256 logX80 = ((whole - 80) << 80) + ((valueX80 << 80) >> whole) - ONE_X80 + CHORD_X80;
        uint256 shareX80 = logX80 / n + 1;
        root = (ONE_X80 + (shareX80 & (ONE_X80 - 1))) << (shareX80 >> 80);
        for (uint256 i = 0; i < MAX_STEPS; ++i) {
            uint256 next = ((n - 1) * root + (valueX80 << 80) / _powerX80(root, n - 1)) / n;
            if (next >= root) return root;
            root = next;
        }
    }

    /// @notice What a grid holds that is opened at a price: one line of each cell whose middle lies above it. The line nearest to the price is
    /// nobody's.
    /// @param price 10 decimals.
    function heldAt(
        uint24[] memory ticks,
        uint256 lots,
        uint256 price,
        uint256 tickSize
    ) internal pure returns (uint256 held) {
        for (uint256 cell = ticks.length - 1; cell != 0; --cell) {
            if (2 * price >= (uint256(ticks[cell - 1]) + ticks[cell]) * tickSize) break;
            held += lots;
        }
    }

    /// @notice Σ tick × lots of what a grid buys while what it holds grows.
    function boughtFor(uint24[] memory ticks, uint256 lots, uint256 from, uint256 to) internal pure returns (uint256) {
        return _crossed(ticks, lots, from, to, 0);
    }

    /// @notice Σ tick × lots of what a grid sells while what it holds falls, from `to` down to `from`.
    function soldFor(uint24[] memory ticks, uint256 lots, uint256 from, uint256 to) internal pure returns (uint256) {
        return _crossed(ticks, lots, from, to, 1);
    }

    /// @notice What the lines that were bought and sold again earned, ticks × lots: what came in, less what is held beyond the start at what it
    /// was bought for, or with what is lacking at what it was sold for.
    function realised(
        uint24[] memory ticks,
        uint256 lots,
        uint256 start,
        uint256 held,
        int256 flow
    ) internal pure returns (int256) {
        // At most 99 lines of 68 bits.
        if (held >= start) return flow + int256(boughtFor(ticks, lots, start, held));
        return flow - int256(soldFor(ticks, lots, held, start));
    }

    /// @dev Lots held from `from` to `to` by the cells they are in, the highest first, at the cell's line.
    /// @param line 0 the lower, 1 the upper.
    function _crossed(
        uint24[] memory ticks,
        uint256 lots,
        uint256 from,
        uint256 to,
        uint256 line
    ) private pure returns (uint256 sum) {
        uint256 last = ticks.length - 2;
        while (from < to) {
            uint256 full = from / lots;
            uint256 end = (full + 1) * lots;
            if (end > to) end = to;
            sum += (end - from) * ticks[last - full + line];
            from = end;
        }
    }

    function _powerX80(uint256 baseX80, uint256 exponent) private pure returns (uint256 powerX80) {
        powerX80 = ONE_X80;
        while (exponent != 0) {
            if (exponent & 1 != 0) powerX80 = (powerX80 * baseX80) >> 80;
            exponent >>= 1;
            if (exponent != 0) baseX80 = (baseX80 * baseX80) >> 80;
        }
    }
}
