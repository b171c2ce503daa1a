// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TokenMath, TokenPrice} from "../../../contracts/product/TokenPrice.sol";
import {Price} from "../../../contracts/types/Units.sol";

/// @dev Splitting what is charged or paid gains nothing, for a token of 18 decimals: what is charged is an exact quotient rounded up and
/// what is paid one rounded down, and of any such quotients the parts are together no less, or no more, than the whole, by one unit at
/// most for each part more.
contract SplitLemmas {
    uint256 private constant PER_TOKEN = 1e8;

    /// @dev A fee is the exact one, rounded up by less than a unit.
    function feeIsRoundedUp(uint96 usd, uint24 pips, uint64 price) external pure {
        require(price != 0);
        uint256 fee = TokenMath.shareUp(usd, pips, _token(price));
        uint256 divisor = uint256(price) * PER_TOKEN * 1e6;
        assert(fee * divisor >= uint256(usd) * pips * 1e18);
        assert(fee == 0 || (fee - 1) * divisor < uint256(usd) * pips * 1e18);
    }

    /// @dev So is a loss.
    function lossIsRoundedUp(uint96 usd, uint64 price) external pure {
        require(price != 0);
        uint256 loss = TokenMath.tokensUp(usd, _token(price));
        uint256 divisor = uint256(price) * PER_TOKEN;
        assert(loss * divisor >= uint256(usd) * 1e18);
        assert(loss == 0 || (loss - 1) * divisor < uint256(usd) * 1e18);
    }

    /// @dev A gain is the exact one, rounded down by less than a unit.
    function gainIsRoundedDown(uint96 usd, uint64 price) external pure {
        require(price != 0);
        uint256 gain = TokenMath.tokensDown(usd, _token(price));
        uint256 divisor = uint256(price) * PER_TOKEN;
        assert(gain * divisor <= uint256(usd) * 1e18);
        assert((gain + 1) * divisor > uint256(usd) * 1e18);
    }

    /// @dev What the next two lean on.
    function productsKeepOrder(uint96 p, uint96 more, uint64 d) external pure {
        uint256 product = uint256(p) * d;
        assert((uint256(p) + more) * d == product + uint256(more) * d);
    }

    /// @dev Of two quotients rounded up and the one of the sum: together they are no less than it, and at most one unit more.
    function partsRoundedUp(uint80 a, uint80 b, uint80 whole, uint96 x, uint96 y, uint64 d) external pure {
        require(d != 0 && a != 0 && b != 0 && whole != 0);
        require(uint256(a) * d >= x && uint256(a - 1) * d < x);
        require(uint256(b) * d >= y && uint256(b - 1) * d < y);
        require(uint256(whole) * d >= uint256(x) + y && uint256(whole - 1) * d < uint256(x) + y);
        uint256 parts = uint256(a) + b;
        // See `productsKeepOrder`.
        require(parts > whole - 1 || parts * d <= uint256(whole - 1) * d);
        require(parts < uint256(whole) + 2 || parts * d >= (uint256(whole) + 2) * d);
        assert(parts >= whole);
        assert(parts <= uint256(whole) + 1);
    }

    /// @dev Rounded down they are no more than it, and at most one unit less.
    function partsRoundedDown(uint80 a, uint80 b, uint80 whole, uint96 x, uint96 y, uint64 d) external pure {
        require(d != 0);
        require(uint256(a) * d <= x && (uint256(a) + 1) * d > x);
        require(uint256(b) * d <= y && (uint256(b) + 1) * d > y);
        require(uint256(whole) * d <= uint256(x) + y && (uint256(whole) + 1) * d > uint256(x) + y);
        uint256 parts = uint256(a) + b;
        // See `productsKeepOrder`.
        require(parts <= whole || parts * d >= (uint256(whole) + 1) * d);
        require(parts + 2 > whole || (parts + 2) * d <= uint256(whole) * d);
        assert(parts <= whole);
        assert(parts + 1 >= whole);
    }

    function _token(uint64 price) private pure returns (TokenPrice memory) {
        return TokenPrice(Price.wrap(price), 1e18);
    }
}
