// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TokenMath, TokenPrice} from "../../../contracts/product/TokenPrice.sol";
import {Price} from "../../../contracts/types/Units.sol";

/// @dev Splitting what is charged or paid gains nothing, for a token of 18 decimals.
contract SplitLemmas {
    /// @dev Two fees are together at least the fee of both at once, and at most one unit more.
    function feesDoNotShrink(uint96 a, uint96 b, uint24 pips, uint64 price) external pure {
        require(price != 0);
        TokenPrice memory token = TokenPrice(Price.wrap(price), 1e18);
        uint256 apart = TokenMath.shareUp(a, pips, token) + TokenMath.shareUp(b, pips, token);
        uint256 whole = TokenMath.shareUp(uint256(a) + b, pips, token);
        assert(apart >= whole);
        assert(apart <= whole + 1);
    }

    /// @dev Two gains are together at most the gain of both at once, and at most one unit less.
    function gainsDoNotGrow(uint96 a, uint96 b, uint64 price) external pure {
        require(price != 0);
        TokenPrice memory token = TokenPrice(Price.wrap(price), 1e18);
        uint256 apart = TokenMath.tokensDown(a, token) + TokenMath.tokensDown(b, token);
        uint256 whole = TokenMath.tokensDown(uint256(a) + b, token);
        assert(apart <= whole);
        assert(apart + 1 >= whole);
    }

    /// @dev Two losses are together at least the loss of both at once, and at most one unit more.
    function lossesDoNotShrink(uint96 a, uint96 b, uint64 price) external pure {
        require(price != 0);
        TokenPrice memory token = TokenPrice(Price.wrap(price), 1e18);
        uint256 apart = TokenMath.tokensUp(a, token) + TokenMath.tokensUp(b, token);
        uint256 whole = TokenMath.tokensUp(uint256(a) + b, token);
        assert(apart >= whole);
        assert(apart <= whole + 1);
    }
}
