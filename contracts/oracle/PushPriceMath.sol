// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PushPrice} from "../interfaces/IPriceAggregator.sol";
import {PIPS, Price} from "../types/Units.sol";

/// @title Medians of few prices
/// @notice Builds the low, median and high of up to three sources one by one, without arrays.
/// @dev Median of an even number of values: the mean of the middle two, rounded down.
library PushPriceMath {
    /// @notice Adds a fresh answer: the first, second or third.
    /// @dev With low and high of two values, the middle of three is the third, held between them.
    function insert(PushPrice memory push, uint64 price) internal pure {
        if (push.fresh == 0) {
            push.low = push.mid = push.high = Price.wrap(price);
        } else {
            uint64 low = Price.unwrap(push.low);
            uint64 high = Price.unwrap(push.high);
            if (push.fresh == 2) push.mid = Price.wrap(hold(price, low, high));
            if (price < low) push.low = Price.wrap(low = price);
            if (price > high) push.high = Price.wrap(high = price);
            if (push.fresh == 1) push.mid = Price.wrap(mean(low, high));
        }
        ++push.fresh;
    }

    /// @notice Median of the fresh answers and one more price.
    /// @dev Two and one more: the middle is the new one, held between the two. Three and one more: the middle two are the
    /// median of the three and the new one, held between their low and high.
    function medianWith(PushPrice memory push, uint64 price) internal pure returns (uint64) {
        if (push.fresh == 0) return price;
        uint64 low = Price.unwrap(push.low);
        uint64 high = Price.unwrap(push.high);
        if (push.fresh == 1) return mean(low, price);
        if (push.fresh == 2) return hold(price, low, high);
        return mean(Price.unwrap(push.mid), hold(price, low, high));
    }

    /// @notice Whether more than one answer is fresh and no two of them lie within the spread of each other, measured on the
    /// lower of the two. On the spread is within it.
    /// @dev Of three, the middle one is a neighbour of both others.
    function isDisputed(PushPrice memory push, uint256 maxSpreadPips) internal pure returns (bool) {
        if (push.fresh < 2) return false;
        if (push.fresh == 2) return _isApart(push.low, push.high, maxSpreadPips);
        return _isApart(push.low, push.mid, maxSpreadPips) && _isApart(push.mid, push.high, maxSpreadPips);
    }

    /// @notice (a + b) / 2, rounded down.
    function mean(uint64 a, uint64 b) internal pure returns (uint64) {
        unchecked {
            // The sum has at most 65 bits, its half at most 64.
            return uint64((uint256(a) + b) / 2);
        }
    }

    /// @notice `price`, or the nearer end of [low, high] when it lies outside.
    function hold(uint64 price, uint64 low, uint64 high) internal pure returns (uint64) {
        if (price < low) return low;
        return price > high ? high : price;
    }

    function _isApart(Price low, Price high, uint256 maxSpreadPips) private pure returns (bool) {
        unchecked {
            // The difference and the low price have 64 bits, pips 24.
            return (high.raw() - low.raw()) * PIPS > low.raw() * maxSpreadPips;
        }
    }
}
