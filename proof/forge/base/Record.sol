// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One step of a recorded deployment, see `scripts/fuzz/recording.ts`.
struct Step {
    uint8 kind;
    uint40 time;
    address from;
    address to;
    uint256 value;
    bytes data;
}

struct RecordedToken {
    address token;
    uint16 assetId;
    uint8 decimals;
    bytes code;
}

struct RecordedFeed {
    address aggregator;
    uint8 decimals;
}

struct RecordedAsset {
    uint16 assetId;
    bytes32 pythId;
    uint64 price;
    RecordedFeed[] feeds;
}

struct RecordedOffer {
    uint16 marketId;
    address token;
    uint32 periodSeconds;
}

struct RecordedPyth {
    uint256 key;
    uint32 guardianSetIndex;
    uint16 emitterChain;
    bytes32 emitter;
}

struct Record {
    uint256 chainId;
    Step[] steps;
    string[] names;
    address[] places;
    RecordedToken[] tokens;
    RecordedAsset[] assets;
    uint16[] books;
    RecordedOffer[] offers;
    bytes4[] errors;
    RecordedPyth pyth;
}
