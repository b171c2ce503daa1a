// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "../types/Units.sol";
import {IKeeperBatch, ItemResult} from "./IExecutor.sol";
import {PriceProof} from "./IPriceAggregator.sol";
import {ITrading} from "./ITrading.sol";

/// @notice One position to liquidate, or one order or position to execute, or both.
/// @param tradeId Its id.
/// @param tickIndex Number of the crossing tick, counted over the assets of all proofs of the call; the largest uint256 to
/// execute only.
/// @param closeTickIndex Number of the tick that executes what there is first: settles a close, fills an order, takes a profit
/// or arms a stop; the largest uint256 to liquidate only. A close that is refused so, or closes a part, frees the ticks
/// that it had shielded, for this very item. What was closed or liquidated so is over.
struct LiquidationItem {
    uint256 tradeId;
    uint256 tickIndex;
    uint256 closeTickIndex;
}

/// @title The liquidator
/// @notice Liquidates positions in batches, and in the same batch, on the same proofs, executes whatever `IExecutor` does.
/// Open to anyone: the caller is credited the rewards in the Vault, 5% of each margin, at least 0.2 and at most 50 USD, and
/// the execution fees.
/// @dev Holds nothing and has no rights. Returns the native coin that Pyth did not ask for.
interface ILiquidator is IKeeperBatch {
    /// @notice Proves ticks once, then executes and liquidates each item that qualifies at the ticks named, and skips the rest.
    /// @dev Prove the tick that crossed the liquidation price, not the latest. Call it off chain first: the results say
    /// what each item would do.
    /// @param trading The Trading, or a successor, that the positions are of.
    /// @param proofs Update data and what it is to prove.
    /// @param items What to liquidate or to execute; an id that comes twice is skipped the second time.
    /// @return results In the order of the items; of an item that does both, the last that did something or failed.
    function liquidate(
        ITrading trading,
        PriceProof[] calldata proofs,
        LiquidationItem[] calldata items
    ) external payable returns (ItemResult[] memory results);

    /// @notice Which positions an item with ticks of this price would liquidate, were they published in this block: one to execute
    /// it with, the first at or after the target of whatever close is pending, and one to liquidate with. Carry, token prices,
    /// anchors' band, breaker and sequencer as of now.
    /// @dev `IKeeperLens.dryRunItems` says why not, and takes any ticks. An id that is no open position: false.
    /// A position that stays takes at most 15,000 gas, one that would be liquidated 35,000, any other id 3,100, however many
    /// are asked for. Where the gas of the call ends the answer is shorter than the list: go on from there.
    function liquidatable(
        ITrading trading,
        uint256[] calldata tradeIds,
        Price price
    ) external view returns (bool[] memory);
}
