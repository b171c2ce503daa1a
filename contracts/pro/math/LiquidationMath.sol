// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ONE_USD, PIPS} from "../../types/Units.sol";
import {Market} from "../ProState.sol";
import {DecayMath} from "./DecayMath.sol";
import {MarginMath} from "./MarginMath.sol";

/// @notice A position of a scope that is being liquidated, at its mark.
/// @param lots Of the position, signed, not 0.
/// @param mark 10 decimals.
/// @param tickSize 10 decimals.
/// @param lotSize 8 decimals.
/// @param equity Of the scope, quote.
/// @param totalMaintenance ΣMM of the scope, quote, not 0.
/// @param ownMaintenance MM of the position, quote.
struct DuePosition {
    int256 lots;
    uint256 mark;
    uint256 tickSize;
    uint256 lotSize;
    int256 equity;
    uint256 totalMaintenance;
    uint256 ownMaintenance;
}

/// @notice What a step pays out of the equity that is left, quote.
/// @param takerFee Divided as every taker's.
/// @param toCaller Of the liquidation fee.
/// @param toFund The rest of it.
struct StepFees {
    uint256 takerFee;
    uint256 toCaller;
    uint256 toFund;
}

using LiquidationMath for DuePosition global;

/// @title Sizes, bounds and fees of liquidations
/// @dev A position's share of the scope's equity is equity · MM(m) / ΣMM, a lot's its part of that: closing every position at
/// its bankruptcy price, which is the mark less that share, leaves exactly nothing. Shares of an equity below 0, deficits,
/// are rounded up, so that nothing is left uncovered.
library LiquidationMath {
    /// @dev A position of at most this is closed at once.
    uint256 private constant SMALL_POSITION = 20_000 * ONE_USD;
    /// @dev Least part of a larger one.
    uint256 private constant LEAST_STEP_DIVISOR = 5;
    /// @dev The way from the mark to the bankruptcy price in sixtieths: where the bound begins, and how fast it moves.
    uint256 private constant BOUND_BEGINS = 15;
    uint256 private constant BOUND_PER_SECOND = 2;
    uint256 private constant BOUND_ENDS = 60;
    /// @dev How far beyond the mark a fund pays for, and the seconds until then.
    uint256 private constant FUND_SLIP_PIPS = 1_000;
    uint256 private constant FUND_SLIP_SECONDS = 30;
    /// @dev The caller's part of a liquidation fee is a quarter, at most 50 USD.
    uint256 private constant CALLER_DIVISOR = 4;
    uint256 private constant MOST_CALLER_FEE = 50 * ONE_USD;
    uint256 private constant THRESHOLD_HALF_LIFE = 3;
    uint256 private constant THRESHOLD_SECONDS = 45;
    /// @dev A candidate's position of at most this may be closed at once.
    uint256 private constant SMALL_CANDIDATE = 1_000 * ONE_USD;

    function isLong(DuePosition memory self) internal pure returns (bool) {
        return self.lots > 0;
    }

    /// @notice Lots of the position, without sign.
    function size(DuePosition memory self) internal pure returns (uint256) {
        // Positions have 64 bits of lots.
        return uint256(self.lots < 0 ? -self.lots : self.lots);
    }

    /// @notice What lots are worth at the mark, quote.
    function valueOf(DuePosition memory self, uint256 lots) internal pure returns (uint256) {
        return lots * self.lotSize * self.mark;
    }

    /// @notice Less than two thirds of the maintenance margin are left: all is closed, and without pauses.
    function isUrgent(DuePosition memory self) internal pure returns (bool) {
        // Margins are below 2^150.
        return 3 * self.equity < 2 * int256(self.totalMaintenance);
    }

    /// @notice Lots of a step: the larger of a fifth and what leads to the next lower tier; all where little is left or at stake.
    function wantedLots(DuePosition memory self, Market storage market) internal view returns (uint256 lots) {
        uint256 held = size(self);
        uint256 value = valueOf(self, held);
        if (value <= SMALL_POSITION || isUrgent(self)) return held;
        lots = (held + LEAST_STEP_DIVISOR - 1) / LEAST_STEP_DIVISOR;
        (, uint256 tier) = MarginMath.tierOf(market, value);
        if (tier == 0) return lots;
        uint256 kept = (market.tierAt(tier - 1).capUsd() * ONE_USD) / valueOf(self, 1);
        // Above the cap of the lower tier: fewer lots are kept than held.
        if (held - kept > lots) lots = held - kept;
    }

    /// @notice What some of the lots lack at the mark, quote, rounded up; 0 at an equity of 0 or more.
    function deficitOf(DuePosition memory self, uint256 lots) internal pure returns (uint256) {
        return self.equity < 0 ? _share(self, lots, size(self)) : 0;
    }

    /// @notice The worst tick of a step.
    /// @dev Above an equity of 0 from a quarter of the way to the bankruptcy price on, all of it after 22.5 s; at 0 or less the
    /// bankruptcy price, or, while a fund pays, up to 10 bp beyond the mark after 30 s. Rounded for the scope: up for a long, down
    /// for a short. A tick nearer to the mark would leave, of a negative equity, what nobody pays. The band holds beside it.
    /// @param distressSeconds Since the distress began.
    /// @return tick 0 for a long that any price above 0 serves.
    /// @return isReachable False where no order can have such a price.
    function boundTick(
        DuePosition memory self,
        uint256 distressSeconds,
        bool doesFundPay
    ) internal pure returns (uint24 tick, bool isReachable) {
        // Prices have 64 bits, and a share of equity per lot is far below 2^250.
        int256 price = int256(self.mark);
        int256 distance = _distance(self, distressSeconds, doesFundPay);
        price = isLong(self) ? price - distance : price + distance;
        int256 step = int256(self.tickSize);
        if (price <= 0) return (0, isLong(self));
        int256 bound = isLong(self) ? (price + step - 1) / step : price / step;
        if (bound > int256(uint256(type(uint24).max))) return (type(uint24).max, !isLong(self));
        return (uint24(uint256(bound)), bound != 0);
    }

    /// @notice Whether a fund with such an allowance pays for at least one lot.
    function hasRoom(DuePosition memory self, uint256 distressSeconds, uint256 allowance) internal pure returns (bool) {
        if (self.equity >= 0) return false;
        (uint24 tick, bool isReachable) = boundTick(self, distressSeconds, true);
        return isReachable && _uncovered(self, 1, tick * self.tickSize) <= allowance;
    }

    /// @notice The lots that an allowance covers at a bound that a fund pays at.
    function coveredLots(
        DuePosition memory self,
        uint256 wanted,
        uint24 tick,
        uint256 allowance
    ) internal pure returns (uint256 lots) {
        uint256 price = tick * self.tickSize;
        if (_uncovered(self, wanted, price) <= allowance) return wanted;
        uint256 whole = _uncovered(self, size(self), price);
        lots = Math.mulDiv(allowance, size(self), whole);
        if (lots > wanted) lots = wanted;
        // Rounded up, a part may lack one more than its share of the whole.
        if (lots != 0 && _uncovered(self, lots, price) > allowance) --lots;
    }

    /// @notice Fees on a notional out of the equity that the fills left: the taker's first, then the liquidation's.
    /// @param equityAfter At the mark, quote.
    function feesOf(
        uint256 notional,
        int256 equityAfter,
        uint256 takerFeePips,
        uint256 liquidationFeePips
    ) internal pure returns (StepFees memory fees) {
        if (equityAfter <= 0) return fees;
        // Above 0.
        uint256 left = uint256(equityAfter);
        fees.takerFee = _feeUp(notional, takerFeePips);
        if (fees.takerFee > left) fees.takerFee = left;
        left -= fees.takerFee;
        uint256 fee = _feeUp(notional, liquidationFeePips);
        if (fee > left) fee = left;
        fees.toCaller = fee / CALLER_DIVISOR;
        if (fees.toCaller > MOST_CALLER_FEE) fees.toCaller = MOST_CALLER_FEE;
        fees.toFund = fee - fees.toCaller;
    }

    /// @notice θ: the least return on entry of a candidate, so many seconds after the first call that might; 96 fractional bits.
    function thresholdX96(uint256 adlSeconds) internal pure returns (uint256) {
        return adlSeconds >= THRESHOLD_SECONDS ? 0 : DecayMath.halvedX96(adlSeconds, THRESHOLD_HALF_LIFE);
    }

    /// @notice What a candidate with so many lots gives up at most in a call: half while there is a threshold, all of little.
    function mostLots(DuePosition memory self, uint256 held, uint256 threshold) internal pure returns (uint256) {
        return threshold == 0 || valueOf(self, held) <= SMALL_CANDIDATE ? held : held / 2;
    }

    /// @dev What closing lots at a price leaves uncovered where the scope bears its share of a negative equity, quote.
    function _uncovered(DuePosition memory self, uint256 lots, uint256 price) private pure returns (uint256) {
        uint256 deficit = _share(self, lots, size(self));
        (uint256 ours, uint256 theirs) = isLong(self) ? (price, self.mark) : (self.mark, price);
        if (theirs >= ours) return deficit + (theirs - ours) * lots * self.lotSize;
        uint256 gain = (ours - theirs) * lots * self.lotSize;
        return deficit > gain ? deficit - gain : 0;
    }

    /// @dev How far the bound is from the mark, 10 decimals; below 0 on the winning side of it.
    function _distance(
        DuePosition memory self,
        uint256 distressSeconds,
        bool doesFundPay
    ) private pure returns (int256) {
        if (self.equity < 0 && doesFundPay) {
            if (distressSeconds > FUND_SLIP_SECONDS) distressSeconds = FUND_SLIP_SECONDS;
            // Below a price, which has 64 bits.
            return int256((self.mark * FUND_SLIP_PIPS * distressSeconds) / (PIPS * FUND_SLIP_SECONDS));
        }
        uint256 part = BOUND_ENDS;
        if (self.equity > 0 && distressSeconds < BOUND_ENDS) part = BOUND_BEGINS + BOUND_PER_SECOND * distressSeconds;
        if (part > BOUND_ENDS) part = BOUND_ENDS;
        // A share of equity, 200 bits at most.
        int256 distance = int256(_share(self, part, size(self) * self.lotSize * BOUND_ENDS));
        return self.equity < 0 ? -distance : distance;
    }

    /// @dev |equity| · MM(m)/ΣMM · part/whole: down where it is there, up where it lacks.
    function _share(DuePosition memory self, uint256 part, uint256 whole) private pure returns (uint256) {
        bool isDeficit = self.equity < 0;
        // Margins are below 2^150, and equity is within the width of cash and values: the product is tested.
        uint256 amount = uint256(isDeficit ? -self.equity : self.equity) * self.ownMaintenance;
        Math.Rounding rounding = isDeficit ? Math.Rounding.Ceil : Math.Rounding.Floor;
        return Math.mulDiv(amount, part, self.totalMaintenance * whole, rounding);
    }

    function _feeUp(uint256 notional, uint256 pips) private pure returns (uint256) {
        return (notional * pips + PIPS - 1) / PIPS;
    }
}
