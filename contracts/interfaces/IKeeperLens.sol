// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Outcome, Reason} from "../product/Outcome.sol";
import {Price} from "../types/Units.sol";
import {ItemResult} from "./IExecutor.sol";
import {LiquidationItem} from "./ILiquidator.sol";
import {Tick} from "./IPriceAggregator.sol";
import {ExecutionPreview, ITrading} from "./ITrading.sol";

/// @notice What an attempt on one trade would do now.
/// @param id Of the trade.
/// @param token In whose units pay and fee are; zero where there is no such trade.
/// @param isLiquidation The attempt is to liquidate, not to execute.
/// @param preview What would be done, why not, and what it would pay.
/// @param isFailed The attempt would revert.
/// @param failure The error with which it would.
struct DryRun {
    uint256 id;
    address token;
    bool isLiquidation;
    ExecutionPreview preview;
    bool isFailed;
    bytes failure;
}

/// @notice What an item of a Liquidator would do now.
/// @param id Of the trade.
/// @param token In whose units pay and fee are; zero where there is no such trade.
/// @param execution Of its first attempt; all zero where it names no tick for it, or the attempt would revert.
/// @param liquidation Of its second attempt, on what the first leaves; all zero likewise, and once the first has ended the position.
/// @param result As `ILiquidator.liquidate` would return it.
/// @param failure The error with which the last attempt that fails would revert.
struct ItemRun {
    uint256 id;
    address token;
    ExecutionPreview execution;
    ExecutionPreview liquidation;
    ItemResult result;
    bytes failure;
}

/// @notice A trade that something can be done about.
/// @param id Of the trade.
/// @param token In whose units the pay is.
/// @param isLiquidation What is told is its liquidation, not its execution.
/// @param outcome What would be done.
/// @param reason Why it would be refused.
/// @param price At which; 10 decimals.
/// @param executorPay What who does it is credited, in token units: for both where a part is closed and the rest liquidated.
struct DueTrade {
    uint256 id;
    address token;
    bool isLiquidation;
    Outcome outcome;
    Reason reason;
    Price price;
    uint256 executorPay;
}

/// @title What there is to do for keepers
/// @notice Answers with the decisions of the executions themselves, at ticks that need no proof, with the push prices and the
/// sequencer as they are. Changes nothing and is asked by no contract.
/// @dev Each trade is looked at by itself, as if nothing else of the batch had been done; what items do to each other shows
/// a static call of the batch. Call it at the block that the batch is for: the age of a tick counts up to the block's time.
/// Works for every Trading on the same PriceAggregator. No item of a list costs more for what is before it.
interface IKeeperLens {
    /// @notice Not one tick index for each id.
    error KeeperLens_LengthsDiffer(uint256 ids, uint256 tickIndexes);
    /// @notice A search is given too little gas to look at a single id.
    error KeeperLens_GasTooLow(uint256 gasLeft, uint256 required);

    /// @notice What executing each of these orders and positions would do and pay: fills, closes, take profits, stops.
    /// @param executor Who would execute: an owner pays himself nothing, and who armed a stop is paid for that as well.
    /// @param ids Of the trades.
    /// @param ticks Ticks as they would be proven; for a market order or a close the first at or after its target, with
    /// `isUnique`.
    /// @param tickIndexes Which of the ticks each trade is tried with; one that does not exist: none.
    function dryRun(
        ITrading trading,
        address executor,
        uint256[] calldata ids,
        Tick[] calldata ticks,
        uint256[] calldata tickIndexes
    ) external view returns (DryRun[] memory);

    /// @notice What liquidating each of these positions would do and pay.
    function dryRunLiquidations(
        ITrading trading,
        uint256[] calldata ids,
        Tick[] calldata ticks,
        uint256[] calldata tickIndexes
    ) external view returns (DryRun[] memory);

    /// @notice What each of these items would do and pay, as `ILiquidator.liquidate` takes them: executed with one tick, and
    /// liquidated with another if that leaves the position open.
    /// @param executor Who would call the Liquidator.
    /// @param items Their indexes count over `ticks`; one that does not exist: no tick; the largest uint256: not tried.
    /// @param ticks As of `dryRun`.
    function dryRunItems(
        ITrading trading,
        address executor,
        LiquidationItem[] calldata items,
        Tick[] calldata ticks
    ) external view returns (ItemRun[] memory);

    /// @notice Which trades something can be done about at these ticks, and what: what an item of a Liquidator would do with
    /// the tick of the trade's market for both. What would be skipped or fails is left out; `dryRunItems` says why.
    /// @dev Looks at the trades from `from` on, page by page: an order or a position that there is nothing to do about takes
    /// at most 15,000 gas, one that is found 35,000 (an order that fills more), an id that ended 3,000. It stops at `max` ids,
    /// at 5,000, or where the gas of the call would not do for another id.
    /// @param executor Who would call the Liquidator.
    /// @param from First id to look at.
    /// @param max Largest number of ids to look at.
    /// @param ticks One for each asset. One with `isUnique` and a `minPublishTime` of 0 is taken for the first at or after the
    /// target of whatever waits for one; one of the asset `type(uint16).max` for one of each trade's own market.
    /// @return trades In ascending order of their ids.
    /// @return next The first id that was not looked at: go on from there while it is below `ITrading.nextTradeId`.
    function due(
        ITrading trading,
        address executor,
        uint256 from,
        uint256 max,
        Tick[] calldata ticks
    ) external view returns (DueTrade[] memory trades, uint256 next);
}
