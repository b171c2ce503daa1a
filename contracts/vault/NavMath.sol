// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ONE_USD, ONE_X18, PIPS, Price} from "../types/Units.sol";

/// @dev Most decimals a token of the vault may have.
uint256 constant MAX_TOKEN_DECIMALS = 24;

/// @dev From USD with 18 decimals to USD with 34.
uint256 constant X34_PER_X18 = 1e16;

/// @title The arithmetic of ALP
/// @dev Valuations carry 34 decimals: 10 of a price and 24 of the longest token, so that amount × price is exact for
/// every token, and each amount paid is rounded once. All arithmetic is checked: a trillion USD takes 153 bits.
library NavMath {
    /// @notice Value of a token amount, exact, USD with 34 decimals.
    /// @param amount In token units.
    /// @param price USD per whole token.
    /// @param decimals Of the token, at most 24.
    function valueX34(uint256 amount, Price price, uint256 decimals) internal pure returns (uint256) {
        return amount * unitPriceX34(price, decimals);
    }

    /// @notice Value of one token unit, exact, USD with 34 decimals.
    function unitPriceX34(Price price, uint256 decimals) internal pure returns (uint256) {
        return price.raw() * scaleX34(decimals);
    }

    /// @notice Value of one token unit at the least price, 1e-10 USD, with 34 decimals.
    function scaleX34(uint256 decimals) internal pure returns (uint256) {
        uint256 exponent = MAX_TOKEN_DECIMALS - decimals;
        unchecked {
            // At most 10^24, 80 bits.
            return 10 ** exponent;
        }
    }

    /// @notice A signed USD amount with 18 decimals, with 34.
    function toX34(int256 usdX18) internal pure returns (int256) {
        // 1e16 fits int256.
        return usdX18 * int256(X34_PER_X18);
    }

    /// @notice Whole USD, with 34 decimals.
    /// @param wholeUsd At most 2^64.
    function wholeUsdX34(uint256 wholeUsd) internal pure returns (uint256) {
        return wholeUsd * 1e34;
    }

    /// @notice Reverts for a valuation of 2^255 and above.
    function toSigned(uint256 valueX34_) internal pure returns (int256) {
        return SafeCast.toInt256(valueX34_);
    }

    /// @notice ALP for a deposit: deposit × (1 − fee) × supply / nav.
    /// @dev Rounding: down, once. Requirements: nav > 0.
    /// @param depositX34 Value of the deposit, USD with 34 decimals.
    /// @param feePips At most 1e6.
    /// @param supply ALP before the deposit, 18 decimals.
    /// @param navX34 Net asset value before the deposit, USD with 34 decimals.
    function alpForDepositDown(
        uint256 depositX34,
        uint256 feePips,
        uint256 supply,
        uint256 navX34
    ) internal pure returns (uint256) {
        return Math.mulDiv(depositX34 * (PIPS - feePips), supply, navX34 * PIPS);
    }

    /// @notice ALP for a deposit that is charged the fee, or what liquidations that may be due could add, whichever is more: the
    /// two cover the same thing.
    /// @dev Requirements: nav > 0.
    /// @param dueX34 What these could add to the net asset value, USD with 34 decimals.
    /// @return afterFee deposit × (1 − fee) × supply / nav, rounded down, once.
    /// @return afterDue deposit × supply / (nav + due), rounded down, once. What is minted is the lesser.
    function alpForDepositsDown(
        uint256 depositX34,
        uint256 feePips,
        uint256 supply,
        uint256 navX34,
        uint256 dueX34
    ) internal pure returns (uint256 afterFee, uint256 afterDue) {
        afterFee = alpForDepositDown(depositX34, feePips, supply, navX34);
        afterDue = Math.mulDiv(depositX34, supply, navX34 + dueX34);
    }

    /// @notice ALP for the first deposit, at 1 USD each.
    /// @dev Rounding: down, once.
    function alpForFirstDepositDown(uint256 depositX34, uint256 feePips) internal pure returns (uint256) {
        return (depositX34 * (PIPS - feePips)) / (PIPS * X34_PER_X18);
    }

    /// @notice Tokens for burning ALP: alp × nav / supply × (1 − fee) / price.
    /// @dev Rounding: down, once (a quotient rounded down twice is the one rounded down once).
    /// Requirements: supply > 0 and unitPrice > 0.
    /// @param alpAmount ALP burned, 18 decimals.
    /// @param feePips At most 1e6.
    /// @param supply ALP before burning, 18 decimals.
    /// @param navX34 Net asset value, USD with 34 decimals.
    /// @param unitX34 Value of one unit of the token paid out, USD with 34 decimals.
    function amountForAlpDown(
        uint256 alpAmount,
        uint256 feePips,
        uint256 supply,
        uint256 navX34,
        uint256 unitX34
    ) internal pure returns (uint256) {
        return Math.mulDiv(alpAmount * (PIPS - feePips), navX34, supply) / (PIPS * unitX34);
    }

    /// @notice `value`, or the nearer of two bounds when it lies outside; the bounds must not be crossed.
    function held(int256 value, int256 least, int256 most) internal pure returns (int256) {
        if (value < least) return least;
        return value > most ? most : value;
    }

    /// @notice Whole value that a signed valuation still has: 0 when it is negative.
    function positivePart(int256 value) internal pure returns (uint256) {
        // A positive int256 fits uint256.
        return value > 0 ? uint256(value) : 0;
    }

    /// @notice USD per ALP, 18 decimals: 1 USD before the first mint, 0 for a valuation below 0. Rounding: down.
    function alpPriceDown(int256 navUsdX18, uint256 supply) internal pure returns (uint256) {
        return supply == 0 ? ONE_USD : Math.mulDiv(positivePart(navUsdX18), ONE_X18, supply);
    }

    /// @notice As `alpPriceDown`. Rounding: up.
    function alpPriceUp(int256 navUsdX18, uint256 supply) internal pure returns (uint256) {
        return supply == 0 ? ONE_USD : Math.mulDiv(positivePart(navUsdX18), ONE_X18, supply, Math.Rounding.Ceil);
    }

    /// @notice A valuation with 34 decimals, with 18; rounded towards minus infinity.
    function toUsdDown(int256 valueX34_) internal pure returns (int256 usdX18) {
        // 1e16 fits int256.
        int256 unit = int256(X34_PER_X18);
        usdX18 = valueX34_ / unit;
        if (valueX34_ < 0 && valueX34_ % unit != 0) usdX18 -= 1;
    }

    /// @notice A valuation with 34 decimals, with 18; rounded towards plus infinity.
    function toUsdUp(int256 valueX34_) internal pure returns (int256) {
        return -toUsdDown(-valueX34_);
    }
}
