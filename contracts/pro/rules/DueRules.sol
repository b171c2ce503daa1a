// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AssetMask} from "../../utils/AssetMask.sol";
import {MarkLogic} from "../logic/MarkLogic.sol";
import {DuePosition} from "../math/LiquidationMath.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {DistressWord} from "../types/DistressWord.sol";
import {ConfigWord} from "../types/MarketConfig.sol";
import {ProIds} from "../types/ProIds.sol";
import {DistressRules} from "./DistressRules.sol";
import {MarginRules, ScopeHealth} from "./MarginRules.sol";

/// @notice A scope that is liquidatable, and one of its positions.
/// @param scope The scope.
/// @param account Its account.
/// @param market That the call names.
/// @param health As it was found, with funding of the market up to now.
/// @param distress As it is stored.
/// @param position The position.
struct DueScope {
    uint48 scope;
    uint40 account;
    uint8 market;
    ScopeHealth health;
    DistressWord distress;
    DuePosition position;
}

/// @title Which scopes are due
/// @notice What a liquidation, deleveraging and the last resort have in common.
library DueRules {
    using DistressRules for DistressWord;

    /// @notice Brings funding of a market to now, looks whether a scope is liquidatable, and renews or ends its distress.
    /// @dev Requirements: `due` is empty. Whatever comes of it, a call is a touch of the market that it names.
    /// @return reason None: it is.
    function examine(
        ProState storage state,
        ProSetup calldata setup,
        DueScope memory due,
        uint48 scope,
        uint8 marketId
    ) internal returns (ProReason reason) {
        if (!setup.status.canLiquidate()) {
            return setup.status.canClose() ? ProReason.LiquidationGrace : ProReason.BreakerRaised;
        }
        if (!_isScope(state, scope)) return ProReason.PositionMissing;
        // Where no more than orders rest nothing is valued: an order in a market whose feed is dead shields nobody.
        uint256 valued = MarginRules.valuedMarketsOf(state, scope);
        (reason, ) = MarginRules.staleMarket(state, valued, MarginRules.FRESH_AGE);
        if (reason != ProReason.None) return reason;
        Market storage market = state.markets[marketId];
        if (market.isListed() && market.touch.touchedAt() != block.timestamp) MarkLogic.begin(market, setup);
        due.health = MarginRules.healthOf(state, scope);
        (due.scope, due.market, due.account) = (scope, marketId, ProIds.accountOfScope(scope));
        bool isDue = isLiquidatable(due.health);
        due.distress = state.distress[scope].renewed(isDue);
        DistressRules.save(state, scope, due.distress);
        if (!isDue) return ProReason.NotLiquidatable;
    }

    /// @notice A position, and equity below maintenance margin.
    function isLiquidatable(ScopeHealth memory health) internal pure returns (bool) {
        // Margins are below 2^150; without a position they are 0.
        return health.maintenance != 0 && health.cash + health.pnl < int256(health.maintenance);
    }

    /// @notice Loads the position that is to be closed.
    /// @return reason None: the scope has one there.
    function load(ProState storage state, DueScope memory due) internal view returns (ProReason reason) {
        Market storage market = state.markets[due.market];
        int256 lots = market.positions[due.account].lots();
        bool isIsolated = market.sums[due.account].isIsolated();
        if (lots == 0 || ProIds.scopeOf(due.account, due.market, isIsolated) != due.scope) {
            return ProReason.PositionMissing;
        }
        ConfigWord config = market.config;
        due.position = DuePosition({
            lots: lots,
            mark: market.mark.mark(),
            tickSize: config.tickSize(),
            lotSize: config.lotSize(),
            equity: due.health.cash + due.health.pnl,
            totalMaintenance: due.health.maintenance,
            ownMaintenance: MarginRules.maintenanceOf(market, due.account)
        });
    }

    /// @notice Whether a position's maintenance margin is at least half of the scope's largest.
    function isLargeEnough(ProState storage state, DueScope memory due) internal view returns (bool) {
        uint256 own = due.position.ownMaintenance;
        // All others together are no more than twice as much.
        if (3 * own >= due.position.totalMaintenance) return true;
        for (uint256 rest = MarginRules.marketsOf(state, due.scope); rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            Market storage market = state.markets[uint8(AssetMask.lowest(rest))];
            if (MarginRules.maintenanceOf(market, due.account) > 2 * own) return false;
        }
        return true;
    }

    /// @notice Whether any order of the scope rests.
    function hasOrders(ProState storage state, uint48 scope) internal view returns (bool) {
        uint40 account = ProIds.accountOfScope(scope);
        for (uint256 rest = MarginRules.marketsOf(state, scope); rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            if (state.markets[uint8(AssetMask.lowest(rest))].sums[account].slots() != 0) return true;
        }
        return false;
    }

    /// @notice Stores the record of a scope: none where it has no position left.
    function conclude(ProState storage state, DueScope memory due) internal {
        bool isOpen =
            ProIds.isIsolatedScope(due.scope)
                ? state.markets[due.market].positions[due.account].isOpen()
                : state.accounts[due.account].positions() != 0;
        DistressRules.save(state, due.scope, isOpen ? due.distress : DistressWord.wrap(0));
    }

    /// @dev An isolated scope is one only in isolated mode: its number over a market in cross mode would value the position
    /// without its cash.
    function _isScope(ProState storage state, uint48 scope) private view returns (bool) {
        if (!ProIds.isIsolatedScope(scope)) return true;
        return state.markets[ProIds.marketOfScope(scope)].sums[ProIds.accountOfScope(scope)].isIsolated();
    }
}
