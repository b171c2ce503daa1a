// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPrediction} from "../interfaces/IPrediction.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {BetWords, DeskWord, Offer} from "../types/BetWords.sol";
import {BetStatus, PredictionMarket, StakeToken} from "../types/PredictionTypes.sol";

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
abstract contract PredictionStorage is IPrediction, ReentrancyGuardTransient {
    uint8 internal constant STATUS_MASK = 3;
    uint8 internal constant UP = 4;
    uint8 internal constant NATIVE = 8;

    /// @dev Block and publish times are whole seconds: with less, a player knows his strike.
    uint256 internal constant MIN_EXECUTION_DELAY = 2;

    /// @dev How long a struck bet waits for its tick; absence of a tick can't be proven.
    uint256 internal constant SETTLEMENT_PATIENCE = 24 hours;

    /// @dev A halt stops settlements and may last as long as their patience: what is due then has this long afterwards.
    uint256 internal constant HALT_PATIENCE = 1 hours;

    IVault public immutable vault;
    IPriceAggregator public immutable aggregator;
    IBreaker public immutable breaker;
    address public immutable configurator;
    address internal immutable _wrappedNative;

    /// @inheritdoc IPrediction
    uint256 public immutable override executionDelay;

    /// @inheritdoc IPrediction
    uint256 public immutable override executionWindow;

    /// @inheritdoc IPrediction
    uint256 public immutable override executionFeeUsd;

    /// @dev Says once more, in one slot, which markets and tokens are enabled: written with them and nowhere else.
    DeskWord internal _desk = DeskWord.wrap(1);

    mapping(uint256 id => BetWords) internal _bets;
    mapping(uint16 marketId => PredictionMarket) internal _markets;
    mapping(address token => uint8) internal _tokenIds;
    mapping(uint8 tokenId => StakeToken) internal _tokens;
    uint8 internal _tokenCount;
    mapping(bytes32 offer => Offer) internal _offers;

    constructor(PredictionSetup memory setup) {
        if (setup.vault == address(0) || setup.aggregator == address(0)) revert Prediction_ZeroAddress();
        if (setup.breaker == address(0) || setup.configurator == address(0)) revert Prediction_ZeroAddress();
        if (setup.executionDelay < MIN_EXECUTION_DELAY) {
            revert Prediction_DelayTooShort(setup.executionDelay, MIN_EXECUTION_DELAY);
        }
        vault = IVault(setup.vault);
        aggregator = IPriceAggregator(setup.aggregator);
        breaker = IBreaker(setup.breaker);
        configurator = setup.configurator;
        _wrappedNative = vault.wrappedNative();
        executionDelay = setup.executionDelay;
        executionWindow = setup.executionWindow;
        executionFeeUsd = setup.executionFeeUsd;
    }

    function _statusOf(uint8 state) internal pure returns (BetStatus) {
        return BetStatus(state & STATUS_MASK);
    }

    function _isUp(uint8 state) internal pure returns (bool) {
        return state & UP != 0;
    }

    /// @dev The three of them fit in one word, side by side.
    function _offerKey(uint16 marketId, address token, uint32 periodSeconds) internal pure returns (bytes32) {
        return bytes32((uint256(periodSeconds) << 176) | (uint256(marketId) << 160) | uint160(token));
    }
}
