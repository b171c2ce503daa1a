// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Outcome, Reason} from "../product/Outcome.sol";
import {PriceProof} from "./IPriceAggregator.sol";
import {ITrading} from "./ITrading.sol";

/// @notice One order or close to execute.
/// @param tradeId Its id.
/// @param tickIndex Number of the tick that fills it, counted over the assets of all proofs of the call.
struct ExecutionItem {
    uint256 tradeId;
    uint256 tickIndex;
}

/// @notice What became of an item.
/// @param outcome What was done.
/// @param reason Why it was skipped or refused.
/// @param isFailed The attempt reverted, and nothing was done; or it answered with an outcome or a reason that is none.
struct ItemResult {
    Outcome outcome;
    Reason reason;
    bool isFailed;
}

/// @title What all keeper batches have in common
/// @notice Items are attempted in isolation: whatever one of them does, the others are not touched and nothing is lost.
/// A proof that is not good reverts the call, and so does too little gas: no item can be failed by supplying little.
interface IKeeperBatch {
    /// @notice An item did nothing; it stays pending.
    event ItemSkipped(address indexed trading, uint256 indexed tradeId, Reason reason);
    /// @notice An item reverted, or answered with what is no outcome; `reason` are the first bytes of what it said.
    event ItemFailed(address indexed trading, uint256 indexed tradeId, bytes reason);

    /// @notice There must be `required` gas before each item, so that none fails for lack of it: send more, or fewer items.
    error KeeperBatch_GasTooLow(uint256 gasLeft, uint256 required);
    /// @notice The target is not a contract.
    error KeeperBatch_NotATrading(address target);
    /// @notice The caller takes no native coin back: send exactly the update fee.
    error KeeperBatch_RefundRefused(address receiver, uint256 amount);
    /// @notice Native coin comes from the price aggregator only.
    error KeeperBatch_NativeNotExpected(address sender);
}

/// @title The executor
/// @notice Fills orders and closes in batches. Open to anyone: the caller is credited the execution fees in the Vault.
/// @dev Holds nothing and has no rights. Returns the native coin that Pyth did not ask for.
interface IExecutor is IKeeperBatch {
    /// @notice Proves ticks once, then executes each item with the tick it names.
    /// @dev Call it off chain first: the results say what each item would do.
    /// @param trading The Trading, or a successor, that the items are of.
    /// @param proofs Update data and what it is to prove.
    /// @param items What to execute; an id that comes twice is skipped the second time.
    /// @return results In the order of the items.
    function execute(
        ITrading trading,
        PriceProof[] calldata proofs,
        ExecutionItem[] calldata items
    ) external payable returns (ItemResult[] memory results);
}
