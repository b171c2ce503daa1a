// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PushPrice} from "../interfaces/IPriceAggregator.sol";
import {PIPS, Price} from "../types/Units.sol";
import {PackedPrice} from "./PackedPrice.sol";
import {PushPriceMath} from "./PushPriceMath.sol";

/// @title Reference prices
/// @notice What the fresh push sources and the ticks brought make of an asset's low, middle and high price, by three rules.
/// @dev A `PushPrice` of at most three sources tells each of them: one is its low; two its low and high; three all.
/// "Within a spread": (higher − lower) / lower is at most it; on the limit is within.
library ReferenceMath {
    using PushPriceMath for PushPrice;

    /// @notice All fresh sources and the tick, which needs a quorum, a tick, and all of them within the spread.
    /// @param tickLow Lowest of tick price − confidence, 10 decimals.
    /// @param tickHigh Highest of tick price + confidence, 10 decimals; 0: there is no tick.
    /// @return word See `PackedPrice`; not marked valid where something is missing, 0 where there is no price at all.
    function joined(
        PushPrice memory push,
        uint64 tickLow,
        uint64 tickHigh,
        uint256 quorum,
        uint256 maxSpreadPips
    ) internal pure returns (uint256 word) {
        (uint64 low, uint64 mid, uint64 high) = _join(push, tickLow, tickHigh);
        bool hasAll = quorum != 0 && push.fresh >= quorum && tickHigh != 0;
        return PackedPrice.packRange(low, mid, high, hasAll && isWithin(low, high, maxSpreadPips));
    }

    /// @notice The tick and every fresh source within the spread of its price, the others left out; it needs one of these.
    /// @param tickHigh Not 0.
    /// @return word See `PackedPrice`; 0 where no source is near the tick.
    function around(
        PushPrice memory push,
        uint64 tickLow,
        uint64 tickHigh,
        uint256 maxSpreadPips
    ) internal pure returns (uint256 word) {
        uint64 price = PushPriceMath.mean(tickLow, tickHigh);
        PushPrice memory near;
        for (uint256 i = 0; i < push.fresh; ++i) {
            uint64 source = _sourceAt(push, i);
            bool isNear =
                source < price ? isWithin(source, price, maxSpreadPips) : isWithin(price, source, maxSpreadPips);
            if (isNear) near.insert(source);
        }
        if (near.fresh == 0) return 0;
        (uint64 low, uint64 mid, uint64 high) = _join(near, tickLow, tickHigh);
        return PackedPrice.packRange(low, mid, high, true);
    }

    /// @notice Every fresh source that belongs to a quorum of them within the spread of each other, their low less the spread
    /// and their high plus the spread.
    /// @dev Rounding: low down, high up. Where several quorums agree, each with other sources, the range spans them all.
    /// @return word See `PackedPrice`; 0 where no quorum agrees, or the high passes the range of `Price`.
    function widened(
        PushPrice memory push,
        uint256 quorum,
        uint256 maxSpreadPips
    ) internal pure returns (uint256 word) {
        PushPrice memory agreeing;
        uint256 next = 0;
        for (uint256 last = quorum; last <= push.fresh && quorum != 0; ++last) {
            // In ascending order: the sources of a quorum need not lie further apart than its neighbours do.
            uint256 first = last - quorum;
            if (!isWithin(_sourceAt(push, first), _sourceAt(push, last - 1), maxSpreadPips)) continue;
            if (next < first) next = first;
            for (; next < last; ++next) agreeing.insert(_sourceAt(push, next));
        }
        if (agreeing.fresh == 0) return 0;
        uint256 low = (agreeing.low.raw() * (PIPS - maxSpreadPips)) / PIPS;
        uint256 high = (agreeing.high.raw() * (PIPS + maxSpreadPips) + PIPS - 1) / PIPS;
        if (high > type(uint64).max) return 0;
        // The low is below a uint64, the high was checked on the line above.
        return PackedPrice.packRange(uint64(low), Price.unwrap(agreeing.mid), uint64(high), true);
    }

    /// @notice Whether (high − low) / low is at most `maxSpreadPips`.
    /// @param high At least `low`.
    function isWithin(uint64 low, uint64 high, uint256 maxSpreadPips) internal pure returns (bool) {
        return uint256(high - low) * PIPS <= low * maxSpreadPips;
    }

    function _join(
        PushPrice memory push,
        uint64 tickLow,
        uint64 tickHigh
    ) private pure returns (uint64 low, uint64 mid, uint64 high) {
        (low, mid, high) = (Price.unwrap(push.low), Price.unwrap(push.mid), Price.unwrap(push.high));
        if (tickHigh == 0) return (low, mid, high);
        mid = push.medianWith(PushPriceMath.mean(tickLow, tickHigh));
        if (push.fresh == 0 || tickLow < low) low = tickLow;
        if (tickHigh > high) high = tickHigh;
    }

    /// @param index In ascending order of the prices, below their number.
    function _sourceAt(PushPrice memory push, uint256 index) private pure returns (uint64) {
        if (index == 0) return Price.unwrap(push.low);
        return Price.unwrap(index + 1 == push.fresh ? push.high : push.mid);
    }
}
