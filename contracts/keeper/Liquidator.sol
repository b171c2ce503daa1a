// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ItemResult} from "../interfaces/IExecutor.sol";
import {ILiquidator, LiquidationItem} from "../interfaces/ILiquidator.sol";
import {PriceProof} from "../interfaces/IPriceAggregator.sol";
import {ITrading} from "../interfaces/ITrading.sol";
import {CarryMath} from "../libraries/CarryMath.sol";
import {TokenPrice, TradeMath} from "../libraries/TradeMath.sol";
import {TradeState} from "../libraries/TradeState.sol";
import {BookState, MarginToken, Outcome, Position, Terms, TradeStatus} from "../types/TradeTypes.sol";
import {Price, valueOf} from "../types/Units.sol";
import {KeeperBatch} from "./KeeperBatch.sol";

/// @title The liquidator
/// @notice See `ILiquidator`.
contract Liquidator is ILiquidator, KeeperBatch {
    using TradeState for uint8;

    constructor(address aggregator_) KeeperBatch(aggregator_) {}

    /// @inheritdoc ILiquidator
    function liquidate(
        ITrading trading,
        PriceProof[] calldata proofs,
        LiquidationItem[] calldata items
    ) external payable override nonReentrant returns (ItemResult[] memory results) {
        if (address(trading).code.length == 0) revert KeeperBatch_NotATrading(address(trading));
        uint256 first = _prove(proofs);
        results = new ItemResult[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            results[i] = _liquidate(address(trading), items[i], first);
            _reportSkip(address(trading), items[i].tradeId, results[i]);
        }
        _returnExcess();
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

    /// @dev A close that comes with its tick is settled first; only one that leaves the position open goes on.
    function _liquidate(
        address trading,
        LiquidationItem calldata item,
        uint256 first
    ) private returns (ItemResult memory result) {
        if (item.closeTickIndex != type(uint256).max) {
            uint256 closeTick = _tickNumber(first, item.closeTickIndex);
            bytes memory close = abi.encodeCall(ITrading.execute, (item.tradeId, closeTick, msg.sender));
            result = _attempt(trading, item.tradeId, close);
            if (result.outcome == Outcome.Closed || result.outcome == Outcome.Liquidated) return result;
        }
        uint256 tick = _tickNumber(first, item.tickIndex);
        bytes memory data = abi.encodeCall(ITrading.liquidate, (item.tradeId, tick, msg.sender));
        return _attempt(trading, item.tradeId, data);
    }

    function _isLiquidatable(ITrading trading, uint256 tradeId, Price price) private view returns (bool) {
        if (trading.statusOf(tradeId) != TradeStatus.Open) return false;
        Position memory position = trading.position(tradeId);
        MarginToken memory token = trading.marginTokenById(position.tokenId);
        Price tokenPrice = aggregator.pushPrice(token.assetId).mid;
        if (tokenPrice.isZero()) return false;
        Terms memory terms = trading.terms(position.bookId, position.termsId);
        BookState memory state = trading.bookState(position.bookId);
        bool isLong = position.state.isLong();
        uint256 margin = position.margin + trading.extraOf(tradeId).addedMargin;
        return
            TradeMath.isLiquidatable(
                TradeMath.pnlAt(isLong, position.size, position.entry, price),
                CarryMath.owed(
                    valueOf(position.size, position.entry),
                    isLong ? state.longIndex : state.shortIndex,
                    position.carryIndex
                ),
                TradeMath.usdDown(margin, TokenPrice(tokenPrice, 10 ** token.decimals)),
                terms.liquidationLossRatePips
            );
    }
}
