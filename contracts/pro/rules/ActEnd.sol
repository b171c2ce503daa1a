// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AssetMask} from "../../utils/AssetMask.sol";
import {Market, ProState} from "../ProState.sol";
import {ProIds} from "../types/ProIds.sol";
import {ActChanges} from "./ActChanges.sol";
import {MarginRule, MarginRules, ScopeChange} from "./MarginRules.sol";
import {Party} from "./Party.sol";
import {TouchRules} from "./TouchRules.sol";

/// @title The end of a call of `IPro.act`
library ActEnd {
    /// @notice Touches end, what isolated scopes have left returns, and what was changed is tested.
    function finish(ProState storage state, uint40 account, ActChanges memory changes) internal {
        for (uint256 rest = changes.touched; rest != 0; rest &= rest - 1) {
            // Markets have 8 bits.
            uint8 marketId = uint8(AssetMask.lowest(rest));
            uint256 bit = rest & (~rest + 1);
            TouchRules.end(
                state.markets[marketId],
                marketId,
                changes.dirtyBids & bit != 0,
                changes.dirtyAsks & bit != 0
            );
        }
        for (uint256 rest = changes.emptied; rest != 0; rest &= rest - 1) {
            _tidy(state, account, uint8(AssetMask.lowest(rest)));
        }
        ScopeChange memory change = ScopeChange(changes.crossRule, changes.increased, changes.rested);
        MarginRules.check(state, ProIds.crossScope(account), change);
        uint256 isolated = changes.isolatedReduced | changes.isolatedOpened | changes.isolatedTaken;
        for (; isolated != 0; isolated &= isolated - 1) {
            uint256 bit = isolated & (~isolated + 1);
            change.rule = MarginRule.Reduction;
            if (changes.isolatedOpened & bit != 0) change.rule = MarginRule.Opening;
            if (changes.isolatedTaken & bit != 0) change.rule = MarginRule.Withdrawal;
            MarginRules.check(state, ProIds.isolatedScope(account, uint8(AssetMask.lowest(isolated))), change);
        }
    }

    function _tidy(ProState storage state, uint40 account, uint8 marketId) private {
        Market storage market = state.markets[marketId];
        Party memory party;
        party.load(state, market, marketId, account);
        party.tidy();
        party.store(state, market);
    }
}
