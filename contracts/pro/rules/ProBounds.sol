// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PIPS} from "../../types/Units.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {IProConfigurator} from "../interfaces/IProConfigurator.sol";
import {MarginTier, MarketConfig, MarketLimits} from "../types/MarketConfig.sol";

/// @title Bounds of the configuration of markets
/// @dev Whatever governance sets lies within them: solvency and the widths of words rest on them.
library ProBounds {
    /// @dev At most 5% away from the mark, and never further than the margin of a resting order.
    uint256 internal constant MAX_BAND_PIPS = 50_000;
    /// @dev Premium and basis fit ±2^55 with 18 decimals: 3.6%.
    uint256 internal constant MAX_DEVIATION_PIPS = 30_000;
    uint256 internal constant MAX_TAKER_FEE_PIPS = 1_000;
    uint256 internal constant MAX_MAKER_FEE_PIPS = 500;
    uint256 internal constant MAX_LIQUIDATION_FEE_PIPS = 10_000;
    uint256 internal constant MAX_FUNDING_CAP_PIPS = 20_000;
    /// @dev Whole USD. Amounts in quote stay below 2^100.
    uint256 internal constant MAX_CAP_USD = 1e10;
    uint256 internal constant MIN_LEAST_RESTING_USD = 10;
    uint256 internal constant MAX_LEAST_RESTING_USD = 10_000;
    uint256 internal constant MAX_LEVERAGE = 200;
    uint256 internal constant MAX_TIERS = 6;
    uint256 internal constant MAX_ANCHORS = 8;
    /// @dev The first tier's rate leaves room for both fees of a liquidation and this.
    uint256 internal constant SPARE_RATE_PIPS = 1_000;
    /// @dev 10 decimals: at lower prices one unit is more than 0.01%.
    uint256 internal constant MIN_PRICE = 1e5;
    /// @dev In a day tiers raise no maintenance margin by more than a fifth.
    uint256 internal constant MAX_RISE_PIPS = 1_200_000;
    uint256 internal constant RISE_PERIOD = 1 days;

    /// @dev Quote of a dollar.
    uint256 private constant ONE_USD = 1e18;

    /// @notice Steps of price and size, held against a price of today of 10 decimals.
    function checkSteps(MarketConfig memory config, uint256 price) internal pure {
        _check(IProConfigurator.Setting.Price, price, MIN_PRICE, type(uint64).max);
        // A step of 1e-5 to 1e-4 of the price.
        _check(IProConfigurator.Setting.TickSize, config.tickSize, (price + 1e5 - 1) / 1e5, price / 1e4);
        // A lot of 1 to 100 USD.
        uint256 lotUsd = uint256(config.lotSize) * price;
        _check(IProConfigurator.Setting.LotSize, lotUsd, ONE_USD, 100 * ONE_USD);
        _check(IProConfigurator.Setting.AssetId, config.assetId, 0, AssetMask.MAX_ASSET_ID);
    }

    function checkConfig(MarketConfig memory config, MarketLimits memory limits) internal pure {
        _check(IProConfigurator.Setting.MinAnchors, config.minAnchors, 1, MAX_ANCHORS);
        _check(IProConfigurator.Setting.MaxDeviation, config.maxDeviationPips, 1, MAX_DEVIATION_PIPS);
        _check(IProConfigurator.Setting.HighLeverage, config.highLeverage, 1, PIPS / MAX_BAND_PIPS);
        _check(IProConfigurator.Setting.Band, config.bandPips, 1, MAX_BAND_PIPS);
        _check(IProConfigurator.Setting.DefaultLeverage, config.defaultLeverage, 1, config.highLeverage);
        _check(IProConfigurator.Setting.TakerFee, config.takerFeePips, 0, MAX_TAKER_FEE_PIPS);
        _check(IProConfigurator.Setting.MakerFee, config.makerFeePips, 0, MAX_MAKER_FEE_PIPS);
        _check(IProConfigurator.Setting.LiquidationFee, config.liquidationFeePips, 0, MAX_LIQUIDATION_FEE_PIPS);
        _check(IProConfigurator.Setting.FundingCap, config.fundingCapPips, 0, MAX_FUNDING_CAP_PIPS);
        _check(IProConfigurator.Setting.Interest, limits.interestPips, 0, config.fundingCapPips);
        checkCaps(limits.maxOpenInterestUsd, limits.leastRestingUsd);
    }

    function checkCaps(uint256 maxOpenInterestUsd, uint256 leastRestingUsd) internal pure {
        _check(IProConfigurator.Setting.OpenInterest, maxOpenInterestUsd, 0, MAX_CAP_USD);
        _check(IProConfigurator.Setting.LeastResting, leastRestingUsd, MIN_LEAST_RESTING_USD, MAX_LEAST_RESTING_USD);
    }

    /// @notice Each tier's rate is at most half of what its leverage leaves as margin; caps and rates rise, leverages fall.
    function checkTiers(MarginTier[] memory tiers, MarketConfig memory config) internal pure {
        _check(IProConfigurator.Setting.TierCount, tiers.length, 1, MAX_TIERS);
        uint256 least = uint256(config.takerFeePips) + config.liquidationFeePips + SPARE_RATE_PIPS;
        uint256 mostLeverage = MAX_LEVERAGE;
        uint256 leastCap = 1;
        for (uint256 i = 0; i < tiers.length; ++i) {
            MarginTier memory tier = tiers[i];
            _check(IProConfigurator.Setting.TierCap, tier.capUsd, leastCap, MAX_CAP_USD);
            _check(IProConfigurator.Setting.TierLeverage, tier.maxLeverage, 1, mostLeverage);
            _check(IProConfigurator.Setting.TierRate, tier.ratePips, least, PIPS / (2 * uint256(tier.maxLeverage)));
            (leastCap, mostLeverage, least) = (uint256(tier.capUsd) + 1, tier.maxLeverage, tier.ratePips);
        }
        _check(IProConfigurator.Setting.DefaultLeverage, config.defaultLeverage, 1, tiers[0].maxLeverage);
    }

    /// @notice What is open is not margined by more than a fifth more than before. Both margins are pieces of lines that begin at 0
    /// together: it is enough to look where either has a corner, and at the slopes beyond.
    /// @return isTighter Some margin rises.
    function checkRise(MarginTier[] memory former, MarginTier[] memory next) internal pure returns (bool isTighter) {
        isTighter = _checkCorners(former, next, former);
        if (_checkCorners(former, next, next)) isTighter = true;
        uint256 before = former[former.length - 1].ratePips;
        uint256 after_ = next[next.length - 1].ratePips;
        _check(IProConfigurator.Setting.Rise, after_ * PIPS, 0, before * MAX_RISE_PIPS);
        if (after_ > before) isTighter = true;
    }

    function _checkCorners(
        MarginTier[] memory former,
        MarginTier[] memory next,
        MarginTier[] memory corners
    ) private pure returns (bool isTighter) {
        for (uint256 i = 0; i < corners.length; ++i) {
            uint256 before = _marginAt(former, corners[i].capUsd);
            uint256 after_ = _marginAt(next, corners[i].capUsd);
            _check(IProConfigurator.Setting.Rise, after_ * PIPS, 0, before * MAX_RISE_PIPS);
            if (after_ > before) isTighter = true;
        }
    }

    /// @dev Maintenance margin of a notional in whole USD, USD with 6 decimals: the sum over the tiers that it reaches into.
    function _marginAt(MarginTier[] memory tiers, uint256 notional) private pure returns (uint256 margin) {
        uint256 from = 0;
        for (uint256 i = 0; i < tiers.length; ++i) {
            bool isLast = i + 1 == tiers.length || notional <= tiers[i].capUsd;
            uint256 to = isLast ? notional : tiers[i].capUsd;
            margin += (to - from) * tiers[i].ratePips;
            if (isLast) return margin;
            from = to;
        }
    }

    function _check(IProConfigurator.Setting setting, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) {
            revert IProConfigurator.ProConfigurator_OutOfRange(setting, value, min, max);
        }
    }
}
