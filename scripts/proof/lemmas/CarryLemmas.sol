// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CarryMath} from "../../../contracts/trading/math/CarryMath.sol";

contract CarryLemmas {
    /// @dev Carry owed is rounded up, by less than one unit, whichever way it goes; nothing overflows within the stored widths.
    function owedRoundsUp(uint96 notional, int72 indexNow, int72 indexAtEntry) external pure {
        int256 owed = CarryMath.owed(notional, indexNow, indexAtEntry);
        int256 exact = int256(uint256(notional)) * (int256(indexNow) - indexAtEntry);
        assert(owed * 1e18 >= exact);
        assert((owed - 1) * 1e18 < exact);
    }

    /// @dev A side's sum is rounded down: the side owes at least what its positions do.
    function entryRoundsDown(uint96 notional, int72 index) external pure {
        int256 entry = CarryMath.atEntry(notional, index);
        int256 exact = int256(uint256(notional)) * index;
        assert(entry * 1e18 <= exact);
        assert((entry + 1) * 1e18 > exact);
    }

    /// @dev A rate a second is rounded up: an hour of it is no less than the rate an hour.
    function rateRoundsUp(uint16 pipsPerHour) external pure {
        uint256 rate = CarryMath.perSecondX18(pipsPerHour);
        assert(rate * 3600 >= uint256(pipsPerHour) * 1e12);
        assert(rate == 0 || (rate - 1) * 3600 < uint256(pipsPerHour) * 1e12);
    }

    /// @dev Equal sides owe each other nothing.
    function balanced(uint96 notional, uint64 factor, uint64 least, uint64 most) external pure {
        assert(CarryMath.fundingRateX18(notional, notional, factor, least, most) == 0);
    }
}
