// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Price} from "../../types/Units.sol";
import {NavMath} from "../../vault/NavMath.sol";

contract NavMathHarness {
    error SafeCastOverflowedUintToInt(uint256 value);

    function toSigned(uint256 valueX34_) external pure returns (int256) {
        return NavMath.toSigned(valueX34_);
    }

    function valueX34(uint256 amount, Price price, uint256 decimals) external pure returns (uint256) {
        return NavMath.valueX34(amount, price, decimals);
    }

    function toX34(int256 usdX18) external pure returns (int256) {
        return NavMath.toX34(usdX18);
    }

    function alpForDepositDown(
        uint256 depositX34,
        uint256 feePips,
        uint256 supply,
        uint256 navX34
    ) external pure returns (uint256) {
        return NavMath.alpForDepositDown(depositX34, feePips, supply, navX34);
    }

    function alpForFirstDepositDown(uint256 depositX34, uint256 feePips) external pure returns (uint256) {
        return NavMath.alpForFirstDepositDown(depositX34, feePips);
    }

    function amountForAlpDown(
        uint256 alpAmount,
        uint256 feePips,
        uint256 supply,
        uint256 navX34,
        uint256 unitX34
    ) external pure returns (uint256) {
        return NavMath.amountForAlpDown(alpAmount, feePips, supply, navX34, unitX34);
    }

    function positivePart(int256 value) external pure returns (uint256) {
        return NavMath.positivePart(value);
    }

    function alpPriceDown(int256 navUsdX18, uint256 supply) external pure returns (uint256) {
        return NavMath.alpPriceDown(navUsdX18, supply);
    }

    function alpPriceUp(int256 navUsdX18, uint256 supply) external pure returns (uint256) {
        return NavMath.alpPriceUp(navUsdX18, supply);
    }

    function toUsdDown(int256 valueX34) external pure returns (int256) {
        return NavMath.toUsdDown(valueX34);
    }

    function toUsdUp(int256 valueX34) external pure returns (int256) {
        return NavMath.toUsdUp(valueX34);
    }
}
