// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CarryMath} from "../../trading/math/CarryMath.sol";

contract CarryMathHarness {
    function perSecondX18(uint16 pipsPerHour) external pure returns (uint256) {
        return CarryMath.perSecondX18(pipsPerHour);
    }

    function fundingRateX18(
        uint256 longNotional,
        uint256 shortNotional,
        uint256 factorX18,
        uint256 minRateX18,
        uint256 maxRateX18
    ) external pure returns (int256) {
        return CarryMath.fundingRateX18(longNotional, shortNotional, factorX18, minRateX18, maxRateX18);
    }

    function owed(uint256 notional, int256 indexNow, int256 indexAtEntry) external pure returns (int256) {
        return CarryMath.owed(notional, indexNow, indexAtEntry);
    }

    function atEntry(uint256 notional, int256 indexAtEntry) external pure returns (int256) {
        return CarryMath.atEntry(notional, indexAtEntry);
    }
}
