// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BreakerStatus} from "../types/BreakerStatus.sol";

/// @title The circuit breaker
/// @notice Four levels. 0: all runs. 1: nothing that opens risk. 2: nor burning ALP, for at most 7 days. 3: only
/// cancellations and claims; falls to 2 by itself after 24 h and can't be set again for another 24 h.
/// @dev Whoever may raise can't lower. Products ask for what they are about to do and nothing else. A deployment is born
/// at level 1.
interface IBreaker {
    /// @notice The level was raised, at a time that names this raise.
    event BreakerRaised(uint8 from, uint8 to, uint40 raisedAt, address indexed by);
    /// @notice The level was lowered.
    event BreakerLowered(uint8 from, uint8 to, address indexed by);

    /// @notice There is no such level.
    error Breaker_LevelOutOfRange(uint8 level, uint8 max);
    /// @notice A raise must go above the level in force.
    error Breaker_NotHigher(uint8 level, uint8 current);
    /// @notice Lowering must go below the level in force.
    error Breaker_NotLower(uint8 level, uint8 current);
    /// @notice Level 3 can't be set again before `allowedFrom`, 24 h after the end of the last one.
    error Breaker_HaltCoolingDown(uint256 allowedFrom);
    /// @notice The call names the raise of `named`; the last one was at `lastRaisedAt`. Schedule it anew with that time.
    error Breaker_RaisedMeanwhile(uint40 named, uint40 lastRaisedAt);

    /// @notice Raises the level. Restricted to the guardian.
    function raise(uint8 level) external;

    /// @notice Lowers the level. Restricted to the risk manager, with its delay.
    /// @dev A call scheduled before a raise fails after it.
    /// @param lastRaisedAt What `raisedAt` says of the raise that is to be undone.
    function lower(uint8 level, uint40 lastRaisedAt) external;

    /// @notice When the level was last raised, in seconds; of two raises in one second the second counts as of the next.
    function raisedAt() external view returns (uint40);

    /// @notice The level in force now, 0 to 3.
    function level() external view returns (uint8);

    /// @notice Level 0: openings, bets and mints may be requested and executed.
    function canOpen() external view returns (bool);

    /// @notice Level 2 or below: positions may be closed, triggered, topped up; bets settled.
    function canClose() external view returns (bool);

    /// @notice Level 2 or below, and the grace period after a level 3 is over.
    function canLiquidate() external view returns (bool);

    /// @notice Level 1 or below, or level 2 (or above, fallen to 2) for longer than 7 days.
    function canBurn() external view returns (bool);

    /// @notice When the last level 3 ends or ended; 0 if there never was one.
    function haltEndsAt() external view returns (uint256);

    /// @notice The time in seconds less all seconds of level 3 so far: it stands still while one is in force. Carry and loss
    /// budgets run on it, so that nobody pays for a halt.
    /// @dev Never falls. Exact whether a level 3 is lowered or ends by itself.
    function clock() external view returns (uint256);

    /// @notice `clock`, `canOpen`, `canClose` and `canLiquidate` in one answer, for whoever needs more than one of them.
    function status() external view returns (BreakerStatus);
}
