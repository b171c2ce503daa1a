// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../../interfaces/IPriceAggregator.sol";
import {ProOutcome, ProReason} from "../../pro/ProOutcome.sol";
import {Market, ProSetup, ProState} from "../../pro/ProState.sol";
import {IProEvents} from "../../pro/interfaces/IPro.sol";
import {AdlLogic} from "../../pro/logic/AdlLogic.sol";
import {CashLogic} from "../../pro/logic/CashLogic.sol";
import {ConfigLogic} from "../../pro/logic/ConfigLogic.sol";
import {LiquidationLogic} from "../../pro/logic/LiquidationLogic.sol";
import {MarkLogic} from "../../pro/logic/MarkLogic.sol";
import {PlaceLogic} from "../../pro/logic/PlaceLogic.sol";
import {FundRules} from "../../pro/rules/FundRules.sol";
import {MarginRules, ScopeHealth} from "../../pro/rules/MarginRules.sol";
import {Owners} from "../../pro/rules/Owners.sol";
import {Fill, Party} from "../../pro/rules/Party.sol";
import {ActionWord, EffectWord, EffectWordFields, ResultWord} from "../../pro/types/ActionWord.sol";
import {AccountWord} from "../../pro/types/AccountWord.sol";
import {DistressWord} from "../../pro/types/DistressWord.sol";
import {MarketConfig, MarketLimits, MarketStatus, MarginTier} from "../../pro/types/MarketConfig.sol";
import {HeatWord, IndexWordFields, IndicesWord, OutflowWord} from "../../pro/types/MarketWords.sol";
import {PositionWord} from "../../pro/types/PositionWord.sol";
import {ProIds} from "../../pro/types/ProIds.sol";

