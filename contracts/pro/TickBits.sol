// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Which prices have orders
/// @notice A tree of bits of each side of a book: 65,536 words of ticks, 256 words that say which of them are not 0, one word
/// that says which of those are not 0.
/// @dev A tick has 24 bits. The next price with orders is at most five words away, however far it is.
library TickBits {
    uint256 internal constant ASKS = 1 << 24;
    uint256 internal constant MIDDLE = 1 << 25;
    uint256 internal constant TOP = 1 << 26;

    /// @dev Key of a level in `Market.levels`.
    function levelKey(bool isBid, uint24 tick) internal pure returns (uint256) {
        return isBid ? tick : tick | ASKS;
    }

    /// @dev Requirements: the bit is not set.
    function set(mapping(uint256 key => uint256) storage bits, bool isBid, uint24 tick) internal {
        uint256 side = isBid ? 0 : ASKS;
        uint256 key = side | (tick >> 8);
        uint256 word = bits[key];
        bits[key] = word | (1 << (tick & 0xff));
        if (word != 0) return;
        key = MIDDLE | side | (tick >> 16);
        word = bits[key];
        bits[key] = word | (1 << ((tick >> 8) & 0xff));
        if (word == 0) bits[TOP | side] |= 1 << (tick >> 16);
    }

    /// @dev Requirements: the bit is set.
    function clear(mapping(uint256 key => uint256) storage bits, bool isBid, uint24 tick) internal {
        uint256 side = isBid ? 0 : ASKS;
        uint256 key = side | (tick >> 8);
        uint256 word = bits[key] & ~(1 << (tick & 0xff));
        bits[key] = word;
        if (word != 0) return;
        key = MIDDLE | side | (tick >> 16);
        word = bits[key] & ~(1 << ((tick >> 8) & 0xff));
        bits[key] = word;
        if (word == 0) bits[TOP | side] &= ~(1 << (tick >> 16));
    }

    /// @notice The next price with orders that is worse than `tick` for who takes from the side: lower of bids, higher of asks.
    /// @return next 0: there is none.
    function worse(
        mapping(uint256 key => uint256) storage bits,
        bool isBid,
        uint24 tick
    ) internal view returns (uint24 next) {
        uint256 side = isBid ? 0 : ASKS;
        uint256 spot = tick;
        uint256 found = beyond(bits[side | (spot >> 8)], spot & 0xff, isBid);
        // A bit's number has 8 bits, and what is put before it 16.
        if (found != 0) return uint24((spot & 0xffff00) | placeOf(found, isBid));
        found = beyond(bits[MIDDLE | side | (spot >> 16)], (spot >> 8) & 0xff, isBid);
        if (found != 0) {
            spot = (spot & 0xff0000) | (placeOf(found, isBid) << 8);
        } else {
            found = beyond(bits[TOP | side], spot >> 16, isBid);
            if (found == 0) return 0;
            spot = placeOf(found, isBid);
            spot = (spot << 16) | (placeOf(bits[MIDDLE | side | spot], isBid) << 8);
        }
        return uint24(spot | placeOf(bits[side | (spot >> 8)], isBid));
    }

    /// @dev The bits below number `position` of a word of bids, or above it of asks.
    function beyond(uint256 word, uint256 position, bool isBid) internal pure returns (uint256) {
        unchecked {
            if (isBid) return word & ((1 << position) - 1);
            // For position 255 the shift is by 256 in two steps, which leaves nothing.
            return (((word >> position) >> 1) << position) << 1;
        }
    }

    /// @dev Number of the highest bit of bids, of the lowest of asks. Requirements: the word is not 0.
    function placeOf(uint256 word, bool isBid) internal pure returns (uint256 place) {
        if (!isBid) word &= (~word + 1);
        assembly ("memory-safe") {
            place := shl(7, gt(word, 0xffffffffffffffffffffffffffffffff))
            place := or(place, shl(6, gt(shr(place, word), 0xffffffffffffffff)))
            place := or(place, shl(5, gt(shr(place, word), 0xffffffff)))
            place := or(place, shl(4, gt(shr(place, word), 0xffff)))
            place := or(place, shl(3, gt(shr(place, word), 0xff)))
            place := or(place, shl(2, gt(shr(place, word), 0xf)))
            place := or(place, shl(1, gt(shr(place, word), 0x3)))
            place := or(place, gt(shr(place, word), 0x1))
        }
    }
}
