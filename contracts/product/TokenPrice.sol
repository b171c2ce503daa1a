// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {PIPS, Price} from "../types/Units.sol";

/// @notice A token that amounts are paid in, at one moment.
/// @param price USD per whole token, 10 decimals.
/// @param unit Units of one whole token: 10^decimals.
struct TokenPrice {
    Price price;
    uint256 unit;
}

/// @title Dollars and tokens
/// @dev usd = amount · price · 10^8 / unit.
library TokenMath {
    /// @dev USD has 8 more decimals than a price.
    uint256 internal constant USD_PER_PRICE = 1e8;

    /// @dev Amounts of positions have at most 128 bits, a price with 18 decimals 91: the product fits, and would revert if not.
    function usdDown(uint256 amount, TokenPrice memory token) internal pure returns (uint256) {
        return (amount * (token.price.raw() * USD_PER_PRICE)) / token.unit;
    }

    function tokensDown(uint256 usd, TokenPrice memory token) internal pure returns (uint256) {
        return Math.mulDiv(usd, token.unit, token.price.raw() * USD_PER_PRICE);
    }

    function tokensUp(uint256 usd, TokenPrice memory token) internal pure returns (uint256) {
        return Math.mulDiv(usd, token.unit, token.price.raw() * USD_PER_PRICE, Math.Rounding.Ceil);
    }

    /// @notice usd · pips, rounded up once.
    function shareUp(uint256 usd, uint256 pips, TokenPrice memory token) internal pure returns (uint256) {
        return Math.mulDiv(usd * pips, token.unit, token.price.raw() * USD_PER_PRICE * PIPS, Math.Rounding.Ceil);
    }
}
