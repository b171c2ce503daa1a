// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A position. From the lowest bit: lots int64 · cost int112 · snapshot int80. Cost: Σ fill price × lots of what is
/// open, quote, with the sign of the lots. Snapshot: the funding index of its side, quote per lot, up to which funding is
/// settled.
type PositionWord is uint256;

using PositionWordFields for PositionWord global;

library PositionWordFields {
    /// @dev A field of a position would pass its width.
    error PositionWord_Overflow(int256 lots, int256 cost, int256 snapshot);

    /// @dev A position without lots is 0 altogether.
    function pack(int256 lots_, int256 cost_, int256 snapshot_) internal pure returns (PositionWord) {
        if (lots_ == 0) return PositionWord.wrap(0);
        if (int64(lots_) != lots_ || int112(cost_) != cost_ || int80(snapshot_) != snapshot_) {
            revert PositionWord_Overflow(lots_, cost_, snapshot_);
        }
        // The widths are checked above; the lower bits of a negative number are its own.
        return
            PositionWord.wrap(
                uint256(uint64(int64(lots_))) |
                    (uint256(uint112(int112(cost_))) << 64) |
                    (uint256(uint80(int80(snapshot_))) << 176)
            );
    }

    // Each getter cuts to the width that its field was packed with.

    function lots(PositionWord self) internal pure returns (int256) {
        return int64(uint64(PositionWord.unwrap(self)));
    }

    function cost(PositionWord self) internal pure returns (int256) {
        return int112(uint112(PositionWord.unwrap(self) >> 64));
    }

    function snapshot(PositionWord self) internal pure returns (int256) {
        return int80(uint80(PositionWord.unwrap(self) >> 176));
    }

    function isOpen(PositionWord self) internal pure returns (bool) {
        return PositionWord.unwrap(self) != 0;
    }
}
