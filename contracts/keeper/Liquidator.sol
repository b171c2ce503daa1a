// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ItemResult} from "../interfaces/IExecutor.sol";
import {ILiquidator, LiquidationItem} from "../interfaces/ILiquidator.sol";
import {PriceProof, Tick} from "../interfaces/IPriceAggregator.sol";
import {ANY_ASSET, ITrading} from "../interfaces/ITrading.sol";
import {TradingStateLib} from "../periphery/TradingStateLib.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {DueWord} from "../types/DueWord.sol";
import {PositionHead, TradeStatus} from "../types/Trade.sol";
import {Price} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {FreeMemory} from "../utils/FreeMemory.sol";
import {ItemResults} from "./ItemResults.sol";
import {KeeperBatch} from "./KeeperBatch.sol";
import {TradingBatch} from "./TradingBatch.sol";

/// @title The liquidator
/// @notice See `ILiquidator`.
contract Liquidator is ILiquidator, TradingBatch {
    using TradingStateLib for ITrading;
    using ItemResults for ItemResult;

    /// @dev Positions looked at by one call of a view.
    uint256 private constant PAGE = 256;

    /// @dev More than such a call needs, and a position in it.
    uint256 private constant CALL_GAS = 500_000;
    uint256 private constant LOOK_GAS = 40_000;

    constructor(address aggregator_) KeeperBatch(aggregator_) {}

    /// @inheritdoc ILiquidator
    function liquidate(
        ITrading trading,
        PriceProof[] calldata proofs,
        LiquidationItem[] calldata items
    ) external payable override nonReentrant returns (ItemResult[] memory results) {
        if (!Code.isContract(address(trading))) revert KeeperBatch_NotATrading(address(trading));
        (uint256 first, uint256 excess) = _prove(proofs);
        results = new ItemResult[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            results[i] = _liquidate(address(trading), items[i], first);
            _reportSkip(address(trading), items[i].tradeId, results[i]);
        }
        _returnExcess(excess);
    }

    /// @inheritdoc ILiquidator
    function liquidatable(
        ITrading trading,
        uint256[] calldata tradeIds,
        Price price
    ) external view override returns (bool[] memory isLiquidatable) {
        isLiquidatable = new bool[](tradeIds.length);
        // Seconds since 1970 fit 40 bits until the year 36,812. The first tick at or after any moment, of any market.
        Tick[] memory ticks = new Tick[](1);
        ticks[0] = Tick(price, 0, uint40(block.timestamp), 0, ANY_ASSET, true);
        uint256 from = 0;
        while (from < tradeIds.length) {
            (uint256 available, uint256 required) = (gasleft(), CALL_GAS + LOOK_GAS);
            if (available < required) {
                if (from == 0) revert KeeperBatch_GasTooLow(available, required);
                break;
            }
            uint256 count = Math.min(PAGE, (available - required) / LOOK_GAS + 1);
            uint256 until = Math.min(from + count, tradeIds.length);
            uint256 mark = FreeMemory.mark();
            _tellLiquidatable(trading, tradeIds[from:until], ticks, isLiquidatable, from);
            FreeMemory.release(mark);
            from = until;
        }
        // Cut to what was looked at, which is never more.
        assembly ("memory-safe") {
            mstore(isLiquidatable, from)
        }
    }

    /// @dev What comes with a tick to execute it with is executed first; only what leaves the position open goes on.
    function _liquidate(
        address trading,
        LiquidationItem calldata item,
        uint256 first
    ) private returns (ItemResult memory result) {
        result.reason = Reason.NoTick;
        if (item.closeTickIndex != type(uint256).max) {
            uint256 closeTick = _tickNumber(first, item.closeTickIndex);
            bytes memory close = abi.encodeCall(ITrading.execute, (item.tradeId, closeTick, msg.sender));
            result = _attemptTrade(trading, item.tradeId, close);
            if (result.isOver()) return result;
        }
        if (item.tickIndex == type(uint256).max) return result;
        uint256 tick = _tickNumber(first, item.tickIndex);
        bytes memory data = abi.encodeCall(ITrading.liquidate, (item.tradeId, tick, msg.sender));
        return result.told(_attemptTrade(trading, item.tradeId, data));
    }

    /// @dev One page, into the answer from `place` on. Only what is an open position is asked for.
    function _tellLiquidatable(
        ITrading trading,
        uint256[] memory ids,
        Tick[] memory ticks,
        bool[] memory isLiquidatable,
        uint256 place
    ) private view {
        PositionHead[] memory heads = trading.headsOf(ids);
        uint256[] memory places = new uint256[](ids.length);
        uint256 count = 0;
        unchecked {
            // Indexes of lists.
            for (uint256 i = 0; i < heads.length; ++i) {
                if (heads[i].state().status() != TradeStatus.Open) continue;
                places[count] = place + i;
                ids[count++] = ids[i];
            }
        }
        if (count == 0) return;
        // Cut to the open ones, which are never more.
        assembly ("memory-safe") {
            mstore(ids, count)
        }
        DueWord[] memory words = trading.previewDue(msg.sender, ids, ticks);
        for (uint256 i = 0; i < count; ++i) {
            if (!words[i].isNone()) isLiquidatable[places[i]] = words[i].outcome() == Outcome.Liquidated;
        }
    }
}
