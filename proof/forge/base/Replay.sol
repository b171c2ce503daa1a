// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Record, Step} from "./Record.sol";
import {VM} from "./Vm.sol";

/// @notice Plays the transactions of a recorded deployment again, each by who sent it and in its second.
library Replay {
    uint8 private constant CREATE = 1;
    uint8 private constant CODE = 2;
    uint256 private constant PLENTY = 1e24;

    error Replay_Failed(uint256 step, bytes reason);
    error Replay_Elsewhere(uint256 step, address expected, address found);

    function play(Record memory record) internal {
        VM.chainId(record.chainId);
        for (uint256 i = 0; i < record.steps.length; ++i) {
            Step memory step = record.steps[i];
            VM.warp(step.time);
            VM.roll(i + 1);
            if (step.kind == CODE) VM.etch(step.to, step.data);
            else if (step.kind == CREATE) _create(i, step);
            else _call(i, step);
        }
    }

    function _create(uint256 index, Step memory step) private {
        VM.deal(step.from, PLENTY);
        bytes memory code = step.data;
        address created;
        VM.prank(step.from, step.from);
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
        }
        if (created != step.to) revert Replay_Elsewhere(index, step.to, created);
    }

    function _call(uint256 index, Step memory step) private {
        VM.deal(step.from, PLENTY + step.value);
        VM.prank(step.from, step.from);
        (bool isDone, bytes memory reason) = step.to.call{value: step.value}(step.data);
        if (!isDone) revert Replay_Failed(index, reason);
        VM.setNonceUnsafe(step.from, VM.getNonce(step.from) + 1);
    }
}
