// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {Market, ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {
    ConfigWordFields,
    LimitsWordFields,
    MarketConfig,
    MarketLimits,
    MarketStatus,
    MarginTier,
    TierWord,
    TierWordFields
} from "../types/MarketConfig.sol";
import {FundWord, FundWordFields, TouchWordFields} from "../types/MarketWords.sol";
import {MAX_MARKETS} from "../types/ProIds.sol";

/// @title Writing the configuration of markets
/// @dev Linked to Pro and run on its storage. What is within bounds is the configurator's to know; this one keeps what a
/// market can't change.
library ConfigLogic {
    /// @notice See `IPro.listMarket`.
    function list(
        ProState storage state,
        IBreaker breaker,
        MarketConfig calldata config,
        MarketLimits calldata limits,
        MarginTier[] calldata tiers
    ) external returns (uint8 marketId) {
        if (state.isClosed) revert IProEvents.Pro_IsClosed();
        marketId = state.marketCount;
        if (marketId == MAX_MARKETS) revert IProEvents.Pro_MarketsFull(MAX_MARKETS);
        state.marketCount = marketId + 1;
        Market storage market = state.markets[marketId];
        // Seconds fit 32 bits until the year 2106, those of the clock 40.
        market.touch = TouchWordFields.pack(0, 0, 0, uint32(block.timestamp), uint40(breaker.clock()));
        MarketConfig memory listed = config;
        listed.status = MarketStatus.Active;
        MarketLimits memory limited = limits;
        limited.reduceOnlySince = 0;
        _setConfig(market, marketId, listed, limited, _setTiers(market, marketId, limited, tiers));
    }

    /// @notice See `IPro.setMarketConfig`.
    function setConfig(
        ProState storage state,
        uint8 marketId,
        MarketConfig calldata config,
        MarketLimits calldata limits
    ) external {
        Market storage market = _listed(state, marketId);
        MarketConfig memory former = market.config.unpack();
        MarketConfig memory next = config;
        (next.tickSize, next.lotSize) = (former.tickSize, former.lotSize);
        (next.assetId, next.status) = (former.assetId, former.status);
        MarketLimits memory formerLimits = market.limits.unpack();
        MarketLimits memory limited = limits;
        limited.tierCount = formerLimits.tierCount;
        (limited.reduceOnlySince, limited.tightenedAt) = (formerLimits.reduceOnlySince, formerLimits.tightenedAt);
        _setConfig(market, marketId, next, limited, market.limits.topCapUsd());
    }

    /// @notice See `IPro.setTiers`.
    function setTiers(ProState storage state, uint8 marketId, MarginTier[] calldata tiers) external {
        Market storage market = _listed(state, marketId);
        MarketLimits memory limits = market.limits.unpack();
        // Seconds fit 40 bits until the year 36,812.
        limits.tightenedAt = uint40(block.timestamp);
        uint40 topCapUsd = _setTiers(market, marketId, limits, tiers);
        market.limits = LimitsWordFields.packed(limits).withTopCap(topCapUsd);
    }

    /// @notice See `IPro.setStatus`.
    function setStatus(ProState storage state, uint8 marketId, MarketStatus status, bool isDelisted) external {
        Market storage market = _listed(state, marketId);
        if (state.isClosed && status == MarketStatus.Active) revert IProEvents.Pro_IsClosed();
        MarketLimits memory limits = market.limits.unpack();
        if (!isDelisted)
            limits.reduceOnlySince = 0;
            // Seconds fit 40 bits until the year 36,812.
        else if (limits.reduceOnlySince == 0) limits.reduceOnlySince = uint40(block.timestamp);
        market.limits = LimitsWordFields.packed(limits).withTopCap(market.limits.topCapUsd());
        market.config = market.config.withStatus(status);
        emit IProEvents.MarketStatusSet(marketId, status);
    }

    /// @notice See `IPro.close`. Whether Pro is closed is no word of its own to whoever trades: no market is active.
    function close(ProState storage state) external {
        state.isClosed = true;
        for (uint8 marketId = 0; marketId < state.marketCount; ++marketId) {
            Market storage market = state.markets[marketId];
            if (market.config.status() != MarketStatus.Active) continue;
            market.config = market.config.withStatus(MarketStatus.ReduceOnly);
            emit IProEvents.MarketStatusSet(marketId, MarketStatus.ReduceOnly);
        }
        emit IProEvents.Closed();
    }

    /// @notice See `IPro.releaseFund`.
    function releaseFund(ProState storage state, uint8 marketId) external {
        Market storage market = _listed(state, marketId);
        uint256 openInterest = market.indices.openInterest();
        if (!state.isClosed || openInterest != 0) revert IProEvents.Pro_NotEmpty(marketId, openInterest);
        FundWord word = market.fund;
        uint256 amount = word.fund();
        market.fund = FundWordFields.pack(0, word.fees() + amount);
        emit IProEvents.FundReleased(marketId, amount);
    }

    function _setConfig(
        Market storage market,
        uint8 marketId,
        MarketConfig memory config,
        MarketLimits memory limits,
        uint40 topCapUsd
    ) private {
        market.config = ConfigWordFields.packed(config);
        market.limits = LimitsWordFields.packed(limits).withTopCap(topCapUsd);
        market.indices = market.indices.withSettings(limits.interestPips, limits.leastRestingUsd);
        emit IProEvents.MarketConfigured(marketId, config, limits);
    }

    /// @dev Computes what each tier takes too much of the tiers below; sets the number of tiers, and clears what lies beyond them.
    /// @return topCapUsd Largest notional of the top tier, whole USD.
    function _setTiers(
        Market storage market,
        uint8 marketId,
        MarketLimits memory limits,
        MarginTier[] calldata tiers
    ) private returns (uint40 topCapUsd) {
        // At most 6, which the configurator checks.
        limits.tierCount = uint8(tiers.length);
        uint256[3] memory words;
        MarginTier[] memory set = new MarginTier[](tiers.length);
        for (uint256 i = 0; i < tiers.length; ++i) {
            MarginTier memory tier = tiers[i];
            tier.cumX6 = 0;
            if (i != 0) {
                MarginTier memory below = set[i - 1];
                // Ascending rates, caps of 40 bits and rates of at most 20: the configurator's bounds keep it below 56.
                tier.cumX6 = below.cumX6 + uint56(uint256(below.capUsd) * (tier.ratePips - below.ratePips));
            }
            set[i] = tier;
            topCapUsd = tier.capUsd;
            words[i >> 1] |= TierWord.unwrap(TierWordFields.packed(tier)) << ((i & 1) << 7);
        }
        market.tiers = words;
        emit IProEvents.TiersSet(marketId, set);
    }

    function _listed(ProState storage state, uint8 marketId) private view returns (Market storage market) {
        market = state.markets[marketId];
        if (!market.isListed()) revert IProEvents.Pro_MarketNotListed(marketId);
    }
}
