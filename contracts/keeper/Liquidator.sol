// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ItemResult} from "../interfaces/IExecutor.sol";
import {ILiquidator, LiquidationItem} from "../interfaces/ILiquidator.sol";
import {PriceProof, Quote, Tick} from "../interfaces/IPriceAggregator.sol";
import {ITrading} from "../interfaces/ITrading.sol";
import {TradingStateLib} from "../periphery/TradingStateLib.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {QuoteLib} from "../product/QuoteLib.sol";
import {BookConfig} from "../types/Book.sol";
import {Position, TradeStatus} from "../types/Trade.sol";
import {Price} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {KeeperBatch} from "./KeeperBatch.sol";
import {TradingBatch} from "./TradingBatch.sol";

/// @title The liquidator
/// @notice See `ILiquidator`.
contract Liquidator is ILiquidator, TradingBatch {
    using TradingStateLib for ITrading;

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
        for (uint256 i = 0; i < tradeIds.length; ++i) {
            isLiquidatable[i] = _isLiquidatable(trading, tradeIds[i], price);
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
            if (result.outcome == Outcome.Closed || result.outcome == Outcome.Liquidated) return result;
        }
        if (item.tickIndex == type(uint256).max) return result;
        uint256 tick = _tickNumber(first, item.tickIndex);
        bytes memory data = abi.encodeCall(ITrading.liquidate, (item.tradeId, tick, msg.sender));
        ItemResult memory liquidation = _attemptTrade(trading, item.tradeId, data);
        // What was executed, or failed to be, is told where there was nothing to liquidate.
        if (!_isIdle(liquidation) || _isIdle(result)) result = liquidation;
    }

    function _isIdle(ItemResult memory result) private pure returns (bool) {
        return result.outcome == Outcome.Skipped && !result.isFailed;
    }

    /// @dev As liquidating with a tick published now would decide, the anchors' band included.
    function _isLiquidatable(ITrading trading, uint256 tradeId, Price price) private view returns (bool) {
        if (trading.statusOf(tradeId) != TradeStatus.Open) return false;
        Position memory position = trading.position(tradeId);
        (BookConfig memory config, ) = trading.bookConfig(position.bookId);
        // Seconds since 1970 fit 40 bits until the year 36,812.
        Tick memory tick = Tick(price, 0, uint40(block.timestamp), 0, config.assetId, false);
        uint16 tokenAssetId = trading.marginTokenById(position.tokenId).assetId;
        Quote memory quote = QuoteLib.ofTick(aggregator, tick, tokenAssetId);
        return trading.previewLiquidate(tradeId, quote).outcome == Outcome.Liquidated;
    }
}
