// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "./Units.sol";

/// @dev What a search remembers of a book and a margin token; 0: nothing. From the lowest bit: clamped tick 64 · price of the
/// token 64 · its decimals 8 · 1 when there is a tick 8 · 1 when there are exits at it 8 · which book and token, plus 1, 32.
type PairWord is uint256;

using PairWordFields for PairWord global;

library PairWordFields {
    uint256 private constant HAS_TICK = 1 << 136;
    uint256 private constant PRICED = 1 << 144;

    /// @param key_ Which book and token, plus 1.
    function pack(uint32 key_) internal pure returns (PairWord) {
        return PairWord.wrap(uint256(key_) << 152);
    }

    function withTick(PairWord self) internal pure returns (PairWord) {
        return PairWord.wrap(PairWord.unwrap(self) | HAS_TICK);
    }

    /// @param tokenPrice_ At which a margin counts.
    function withExits(
        PairWord self,
        Price clamped_,
        Price tokenPrice_,
        uint8 decimals_
    ) internal pure returns (PairWord) {
        uint256 word = clamped_.raw() | (tokenPrice_.raw() << 64) | (uint256(decimals_) << 128);
        return PairWord.wrap(PairWord.unwrap(self) | word | PRICED);
    }

    function clamped(PairWord self) internal pure returns (Price) {
        return Price.wrap(uint64(PairWord.unwrap(self)));
    }

    function tokenPrice(PairWord self) internal pure returns (Price) {
        return Price.wrap(uint64(PairWord.unwrap(self) >> 64));
    }

    function decimals(PairWord self) internal pure returns (uint8) {
        return uint8(PairWord.unwrap(self) >> 128);
    }

    function hasTick(PairWord self) internal pure returns (bool) {
        return PairWord.unwrap(self) & HAS_TICK != 0;
    }

    function isPriced(PairWord self) internal pure returns (bool) {
        return PairWord.unwrap(self) & PRICED != 0;
    }

    function key(PairWord self) internal pure returns (uint32) {
        return uint32(PairWord.unwrap(self) >> 152);
    }
}
