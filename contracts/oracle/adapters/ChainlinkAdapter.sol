// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {IPriceAggregator} from "../../interfaces/IPriceAggregator.sol";
import {IBoundedAggregator} from "../../interfaces/external/IBoundedAggregator.sol";

/// @title Reading Chainlink-shaped feeds
/// @notice Every read is fail-soft and bounded in gas and in returned data: whatever a feed does, it costs its own price
/// and nothing else.
library ChainlinkAdapter {
    /// @dev Answers with more decimals can't be scaled safely.
    uint256 internal constant MAX_DECIMALS = 36;
    /// @dev What one read may burn. A proxy with an aggregator behind it needs 20k when all is cold.
    uint256 internal constant READ_GAS = 150_000;
    /// @dev A call gets at most 63/64 of what is left: 152,381 are needed for `READ_GAS`, the rest is for a cold account.
    uint256 internal constant MIN_GAS_LEFT = 160_000;

    uint256 private constant PRICE_DECIMALS = 10;

    /// @notice The feed's price, 10 decimals, rounded down; 0 when it is not fresh.
    /// @dev Fresh: readable, complete, positive, not from the future, at most `maxAgeSeconds` old, within `Price`.
    function freshPrice(address feed, uint256 maxAgeSeconds, uint256 decimals) internal view returns (uint256 price) {
        (uint256 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint256 answeredIn) = latestRound(feed);
        if (answer <= 0 || startedAt == 0 || answeredIn < roundId) return 0;
        // Of a round without updatedAt the age is block.timestamp, above every limit of two days at most.
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > maxAgeSeconds) return 0;

        // The answer is positive.
        price = scale(uint256(answer), decimals);
        if (price > type(uint64).max) return 0;
    }

    /// @notice Whether an L2 sequencer is up and has been so for `graceSeconds`.
    /// @dev The uptime feed answers 0 for up; startedAt is when that changed, and 0 before the feed's first round (or when
    /// it can't be read).
    function isSequencerReady(address feed, uint256 graceSeconds) internal view returns (bool) {
        (, int256 answer, uint256 startedAt, , ) = latestRound(feed);
        if (answer != 0 || startedAt == 0 || startedAt > block.timestamp) return false;
        return block.timestamp - startedAt >= graceSeconds;
    }

    /// @notice The feed's latest round; all zero when the call fails or returns too little.
    function latestRound(
        address feed
    )
        internal
        view
        returns (uint256 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint256 answeredInRound)
    {
        _requireGas();
        bytes4 selector = AggregatorV3Interface.latestRoundData.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // The selector goes to scratch space, at most five words of the answer to free memory that stays free.
            let round := mload(0x40)
            mstore(0x00, selector)
            let isRead := staticcall(READ_GAS, feed, 0x00, 0x04, round, 0xa0)
            if and(isRead, gt(returndatasize(), 0x9f)) {
                roundId := mload(round)
                answer := mload(add(round, 0x20))
                startedAt := mload(add(round, 0x40))
                updatedAt := mload(add(round, 0x60))
                answeredInRound := mload(add(round, 0x80))
            }
        }
    }

    /// @notice The feed's decimals.
    /// @return isUsable Whether the feed tells them, and not more than `MAX_DECIMALS`.
    function readDecimals(address feed) internal view returns (bool isUsable, uint8 decimals) {
        (bool isRead, uint256 word) = _readWord(feed, AggregatorV3Interface.decimals.selector);
        if (!isRead || word > MAX_DECIMALS) return (false, 0);
        // At most MAX_DECIMALS.
        return (true, uint8(word));
    }

    /// @notice Prices at which the feed is pinned, 10 decimals, rounded down as its answers are; (0, 2^64 − 1): none.
    /// @dev Read from the aggregator behind the feed or, where there is none, from the feed itself. A bound is no bound
    /// where the answers can't reach it: a minimum of at most 1, a maximum beyond the range of `Price`.
    function readBounds(address feed, uint256 decimals) internal view returns (uint64 minPrice, uint64 maxPrice) {
        (bool isRead, uint256 word) = _readWord(feed, IBoundedAggregator.aggregator.selector);
        bool hasAggregator = isRead && word != 0 && word <= type(uint160).max;
        // Within 160 bits.
        address aggregator = hasAggregator ? address(uint160(word)) : feed;

        (bool isMinRead, uint256 minWord) = _readWord(aggregator, IBoundedAggregator.minAnswer.selector);
        (bool isMaxRead, uint256 maxWord) = _readWord(aggregator, IBoundedAggregator.maxAnswer.selector);
        if (!isMinRead || !isMaxRead) return (0, type(uint64).max);
        // The words are two's complement, as the feed encodes them.
        int256 minAnswer = int256(minWord);
        int256 maxAnswer = int256(maxWord);
        // Each is above 0 where it is converted.
        if (minAnswer > 1) minPrice = _saturate(scale(uint256(minAnswer), decimals));
        if (maxAnswer > 0) maxPrice = _saturate(scale(uint256(maxAnswer), decimals));
    }

    /// @notice A positive answer with 10 decimals, rounded down; more than 2^64 − 1 when it is too large for `Price`.
    function scale(uint256 answer, uint256 decimals) internal pure returns (uint256) {
        if (answer == 0) return 0;
        unchecked {
            // The exponent is at most MAX_DECIMALS − PRICE_DECIMALS = 26.
            if (decimals > PRICE_DECIMALS) return answer / 10 ** (decimals - PRICE_DECIMALS);
            if (answer > type(uint64).max) return type(uint256).max;
            // At most 2^64 × 10^10, 98 bits.
            return answer * 10 ** (PRICE_DECIMALS - decimals);
        }
    }

    function _saturate(uint256 value) private pure returns (uint64) {
        // Within 64 bits where it is cast.
        return value > type(uint64).max ? type(uint64).max : uint64(value);
    }

    /// @dev One word of a getter without arguments.
    function _readWord(address target, bytes4 selector) private view returns (bool isRead, uint256 word) {
        _requireGas();
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // Selector and answer share the first word of scratch space.
            mstore(0x00, selector)
            isRead := staticcall(READ_GAS, target, 0x00, 0x04, 0x00, 0x20)
            isRead := and(isRead, gt(returndatasize(), 0x1f))
            word := mload(0x00)
        }
    }

    function _requireGas() private view {
        if (gasleft() < MIN_GAS_LEFT) revert IPriceAggregator.PriceAggregator_InsufficientGas(gasleft(), MIN_GAS_LEFT);
    }
}
