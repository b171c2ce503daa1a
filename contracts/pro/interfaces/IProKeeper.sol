// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IKeeperBatch} from "../../interfaces/IExecutor.sol";
import {PriceProof} from "../../interfaces/IPriceAggregator.sol";
import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {IGridBook} from "./IGridBook.sol";
import {IPro} from "./IPro.sol";
import {IProTriggers} from "./IProTriggers.sol";

/// @notice What a keeper's item asks of Pro.
enum ProTask {
    Refresh,
    Liquidate,
    Deleverage,
    ShareLoss,
    BeginSettling,
    CloseSettled
}

/// @notice One item of a batch. What a task does not need is not looked at.
/// @param task What to do.
/// @param market Where.
/// @param scope Whose; of CloseSettled the cross scope of the account that is long.
/// @param other Candidate, counterparty, or the account that is short.
/// @param amount Refresh and BeginSettling: number of the tick, counted over the assets of all proofs of the call. Liquidate: most
/// orders to cancel or to meet. CloseSettled: lots.
struct ProItem {
    ProTask task;
    uint8 market;
    uint48 scope;
    uint40 other;
    uint256 amount;
}

/// @notice A trigger to fire. Ticks are counted over the assets of all proofs of the call.
/// @param id Its id.
/// @param tickIndex Number of the tick that fires.
/// @param earlierTickIndex Of a trailing trigger the number of the tick that it came back from.
struct TriggerItem {
    uint256 id;
    uint256 tickIndex;
    uint256 earlierTickIndex;
}

/// @notice A grid to roll.
/// @param id Its id.
/// @param maxLines Most orders to place, and to take off, 1 to 10.
struct GridItem {
    uint256 id;
    uint256 maxLines;
}

/// @notice What became of an item.
/// @param outcome What was done.
/// @param reason Why it was skipped.
/// @param isFailed The attempt reverted; nothing was done.
struct ProItemResult {
    ProOutcome outcome;
    ProReason reason;
    bool isFailed;
}

/// @title The keeper of Pro
/// @notice Proves prices once, then refreshes, liquidates, deleverages, settles, fires triggers and rolls grids in batches, each item in isolation.
/// Open to anyone: the caller is paid, into his account 0 of Pro.
/// @dev Holds nothing and has no rights. Returns the native coin that Pyth did not ask for.
interface IProKeeper is IKeeperBatch {
    /// @notice An item did nothing.
    event ProItemSkipped(address indexed pro, uint48 indexed scope, ProTask task, uint8 market, ProReason reason);
    /// @notice A grid was left as it is.
    event GridSkipped(address indexed grids, uint256 indexed id, ProReason reason);
    /// @notice A trigger waits on.
    event TriggerSkipped(address indexed triggers, uint256 indexed id, ProReason reason);

    /// @notice Proves ticks, then attempts each item in the order written: refreshes first, or what follows finds old prices.
    /// @dev Call it off chain first: the results say what each item would do.
    /// @param pro The Pro, or a successor, that the items are of.
    /// @param proofs Update data and what it is to prove.
    /// @param items What to attempt.
    /// @return results In the order of the items.
    function run(
        IPro pro,
        PriceProof[] calldata proofs,
        ProItem[] calldata items
    ) external payable returns (ProItemResult[] memory results);

    /// @notice Proves ticks, then attempts items of the Pro behind the triggers, refreshes as a rule, then the triggers themselves.
    /// @dev Call it off chain first: the results say what each item would do.
    /// @param triggers Where the triggers wait.
    /// @param proofs Update data and what it is to prove.
    /// @param items What to attempt before.
    /// @param fires The triggers.
    /// @return results Of the items, then of the triggers, in their order.
    function fire(
        IProTriggers triggers,
        PriceProof[] calldata proofs,
        ProItem[] calldata items,
        TriggerItem[] calldata fires
    ) external payable returns (ProItemResult[] memory results);

    /// @notice Proves ticks, then attempts items of the Pro behind the grids, refreshes as a rule, then the grids themselves.
    /// @dev Call it off chain first: the results say what each item would do.
    /// @param grids Where the grids run.
    /// @param proofs Update data and what it is to prove.
    /// @param items What to attempt before.
    /// @param rolls The grids.
    /// @return results Of the items, then of the grids, in their order.
    function roll(
        IGridBook grids,
        PriceProof[] calldata proofs,
        ProItem[] calldata items,
        GridItem[] calldata rolls
    ) external payable returns (ProItemResult[] memory results);
}
