// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev What an account has in a market beside its position. From the lowest bit: bidLots 44 · askLots 44 · bidNotional 56 ·
/// askNotional 56 · slots 32 · leverage 8 · flags 8 · spare 8. Lots and notionals are those of resting orders that are not
/// reduce-only, by their remaining lots; notionals in ticks × lots. Slots: bit i says that order slot i is in use.
type SumsWord is uint256;

using SumsWordFields for SumsWord global;

library SumsWordFields {
    uint256 private constant LOTS_MASK = (1 << 44) - 1;
    uint256 private constant NOTIONAL_MASK = (1 << 56) - 1;
    uint256 private constant ISOLATED = 1 << 240;

    /// @dev Adds an order to the sums of its side. Both sums are checked against their widths.
    /// @return isFitting False, and the word as it was, when a sum would pass its width.
    function added(
        SumsWord self,
        bool isBid,
        uint256 lots_,
        uint256 tick
    ) internal pure returns (SumsWord, bool isFitting) {
        (uint256 lotsShift, uint256 notionalShift) = isBid ? (uint256(0), uint256(88)) : (uint256(44), uint256(144));
        uint256 word = SumsWord.unwrap(self);
        // At most 72 bits: nothing overflows here.
        uint256 notional = lots_ * tick;
        if (((word >> lotsShift) & LOTS_MASK) + lots_ > LOTS_MASK) return (self, false);
        if (((word >> notionalShift) & NOTIONAL_MASK) + notional > NOTIONAL_MASK) return (self, false);
        return (SumsWord.wrap(word + (lots_ << lotsShift) + (notional << notionalShift)), true);
    }

    /// @dev Takes from the sums of a side what an order added to them before: they can't fall below 0.
    function removed(SumsWord self, bool isBid, uint256 lots_, uint256 tick) internal pure returns (SumsWord) {
        (uint256 lotsShift, uint256 notionalShift) = isBid ? (uint256(0), uint256(88)) : (uint256(44), uint256(144));
        return SumsWord.wrap(SumsWord.unwrap(self) - (lots_ << lotsShift) - ((lots_ * tick) << notionalShift));
    }

    function withSlot(SumsWord self, uint256 slot) internal pure returns (SumsWord) {
        return SumsWord.wrap(SumsWord.unwrap(self) | (1 << (200 + slot)));
    }

    function withoutSlot(SumsWord self, uint256 slot) internal pure returns (SumsWord) {
        return SumsWord.wrap(SumsWord.unwrap(self) & ~(1 << (200 + slot)));
    }

    function withLeverage(SumsWord self, uint8 leverage_) internal pure returns (SumsWord) {
        return SumsWord.wrap((SumsWord.unwrap(self) & ~(uint256(0xff) << 232)) | (uint256(leverage_) << 232));
    }

    function withMode(SumsWord self, bool isIsolated_) internal pure returns (SumsWord) {
        uint256 word = SumsWord.unwrap(self);
        return SumsWord.wrap(isIsolated_ ? word | ISOLATED : word & ~ISOLATED);
    }

    // Each getter cuts to the width that its field was packed with.

    function bidLots(SumsWord self) internal pure returns (uint256) {
        return SumsWord.unwrap(self) & LOTS_MASK;
    }

    function askLots(SumsWord self) internal pure returns (uint256) {
        return (SumsWord.unwrap(self) >> 44) & LOTS_MASK;
    }

    /// @dev Σ ticks × lots of the bids.
    function bidNotional(SumsWord self) internal pure returns (uint256) {
        return (SumsWord.unwrap(self) >> 88) & NOTIONAL_MASK;
    }

    /// @dev Σ ticks × lots of the asks.
    function askNotional(SumsWord self) internal pure returns (uint256) {
        return (SumsWord.unwrap(self) >> 144) & NOTIONAL_MASK;
    }

    function slots(SumsWord self) internal pure returns (uint32) {
        return uint32(SumsWord.unwrap(self) >> 200);
    }

    /// @dev As chosen by the owner; 0: he never chose any, the market's default holds.
    function leverage(SumsWord self) internal pure returns (uint256) {
        return uint8(SumsWord.unwrap(self) >> 232);
    }

    function isIsolated(SumsWord self) internal pure returns (bool) {
        return SumsWord.unwrap(self) & ISOLATED != 0;
    }
}
