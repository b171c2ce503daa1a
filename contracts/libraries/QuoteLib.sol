// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceAggregator, Quote} from "../interfaces/IPriceAggregator.sol";
import {PackedPrice} from "./PackedPrice.sol";

/// @title Reading quotes
/// @notice Asks the price aggregator for all that a settlement step needs, and unpacks its answer.
library QuoteLib {
    /// @notice See `IPriceAggregator.quote`.
    function read(
        IPriceAggregator aggregator,
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) internal returns (Quote memory) {
        (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) = aggregator.quote(prover, tickIndex, tokenAssetId);
        return unpack(tickWord, anchorsWord, tokenWord);
    }

    /// @notice A quote from the words that `IPriceAggregator.quote` returned.
    function unpack(
        uint256 tickWord,
        uint256 anchorsWord,
        uint256 tokenWord
    ) internal pure returns (Quote memory result) {
        PackedPrice.unpackTick(tickWord, result.tick);
        PackedPrice.unpackPushPrice(anchorsWord, result.anchors);
        (result.tokenPrice, result.isSequencerReady) = PackedPrice.unpackToken(tokenWord);
    }
}
