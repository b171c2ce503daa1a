// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The part of a Chainlink proxy and its aggregator that tells the answer's bounds
/// @notice Not every Chainlink-shaped feed has it: read it fail-soft.
interface IBoundedAggregator {
    /// @notice The aggregator behind a proxy.
    function aggregator() external view returns (address);

    /// @notice The least answer the aggregator reports, in the feed's decimals: the true price may be lower.
    function minAnswer() external view returns (int192);

    /// @notice The greatest answer the aggregator reports, in the feed's decimals: the true price may be higher.
    function maxAnswer() external view returns (int192);
}
