// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceRange, PushPrice, Tick} from "../interfaces/IPriceAggregator.sol";
import {Price} from "../types/Units.sol";

/// @title Prices in one word each
/// @notice How the price aggregator keeps ticks and push prices within a transaction, and hands them out.
/// @dev A word of 0 stands for none: a tick has a price, a push price that is known has the bit of `KNOWN`.
///
/// | word | from the lowest bit |
/// |---|---|
/// | tick | price 64 · confidence 64 · publishTime 40 · minPublishTime 40 · assetId 16 · isUnique 8 |
/// | push price | low 64 · mid 64 · high 64 · fresh 8 · 1 when known 8 · 1 when disputed 8 |
/// | token | price 64 · 1 when the sequencer is ready 8 · while it is disputed: low 64 · high 64 |
/// | range | low 64 · mid 64 · high 64 · 1 when valid 8 |
library PackedPrice {
    uint256 private constant KNOWN = 1 << 200;
    uint256 private constant DISPUTED = 1 << 208;
    uint256 private constant SEQUENCER_READY = 1 << 64;
    uint256 private constant ENDS_SHIFT = 72;
    uint256 private constant VALID = 1 << 192;

    /// @dev The part of a tick's word that says what it was proven to be.
    function packClaim(uint40 minPublishTime, bool isUnique_) internal pure returns (uint256 claim) {
        claim = uint256(minPublishTime) << 168;
        if (isUnique_) claim |= 1 << 224;
    }

    /// @dev The claim has no bits but its own.
    function packTick(
        uint256 claim,
        uint64 price,
        uint64 confidence,
        uint40 publishTime,
        uint16 assetId
    ) internal pure returns (uint256) {
        return
            claim |
            uint256(price) |
            (uint256(confidence) << 64) |
            (uint256(publishTime) << 128) |
            (uint256(assetId) << 208);
    }

    /// @param tick To be filled, all zero before.
    function unpackTick(uint256 word, Tick memory tick) internal pure {
        if (word == 0) return;
        // Each field is cut to the width it was packed with.
        tick.price = Price.wrap(priceOf(word));
        tick.confidence = confidenceOf(word);
        tick.publishTime = uint40(word >> 128);
        tick.minPublishTime = minPublishTimeOf(word);
        tick.assetId = assetIdOf(word);
        tick.isUnique = isUnique(word);
    }

    function priceOf(uint256 tickWord) internal pure returns (uint64) {
        // Cut to the width it was packed with.
        return uint64(tickWord);
    }

    function confidenceOf(uint256 tickWord) internal pure returns (uint64) {
        // Cut to the width it was packed with.
        return uint64(tickWord >> 64);
    }

    function minPublishTimeOf(uint256 tickWord) internal pure returns (uint40) {
        // Cut to the width it was packed with.
        return uint40(tickWord >> 168);
    }

    function isUnique(uint256 tickWord) internal pure returns (bool) {
        return tickWord >> 224 != 0;
    }

    function assetIdOf(uint256 tickWord) internal pure returns (uint16) {
        // Cut to the width it was packed with.
        return uint16(tickWord >> 208);
    }

    function packPushPrice(PushPrice memory push, bool isDisputed_) internal pure returns (uint256 word) {
        word =
            KNOWN |
            uint256(Price.unwrap(push.low)) |
            (uint256(Price.unwrap(push.mid)) << 64) |
            (uint256(Price.unwrap(push.high)) << 128) |
            (uint256(push.fresh) << 192);
        if (isDisputed_) word |= DISPUTED;
    }

    /// @param push To be filled, all zero before.
    function unpackPushPrice(uint256 word, PushPrice memory push) internal pure {
        if (word == 0) return;
        // Each field is cut to the width it was packed with.
        push.low = Price.wrap(uint64(word));
        push.mid = Price.wrap(uint64(word >> 64));
        push.high = Price.wrap(uint64(word >> 128));
        push.fresh = uint8(word >> 192);
    }

    /// @param pushWord Push price of the token's asset.
    function packToken(uint256 pushWord, bool isSequencerReady) internal pure returns (uint256 word) {
        // Cut to the width of each price.
        word = uint64(pushWord >> 64);
        if (isSequencerReady) word |= SEQUENCER_READY;
        if (pushWord & DISPUTED != 0) {
            word |= (uint256(uint64(pushWord)) | (uint256(uint64(pushWord >> 128)) << 64)) << ENDS_SHIFT;
        }
    }

    /// @return Lowest fresh source, 10 decimals; 0 where none is.
    function lowestOf(uint256 pushWord) internal pure returns (Price) {
        // Cut to the width it was packed with.
        return Price.wrap(uint64(pushWord));
    }

    /// @return Highest fresh source, 10 decimals; 0 where none is.
    function highestOf(uint256 pushWord) internal pure returns (Price) {
        // Cut to the width it was packed with.
        return Price.wrap(uint64(pushWord >> 128));
    }

    function unpackToken(uint256 word) internal pure returns (Price tokenPrice, bool isSequencerReady) {
        // Each field is cut to the width it was packed with.
        return (Price.wrap(uint64(word)), uint8(word >> 64) != 0);
    }

    /// @notice Whether the sources of the token dispute its price: only then it has two ends.
    function isTokenDisputed(uint256 word) internal pure returns (bool) {
        return word >> ENDS_SHIFT != 0;
    }

    function tokenEnds(uint256 word) internal pure returns (Price low, Price high) {
        // Each field is cut to the width it was packed with.
        return (Price.wrap(uint64(word >> ENDS_SHIFT)), Price.wrap(uint64(word >> (ENDS_SHIFT + 64))));
    }

    function packRange(uint64 low, uint64 mid, uint64 high, bool isValid) internal pure returns (uint256 word) {
        word = uint256(low) | (uint256(mid) << 64) | (uint256(high) << 128);
        if (isValid) word |= VALID;
    }

    /// @dev The same range, marked valid.
    function asValid(uint256 rangeWord) internal pure returns (uint256) {
        return rangeWord | VALID;
    }

    function unpackRange(uint256 word) internal pure returns (PriceRange memory) {
        // Each field is cut to the width it was packed with.
        return
            PriceRange({
                low: Price.wrap(lowOf(word)),
                mid: Price.wrap(midOf(word)),
                high: Price.wrap(highOf(word)),
                isValid: isRangeValid(word)
            });
    }

    function lowOf(uint256 rangeWord) internal pure returns (uint64) {
        // Cut to the width it was packed with.
        return uint64(rangeWord);
    }

    function midOf(uint256 rangeWord) internal pure returns (uint64) {
        // Cut to the width it was packed with.
        return uint64(rangeWord >> 64);
    }

    function highOf(uint256 rangeWord) internal pure returns (uint64) {
        // Cut to the width it was packed with.
        return uint64(rangeWord >> 128);
    }

    function isRangeValid(uint256 rangeWord) internal pure returns (bool) {
        return rangeWord >> 192 != 0;
    }
}
