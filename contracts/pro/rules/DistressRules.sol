// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {DistressWord, DistressWordFields} from "../types/DistressWord.sol";

/// @title Distress of scopes
/// @notice The record of a scope that the book could not close, and the clocks that begin with it.
library DistressRules {
    /// @dev Unseen for so long, a distress begins anew.
    uint256 private constant FORGOTTEN_AFTER = 30;
    /// @dev How long a distress lasts before positions are passed on.
    uint256 private constant DELEVERAGED_AFTER = 30;

    /// @notice The record as a call finds it: renewed while the scope is liquidatable, its clocks forgotten when it was unseen for
    /// long, nothing left of it once the scope is healthy.
    /// @dev What funds have paid is kept until then: waiting would renew their limit for the scope.
    function renewed(DistressWord self, bool isDue) internal view returns (DistressWord) {
        if (!isDue) return DistressWord.wrap(0);
        if (self.since() == 0 || block.timestamp - self.seen() >= FORGOTTEN_AFTER) {
            return DistressWordFields.pack(0, 0, 0, self.paid());
        }
        return DistressWordFields.pack(self.since(), _now(), self.adlSince(), self.paid());
    }

    /// @notice The record after a step that found fewer lots within its bound than it wanted.
    function noted(DistressWord self) internal view returns (DistressWord) {
        uint40 since = self.since() == 0 ? _now() : self.since();
        return DistressWordFields.pack(since, _now(), self.adlSince(), self.paid());
    }

    /// @notice The record after a call that may pass positions on.
    function deleveraging(DistressWord self) internal view returns (DistressWord) {
        uint40 since = self.since() == 0 ? _now() : self.since();
        uint40 adlSince = self.adlSince() == 0 ? _now() : self.adlSince();
        return DistressWordFields.pack(since, _now(), adlSince, self.paid());
    }

    /// @notice The record after a fund paid for the scope.
    function withPaid(DistressWord self, uint256 amount) internal pure returns (DistressWord) {
        return DistressWordFields.pack(self.since(), self.seen(), self.adlSince(), self.paid() + amount);
    }

    /// @notice For how long the distress has lasted; 0 without one.
    function secondsOf(DistressWord self) internal view returns (uint256) {
        return self.since() == 0 ? 0 : block.timestamp - self.since();
    }

    /// @notice Whether it has lasted long enough for positions to be passed on.
    function isLasting(DistressWord self) internal view returns (bool) {
        return self.since() != 0 && secondsOf(self) >= DELEVERAGED_AFTER;
    }

    /// @notice Stores a record, and tells it where its clocks changed.
    function save(ProState storage state, uint48 scope, DistressWord record) internal {
        DistressWord before = state.distress[scope];
        if (DistressWord.unwrap(before) == DistressWord.unwrap(record)) return;
        state.distress[scope] = record;
        if (before.since() == record.since() && before.adlSince() == record.adlSince()) return;
        emit IProEvents.DistressNoted(scope, record.since(), record.adlSince());
    }

    function _now() private view returns (uint40) {
        // Seconds fit 40 bits until the year 36,812.
        return uint40(block.timestamp);
    }
}
