// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV2V3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV2V3Interface.sol";

import {StandInBinanceAccessController} from "./StandInBinanceAccessController.sol";

/// @notice The aggregator of one pair of Binance's oracle, behind the registry.
/// @dev A read loads the counter's slot, then the stored round's. Simplified against the original, whose 64-bit times
///      make a stored round two slots, and which always has an access controller to ask: here it is optional and shares
///      the counter's slot. Anyone may push. Compiled, never deployed to a real chain.
contract StandInBinanceAggregator is AggregatorV2V3Interface {
    /// @dev One slot, as the aggregators of off-chain reports have it.
    struct Transmission {
        int192 answer;
        uint32 startedAt;
        uint32 updatedAt;
    }

    uint8 public immutable override decimals;
    uint256 public constant override version = 6;

    string private _description;
    mapping(uint32 roundId => Transmission) private _transmissions;
    // One slot, with what forging and access add to the counter.
    uint32 private _latestRoundId;
    uint32 private _answeredInRoundLag;
    StandInBinanceAccessController private _accessController;

    error StandInBinanceAggregator_RoundOutOfRange(uint80 roundId, uint80 answeredInRound);

    modifier checkReadAccess() {
        StandInBinanceAccessController controller = _accessController;
        require(address(controller) == address(0) || controller.hasReadAccess(msg.sender), "No read access");
        _;
    }

    /// @param accessController_ Who may read; the zero address lets everyone.
    constructor(uint8 decimals_, string memory description_, StandInBinanceAccessController accessController_) {
        decimals = decimals_;
        _description = description_;
        _accessController = accessController_;
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
            revert StandInBinanceAggregator_RoundOutOfRange(roundId, answeredInRound);
        }
        // Both casts are bounded by the check above.
        _latestRoundId = uint32(roundId);
        _answeredInRoundLag = uint32(roundId - answeredInRound);
        _transmissions[uint32(roundId)] = Transmission(answer, startedAt, updatedAt);
    }

    function description() external view override returns (string memory) {
        return _description;
    }

    function latestAnswer() external view override checkReadAccess returns (int256) {
        return _transmissions[_latestRoundId].answer;
    }

    function latestTimestamp() external view override checkReadAccess returns (uint256) {
        return _transmissions[_latestRoundId].updatedAt;
    }

    function latestRound() external view override checkReadAccess returns (uint256) {
        return _latestRoundId;
    }

    function getAnswer(uint256 roundId) external view override checkReadAccess returns (int256) {
        // Casting is bounded by the comparison.
        return roundId > type(uint32).max ? int256(0) : _transmissions[uint32(roundId)].answer;
    }

    function getTimestamp(uint256 roundId) external view override checkReadAccess returns (uint256) {
        // Casting is bounded by the comparison.
        return roundId > type(uint32).max ? 0 : _transmissions[uint32(roundId)].updatedAt;
    }

    function getRoundData(
        uint80 roundId
    ) external view override checkReadAccess returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId > type(uint32).max) return (0, 0, 0, 0, 0);
        // Casting is bounded by the check above.
        Transmission memory round = _transmissions[uint32(roundId)];
        return (roundId, round.answer, round.startedAt, round.updatedAt, roundId);
    }

    function latestRoundData()
        external
        view
        override
        checkReadAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        roundId = _latestRoundId;
        // The counter is 32 bits wide.
        Transmission memory round = _transmissions[uint32(roundId)];
        return (roundId, round.answer, round.startedAt, round.updatedAt, roundId - _answeredInRoundLag);
    }

    function _push(int192 answer, uint32 updatedAt) private {
        uint32 roundId = ++_latestRoundId;
        _answeredInRoundLag = 0;
        _transmissions[roundId] = Transmission(answer, updatedAt, updatedAt);
    }
}
