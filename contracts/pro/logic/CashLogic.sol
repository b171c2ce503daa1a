// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Broker} from "../../interfaces/IBrokerRegistry.sol";
import {IFeeDistributor} from "../../interfaces/IFeeDistributor.sol";
import {Credit, Settlement} from "../../interfaces/IVault.sol";
import {ONE_USD} from "../../types/Units.sol";
import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {IProEvents, OrderEnd} from "../interfaces/IPro.sol";
import {Exposure} from "../math/MarginMath.sol";
import {FundRules} from "../rules/FundRules.sol";
import {HeatCase, HeatRules} from "../rules/HeatRules.sol";
import {MarginRules, ScopeHealth} from "../rules/MarginRules.sol";
import {OrderRules} from "../rules/OrderRules.sol";
import {Owners} from "../rules/Owners.sol";
import {Party} from "../rules/Party.sol";
import {ProBook} from "../rules/ProBook.sol";
import {TouchRules} from "../rules/TouchRules.sol";
import {ActionKind, ActionWord, EffectWord, EffectWordFields} from "../types/ActionWord.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {MarketStatus} from "../types/MarketConfig.sol";
import {FundWord, FundWordFields, HeatWordFields, IndexWord} from "../types/MarketWords.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {OwnerWord} from "../types/OwnerWord.sol";
import {ProIds} from "../types/ProIds.sol";
import {SumsWord} from "../types/SumsWord.sol";

