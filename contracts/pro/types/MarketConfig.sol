// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Configuration of a market: two words, and three of two tiers each.

/// @notice What a market accepts.
/// @dev Unlisted: nothing ever traded. ReduceOnly: no increases by takers, no new resting orders. Settling: the last price
/// stands; orders are cancelled when touched, positions closed against each other.
enum MarketStatus {
    Unlisted,
    Active,
    ReduceOnly,
    Settling
}

/// @notice Configuration that every match reads. One slot.
/// @param tickSize Step of price, 10 decimals.
/// @param lotSize Step of size, 8 decimals of the base asset.
/// @param assetId Oracle asset.
/// @param status What it accepts.
/// @param minAnchors Fresh anchors that a narrow index needs.
/// @param maxDeviationPips Farthest of the mark, and of premium and basis, from the index.
/// @param bandPips Farthest that a fill may be from the mark to its disadvantage.
/// @param highLeverage Leverage above it is high; resting orders are margined at most at it.
/// @param defaultLeverage Of who chose none.
/// @param takerFeePips Fee of the taker.
/// @param makerFeePips Fee of the maker.
/// @param liquidationFeePips Fee of a liquidation, beside the taker's.
/// @param fundingCapPips Largest funding rate for eight hours.
struct MarketConfig {
    uint56 tickSize;
    uint56 lotSize;
    uint16 assetId;
    MarketStatus status;
    uint8 minAnchors;
    uint16 maxDeviationPips;
    uint16 bandPips;
    uint8 highLeverage;
    uint8 defaultLeverage;
    uint16 takerFeePips;
    uint16 makerFeePips;
    uint16 liquidationFeePips;
    uint16 fundingCapPips;
}

/// @notice Configuration that is read more rarely. One slot.
/// @param maxOpenInterestUsd Largest open interest of one side, whole USD at the mark.
/// @param leastRestingUsd Least notional of an order that rests, whole USD.
/// @param interestPips Funding rate for eight hours that the premium is drawn to.
/// @param tierCount Number of tiers, 1 to 6.
/// @param reduceOnlySince When the governor's delisting began; 0: none.
/// @param tightenedAt When tiers were last set.
struct MarketLimits {
    uint40 maxOpenInterestUsd;
    uint16 leastRestingUsd;
    uint16 interestPips;
    uint8 tierCount;
    uint40 reduceOnlySince;
    uint40 tightenedAt;
}

/// @notice A tier of position sizes.
/// @param capUsd Largest notional, whole USD.
/// @param maxLeverage Largest leverage.
/// @param ratePips Maintenance rate of what lies in this tier.
/// @param cumX6 What the rate of this tier takes too much of the tiers below, USD with 6 decimals; computed, never given.
struct MarginTier {
    uint40 capUsd;
    uint8 maxLeverage;
    uint24 ratePips;
    uint56 cumX6;
}

/// @dev A `MarketConfig`, packed as the compiler packs the struct: the first field lowest.
type ConfigWord is uint256;

/// @dev A `MarketLimits`, packed as the compiler packs the struct: the first field lowest; then topCap 40: largest notional of the
/// top tier, whole USD, a copy of its cap.
type LimitsWord is uint256;

/// @dev A `MarginTier` in the lower 128 bits of a word, the first field lowest.
type TierWord is uint256;

using ConfigWordFields for ConfigWord global;
using LimitsWordFields for LimitsWord global;
using TierWordFields for TierWord global;

// Each getter cuts to the width that its field was packed with.

library ConfigWordFields {
    function packed(MarketConfig memory config) internal pure returns (ConfigWord) {
        uint256 low =
            uint256(config.tickSize) |
                (uint256(config.lotSize) << 56) |
                (uint256(config.assetId) << 112) |
                (uint256(config.status) << 128) |
                (uint256(config.minAnchors) << 136);
        uint256 middle =
            (uint256(config.maxDeviationPips) << 144) |
                (uint256(config.bandPips) << 160) |
                (uint256(config.highLeverage) << 176) |
                (uint256(config.defaultLeverage) << 184);
        return
            ConfigWord.wrap(
                low |
                    middle |
                    (uint256(config.takerFeePips) << 192) |
                    (uint256(config.makerFeePips) << 208) |
                    (uint256(config.liquidationFeePips) << 224) |
                    (uint256(config.fundingCapPips) << 240)
            );
    }

    function unpack(ConfigWord self) internal pure returns (MarketConfig memory config) {
        uint256 word = ConfigWord.unwrap(self);
        config.tickSize = uint56(word);
        config.lotSize = uint56(word >> 56);
        config.assetId = assetId(self);
        config.status = status(self);
        config.minAnchors = uint8(word >> 136);
        config.maxDeviationPips = uint16(word >> 144);
        config.bandPips = uint16(word >> 160);
        config.highLeverage = uint8(word >> 176);
        config.defaultLeverage = uint8(word >> 184);
        config.takerFeePips = uint16(word >> 192);
        config.makerFeePips = uint16(word >> 208);
        config.liquidationFeePips = uint16(word >> 224);
        config.fundingCapPips = uint16(word >> 240);
    }

    function withStatus(ConfigWord self, MarketStatus status_) internal pure returns (ConfigWord) {
        return ConfigWord.wrap((ConfigWord.unwrap(self) & ~(uint256(0xff) << 128)) | (uint256(status_) << 128));
    }

    function tickSize(ConfigWord self) internal pure returns (uint256) {
        return uint56(ConfigWord.unwrap(self));
    }

    function lotSize(ConfigWord self) internal pure returns (uint256) {
        return uint56(ConfigWord.unwrap(self) >> 56);
    }

    /// @dev Quote of one lot at a price of one tick. At most 112 bits.
    function unit(ConfigWord self) internal pure returns (uint256) {
        unchecked {
            return tickSize(self) * lotSize(self);
        }
    }

    function assetId(ConfigWord self) internal pure returns (uint16) {
        return uint16(ConfigWord.unwrap(self) >> 112);
    }

    function status(ConfigWord self) internal pure returns (MarketStatus) {
        return MarketStatus(uint8(ConfigWord.unwrap(self) >> 128));
    }

    function minAnchors(ConfigWord self) internal pure returns (uint256) {
        return uint8(ConfigWord.unwrap(self) >> 136);
    }

    function maxDeviationPips(ConfigWord self) internal pure returns (uint256) {
        return uint16(ConfigWord.unwrap(self) >> 144);
    }

    function bandPips(ConfigWord self) internal pure returns (uint256) {
        return uint16(ConfigWord.unwrap(self) >> 160);
    }

    function highLeverage(ConfigWord self) internal pure returns (uint256) {
        return uint8(ConfigWord.unwrap(self) >> 176);
    }

    function defaultLeverage(ConfigWord self) internal pure returns (uint256) {
        return uint8(ConfigWord.unwrap(self) >> 184);
    }

    function takerFeePips(ConfigWord self) internal pure returns (uint256) {
        return uint16(ConfigWord.unwrap(self) >> 192);
    }

    function makerFeePips(ConfigWord self) internal pure returns (uint256) {
        return uint16(ConfigWord.unwrap(self) >> 208);
    }

    function liquidationFeePips(ConfigWord self) internal pure returns (uint256) {
        return uint16(ConfigWord.unwrap(self) >> 224);
    }

    function fundingCapPips(ConfigWord self) internal pure returns (uint256) {
        return uint16(ConfigWord.unwrap(self) >> 240);
    }
}

