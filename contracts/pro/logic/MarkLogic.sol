// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {Price} from "../../types/Units.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProSetup} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {DecayMath} from "../math/DecayMath.sol";
import {TouchRules} from "../rules/TouchRules.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {IndexWord, IndexWordFields} from "../types/MarketWords.sol";

/// @title Index, mark and funding
/// @dev Linked to Pro and run on its storage. What touches a market without placing or taking orders comes here.
library MarkLogic {
    /// @notice Oldest tick that becomes an index, in seconds.
    uint256 private constant MAX_TICK_AGE = 5;
    uint256 private constant AVERAGE_HALF_LIFE = 60;
    uint256 private constant GUARD_HALF_LIFE = 600;
    /// @dev 1% with 9 decimals.
    uint32 private constant FIRST_GUARD_X9 = 1e7;
    /// @dev 30 bp.
    uint256 private constant NARROW_CONFIDENCE_PIPS = 3_000;

    /// @notice Brings averages, premium and funding of a market to now. Costs next to nothing where they are.
    function begin(Market storage market, ProSetup calldata setup) external {
        TouchRules.begin(market, setup);
    }

    /// @notice Ends a touch: looks for the deep levels of the sides that changed, and sets the mark.
    /// @param isBidsDirty A bid level at or before the deep one changed, or a better one came.
    function end(Market storage market, uint8 marketId, bool isBidsDirty, bool isAsksDirty) external {
        TouchRules.end(market, marketId, isBidsDirty, isAsksDirty);
    }

    /// @notice See `IPro.refresh`.
    /// @return reason None: the market has a newer index, and a mark after it.
    function refresh(
        Market storage market,
        uint8 marketId,
        ProSetup calldata setup,
        address prover,
        uint256 tickIndex
    ) external returns (ProReason reason) {
        ConfigWord config = market.config;
        if (config.status() == MarketStatus.Unlisted) return ProReason.MarketNotListed;
        if (config.status() == MarketStatus.Settling) return ProReason.MarketSettling;
        Quote memory quote;
        QuoteLib.read(quote, setup.aggregator, prover, tickIndex, config.assetId());
        reason = _checkTick(quote, config.assetId(), market.index.publishTime());
        if (reason != ProReason.None) return reason;
        IndexWord later = _nextIndex(market.index, quote, config.minAnchors());
        TouchRules.advance(market, setup, later);
        market.index = later;
        emit IProEvents.Refreshed(
            marketId,
            // Prices of a tick have 64 bits, times 40.
            uint64(later.price()),
            uint40(later.publishTime()),
            uint32(later.guardX9()),
            later.isNarrow(),
            later.isReady()
        );
        TouchRules.setMark(market, marketId, market.mark);
    }

    /// @dev The same for settling: the last index there will be.
    function _checkTick(Quote memory quote, uint256 assetId, uint256 storedTime) private view returns (ProReason) {
        if (quote.tick.publishTime == 0) return ProReason.NoTick;
        if (quote.tick.assetId != assetId) return ProReason.TickOfOtherAsset;
        if (quote.tick.publishTime <= storedTime) return ProReason.TickNotNewer;
        if (block.timestamp - quote.tick.publishTime > MAX_TICK_AGE) return ProReason.TickTooOld;
        if (PriceChecks.confidenceExceeds(quote.tick, PriceChecks.MAX_CONFIDENCE_PIPS)) {
            return ProReason.ConfidenceTooWide;
        }
        return quote.anchors.fresh == 0 ? ProReason.AnchorsNotFresh : ProReason.None;
    }

    function _nextIndex(IndexWord earlier, Quote memory quote, uint256 minAnchors) private pure returns (IndexWord) {
        Price clamped = PriceChecks.clamp(quote.tick.price, quote.anchors);
        uint256 price = clamped.raw();
        bool isNarrow =
            !PriceChecks.confidenceExceeds(quote.tick, NARROW_CONFIDENCE_PIPS) &&
                price == quote.tick.price.raw() &&
                quote.anchors.fresh >= minAnchors;
        (uint64 average, uint32 guardX9) = _guardOf(earlier, price, quote.tick.publishTime);
        // A uint64, as every price of a tick.
        return
            IndexWordFields.pack(
                uint64(price),
                quote.tick.publishTime,
                average,
                guardX9,
                isNarrow,
                quote.isSequencerReady
            );
    }

    /// @dev First the average is brought to the new time with the earlier price, then the new price is held against it.
    function _guardOf(
        IndexWord earlier,
        uint256 price,
        uint256 publishTime
    ) private pure returns (uint64 average, uint32 guardX9) {
        // Prices have 64 bits, and so has what lies between two of them.
        if (earlier.price() == 0) return (uint64(price), FIRST_GUARD_X9);
        uint256 elapsed = publishTime - earlier.publishTime();
        average = uint64(
            uint256(
                DecayMath.blend(
                    int256(earlier.average()),
                    int256(earlier.price()),
                    DecayMath.halvedX96(elapsed, AVERAGE_HALF_LIFE)
                )
            )
        );
        uint256 guard = DecayMath.fadedUp(earlier.guardX9(), DecayMath.halvedX96(elapsed, GUARD_HALF_LIFE));
        uint256 distance = price > average ? price - average : average - price;
        distance = (distance * 1e9 + average - 1) / average;
        if (distance > guard) guard = distance;
        // Cut to its bound.
        guardX9 = guard > type(uint32).max ? type(uint32).max : uint32(guard);
    }
}
