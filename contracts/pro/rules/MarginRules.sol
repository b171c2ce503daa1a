// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AssetMask} from "../../utils/AssetMask.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {Exposure, MarginMath} from "../math/MarginMath.sol";
import {ConfigWord, MarketStatus, TierWord} from "../types/MarketConfig.sol";
import {IndexWord} from "../types/MarketWords.sol";
import {PositionWord} from "../types/PositionWord.sol";
import {ProIds} from "../types/ProIds.sol";
import {SumsWord} from "../types/SumsWord.sol";

/// @notice A scope at its marks. Quote.
/// @param cash Its cash.
/// @param pnl Σ U.
/// @param maintenance Σ MM.
/// @param resting Σ of what resting orders add to the initial margins.
struct ScopeHealth {
    int256 cash;
    int256 pnl;
    uint256 maintenance;
    uint256 resting;
}

/// @notice What a scope is tested for.
/// @dev Reduction: equity ≥ Σ MM. Opening: cash and losses ≥ Σ IM. Withdrawal: the same with every leverage at most 50.
enum MarginRule {
    None,
    Reduction,
    Opening,
    Withdrawal
}

/// @notice What an account has in a market, to be valued at any price.
/// @param lots Of the position, signed.
/// @param debt What they cost, with their sign, and the funding that they owe; quote.
struct Holding {
    int256 lots;
    int256 debt;
    SumsWord sums;
    ConfigWord config;
}

/// @notice What was done in a scope, for the test at the end.
/// @param rule The strictest rule that anything of it asks for.
/// @param increased Bit m: a taker increased in market m, or leverage was raised there.
/// @param rested Bit m: an order came to rest in market m, or leverage was lowered there.
struct ScopeChange {
    MarginRule rule;
    uint256 increased;
    uint256 rested;
}

