// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IKeeperBatch} from "../interfaces/IExecutor.sol";
import {IPriceAggregator, PriceProof} from "../interfaces/IPriceAggregator.sol";
import {Code} from "../utils/Code.sol";
import {Passthrough} from "../utils/Passthrough.sol";

/// @title Proving once and attempting many
abstract contract KeeperBatch is IKeeperBatch, ReentrancyGuardTransient {
    /// @dev Kept for what follows the last item.
    uint256 private constant AFTER_GAS = 60_000;

    /// @dev Where the proofs are among the arguments, counted from 0.
    uint256 private constant PROOFS_POSITION = 1;

    /// @dev Of the error of an item that failed, at most this much is copied.
    uint256 private constant MAX_ERROR_BYTES = 256;

    /// @notice Proves the ticks.
    IPriceAggregator public immutable aggregator;

    constructor(address aggregator_) {
        Code.requireContract(aggregator_);
        aggregator = IPriceAggregator(aggregator_);
    }

    /// @dev Only what Pyth did not ask for comes back here, on its way to the caller.
    receive() external payable {
        if (msg.sender != address(aggregator)) revert KeeperBatch_NativeNotExpected(msg.sender);
    }

    /// @dev The ticks are kept under this contract's address, and counted on from call to call within a transaction. The
    /// proofs are passed on as they came: they are the second argument of every function that brings any.
    /// @return first Number of the first tick of this call.
    /// @return excess What is left of the native coin that came with the call. Coin that was here before, or that an item
    /// leaves here, is not part of it.
    function _prove(PriceProof[] calldata proofs) internal returns (uint256 first, uint256 excess) {
        if (proofs.length == 0) return (0, msg.value);
        uint256 balanceBefore = address(this).balance - msg.value;
        first = Passthrough.one(address(aggregator), msg.value, IPriceAggregator.prove.selector, PROOFS_POSITION);
        excess = address(this).balance - balanceBefore;
        for (uint256 i = 0; i < proofs.length; ++i) first -= proofs[i].assetIds.length;
    }

    /// @dev An item counts from the first tick of its call. A number that wraps around names a tick proven earlier in
    /// this transaction, or none: as authentic as any other, and no reason to revert the batch.
    function _tickNumber(uint256 first, uint256 tickIndex) internal pure returns (uint256) {
        unchecked {
            return first + tickIndex;
        }
    }

    /// @dev One attempt, with bounded gas and a bounded copy of what it returns.
    /// @param itemGas What it may use: several times what the costliest needs.
    /// @return isDone False: it reverted, or answered with less than two words; `_errorBytes` has what it said, until the next call.
    /// @return outcome The first word of the answer.
    /// @return reason The second.
    function _attempt(
        address target,
        bytes memory data,
        uint256 itemGas
    ) internal returns (bool isDone, uint256 outcome, uint256 reason) {
        // Check: a call is given at most 63/64 of the gas left; an item that fails for lack of it is the caller's doing.
        uint256 required = (itemGas * 64) / 63 + AFTER_GAS;
        if (gasleft() < required) revert KeeperBatch_GasTooLow(gasleft(), required);

        // Interaction:
        // Two words of the answer are copied, to the scratch space.
        assembly ("memory-safe") {
            isDone := call(itemGas, target, 0, add(data, 0x20), mload(data), 0, 0x40)
            isDone := and(isDone, gt(returndatasize(), 0x3f))
            outcome := mload(0)
            reason := mload(0x20)
        }
    }

    /// @param excess As `_prove` returned it.
    function _returnExcess(uint256 excess) internal {
        if (excess == 0) return;
        (bool isPaid, ) = msg.sender.call{value: excess}("");
        if (!isPaid) revert KeeperBatch_RefundRefused(msg.sender, excess);
    }

    /// @dev The first bytes of what the last call returned.
    function _errorBytes() internal pure returns (bytes memory data) {
        uint256 max = MAX_ERROR_BYTES;
        // At most `max` bytes are copied, to fresh memory.
        assembly ("memory-safe") {
            let length := returndatasize()
            if gt(length, max) {
                length := max
            }
            data := mload(0x40)
            mstore(data, length)
            returndatacopy(add(data, 0x20), 0, length)
            mstore(0x40, and(add(add(data, length), 0x3f), not(0x1f)))
        }
    }
}
