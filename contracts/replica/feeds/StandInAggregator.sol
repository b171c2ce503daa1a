// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SimpleReadAccessController} from "@chainlink/contracts/src/v0.8/shared/access/SimpleReadAccessController.sol";
import {AggregatorV2V3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV2V3Interface.sol";

/// @notice A Chainlink off-chain-reporting aggregator: the contract behind a feed's proxy.
/// @dev Same shape as the access-controlled OCR2 aggregator: read access by list, a slot of hot variables, one slot per
///      stored round, bounds and decimals in immutables. Rounds are pushed by anyone instead of by signed reports.
///      Compiled, never deployed to a real chain.
contract StandInAggregator is AggregatorV2V3Interface, SimpleReadAccessController {
    /// @dev One slot. The lag stands in the bits the original keeps other counters in, so forging costs no extra read.
    struct HotVars {
        uint8 f;
        uint40 latestEpochAndRound;
        uint32 latestAggregatorRoundId;
        uint32 latestRequesterRoundId;
        uint32 answeredInRoundLag;
    }

    /// @dev One slot.
    struct Transmission {
        int192 answer;
        uint32 startedAt;
        uint32 updatedAt;
    }

    uint8 public immutable override decimals;
    int192 public immutable minAnswer;
    int192 public immutable maxAnswer;
    uint256 public constant override version = 6;

    HotVars private _hotVars;
    mapping(uint32 roundId => Transmission) private _transmissions;
    string private _description;

    error StandInAggregator_RoundOutOfRange(uint80 roundId, uint80 answeredInRound);

    constructor(uint8 decimals_, string memory description_, int192 minAnswer_, int192 maxAnswer_) {
        decimals = decimals_;
        _description = description_;
        minAnswer = minAnswer_;
        maxAnswer = maxAnswer_;
    }

    /// @notice Reports `answer` in a new round completed in this block.
    function pushAnswer(int192 answer) external {
        // Casting is safe until 2106.
        _push(answer, uint32(block.timestamp));
    }

    /// @notice Reports `answer` in a new round completed at `updatedAt`, which may lie in the past or the future.
    function pushRound(int192 answer, uint32 updatedAt) external {
        _push(answer, updatedAt);
    }

    /// @notice Forges the latest round: any answer, any times (updatedAt 0: not completed), any earlier answering round.
    function setRound(
        uint80 roundId,
        int192 answer,
        uint32 startedAt,
        uint32 updatedAt,
        uint80 answeredInRound
    ) external {
        if (roundId > type(uint32).max || answeredInRound > roundId) {
            revert StandInAggregator_RoundOutOfRange(roundId, answeredInRound);
        }
        // Both casts are bounded by the check above.
        _hotVars.latestAggregatorRoundId = uint32(roundId);
        _hotVars.answeredInRoundLag = uint32(roundId - answeredInRound);
        _transmissions[uint32(roundId)] = Transmission(answer, startedAt, updatedAt);
    }

    function description() external view override checkAccess returns (string memory) {
        return _description;
    }

    function latestAnswer() external view override checkAccess returns (int256) {
        return _transmissions[_hotVars.latestAggregatorRoundId].answer;
    }

    function latestTimestamp() external view override checkAccess returns (uint256) {
        return _transmissions[_hotVars.latestAggregatorRoundId].updatedAt;
    }

    function latestRound() external view override checkAccess returns (uint256) {
        return _hotVars.latestAggregatorRoundId;
    }

    function getAnswer(uint256 roundId) external view override checkAccess returns (int256) {
        // Casting is bounded by the comparison.
        return roundId > type(uint32).max ? int256(0) : _transmissions[uint32(roundId)].answer;
    }

    function getTimestamp(uint256 roundId) external view override checkAccess returns (uint256) {
        // Casting is bounded by the comparison.
        return roundId > type(uint32).max ? 0 : _transmissions[uint32(roundId)].updatedAt;
    }

    function getRoundData(
        uint80 roundId
    ) external view override checkAccess returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId > type(uint32).max) return (0, 0, 0, 0, 0);
        // Casting is bounded by the check above.
        Transmission memory round = _transmissions[uint32(roundId)];
        return (roundId, round.answer, round.startedAt, round.updatedAt, roundId);
    }

    function latestRoundData()
        external
        view
        override
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        HotVars memory hotVars = _hotVars;
        Transmission memory round = _transmissions[hotVars.latestAggregatorRoundId];
        roundId = hotVars.latestAggregatorRoundId;
        return (roundId, round.answer, round.startedAt, round.updatedAt, roundId - hotVars.answeredInRoundLag);
    }

    function _push(int192 answer, uint32 updatedAt) private {
        HotVars memory hotVars = _hotVars;
        ++hotVars.latestAggregatorRoundId;
        ++hotVars.latestEpochAndRound;
        hotVars.answeredInRoundLag = 0;
        _hotVars = hotVars;
        _transmissions[hotVars.latestAggregatorRoundId] = Transmission(answer, updatedAt, updatedAt);
        emit NewRound(hotVars.latestAggregatorRoundId, msg.sender, updatedAt);
        emit AnswerUpdated(answer, hotVars.latestAggregatorRoundId, updatedAt);
    }
}
