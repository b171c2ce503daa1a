// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ONE_USD} from "../../types/Units.sol";
import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {DuePosition, LiquidationMath} from "../math/LiquidationMath.sol";
import {DistressRules} from "../rules/DistressRules.sol";
import {DueRules, DueScope} from "../rules/DueRules.sol";
import {FundRules} from "../rules/FundRules.sol";
import {MarginRules, ScopeHealth} from "../rules/MarginRules.sol";
import {Owners} from "../rules/Owners.sol";
import {Passing, PassingRules} from "../rules/PassingRules.sol";
import {DistressWord} from "../types/DistressWord.sol";
import {LimitsWord, MarketStatus} from "../types/MarketConfig.sol";
import {HeatWord, HeatWordFields, IndicesWord} from "../types/MarketWords.sol";
import {PositionWord} from "../types/PositionWord.sol";
import {ProIds} from "../types/ProIds.sol";
import {MarkLogic} from "./MarkLogic.sol";

/// @title Deleveraging, the last resort and settling
/// @notice Where book and fund don't end a liquidation positions are passed on to winners, who ranks higher is open earlier;
/// in the end the opposite side bears what lacks. And how a market ends for good.
/// @dev Linked to Pro and run on its storage.
library AdlLogic {
    using DistressRules for DistressWord;

    /// @dev Most that the fund pays for a candidate, quote, and the part of what was closed that it is at most: above that the
    /// least positions would earn who holds both sides more than their fees.
    uint256 private constant CANDIDATE_PAY = ONE_USD / 5;
    uint256 private constant CANDIDATE_PAY_DIVISOR = 10_000;
    /// @dev Losses shared in a rolling day beyond this part of the mark close a market to increases.
    uint256 private constant SHARED_LOSS_DIVISOR = 50;
    /// @dev From the beginning of a delisting on a market still trades, and an index this old stands in for a last one.
    uint256 private constant SETTLING_AFTER = 1 days;

    /// @dev The working set of a passing.
    /// @param deficit What the lots lack at the mark, quote.
    /// @param perLot What each lot of the opposite side is charged, quote.
    struct Case {
        DueScope due;
        uint40 other;
        uint256 lots;
        uint256 deficit;
        uint256 perLot;
    }

    /// @notice See `IPro.deleverage`.
    function deleverage(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint8 marketId,
        uint40 candidate,
        address keeper
    ) external returns (ProOutcome, ProReason reason) {
        Case memory x;
        reason = _load(state, setup, x, scope, marketId);
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        Market storage market = state.markets[marketId];
        if (!_isOpen(market, x.due)) return (ProOutcome.Skipped, ProReason.DeleveragingNotOpen);
        // The clock runs from the first call that may, whether or not its candidate ranks high enough.
        x.due.distress = x.due.distress.deleveraging();
        DistressRules.save(state, scope, x.due.distress);
        x.other = candidate;
        reason = _admit(market, x);
        if (reason == ProReason.None && !_pass(state, market, x)) reason = ProReason.WouldLeaveDeficit;
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);

        uint256 pay = _lesser(CANDIDATE_PAY, x.due.position.valueOf(x.lots) / CANDIDATE_PAY_DIVISOR);
        Owners.pay(state, keeper, scope, FundRules.takeUpTo(market, pay));
        emit IProEvents.Deleveraged(scope, marketId, candidate, x.lots, _priceOf(x));
        MarkLogic.end(market, marketId, false, false);
        return (ProOutcome.Deleveraged, ProReason.None);
    }

    /// @notice See `IPro.shareLoss`.
    function shareLoss(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint8 marketId,
        uint40 counterparty
    ) external returns (ProOutcome, ProReason reason) {
        Case memory x;
        reason = _load(state, setup, x, scope, marketId);
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        if (x.due.position.equity >= 0 || !_isThresholdGone(x.due.distress)) {
            return (ProOutcome.Skipped, ProReason.LossNotDue);
        }
        Market storage market = state.markets[marketId];
        x.other = counterparty;
        uint256 held = _opposite(market, x.due.position, counterparty);
        if (held == 0) return (ProOutcome.Skipped, ProReason.SameSide);
        x.lots = _lesser(held, x.due.position.size());
        x.deficit = x.due.position.deficitOf(x.lots);
        uint256 openInterest = market.indices.openInterest();
        x.perLot = (x.deficit + openInterest - 1) / openInterest;
        if (!_pass(state, market, x)) return (ProOutcome.Skipped, ProReason.WouldLeaveDeficit);

        emit IProEvents.LossShared(scope, marketId, x.deficit, x.perLot);
        _countLoss(market, x);
        MarkLogic.end(market, marketId, false, false);
        return (ProOutcome.LossShared, ProReason.None);
    }

    /// @notice See `IPro.beginSettling`.
    function beginSettling(
        ProState storage state,
        ProSetup calldata setup,
        uint8 marketId,
        address prover,
        uint256 tickIndex
    ) external returns (ProOutcome, ProReason reason) {
        // Check:
        Market storage market = state.markets[marketId];
        if (!setup.status.canClose()) return (ProOutcome.Skipped, ProReason.BreakerRaised);
        reason = _checkDelisting(market, prover == address(0));
        // Effect:
        if (reason == ProReason.None && prover != address(0)) {
            reason = MarkLogic.refresh(market, marketId, setup, prover, tickIndex);
        }
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        MarkLogic.begin(market, setup);
        market.config = market.config.withStatus(MarketStatus.Settling);
        MarkLogic.end(market, marketId, false, false);
        // Prices have 64 bits.
        emit IProEvents.SettlingBegun(marketId, uint64(market.index.price()));
        return (ProOutcome.Settled, ProReason.None);
    }

    /// @notice See `IPro.closeSettled`.
    function closeSettled(
        ProState storage state,
        ProSetup calldata setup,
        uint8 marketId,
        uint40 long,
        uint40 short,
        uint256 lots
    ) external returns (ProOutcome, ProReason) {
        // Check:
        Market storage market = state.markets[marketId];
        if (!setup.status.canClose()) return (ProOutcome.Skipped, ProReason.BreakerRaised);
        if (market.config.status() != MarketStatus.Settling) return (ProOutcome.Skipped, ProReason.SettlingNotDue);
        (int256 longLots, int256 shortLots) = (market.positions[long].lots(), market.positions[short].lots());
        if (longLots <= 0 || shortLots >= 0) return (ProOutcome.Skipped, ProReason.PositionMissing);
        // Above 0 each.
        lots = _lesser(lots, _lesser(uint256(longLots), uint256(-shortLots)));
        if (lots == 0) return (ProOutcome.Skipped, ProReason.SizeMissing);
        // At the mark a part would leave the whole deficit to who is left with the rest.
        if (_isBankrupt(state, market, marketId, long) || _isBankrupt(state, market, marketId, short)) {
            return (ProOutcome.Skipped, ProReason.WouldLeaveDeficit);
        }
        // Effect:
        // A value is below 2^144.
        int256 cost = int256(lots * market.config.lotSize() * market.mark.mark());
        Passing memory passing = Passing(marketId, long, short, true, lots, cost, cost);
        if (!PassingRules.pass(state, market, passing, market.indices)) {
            return (ProOutcome.Skipped, ProReason.WouldLeaveDeficit);
        }
        return (ProOutcome.Settled, ProReason.None);
    }

    /// @dev Whether the scope of an account's position has an equity below 0.
    function _isBankrupt(
        ProState storage state,
        Market storage market,
        uint8 marketId,
        uint40 account
    ) private view returns (bool) {
        uint48 scope = ProIds.scopeOf(account, marketId, market.sums[account].isIsolated());
        ScopeHealth memory health = MarginRules.healthOf(state, scope);
        return health.cash + health.pnl < 0;
    }

    /// @dev A liquidatable scope without orders, and its position.
    function _load(
        ProState storage state,
        ProSetup calldata setup,
        Case memory x,
        uint48 scope,
        uint8 marketId
    ) private returns (ProReason reason) {
        reason = DueRules.examine(state, setup, x.due, scope, marketId);
        if (reason != ProReason.None) return reason;
        if (DueRules.hasOrders(state, scope)) return ProReason.OrdersRest;
        return DueRules.load(state, x.due);
    }

    /// @dev 30 s of distress, or a negative equity that no fund pays for any more.
    function _isOpen(Market storage market, DueScope memory due) private view returns (bool) {
        if (due.distress.isLasting()) return true;
        if (due.position.equity >= 0) return false;
        uint256 allowance = FundRules.allowance(market, due.distress.paid());
        return !due.position.hasRoom(due.distress.secondsOf(), allowance);
    }

    /// @dev Whether a candidate ranks high enough by now, and how many lots he gives up for what.
    function _admit(Market storage market, Case memory x) private view returns (ProReason) {
        DuePosition memory position = x.due.position;
        uint256 held = _opposite(market, position, x.other);
        if (held == 0) return ProReason.SameSide;
        uint256 threshold = LiquidationMath.thresholdX96(block.timestamp - x.due.distress.adlSince());
        x.lots = _lesser(position.mostLots(held, threshold), position.size());
        if (x.lots == 0) return ProReason.ScoreTooLow;
        (int256 pnl, ) = MarginRules.atPrice(market, x.other, position.mark);
        PositionWord word = market.positions[x.other];
        // Values, costs and funding are below 2^144; the threshold is at most 2^96.
        uint256 cost = uint256(word.cost() < 0 ? -word.cost() : word.cost());
        if ((pnl > 0 ? uint256(pnl) : 0) << 96 < threshold * cost) return ProReason.ScoreTooLow;

        x.deficit = position.deficitOf(x.lots);
        if (x.deficit == 0) return ProReason.None;
        int256 gain = word.lots() * int256(position.lotSize * position.mark) - word.cost();
        // He gives up no more than he has: what he owes in funding counts while there is a threshold.
        if (threshold != 0 && pnl < gain) gain = pnl;
        bool isWithin = gain > 0 && uint256(gain) * x.lots >= x.deficit * held;
        return isWithin ? ProReason.None : ProReason.EntryBeyondBankruptcy;
    }

    /// @dev Closes the lots: the bankrupt at his bankruptcy price, the other at it too, or at the mark where the deficit is charged
    /// to his whole side.
    function _pass(ProState storage state, Market storage market, Case memory x) private returns (bool) {
        DuePosition memory position = x.due.position;
        bool isLong = position.isLong();
        // Values and deficits are far below 2^255.
        int256 value = int256(position.valueOf(x.lots));
        int256 lacking = isLong ? int256(x.deficit) : -int256(x.deficit);
        bool isShared = x.perLot != 0;
        Passing memory passing = Passing({
            market: x.due.market,
            giver: x.due.account,
            taker: x.other,
            isGiverLong: isLong,
            lots: x.lots,
            giverCost: value + lacking,
            takerCost: isShared ? value : value + lacking
        });
        IndicesWord indices = market.indices;
        if (isShared) indices = indices.charged(!isLong, x.perLot);
        if (!PassingRules.pass(state, market, passing, indices)) return false;
        DueRules.conclude(state, x.due);
        return true;
    }

    /// @dev Adds to what sides were charged in a rolling day, which drains by its whole bound in one.
    function _countLoss(Market storage market, Case memory x) private {
        uint256 bound = x.due.position.valueOf(1) / SHARED_LOSS_DIVISOR;
        HeatWord shared = market.sharedLoss;
        uint256 drained = (bound * (block.timestamp - shared.since())) / 1 days;
        uint256 sum = x.perLot + (shared.opened() > drained ? shared.opened() - drained : 0);
        // Seconds fit 40 bits until the year 36,812.
        market.sharedLoss = HeatWordFields.pack(sum, uint40(block.timestamp));
        if (sum <= bound || market.config.status() != MarketStatus.Active) return;
        market.config = market.config.withStatus(MarketStatus.ReduceOnly);
        emit IProEvents.MarketStatusSet(x.due.market, MarketStatus.ReduceOnly);
    }

    /// @dev 10 decimals.
    function _priceOf(Case memory x) private pure returns (uint256) {
        DuePosition memory position = x.due.position;
        uint256 perLot = x.deficit / (x.lots * position.lotSize);
        return position.isLong() ? position.mark + perLot : position.mark - perLot;
    }

    /// @dev Lots of an account opposite to a position, without sign; 0 on its side or without any.
    function _opposite(
        Market storage market,
        DuePosition memory position,
        uint40 account
    ) private view returns (uint256) {
        int256 lots = market.positions[account].lots();
        if (position.isLong()) lots = -lots;
        // Positions have 64 bits of lots.
        return lots > 0 ? uint256(lots) : 0;
    }

    function _isThresholdGone(DistressWord distress) private view returns (bool) {
        uint256 since = distress.adlSince();
        return since != 0 && LiquidationMath.thresholdX96(block.timestamp - since) == 0;
    }

    /// @dev A market that the governor delists: a day later on, or at once where its index is a day old. That index stands for the
    /// last one where no tick is brought.
    function _checkDelisting(Market storage market, bool isWithoutTick) private view returns (ProReason) {
        LimitsWord limits = market.limits;
        uint256 since = limits.reduceOnlySince();
        if (since == 0 || market.config.status() != MarketStatus.ReduceOnly) return ProReason.SettlingNotDue;
        if (market.index.price() == 0) return ProReason.IndexMissing;
        if (block.timestamp >= market.index.publishTime() + SETTLING_AFTER) return ProReason.None;
        if (isWithoutTick) return ProReason.NoTick;
        return block.timestamp >= since + SETTLING_AFTER ? ProReason.None : ProReason.SettlingNotDue;
    }

    function _lesser(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