/// @title Valuing scopes
/// @dev Funding counts up to the last touch of each market: as old as the index at most, whose age is bounded.
library MarginRules {
    /// @dev Oldest index for what takes out, liquidates, or says that a scope is stretched, in seconds.
    uint256 internal constant FRESH_AGE = 5;
    /// @dev For increases.
    uint256 internal constant INCREASE_AGE = 15;
    /// @dev For everything else.
    uint256 internal constant RESTING_AGE = 30;
    /// @dev For increases and resting orders at high leverage.
    uint256 internal constant HIGH_LEVERAGE_AGE = 2;
    /// @dev What is taken out leaves margin at no more than this leverage.
    uint256 internal constant WITHDRAWAL_LEVERAGE = 50;

    /// @notice Markets of a scope, as a mask.
    function marketsOf(ProState storage state, uint48 scope) internal view returns (uint256) {
        if (ProIds.isIsolatedScope(scope)) return 1 << ProIds.marketOfScope(scope);
        return state.accounts[ProIds.accountOfScope(scope)].markets();
    }

    /// @notice The markets that a scope has a position in, a bit for each: what a liquidation needs prices of. Of an isolated scope
    /// its own, whatever it holds.
    function valuedMarketsOf(ProState storage state, uint48 scope) internal view returns (uint256 markets) {
        markets = marketsOf(state, scope);
        if (ProIds.isIsolatedScope(scope)) return markets;
        uint40 account = ProIds.accountOfScope(scope);
        for (uint256 rest = markets; rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            uint8 marketId = uint8(AssetMask.lowest(rest));
            if (!state.markets[marketId].positions[account].isOpen()) markets &= ~(1 << marketId);
        }
    }

    function cashOf(ProState storage state, uint48 scope) internal view returns (int256) {
        uint40 account = ProIds.accountOfScope(scope);
        if (!ProIds.isIsolatedScope(scope)) return state.accounts[account].cash();
        return state.markets[ProIds.marketOfScope(scope)].isolatedCash[account];
    }

    /// @notice A scope at its marks. Says nothing of how old they are, see `staleMarket`.
    function healthOf(ProState storage state, uint48 scope) internal view returns (ScopeHealth memory health) {
        health.cash = cashOf(state, scope);
        uint40 account = ProIds.accountOfScope(scope);
        for (uint256 rest = marketsOf(state, scope); rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            Market storage market = state.markets[uint8(AssetMask.lowest(rest))];
            (int256 pnl, Exposure memory exposure) = atPrice(market, account, market.mark.mark());
            health.pnl += pnl;
            health.maintenance += MarginMath.maintenanceMargin(market, exposure.value);
            if (market.sums[account].slots() != 0) {
                health.resting += MarginMath.restingMargin(
                    exposure,
                    leverageOf(market, account),
                    market.config.highLeverage()
                );
            }
        }
    }

    /// @notice Profit that is not realised, funding owed included, and what an account has in a market at a price.
    function atPrice(
        Market storage market,
        uint40 account,
        uint256 price
    ) internal view returns (int256 pnl, Exposure memory exposure) {
        return _valued(_holdingOf(market, account), price);
    }

    /// @notice Maintenance margin of an account's position at the mark.
    function maintenanceOf(Market storage market, uint40 account) internal view returns (uint256) {
        int256 lots = market.positions[account].lots();
        uint256 value = uint256(lots < 0 ? -lots : lots) * market.config.lotSize() * market.mark.mark();
        return MarginMath.maintenanceMargin(market, value);
    }

    /// @notice L of an account in a market.
    function leverageOf(Market storage market, uint40 account) internal view returns (uint256 leverage) {
        leverage = market.sums[account].leverage();
        if (leverage == 0) leverage = market.config.defaultLeverage();
    }

    /// @notice The first of some markets whose index is older than `maxAge`, or that the sequencer was not ready at. The index of
    /// a market that settles stands for good, however it came.
    /// @param markets A bit for each.
    /// @return reason None: all are as they should be.
    function staleMarket(
        ProState storage state,
        uint256 markets,
        uint256 maxAge
    ) internal view returns (ProReason reason, uint8 marketId) {
        for (uint256 rest = markets; rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            marketId = uint8(AssetMask.lowest(rest));
            Market storage market = state.markets[marketId];
            reason = staleness(market, maxAge);
            if (reason != ProReason.None) return (reason, marketId);
            if (market.index.isReady() || market.config.status() == MarketStatus.Settling) continue;
            return (ProReason.SequencerNotReady, marketId);
        }
    }

    /// @notice Whether an index is there and not older than `maxAge` seconds; that of a market which settles always is.
    function staleness(Market storage market, uint256 maxAge) internal view returns (ProReason) {
        return stalenessOf(market.config, market.index, maxAge);
    }

    /// @notice As `staleness`, of words that are there already.
    function stalenessOf(ConfigWord config, IndexWord index, uint256 maxAge) internal view returns (ProReason) {
        if (index.price() == 0) return ProReason.IndexMissing;
        if (block.timestamp - index.publishTime() <= maxAge) return ProReason.None;
        return config.status() == MarketStatus.Settling ? ProReason.None : ProReason.IndexStale;
    }

    /// @notice Oldest index for an increase by a taker or for raised leverage.
    function increaseAge(uint256 leverage, uint256 highLeverage) internal pure returns (uint256) {
        return leverage > highLeverage ? HIGH_LEVERAGE_AGE : INCREASE_AGE;
    }

    /// @notice Oldest index for a resting order, and for each other market of the scope.
    function restingAge(uint256 leverage, uint256 highLeverage) internal pure returns (uint256) {
        return leverage > highLeverage ? HIGH_LEVERAGE_AGE : RESTING_AGE;
    }

    /// @notice The test at the end of a call; reverts where the scope fails it.
    function check(ProState storage state, uint48 scope, ScopeChange memory change) internal view {
        if (change.rule == MarginRule.None) return;
        uint40 account = ProIds.accountOfScope(scope);
        int256 has = 0;
        uint256 needs = 0;
        for (uint256 rest = marketsOf(state, scope); rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            uint8 marketId = uint8(AssetMask.lowest(rest));
            (int256 pnl, uint256 margin) = change.rule == MarginRule.Reduction
                ? _forReduction(state.markets[marketId], marketId, account)
                : _forOpening(state.markets[marketId], marketId, account, change);
            has += pnl;
            needs += margin;
        }
        // Unrealised profit counts for reductions only.
        if (change.rule != MarginRule.Reduction && has > 0) has = 0;
        has += cashOf(state, scope);
        // Margins are below 2^150.
        if (has >= int256(needs)) return;
        revert IProEvents.Pro_ScopeRefused(scope, _reasonOf(change.rule), has, int256(needs));
    }

    /// @dev As in a liquidation, where no more than orders rest nothing is valued: an order in a market whose feed is dead must not
    /// keep its owner from what a liquidation may do to him.
    function _forReduction(
        Market storage market,
        uint8 marketId,
        uint40 account
    ) private view returns (int256 pnl, uint256 margin) {
        Holding memory holding = _holdingOf(market, account);
        if (holding.lots == 0) return (pnl, margin);
        _requireFresh(market, marketId, RESTING_AGE);
        Exposure memory exposure;
        (pnl, exposure) = _valued(holding, market.mark.mark());
        margin = MarginMath.maintenanceMargin(market, exposure.value);
    }

    function _forOpening(
        Market storage market,
        uint8 marketId,
        uint40 account,
        ScopeChange memory change
    ) private view returns (int256 pnl, uint256 margin) {
        Holding memory holding = _holdingOf(market, account);
        ConfigWord config = holding.config;
        uint256 leverage = holding.sums.leverage();
        if (leverage == 0) leverage = config.defaultLeverage();
        _requireMoment(market, marketId, leverage, config.highLeverage(), change);
        Exposure memory exposure;
        uint256 mark = market.mark.mark();
        (pnl, exposure) = _valued(holding, mark);
        if (((change.increased | change.rested) >> marketId) & 1 != 0) _requireTier(market, exposure, leverage);
        if (change.rule == MarginRule.Withdrawal && leverage > WITHDRAWAL_LEVERAGE) leverage = WITHDRAWAL_LEVERAGE;
        margin = MarginMath.initialMargin(exposure, leverage, config.highLeverage());

        // The lesser profit and the greater margin of mark and index.
        uint256 index = market.index.price();
        if (index == mark) return (pnl, margin);
        int256 pnlAtIndex;
        (pnlAtIndex, exposure) = _valued(holding, index);
        if (pnlAtIndex < pnl) pnl = pnlAtIndex;
        uint256 marginAtIndex = MarginMath.initialMargin(exposure, leverage, config.highLeverage());
        if (marginAtIndex > margin) margin = marginAtIndex;
    }

    function _holdingOf(Market storage market, uint40 account) private view returns (Holding memory holding) {
        PositionWord position = market.positions[account];
        (holding.sums, holding.config) = (market.sums[account], market.config);
        int256 lots = position.lots();
        if (lots == 0) return holding;
        holding.lots = lots;
        unchecked {
            // Costs have 112 bits; lots of 64 times what lies between two indices of 80.
            holding.debt = position.cost() + lots * (market.indices.indexOf(lots) - position.snapshot());
        }
    }

    function _valued(
        Holding memory holding,
        uint256 price
    ) private pure returns (int256 pnl, Exposure memory exposure) {
        ConfigWord config = holding.config;
        exposure = MarginMath.exposureOf(holding.lots, holding.sums, price, config.unit(), config.lotSize());
        unchecked {
            // Notionals have 200 bits, debts 146.
            pnl = (holding.lots < 0 ? -int256(exposure.value) : int256(exposure.value)) - holding.debt;
        }
    }

    /// @dev How old the index may be for what was done, and whether it must be narrow.
    function _requireMoment(
        Market storage market,
        uint8 marketId,
        uint256 leverage,
        uint256 highLeverage,
        ScopeChange memory change
    ) private view {
        bool isIncreased = (change.increased >> marketId) & 1 != 0;
        uint256 maxAge = isIncreased ? increaseAge(leverage, highLeverage) : restingAge(leverage, highLeverage);
        if (change.rule == MarginRule.Withdrawal && maxAge > FRESH_AGE) maxAge = FRESH_AGE;
        _requireFresh(market, marketId, maxAge);
        if (isIncreased) _requireNarrow(market, marketId);
    }

    function _requireFresh(Market storage market, uint8 marketId, uint256 maxAge) private view {
        ProReason reason = staleness(market, maxAge);
        if (reason == ProReason.None) return;
        uint256 age = block.timestamp - market.index.publishTime();
        revert IProEvents.Pro_IndexRefused(marketId, reason, age, maxAge);
    }

    function _requireNarrow(Market storage market, uint8 marketId) private view {
        IndexWord index = market.index;
        if (!index.isNarrow()) revert IProEvents.Pro_IndexRefused(marketId, ProReason.IndexNotNarrow, 0, 0);
        if (!index.isReady()) revert IProEvents.Pro_IndexRefused(marketId, ProReason.SequencerNotReady, 0, 0);
    }

    function _requireTier(Market storage market, Exposure memory exposure, uint256 leverage) private view {
        (TierWord tier, ) = MarginMath.tierOf(market, MarginMath.exposedNotional(exposure));
        if (leverage <= tier.maxLeverage()) return;
        revert IProEvents.Pro_ActionRefused(ProReason.LeverageAboveTier, leverage, tier.maxLeverage());
    }

    function _reasonOf(MarginRule rule) private pure returns (ProReason) {
        if (rule == MarginRule.Reduction) return ProReason.BelowMaintenance;
        return rule == MarginRule.Opening ? ProReason.MarginTooLow : ProReason.CashTooLow;
    }
}
