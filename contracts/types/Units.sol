// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev USD per 1.0 of the base asset, 10 decimals.
type Price is uint64;

/// @dev Base asset, 8 decimals.
type Size is uint96;

using PriceUnit for Price global;
using {priceLt as <, priceGt as >, priceLte as <=, priceGte as >=} for Price global;
using SizeUnit for Size global;

/// @dev 100% in pips.
uint256 constant PIPS = 1e6;

/// @dev 1.0 of a carry index, or of any other number with 18 decimals.
uint256 constant ONE_X18 = 1e18;

/// @dev One US dollar, in the 18 decimals of all amounts in USD.
uint256 constant ONE_USD = 1e18;

/// @dev A value does not fit in the unit it was meant for.
error Units_Overflow(uint256 value, uint256 max);

function priceLt(Price a, Price b) pure returns (bool) {
    return Price.unwrap(a) < Price.unwrap(b);
}

function priceGt(Price a, Price b) pure returns (bool) {
    return Price.unwrap(a) > Price.unwrap(b);
}

function priceLte(Price a, Price b) pure returns (bool) {
    return Price.unwrap(a) <= Price.unwrap(b);
}

function priceGte(Price a, Price b) pure returns (bool) {
    return Price.unwrap(a) >= Price.unwrap(b);
}

/// @dev Reverts instead of truncating.
function toPrice(uint256 value) pure returns (Price) {
    if (value > type(uint64).max) revert Units_Overflow(value, type(uint64).max);
    // The bound is checked on the line above.
    return Price.wrap(uint64(value));
}

/// @dev Reverts instead of truncating.
function toSize(uint256 value) pure returns (Size) {
    if (value > type(uint96).max) revert Units_Overflow(value, type(uint96).max);
    // The bound is checked on the line above.
    return Size.wrap(uint96(value));
}

/// @dev The one multiplication: 10 + 8 decimals are the 18 of USD. At most 160 bits: it can't overflow.
function valueOf(Size size, Price price) pure returns (uint256 usdX18) {
    unchecked {
        return uint256(Size.unwrap(size)) * Price.unwrap(price);
    }
}

library PriceUnit {
    function raw(Price price) internal pure returns (uint256) {
        return Price.unwrap(price);
    }

    function isZero(Price price) internal pure returns (bool) {
        return Price.unwrap(price) == 0;
    }
}

library SizeUnit {
    function raw(Size size) internal pure returns (uint256) {
        return Size.unwrap(size);
    }
}
