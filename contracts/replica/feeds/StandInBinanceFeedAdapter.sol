// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV2V3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV2V3Interface.sol";

import {StandInBinanceAccessController} from "./StandInBinanceAccessController.sol";
import {StandInBinanceRegistry} from "./StandInBinanceRegistry.sol";

/// @notice One pair of Binance's registry in Chainlink's shape: a phase proxy in front of the pair's aggregator.
/// @dev Answers what the registry answers, once synchronised with it. Simplified against the original, which keeps no
///      phase: on every read it asks the registry, which asks its access controller and then the aggregator, which asks
///      its own. Routed that way with every controller set, a cold read of this adapter took about 29,000 gas more than
///      it takes as an open pair. Here an aggregator with an access controller sees the adapter as its reader. Rounds of
///      other phases are still asked of the registry, which sees the adapter as its caller.
///      Compiled, never deployed to a real chain.
contract StandInBinanceFeedAdapter is AggregatorV2V3Interface {
    /// @dev One slot.
    struct Phase {
        uint16 id;
        AggregatorV2V3Interface aggregator;
    }

    uint256 private constant PHASE_OFFSET = 64;

    address public immutable BASE;
    address public immutable QUOTE;
    StandInBinanceRegistry private immutable _registry;
    uint8 public immutable override decimals;
    uint256 public constant override version = 6;

    Phase private _currentPhase;
    StandInBinanceAccessController private _accessController;

    modifier checkReadAccess() {
        StandInBinanceAccessController controller = _accessController;
        require(
            address(controller) == address(0) ||
                controller.hasGlobalAccess(msg.sender) ||
                controller.hasPairAccess(msg.sender, BASE, QUOTE),
            "No read access"
        );
        _;
    }

    constructor(StandInBinanceRegistry registry_, address base_, address quote_) {
        require(base_ != address(0) && quote_ != address(0));
        _registry = registry_;
        BASE = base_;
        QUOTE = quote_;
        decimals = registry_.decimals(base_, quote_);
        synchronise();
    }

    /// @notice Sets who may read; the zero address, as it is at first, lets everyone.
    function setAccessController(StandInBinanceAccessController accessController_) external {
        _accessController = accessController_;
    }

    function getAccessController() external view returns (StandInBinanceAccessController) {
        return _accessController;
    }

    function description() external view override returns (string memory) {
        return _currentPhase.aggregator.description();
    }

    function latestAnswer() external view override checkReadAccess returns (int256) {
        return _currentPhase.aggregator.latestAnswer();
    }

    function latestTimestamp() external view override checkReadAccess returns (uint256) {
        return _currentPhase.aggregator.latestTimestamp();
    }

    function latestRound() external view override checkReadAccess returns (uint256) {
        Phase memory phase = _currentPhase;
        // The aggregator's round ids fit in 64 bits.
        return _addPhase(phase.id, uint64(phase.aggregator.latestRound()));
    }

    function getAnswer(uint256 roundId) external view override checkReadAccess returns (int256) {
        Phase memory phase = _currentPhase;
        if (roundId >> PHASE_OFFSET != phase.id) return _registry.getAnswer(BASE, QUOTE, roundId);
        // Casting drops the phase on purpose.
        return phase.aggregator.getAnswer(uint64(roundId));
    }

    function getTimestamp(uint256 roundId) external view override checkReadAccess returns (uint256) {
        Phase memory phase = _currentPhase;
        if (roundId >> PHASE_OFFSET != phase.id) return _registry.getTimestamp(BASE, QUOTE, roundId);
        // Casting drops the phase on purpose.
        return phase.aggregator.getTimestamp(uint64(roundId));
    }

    function getRoundData(
        uint80 id
    )
        external
        view
        override
        checkReadAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Phase memory phase = _currentPhase;
        if (id >> PHASE_OFFSET != phase.id) return _registry.getRoundData(BASE, QUOTE, id);
        // Casting drops the phase on purpose; the aggregator's round ids fit in 64 bits.
        (roundId, answer, startedAt, updatedAt, answeredInRound) = phase.aggregator.getRoundData(uint64(id));
        roundId = _addPhase(phase.id, uint64(roundId));
        answeredInRound = _addPhase(phase.id, uint64(answeredInRound));
    }

    function latestRoundData()
        external
        view
        override
        checkReadAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Phase memory phase = _currentPhase;
        (roundId, answer, startedAt, updatedAt, answeredInRound) = phase.aggregator.latestRoundData();
        // The aggregator's round ids fit in 64 bits.
        roundId = _addPhase(phase.id, uint64(roundId));
        answeredInRound = _addPhase(phase.id, uint64(answeredInRound));
    }

    /// @notice Follows the registry to the pair's current phase.
    function synchronise() public {
        _currentPhase = Phase(_registry.getCurrentPhaseId(BASE, QUOTE), _registry.getFeed(BASE, QUOTE));
    }

    function _addPhase(uint16 phaseId, uint64 roundId) private pure returns (uint80) {
        // 16 bits of phase above 64 bits of round are 80.
        return uint80((uint256(phaseId) << PHASE_OFFSET) | roundId);
    }
}
