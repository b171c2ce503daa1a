// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProReason} from "../ProOutcome.sol";
import {TriggerKind} from "../types/TriggerWord.sol";
import {IProTriggers} from "./IProTriggers.sol";

/// @notice A trigger that waits, as it was set; see `TriggerOrder`.
/// @param id Its id; 0: none waits under the id asked for.
/// @param lots What is left of them; 0: all that the position has then.
/// @param limit Worst price of its fills, in ticks; 0: `boundPips` says.
/// @param changedAt When it was set or changed last.
/// @param tip Left for its keepers, quote.
struct TriggerView {
    uint256 id;
    uint40 account;
    uint8 market;
    TriggerKind kind;
    bool isBuy;
    bool isReduceOnly;
    uint48 lots;
    uint24 tick;
    uint24 limit;
    uint24 boundPips;
    uint16 callbackPips;
    uint40 changedAt;
    uint32 expiry;
    uint256 tip;
}

/// @notice A tick of a market's asset, as Pyth published it.
/// @param price 10 decimals.
/// @param confidence 10 decimals.
/// @param publishTime Seconds; 0: no such tick.
struct TriggerTick {
    uint64 price;
    uint64 confidence;
    uint40 publishTime;
}

/// @notice Whether a trigger would enter the book with the ticks asked for.
/// @param reason None: it would; otherwise what keeps it out. What the book and the margin make of it, a call to `execute` that is
/// not sent tells.
/// @param price At which it would fire, 10 decimals; 0 where the tick itself is no good.
/// @param limit Worst price of its fills then, in ticks; 0: it would not fire.
/// @param isCashShort The account's cash is below what is left of the tip.
struct TriggerDue {
    ProReason reason;
    uint256 price;
    uint24 limit;
    bool isCashShort;
}

/// @title Views of triggers
interface IProTriggersLens {
    /// @notice For each trigger a tick that would fire it, and one that it came back from.
    error ProTriggersLens_LengthsDiffer(uint256 ids, uint256 ticks, uint256 earlier);

    /// @notice A trigger.
    function trigger(IProTriggers triggers, uint256 id) external view returns (TriggerView memory);

    /// @notice An account's triggers in a market that wait.
    function triggersOf(
        IProTriggers triggers,
        uint40 account,
        uint8 market
    ) external view returns (TriggerView[] memory waiting);

    /// @notice Which triggers would fire now, with anchors, rights and cash as they are.
    /// @param ticks One for each of `ids`.
    /// @param earlier One for each of `ids`; looked at for trailing ones.
    function triggersDue(
        IProTriggers triggers,
        uint256[] calldata ids,
        TriggerTick[] calldata ticks,
        TriggerTick[] calldata earlier
    ) external view returns (TriggerDue[] memory due);
}
