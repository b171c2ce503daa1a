// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ItemResult} from "../../interfaces/IExecutor.sol";
import {DryRun, DueTrade, IKeeperLens, ItemRun} from "../../interfaces/IKeeperLens.sol";
import {LiquidationItem} from "../../interfaces/ILiquidator.sol";
import {IPriceAggregator, PushPrice, Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ExecutionPreview, ITrading, ItemPreview} from "../../interfaces/ITrading.sol";
import {ItemResults} from "../../keeper/ItemResults.sol";
import {Reason} from "../../product/Outcome.sol";
import {MarginToken} from "../../types/Book.sol";
import {DueWord} from "../../types/DueWord.sol";
import {PositionHead, TradeStatus} from "../../types/Trade.sol";
import {Price} from "../../types/Units.sol";
import {Code} from "../../utils/Code.sol";
import {FreeMemory} from "../../utils/FreeMemory.sol";
import {TradingStateLib} from "../TradingStateLib.sol";

/// @notice Prices that the items of one call share.
/// @param ticks As given.
/// @param anchors Fresh push sources of the asset of each tick.
/// @param isSequencerReady As the aggregator says.
/// @param tokens Margin tokens met so far, by their number; zero at number 0.
/// @param tokenPrices Their prices, each with the ends of a disputed one.
struct SharedPrices {
    Tick[] ticks;
    PushPrice[] anchors;
    bool isSequencerReady;
    address[] tokens;
    Price[3][] tokenPrices;
}

/// @notice The two attempts of an item.
/// @param executes It names a tick for the first.
/// @param liquidates It names a tick for the second.
/// @param closeQuote Of the first.
/// @param quote Of the second.
/// @param second What the second would do, once that is known.
/// @param isSecondKnown It is known.
/// @param isSecondFailed It would revert.
struct Tries {
    bool executes;
    bool liquidates;
    Quote closeQuote;
    Quote quote;
    ExecutionPreview second;
    bool isSecondKnown;
    bool isSecondFailed;
}

/// @notice What a search has found so far.
/// @param ids Of the trades.
/// @param tokenIds Numbers of their margin tokens.
/// @param words What there is to do about each.
/// @param count How many.
struct Findings {
    uint256[] ids;
    uint8[] tokenIds;
    DueWord[] words;
    uint256 count;
}

