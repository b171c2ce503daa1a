// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Reason} from "../product/Outcome.sol";
import {BookConfig, BookId, BookSide, BookState, Mode, OpenConfig, Tier} from "../types/Book.sol";
import {PushPrice} from "./IPriceAggregator.sol";
import {ITrading} from "./ITrading.sol";

/// @notice A market in one mode, as it is now.
/// @param bookId Market and mode: 2 · marketId, plus 1 for Degen.
/// @param mode Standard or Degen.
/// @param config Common configuration.
/// @param openConfig Configuration of openings.
/// @param tiers By leverage, ascending.
/// @param state Carry indices and rolling loss, brought to now; `accruedAt` is the breaker's clock.
/// @param long Sums of the long side; `notional` is its open interest.
/// @param short Sums of the short side.
/// @param longRoomUsd Notional that the long side can still take, USD with 18 decimals; one order at most a quarter of the
/// cap.
/// @param shortRoomUsd Same of the short side.
/// @param lossBudgetLeftUsd What the vault may still lose within the rolling hour, USD with 18 decimals: the budget and what
/// was kept beyond the losses, up to twice the budget.
/// @param longCarryX18 What a long owes a second as a fraction of its notional, 18 decimals; negative: it receives.
/// @param shortCarryX18 Same of a short.
/// @param price Lowest, median and highest fresh push source, 10 decimals, and how many there are.
/// @param breakerLevel 0 to 3.
/// @param isSequencerReady Always true where there is no sequencer feed.
/// @param blockedBy The first reason that now stands against every opening; None: an order's own decide.
/// @param executionDelay Seconds from a request to the earliest tick that fills it.
/// @param executionWindow Seconds after that in which a request can be filled.
/// @param executionFeeUsd USD with 18 decimals.
struct MarketView {
    BookId bookId;
    Mode mode;
    BookConfig config;
    OpenConfig openConfig;
    Tier[] tiers;
    BookState state;
    BookSide long;
    BookSide short;
    uint256 longRoomUsd;
    uint256 shortRoomUsd;
    uint256 lossBudgetLeftUsd;
    int256 longCarryX18;
    int256 shortCarryX18;
    PushPrice price;
    uint8 breakerLevel;
    bool isSequencerReady;
    Reason blockedBy;
    uint256 executionDelay;
    uint256 executionWindow;
    uint256 executionFeeUsd;
}

/// @title Reading markets
/// @notice Changes nothing and is asked by no contract.
/// @dev Works for every Trading on the same PriceAggregator and Breaker.
interface IMarketLens {
    /// @notice A market in one mode, as it is now. Of a book that is not listed: nothing but zeros and what all share.
    function market(ITrading trading, BookId bookId) external view returns (MarketView memory);

    /// @notice Several of them.
    function markets(ITrading trading, BookId[] calldata bookIds) external view returns (MarketView[] memory);
}