library LimitsWordFields {
    function packed(MarketLimits memory limits) internal pure returns (LimitsWord) {
        return
            LimitsWord.wrap(
                uint256(limits.maxOpenInterestUsd) |
                    (uint256(limits.leastRestingUsd) << 40) |
                    (uint256(limits.interestPips) << 56) |
                    (uint256(limits.tierCount) << 72) |
                    (uint256(limits.reduceOnlySince) << 80) |
                    (uint256(limits.tightenedAt) << 120)
            );
    }

    function withTopCap(LimitsWord self, uint40 topCapUsd_) internal pure returns (LimitsWord) {
        uint256 others = LimitsWord.unwrap(self) & ~(uint256(type(uint40).max) << 160);
        return LimitsWord.wrap(others | (uint256(topCapUsd_) << 160));
    }

    function unpack(LimitsWord self) internal pure returns (MarketLimits memory limits) {
        uint256 word = LimitsWord.unwrap(self);
        limits.maxOpenInterestUsd = uint40(word);
        limits.leastRestingUsd = uint16(word >> 40);
        limits.interestPips = uint16(word >> 56);
        limits.tierCount = uint8(word >> 72);
        limits.reduceOnlySince = uint40(word >> 80);
        limits.tightenedAt = uint40(word >> 120);
    }

    function maxOpenInterestUsd(LimitsWord self) internal pure returns (uint256) {
        return uint40(LimitsWord.unwrap(self));
    }

    function leastRestingUsd(LimitsWord self) internal pure returns (uint256) {
        return uint16(LimitsWord.unwrap(self) >> 40);
    }

    function interestPips(LimitsWord self) internal pure returns (uint256) {
        return uint16(LimitsWord.unwrap(self) >> 56);
    }

    function tierCount(LimitsWord self) internal pure returns (uint256) {
        return uint8(LimitsWord.unwrap(self) >> 72);
    }

    function reduceOnlySince(LimitsWord self) internal pure returns (uint256) {
        return uint40(LimitsWord.unwrap(self) >> 80);
    }

    function tightenedAt(LimitsWord self) internal pure returns (uint256) {
        return uint40(LimitsWord.unwrap(self) >> 120);
    }

    function topCapUsd(LimitsWord self) internal pure returns (uint40) {
        return uint40(LimitsWord.unwrap(self) >> 160);
    }
}

library TierWordFields {
    function packed(MarginTier memory tier) internal pure returns (TierWord) {
        return
            TierWord.wrap(
                uint256(tier.capUsd) |
                    (uint256(tier.maxLeverage) << 40) |
                    (uint256(tier.ratePips) << 48) |
                    (uint256(tier.cumX6) << 72)
            );
    }

    function unpack(TierWord self) internal pure returns (MarginTier memory) {
        uint256 word = TierWord.unwrap(self);
        return MarginTier(uint40(word), uint8(word >> 40), uint24(word >> 48), uint56(word >> 72));
    }

    function capUsd(TierWord self) internal pure returns (uint256) {
        return uint40(TierWord.unwrap(self));
    }

    function maxLeverage(TierWord self) internal pure returns (uint256) {
        return uint8(TierWord.unwrap(self) >> 40);
    }

    function ratePips(TierWord self) internal pure returns (uint256) {
        return uint24(TierWord.unwrap(self) >> 48);
    }

    /// @dev USD with 6 decimals.
    function cumX6(TierWord self) internal pure returns (uint256) {
        return uint56(TierWord.unwrap(self) >> 72);
    }
}
