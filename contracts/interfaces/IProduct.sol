// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBreaker} from "./IBreaker.sol";
import {IPriceAggregator} from "./IPriceAggregator.sol";
import {IVault} from "./IVault.sol";

/// @notice Whoever brings tokens into the Vault.
interface IDepositor {
    /// @notice Called back by the Vault inside `deposit` and `addLiquidity`: move `amount` of `token` from `payer` to the
    /// Vault.
    /// @dev Allowances are given to the depositor, never to the Vault. Requirements: only the Vault may call it, and only
    /// in the course of a call of the depositor's own.
    function payIn(address token, address payer, uint256 amount) external;
}

/// @title Errors that every product has
/// @notice Of what a product is built with, and of who may call what only the Vault or the configurator calls.
interface IProductErrors {
    /// @notice Only the product's configurator may call this.
    error Product_OnlyConfigurator(address caller);
    /// @notice Only the Vault may call this, in the course of a deposit.
    error Product_OnlyVault(address caller);
    /// @notice A product is built with a delay from request to target within these bounds, in seconds.
    error Product_DelayOutOfRange(uint256 executionDelay, uint256 min, uint256 max);
    /// @notice A product is built with a window for executing within these bounds, in seconds.
    error Product_WindowOutOfRange(uint256 executionWindow, uint256 min, uint256 max);
    /// @notice A product is built with an execution fee of at most `max`, USD with 18 decimals.
    error Product_ExecutionFeeOutOfRange(uint256 executionFeeUsd, uint256 max);
}

/// @title What every product here is built on
/// @notice The contracts it asks, and who configures it.
interface IProductBase is IDepositor, IProductErrors {
    /// @notice Holds the tokens.
    function vault() external view returns (IVault);

    /// @notice Where it asks for prices.
    function aggregator() external view returns (IPriceAggregator);

    /// @notice Circuit breaker.
    function breaker() external view returns (IBreaker);

    /// @notice The only writer of its configuration.
    function configurator() external view returns (address);
}

/// @title A product on the Vault whose open positions are valued
/// @notice Holds no tokens. Owes the LPs, or is owed by them, what its open positions have won or lost so far.
/// @dev Asked only while it holds something reserved, with a bounded amount of gas. What it says counts at most what its
/// ledgers in the Vault can pay; a view that fails counts all that is reserved as lost in a burn, and makes a mint refuse.
/// A product whose positions are worth what its ledgers say at the adverse side, as bets are, needs to be no more than a
/// depositor.
///
/// What the Vault and ALP take for granted of a product that governance adds, and what they don't:
///  - it asks for tokens of nobody but who called it or gave it an allowance: allowances are its own to guard;
///  - it releases of its collateral and reserve only what belongs to the trades it settles: the Vault knows the sums of a product
///    and not its users, so that a bad product takes its own users' margins and its own reserve, and nothing else;
///  - what it says its positions are worth is bounded by what it has in the Vault: it isn't taken for granted;
///  - it takes prices from the PriceAggregator alone, each no older than its rules say;
///  - it goes on with closes, settlements and claims at a ceiling of 0, for as long as anything is open;
///  - it depends on no call of governance to be settled.
interface IProduct is IDepositor, IProductErrors {
    /// @notice Assets whose price the open positions depend on: bit i stands for asset i.
    function exposedAssets() external view returns (uint256 assetMask);

    /// @notice Unrealised profit of the LPs at both ends of each price, and what liquidations that may be due could add.
    /// @dev An asset without a valid price, or that is not among those given, counts with its worst bound in `lowUsd`;
    /// `highUsd` and `dueUsd` then mean nothing. Refuses while the product is in the course of a call.
    /// @param assetMask The assets given, at least those exposed: bit i stands for asset i.
    /// @param rangeWords Their reference prices in ascending order of the assets, see `PackedPrice`.
    /// @return lowUsd Rounded down. Signed, 18 decimals.
    /// @return highUsd Rounded up. Signed, 18 decimals.
    /// @return dueUsd Most that liquidating whatever is due at these prices could bring the LPs beyond `highUsd`, rounded up; 18
    /// decimals.
    function lpPnl(
        uint256 assetMask,
        uint256[] calldata rangeWords
    ) external view returns (int256 lowUsd, int256 highUsd, uint256 dueUsd);
}
