// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";

import {PushPrice, Tick} from "../../interfaces/IPriceAggregator.sol";
import {PushPriceMath} from "../../oracle/PushPriceMath.sol";
import {ChainlinkAdapter} from "../../oracle/adapters/ChainlinkAdapter.sol";
import {PythAdapter} from "../../oracle/adapters/PythAdapter.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {Price} from "../../types/Units.sol";

/// @notice The pure functions of the oracle libraries, to call from tests.
/// @dev Compiled, never deployed to a real chain.
contract OracleMathHarness {
    using PushPriceMath for PushPrice;

    function deviates(Tick memory tick, PushPrice memory anchors, uint256 maxPips) external pure returns (bool) {
        return PriceChecks.deviates(tick, anchors, maxPips);
    }

    function confidenceExceeds(Tick memory tick, uint256 maxPips) external pure returns (bool) {
        return PriceChecks.confidenceExceeds(tick, maxPips);
    }

    function clamp(Price price, PushPrice memory anchors) external pure returns (Price) {
        return PriceChecks.clamp(price, anchors);
    }

    function isInBand(Price price, PushPrice memory anchors) external pure returns (bool) {
        return PriceChecks.isInBand(price, anchors.low, anchors.high);
    }

    function insertAll(uint64[] calldata prices) external pure returns (PushPrice memory) {
        return _pushPriceOf(prices);
    }

    function medianWith(uint64[] calldata prices, uint64 price) external pure returns (uint64) {
        return _pushPriceOf(prices).medianWith(price);
    }

    function normalise(PythStructs.Price memory raw) external pure returns (uint64 price, uint64 confidence) {
        return PythAdapter.normalise(raw);
    }

    function scale(uint256 answer, uint256 decimals) external pure returns (uint256) {
        return ChainlinkAdapter.scale(answer, decimals);
    }

    function _pushPriceOf(uint64[] calldata prices) private pure returns (PushPrice memory push) {
        for (uint256 i = 0; i < prices.length; ++i) push.insert(prices[i]);
    }
}
