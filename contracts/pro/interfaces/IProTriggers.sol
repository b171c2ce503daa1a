// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {TriggerKind, TriggerWord} from "../types/TriggerWord.sol";
import {IPro} from "./IPro.sol";

/// @notice An order that waits for a price.
/// @param market Where.
/// @param kind What it waits for.
/// @param isBuy What it does when it fires.
/// @param isReduceOnly It never opens.
/// @param lots How many; 0, of a reduce-only one: all that the position has then.
/// @param tick Price that it waits for, in ticks; of a trailing one the activation, 0 for none.
/// @param limit Worst price of its fills, in ticks; 0: `boundPips` says.
/// @param boundPips Worst price of its fills, counted from the price at which it fires; 0, without a limit: 1%.
/// @param callbackPips Of a trailing one how far the price comes back, 0.1% to 5%; of others 0.
/// @param expiry Last second in which it may fire; 0: it does not expire.
struct TriggerOrder {
    uint8 market;
    TriggerKind kind;
    bool isBuy;
    bool isReduceOnly;
    uint48 lots;
    uint24 tick;
    uint24 limit;
    uint24 boundPips;
    uint16 callbackPips;
    uint32 expiry;
}

/// @title Stops, take profits and trailing stops of Pro
/// @notice Orders that wait here until the index reaches a price; then anyone sends them into the book, as a delegate of their
/// account, where they fill at once, no worse than their bound, or wait on. Eight for each account and market.
/// @dev Has no rights but those that an account's owner gives it with `IPro.setDelegate`: to reduce, for reduce-only triggers, or to
/// trade, for all. Holds nothing. They fire at ticks of the index alone, never at a trade or the mark: thin books are hunted.
///
/// A tick counts that was published later than the last change of the trigger by more than `executionDelay`, and is at most 3 s old
/// when it fires. Of a trailing trigger two count: the later fires, the earlier, however old, is the price that it came back from.
/// Nothing is stored meanwhile: whoever executes names the best he knows.
///
/// It pays its keeper 0.1 USD of the account's cash. What fills in part pays its part, and the rest waits on: whoever empties the
/// book first ends no stop with a crumb. Where the cash falls short, or margin forbids, it fires unpaid.
interface IProTriggers {
    /// @notice An order was not accepted; `value` broke `bound`. Both in the unit of what the reason names, 0 where there is none.
    error ProTriggers_OrderRefused(ProReason reason, uint256 value, uint256 bound);
    /// @notice The caller is neither the account's owner nor a delegate of his for this.
    error ProTriggers_NotAllowed(uint40 account, address caller);
    /// @notice No trigger waits under this id.
    error ProTriggers_NotFound(uint256 id);
    /// @notice Nobody is named to be paid.
    error ProTriggers_ZeroAddress();

    /// @notice A trigger waits, from now on or as changed.
    event TriggerSet(uint256 indexed id, uint40 indexed account, address indexed by, TriggerOrder order);
    /// @notice A trigger filled.
    /// @param keeper Who is paid, into his account 0 of Pro.
    /// @param price At which it fired, 10 decimals.
    /// @param lots Filled.
    /// @param tickLots Σ tick × lots of the fills.
    /// @param tip Quote that was paid.
    /// @param isDone False: its rest waits on.
    event TriggerFired(
        uint256 indexed id,
        address indexed keeper,
        uint256 price,
        uint256 lots,
        uint256 tickLots,
        uint256 tip,
        bool isDone
    );
    /// @notice A trigger is gone. None: it was cancelled. Otherwise what decided finally against it.
    event TriggerRemoved(uint256 indexed id, ProReason reason);

    /// @notice Has orders of an account wait. Its owner, or a delegate who may place such an order at once.
    /// @dev They fire once the owner has given this contract the right to. Refuses with `ProTriggers_OrderRefused`.
    /// @return ids In the order given.
    function place(uint40 account, TriggerOrder[] calldata orders) external returns (uint256[] memory ids);

    /// @notice Puts another order of the same market in the place of one that waits, under its id; who may place it may.
    /// @dev Only ticks of later than now and the delay reach it.
    function change(uint256 id, TriggerOrder calldata order) external;

    /// @notice Takes triggers away; those that are gone already are passed over. Their account's owner, or any delegate of his.
    /// @return cancelled How many were.
    function cancel(uint256[] calldata ids) external returns (uint256 cancelled);

    /// @notice Fires a trigger. Anyone.
    /// @dev Whatever Pro refuses for the moment (age of prices, breaker, caps of the market, rights, an empty book) is skipped, and the
    /// trigger waits on. What its account lacks (margin, a position to reduce, the least size) ends it, and so does its expiry. Any
    /// other error of Pro's, and too little gas, reverts.
    /// @param prover Who proved the ticks in this transaction.
    /// @param tickIndex Number of the tick that fires.
    /// @param earlierTickIndex Of a trailing trigger the number of the tick that it came back from.
    /// @param keeper Is paid, into his account 0.
    /// @return outcome Triggered, PartlyTriggered, Removed or Skipped.
    /// @return reason Why it was skipped or removed.
    function execute(
        uint256 id,
        address prover,
        uint256 tickIndex,
        uint256 earlierTickIndex,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice The word of a slot, waiting or free, by a trigger reference; the id of what waits in it is that with its generation.
    function wordAt(uint256 ref) external view returns (TriggerWord);

    /// @notice The Pro whose orders they become.
    function pro() external view returns (IPro);

    /// @notice Seconds from the last change of a trigger that ticks must be later than.
    function executionDelay() external view returns (uint256);
}