/// @notice Pro's state with what ends positions against their owners' will, and with the hand of a test in it: cash, indices
/// and positions are as it says, orders rest without margin.
contract LiquidationHarness is IProEvents {
    /// @notice What an attempt returned.
    event Attempted(ProOutcome outcome, ProReason reason);

    ProState private _state;
    ProSetup private _setup;

    constructor(IPriceAggregator aggregator, IBreaker breaker) {
        (_setup.aggregator, _setup.breaker, _setup.quotePerUnit) = (aggregator, breaker, 1);
    }

    function list(
        MarketConfig calldata config,
        MarketLimits calldata limits,
        MarginTier[] calldata tiers
    ) external returns (uint8) {
        return ConfigLogic.list(_state, _setup.breaker, config, limits, tiers);
    }

    function setStatus(uint8 market, MarketStatus status, bool isDelisted) external {
        ConfigLogic.setStatus(_state, market, status, isDelisted);
    }

    function openAccount(address owner, uint8 sub) external returns (uint40) {
        return Owners.accountOf(_state, owner, sub);
    }

    /// @notice The mark is the index: there is no other.
    function setIndex(uint8 marketId, uint64 price, uint40 publishTime, bool isReady) external {
        Market storage market = _state.markets[marketId];
        MarkLogic.begin(market, _now());
        market.index = IndexWordFields.pack(price, publishTime, price, 0, true, isReady);
        MarkLogic.end(market, marketId, false, false);
    }

    function setCash(uint40 account, int256 cash) external {
        _state.accounts[account] = _state.accounts[account].withCash(cash);
    }

    /// @notice Requirements: neither position nor order there.
    function setIsolated(uint40 account, uint8 marketId, int256 cash) external {
        Market storage market = _state.markets[marketId];
        market.sums[account] = market.sums[account].withMode(true);
        market.isolatedCash[account] = cash;
    }

    function setLeverage(uint40 account, uint8 marketId, uint8 leverage) external {
        Market storage market = _state.markets[marketId];
        market.sums[account] = market.sums[account].withLeverage(leverage);
    }

    /// @notice Adds to a position at a cost; a long one counts for the open interest.
    function addPosition(uint40 account, uint8 marketId, int256 lots, int256 cost) external {
        Market storage market = _state.markets[marketId];
        Party memory party;
        party.load(_state, market, marketId, account);
        party.move(market.indices, Fill(0, 0, lots, cost), 0);
        party.store(_state, market);
        if (lots < 0) return;
        // Above 0.
        market.indices = market.indices.withOpenInterest(market.indices.openInterest() + uint256(lots));
    }

    function addToFund(uint8 marketId, uint256 amount) external {
        FundRules.add(_state.markets[marketId], amount);
    }

    /// @notice Takes out of the fund as for a bankrupt scope.
    function payFromFund(uint8 marketId, uint256 amount) external {
        FundRules.pay(_state.markets[marketId], amount);
    }

    function bookFees(uint40 taker, uint8 marketId, uint256 takerFee, uint256 openInterest) external {
        FundRules.addFees(_state, _state.markets[marketId], taker, takerFee, 0, openInterest);
    }

    /// @notice Charges each lot of a side, as funding or a shared loss does.
    function charge(uint8 marketId, bool isLong, uint256 perLot) external {
        Market storage market = _state.markets[marketId];
        market.indices = market.indices.charged(isLong, perLot);
    }

    /// @notice Places an order, without any test of margin.
    function place(uint40 account, uint256 action) external returns (uint256 orderId, uint256 filled) {
        (ResultWord result, EffectWord effect) = PlaceLogic.perform(_state, _now(), account, ActionWord.wrap(action));
        MarkLogic.end(
            _state.markets[effect.market()],
            effect.market(),
            effect.has(EffectWordFields.DIRTY_BIDS),
            effect.has(EffectWordFields.DIRTY_ASKS)
        );
        return (result.orderId(), result.filled());
    }

    function cancelStretched(uint48 scope, uint256[] calldata ids, address keeper) external {
        (ProOutcome outcome, ProReason reason) = CashLogic.cancelStretched(_state, _now(), scope, ids, keeper);
        emit Attempted(outcome, reason);
    }

    function liquidate(uint48 scope, uint8 market, uint256 maxOrders, address keeper) external {
        (ProOutcome outcome, ProReason reason) = LiquidationLogic.liquidate(
            _state,
            _now(),
            scope,
            market,
            maxOrders,
            keeper
        );
        emit Attempted(outcome, reason);
    }

    function deleverage(uint48 scope, uint8 market, uint40 candidate, address keeper) external {
        (ProOutcome outcome, ProReason reason) = AdlLogic.deleverage(_state, _now(), scope, market, candidate, keeper);
        emit Attempted(outcome, reason);
    }

    function shareLoss(uint48 scope, uint8 market, uint40 counterparty) external {
        (ProOutcome outcome, ProReason reason) = AdlLogic.shareLoss(_state, _now(), scope, market, counterparty);
        emit Attempted(outcome, reason);
    }

    function beginSettling(uint8 market, address prover, uint256 tickIndex) external {
        (ProOutcome outcome, ProReason reason) = AdlLogic.beginSettling(_state, _now(), market, prover, tickIndex);
        emit Attempted(outcome, reason);
    }

    function closeSettled(uint8 market, uint40 long, uint40 short, uint256 lots) external {
        (ProOutcome outcome, ProReason reason) = AdlLogic.closeSettled(_state, _now(), market, long, short, lots);
        emit Attempted(outcome, reason);
    }

    function cashOf(uint48 scope) external view returns (int256) {
        return MarginRules.cashOf(_state, scope);
    }

    function health(uint48 scope) external view returns (ScopeHealth memory) {
        return MarginRules.healthOf(_state, scope);
    }

    function position(uint40 account, uint8 market) external view returns (int256 lots, int256 cost) {
        PositionWord word = _state.markets[market].positions[account];
        return (word.lots(), word.cost());
    }

    function accountWord(uint40 account) external view returns (uint256 markets, uint256 orders, uint256 positions) {
        AccountWord word = _state.accounts[account];
        return (word.markets(), word.orders(), word.positions());
    }

    function distress(
        uint48 scope
    ) external view returns (uint256 since, uint256 seen, uint256 adlSince, uint256 paid) {
        DistressWord word = _state.distress[scope];
        return (word.since(), word.seen(), word.adlSince(), word.paid());
    }

    function steppedAt(uint40 account, uint8 market) external view returns (uint256) {
        return _state.markets[market].steps[account];
    }

    function funds(uint8 market) external view returns (uint256 fund, uint256 fees) {
        return (_state.markets[market].fund.fund(), _state.markets[market].fund.fees());
    }

    function outflows(
        uint8 market
    ) external view returns (uint256 hourHeld, uint256 hourPaid, uint256 dayHeld, uint256 dayPaid) {
        OutflowWord hour = _state.markets[market].outflowOfHour;
        OutflowWord day = _state.markets[market].outflowOfDay;
        return (hour.held(), hour.paid(), day.held(), day.paid());
    }

    function allowance(uint8 market, uint256 paidForScope) external view returns (uint256) {
        return FundRules.allowance(_state.markets[market], paidForScope);
    }

    function indices(uint8 market) external view returns (int256 long, int256 short, uint256 openInterest) {
        IndicesWord word = _state.markets[market].indices;
        return (word.longIndex(), word.shortIndex(), word.openInterest());
    }

    function sharedLoss(uint8 market) external view returns (uint256) {
        HeatWord word = _state.markets[market].sharedLoss;
        return word.opened();
    }

    function statusOf(uint8 market) external view returns (MarketStatus) {
        return _state.markets[market].config.status();
    }

    function markOf(uint8 market) external view returns (uint256) {
        return _state.markets[market].mark.mark();
    }

    function scopeOf(uint40 account, uint8 market, bool isIsolated) external pure returns (uint48) {
        return ProIds.scopeOf(account, market, isIsolated);
    }

    /// @dev With what the breaker says of this moment.
    function _now() private view returns (ProSetup memory setup) {
        setup = _setup;
        setup.status = setup.breaker.status();
    }
}
