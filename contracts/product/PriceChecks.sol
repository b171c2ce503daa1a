// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PushPrice, Quote, Tick} from "../interfaces/IPriceAggregator.sol";
import {PIPS, Price} from "../types/Units.sol";
import {Reason} from "./Outcome.sol";

/// @dev A band was asked for where no anchor is fresh.
error PriceChecks_NoAnchor();

/// @title Checks of a tick against its own confidence and against the anchors
/// @notice Pure rules of settlement; who calls them decides what a failed one means. A value on a limit is within it.
library PriceChecks {
    /// @dev Widest confidence of a tick for anything but an opening: 100 bp.
    uint256 internal constant MAX_CONFIDENCE_PIPS = 10_000;

    /// @dev Ticks are clamped to 1% beyond the anchors.
    uint256 internal constant BAND_PIPS = 10_000;

    /// @notice The tick is the first at or after the target, and in time.
    function firstTick(
        Tick memory tick,
        uint256 assetId,
        uint256 target,
        uint256 expiry
    ) internal pure returns (Reason) {
        if (tick.publishTime == 0) return Reason.NoTick;
        if (tick.assetId != assetId) return Reason.TickOfOtherAsset;
        if (tick.publishTime < target) return Reason.TickTooEarly;
        // Proven from later than the target, an earlier tick may lie between.
        if (!tick.isUnique || tick.minPublishTime > target) return Reason.TickNotFirst;
        return tick.publishTime > expiry ? Reason.Expired : Reason.None;
    }

    /// @notice Whether the tick lies further than `maxDeviationPips` from any fresh anchor, measured on that anchor.
    /// @dev The farthest relative distance is that to the lowest or to the highest. True when no anchor is fresh.
    function deviates(
        Tick memory tick,
        PushPrice memory anchors,
        uint256 maxDeviationPips
    ) internal pure returns (bool) {
        return
            anchors.fresh == 0 ||
            isFar(tick.price, anchors.low, maxDeviationPips) ||
            isFar(tick.price, anchors.high, maxDeviationPips);
    }

    /// @notice Whether the sources of the token's price are too far apart for it to be believed.
    function isTokenPriceDisputed(Quote memory quote) internal pure returns (bool) {
        return !quote.tokenHigh.isZero();
    }

    /// @notice Whether confidence / price is above `maxPips`, a share of 24 bits.
    function confidenceExceeds(Tick memory tick, uint256 maxPips) internal pure returns (bool) {
        unchecked {
            // Prices and confidences have 64 bits, pips 24.
            return tick.confidence * PIPS > tick.price.raw() * maxPips;
        }
    }

    /// @notice Whether a price lies further from another than a share of that other one, of 24 bits.
    function isFar(Price price, Price from, uint256 maxPips) internal pure returns (bool) {
        uint256 a = price.raw();
        uint256 b = from.raw();
        unchecked {
            // Prices have 64 bits, pips 24.
            return (a > b ? a - b : b - a) * PIPS > b * maxPips;
        }
    }

    /// @notice Whether `clamp` leaves the price where it is: it lies on or between the edges of the band.
    /// @dev What holds it goes on holding it with any further anchor: another one can only widen the band. Where no anchor
    /// is fresh, low and high 0, nothing is held but a price of 0, which no tick has.
    /// @param low Lowest anchor.
    /// @param high Highest anchor.
    function isInBand(Price price, Price low, Price high) internal pure returns (bool) {
        unchecked {
            // Prices have 64 bits, factors 21.
            uint256 scaled = price.raw() * PIPS;
            return scaled >= low.raw() * (PIPS - BAND_PIPS) && scaled <= high.raw() * (PIPS + BAND_PIPS);
        }
    }

    /// @notice The price, or the nearer edge of the band [0.99 × lowest, 1.01 × highest fresh anchor].
    /// @dev Rounding: the lower edge up, the upper edge down: the band never widens, and a price on an exact edge is
    /// inside. Reverts where there is no anchor: there is no band to hold it in.
    function clamp(Price price, PushPrice memory anchors) internal pure returns (Price) {
        if (anchors.fresh == 0) revert PriceChecks_NoAnchor();
        uint256 value = price.raw();
        unchecked {
            // Prices have 64 bits, factors 21.
            uint256 lowEdge = (anchors.low.raw() * (PIPS - BAND_PIPS) + PIPS - 1) / PIPS;
            // At most the lowest anchor, a uint64.
            if (value < lowEdge) return Price.wrap(uint64(lowEdge));
            uint256 highEdge = (anchors.high.raw() * (PIPS + BAND_PIPS)) / PIPS;
            // Below the price, a uint64.
            if (value > highEdge) return Price.wrap(uint64(highEdge));
        }
        return price;
    }
}
