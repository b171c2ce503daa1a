// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControllerInterface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AccessControllerInterface.sol";
import {AggregatorV2V3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV2V3Interface.sol";

/// @notice The address consumers read a Chainlink feed at (EACAggregatorProxy), initialisable by call.
/// @dev Same shape as the original: phase and aggregator share a slot, every read checks the access controller's slot
///      first, round ids carry the phase in their upper bits. Compiled, never deployed to a real chain.
contract StandInAggregatorProxy is AggregatorV2V3Interface {
    /// @dev One slot.
    struct Phase {
        uint16 id;
        AggregatorV2V3Interface aggregator;
    }

    uint256 private constant PHASE_OFFSET = 64;
    uint256 private constant MAX_ID = 2 ** 80 - 1;

    address public owner;
    Phase private _currentPhase;
    AggregatorV2V3Interface public proposedAggregator;
    mapping(uint16 phaseId => AggregatorV2V3Interface) public phaseAggregators;
    AccessControllerInterface public accessController;

    error StandInAggregatorProxy_AlreadyInitialized();

    modifier onlyOwner() {
        require(msg.sender == owner, "Only callable by owner");
        _;
    }

    modifier checkAccess() {
        AccessControllerInterface controller = accessController;
        require(address(controller) == address(0) || controller.hasAccess(msg.sender, msg.data), "No access");
        _;
    }

    /// @notice Sets the owner and the first aggregator, once.
    function initialize(address owner_, address aggregator_) external {
        if (owner != address(0)) revert StandInAggregatorProxy_AlreadyInitialized();
        owner = owner_;
        _setAggregator(aggregator_);
    }

    /// @notice Proposes the aggregator of the next phase.
    function proposeAggregator(address aggregator_) external onlyOwner {
        proposedAggregator = AggregatorV2V3Interface(aggregator_);
    }

    /// @notice Starts the next phase with the proposed aggregator.
    function confirmAggregator(address aggregator_) external onlyOwner {
        require(aggregator_ == address(proposedAggregator), "Invalid proposed aggregator");
        delete proposedAggregator;
        _setAggregator(aggregator_);
    }

    /// @notice Sets who may read; the zero address lets everyone.
    function setController(address accessController_) external onlyOwner {
        accessController = AccessControllerInterface(accessController_);
    }

    function aggregator() external view returns (address) {
        return address(_currentPhase.aggregator);
    }

    function phaseId() external view returns (uint16) {
        return _currentPhase.id;
    }

    function decimals() external view override returns (uint8) {
        return _currentPhase.aggregator.decimals();
    }

    function version() external view override returns (uint256) {
        return _currentPhase.aggregator.version();
    }

    function description() external view override returns (string memory) {
        return _currentPhase.aggregator.description();
    }

    function latestAnswer() external view override checkAccess returns (int256) {
        return _currentPhase.aggregator.latestAnswer();
    }

    function latestTimestamp() external view override checkAccess returns (uint256) {
        return _currentPhase.aggregator.latestTimestamp();
    }

    function latestRound() external view override checkAccess returns (uint256) {
        Phase memory phase = _currentPhase;
        // The aggregator's round ids fit in 64 bits; the rest is the phase.
        return _addPhase(phase.id, uint64(phase.aggregator.latestRound()));
    }

    function getAnswer(uint256 roundId) external view override checkAccess returns (int256) {
        AggregatorV2V3Interface past = _aggregatorOf(roundId);
        // Casting drops the phase on purpose.
        return address(past) == address(0) ? int256(0) : past.getAnswer(uint64(roundId));
    }

    function getTimestamp(uint256 roundId) external view override checkAccess returns (uint256) {
        AggregatorV2V3Interface past = _aggregatorOf(roundId);
        // Casting drops the phase on purpose.
        return address(past) == address(0) ? 0 : past.getTimestamp(uint64(roundId));
    }

    function getRoundData(
        uint80 roundId_
    )
        external
        view
        override
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        // Casting drops the aggregator's round on purpose; then the phase.
        uint16 phase = uint16(roundId_ >> PHASE_OFFSET);
        (roundId, answer, startedAt, updatedAt, answeredInRound) = phaseAggregators[phase].getRoundData(
            uint64(roundId_)
        );
        // The aggregator's round ids fit in 64 bits.
        roundId = _addPhase(phase, uint64(roundId));
        answeredInRound = _addPhase(phase, uint64(answeredInRound));
    }

    function latestRoundData()
        external
        view
        override
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Phase memory phase = _currentPhase;
        (roundId, answer, startedAt, updatedAt, answeredInRound) = phase.aggregator.latestRoundData();
        // The aggregator's round ids fit in 64 bits.
        roundId = _addPhase(phase.id, uint64(roundId));
        answeredInRound = _addPhase(phase.id, uint64(answeredInRound));
    }

    function _setAggregator(address aggregator_) private {
        uint16 id = _currentPhase.id + 1;
        _currentPhase = Phase(id, AggregatorV2V3Interface(aggregator_));
        phaseAggregators[id] = AggregatorV2V3Interface(aggregator_);
    }

    function _aggregatorOf(uint256 roundId) private view returns (AggregatorV2V3Interface) {
        if (roundId > MAX_ID) return AggregatorV2V3Interface(address(0));
        // 80 bits less the offset leave 16.
        return phaseAggregators[uint16(roundId >> PHASE_OFFSET)];
    }

    function _addPhase(uint16 phase, uint64 roundId) private pure returns (uint80) {
        // 16 bits of phase above 64 bits of round are 80.
        return uint80((uint256(phase) << PHASE_OFFSET) | roundId);
    }
}
