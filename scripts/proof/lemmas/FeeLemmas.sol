// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AlpFeeMath} from "../../../contracts/vault/AlpFeeMath.sol";
import {PriceChecks} from "../../../contracts/product/PriceChecks.sol";
import {Price} from "../../../contracts/types/Units.sol";

contract FeeLemmas {
    /// @dev A distance is the same from either end, and 0 only for equals.
    function distanceIsSymmetric(uint256 a, uint256 b) external pure {
        assert(AlpFeeMath.distance(a, b) == AlpFeeMath.distance(b, a));
        assert((AlpFeeMath.distance(a, b) == 0) == (a == b));
    }

    /// @dev Without a target the fee is the least or the most that there is.
    function feeWithoutTarget(uint96 before, uint96 afterwards, uint24 base, uint24 tax) external pure {
        uint256 fee = AlpFeeMath.feePipsUp(0, before, afterwards, base, tax);
        assert(fee <= uint256(base) + tax);
        assert(afterwards < before ? fee <= base : fee == uint256(base) + tax);
    }

    /// @dev An asset that goes nowhere off its target costs the base fee.
    function feeAtTarget(uint96 target, uint24 base, uint24 tax) external pure {
        require(target != 0);
        assert(AlpFeeMath.feePipsUp(target, target, target, base, tax) == base);
    }

    /// @dev The fee is at most base and tax together.
    function feeIsBounded(uint64 target, uint64 before, uint64 afterwards, uint24 base, uint24 tax) external pure {
        assert(AlpFeeMath.feePipsUp(target, before, afterwards, base, tax) <= uint256(base) + tax);
    }

    /// @dev A price in a band stays in it when the band grows.
    function bandOnlyWidens(uint64 price, uint64 low, uint64 high, uint64 lower, uint64 higher) external pure {
        require(lower <= low && high <= higher);
        require(PriceChecks.isInBand(Price.wrap(price), Price.wrap(low), Price.wrap(high)));
        assert(PriceChecks.isInBand(Price.wrap(price), Price.wrap(lower), Price.wrap(higher)));
    }

    /// @dev No price is far from itself; with a share of 100% none below is far.
    function nearness(uint64 price, uint64 from, uint24 pips) external pure {
        assert(!PriceChecks.isFar(Price.wrap(price), Price.wrap(price), pips));
        require(price <= from && pips >= 1e6);
        assert(!PriceChecks.isFar(Price.wrap(price), Price.wrap(from), pips));
    }
}