/// @title Cash, leverage and modes, and orders that anybody may cancel
/// @dev Linked to Pro and run on its storage. Refuses with `Pro_ActionRefused`, so that a soft action can be skipped.
library CashLogic {
    /// @dev What a cancelled order of a stretched scope pays its keeper, quote.
    uint256 private constant STRETCHED_PAY = ONE_USD / 50;

    /// @notice Does one of the actions SetLeverage, SetMode, Transfer, Withdraw, NameBroker and Tip for an account.
    /// @param extra The word after a withdrawal: how many units of the token.
    function perform(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action,
        uint256 extra
    ) external returns (EffectWord) {
        uint256 kind = action.kind();
        if (kind == uint256(ActionKind.SetLeverage)) return _setLeverage(state, setup, account, action);
        if (kind == uint256(ActionKind.SetMode)) return _setMode(state, account, action);
        if (kind == uint256(ActionKind.NameBroker)) return _nameBroker(state, setup, account, action.broker());
        // Cash stands still in a halt.
        if (!setup.status.canClose()) _refuse(ProReason.BreakerRaised, 0, 0);
        if (kind == uint256(ActionKind.Tip)) return _tip(state, account, action);
        if (kind == uint256(ActionKind.Transfer)) return _transfer(state, account, action);
        return _withdraw(state, setup, account, action, extra);
    }

    /// @notice Books what came in for an account of `owner`.
    /// @param amount Units of the token.
    function credit(
        ProState storage state,
        ProSetup calldata setup,
        address owner,
        uint8 sub,
        uint256 amount
    ) external returns (uint40 account) {
        account = Owners.accountOf(state, owner, sub);
        uint256 quote = amount * setup.quotePerUnit;
        AccountWord word = state.accounts[account];
        // The vault counts at most 2^120 units; the width of cash is checked as it is packed.
        state.accounts[account] = word.withCash(word.cash() + int256(quote));
        state.netDeposits[ProIds.ownerIndexOf(account)] += int256(quote);
        emit IProEvents.Deposited(account, msg.sender, quote);
    }

    /// @notice Books what came in for a market's fund.
    /// @param amount Units of the token.
    function creditFund(ProState storage state, ProSetup calldata setup, uint8 marketId, uint256 amount) external {
        Market storage market = state.markets[marketId];
        uint256 quote = amount * setup.quotePerUnit;
        FundRules.add(market, quote);
        emit IProEvents.FundAdded(marketId, msg.sender, quote);
    }

    /// @notice See `IPro.cancelStretched`.
    function cancelStretched(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint256[] calldata ids,
        address keeper
    ) external returns (ProOutcome, ProReason) {
        if (!setup.status.canClose()) return (ProOutcome.Skipped, ProReason.BreakerRaised);
        uint256 markets = MarginRules.marketsOf(state, scope);
        (ProReason reason, ) = MarginRules.staleMarket(state, markets, MarginRules.FRESH_AGE);
        if (reason != ProReason.None) return (ProOutcome.Skipped, reason);
        ScopeHealth memory health = MarginRules.healthOf(state, scope);
        // Margins are below 2^150.
        if (health.cash + health.pnl >= int256(health.maintenance + health.resting)) {
            return (ProOutcome.Skipped, ProReason.NotStretched);
        }
        uint256 cancelled = _cancelOf(state, setup, scope, ids);
        if (cancelled == 0) return (ProOutcome.Skipped, ProReason.OrderNotFound);
        _payFrom(state, scope, keeper, cancelled * STRETCHED_PAY, health.cash);
        return (ProOutcome.Cancelled, ProReason.None);
    }

    /// @notice See `IPro.cancelDead`.
    function cancelDead(
        ProState storage state,
        ProSetup calldata setup,
        uint256[] calldata ids
    ) external returns (uint256 cancelled) {
        for (uint256 i = 0; i < ids.length; ++i) {
            uint8 marketId = ProIds.marketOfOrder(ids[i]);
            Market storage market = state.markets[marketId];
            (uint48 ref, OrderWord order, bool isLive) = OrderRules.find(market, ids[i]);
            bool isSettling = market.config.status() == MarketStatus.Settling;
            if (!isLive || (!isSettling && !order.isExpired())) continue;
            OrderEnd end = isSettling ? OrderEnd.Settling : OrderEnd.Expired;
            _removeAndTouch(state, setup, market, marketId, ref, order, end);
            ++cancelled;
        }
    }

    /// @notice See `IPro.sweepFees`.
    function sweepFees(
        ProState storage state,
        ProSetup calldata setup,
        uint8 marketId,
        uint32[] calldata brokers
    ) external {
        // Effect: what brokers have part in stays until they are named, for whatever is with the distributor anyone may bring to the
        // treasury; and what is less than a unit of the token.
        Market storage market = state.markets[marketId];
        uint256[] memory bases = _takeBases(market, brokers, setup.quotePerUnit);
        FundWord fund = market.fund;
        uint256 amount = (fund.fees() - market.brokerFees[FundRules.ALL_BROKERS]) / setup.quotePerUnit;
        if (amount == 0) revert IProEvents.Pro_NothingToDo();
        market.fund = FundWordFields.pack(fund.fund(), fund.fees() - amount * setup.quotePerUnit);
        emit IProEvents.FeesSwept(marketId, amount);

        // Interaction: a broker's share is recorded once the fees are there.
        Credit memory none;
        setup.vault.settle(Settlement(setup.token, amount, 0, amount, none, none, address(0), 0, false));
        IFeeDistributor distributor = IFeeDistributor(setup.vault.feeDistributor());
        for (uint256 i = 0; i < brokers.length; ++i) {
            if (bases[i] != 0) distributor.recordFee(brokers[i], setup.token, address(0), bases[i]);
        }
    }

    /// @dev Takes out of what brokers have part in whole units of those that are named.
    /// @return bases Of each, units of the token.
    function _takeBases(
        Market storage market,
        uint32[] calldata brokers,
        uint256 quotePerUnit
    ) private returns (uint256[] memory bases) {
        bases = new uint256[](brokers.length);
        for (uint256 i = 0; i < brokers.length; ++i) {
            if (brokers[i] == FundRules.ALL_BROKERS) continue;
            uint256 base = market.brokerFees[brokers[i]] / quotePerUnit;
            if (base == 0) continue;
            bases[i] = base;
            market.brokerFees[brokers[i]] -= base * quotePerUnit;
            market.brokerFees[FundRules.ALL_BROKERS] -= base * quotePerUnit;
        }
    }

    /// @return cancelled How many of the ids were live orders of the scope: those are gone.
    function _cancelOf(
        ProState storage state,
        ProSetup calldata setup,
        uint48 scope,
        uint256[] calldata ids
    ) private returns (uint256 cancelled) {
        for (uint256 i = 0; i < ids.length; ++i) {
            uint8 marketId = ProIds.marketOfOrder(ids[i]);
            Market storage market = state.markets[marketId];
            (uint48 ref, OrderWord order, bool isLive) = OrderRules.find(market, ids[i]);
            uint40 account = ProIds.accountOfReference(ref);
            if (!isLive || ProIds.scopeOf(account, marketId, market.sums[account].isIsolated()) != scope) continue;
            _removeAndTouch(state, setup, market, marketId, ref, order, OrderEnd.Stretched);
            ++cancelled;
        }
    }

    /// @dev Outside `IPro.act`: the touch ends with each order.
    function _removeAndTouch(
        ProState storage state,
        ProSetup calldata setup,
        Market storage market,
        uint8 marketId,
        uint48 ref,
        OrderWord order,
        OrderEnd end
    ) private {
        TouchRules.begin(market, setup);
        OrderRules.remove(state, market, marketId, ref, order, end, true);
        bool isDirty = ProBook.isDirty(market.mark, order.isBid(), order.tick());
        TouchRules.end(market, marketId, isDirty && order.isBid(), isDirty && !order.isBid());
    }

    function _setLeverage(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action
    ) private returns (EffectWord) {
        // Check:
        uint8 marketId = action.market();
        Market storage market = state.markets[marketId];
        if (!market.isListed()) _refuse(ProReason.MarketNotListed, marketId, 0);
        uint256 most = market.tierAt(0).maxLeverage();
        uint256 leverage = action.leverage();
        if (leverage == 0 || leverage > most) _refuse(ProReason.LeverageOutOfRange, leverage, most);
        if (!setup.status.canClose()) _refuse(ProReason.BreakerRaised, 0, 0);
        uint256 before = MarginRules.leverageOf(market, account);
        SumsWord sums = market.sums[account];
        bool isUsed = market.positions[account].isOpen() || sums.slots() != 0;
        uint256 flags = 0;
        if (isUsed && leverage > before) {
            _requireRaise(setup, market, account, leverage);
            flags = EffectWordFields.INCREASED;
        } else if (isUsed) {
            flags = EffectWordFields.RESTED;
        }

        // Effect:
        market.sums[account] = sums.withLeverage(action.leverage());
        emit IProEvents.LeverageSet(account, marketId, action.leverage());
        return EffectWordFields.pack(marketId, sums.isIsolated(), flags);
    }

    /// @dev Raising leverage is as good as opening: at a narrow index, and above H what the position is counts as opened.
    function _requireRaise(ProSetup calldata setup, Market storage market, uint40 account, uint256 leverage) private {
        if (!setup.status.canOpen()) _refuse(ProReason.BreakerRaised, 0, 0);
        if (market.config.status() != MarketStatus.Active) _refuse(ProReason.MarketReduceOnly, 0, 0);
        uint256 highLeverage = market.config.highLeverage();
        uint256 maxAge = MarginRules.increaseAge(leverage, highLeverage);
        IndexWord index = market.index;
        ProReason reason = MarginRules.staleness(market, maxAge);
        if (reason != ProReason.None) _refuse(reason, block.timestamp - index.publishTime(), maxAge);
        if (!index.isNarrow()) _refuse(ProReason.IndexNotNarrow, 0, 0);
        if (!index.isReady()) _refuse(ProReason.SequencerNotReady, 0, 0);
        if (leverage <= highLeverage) return;

        uint256 mark = market.mark.mark();
        (, Exposure memory exposure) = MarginRules.atPrice(market, account, mark);
        HeatCase memory heat;
        (heat.leverage, heat.guardX9, heat.notional) = (leverage, index.guardX9(), exposure.value);
        heat.fund = market.fund.fund();
        heat.heat = HeatRules.heatNow(market.heat, heat.fund);
        heat.openInterest = market.indices.openInterest() * market.config.lotSize() * mark;
        reason = HeatRules.obstacle(heat);
        if (reason != ProReason.None) _refuse(reason, leverage, 0);
        // Seconds fit 40 bits until the year 36,812.
        market.heat = HeatWordFields.pack(heat.heat + heat.notional, uint40(block.timestamp));
    }

    function _setMode(ProState storage state, uint40 account, ActionWord action) private returns (EffectWord) {
        // Check:
        uint8 marketId = action.market();
        Market storage market = state.markets[marketId];
        if (!market.isListed()) _refuse(ProReason.MarketNotListed, marketId, 0);
        Party memory party;
        party.load(state, market, marketId, account);
        bool isUsed = party.position.isOpen() || party.sums.slots() != 0;
        if (isUsed || party.isolatedCash < 0) _refuse(ProReason.ModeIsFixed, marketId, 0);

        // Effect: cash that was brought and not used goes back first.
        party.tidy();
        party.store(state, market);
        market.sums[account] = party.sums.withMode(action.isIsolated());
        emit IProEvents.ModeSet(account, marketId, action.isIsolated());
        return EffectWord.wrap(0);
    }

    function _transfer(ProState storage state, uint40 account, ActionWord action) private returns (EffectWord) {
        uint256 amount = action.transferAmount();
        if (amount == 0) _refuse(ProReason.AmountMissing, 0, 0);
        uint48 from = _scopeOf(state, account, action.fromScope());
        uint40 target = ProIds.accountOf(ProIds.ownerIndexOf(account), action.toSub());
        // Into another account only its cross scope: which modes it has there is its own to say.
        if (target != account && action.toScope() != 0) _refuse(ProReason.ModeIsOther, action.toScope(), 0);
        uint48 to = _scopeOf(state, target, action.toScope());
        _debit(state, from, amount);
        _addCash(state, to, int256(amount));
        emit IProEvents.Transferred(from, to, amount);
        bool isIsolated = ProIds.isIsolatedScope(from);
        uint8 marketId = isIsolated ? ProIds.marketOfScope(from) : 0;
        EffectWord effect = EffectWordFields.pack(marketId, isIsolated, EffectWordFields.TAKEN_OUT);
        // What is neither margined there nor used by what follows goes back at the end of the call.
        return ProIds.isIsolatedScope(to) ? effect.withFilled(ProIds.marketOfScope(to)) : effect;
    }

    function _withdraw(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        ActionWord action,
        uint256 amount
    ) private returns (EffectWord) {
        if (amount == 0) _refuse(ProReason.AmountMissing, 0, 0);
        if (action.receiver() == address(0)) _refuse(ProReason.ReceiverMissing, 0, 0);
        // The vault counts no more units.
        if (amount > type(uint120).max) _refuse(ProReason.CashTooLow, amount, type(uint120).max);
        uint256 quote = amount * setup.quotePerUnit;
        _debit(state, ProIds.crossScope(account), quote);
        // At most the cash, which has 112 bits.
        state.netDeposits[ProIds.ownerIndexOf(account)] -= int256(quote);
        emit IProEvents.Withdrawn(account, action.receiver(), quote);
        return EffectWordFields.pack(0, false, EffectWordFields.TAKEN_OUT);
    }

    function _nameBroker(
        ProState storage state,
        ProSetup calldata setup,
        uint40 account,
        uint32 brokerId
    ) private returns (EffectWord) {
        // Check:
        uint32 ownerIndex = ProIds.ownerIndexOf(account);
        OwnerWord owner = state.owners[ownerIndex];
        if (owner.isBrokerNamed()) _refuse(ProReason.BrokerIsNamed, owner.broker(), 0);
        Broker memory broker = IFeeDistributor(setup.vault.feeDistributor()).brokers().broker(brokerId);
        bool isOwn = broker.owner == owner.owner() || broker.receiver == owner.owner();
        if (broker.owner == address(0) || isOwn) _refuse(ProReason.BrokerNotOffered, brokerId, 0);
        // Effect:
        state.owners[ownerIndex] = owner.withBroker(brokerId);
        emit IProEvents.BrokerNamed(ownerIndex, brokerId);
        return EffectWord.wrap(0);
    }

    /// @dev How much a call may give in all is its caller's to see to.
    function _tip(ProState storage state, uint40 account, ActionWord action) private returns (EffectWord) {
        uint256 amount = action.tip();
        if (amount == 0) _refuse(ProReason.AmountMissing, 0, 0);
        if (action.keeper() == address(0)) _refuse(ProReason.ReceiverMissing, 0, 0);
        uint48 scope = ProIds.crossScope(account);
        _debit(state, scope, amount);
        Owners.pay(state, action.keeper(), scope, amount);
        return EffectWordFields.pack(0, false, EffectWordFields.REDUCED);
    }

    /// @param code 0: cross; m + 1: market m in isolated mode.
    function _scopeOf(ProState storage state, uint40 account, uint8 code) private view returns (uint48) {
        if (code == 0) return ProIds.crossScope(account);
        if (!state.markets[code - 1].sums[account].isIsolated()) _refuse(ProReason.ModeIsOther, code, 0);
        return ProIds.isolatedScope(account, code - 1);
    }

    /// @dev Takes cash out of a scope that has it.
    function _debit(ProState storage state, uint48 scope, uint256 amount) private {
        int256 cash = MarginRules.cashOf(state, scope);
        // Amounts have at most 112 bits, or were cut to what the vault counts.
        if (int256(amount) > cash) _refuse(ProReason.CashTooLow, amount, cash > 0 ? uint256(cash) : 0);
        _addCash(state, scope, -int256(amount));
    }

    function _addCash(ProState storage state, uint48 scope, int256 change) private {
        uint40 account = ProIds.accountOfScope(scope);
        if (ProIds.isIsolatedScope(scope)) {
            state.markets[ProIds.marketOfScope(scope)].isolatedCash[account] += change;
        } else {
            AccountWord word = state.accounts[account];
            state.accounts[account] = word.withCash(word.cash() + change);
        }
    }

    /// @dev No more than the cash that the scope had. That of an isolated one which lost its last order has returned to the cross
    /// scope by now.
    function _payFrom(ProState storage state, uint48 scope, address keeper, uint256 amount, int256 cash) private {
        if (cash <= 0) return;
        // Above 0.
        if (amount > uint256(cash)) amount = uint256(cash);
        uint48 source = scope;
        if (ProIds.isIsolatedScope(scope)) {
            uint40 account = ProIds.accountOfScope(scope);
            Market storage market = state.markets[ProIds.marketOfScope(scope)];
            bool isInUse = market.positions[account].isOpen() || market.sums[account].slots() != 0;
            if (!isInUse) source = ProIds.crossScope(account);
        }
        _addCash(state, source, -int256(amount));
        Owners.pay(state, keeper, scope, amount);
    }

    function _refuse(ProReason reason, uint256 value, uint256 bound) private pure {
        revert IProEvents.Pro_ActionRefused(reason, value, bound);
    }
}
