// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Scene} from "./Scene.sol";

/// @notice Who draws actions of one kind. Every number that comes in decides something; none is out of range.
abstract contract Handler {
    Scene internal immutable scene;

    constructor(Scene scene_) {
        scene = scene_;
    }

    /// @dev From `low` to `high`, both included.
    function between(uint256 seed, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + (uint256(keccak256(abi.encode(seed, low, high))) % (high - low + 1));
    }

    function percent(uint256 seed, uint256 chance) internal pure returns (bool) {
        return uint256(keccak256(abi.encode(seed, "percent", chance))) % 100 < chance;
    }

    /// @dev Another seed; any number may be the largest.
    function mix(uint256 seed, uint256 other) internal pure returns (uint256) {
        unchecked {
            return seed + other;
        }
    }

    /// @dev Counts what was tried and what was done of it.
    function tally(string memory name, bool isDone) internal returns (bool) {
        scene.count(isDone ? name : string.concat(name, " refused"));
        return isDone;
    }
}
