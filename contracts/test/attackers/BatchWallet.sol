// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CallProxy} from "../receivers/CallProxy.sol";

/// @notice A contract wallet that makes several calls, each with its own value, in one transaction.
/// @dev The calls run in order; the first that reverts takes all of them back. Compiled, never deployed to a real chain.
contract BatchWallet is CallProxy {
    struct Call {
        address target;
        uint256 value;
        bytes data;
    }

    /// @notice Makes the calls and returns what each answered.
    function executeAll(Call[] calldata calls) external payable returns (bytes[] memory answers) {
        answers = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            answers[i] = this.execute{value: calls[i].value}(calls[i].target, calls[i].value, calls[i].data);
        }
    }
}
