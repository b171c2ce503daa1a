// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ONE_USD} from "../../types/Units.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {IProEvents, OrderEnd} from "../interfaces/IPro.sol";
import {DuePosition, LiquidationMath, StepFees} from "../math/LiquidationMath.sol";
import {DistressRules} from "../rules/DistressRules.sol";
import {DueRules, DueScope} from "../rules/DueRules.sol";
import {FundRules} from "../rules/FundRules.sol";
import {MarginRules} from "../rules/MarginRules.sol";
import {OrderRules} from "../rules/OrderRules.sol";
import {Owners} from "../rules/Owners.sol";
import {Party} from "../rules/Party.sol";
import {ProBook} from "../rules/ProBook.sol";
import {TakeOrder, TakeResult} from "../rules/Take.sol";
import {SelfTrade, StopCause} from "../types/ActionWord.sol";
import {DistressWord} from "../types/DistressWord.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {ProIds} from "../types/ProIds.sol";
import {MarkLogic} from "./MarkLogic.sol";
import {MatchLogic} from "./MatchLogic.sol";

/// @title Liquidation
/// @notice A scope's orders first, then, step by step, its positions through the book.
/// @dev Linked to Pro and run on its storage.
library LiquidationLogic {
    using DistressRules for DistressWord;

    /// @dev Most orders that a call cancels or meets.
    uint256 private constant MAX_ORDERS = 100;
    /// @dev Seconds between two steps of a position.
    uint256 private constant STEP_PAUSE = 10;
    /// @dev What the fund pays a caller whose step finds no equity to be paid from, quote, and the least notional for it.
    uint256 private constant CALLER_PAY = ONE_USD / 5;
    uint256 private constant LEAST_PAID_NOTIONAL = 2_000 * ONE_USD;

    /// @dev The working set of a step.
    /// @param wanted Lots that it is to close.
    /// @param doesFundPay What fills beyond the bankruptcy price is paid for.
    /// @param fromFund What the fund paid, quote.
    struct Step {
        DueScope due;
        uint256 maxOrders;
        uint256 wanted;
        bool doesFundPay;
        uint256 fromFund;
        TakeResult taken;
    }

    /// @dev The working set of cancelling.
    /// @param left How many orders may still go.
    struct Clearing {
        uint40 account;
        uint8 marketId;
        uint256 left;
        bool isBidsDirty;
        bool isAsksDirty;
    }

    /// @notice See `IPro.liquidate`.
    function liquidate(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint8 marketId,
        uint256 maxOrders,
        address keeper
    ) external returns (ProOutcome, ProReason) {
        if (maxOrders == 0 || maxOrders > MAX_ORDERS) return (ProOutcome.Skipped, ProReason.NoFillsAllowed);
        Step memory step;
        ProReason reason = DueRules.examine(state, setup, step.due, scope, marketId);
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        if (_cancelOrders(state, setup, scope, maxOrders) != 0) {
            Market storage market = state.markets[marketId];
            if (market.isListed()) MarkLogic.end(market, marketId, false, false);
            return (ProOutcome.Cancelled, ProReason.None);
        }

        reason = DueRules.load(state, step.due);
        if (reason == ProReason.None) reason = _obstacle(state, step);
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        step.maxOrders = maxOrders;
        return _take(state, step, keeper);
    }

    /// @dev Takes up to so many orders of a scope off the book, market by market.
    function _cancelOrders(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint256 most
    ) private returns (uint256) {
        Clearing memory x = Clearing(ProIds.accountOfScope(scope), 0, most, false, false);
        uint256 rest = MarginRules.marketsOf(state, scope);
        for (; rest != 0 && x.left != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            x.marketId = uint8(AssetMask.lowest(rest));
            Market storage market = state.markets[x.marketId];
            if (market.sums[x.account].slots() == 0) continue;
            if (market.touch.touchedAt() != block.timestamp) MarkLogic.begin(market, setup);
            _cancelIn(state, market, x);
            MarkLogic.end(market, x.marketId, x.isBidsDirty, x.isAsksDirty);
        }
        return most - x.left;
    }

    function _cancelIn(ProState storage state, Market storage market, Clearing memory x) private {
        (x.isBidsDirty, x.isAsksDirty) = (false, false);
        uint256 slots = market.sums[x.account].slots();
        for (; slots != 0 && x.left != 0; slots &= slots - 1) {
            uint48 ref = ProIds.referenceOf(x.account, AssetMask.lowest(slots));
            OrderWord order = market.orders[ref];
            if (ProBook.isDirty(market.mark, order.isBid(), order.tick())) {
                if (order.isBid()) x.isBidsDirty = true;
                else x.isAsksDirty = true;
            }
            OrderRules.remove(state, market, x.marketId, ref, order, OrderEnd.Liquidated, true);
            --x.left;
        }
    }

    /// @dev What keeps a position from being the next that is reduced.
    function _obstacle(ProState storage state, Step memory step) private view returns (ProReason) {
        if (!DueRules.isLargeEnough(state, step.due)) return ProReason.PositionNotDue;
        uint256 last = state.markets[step.due.market].steps[step.due.account];
        if (block.timestamp >= last + STEP_PAUSE || step.due.position.isUrgent()) return ProReason.None;
        return ProReason.StepTooSoon;
    }

    /// @dev Sells or buys in the book what a step wants, settles it, and notes where the book had too little.
    function _take(ProState storage state, Step memory step, address keeper) private returns (ProOutcome, ProReason) {
        DueScope memory due = step.due;
        Market storage market = state.markets[due.market];
        step.wanted = due.position.wantedLots(market);
        _match(state, market, step);
        TakeResult memory taken = step.taken;
        if (taken.lots != 0) _settle(state, market, step, keeper);

        bool isDistressed = taken.lots < step.wanted && taken.cause != StopCause.MaxFills;
        if (isDistressed) due.distress = due.distress.noted();
        DueRules.conclude(state, due);
        if (taken.lots != 0 && taken.cause != StopCause.MaxFills) market.steps[due.account] = block.timestamp;
        // Whatever it met was at the best price.
        bool isMet = taken.met != 0;
        MarkLogic.end(market, due.market, isMet && due.position.isLong(), isMet && !due.position.isLong());
        if (isDistressed) return (ProOutcome.Distressed, ProReason.None);
        if (taken.lots != 0) return (ProOutcome.Reduced, ProReason.None);
        return (ProOutcome.Skipped, ProReason.NothingFilled);
    }

    function _match(ProState storage state, Market storage market, Step memory step) private {
        DuePosition memory position = step.due.position;
        uint256 distressSeconds = step.due.distress.secondsOf();
        uint256 allowance = FundRules.allowance(market, step.due.distress.paid());
        step.doesFundPay = position.hasRoom(distressSeconds, allowance);
        (uint24 limit, bool isReachable) = position.boundTick(distressSeconds, step.doesFundPay);
        step.taken.cause = StopCause.NoPrice;
        // Orders of a market that settles are dead.
        if (!isReachable || market.config.status() == MarketStatus.Settling) return;
        uint256 lots = step.wanted;
        if (step.doesFundPay) lots = position.coveredLots(lots, limit, allowance);
        if (lots > type(uint48).max) lots = type(uint48).max;
        step.taken = MatchLogic.take(
            state,
            TakeOrder({
                account: step.due.account,
                market: step.due.market,
                isBuy: !position.isLong(),
                isLiquidation: true,
                limit: limit,
                // Cut to the width above.
                lots: uint48(lots),
                maxOrders: step.maxOrders,
                selfTrade: SelfTrade.ExpireMaker
            })
        );
    }

    /// @dev Fees out of what the fills left, the fund's part where they left less than nothing, and the caller's pay.
    function _settle(ProState storage state, Market storage market, Step memory step, address keeper) private {
        DueScope memory due = step.due;
        ConfigWord config = market.config;
        uint256 notional = step.taken.tickLots * config.unit();
        int256 moved = _movedBy(due.position, notional, step.taken.lots);
        StepFees memory fees = LiquidationMath.feesOf(
            notional,
            due.position.equity + moved,
            config.takerFeePips(),
            config.liquidationFeePips()
        );
        // A deficit is a share of equity, far below 2^255.
        int256 lacking = int256(due.position.deficitOf(step.taken.lots)) - moved;
        if (due.position.equity < 0 && lacking > 0) step.fromFund = uint256(lacking);
        uint256 collected = fees.takerFee + fees.toCaller + fees.toFund;
        _book(state, market, due, int256(step.fromFund) - int256(collected));
        FundRules.pay(market, step.fromFund);
        due.distress = due.distress.withPaid(step.fromFund);
        uint256 openInterest = due.position.valueOf(market.indices.openInterest());
        FundRules.addFees(state, market, due.account, fees.takerFee, 0, openInterest);
        FundRules.add(market, fees.toFund);
        uint256 pay = fees.toCaller;
        if (due.position.equity <= 0 && notional >= LEAST_PAID_NOTIONAL) {
            pay += FundRules.takeUpTo(market, CALLER_PAY);
        }
        Owners.pay(state, keeper, due.scope, pay);
        emit IProEvents.ScopeReduced(due.scope, due.market, step.taken.lots, collected, step.fromFund);
    }

    /// @dev What the fills changed the scope's equity by at the mark: what they brought, or saved, beyond it.
    function _movedBy(DuePosition memory position, uint256 notional, uint256 lots) private pure returns (int256) {
        // Notionals are below 2^184.
        int256 beyond = int256(notional) - int256(position.valueOf(lots));
        return position.isLong() ? beyond : -beyond;
    }

    /// @dev The scope's own part: what the fund adds and fees take.
    function _book(ProState storage state, Market storage market, DueScope memory due, int256 change) private {
        Party memory party;
        party.load(state, market, due.market, due.account);
        party.addCash(change);
        party.tidy();
        party.store(state, market);
    }
}
