// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Timestamp, toTimestamp} from "./Timestamp.sol";
import {Price, Size} from "./Units.sol";

// The close of a position: one slot, a word beside the struct that the compiler packs likewise. See `Trade.sol`.

/// @notice How a close came about.
/// @dev Refused: it is over, refused or filled in part; kept because the ticks that it had shielded stay valid for a
/// liquidation a little longer.
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
/// @param expiry Last block time at which it can be filled; once it is over, when it ended: of one that was refused or filled
/// in part the block time of that, of one that lapsed still the expiry.
/// @param former The close that ended before it: in the low 12 bits the seconds from its target to `target`, in the high 12
/// those from its end; 0: there was none, or it ended more than 4,095 s before `target`.
/// @param kind How it came about.
struct Close {
    uint160 boundOrArmer;
    Timestamp target;
    Timestamp expiry;
    uint24 former;
    CloseKind kind;
}

/// @dev A `Close`. From the lowest bit: boundOrArmer 160 · target 32 · expiry 32 · former 24 · kind 8.
type CloseWord is uint256;

using CloseWordFields for CloseWord global;
using CloseSlot for Close global;

library CloseWordFields {
    uint256 private constant MAX_OFFSET = 0xfff;

    function pack(
        uint160 boundOrArmer_,
        Timestamp target_,
        Timestamp expiry_,
        uint24 former_,
        CloseKind kind_
    ) internal pure returns (CloseWord) {
        uint256 low = uint256(boundOrArmer_) | (target_.inSeconds() << 160) | (expiry_.inSeconds() << 192);
        return CloseWord.wrap(low | (uint256(former_) << 224) | (uint256(kind_) << 248));
    }

    function packed(Close memory close) internal pure returns (CloseWord) {
        return pack(close.boundOrArmer, close.target, close.expiry, close.former, close.kind);
    }

    function unpack(CloseWord self) internal pure returns (Close memory) {
        return Close(boundOrArmer(self), target(self), expiry(self), former(self), kind(self));
    }

    /// @dev The lowest 160 bits of a requested close.
    function packBound(Price bound_, Size partSize_) internal pure returns (uint160) {
        // 64 and 96 bits.
        return uint160(bound_.raw() | (partSize_.raw() << 64));
    }

    /// @dev What a close remembers of the one before it: when that had its target and when it ended, both before `target_`.
    /// Twelve bits of seconds say how long ago; of one that began earlier only the rest counts, one that ended earlier is
    /// forgotten. So no tick ever counts as shielded that was not.
    function packFormer(uint256 target_, uint256 formerTarget, uint256 formerEnd) internal pure returns (uint24) {
        uint256 ended = target_ - formerEnd;
        if (ended > MAX_OFFSET) return 0;
        uint256 began = target_ - formerTarget;
        // Both have 12 bits.
        return uint24((began > MAX_OFFSET ? MAX_OFFSET : began) | (ended << 12));
    }

    /// @dev The close that comes after `self`, which is not live; it remembers which ticks that one had shielded.
    function followedBy(
        CloseWord self,
        CloseKind kind_,
        uint160 boundOrArmer_,
        uint256 target_,
        Timestamp expiry_
    ) internal pure returns (CloseWord) {
        uint24 former_;
        if (kind(self) != CloseKind.None) {
            former_ = packFormer(target_, target(self).inSeconds(), expiry(self).inSeconds());
        }
        return pack(boundOrArmer_, toTimestamp(target_), expiry_, former_, kind_);
    }

    /// @dev It is over; what it had shielded stays known.
    function refused(CloseWord self, Timestamp end) internal pure returns (CloseWord) {
        return pack(boundOrArmer(self), target(self), end, former(self), CloseKind.Refused);
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

    function former(CloseWord self) internal pure returns (uint24) {
        return uint24(CloseWord.unwrap(self) >> 224);
    }

    /// @dev Target and end of the close before it; both 0 where none is remembered.
    function formerSpan(CloseWord self) internal pure returns (uint256 from, uint256 until) {
        uint256 offsets = former(self);
        if (offsets == 0) return (0, 0);
        uint256 own = target(self).inSeconds();
        return (own - (offsets & MAX_OFFSET), own - (offsets >> 12));
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

    /// @dev Whether the tick is one of the pending close's: nothing else may use those from its target on.
    function shields(CloseWord self, uint256 publishTime) internal view returns (bool) {
        return publishTime >= target(self).inSeconds() && isLive(self);
    }

    /// @dev Whether a close had shielded the tick that shields it no more: it lies within [target, end] of the last close
    /// that ended or, if that is remembered, of the one before it. While a close is pending, only the one before it is.
    function hadShielded(CloseWord self, uint256 publishTime) internal view returns (bool) {
        (uint256 from, uint256 until) = formerSpan(self);
        if (publishTime >= from && publishTime <= until) return true;
        return publishTime >= target(self).inSeconds() && publishTime <= expiry(self).inSeconds() && !isLive(self);
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
