// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarginMath} from "../../../contracts/pro/math/MarginMath.sol";
import {MarginTier, TierWord, TierWordFields} from "../../../contracts/pro/types/MarketConfig.sol";

/// @dev Two neighbouring tiers; what the upper one takes off is computed as `ConfigLogic` does.
contract TierLemmas {
    /// @dev At the cap of the lower tier both ask for the same.
    function meetAtTheCap(uint40 capUsd, uint24 lowRate, uint24 highRate, uint56 lowCum) external pure {
        (TierWord low, TierWord high) = _tiers(capUsd, lowRate, highRate, lowCum);
        uint256 value = uint256(capUsd) * 1e18;
        assert(MarginMath.maintenanceIn(low, value) == MarginMath.maintenanceIn(high, value));
    }

    /// @dev One unit of notional beyond the cap asks for no less than the cap, and for at most one unit more.
    function continuesBeyondTheCap(uint40 capUsd, uint24 lowRate, uint24 highRate, uint56 lowCum) external pure {
        (TierWord low, TierWord high) = _tiers(capUsd, lowRate, highRate, lowCum);
        uint256 value = uint256(capUsd) * 1e18;
        uint256 at = MarginMath.maintenanceIn(low, value);
        uint256 beyond = MarginMath.maintenanceIn(high, value + 1);
        assert(beyond >= at && beyond <= at + 1);
    }

    /// @dev Within a tier more notional asks for no less.
    function growsWithinATier(uint24 rate, uint56 cum, uint128 value, uint64 more) external pure {
        TierWord tier = _tier(0, rate, cum);
        require(uint256(cum) * 1e18 <= uint256(value) * rate);
        assert(MarginMath.maintenanceIn(tier, uint256(value) + more) >= MarginMath.maintenanceIn(tier, value));
    }

    function _tiers(
        uint40 capUsd,
        uint24 lowRate,
        uint24 highRate,
        uint56 lowCum
    ) private pure returns (TierWord low, TierWord high) {
        // Rates ascend and are at most 100%; what a tier takes off is at most what it asks for at its end.
        require(capUsd != 0 && lowRate <= highRate && highRate <= 1e6);
        require(lowCum <= uint256(capUsd) * lowRate);
        uint256 highCum = lowCum + uint256(capUsd) * (highRate - lowRate);
        require(highCum < 2 ** 56);
        (low, high) = (_tier(capUsd, lowRate, lowCum), _tier(0, highRate, uint56(highCum)));
    }

    function _tier(uint40 capUsd, uint24 rate, uint56 cum) private pure returns (TierWord) {
        return TierWordFields.packed(MarginTier({capUsd: capUsd, maxLeverage: 1, ratePips: rate, cumX6: cum}));
    }
}
