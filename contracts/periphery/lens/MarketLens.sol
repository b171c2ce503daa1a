// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {IMarketLens, MarketView} from "../../interfaces/IMarketLens.sol";
import {IPriceAggregator} from "../../interfaces/IPriceAggregator.sol";
import {ITrading} from "../../interfaces/ITrading.sol";
import {Reason} from "../../product/Outcome.sol";
import {BookLib} from "../../trading/BookLib.sol";
import {CarryMath} from "../../trading/math/CarryMath.sol";
import {BookConfig, BookId, BookStatus} from "../../types/Book.sol";
import {ONE_USD} from "../../types/Units.sol";
import {Code} from "../../utils/Code.sol";
import {TradingStateLib} from "../TradingStateLib.sol";

/// @title MarketLens
/// @notice See `IMarketLens`.
contract MarketLens is IMarketLens {
    using Math for uint256;
    using TradingStateLib for ITrading;

    /// @notice Where prices are read.
    IPriceAggregator public immutable aggregator;
    /// @notice Whose level stops openings.
    IBreaker public immutable breaker;

    constructor(address aggregator_, address breaker_) {
        Code.requireContract(aggregator_);
        Code.requireContract(breaker_);
        aggregator = IPriceAggregator(aggregator_);
        breaker = IBreaker(breaker_);
    }

    /// @inheritdoc IMarketLens
    function market(ITrading trading, BookId bookId) public view override returns (MarketView memory seen) {
        seen.bookId = bookId;
        seen.mode = bookId.mode();
        (seen.config, seen.openConfig) = trading.bookConfig(bookId);
        seen.tiers = trading.tiers(bookId);
        seen.state = trading.bookState(bookId);
        (seen.long, seen.short) = (trading.bookSide(bookId, true), trading.bookSide(bookId, false));
        _addRoom(seen);
        _addCarry(seen);
        seen.price = aggregator.pushPrice(seen.config.assetId);
        seen.breakerLevel = breaker.level();
        seen.isSequencerReady = aggregator.isSequencerReady();
        seen.blockedBy = _blockedBy(seen);
        seen.executionDelay = trading.executionDelay(seen.mode);
        seen.executionWindow = trading.executionWindow();
        seen.executionFeeUsd = trading.executionFeeUsd();
    }

    /// @inheritdoc IMarketLens
    function markets(
        ITrading trading,
        BookId[] calldata bookIds
    ) external view override returns (MarketView[] memory seen) {
        seen = new MarketView[](bookIds.length);
        for (uint256 i = 0; i < bookIds.length; ++i) seen[i] = market(trading, bookIds[i]);
    }

    /// @dev In the order in which an execution asks.
    function _blockedBy(MarketView memory seen) private view returns (Reason) {
        if (!breaker.canOpen()) return Reason.BreakerRaised;
        if (!seen.isSequencerReady) return Reason.SequencerNotReady;
        if (seen.price.fresh < seen.openConfig.minAnchors) return Reason.AnchorsNotFresh;
        if (seen.config.status != BookStatus.Active) return Reason.BookNotActive;
        if (block.timestamp < seen.openConfig.reduceOnlyUntil) return Reason.BookNotActive;
        // Lost exactly what the budget is, openings go on.
        return _budgetLeftNano(seen) < 0 ? Reason.LossBudgetSpent : Reason.None;
    }

    function _addRoom(MarketView memory seen) private pure {
        uint256 limit = uint256(seen.openConfig.maxOpenInterestUsd) * ONE_USD;
        seen.longRoomUsd = limit.saturatingSub(seen.long.notional);
        seen.shortRoomUsd = limit.saturatingSub(seen.short.notional);
        int256 left = _budgetLeftNano(seen);
        // Not negative where it is converted.
        seen.lossBudgetLeftUsd = left < 0 ? 0 : uint256(left) * BookLib.NANO_USD;
    }

    /// @dev USD with 9 decimals; negative where more was lost.
    function _budgetLeftNano(MarketView memory seen) private pure returns (int256) {
        // A budget of 32 bits of whole dollars.
        return int256(uint256(seen.config.lossBudgetUsd) * BookLib.NANO_USD) - seen.state.lossNano;
    }

    function _addCarry(MarketView memory seen) private pure {
        BookConfig memory config = seen.config;
        int256 funding = CarryMath.fundingRateX18(
            seen.long.notional,
            seen.short.notional,
            CarryMath.perSecondX18(config.fundingPipsPerHour),
            CarryMath.perSecondX18(config.minFundingPipsPerHour),
            CarryMath.perSecondX18(config.maxFundingPipsPerHour)
        );
        // A rate of 16 bits of pips an hour.
        int256 borrow = int256(CarryMath.perSecondX18(config.borrowPipsPerHour));
        (seen.longCarryX18, seen.shortCarryX18) = (borrow + funding, borrow - funding);
    }
}