/// @title KeeperLens
/// @notice See `IKeeperLens`.
contract KeeperLens is IKeeperLens {
    using TradingStateLib for ITrading;
    using ItemResults for ItemResult;

    /// @dev The number of a margin token has 8 bits.
    uint256 private constant TOKEN_IDS = 256;

    /// @dev An item names no tick for an attempt.
    uint256 private constant NOT_TRIED = type(uint256).max;

    /// @dev Ids looked at by one search, and by one call of Trading.
    uint256 private constant MAX_IDS = 5_000;
    uint256 private constant PAGE = 256;

    /// @dev More than a call of Trading needs, an order in it that fills, and telling a trade that was found.
    uint256 private constant CALL_GAS = 1_000_000;
    uint256 private constant LOOK_GAS = 80_000;
    uint256 private constant TELLING_GAS = 3_000;

    /// @notice Where prices are read.
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
            uint256 mark = FreeMemory.mark();
            runs[i].id = ids[i];
            _execution(trading, prices, tickIndexes[i], executor, runs[i]);
            // An error stays where it was copied to.
            if (!runs[i].isFailed) FreeMemory.release(mark);
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
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 mark = FreeMemory.mark();
            (runs[i].id, runs[i].isLiquidation) = (ids[i], true);
            _liquidation(trading, prices, tickIndexes[i], runs[i]);
            if (!runs[i].isFailed) FreeMemory.release(mark);
        }
    }

    /// @inheritdoc IKeeperLens
    function dryRunItems(
        ITrading trading,
        address executor,
        LiquidationItem[] calldata items,
        Tick[] calldata ticks
    ) external view override returns (ItemRun[] memory runs) {
        SharedPrices memory prices = _pricesOf(ticks);
        runs = new ItemRun[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 mark = FreeMemory.mark();
            _item(trading, prices, executor, items[i], runs[i]);
            if (runs[i].failure.length == 0) FreeMemory.release(mark);
        }
    }

    /// @inheritdoc IKeeperLens
    function due(
        ITrading trading,
        address executor,
        uint256 from,
        uint256 max,
        Tick[] calldata ticks
    ) external view override returns (DueTrade[] memory trades, uint256 next) {
        next = from;
        uint256 end = trading.nextTradeId();
        if (from >= end) return (trades, next);
        end = from + Math.min(Math.min(max, MAX_IDS), end - from);
        Findings memory found;
        (found.ids, found.tokenIds) = (new uint256[](end - from), new uint8[](end - from));
        found.words = new DueWord[](end - from);
        while (next < end) {
            (uint256 available, uint256 required) = (gasleft(), CALL_GAS + LOOK_GAS + found.count * TELLING_GAS);
            if (available < required) {
                if (next == from) revert KeeperLens_GasTooLow(available, required);
                break;
            }
            uint256 count = Math.min(Math.min(PAGE, (available - required) / LOOK_GAS + 1), end - next);
            uint256 mark = FreeMemory.mark();
            _search(trading, executor, ticks, next, count, found);
            FreeMemory.release(mark);
            next += count;
        }
        trades = _tell(trading, found);
    }

    /// @dev So many ids from one on.
    function _search(
        ITrading trading,
        address executor,
        Tick[] calldata ticks,
        uint256 from,
        uint256 count,
        Findings memory found
    ) private view {
        PositionHead[] memory heads = trading.headsFrom(from, count);
        uint256[] memory ids = _liveOf(heads, from);
        if (ids.length == 0) return;
        DueWord[] memory words = _ask(trading, executor, ids, ticks);
        for (uint256 i = 0; i < words.length; ++i) {
            if (words[i].isNone()) continue;
            uint256 place = found.count++;
            (found.ids[place], found.words[place]) = (ids[i], words[i]);
            found.tokenIds[place] = heads[ids[i] - from].tokenId();
        }
    }

    /// @dev Where one of the page fails, each is asked for by itself.
    function _ask(
        ITrading trading,
        address executor,
        uint256[] memory ids,
        Tick[] calldata ticks
    ) private view returns (DueWord[] memory words) {
        try trading.previewDue(executor, ids, ticks) returns (DueWord[] memory answer) {
            return answer;
        } catch (bytes memory) {
            words = new DueWord[](ids.length);
        }
        uint256[] memory single = new uint256[](1);
        for (uint256 i = 0; i < ids.length; ++i) {
            single[0] = ids[i];
            try trading.previewDue(executor, single, ticks) returns (DueWord[] memory answer) {
                words[i] = answer[0];
            } catch (bytes memory) {
                // Left out: `dryRunItems` gives the error.
                continue;
            }
        }
    }

    function _tell(ITrading trading, Findings memory found) private view returns (DueTrade[] memory trades) {
        trades = new DueTrade[](found.count);
        address[] memory tokens = new address[](TOKEN_IDS);
        for (uint256 i = 0; i < trades.length; ++i) {
            uint8 tokenId = found.tokenIds[i];
            if (tokens[tokenId] == address(0)) tokens[tokenId] = trading.marginTokenById(tokenId).token;
            DueWord word = found.words[i];
            DueTrade memory trade = trades[i];
            (trade.id, trade.token, trade.isLiquidation) = (found.ids[i], tokens[tokenId], word.isLiquidation());
            (trade.outcome, trade.reason) = (word.outcome(), word.reason());
            (trade.price, trade.executorPay) = (word.price(), word.executorPay());
        }
    }

    function _liveOf(PositionHead[] memory heads, uint256 from) private pure returns (uint256[] memory ids) {
        ids = new uint256[](heads.length);
        uint256 count = 0;
        unchecked {
            // No id comes near to the largest uint256.
            for (uint256 i = 0; i < heads.length; ++i) {
                if (heads[i].state().status() != TradeStatus.None) ids[count++] = from + i;
            }
        }
        // Cut to what was found, which is never more.
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }

    function _execution(
        ITrading trading,
        SharedPrices memory prices,
        uint256 tickIndex,
        address executor,
        DryRun memory run
    ) private view {
        uint8 tokenId = _tokenIdOf(trading, prices, run.id);
        if (tokenId == 0) {
            run.preview.reason = Reason.NothingPending;
            return;
        }
        run.token = prices.tokens[tokenId];
        try trading.previewExecute(run.id, executor, _quoteOf(prices, tokenId, tickIndex)) returns (
            ExecutionPreview memory preview
        ) {
            _copy(preview, run.preview);
        } catch (bytes memory failure) {
            (run.isFailed, run.failure) = (true, failure);
        }
    }

    function _liquidation(
        ITrading trading,
        SharedPrices memory prices,
        uint256 tickIndex,
        DryRun memory run
    ) private view {
        uint8 tokenId = _tokenIdOf(trading, prices, run.id);
        if (tokenId == 0) {
            run.preview.reason = Reason.NothingPending;
            return;
        }
        run.token = prices.tokens[tokenId];
        try trading.previewLiquidate(run.id, _quoteOf(prices, tokenId, tickIndex)) returns (
            ExecutionPreview memory preview
        ) {
            _copy(preview, run.preview);
        } catch (bytes memory failure) {
            (run.isFailed, run.failure) = (true, failure);
        }
    }

    /// @dev As the Liquidator goes about it.
    function _item(
        ITrading trading,
        SharedPrices memory prices,
        address executor,
        LiquidationItem calldata item,
        ItemRun memory run
    ) private view {
        uint8 tokenId = _tokenIdOf(trading, prices, item.tradeId);
        (run.id, run.token, run.result.reason) = (item.tradeId, prices.tokens[tokenId], Reason.NoTick);
        Tries memory tries;
        (tries.executes, tries.liquidates) = (item.closeTickIndex != NOT_TRIED, item.tickIndex != NOT_TRIED);
        if (tokenId == 0) return _nothingPending(tries, run);
        tries.closeQuote = _quoteOf(prices, tokenId, item.closeTickIndex);
        tries.quote = _quoteOf(prices, tokenId, item.tickIndex);
        if (tries.executes) _firstOf(trading, executor, tries, run);
        if (tries.liquidates && !run.result.isOver()) _secondOf(trading, tries, run);
    }

    function _nothingPending(Tries memory tries, ItemRun memory run) private pure {
        if (tries.executes) run.execution.reason = Reason.NothingPending;
        if (tries.liquidates) run.liquidation.reason = Reason.NothingPending;
        if (tries.executes || tries.liquidates) run.result.reason = Reason.NothingPending;
    }

    /// @dev The execution, and where it can be told together the liquidation of what it leaves.
    function _firstOf(ITrading trading, address executor, Tries memory tries, ItemRun memory run) private view {
        if (tries.liquidates) {
            try trading.previewItem(run.id, executor, tries.closeQuote, tries.quote) returns (
                ItemPreview memory preview
            ) {
                _copy(preview.execution, run.execution);
                _note(preview.execution, run.result);
                tries.second = preview.liquidation;
                tries.isSecondKnown = true;
                return;
            } catch (bytes memory failure) {
                run.failure = failure;
            }
        }
        // Without a tick to liquidate with, the second attempt does nothing.
        Quote memory none;
        try trading.previewItem(run.id, executor, tries.closeQuote, none) returns (ItemPreview memory preview) {
            _copy(preview.execution, run.execution);
            _note(preview.execution, run.result);
            tries.isSecondFailed = tries.liquidates;
        } catch (bytes memory failure) {
            (run.failure, run.result.reason, run.result.isFailed) = (failure, Reason.None, true);
        }
    }

    /// @dev The liquidation: by itself where nothing was executed, or the execution would fail and leave everything as it was.
    function _secondOf(ITrading trading, Tries memory tries, ItemRun memory run) private view {
        ItemResult memory second;
        second.isFailed = tries.isSecondFailed;
        if (!tries.isSecondKnown && !tries.isSecondFailed) {
            try trading.previewLiquidate(run.id, tries.quote) returns (ExecutionPreview memory preview) {
                tries.second = preview;
            } catch (bytes memory failure) {
                (run.failure, second.isFailed) = (failure, true);
            }
        }
        _copy(tries.second, run.liquidation);
        _note(tries.second, second);
        second = run.result.told(second);
        ItemResult memory result = run.result;
        (result.outcome, result.reason, result.isFailed) = (second.outcome, second.reason, second.isFailed);
    }

    /// @dev The number of a trade's token, which is noted; 0 where there is no such trade.
    function _tokenIdOf(ITrading trading, SharedPrices memory prices, uint256 id) private view returns (uint8 tokenId) {
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        // An order has its token where a position has its own. Numbers start at 1.
        tokenId = trading.headsOf(ids)[0].tokenId();
        if (tokenId == 0 || prices.tokens[tokenId] != address(0)) return tokenId;
        MarginToken memory token = trading.marginTokenById(tokenId);
        prices.tokens[tokenId] = token.token;
        Price[3] memory ends = prices.tokenPrices[tokenId];
        (ends[0], ends[1], ends[2]) = aggregator.tokenPrice(token.assetId);
    }

    function _pricesOf(Tick[] calldata ticks) private view returns (SharedPrices memory prices) {
        prices.ticks = ticks;
        prices.anchors = new PushPrice[](ticks.length);
        for (uint256 i = 0; i < ticks.length; ++i) prices.anchors[i] = aggregator.pushPrice(ticks[i].assetId);
        prices.isSequencerReady = aggregator.isSequencerReady();
        prices.tokens = new address[](TOKEN_IDS);
        prices.tokenPrices = new Price[3][](TOKEN_IDS);
    }

    /// @dev What the aggregator would say of the tick and of a token that was met.
    function _quoteOf(
        SharedPrices memory prices,
        uint8 tokenId,
        uint256 tickIndex
    ) private pure returns (Quote memory quote) {
        if (tickIndex < prices.ticks.length) {
            (quote.tick, quote.anchors) = (prices.ticks[tickIndex], prices.anchors[tickIndex]);
        }
        Price[3] memory price = prices.tokenPrices[tokenId];
        (quote.tokenPrice, quote.tokenLow, quote.tokenHigh) = (price[0], price[1], price[2]);
        quote.isSequencerReady = prices.isSequencerReady;
    }

    /// @dev Into what was there before, so that nothing refers to memory that is given back.
    function _copy(ExecutionPreview memory from, ExecutionPreview memory to) private pure {
        (to.outcome, to.reason, to.price) = (from.outcome, from.reason, from.price);
        (to.executorPay, to.ownerPay, to.closeFee) = (from.executorPay, from.ownerPay, from.closeFee);
    }

    function _note(ExecutionPreview memory preview, ItemResult memory result) private pure {
        (result.outcome, result.reason) = (preview.outcome, preview.reason);
    }
}
