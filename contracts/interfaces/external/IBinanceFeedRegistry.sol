// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The part of the Binance Oracle feed registry that is used
/// @notice Finds the Chainlink-shaped feed adapter of a pair.
interface IBinanceFeedRegistry {
    /// @notice Addresses behind a pair of names, such as ("BTC", "USD").
    /// @param base Base name.
    /// @param quote Quote name.
    /// @return baseAsset Base of the pair.
    /// @return quoteAsset Quote of the pair.
    /// @return feedAdapter The pair's feed adapter; zero where there is none.
    function getTradingPairDetails(
        string calldata base,
        string calldata quote
    ) external view returns (address baseAsset, address quoteAsset, address feedAdapter);
}
