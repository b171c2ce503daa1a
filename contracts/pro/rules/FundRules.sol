// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PIPS} from "../../types/Units.sol";
import {Market, ProState} from "../ProState.sol";
import {FundWord, FundWordFields, OutflowWord, OutflowWordFields} from "../types/MarketWords.sol";
import {ProIds} from "../types/ProIds.sol";

/// @title A market's fund and fees
/// @notice The fund takes a share of takers' fees while it is small, and pays for bankrupt scopes within shares of what it holds
/// and of what it held when the UTC hour and the UTC day began.
/// @dev Every change of a fund goes through here: the first one of an hour notes what it held.
library FundRules {
    /// @dev Key of `Market.brokerFees` under which the sum of all brokers' lies: no broker has the number 0.
    uint32 internal constant ALL_BROKERS = 0;

    /// @dev Share of a taker's fee, while the fund is not full.
    uint256 private constant FUND_SHARE_PIPS = 200_000;
    /// @dev It is full when it holds this share of the open interest.
    uint256 private constant FULL_FUND_PIPS = 50_000;
    /// @dev Most for one scope, of what the fund holds.
    uint256 private constant SCOPE_SHARE_PIPS = 50_000;
    /// @dev Most in an hour and in a day, of what it held when they began.
    uint256 private constant HOUR_SHARE_PIPS = 200_000;
    uint256 private constant DAY_SHARE_PIPS = 400_000;

    /// @notice Books a taker's fee and makers' fees: to the fund its share, the rest to what is swept, with the base of the
    /// taker's broker.
    /// @param openInterest Of one side at the mark, quote.
    function addFees(
        ProState storage state,
        Market storage market,
        uint40 taker,
        uint256 takerFee,
        uint256 makerFees,
        uint256 openInterest
    ) internal {
        if (takerFee + makerFees == 0) return;
        FundWord fund = market.fund;
        uint256 toFund = 0;
        uint256 full = (openInterest * FULL_FUND_PIPS) / PIPS;
        if (fund.fund() < full) {
            toFund = (takerFee * FUND_SHARE_PIPS) / PIPS;
            if (toFund > full - fund.fund()) toFund = full - fund.fund();
        }
        if (toFund != 0) _roll(market, fund);
        _store(market, fund.fund() + toFund, fund.fees() + makerFees + takerFee - toFund, toFund != 0, fund);
        if (takerFee == 0) return;
        uint32 broker = state.owners[ProIds.ownerIndexOf(taker)].broker();
        if (broker == 0) return;
        market.brokerFees[broker] += takerFee - toFund;
        market.brokerFees[ALL_BROKERS] += takerFee - toFund;
    }

    /// @notice Adds to the fund.
    function add(Market storage market, uint256 amount) internal {
        if (amount == 0) return;
        FundWord fund = market.fund;
        _roll(market, fund);
        _store(market, fund.fund() + amount, fund.fees(), true, fund);
    }

    /// @notice Takes a keeper's pay out of the fund, outside its limits: as much of it as there is.
    function takeUpTo(Market storage market, uint256 amount) internal returns (uint256 taken) {
        FundWord fund = market.fund;
        taken = fund.fund() < amount ? fund.fund() : amount;
        if (taken == 0) return 0;
        _roll(market, fund);
        _store(market, fund.fund() - taken, fund.fees(), true, fund);
    }

    /// @notice Pays for a bankrupt scope. Requirements: within the allowance.
    function pay(Market storage market, uint256 amount) internal {
        if (amount == 0) return;
        FundWord fund = market.fund;
        _roll(market, fund);
        _store(market, fund.fund() - amount, fund.fees(), true, fund);
        OutflowWord hour = market.outflowOfHour;
        market.outflowOfHour = OutflowWordFields.pack(_hourNow(), hour.held(), hour.paid() + amount);
        OutflowWord day = market.outflowOfDay;
        market.outflowOfDay = OutflowWordFields.pack(_dayNow(), day.held(), day.paid() + amount);
    }

    /// @notice What the fund may still pay for a scope that it has paid so much for, quote.
    function allowance(Market storage market, uint256 paidForScope) internal view returns (uint256 most) {
        uint256 fund = market.fund.fund();
        most = _less((fund * SCOPE_SHARE_PIPS) / PIPS, paidForScope);
        uint256 ofHour = _leftOf(market.outflowOfHour, _hourNow(), fund, HOUR_SHARE_PIPS);
        if (ofHour < most) most = ofHour;
        uint256 ofDay = _leftOf(market.outflowOfDay, _dayNow(), fund, DAY_SHARE_PIPS);
        if (ofDay < most) most = ofDay;
    }

    /// @dev In a period in which nothing has changed yet the fund holds what it held when it began.
    function _leftOf(
        OutflowWord outflow,
        uint32 period,
        uint256 fund,
        uint256 sharePips
    ) private pure returns (uint256) {
        if (outflow.period() != period) return (fund * sharePips) / PIPS;
        return _less((outflow.held() * sharePips) / PIPS, outflow.paid());
    }

    /// @dev Notes what the fund held when the hour and the day began, before its first change in them.
    function _roll(Market storage market, FundWord fund) private {
        uint32 hour = _hourNow();
        if (fund.hour() == hour) return;
        if (market.outflowOfHour.period() != hour) {
            market.outflowOfHour = OutflowWordFields.pack(hour, fund.fund(), 0);
        }
        uint32 day = _dayNow();
        if (market.outflowOfDay.period() == day) return;
        market.outflowOfDay = OutflowWordFields.pack(day, fund.fund(), 0);
    }

    function _store(Market storage market, uint256 fund, uint256 fees, bool isRolled, FundWord before) private {
        // An hour's number, which the word had before.
        uint32 hour = isRolled ? _hourNow() : uint32(before.hour());
        market.fund = FundWordFields.pack(fund, fees).withHour(hour);
    }

    function _less(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    /// @dev Hours, and days, since 1970 fit 32 bits for half a million years.
    function _hourNow() private view returns (uint32) {
        return uint32(block.timestamp / 1 hours);
    }

    function _dayNow() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }
}
