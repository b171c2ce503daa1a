// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ActionKind, ActionWord} from "../types/ActionWord.sol";

/// @title What a caller of `IPro.act` may do
/// @notice A right is a bit, what a caller has is a set of them.
library ActRights {
    uint256 internal constant MAY_CANCEL = 1;
    uint256 internal constant MAY_REDUCE = 2;
    uint256 internal constant MAY_TRADE = 4;
    uint256 internal constant MAY_ALL = 8;

    /// @notice The right that an action takes.
    function needed(ActionWord action) internal pure returns (uint256) {
        uint256 kind = action.kind();
        if (kind <= uint256(ActionKind.Lower)) return MAY_CANCEL;
        if (kind == uint256(ActionKind.Place)) return action.isReduceOnly() ? MAY_REDUCE : MAY_TRADE;
        return kind == uint256(ActionKind.Tip) ? MAY_REDUCE : MAY_ALL;
    }
}
