// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SimpleReadAccessController} from "@chainlink/contracts/src/v0.8/shared/access/SimpleReadAccessController.sol";
import {AggregatorV2V3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV2V3Interface.sol";

/// @notice The L2 sequencer uptime feed behind its proxy: answer 0 means up, 1 means down.
/// @dev As in the original, one timestamp stands for both startedAt and updatedAt and moves only when the status
///      changes: an old updatedAt says nothing, and the grace period counts from startedAt. Until the first status the
///      original reverts; deployed feeds are documented to show startedAt 0 then, which can be forged here.
///      Compiled, never deployed to a real chain.
contract StandInSequencerFeed is AggregatorV2V3Interface, SimpleReadAccessController {
    /// @dev One slot.
    struct Round {
        bool isDown;
        uint64 timestamp;
    }

    /// @dev One slot.
    struct FeedState {
        uint80 latestRoundId;
        bool isDown;
        uint64 timestamp;
        bool isForged;
    }

    uint8 public constant override decimals = 0;
    string public constant override description = "L2 Sequencer Uptime Status Feed";
    uint256 public constant override version = 1;

    FeedState private _state;
    mapping(uint80 roundId => Round) private _rounds;
    int256 private _forgedAnswer;

    error Uninitialized();
    error NoDataPresent();

    /// @notice Records a status since `startedAt`, in a new round if it changed.
    function setStatus(bool isUp, uint64 startedAt) external {
        FeedState memory state = _state;
        if (state.latestRoundId == 0 || state.isDown == isUp) ++state.latestRoundId;
        _state = FeedState(state.latestRoundId, !isUp, startedAt, false);
        _rounds[state.latestRoundId] = Round(!isUp, startedAt);
        emit NewRound(state.latestRoundId, msg.sender, startedAt);
        emit AnswerUpdated(isUp ? int256(0) : int256(1), state.latestRoundId, startedAt);
    }

    /// @notice Forges an answer that is neither 0 nor 1, or a startedAt of 0.
    function forge(int256 answer, uint64 startedAt) external {
        uint80 roundId = _state.latestRoundId == 0 ? 1 : _state.latestRoundId;
        _state = FeedState(roundId, answer == 1, startedAt, true);
        _forgedAnswer = answer;
    }

    function latestAnswer() external view override checkAccess returns (int256) {
        return _answer(_initializedState());
    }

    function latestTimestamp() external view override checkAccess returns (uint256) {
        return _initializedState().timestamp;
    }

    function latestRound() external view override checkAccess returns (uint256) {
        return _state.latestRoundId;
    }

    function getAnswer(uint256 roundId) external view override checkAccess returns (int256) {
        return _round(roundId).isDown ? int256(1) : int256(0);
    }

    function getTimestamp(uint256 roundId) external view override checkAccess returns (uint256) {
        return _round(roundId).timestamp;
    }

    function getRoundData(
        uint80 roundId
    ) external view override checkAccess returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _round(roundId);
        return (roundId, round.isDown ? int256(1) : int256(0), round.timestamp, round.timestamp, roundId);
    }

    function latestRoundData() external view override checkAccess returns (uint80, int256, uint256, uint256, uint80) {
        FeedState memory state = _initializedState();
        return (state.latestRoundId, _answer(state), state.timestamp, state.timestamp, state.latestRoundId);
    }

    function _answer(FeedState memory state) private view returns (int256) {
        if (state.isForged) return _forgedAnswer;
        return state.isDown ? int256(1) : int256(0);
    }

    function _initializedState() private view returns (FeedState memory state) {
        state = _state;
        if (state.latestRoundId == 0) revert Uninitialized();
    }

    function _round(uint256 roundId) private view returns (Round memory) {
        if (roundId == 0 || roundId > _state.latestRoundId) revert NoDataPresent();
        // Casting is bounded by the latest round's uint80.
        return _rounds[uint80(roundId)];
    }
}
