// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "../types/Units.sol";
import {IKeeperBatch, ItemResult} from "./IExecutor.sol";
import {PriceProof} from "./IPriceAggregator.sol";
import {ITrading} from "./ITrading.sol";

/// @notice One position to liquidate.
/// @param tradeId Its id.
/// @param tickIndex Number of the crossing tick, counted over the assets of all proofs of the call.
/// @param closeTickIndex Number of the tick that settles a close pending on the position first; the largest uint256 for
/// none. A close that is refused so frees the ticks that it had shielded, for this very item.
struct LiquidationItem {
    uint256 tradeId;
    uint256 tickIndex;
    uint256 closeTickIndex;
}

/// @title The liquidator
/// @notice Liquidates positions in batches. Open to anyone: the caller is credited the rewards in the Vault, 5% of each
/// margin, at least 0.2 and at most 50 USD.
/// @dev Holds nothing and has no rights. Returns the native coin that Pyth did not ask for.
interface ILiquidator is IKeeperBatch {
    /// @notice Proves ticks once, then liquidates each position that qualifies at the tick named, and skips the rest.
    /// @dev Prove the tick that crossed the liquidation price, not the latest. Call it off chain first: the results say
    /// what each item would do.
    /// @param trading The Trading, or a successor, that the positions are of.
    /// @param proofs Update data and what it is to prove.
    /// @param items What to liquidate; an id that comes twice is skipped the second time.
    /// @return results In the order of the items.
    function liquidate(
        ITrading trading,
        PriceProof[] calldata proofs,
        LiquidationItem[] calldata items
    ) external payable returns (ItemResult[] memory results);

    /// @notice Which positions loss and carry would liquidate at a price, with carry and token prices as of now.
    /// @dev Says nothing of ticks, pending closes, breaker and sequencer. An id that is no open position: false.
    function liquidatable(
        ITrading trading,
        uint256[] calldata tradeIds,
        Price price
    ) external view returns (bool[] memory);
}
