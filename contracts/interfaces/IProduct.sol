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
/// @dev What the Vault and ALP take for granted of a product that governance adds, and what they don't:
///  - it asks for tokens of nobody but who called it or gave it an allowance: allowances are its own to guard;
///  - it releases of its collateral and reserve only what belongs to the trades it settles: the Vault knows the sums of a product
///    and not its users, so that a bad product takes its own users' margins and its own reserve, and nothing else;
///  - what it says its positions are worth is bounded by what it has in the Vault: it isn't taken for granted;
///  - it takes prices from the PriceAggregator alone, each no older than its rules say;
///  - it goes on with closes, settlements and claims at a ceiling of 0, for as long as anything is open;
///  - it depends on no call of governance to be settled.
interface IProduct is IDepositor {
    /// @notice A product is built with a delay from request to target within these bounds, in seconds.
    error Product_DelayOutOfRange(uint256 executionDelay, uint256 min, uint256 max);
    /// @notice A product is built with a window for executing within these bounds, in seconds.
    error Product_WindowOutOfRange(uint256 executionWindow, uint256 min, uint256 max);
    /// @notice A product is built with an execution fee of at most `max`, USD with 18 decimals.
    error Product_ExecutionFeeOutOfRange(uint256 executionFeeUsd, uint256 max);

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
