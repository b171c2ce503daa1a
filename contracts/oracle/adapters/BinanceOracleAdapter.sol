// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBinanceFeedRegistry} from "../../interfaces/external/IBinanceFeedRegistry.sol";

/// @title Finding Binance Oracle feeds
/// @notice The registry knows each pair's feed adapter. It has Chainlink's shape and is asked directly: on the hot path a
/// Binance source is a Chainlink source.
library BinanceOracleAdapter {
    /// @notice The feed adapter of a pair; zero when the registry does not know it.
    /// @dev A registry that reverts reverts the configuration: nothing is at stake there.
    function resolve(
        address registry,
        string memory base,
        string memory quote
    ) internal view returns (address adapter) {
        (, , adapter) = IBinanceFeedRegistry(registry).getTradingPairDetails(base, quote);
    }
}
