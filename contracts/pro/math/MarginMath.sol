// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ONE_USD, PIPS} from "../../types/Units.sol";
import {Market} from "../ProState.sol";
import {TierWord} from "../types/MarketConfig.sol";
import {SumsWord} from "../types/SumsWord.sol";

/// @notice What a scope has in a market, at one price.
/// @param lots Of the position, signed.
/// @param value Of the position at the price, without sign; quote.
/// @param bids Notional of resting bids at their prices, quote.
/// @param asks Notional of resting asks at their prices, quote.
/// @param openLoss What resting orders would lose at once if they were filled: bids above the price, asks below; quote.
struct Exposure {
    int256 lots;
    uint256 value;
    uint256 bids;
    uint256 asks;
    uint256 openLoss;
}

/// @title Margins
/// @dev Quote, rounded up once for each result. Nothing here is tested for overflow: a price has 80 bits at most, a size 56, lots 64,
/// so that a notional has 200, and what it is multiplied with, leverages and rates, 24 more.
library MarginMath {
    /// @dev Most tiers of a market.
    uint256 private constant MAX_TIERS = 6;

    /// @dev Least maintenance margin where there is a position.
    uint256 internal constant LEAST_MAINTENANCE = ONE_USD;

    /// @dev Least initial margin where there is a position.
    uint256 internal constant LEAST_INITIAL = 2 * ONE_USD;

    /// @notice What `lots` and resting orders are at a price of 10 decimals.
    /// @param unit Quote of a lot at a price of one tick.
    /// @param lotSize 8 decimals.
    function exposureOf(
        int256 lots,
        SumsWord sums,
        uint256 price,
        uint256 unit,
        uint256 lotSize
    ) internal pure returns (Exposure memory exposure) {
        unchecked {
            uint256 perLot = price * lotSize;
            exposure.lots = lots;
            // Positions have 64 bits of lots.
            exposure.value = uint256(lots < 0 ? -lots : lots) * perLot;
            exposure.bids = sums.bidNotional() * unit;
            exposure.asks = sums.askNotional() * unit;
            uint256 bidsAtPrice = sums.bidLots() * perLot;
            uint256 asksAtPrice = sums.askLots() * perLot;
            if (exposure.bids > bidsAtPrice) exposure.openLoss = exposure.bids - bidsAtPrice;
            if (asksAtPrice > exposure.asks) exposure.openLoss += asksAtPrice - exposure.asks;
        }
    }

    /// @notice max(|V| / L + S / h, (O − |V|) / h) + open loss, at least 2 USD where there is a position; h = min(L, H).
    /// @param leverage L, at least 1.
    /// @param highLeverage H.
    function initialMargin(
        Exposure memory exposure,
        uint256 leverage,
        uint256 highLeverage
    ) internal pure returns (uint256 margin) {
        unchecked {
            uint256 resting = leverage < highLeverage ? leverage : highLeverage;
            (uint256 same, uint256 other) = sidesOf(exposure);
            margin = _ceil(exposure.value * resting + same * leverage, leverage * resting);
            if (other > exposure.value) {
                uint256 turned = _ceil(other - exposure.value, resting);
                if (turned > margin) margin = turned;
            }
            margin += exposure.openLoss;
            if (exposure.lots != 0 && margin < LEAST_INITIAL) margin = LEAST_INITIAL;
        }
    }

    /// @notice What resting orders add to the initial margin of the position alone: IM − |V| / L, not below 0, rounded up.
    function restingMargin(
        Exposure memory exposure,
        uint256 leverage,
        uint256 highLeverage
    ) internal pure returns (uint256) {
        uint256 margin = initialMargin(exposure, leverage, highLeverage);
        uint256 ofPosition = exposure.value / leverage;
        return margin > ofPosition ? margin - ofPosition : 0;
    }

    /// @notice W = max(|V| + S, O − |V|): the notional that decides which leverage is allowed.
    function exposedNotional(Exposure memory exposure) internal pure returns (uint256 notional) {
        unchecked {
            (uint256 same, uint256 other) = sidesOf(exposure);
            notional = exposure.value + same;
            if (other > exposure.value && other - exposure.value > notional) notional = other - exposure.value;
        }
    }

    /// @notice S and O: notional of the resting orders on the side of the position, and of the others.
    function sidesOf(Exposure memory exposure) internal pure returns (uint256 same, uint256 other) {
        return exposure.lots < 0 ? (exposure.asks, exposure.bids) : (exposure.bids, exposure.asks);
    }

    /// @notice |V| · rate − cum of the tier of |V|, at least 1 USD; 0 without a position.
    /// @param value |V|, quote.
    function maintenanceMargin(Market storage market, uint256 value) internal view returns (uint256) {
        if (value == 0) return 0;
        (TierWord tier, ) = tierOf(market, value);
        return maintenanceIn(tier, value);
    }

    /// @notice The same where the tier is known. Requirements: value is not 0.
    function maintenanceIn(TierWord tier, uint256 value) internal pure returns (uint256 margin) {
        unchecked {
            // cum ≤ value · rate in each tier, by construction.
            margin = _ceil(value * tier.ratePips(), PIPS) - tier.cumX6() * 1e12;
        }
        if (margin < LEAST_MAINTENANCE) margin = LEAST_MAINTENANCE;
    }

    /// @notice The tier of a notional: the first whose cap holds it; beyond the top the top.
    /// @return tier The tier.
    /// @return index Its number, from 0.
    function tierOf(Market storage market, uint256 notional) internal view returns (TierWord tier, uint256 index) {
        unchecked {
            // Caps have 40 bits.
            tier = market.tierAt(0);
            while (notional > tier.capUsd() * ONE_USD && index != MAX_TIERS - 1) {
                TierWord next = market.tierAt(index + 1);
                // A tier has a cap; where there is none it ends.
                if (TierWord.unwrap(next) == 0) break;
                (tier, index) = (next, index + 1);
            }
        }
    }

    /// @dev Requirements: b is not 0, and both are below 2^255.
    function _ceil(uint256 a, uint256 b) private pure returns (uint256) {
        unchecked {
            return (a + b - 1) / b;
        }
    }
}
