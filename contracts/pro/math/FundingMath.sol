// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarkMath} from "./MarkMath.sol";

/// @notice A span of time since the last touch.
/// @param from When the last touch was, in seconds.
/// @param to Now.
/// @param haltFrom From here to `haltTo` nothing is owed: level 3 of the breaker was in force.
/// @param interestPips Funding rate for eight hours that the premium is drawn to.
/// @param capPips Largest funding rate for eight hours.
/// @param sum Premium × seconds of the hour in which the span begins; after `run` of that in which it ends.
/// @param mean Mean premium of the hour before that; after `run` of the one before the last.
/// @param rateSeconds Set by `run`: Σ rate × seconds that are owed.
struct Span {
    uint256 from;
    uint256 to;
    uint256 haltFrom;
    uint256 haltTo;
    uint256 interestPips;
    uint256 capPips;
    int256 sum;
    int256 mean;
    int256 rateSeconds;
}

using FundingMath for Span global;

/// @title Funding over time
/// @notice A span is cut at full UTC hours into at most three pieces: the rest of the hour in which it
/// begins, the next hour, and all that follow.
/// @dev Rates are for eight hours, 18 decimals. Nothing here is tested for overflow but where it says so: seconds have 40 bits,
/// rates and premiums 56, sums of premiums 72, indices 80.
library FundingMath {
    uint256 private constant HOUR = 1 hours;
    /// @dev Longest that what a touch left counts.
    uint256 private constant MAX_PREMIUM_SPAN = 60;
    int256 private constant RATE_SPAN = 28_800e18;
    int256 private constant MAX_INDEX = type(int80).max;

    /// @dev Puts the halted seconds of a span at the end of the last halt. More than one halt in a span, which takes a day without
    /// any touch, is put there as one: their number counts exactly.
    function halt(Span memory self, uint256 seconds_, uint256 endsAt) internal pure {
        uint256 end = endsAt < self.to ? endsAt : self.to;
        if (end < self.from + seconds_) end = self.from + seconds_;
        (self.haltFrom, self.haltTo) = (end - seconds_, end);
    }

    /// @notice Goes from the beginning to the end.
    /// @param premium Counts for at most 60 s from the beginning.
    function run(Span memory self, int256 premium) internal pure {
        unchecked {
            uint256 hour = self.from / HOUR;
            uint256 next = (hour + 1) * HOUR;
            uint256 counted = self.to - self.from;
            if (counted > MAX_PREMIUM_SPAN) counted = MAX_PREMIUM_SPAN;
            uint256 first = next - self.from;
            if (first > counted) first = counted;
            // At most 60 s: signed like everything it is multiplied with.
            self.sum += premium * int256(first);
            _owe(self, self.from, next);
            uint256 passed = self.to / HOUR - hour;
            if (passed == 0) return;

            self.mean = self.sum / int256(HOUR);
            self.sum = premium * int256(counted - first);
            _owe(self, next, next + HOUR);
            if (passed == 1) return;

            // Hours without a touch count a mean of 0, and so does the last full one.
            (self.sum, self.mean) = (0, 0);
            _owe(self, next + HOUR, type(uint256).max);
        }
    }

    /// @notice Quote that a lot owes: value · Σ rate × seconds / 8 h, rounded towards zero.
    /// @param valuePerLot Quote, below 2^120.
    function growth(uint256 valuePerLot, int256 rateSeconds) internal pure returns (int256) {
        return (int256(valuePerLot) * rateSeconds) / RATE_SPAN;
    }

    /// @notice Both indices grow by the same, so that what one side pays the other receives; at the width of an index both stop.
    function grown(int256 long, int256 short, int256 change) internal pure returns (int256, int256) {
        unchecked {
            if (change > 0) {
                int256 room = MAX_INDEX - (long > short ? long : short);
                if (change > room) change = room;
            } else {
                int256 room = -MAX_INDEX - (long < short ? long : short);
                if (change < room) change = room;
            }
            return (long + change, short + change);
        }
    }

    /// @dev Adds the rate times the seconds of a piece that are in the span and not halted. Requirements: it begins in the span.
    function _owe(Span memory self, uint256 from, uint256 to) private pure {
        unchecked {
            if (to > self.to) to = self.to;
            if (to <= from) return;
            uint256 duration = to - from - _overlap(from, to, self.haltFrom, self.haltTo);
            self.rateSeconds += MarkMath.fundingRateX18(self.mean, self.interestPips, self.capPips) * int256(duration);
        }
    }

    function _overlap(uint256 fromA, uint256 toA, uint256 fromB, uint256 toB) private pure returns (uint256) {
        unchecked {
            uint256 from = fromA > fromB ? fromA : fromB;
            uint256 to = toA < toB ? toA : toB;
            return to > from ? to - from : 0;
        }
    }
}
