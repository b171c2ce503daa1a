// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A resting order, in a slot of its account that is used again. From the lowest bit: lots 48 · next 48 · prev 48 ·
/// tick 24 · expiry 32 · flags 8 · generation 48. `next` and `prev` are order references, towards later and earlier orders
/// of the level. An empty slot has lots 0 and keeps its generation.
type OrderWord is uint256;

using OrderWordFields for OrderWord global;

library OrderWordFields {
    uint256 private constant LOTS_MASK = type(uint48).max;
    uint256 private constant BID = 1 << 200;
    uint256 private constant REDUCE_ONLY = 1 << 201;

    function pack(
        uint48 lots_,
        uint48 prev_,
        uint24 tick_,
        uint32 expiry_,
        bool isBid_,
        bool isReduceOnly_,
        uint48 generation_
    ) internal pure returns (OrderWord) {
        uint256 word = uint256(lots_) | (uint256(prev_) << 96) | (uint256(tick_) << 144) | (uint256(expiry_) << 168);
        if (isBid_) word |= BID;
        if (isReduceOnly_) word |= REDUCE_ONLY;
        return OrderWord.wrap(word | (uint256(generation_) << 208));
    }

    /// @dev What is left of a slot whose order is gone: its generation.
    function emptied(OrderWord self) internal pure returns (OrderWord) {
        return OrderWord.wrap((OrderWord.unwrap(self) >> 208) << 208);
    }

    function withLots(OrderWord self, uint48 lots_) internal pure returns (OrderWord) {
        return OrderWord.wrap((OrderWord.unwrap(self) & ~LOTS_MASK) | lots_);
    }

    function withNext(OrderWord self, uint48 next_) internal pure returns (OrderWord) {
        return OrderWord.wrap((OrderWord.unwrap(self) & ~(LOTS_MASK << 48)) | (uint256(next_) << 48));
    }

    function withPrev(OrderWord self, uint48 prev_) internal pure returns (OrderWord) {
        return OrderWord.wrap((OrderWord.unwrap(self) & ~(LOTS_MASK << 96)) | (uint256(prev_) << 96));
    }

    // Each getter cuts to the width that its field was packed with.

    function lots(OrderWord self) internal pure returns (uint48) {
        return uint48(OrderWord.unwrap(self));
    }

    function next(OrderWord self) internal pure returns (uint48) {
        return uint48(OrderWord.unwrap(self) >> 48);
    }

    function prev(OrderWord self) internal pure returns (uint48) {
        return uint48(OrderWord.unwrap(self) >> 96);
    }

    function tick(OrderWord self) internal pure returns (uint24) {
        return uint24(OrderWord.unwrap(self) >> 144);
    }

    /// @dev Last second in which it may be filled; 0: it does not expire.
    function expiry(OrderWord self) internal pure returns (uint32) {
        return uint32(OrderWord.unwrap(self) >> 168);
    }

    function isBid(OrderWord self) internal pure returns (bool) {
        return OrderWord.unwrap(self) & BID != 0;
    }

    function isReduceOnly(OrderWord self) internal pure returns (bool) {
        return OrderWord.unwrap(self) & REDUCE_ONLY != 0;
    }

    function generation(OrderWord self) internal pure returns (uint48) {
        return uint48(OrderWord.unwrap(self) >> 208);
    }

    function isLive(OrderWord self) internal pure returns (bool) {
        return lots(self) != 0;
    }

    function isExpired(OrderWord self) internal view returns (bool) {
        uint256 end = expiry(self);
        return end != 0 && block.timestamp > end;
    }

    /// @dev Its lots count for deep levels, where its price lies within the band.
    function isFirm(OrderWord self) internal pure returns (bool) {
        return expiry(self) == 0 && !isReduceOnly(self);
    }
}
