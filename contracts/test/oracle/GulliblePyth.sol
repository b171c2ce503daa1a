// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";

/// @notice A wrong contract at Pyth's address: it answers any feed and time for any data, whatever it was asked.
/// @dev Compiled, never deployed to a real chain.
contract GulliblePyth {
    PythStructs.PriceFeed[] private _feeds;

    /// @notice Adds a feed to its answers.
    function push(PythStructs.PriceFeed calldata feed) external {
        _feeds.push(feed);
    }

    function parsePriceFeedUpdates(
        bytes[] calldata,
        bytes32[] calldata,
        uint64,
        uint64
    ) external payable returns (PythStructs.PriceFeed[] memory) {
        return _feeds;
    }

    function parsePriceFeedUpdatesUnique(
        bytes[] calldata,
        bytes32[] calldata,
        uint64,
        uint64
    ) external payable returns (PythStructs.PriceFeed[] memory) {
        return _feeds;
    }

    function getUpdateFee(bytes[] calldata) external pure returns (uint256) {
        return 0;
    }
}
