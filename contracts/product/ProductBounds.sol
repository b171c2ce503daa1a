// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProductErrors} from "../interfaces/IProduct.sol";
import {Code} from "../utils/Code.sol";

/// @title Bounds of what a product is built with
/// @dev It is built with it for life: what is wrong in it could be mended by another product only.
library ProductBounds {
    /// @dev Block and publish times are whole seconds: with less, who asks knows the price that fills him.
    uint256 internal constant MIN_EXECUTION_DELAY = 2;

    /// @dev Beyond it a request is no longer one for the price of today.
    uint256 internal constant MAX_EXECUTION_DELAY = 60;

    /// @dev The earliest deadline of a request, counted from its target.
    uint256 internal constant MIN_EXECUTION_WINDOW = 15;

    /// @dev For as long the tick of an order is known and the order not filled. Target and end of a close are kept in 12 bits
    /// of seconds, which hold this and the longest delay several times over.
    uint256 internal constant MAX_EXECUTION_WINDOW = 5 minutes;

    /// @dev USD with 18 decimals: a position of the shipped least margin would be gone in one execution.
    uint256 internal constant MAX_EXECUTION_FEE_USD = 5e18;

    /// @notice Reverts unless everything that a product stands on is a contract.
    function checkContracts(address vault, address aggregator, address breaker, address configurator) internal view {
        Code.requireContract(vault);
        Code.requireContract(aggregator);
        Code.requireContract(breaker);
        Code.requireContract(configurator);
    }

    /// @notice Reverts unless a delay, in seconds, is within its bounds.
    function checkDelay(uint256 executionDelay) internal pure {
        if (executionDelay < MIN_EXECUTION_DELAY || executionDelay > MAX_EXECUTION_DELAY) {
            revert IProductErrors.Product_DelayOutOfRange(executionDelay, MIN_EXECUTION_DELAY, MAX_EXECUTION_DELAY);
        }
    }

    /// @notice Reverts unless window, in seconds, and fee, in USD with 18 decimals, are within their bounds.
    function checkExecution(uint256 executionWindow, uint256 executionFeeUsd) internal pure {
        if (executionWindow < MIN_EXECUTION_WINDOW || executionWindow > MAX_EXECUTION_WINDOW) {
            revert IProductErrors.Product_WindowOutOfRange(executionWindow, MIN_EXECUTION_WINDOW, MAX_EXECUTION_WINDOW);
        }
        if (executionFeeUsd > MAX_EXECUTION_FEE_USD) {
            revert IProductErrors.Product_ExecutionFeeOutOfRange(executionFeeUsd, MAX_EXECUTION_FEE_USD);
        }
    }
}
