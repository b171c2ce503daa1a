// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Timestamp} from "./Timestamp.sol";
import {Price, Size} from "./Units.sol";

// The close of a position: one slot, a word beside the struct that the compiler packs likewise. See `Trade.sol`.

/// @notice How a close came about.
/// @dev Refused: it is over; kept because ticks that it had shielded from stay valid for a liquidation a little longer.
enum CloseKind {
    None,
    Requested,
    ArmedStop,
    Refused
}

/// @notice The one close of a position that is pending or was last tried. One slot.
/// @param boundOrArmer Requested: worst acceptable price in the low 64 bits (0: any), and in the 96 above them the size to
/// close (0: all of it). Armed: who armed it.
/// @param target It fills at the first tick at or after this time.
/// @param expiry Last block time at which it can be filled.
/// @param shieldedFor Seconds before `target` from which ticks were shielded by this and the closes before it.
/// @param kind How it came about.
struct Close {
    uint160 boundOrArmer;
    Timestamp target;
    Timestamp expiry;
    uint24 shieldedFor;
    CloseKind kind;
}

/// @dev A `Close`. From the lowest bit: boundOrArmer 160 · target 32 · expiry 32 · shieldedFor 24 · kind 8.
type CloseWord is uint256;

using CloseWordFields for CloseWord global;
using CloseSlot for Close global;

library CloseWordFields {
    function pack(
        uint160 boundOrArmer_,
        Timestamp target_,
        Timestamp expiry_,
        uint24 shieldedFor_,
        CloseKind kind_
    ) internal pure returns (CloseWord) {
        uint256 low = uint256(boundOrArmer_) | (target_.inSeconds() << 160) | (expiry_.inSeconds() << 192);
        return CloseWord.wrap(low | (uint256(shieldedFor_) << 224) | (uint256(kind_) << 248));
    }

    function packed(Close memory close) internal pure returns (CloseWord) {
        return pack(close.boundOrArmer, close.target, close.expiry, close.shieldedFor, close.kind);
    }

    /// @dev The lowest 160 bits of a requested close.
    function packBound(Price bound_, Size partSize_) internal pure returns (uint160) {
        // 64 and 96 bits.
        return uint160(bound_.raw() | (partSize_.raw() << 64));
    }

    /// @dev It is over; what it had shielded stays known.
    function refused(CloseWord self, Timestamp end) internal pure returns (CloseWord) {
        return pack(boundOrArmer(self), target(self), end, shieldedFor(self), CloseKind.Refused);
    }

    function boundOrArmer(CloseWord self) internal pure returns (uint160) {
        return uint160(CloseWord.unwrap(self));
    }

    /// @dev Of a requested close: worst acceptable fill price; 0: any.
    function bound(CloseWord self) internal pure returns (Price) {
        return Price.wrap(uint64(CloseWord.unwrap(self)));
    }

    /// @dev Of a requested close: how much of the position it closes; 0: all of it.
    function partSize(CloseWord self) internal pure returns (Size) {
        return Size.wrap(uint96(CloseWord.unwrap(self) >> 64));
    }

    /// @dev Of an armed stop.
    function armer(CloseWord self) internal pure returns (address) {
        return address(uint160(CloseWord.unwrap(self)));
    }

    function target(CloseWord self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(CloseWord.unwrap(self) >> 160));
    }

    function expiry(CloseWord self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(CloseWord.unwrap(self) >> 192));
    }

    function shieldedFor(CloseWord self) internal pure returns (uint24) {
        return uint24(CloseWord.unwrap(self) >> 224);
    }

    function kind(CloseWord self) internal pure returns (CloseKind) {
        return CloseKind(uint8(CloseWord.unwrap(self) >> 248));
    }

    /// @dev It waits for its tick: only one of a position does at a time.
    function isLive(CloseWord self) internal view returns (bool) {
        CloseKind kind_ = kind(self);
        bool isPlaced = kind_ == CloseKind.Requested || kind_ == CloseKind.ArmedStop;
        return isPlaced && block.timestamp <= expiry(self).inSeconds();
    }
}

/// @dev The one slot of a close.
library CloseSlot {
    function word(Close storage self) internal view returns (CloseWord value) {
        assembly ("memory-safe") {
            value := sload(self.slot)
        }
    }

    function setWord(Close storage self, CloseWord value) internal {
        assembly ("memory-safe") {
            sstore(self.slot, value)
        }
    }
}
