// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title ALP, the share of the liquidity vault
/// @notice ERC-20 with 18 decimals and ERC-2612. Minted ALP cools for `coolingSeconds`, in which it can be neither
/// transferred nor burned.
/// @dev What an account has minted within the cooling period is locked, and nothing else: receiving ALP locks nothing,
/// a new mint leaves older ALP free. ALP is free from `mint time + coolingSeconds` on, that second included.
/// The cost of the check grows with the logarithm of the account's own mints only; nobody can add to another's.
interface IAlp is IERC20, IERC20Permit {
    /// @notice Only the manager may mint and burn.
    error Alp_NotManager(address caller);
    /// @notice The cooling period is out of its bounds, in seconds.
    error Alp_CoolingOutOfRange(uint256 coolingSeconds, uint256 min, uint256 max);
    /// @notice More than what the account has free, in ALP.
    error Alp_StillCooling(address account, uint256 amount, uint256 free);

    /// @notice Mints to `account` and starts the cooling of what is minted. Only the manager.
    /// @param amount ALP, 18 decimals.
    function mint(address account, uint256 amount) external;

    /// @notice Burns free ALP of `account`; needs no allowance. Only the manager.
    /// @param amount ALP, 18 decimals.
    function burn(address account, uint256 amount) external;

    /// @notice ALP of an account that is still cooling, 18 decimals.
    function lockedOf(address account) external view returns (uint256);

    /// @notice ALP of an account that it may transfer or burn now, 18 decimals.
    function freeBalanceOf(address account) external view returns (uint256);

    /// @notice The AlpManager.
    function manager() external view returns (address);

    /// @notice How long minted ALP cools, in seconds.
    function coolingSeconds() external view returns (uint256);
}
