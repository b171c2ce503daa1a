// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PIPS} from "../../types/Units.sol";

/// @title Premium, basis, mark and funding rate
/// @dev Prices have 10 decimals, relative distances 18 (X18). All divisions round towards zero. A price of 0 stands for none.
/// Nothing here is tested for overflow: prices have at most 80 bits, an index 64, distances 56, pips 16, and 1e18 has 60.
library MarkMath {
    int256 internal constant X18 = 1e18;

    /// @dev One pip with 18 decimals.
    int256 internal constant PIP_X18 = 1e12;

    /// @dev The premium is drawn to the interest by at most 5 bp.
    int256 private constant INTEREST_REACH_X18 = 500 * PIP_X18;

    /// @notice (max(0, deepBid − I) − max(0, I − deepAsk)) / I, within ±maxDeviation; a missing side adds 0.
    function premiumX18(
        uint256 index,
        uint256 deepBid,
        uint256 deepAsk,
        uint256 maxDeviationPips
    ) internal pure returns (int256) {
        unchecked {
            int256 distance = deepBid > index ? int256(deepBid - index) : int256(0);
            if (deepAsk != 0 && deepAsk < index) distance -= int256(index - deepAsk);
            return _within((distance * X18) / int256(index), maxDeviationPips);
        }
    }

    /// @notice ((deepBid + deepAsk) / 2 − I) / I, within ±maxDeviation; 0 where a side is missing.
    function basisX18(
        uint256 index,
        uint256 deepBid,
        uint256 deepAsk,
        uint256 maxDeviationPips
    ) internal pure returns (int256) {
        if (deepBid == 0 || deepAsk == 0) return 0;
        unchecked {
            int256 doubled = int256(deepBid + deepAsk) - 2 * int256(index);
            return _within((doubled * X18) / (2 * int256(index)), maxDeviationPips);
        }
    }

    /// @notice Of two values of the same sign the lesser in size, of others 0.
    function lesser(int256 a, int256 b) internal pure returns (int256) {
        if (a > 0 && b > 0) return a < b ? a : b;
        if (a < 0 && b < 0) return a > b ? a : b;
        return 0;
    }

    /// @notice median(I, I · (1 + basisEma), median(bid, ask, last)), within I ± maxDeviation.
    /// @param bid Best firm bid; 0: none, which stands for I, as of the other two.
    function markOf(
        uint256 index,
        int256 basisEmaX18,
        uint256 bid,
        uint256 ask,
        uint256 last,
        uint256 maxDeviationPips
    ) internal pure returns (uint256 mark) {
        unchecked {
            // The average of the basis is within ±3%: the sum is positive. Pips of 16 bits are less than all of them.
            uint256 second = uint256(int256(index) + (int256(index) * basisEmaX18) / X18);
            uint256 third = median(bid == 0 ? index : bid, ask == 0 ? index : ask, last == 0 ? index : last);
            mark = median(index, second, third);
            uint256 reach = (index * maxDeviationPips) / PIPS;
            if (mark < index - reach) return index - reach;
            if (mark > index + reach) return index + reach;
        }
    }

    function median(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        if (a > b) (a, b) = (b, a);
        if (c <= a) return a;
        return c < b ? c : b;
    }

    /// @notice Funding rate for eight hours: clamp(P + clamp(i − P, ±5 bp), ±cap).
    function fundingRateX18(
        int256 meanPremiumX18,
        uint256 interestPips,
        uint256 capPips
    ) internal pure returns (int256) {
        unchecked {
            int256 pull = int256(interestPips) * PIP_X18 - meanPremiumX18;
            if (pull > INTEREST_REACH_X18) pull = INTEREST_REACH_X18;
            if (pull < -INTEREST_REACH_X18) pull = -INTEREST_REACH_X18;
            return _within(meanPremiumX18 + pull, capPips);
        }
    }

    function _within(int256 value, uint256 pips) private pure returns (int256) {
        unchecked {
            int256 most = int256(pips) * PIP_X18;
            if (value > most) return most;
            return value < -most ? -most : value;
        }
    }
}
