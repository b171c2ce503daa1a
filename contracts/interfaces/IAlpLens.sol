// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAlpManager} from "./IAlpManager.sol";
import {IAlpValuation} from "./IAlpValuation.sol";

/// @notice What the vault is worth, with the prices as they can be read now.
/// @param lowUsd At the low end of every price, rounded down; signed, 18 decimals.
/// @param midUsd At the median prices, rounded down; signed, 18 decimals.
/// @param highUsd At the high end of every price, rounded up; signed, 18 decimals.
/// @param dueUsd What liquidations that may be due could add to `highUsd`, rounded up; 18 decimals.
/// @param supply ALP, 18 decimals.
/// @param lowPrice USD per ALP at `lowUsd`, 18 decimals, rounded down; 0 below a NAV of 0; 1 USD before the first mint.
/// @param midPrice USD per ALP at `midUsd`, likewise.
/// @param highPrice USD per ALP at `highUsd`, likewise, rounded up.
/// @param missingAssetIds Assets whose price is not valid yet: a tick or a quorum is missing, or the spread is too wide.
struct NavQuote {
    int256 lowUsd;
    int256 midUsd;
    int256 highUsd;
    int256 dueUsd;
    uint256 supply;
    uint256 lowPrice;
    uint256 midPrice;
    uint256 highPrice;
    uint16[] missingAssetIds;
}

/// @notice What a mint would give. ALP with 18 decimals; 0 where it would be refused for want of value.
/// @param amountOut What is minted: the lesser of the two numbers that follow, less the dead shares of a first mint.
/// @param feePips The fee, in pips.
/// @param amountAfterFee For the deposit less the fee, at the high NAV.
/// @param amountAfterDue For the whole deposit, at the high NAV and what liquidations that may be due could add to it.
/// @param missingAssetIds Assets whose price is not valid yet; empty: the numbers are those of the operation itself.
struct MintPreview {
    uint256 amountOut;
    uint256 feePips;
    uint256 amountAfterFee;
    uint256 amountAfterDue;
    uint16[] missingAssetIds;
}

/// @notice What a burn would give.
/// @param amountOut Token units; 0 where it would be refused for want of value.
/// @param feePips The fee, in pips.
/// @param missingAssetIds Assets whose price is not valid yet; empty: the numbers are those of the operation itself.
struct BurnPreview {
    uint256 amountOut;
    uint256 feePips;
    uint16[] missingAssetIds;
}

/// @title What ALP is worth
/// @notice Values the liquidity as minting and burning do, by the same code on the same settings.
interface IAlpLens is IAlpValuation {
    /// @notice What the vault is worth.
    /// @dev An estimate as long as assets are missing: those count with their push prices as they are. Refuses in the course of a
    /// mint, a burn or a call of a product, and while a product with open positions does not say what they are worth.
    /// @param prover Whose reference ticks of this transaction join the prices; without ticks, any address.
    function nav(address prover) external view returns (NavQuote memory);

    /// @notice What a mint would give now.
    /// @dev With the ticks of `prover`, or without ticks from push prices alone. As long as assets are missing it is an
    /// estimate, and `AlpManager.mint` refuses until the missing ticks are brought; ticks widen the ranges, so that `mint` gives as much
    /// or slightly less. Refuses where the asset's share would pass its limit, and as `nav` does. Tells neither the breaker nor allowances.
    function previewMint(address prover, address token, uint256 amount) external view returns (MintPreview memory);

    /// @notice What a burn would give now.
    /// @dev As `previewMint`; while a product with open positions does not answer, a static call of `AlpManager.burn` tells more. A burn without the missing ticks pays less than the estimate: it counts the missing assets 0, or
    /// takes their push prices with a wider range.
    /// Tells neither the breaker, cooling nor reserved liquidity.
    function previewBurn(address prover, address token, uint256 alpAmount) external view returns (BurnPreview memory);

    /// @notice Whose mints and burns it previews.
    function manager() external view returns (IAlpManager);
}
