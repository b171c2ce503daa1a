// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceRange} from "./IPriceAggregator.sol";

/// @notice Whoever brings tokens into the Vault.
interface IDepositor {
    /// @notice Called back by the Vault inside `deposit` and `addLiquidity`: move `amount` of `token` from `payer` to the
    /// Vault.
    /// @dev Allowances are given to the depositor, never to the Vault. Requirements: only the Vault may call it, and only
    /// in the course of a call of the depositor's own.
    function payIn(address token, address payer, uint256 amount) external;
}

/// @title A product on the Vault
/// @notice Holds no tokens. Owes the LPs, or is owed by them, what its open positions have won or lost so far.
interface IProduct is IDepositor {
    /// @notice Assets whose price the open positions depend on, in ascending order.
    function exposedAssets() external view returns (uint16[] memory assetIds);

    /// @notice Unrealised profit of the LPs at both ends of each price, USD with 18 decimals.
    /// @dev An asset without a valid price counts with its worst bound in `lowUsd`; `highUsd` then means nothing.
    /// Refuses while the product is in the course of a call.
    /// @param assetIds The assets, as `exposedAssets` returned them in this transaction.
    /// @param ranges Their reference prices, in the same order.
    /// @return lowUsd Rounded down. Signed, 18 decimals.
    /// @return highUsd Rounded up. Signed, 18 decimals.
    function lpPnl(
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) external view returns (int256 lowUsd, int256 highUsd);
}
