// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPrediction} from "../interfaces/IPrediction.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {ProductBase} from "../product/ProductBase.sol";
import {ProductBounds} from "../product/ProductBounds.sol";
import {
    Bet,
    BetCodec,
    BetWords,
    HeaderWord,
    Offer,
    PredictionMarket,
    RecordNumbersWord,
    StakeToken
} from "../types/Bet.sol";

/// @notice What a Prediction is built with, for life.
/// @param vault Holds the tokens.
/// @param aggregator Proves and reads prices.
/// @param breaker Circuit breaker.
/// @param configurator The only writer of configuration.
/// @param executionDelay Seconds from a request to the earliest tick that strikes it.
/// @param executionWindow Seconds after the target in which a bet can be struck.
/// @param executionFeeUsd USD with 18 decimals.
struct PredictionSetup {
    address vault;
    address aggregator;
    address breaker;
    address configurator;
    uint32 executionDelay;
    uint32 executionWindow;
    uint256 executionFeeUsd;
}

/// @title Storage of Prediction
abstract contract PredictionStorage is IPrediction, ProductBase {
    /// @dev How long a struck bet waits for its tick; absence of a tick can't be proven.
    uint256 internal constant SETTLEMENT_PATIENCE = 24 hours;

    /// @dev A halt stops settlements and may last as long as their patience: what is due then has this long afterwards.
    uint256 internal constant HALT_PATIENCE = 1 hours;

    /// @inheritdoc IPrediction
    uint256 public immutable override executionDelay;

    /// @inheritdoc IPrediction
    uint256 public immutable override executionWindow;

    /// @inheritdoc IPrediction
    uint256 public immutable override executionFeeUsd;

    /// @dev Says once more, in one slot, which markets and tokens are enabled: written with them and nowhere else.
    HeaderWord internal _header = HeaderWord.wrap(1);

    /// @dev Where each bet is kept, eight ids to a word.
    mapping(uint256 eight => RecordNumbersWord) private _recordNumbers;

    /// @dev Records are written over by later bets: new slots are the dearest part of a request. The head of one that is
    /// free holds the number of the next free one.
    mapping(uint256 number => BetWords) private _records;

    mapping(uint16 marketId => PredictionMarket) internal _markets;
    mapping(address token => uint8) internal _tokenIds;
    mapping(uint8 tokenId => StakeToken) internal _tokens;
    uint8 internal _tokenCount;
    mapping(bytes32 offer => Offer) internal _offers;

    constructor(
        PredictionSetup memory setup
    )
        ProductBase(
            IVault(setup.vault),
            IPriceAggregator(setup.aggregator),
            IBreaker(setup.breaker),
            setup.configurator
        )
    {
        ProductBounds.checkDelay(setup.executionDelay);
        ProductBounds.checkExecution(setup.executionWindow, setup.executionFeeUsd);
        executionDelay = setup.executionDelay;
        executionWindow = setup.executionWindow;
        executionFeeUsd = setup.executionFeeUsd;
    }

    /// @dev Takes the next id, and a record for it: one that is free, else a new one.
    function _takeRecord() internal returns (uint256 id, BetWords storage record) {
        HeaderWord header = _header;
        id = header.nextBetId();
        uint256 number = header.freeRecord();
        if (number == 0) {
            number = header.recordCount() + 1;
            header = header.withOneMoreRecord();
        } else {
            header = header.withFreeRecord(_records[number].head);
        }
        _header = header.withNextId();
        _recordNumbers[id >> 3] = _recordNumbers[id >> 3].withRecord(id, number);
        record = _records[number];
    }

    /// @dev The bet ends; its record is the next to be taken. The caller has found the bet there.
    function _freeRecord(uint256 id) internal {
        uint256 number = _recordNumberOf(id);
        HeaderWord header = _header;
        _records[number].head = header.freeRecord();
        _header = header.withFreeRecord(number);
        _recordNumbers[id >> 3] = _recordNumbers[id >> 3].withoutRecord(id);
    }

    /// @dev The record of a bet that the caller has found.
    function _recordOf(uint256 id) internal view returns (BetWords storage) {
        return _records[_recordNumberOf(id)];
    }

    /// @dev All zero for a bet that never was or has ended.
    function _load(uint256 id) internal view returns (Bet memory bet) {
        uint256 number = _recordNumberOf(id);
        if (number != 0) bet = BetCodec.unpack(_records[number]);
    }

    function _recordNumberOf(uint256 id) private view returns (uint256) {
        return _recordNumbers[id >> 3].numberOf(id);
    }
}
