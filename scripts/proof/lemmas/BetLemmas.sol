// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BetMath} from "../../../contracts/prediction/BetMath.sol";
import {PIPS, Price} from "../../../contracts/types/Units.sol";

contract BetLemmas {
    /// @dev A win is rounded down, by less than one unit; neither product overflows within the widths that are stored.
    function winRoundsDown(uint80 stake, uint24 payoutPips) external pure {
        uint256 win = BetMath.winOf(stake, payoutPips);
        uint256 exact = uint256(stake) * payoutPips;
        assert(win * PIPS <= exact);
        assert(exact < (win + 1) * PIPS);
    }

    /// @dev At a payout of at most 100% the win is at most the stake.
    function winIsBounded(uint80 stake, uint24 payoutPips) external pure {
        require(payoutPips <= PIPS);
        assert(BetMath.winOf(stake, payoutPips) <= stake);
    }

    /// @dev Of a bet up and a bet down at most one wins, and at the strike neither.
    function oneSideWins(uint64 strike, uint64 settlement) external pure {
        bool up = BetMath.isWon(true, Price.wrap(strike), Price.wrap(settlement));
        bool down = BetMath.isWon(false, Price.wrap(strike), Price.wrap(settlement));
        assert(!(up && down));
        assert((up || down) == (strike != settlement));
    }
}
