// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBinanceFeedRegistry} from "../../interfaces/external/IBinanceFeedRegistry.sol";

/// @notice A Binance registry that names any adapter it is told to.
/// @dev Compiled, never deployed to a real chain.
contract GullibleRegistry is IBinanceFeedRegistry {
    address public adapter;

    /// @notice Sets the adapter of every pair.
    function setAdapter(address adapter_) external {
        adapter = adapter_;
    }

    /// @inheritdoc IBinanceFeedRegistry
    function getTradingPairDetails(string calldata, string calldata) external view returns (address, address, address) {
        return (address(1), address(2), adapter);
    }
}
