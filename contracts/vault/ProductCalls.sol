// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAlpManager} from "../interfaces/IAlpManager.sol";
import {IProduct} from "../interfaces/IProduct.sol";

/// @title Asking products what their positions are worth
/// @notice Whatever a product does, it costs a bounded amount of gas and its own answer, nothing else.
library ProductCalls {
    /// @dev What one view may burn.
    uint256 internal constant VIEW_GAS = 3_000_000;
    /// @dev A call gets at most 63/64 of what is left: 3,047,620 are needed for `VIEW_GAS`, the rest is for a cold account.
    uint256 internal constant MIN_GAS_LEFT = 3_060_000;
    /// @dev No vault is worth more, USD with 18 decimals; larger answers are cut to it.
    int256 private constant MAX_USD = type(int128).max;

    /// @notice See `IProduct.exposedAssets`.
    /// @return isAnswered Whether the view answered at all.
    function exposedAssets(address product) internal view returns (bool isAnswered, uint256 assetMask) {
        bytes memory question = abi.encodeCall(IProduct.exposedAssets, ());
        bytes memory answer = new bytes(0x20);
        isAnswered = _ask(product, question, answer);
        if (isAnswered) assetMask = uint256(bytes32(answer));
    }

    /// @notice See `IProduct.lpPnl`.
    /// @param question The encoded call.
    /// @return isAnswered Whether the view answered at all.
    /// @return lowUsd Within ±2^127, like the others.
    function lpPnl(
        address product,
        bytes memory question
    ) internal view returns (bool isAnswered, int256 lowUsd, int256 highUsd, int256 dueUsd) {
        bytes memory answer = new bytes(0x60);
        isAnswered = _ask(product, question, answer);
        if (!isAnswered) return (false, 0, 0, 0);
        uint256 due;
        (lowUsd, highUsd, due) = abi.decode(answer, (int256, int256, uint256));
        // Not negative, and cut to its bound.
        dueUsd = due > uint256(MAX_USD) ? MAX_USD : int256(due);
        return (true, _held(lowUsd), _held(highUsd), dueUsd);
    }

    /// @dev Copies as much of the answer as there is room for; a shorter one is none. One that failed must have had its gas, or a
    /// caller could make any product fail.
    function _ask(address product, bytes memory question, bytes memory answer) private view returns (bool isAnswered) {
        uint256 gasLeft = gasleft();
        assembly ("memory-safe") {
            let room := mload(answer)
            isAnswered := staticcall(VIEW_GAS, product, add(question, 0x20), mload(question), add(answer, 0x20), room)
            isAnswered := and(isAnswered, gt(add(returndatasize(), 1), room))
        }
        if (!isAnswered && gasLeft < MIN_GAS_LEFT) revert IAlpManager.AlpManager_TooLittleGas(gasLeft, MIN_GAS_LEFT);
    }

    function _held(int256 usd) private pure returns (int256) {
        if (usd > MAX_USD) return MAX_USD;
        return usd < -MAX_USD ? -MAX_USD : usd;
    }
}
