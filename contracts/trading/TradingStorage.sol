// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {ITrading} from "../interfaces/ITrading.sol";
import {IVault} from "../interfaces/IVault.sol";
import {TradeState} from "../types/TradeState.sol";
import {Mode} from "../types/TradeTypes.sol";
import {TradingEnvironment, TradingStore} from "./TradingStore.sol";

/// @notice What a Trading is built with, for life.
/// @param vault Holds the tokens.
/// @param aggregator Proves and reads prices.
/// @param breaker Circuit breaker.
/// @param configurator The only writer of configuration.
/// @param standardDelay Seconds from a Standard request to the earliest tick that fills it.
/// @param degenDelay Seconds from a Degen request to the earliest tick that fills it.
/// @param executionWindow Seconds after the target in which a request can be filled.
/// @param executionFeeUsd USD with 18 decimals.
struct TradingSetup {
    address vault;
    address aggregator;
    address breaker;
    address configurator;
    uint32 standardDelay;
    uint32 degenDelay;
    uint32 executionWindow;
    uint256 executionFeeUsd;
}

/// @title Storage of Trading
abstract contract TradingStorage is ITrading, ReentrancyGuardTransient {
    using TradeState for uint16;

    /// @dev Block and publish times are whole seconds: with less, a requester knows the price that fills him.
    uint256 internal constant MIN_EXECUTION_DELAY = 2;

    IVault public immutable vault;
    IBreaker public immutable breaker;
    address public immutable configurator;

    /// @inheritdoc ITrading
    IPriceAggregator public immutable override aggregator;
    address internal immutable _wrappedNative;
    uint256 internal immutable _standardDelay;
    uint256 internal immutable _degenDelay;

    /// @inheritdoc ITrading
    uint256 public immutable override executionWindow;

    /// @inheritdoc ITrading
    uint256 public immutable override executionFeeUsd;

    TradingStore internal _store;

    constructor(TradingSetup memory setup) {
        if (setup.vault == address(0) || setup.aggregator == address(0)) revert Trading_ZeroAddress();
        if (setup.breaker == address(0) || setup.configurator == address(0)) revert Trading_ZeroAddress();
        if (setup.standardDelay < MIN_EXECUTION_DELAY) {
            revert Trading_DelayTooShort(setup.standardDelay, MIN_EXECUTION_DELAY);
        }
        if (setup.degenDelay < MIN_EXECUTION_DELAY) {
            revert Trading_DelayTooShort(setup.degenDelay, MIN_EXECUTION_DELAY);
        }
        vault = IVault(setup.vault);
        aggregator = IPriceAggregator(setup.aggregator);
        breaker = IBreaker(setup.breaker);
        configurator = setup.configurator;
        _wrappedNative = vault.wrappedNative();
        _standardDelay = setup.standardDelay;
        _degenDelay = setup.degenDelay;
        executionWindow = setup.executionWindow;
        executionFeeUsd = setup.executionFeeUsd;
        _store.nextTradeId = 1;
    }

    /// @inheritdoc ITrading
    function executionDelay(Mode mode) public view override returns (uint256) {
        return mode == Mode.Degen ? _degenDelay : _standardDelay;
    }

    function _delayOf(uint16 bookId) internal view returns (uint256) {
        return executionDelay(bookId.modeOf());
    }

    function _environment() internal view returns (TradingEnvironment memory) {
        return
            TradingEnvironment(
                vault,
                aggregator,
                breaker,
                _standardDelay,
                _degenDelay,
                executionWindow,
                executionFeeUsd
            );
    }
}
