// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProReason} from "../ProOutcome.sol";
import {IProEvents} from "../interfaces/IPro.sol";

/// @notice Why Pro refused a call.
/// @param isScope A scope failed the test at the end of the call, or has a market without a price for it.
/// @param value Of a refused action what broke the bound.
/// @param bound Of a refused action.
struct Refusal {
    bool isScope;
    ProReason reason;
    uint256 value;
    uint256 bound;
}

/// @title Reading what Pro refuses
/// @notice For delegates that tell their callers by a reason.
library ProRefusals {
    /// @notice A refusal by its reason; whatever else reverts, with the same data.
    function read(bytes memory data) internal pure returns (Refusal memory refusal) {
        bytes4 selector = bytes4(data);
        uint256 code;
        if (selector == IProEvents.Pro_ActionRefused.selector) {
            (code, refusal.value, refusal.bound) = (_wordOf(data, 0), _wordOf(data, 1), _wordOf(data, 2));
        } else if (
            selector == IProEvents.Pro_ScopeRefused.selector || selector == IProEvents.Pro_IndexRefused.selector
        ) {
            (refusal.isScope, code) = (true, _wordOf(data, 1));
        } else if (selector == IProEvents.Pro_NotAllowed.selector) {
            code = uint256(ProReason.NotAllowed);
        } else {
            assembly ("memory-safe") {
                revert(add(data, 0x20), mload(data))
            }
        }
        // A number beyond the enum reverts.
        refusal.reason = ProReason(code);
    }

    /// @dev Argument of an error; each has one word.
    function _wordOf(bytes memory data, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x24), shl(5, index)))
        }
    }
}
