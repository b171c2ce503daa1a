// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceAggregator} from "./IPriceAggregator.sol";
import {IVault} from "./IVault.sol";

/// @title IAlpValuation
/// @notice What a valuation of ALP stands on.
interface IAlpValuation {
    /// @notice Whose liquidity is valued.
    function vault() external view returns (IVault);

    /// @notice Whose prices value it.
    function aggregator() external view returns (IPriceAggregator);
}
