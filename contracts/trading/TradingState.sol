// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {BookId, MarginToken, Mode} from "../types/Book.sol";
import {Close} from "../types/Close.sol";
import {Position, TradeExtra} from "../types/Trade.sol";
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
struct TradingState {
    uint128 nextTradeId;
    uint8 marginTokenCount;
    uint256 exposedBooks;
    mapping(uint256 id => Position) positions;
    mapping(uint256 id => Close) closes;
    mapping(uint256 id => TradeExtra) extras;
    mapping(BookId bookId => Book) books;
    mapping(address token => MarginToken) marginTokens;
    mapping(uint8 tokenId => MarginToken) marginTokensById;
}

/// @notice What Trading is built with, for life; its logic libraries are handed a copy.
/// @param vault Holds the tokens.
/// @param aggregator Proves and reads prices.
/// @param breaker Circuit breaker.
/// @param configurator The only writer of configuration.
/// @param standardDelay Seconds from a Standard request to the earliest tick that fills it.
/// @param degenDelay Seconds from a Degen request to the earliest tick that fills it.
/// @param executionWindow Seconds after the target in which a request can be filled.
/// @param executionFeeUsd Paid per executed order or close, USD with 18 decimals.
/// @param trustedExecutor The Executor, which is believed when it names its caller as executor. Nobody needs it to execute.
struct TradingSetup {
    IVault vault;
    IPriceAggregator aggregator;
    IBreaker breaker;
    address configurator;
    uint32 standardDelay;
    uint32 degenDelay;
    uint32 executionWindow;
    uint256 executionFeeUsd;
    address trustedExecutor;
}

using TradingSetupLib for TradingSetup global;

library TradingSetupLib {
    /// @notice Seconds between a request on a book and the earliest tick that can fill it.
    function delayOf(TradingSetup calldata self, BookId bookId) internal pure returns (uint256) {
        return bookId.mode() == Mode.Degen ? self.degenDelay : self.standardDelay;
    }
}
