// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV2V3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV2V3Interface.sol";

import {StandInBinanceAccessController} from "./StandInBinanceAccessController.sol";
import {StandInBinanceDenominations} from "./StandInBinanceDenominations.sol";
import {TradingPairMap} from "./TradingPairMap.sol";

/// @notice Binance Oracle's feed registry, initialisable by call.
/// @dev The original's path of a read is kept: names are resolved by a second contract through a linked library, the
///      access controller is asked twice, the aggregator of the pair's current phase answers. Not kept: synthetic
///      pairs, proposals, searching rounds across phases. Compiled, never deployed to a real chain.
contract StandInBinanceRegistry {
    struct RoundData {
        uint80 roundId;
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
        uint80 answeredInRound;
    }

    uint256 private constant PHASE_OFFSET = 64;

    address public owner;
    StandInBinanceAccessController private _accessController;
    StandInBinanceDenominations private _denominations;
    mapping(address base => mapping(address quote => uint16)) private _currentPhaseId;
    mapping(address base => mapping(address quote => mapping(uint16 phaseId => AggregatorV2V3Interface)))
        private _phaseAggregators;

    error StandInBinanceRegistry_AlreadyInitialized();

    modifier onlyOwner() {
        require(msg.sender == owner, "Only callable by owner");
        _;
    }

    /// @notice Sets the owner and the contract that resolves names, once.
    function initialize(address owner_, StandInBinanceDenominations denominations_) external {
        if (owner != address(0)) revert StandInBinanceRegistry_AlreadyInitialized();
        owner = owner_;
        _denominations = denominations_;
    }

    /// @notice Sets who may read; the zero address lets everyone.
    function setAccessController(StandInBinanceAccessController accessController_) external onlyOwner {
        _accessController = accessController_;
    }

    /// @notice Starts a pair's next phase with `aggregator`.
    function setFeed(address base, address quote, AggregatorV2V3Interface aggregator) external onlyOwner {
        uint16 phaseId = ++_currentPhaseId[base][quote];
        _phaseAggregators[base][quote][phaseId] = aggregator;
    }

    /// @notice Names a pair.
    function insertPair(
        string calldata base,
        string calldata quote,
        address baseAsset,
        address quoteAsset,
        address feedAdapter
    ) external onlyOwner {
        _denominations.insertPair(base, quote, baseAsset, quoteAsset, feedAdapter);
    }

    function getAccessController() external view returns (StandInBinanceAccessController) {
        return _accessController;
    }

    function totalPairsAvailable() external view returns (uint256) {
        return _denominations.totalPairsAvailable();
    }

    function getAllPairs() external view returns (TradingPairMap.Pair[] memory) {
        return _denominations.getAllPairs();
    }

    function exists(string calldata base, string calldata quote) external view returns (bool) {
        return _denominations.exists(base, quote);
    }

    function getTradingPairDetails(
        string calldata base,
        string calldata quote
    ) external view returns (address, address, address) {
        return _denominations.getTradingPairDetails(base, quote);
    }

    function decimalsByName(string calldata base, string calldata quote) external view returns (uint8) {
        (address baseAsset, address quoteAsset) = _denominations.getTradingPairAddresses(base, quote);
        return getFeed(baseAsset, quoteAsset).decimals();
    }

    function descriptionByName(string calldata base, string calldata quote) external view returns (string memory) {
        (address baseAsset, address quoteAsset) = _denominations.getTradingPairAddresses(base, quote);
        return getFeed(baseAsset, quoteAsset).description();
    }

    function versionByName(string calldata base, string calldata quote) external view returns (uint256) {
        (address baseAsset, address quoteAsset) = _denominations.getTradingPairAddresses(base, quote);
        return getFeed(baseAsset, quoteAsset).version();
    }

    function latestAnswerByName(string calldata base, string calldata quote) external view returns (int256) {
        (address baseAsset, address quoteAsset) = _denominations.getTradingPairAddresses(base, quote);
        _checkPairAccess(baseAsset, quoteAsset);
        return getFeed(baseAsset, quoteAsset).latestAnswer();
    }

    function latestRoundDataByName(
        string calldata base,
        string calldata quote
    ) external view returns (uint80, int256, uint256, uint256, uint80) {
        (address baseAsset, address quoteAsset) = _denominations.getTradingPairAddresses(base, quote);
        _checkPairAccess(baseAsset, quoteAsset);
        return _latestRoundData(baseAsset, quoteAsset);
    }

    function getMultipleLatestRoundData(
        string[] calldata bases,
        string[] calldata quotes
    ) external view returns (RoundData[] memory rounds) {
        require(address(_accessController) == address(0) || _accessController.hasGlobalAccess(msg.sender), "No access");
        require(bases.length == quotes.length, "Base and quote counts are unequal");
        rounds = new RoundData[](bases.length);
        for (uint256 i = 0; i < bases.length; ++i) {
            (address base, address quote) = _denominations.getTradingPairAddresses(bases[i], quotes[i]);
            RoundData memory round = rounds[i];
            (round.roundId, round.answer, round.startedAt, round.updatedAt, round.answeredInRound) = _latestRoundData(
                base,
                quote
            );
        }
    }

    function decimals(address base, address quote) external view returns (uint8) {
        return getFeed(base, quote).decimals();
    }

    function description(address base, address quote) external view returns (string memory) {
        return getFeed(base, quote).description();
    }

    function version(address base, address quote) external view returns (uint256) {
        return getFeed(base, quote).version();
    }

    function latestAnswer(address base, address quote) external view returns (int256) {
        _checkPairAccess(base, quote);
        return getFeed(base, quote).latestAnswer();
    }

    function latestTimestamp(address base, address quote) external view returns (uint256) {
        _checkPairAccess(base, quote);
        return getFeed(base, quote).latestTimestamp();
    }

    function latestRound(address base, address quote) external view returns (uint256) {
        _checkPairAccess(base, quote);
        // The aggregator's round ids fit in 64 bits.
        return _addPhase(_currentPhaseId[base][quote], uint64(getFeed(base, quote).latestRound()));
    }

    function getAnswer(address base, address quote, uint256 roundId) external view returns (int256) {
        _checkPairAccess(base, quote);
        AggregatorV2V3Interface past = _pastFeed(base, quote, roundId);
        // Casting drops the phase on purpose.
        return address(past) == address(0) ? int256(0) : past.getAnswer(uint64(roundId));
    }

    function getTimestamp(address base, address quote, uint256 roundId) external view returns (uint256) {
        _checkPairAccess(base, quote);
        AggregatorV2V3Interface past = _pastFeed(base, quote, roundId);
        // Casting drops the phase on purpose.
        return address(past) == address(0) ? 0 : past.getTimestamp(uint64(roundId));
    }

    function latestRoundData(
        address base,
        address quote
    ) external view returns (uint80, int256, uint256, uint256, uint80) {
        _checkPairAccess(base, quote);
        return _latestRoundData(base, quote);
    }

    function getRoundData(
        address base,
        address quote,
        uint80 id
    )
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        _checkPairAccess(base, quote);
        AggregatorV2V3Interface past = _pastFeed(base, quote, id);
        require(address(past) != address(0), "Feed not found");
        // Casting drops the phase on purpose; the aggregator's round ids fit in 64 bits.
        (roundId, answer, startedAt, updatedAt, answeredInRound) = past.getRoundData(uint64(id));
        roundId = _addPhase(uint16(id >> PHASE_OFFSET), uint64(roundId));
        answeredInRound = _addPhase(uint16(id >> PHASE_OFFSET), uint64(answeredInRound));
    }

    function getCurrentPhaseId(address base, address quote) external view returns (uint16) {
        return _currentPhaseId[base][quote];
    }

    function typeAndVersion() external pure returns (string memory) {
        return "BinanceFeedRegistry 1.0";
    }

    /// @notice The aggregator of a pair's current phase (not its adapter).
    function getFeed(address base, address quote) public view returns (AggregatorV2V3Interface aggregator) {
        aggregator = _phaseAggregators[base][quote][_currentPhaseId[base][quote]];
        require(address(aggregator) != address(0), "Feed not found");
    }

    function _latestRoundData(
        address base,
        address quote
    )
        private
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        uint16 phaseId = _currentPhaseId[base][quote];
        (roundId, answer, startedAt, updatedAt, answeredInRound) = getFeed(base, quote).latestRoundData();
        // The aggregator's round ids fit in 64 bits.
        roundId = _addPhase(phaseId, uint64(roundId));
        answeredInRound = _addPhase(phaseId, uint64(answeredInRound));
    }

    function _pastFeed(address base, address quote, uint256 id) private view returns (AggregatorV2V3Interface) {
        if (id > type(uint80).max) return AggregatorV2V3Interface(address(0));
        // 80 bits less the offset leave 16.
        return _phaseAggregators[base][quote][uint16(id >> PHASE_OFFSET)];
    }

    function _checkPairAccess(address base, address quote) private view {
        require(
            address(_accessController) == address(0) ||
                _accessController.hasGlobalAccess(msg.sender) ||
                _accessController.hasPairAccess(msg.sender, base, quote),
            "No pair access"
        );
    }

    function _addPhase(uint16 phaseId, uint64 roundId) private pure returns (uint80) {
        // 16 bits of phase above 64 bits of round are 80.
        return uint80((uint256(phaseId) << PHASE_OFFSET) | roundId);
    }
}
