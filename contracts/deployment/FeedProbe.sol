// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChainlinkAdapter} from "../oracle/adapters/ChainlinkAdapter.sol";

/// @notice What the price aggregator would see of a Chainlink-shaped feed.
/// @param areDecimalsUsable Whether the feed tells its decimals, and not more than can be scaled.
/// @param decimals Decimals of its answers; 0 where they are not usable.
/// @param roundId Latest round; this and the next four are 0 where the feed can't be read.
/// @param answer In the feed's decimals.
/// @param startedAt Of the round, in seconds.
/// @param updatedAt Of the round, in seconds.
/// @param answeredInRound Earlier than `roundId` where the answer was carried over.
/// @param minPrice At or below it an answer is pinned and not fresh, 10 decimals; 0: no bound.
/// @param maxPrice At or above it an answer is pinned and not fresh, 10 decimals; the largest uint64: no bound.
/// @param freshPrice 10 decimals; 0 where the aggregator would not take the answer for its age or its form.
struct FeedFindings {
    bool areDecimalsUsable;
    uint8 decimals;
    uint256 roundId;
    int256 answer;
    uint256 startedAt;
    uint256 updatedAt;
    uint256 answeredInRound;
    uint64 minPrice;
    uint64 maxPrice;
    uint256 freshPrice;
}

/// @title FeedProbe
/// @notice Reads a feed by the aggregator's own code before there is an aggregator. It is never deployed: its constructor
/// is run by a call without a receiver, and returns what it found in place of code.
/// @dev To a feed that asks who reads it, the reader is a contract, as the aggregator will be: access controllers that let
/// every account in for its own transactions would let a plain call pass.
contract FeedProbe {
    /// @param feed The feed.
    /// @param maxAgeSeconds Heartbeat plus grace.
    constructor(address feed, uint256 maxAgeSeconds) {
        FeedFindings memory findings;
        (findings.areDecimalsUsable, findings.decimals) = ChainlinkAdapter.readDecimals(feed);
        (
            findings.roundId,
            findings.answer,
            findings.startedAt,
            findings.updatedAt,
            findings.answeredInRound
        ) = ChainlinkAdapter.latestRound(feed);
        (findings.minPrice, findings.maxPrice) = ChainlinkAdapter.readBounds(feed, findings.decimals);
        findings.freshPrice = ChainlinkAdapter.freshPrice(feed, maxAgeSeconds, findings.decimals);

        bytes memory encoded = abi.encode(findings);
        assembly ("memory-safe") {
            return(add(encoded, 0x20), mload(encoded))
        }
    }
}
