// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DryRun, IKeeperLens} from "../../interfaces/IKeeperLens.sol";
import {IPriceAggregator, PushPrice, Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ExecutionPreview, ITrading} from "../../interfaces/ITrading.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {BookConfig, MarginToken} from "../../types/Book.sol";
import {TradeStatus} from "../../types/Trade.sol";
import {Price} from "../../types/Units.sol";
import {Code} from "../../utils/Code.sol";
import {TradingStateLib} from "../TradingStateLib.sol";
import {TradeScan} from "./TradeScan.sol";

/// @notice Prices that the items of one call share.
/// @param ticks As given.
/// @param anchors Fresh push sources of the asset of each tick.
/// @param isSequencerReady As the aggregator says.
/// @param tokens Margin tokens met so far, by their number.
/// @param tokenPrices Their prices, each with the ends of a disputed one.
struct SharedPrices {
    Tick[] ticks;
    PushPrice[] anchors;
    bool isSequencerReady;
    MarginToken[] tokens;
    Price[3][] tokenPrices;
}

/// @title KeeperLens
/// @notice See `IKeeperLens`.
contract KeeperLens is IKeeperLens {
    using TradingStateLib for ITrading;

    /// @dev The number of a margin token has 8 bits.
    uint256 private constant TOKEN_IDS = 256;

    IPriceAggregator public immutable aggregator;

    constructor(address aggregator_) {
        Code.requireContract(aggregator_);
        aggregator = IPriceAggregator(aggregator_);
    }

    /// @inheritdoc IKeeperLens
    function dryRun(
        ITrading trading,
        address executor,
        uint256[] calldata ids,
        Tick[] calldata ticks,
        uint256[] calldata tickIndexes
    ) external view override returns (DryRun[] memory runs) {
        if (ids.length != tickIndexes.length) revert KeeperLens_LengthsDiffer(ids.length, tickIndexes.length);
        SharedPrices memory prices = _pricesOf(ticks);
        runs = new DryRun[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            runs[i] = _execution(trading, prices, ids[i], tickIndexes[i], executor);
        }
    }

    /// @inheritdoc IKeeperLens
    function dryRunLiquidations(
        ITrading trading,
        uint256[] calldata ids,
        Tick[] calldata ticks,
        uint256[] calldata tickIndexes
    ) external view override returns (DryRun[] memory runs) {
        if (ids.length != tickIndexes.length) revert KeeperLens_LengthsDiffer(ids.length, tickIndexes.length);
        SharedPrices memory prices = _pricesOf(ticks);
        runs = new DryRun[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) runs[i] = _liquidation(trading, prices, ids[i], tickIndexes[i]);
    }

    /// @inheritdoc IKeeperLens
    function due(
        ITrading trading,
        address executor,
        uint256 from,
        uint256 to,
        Tick[] calldata ticks
    ) external view override returns (DryRun[] memory runs) {
        (uint256[] memory ids, ) = TradeScan.live(trading, address(0), from, to, type(uint256).max);
        SharedPrices memory prices = _pricesOf(ticks);
        runs = new DryRun[](ids.length);
        uint256 count = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            DryRun memory run = _dueOf(trading, prices, ids[i], executor);
            if (run.preview.outcome != Outcome.Skipped) runs[count++] = run;
        }
        // Cut to what was found, which is never more.
        assembly ("memory-safe") {
            mstore(runs, count)
        }
    }

    /// @dev A liquidation ends the position and pays more than arming its stop.
    function _dueOf(
        ITrading trading,
        SharedPrices memory prices,
        uint256 id,
        address executor
    ) private view returns (DryRun memory run) {
        // An order has its book where a position has its own.
        (BookConfig memory config, ) = trading.bookConfig(trading.position(id).bookId);
        uint256 tickIndex = _tickOf(prices, config.assetId);
        if (trading.statusOf(id) == TradeStatus.Open) {
            run = _liquidation(trading, prices, id, tickIndex);
            if (run.preview.outcome == Outcome.Liquidated) return run;
        }
        return _execution(trading, prices, id, tickIndex, executor);
    }

    function _execution(
        ITrading trading,
        SharedPrices memory prices,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) private view returns (DryRun memory run) {
        run.id = id;
        if (!_isLive(trading, run)) return run;
        Quote memory quote = _quoteOf(trading, prices, run, tickIndex);
        try trading.previewExecute(id, executor, quote) returns (ExecutionPreview memory preview) {
            run.preview = preview;
        } catch (bytes memory failure) {
            (run.isFailed, run.failure) = (true, failure);
        }
    }

    function _liquidation(
        ITrading trading,
        SharedPrices memory prices,
        uint256 id,
        uint256 tickIndex
    ) private view returns (DryRun memory run) {
        (run.id, run.isLiquidation) = (id, true);
        if (!_isLive(trading, run)) return run;
        Quote memory quote = _quoteOf(trading, prices, run, tickIndex);
        try trading.previewLiquidate(id, quote) returns (ExecutionPreview memory preview) {
            run.preview = preview;
        } catch (bytes memory failure) {
            (run.isFailed, run.failure) = (true, failure);
        }
    }

    function _isLive(ITrading trading, DryRun memory run) private view returns (bool isLive) {
        isLive = trading.statusOf(run.id) != TradeStatus.None;
        if (!isLive) run.preview.reason = Reason.NothingPending;
    }

    /// @dev What the aggregator would say of the tick and of the trade's token, which is noted.
    function _quoteOf(
        ITrading trading,
        SharedPrices memory prices,
        DryRun memory run,
        uint256 tickIndex
    ) private view returns (Quote memory quote) {
        // An order has its token where a position has its own.
        uint8 tokenId = trading.position(run.id).tokenId;
        if (prices.tokens[tokenId].tokenId == 0) {
            prices.tokens[tokenId] = trading.marginTokenById(tokenId);
            Price[3] memory ends = prices.tokenPrices[tokenId];
            (ends[0], ends[1], ends[2]) = aggregator.tokenPrice(prices.tokens[tokenId].assetId);
        }
        run.token = prices.tokens[tokenId].token;
        if (tickIndex < prices.ticks.length) {
            (quote.tick, quote.anchors) = (prices.ticks[tickIndex], prices.anchors[tickIndex]);
        }
        Price[3] memory price = prices.tokenPrices[tokenId];
        (quote.tokenPrice, quote.tokenLow, quote.tokenHigh) = (price[0], price[1], price[2]);
        quote.isSequencerReady = prices.isSequencerReady;
    }

    function _pricesOf(Tick[] calldata ticks) private view returns (SharedPrices memory prices) {
        prices.ticks = ticks;
        prices.anchors = new PushPrice[](ticks.length);
        for (uint256 i = 0; i < ticks.length; ++i) prices.anchors[i] = aggregator.pushPrice(ticks[i].assetId);
        prices.isSequencerReady = aggregator.isSequencerReady();
        prices.tokens = new MarginToken[](TOKEN_IDS);
        prices.tokenPrices = new Price[3][](TOKEN_IDS);
    }

    /// @dev The first tick of an asset; beyond the last where there is none.
    function _tickOf(SharedPrices memory prices, uint16 assetId) private pure returns (uint256 index) {
        while (index < prices.ticks.length && prices.ticks[index].assetId != assetId) ++index;
    }
}
