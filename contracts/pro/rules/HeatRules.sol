// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProReason} from "../ProOutcome.sol";
import {HeatWord} from "../types/MarketWords.sol";

/// @notice What decides whether something may be opened at high leverage. Quote.
/// @param leverage L.
/// @param guardX9 Largest recent distance of the index from its average, 9 decimals.
/// @param notional To be opened.
/// @param heat Opened so in the rolling hour.
/// @param fund The market's fund.
/// @param openInterest Of one side, at the mark.
struct HeatCase {
    uint256 leverage;
    uint256 guardX9;
    uint256 notional;
    uint256 heat;
    uint256 fund;
    uint256 openInterest;
}

/// @title Rules of high leverage
library HeatRules {
    /// @dev 1 with 9 decimals.
    uint256 private constant ONE_X9 = 1e9;
    /// @dev Four times the leverage times the guard is at most 1.
    uint256 private constant GUARD_FACTOR = 4;
    /// @dev Openings in a rolling hour, as a multiple of the fund.
    uint256 private constant HEAT_PER_FUND = 5;
    /// @dev Above it also the open interest is bounded by the fund.
    uint256 private constant HIGHEST_LEVERAGE = 50;
    uint256 private constant OPEN_INTEREST_PER_FUND = 20;

    /// @notice What was opened in the rolling hour: it drains by its whole bound in an hour.
    function heatNow(HeatWord heat, uint256 fund) internal view returns (uint256) {
        uint256 drained = (HEAT_PER_FUND * fund * (block.timestamp - heat.since())) / 1 hours;
        uint256 opened = heat.opened();
        return opened > drained ? opened - drained : 0;
    }

    /// @notice Which rule an opening breaks; none below high leverage, which is the caller's to know.
    function obstacle(HeatCase memory self) internal pure returns (ProReason) {
        if (GUARD_FACTOR * self.leverage * self.guardX9 > ONE_X9) return ProReason.GuardTooHigh;
        if (self.leverage > HIGHEST_LEVERAGE && self.openInterest > OPEN_INTEREST_PER_FUND * self.fund) {
            return ProReason.HighLeverageOpenInterest;
        }
        return self.heat + self.notional > HEAT_PER_FUND * self.fund ? ProReason.HighLeverageFull : ProReason.None;
    }
}
