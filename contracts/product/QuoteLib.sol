// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceAggregator, Quote, Tick} from "../interfaces/IPriceAggregator.sol";
import {PackedPrice} from "../oracle/PackedPrice.sol";

/// @title Reading quotes
/// @notice Asks the price aggregator for all that a settlement step needs, and unpacks its answer.
library QuoteLib {
    /// @notice See `IPriceAggregator.quote`.
    /// @param result To be filled, all zero before.
    function read(
        Quote memory result,
        IPriceAggregator aggregator,
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) internal {
        (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) = aggregator.quote(prover, tickIndex, tokenAssetId);
        _unpack(result, tickWord, anchorsWord, tokenWord);
    }

    /// @notice See `IPriceAggregator.exitQuote`: of the anchors as many as it takes to clamp the tick.
    /// @param result To be filled, all zero before.
    function readExit(
        Quote memory result,
        IPriceAggregator aggregator,
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) internal {
        (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) = aggregator.exitQuote(
            prover,
            tickIndex,
            tokenAssetId
        );
        _unpack(result, tickWord, anchorsWord, tokenWord);
    }

    /// @notice A quote from the words that `IPriceAggregator.quote` returned.
    function unpack(
        uint256 tickWord,
        uint256 anchorsWord,
        uint256 tokenWord
    ) internal pure returns (Quote memory result) {
        _unpack(result, tickWord, anchorsWord, tokenWord);
    }

    /// @notice What `read` would return for this tick now, proven or not. Without a publish time it stands for none.
    function ofTick(
        IPriceAggregator aggregator,
        Tick memory tick,
        uint16 tokenAssetId
    ) internal view returns (Quote memory result) {
        result.tick = tick;
        if (tick.publishTime != 0) result.anchors = aggregator.pushPrice(tick.assetId);
        (result.tokenPrice, result.tokenLow, result.tokenHigh) = aggregator.tokenPrice(tokenAssetId);
        result.isSequencerReady = aggregator.isSequencerReady();
    }

    function _unpack(Quote memory result, uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) private pure {
        PackedPrice.unpackTick(tickWord, result.tick);
        PackedPrice.unpackPushPrice(anchorsWord, result.anchors);
        (result.tokenPrice, result.isSequencerReady) = PackedPrice.unpackToken(tokenWord);
        if (!PackedPrice.isTokenDisputed(tokenWord)) return;
        (result.tokenLow, result.tokenHigh) = PackedPrice.tokenEnds(tokenWord);
    }
}
