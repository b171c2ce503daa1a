// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {BreakerStatus, BreakerStatusFields} from "../../types/BreakerStatus.sol";

/// @notice A breaker at the level a test sets, whose clock runs but for the seconds that a test takes from it.
contract ScriptedBreaker is IBreaker {
    uint8 public override level;
    uint256 public override haltEndsAt;
    bool public isGraceRunning;
    uint256 private _haltedSeconds;

    function raise(uint8 level_) external override {
        level = level_;
    }

    function lower(uint8 level_, uint40) external override {
        level = level_;
    }

    /// @notice Has liquidations wait for the grace after a halt, or no longer.
    function setGrace(bool isRunning, uint256 haltEndsAt_) external {
        (isGraceRunning, haltEndsAt) = (isRunning, haltEndsAt_);
    }

    /// @notice Has its clock have stood for so many seconds, up to a moment.
    function setHalted(uint256 haltedSeconds, uint256 haltEndsAt_) external {
        (_haltedSeconds, haltEndsAt) = (haltedSeconds, haltEndsAt_);
    }

    function canOpen() external view override returns (bool) {
        return level == 0;
    }

    function canClose() external view override returns (bool) {
        return level <= 2;
    }

    function canLiquidate() public view override returns (bool) {
        return level <= 2 && !isGraceRunning;
    }

    function clock() public view override returns (uint256) {
        return block.timestamp - _haltedSeconds;
    }

    function status() external view override returns (BreakerStatus) {
        return BreakerStatusFields.encode(uint40(clock()), level == 0, level <= 2, canLiquidate());
    }

    function canBurn() external view override returns (bool) {
        return level <= 1;
    }

    function raisedAt() external pure override returns (uint40) {
        return 0;
    }
}
