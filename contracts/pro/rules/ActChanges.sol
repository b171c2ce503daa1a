// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EffectWord, EffectWordFields} from "../types/ActionWord.sol";
import {MarginRule} from "./MarginRules.sol";

/// @notice What the actions of a call have changed so far. Bit m of a mask stands for market m.
/// @param touched The mark is to be looked at anew.
/// @param dirtyBids A bid level at or before the deep one changed.
/// @param dirtyAsks An ask level at or before the deep one changed.
/// @param increased A taker increased there, or leverage was raised.
/// @param rested An order came to rest there, or leverage was lowered.
/// @param emptied The isolated scope there may have been left with neither position nor order.
/// @param isolatedReduced The isolated scope is to be tested by the reduction rule.
/// @param isolatedOpened By the opening rule.
/// @param isolatedTaken By the opening rule, for what was taken out.
/// @param crossRule Rule for the cross scope.
struct ActChanges {
    uint256 touched;
    uint256 dirtyBids;
    uint256 dirtyAsks;
    uint256 increased;
    uint256 rested;
    uint256 emptied;
    uint256 isolatedReduced;
    uint256 isolatedOpened;
    uint256 isolatedTaken;
    MarginRule crossRule;
}

using ActChangesLib for ActChanges global;

library ActChangesLib {
    /// @notice Adds what one action did.
    function add(ActChanges memory self, EffectWord effect) internal pure {
        uint256 bit = 1 << effect.market();
        if (effect.has(EffectWordFields.TOUCHED)) self.touched |= bit;
        if (effect.has(EffectWordFields.DIRTY_BIDS)) self.dirtyBids |= bit;
        if (effect.has(EffectWordFields.DIRTY_ASKS)) self.dirtyAsks |= bit;
        if (effect.has(EffectWordFields.INCREASED)) self.increased |= bit;
        if (effect.has(EffectWordFields.RESTED)) self.rested |= bit;
        uint256 filled = effect.filled();
        if (filled != 0) self.emptied |= 1 << (filled - 1);
        MarginRule rule = _ruleOf(effect);
        if (!effect.isIsolated()) {
            if (rule > self.crossRule) self.crossRule = rule;
            return;
        }
        if (effect.has(EffectWordFields.EMPTIED | EffectWordFields.TAKEN_OUT)) self.emptied |= bit;
        if (rule == MarginRule.Reduction) self.isolatedReduced |= bit;
        if (rule == MarginRule.Opening) self.isolatedOpened |= bit;
        if (rule == MarginRule.Withdrawal) self.isolatedTaken |= bit;
    }

    /// @notice Whether there is anything to end or to test.
    function isAny(ActChanges memory self) internal pure returns (bool) {
        uint256 isolated = self.isolatedReduced | self.isolatedOpened | self.isolatedTaken;
        return self.touched | self.emptied | isolated != 0 || self.crossRule != MarginRule.None;
    }

    function _ruleOf(EffectWord effect) private pure returns (MarginRule) {
        if (effect.has(EffectWordFields.TAKEN_OUT)) return MarginRule.Withdrawal;
        if (effect.has(EffectWordFields.INCREASED | EffectWordFields.RESTED)) return MarginRule.Opening;
        return effect.has(EffectWordFields.REDUCED) ? MarginRule.Reduction : MarginRule.None;
    }
}
