// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IBreaker} from "../interfaces/IBreaker.sol";
import {BreakerStatus, BreakerStatusFields} from "../types/BreakerStatus.sol";
import {BreakerWord} from "../types/BreakerWord.sol";
import {Code} from "../utils/Code.sol";

/// @title The circuit breaker
/// @dev Nothing ever has to be called for a level 3 to end: the level in force is computed from the stored one and the
/// time. All that the views need lies in one slot, since every hot path asks.
contract Breaker is IBreaker, AccessManaged {
    /// @dev What was last set.
    /// @param level As it was set: a 3 stands here until the next change, whether or not it is still in force.
    /// @param haltEndsAt When the last level 3 ends or ended, by itself or lowered; 0 if there never was one.
    /// @param burnBlockedAt When the level last rose to 2 or above from below 2; meaningless while it is below 2.
    /// @param haltStartedAt When the last level 3 began; 0 if there never was one.
    /// @param haltedBefore Seconds of level 3 before the last one.
    /// @param raisedAt When the level was last raised; each raise is later than the one before.
    struct State {
        // slot 0
        uint8 level;
        uint40 haltEndsAt;
        uint40 burnBlockedAt;
        uint40 haltStartedAt;
        uint40 haltedBefore;
        uint40 raisedAt;
    }

    uint8 private constant OPENINGS_STOPPED = 1;
    uint8 private constant BURNING_STOPPED = 2;
    uint8 private constant HALTED = 3;

    /// @notice How long a level 3 lasts unless lowered, in seconds.
    uint40 public constant HALT_DURATION = 24 hours;

    /// @notice How long after the end of a level 3 there can be no other, in seconds.
    uint40 public constant HALT_COOLDOWN = 24 hours;

    /// @notice How long after the end of a level 3 nothing is liquidated, in seconds.
    uint40 public constant LIQUIDATION_GRACE = 5 minutes;

    /// @notice How long burning can be blocked by level 2, in seconds.
    uint40 public constant BURN_BLOCK_DURATION = 7 days;

    State private _state;

    /// @dev Born at level 1: nothing opens before governance has lowered it.
    /// @param accessManager Whose roles the restricted functions ask for.
    constructor(address accessManager) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
        uint40 time = _now();
        (_state.level, _state.raisedAt) = (OPENINGS_STOPPED, time);
        emit BreakerRaised(0, OPENINGS_STOPPED, time, msg.sender);
    }

    /// @inheritdoc IBreaker
    function raise(uint8 newLevel) external restricted {
        State memory state = _state;
        uint40 time = _now();
        uint8 current = _levelInForce(_word(), time);

        // Check: in range, higher than what is in force, and a level 3 not too soon after the last one.
        if (newLevel > HALTED) revert Breaker_LevelOutOfRange(newLevel, HALTED);
        if (newLevel <= current) revert Breaker_NotHigher(newLevel, current);
        if (newLevel == HALTED) {
            uint40 allowedFrom = state.haltEndsAt == 0 ? 0 : state.haltEndsAt + HALT_COOLDOWN;
            if (time < allowedFrom) revert Breaker_HaltCoolingDown(allowedFrom);
            // The level 3 before is over: its seconds are known.
            state.haltedBefore += state.haltEndsAt - state.haltStartedAt;
            state.haltStartedAt = time;
            state.haltEndsAt = time + HALT_DURATION;
        }

        // Effect: the block on burning counts from its start, whatever the level above it does.
        if (current < BURNING_STOPPED && newLevel >= BURNING_STOPPED) state.burnBlockedAt = time;
        state.level = newLevel;
        // Two raises of one second are told apart: the later one counts as of the next.
        state.raisedAt = time > state.raisedAt ? time : state.raisedAt + 1;
        _state = state;
        emit BreakerRaised(current, newLevel, state.raisedAt, _msgSender());
    }

    /// @inheritdoc IBreaker
    function lower(uint8 newLevel, uint40 lastRaisedAt) external restricted {
        State memory state = _state;
        uint40 time = _now();
        uint8 current = _levelInForce(_word(), time);

        // Check: not scheduled before a raise; lower than what is in force.
        if (lastRaisedAt != state.raisedAt) revert Breaker_RaisedMeanwhile(lastRaisedAt, state.raisedAt);
        if (newLevel >= current) revert Breaker_NotLower(newLevel, current);

        // Effect: a level 3 that is lowered ends now; one that fell by itself ended when it did.
        if (current == HALTED) state.haltEndsAt = time;
        state.level = newLevel;
        _state = state;
        emit BreakerLowered(current, newLevel, _msgSender());
    }

    /// @inheritdoc IBreaker
    function level() external view returns (uint8) {
        return _levelInForce(_word(), block.timestamp);
    }

    /// @inheritdoc IBreaker
    function canOpen() external view returns (bool) {
        return _canOpen(_word());
    }

    /// @inheritdoc IBreaker
    function canClose() external view returns (bool) {
        return _canClose(_word());
    }

    /// @inheritdoc IBreaker
    function canLiquidate() external view returns (bool) {
        return _canLiquidate(_word());
    }

    /// @inheritdoc IBreaker
    function canBurn() external view returns (bool) {
        BreakerWord state = _word();
        uint8 current = _levelInForce(state, block.timestamp);
        if (current < BURNING_STOPPED) return true;
        return current == BURNING_STOPPED && block.timestamp >= state.burnBlockedAt() + BURN_BLOCK_DURATION;
    }

    /// @inheritdoc IBreaker
    function haltEndsAt() external view returns (uint256) {
        return _word().haltEndsAt();
    }

    /// @inheritdoc IBreaker
    function raisedAt() external view returns (uint40) {
        return _word().raisedAt();
    }

    /// @inheritdoc IBreaker
    function clock() external view returns (uint256) {
        return _clock(_word());
    }

    /// @inheritdoc IBreaker
    function status() external view returns (BreakerStatus) {
        BreakerWord state = _word();
        return BreakerStatusFields.encode(_clock(state), _canOpen(state), _canClose(state), _canLiquidate(state));
    }

    /// @notice When level 2 stops blocking burning; 0 while the level is below 2.
    /// @dev Holds only as long as no level 3 is in force then.
    function burnAllowedFrom() external view returns (uint256) {
        BreakerWord state = _word();
        return state.level() < BURNING_STOPPED ? 0 : state.burnBlockedAt() + BURN_BLOCK_DURATION;
    }

    /// @notice When liquidations are allowed again after the last level 3; 0 if there never was one.
    function liquidationsAllowedFrom() external view returns (uint256) {
        uint256 end = _word().haltEndsAt();
        return end == 0 ? 0 : end + LIQUIDATION_GRACE;
    }

    function _word() private view returns (BreakerWord word) {
        assembly ("memory-safe") {
            word := sload(_state.slot)
        }
    }

    /// @dev What is over of the last level 3 counts up to now, or to its end where that is past.
    function _clock(BreakerWord state) private view returns (uint40) {
        (uint256 time, uint256 end) = (block.timestamp, state.haltEndsAt());
        uint256 haltedUntil = time < end ? time : end;
        unchecked {
            // No halt starts after its end or after now, and all of them lie between 1970 and now: at most the time, of 40 bits.
            return uint40(time - state.haltedBefore() - (haltedUntil - state.haltStartedAt()));
        }
    }

    /// @dev A level falls by itself only from 3 to 2, so the stored one decides.
    function _canOpen(BreakerWord state) private pure returns (bool) {
        return state.level() < OPENINGS_STOPPED;
    }

    /// @dev The end of a level 3 lies ahead exactly while it is in force.
    function _canClose(BreakerWord state) private view returns (bool) {
        return block.timestamp >= state.haltEndsAt();
    }

    /// @dev False during a level 3 too: its end, and so the grace period, lies ahead. Without any the time is later.
    function _canLiquidate(BreakerWord state) private view returns (bool) {
        unchecked {
            // 40 bits and 9.
            return block.timestamp >= state.haltEndsAt() + LIQUIDATION_GRACE;
        }
    }

    /// @dev A level 3 falls to 2 when its time is over.
    function _levelInForce(BreakerWord state, uint256 time) private pure returns (uint8 set) {
        set = state.level();
        if (set == HALTED && time >= state.haltEndsAt()) return BURNING_STOPPED;
    }

    /// @dev Seconds fit 40 bits for another 34,000 years.
    function _now() private view returns (uint40) {
        return uint40(block.timestamp);
    }
}
