// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

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

/// @title What there is to do for keepers
/// @notice Answers with the decisions of the executions themselves, at ticks that need no proof, with the push prices and the
/// sequencer as they are. Changes nothing and is asked by no contract.
/// @dev Each trade is looked at by itself, as if nothing else of the batch had been done; what items do to each other shows
/// a static call of the batch. Call it at the block that the batch is for: the age of a tick counts up to the block's time.
/// Works for every Trading on the same PriceAggregator.
interface IKeeperLens {
    /// @notice Not one tick index for each id.
    error KeeperLens_LengthsDiffer(uint256 ids, uint256 tickIndexes);

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

    /// @notice Which trades with ids from `from` up to, and without, `to` something can be done about at these ticks, and
    /// what: what can be liquidated is, everything else executed. What would be skipped or fail is left out.
    /// @param ticks One for each asset. One with `isUnique` and a `minPublishTime` of 0 is taken for the first at or after the
    /// target of whatever waits for one.
    function due(
        ITrading trading,
        address executor,
        uint256 from,
        uint256 to,
        Tick[] calldata ticks
    ) external view returns (DryRun[] memory);
}
