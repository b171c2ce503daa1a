// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PIPS, Price} from "../types/Units.sol";

/// @title Arithmetic of one bet
library BetMath {
    /// @notice Profit of a win: stake · payout, in token units, rounded down. It is what is reserved.
    function winOf(uint256 stake, uint256 payoutPips) internal pure returns (uint256) {
        return (stake * payoutPips) / PIPS;
    }

    /// @notice Strictly beyond the strike in the bet's direction: a tie loses.
    function isWon(bool isUp, Price strike, Price settlement) internal pure returns (bool) {
        return isUp ? settlement > strike : settlement < strike;
    }
}
