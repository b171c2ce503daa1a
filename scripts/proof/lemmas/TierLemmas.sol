// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Maintenance margin at the border of two tiers. The formula of `MarginMath.maintenanceIn` stands here on plain numbers, without the
/// least of one dollar: the checker is lost in the bits of a packed tier. Rates ascend and are at most 100%; what the upper tier takes
/// off is what `ConfigLogic` computes.
contract TierLemmas {
    uint256 private constant PIPS = 1e6;

    /// @dev At the cap of the lower tier both ask for the same.
    function meetAtTheCap(uint40 capUsd, uint24 low, uint24 high, uint56 cumX6) external pure {
        require(low <= high && high <= PIPS && cumX6 <= uint256(capUsd) * low);
        uint256 value = uint256(capUsd) * 1e18;
        uint256 above = uint256(cumX6) + uint256(capUsd) * (high - low);
        uint256 inLower = (value * low + PIPS - 1) / PIPS - uint256(cumX6) * 1e12;
        uint256 inUpper = (value * high + PIPS - 1) / PIPS - above * 1e12;
        assert(inLower == inUpper);
    }

    /// @dev One unit of notional beyond the cap asks for no less than the cap, and for at most one unit more.
    function continuesBeyondTheCap(uint40 capUsd, uint24 low, uint24 high, uint56 cumX6) external pure {
        require(low <= high && high <= PIPS && cumX6 <= uint256(capUsd) * low);
        uint256 value = uint256(capUsd) * 1e18;
        uint256 above = uint256(cumX6) + uint256(capUsd) * (high - low);
        uint256 atCap = (value * low + PIPS - 1) / PIPS - uint256(cumX6) * 1e12;
        uint256 beyond = ((value + 1) * high + PIPS - 1) / PIPS - above * 1e12;
        assert(beyond >= atCap);
        assert(beyond <= atCap + 1);
    }

    /// @dev What a tier takes off is at most what it asks for, from its beginning on: nothing underflows.
    function takesOffNoMore(uint40 capUsd, uint24 low, uint24 high, uint56 cumX6, uint96 more) external pure {
        require(low <= high && high <= PIPS && cumX6 <= uint256(capUsd) * low);
        uint256 value = uint256(capUsd) * 1e18 + more;
        uint256 above = uint256(cumX6) + uint256(capUsd) * (high - low);
        assert(above * 1e12 <= (value * high + PIPS - 1) / PIPS);
    }
}
