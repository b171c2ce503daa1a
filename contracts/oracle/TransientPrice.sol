// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

/// @title Prices of one transaction
/// @notice All transient storage of the price aggregator. What is kept here is gone with the transaction: no price is ever
/// carried from one transaction to another.
/// @dev A slot is `kind 8 bits · 24 bits zero · index 64 bits · prover 160 bits`, composed and not hashed: its fields
/// can't overlap, so that no two provers, indices or kinds share a slot.
///
/// | kind | index | prover | word, from the lowest bit |
/// |---|---|---|---|
/// | 1 tick | tick index | prover | see `PackedPrice` |
/// | 2 tick count | 0 | prover | count |
/// | 3 reference range | asset id · round above 16 bits | prover | low 64 · high 64 |
/// | 4 push price | asset id | 0 | see `PackedPrice` |
/// | 5 sequencer | 0 | 0 | 0 unknown · 1 not ready · 2 ready |
/// | 6 reference round | 0 | prover | how often the prover's ranges were forgotten |
/// | 7 anchors of exits | asset id | 0 | as a push price, of the first sources only: no opening reads it |
library TransientPrice {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.Uint256Slot;

    uint256 private constant TICK = 1 << 248;
    uint256 private constant TICK_COUNT = 2 << 248;
    uint256 private constant REFERENCE = 3 << 248;
    uint256 private constant PUSH_PRICE = 4 << 248;
    uint256 private constant SEQUENCER = 5 << 248;
    uint256 private constant REFERENCE_ROUND = 6 << 248;
    uint256 private constant EXIT_ANCHORS = 7 << 248;

    uint256 private constant SEQUENCER_NOT_READY = 1;
    uint256 private constant SEQUENCER_READY = 2;

    function setTick(address prover, uint256 index, uint256 word) internal {
        // The index counts ticks proven within one transaction's gas: far below 64 bits.
        _slot(TICK, index, prover).tstore(word);
    }

    function setTickCount(address prover, uint256 count) internal {
        _slot(TICK_COUNT, 0, prover).tstore(count);
    }

    /// @dev Widens what is there already; it never narrows or replaces it.
    /// @param round See `referenceRound`.
    function joinReference(address prover, uint256 round, uint16 assetId, uint64 low, uint64 high) internal {
        (uint64 knownLow, uint64 knownHigh) = referenceRange(prover, round, assetId);
        if (knownHigh != 0) {
            if (knownLow < low) low = knownLow;
            if (knownHigh > high) high = knownHigh;
        }
        _slot(REFERENCE, _referenceIndex(round, assetId), prover).tstore(low | (uint256(high) << 64));
    }

    /// @dev All reference ranges of the prover at once: those to come lie in other slots.
    function forgetReferences(address prover) internal {
        _slot(REFERENCE_ROUND, 0, prover).tstore(referenceRound(prover) + 1);
    }

    /// @param word Not 0: that would be none.
    function keepPushPrice(uint16 assetId, uint256 word) internal {
        _slot(PUSH_PRICE, assetId, address(0)).tstore(word);
    }

    /// @param word Not 0: that would be none.
    function keepExitAnchors(uint16 assetId, uint256 word) internal {
        _slot(EXIT_ANCHORS, assetId, address(0)).tstore(word);
    }

    /// @dev For a change of sources within the transaction.
    function forgetPushPrice(uint16 assetId) internal {
        _slot(PUSH_PRICE, assetId, address(0)).tstore(0);
        _slot(EXIT_ANCHORS, assetId, address(0)).tstore(0);
    }

    /// @dev For a change of the sequencer feed within the transaction.
    function forgetSequencer() internal {
        _slot(SEQUENCER, 0, address(0)).tstore(0);
    }

    function keepSequencerReady(bool isReady) internal {
        _slot(SEQUENCER, 0, address(0)).tstore(isReady ? SEQUENCER_READY : SEQUENCER_NOT_READY);
    }

    /// @return word 0 when the prover has no tick of this index.
    function getTick(address prover, uint256 index) internal view returns (uint256 word) {
        // An index of a caller's choice must not reach into the bits of the kind.
        if (index > type(uint64).max) return 0;
        return _slot(TICK, index, prover).tload();
    }

    function tickCount(address prover) internal view returns (uint256) {
        return _slot(TICK_COUNT, 0, prover).tload();
    }

    /// @dev Counts calls within one transaction's gas: far below the 48 bits that an index leaves it.
    function referenceRound(address prover) internal view returns (uint256) {
        return _slot(REFERENCE_ROUND, 0, prover).tload();
    }

    /// @return low Lowest price joined, 10 decimals.
    /// @return high Highest price joined, 10 decimals; 0 when no tick was joined.
    function referenceRange(
        address prover,
        uint256 round,
        uint16 assetId
    ) internal view returns (uint64 low, uint64 high) {
        uint256 word = _slot(REFERENCE, _referenceIndex(round, assetId), prover).tload();
        // Each field is cut to the width it was stored with.
        return (uint64(word), uint64(word >> 64));
    }

    /// @return word 0 when none is kept.
    function getPushPrice(uint16 assetId) internal view returns (uint256 word) {
        return _slot(PUSH_PRICE, assetId, address(0)).tload();
    }

    /// @return word 0 when none are kept.
    function getExitAnchors(uint16 assetId) internal view returns (uint256 word) {
        return _slot(EXIT_ANCHORS, assetId, address(0)).tload();
    }

    function getSequencerReady() internal view returns (bool isKept, bool isReady) {
        uint256 word = _slot(SEQUENCER, 0, address(0)).tload();
        return (word != 0, word == SEQUENCER_READY);
    }

    function _referenceIndex(uint256 round, uint16 assetId) private pure returns (uint256) {
        return (round << 16) | assetId;
    }

    function _slot(uint256 kind, uint256 index, address prover) private pure returns (TransientSlot.Uint256Slot) {
        return bytes32(kind | (index << 160) | uint160(prover)).asUint256();
    }
}
