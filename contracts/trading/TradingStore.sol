// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {TradeState} from "../types/TradeState.sol";
import {Close, TradeExtra, MarginToken, Mode, Order, Position} from "../types/TradeTypes.sol";
import {Book} from "./BookLib.sol";

/// @notice Everything Trading stores; its logic libraries are handed a reference to it.
/// @param nextTradeId Id that the next trade gets.
/// @param marginTokenCount Number of margin tokens listed.
/// @param exposedBooks Bit i: book i has open interest.
/// @param positions Record of each trade; an `Order` until it is filled.
/// @param closes The close of each position that is pending or was last tried.
/// @param extras What few trades have.
/// @param books Sums, running numbers and configuration of each book.
/// @param marginTokens By address.
/// @param marginTokensById The same by number.
struct TradingStore {
    uint128 nextTradeId;
    uint8 marginTokenCount;
    uint256 exposedBooks;
    mapping(uint256 id => Position) positions;
    mapping(uint256 id => Close) closes;
    mapping(uint256 id => TradeExtra) extras;
    mapping(uint16 bookId => Book) books;
    mapping(address token => MarginToken) marginTokens;
    mapping(uint8 tokenId => MarginToken) marginTokensById;
}

/// @notice What Trading is built with, for life; its logic libraries are handed a copy.
/// @param vault Holds the tokens.
/// @param aggregator Proves and reads prices.
/// @param breaker Circuit breaker.
/// @param standardDelay Seconds from a Standard request to the earliest tick that fills it.
/// @param degenDelay Seconds from a Degen request to the earliest tick that fills it.
/// @param executionWindow Seconds after the target in which a request can be filled.
/// @param executionFeeUsd Paid per executed order or close, USD with 18 decimals.
struct TradingEnvironment {
    IVault vault;
    IPriceAggregator aggregator;
    IBreaker breaker;
    uint256 standardDelay;
    uint256 degenDelay;
    uint256 executionWindow;
    uint256 executionFeeUsd;
}

/// @title Access to the store
library TradingStoreLib {
    using TradeState for uint16;

    /// @dev The record of a trade before it is filled, for views.
    function order(TradingStore storage self, uint256 id) internal view returns (Order storage record) {
        Position storage trade = self.positions[id];
        // Both structs span the same three slots and share owner, book, token and state.
        assembly ("memory-safe") {
            record.slot := trade.slot
        }
    }

    function delayOf(TradingEnvironment calldata self, uint16 bookId) internal pure returns (uint256) {
        return bookId.modeOf() == Mode.Degen ? self.degenDelay : self.standardDelay;
    }
}
