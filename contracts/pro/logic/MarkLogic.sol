// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {PriceChecks} from "../../product/PriceChecks.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {ONE_USD, PIPS, Price} from "../../types/Units.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProSetup} from "../ProState.sol";
import {TickBits} from "../TickBits.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {DecayMath} from "../math/DecayMath.sol";
import {FundingMath, Span} from "../math/FundingMath.sol";
import {MarkMath} from "../math/MarkMath.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {
    IndexWord,
    IndexWordFields,
    IndicesWord,
    IndicesWordFields,
    MarkWord,
    MarkWordFields,
    TouchWord,
    TouchWordFields
} from "../types/MarketWords.sol";

/// @title Index, mark and funding
/// @dev Linked to Pro and run on its storage. A touch has two ends: `begin` brings everything that runs over time to now,
/// with the book and the index that the last touch left; `end` looks at the changed book.
library MarkLogic {
    using TickBits for mapping(uint256 key => uint256);

    /// @notice Oldest tick that becomes an index, in seconds.
    uint256 private constant MAX_TICK_AGE = 5;
    /// @dev Premium and basis at an older index count 0.
    uint256 private constant MAX_VALUE_AGE = 15;
    /// @dev Longest that what a touch left counts.
    uint256 private constant MAX_SPAN = 60;
    /// @dev 300 s · ln 2.
    uint256 private constant BASIS_HALF_LIFE = 208;
    uint256 private constant AVERAGE_HALF_LIFE = 60;
    uint256 private constant GUARD_HALF_LIFE = 600;
    /// @dev 1% with 9 decimals.
    uint32 private constant FIRST_GUARD_X9 = 1e7;
    /// @dev 30 bp.
    uint256 private constant NARROW_CONFIDENCE_PIPS = 3_000;
    uint256 private constant MAX_LEVELS = 8;
    uint256 private constant LEAST_DEPTH = 2_000 * ONE_USD;
    uint256 private constant DEPTH_DIVISOR = 1_000;

    /// @notice Brings averages, premium and funding of a market to now. Costs next to nothing where they are.
    function begin(Market storage market, ProSetup calldata setup) external {
        if (market.touch.touchedAt() != block.timestamp) _advance(market, setup, market.index);
    }

    /// @notice Ends a touch: looks for the deep levels of the sides that changed, and sets the mark.
    /// @param isBidsDirty A bid level at or before the deep one changed, or a better one came.
    function end(Market storage market, uint8 marketId, bool isBidsDirty, bool isAsksDirty) external {
        MarkWord mark = market.mark;
        TouchWord touch = market.touch;
        (uint24 deepBid, uint24 firmBid) = (mark.deepBid(), mark.firmBid());
        (uint24 deepAsk, uint24 firmAsk) = (mark.deepAsk(), mark.firmAsk());
        if (isBidsDirty) (deepBid, firmBid) = _search(market, mark.mark(), true, touch.best(true));
        if (isAsksDirty) (deepAsk, firmAsk) = _search(market, mark.mark(), false, touch.best(false));
        _setMark(market, marketId, mark, [deepBid, deepAsk, firmBid, firmAsk]);
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
        _advance(market, setup, later);
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
        MarkWord mark = market.mark;
        _setMark(market, marketId, mark, [mark.deepBid(), mark.deepAsk(), mark.firmBid(), mark.firmAsk()]);
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

    /// @dev Funding accrues with the index that was stored until now; premium and basis count as the lesser in size of what the
    /// last touch left and of the same book at the later index.
    function _advance(Market storage market, ProSetup calldata setup, IndexWord later) private {
        TouchWord touch = market.touch;
        uint256 from = touch.touchedAt();
        // Seconds fit 40 bits until the year 36,812.
        (uint40 time, uint40 clock) = (uint40(block.timestamp), setup.status.clock());
        (int256 sum, int256 mean) = (touch.premiumSumX18(), touch.meanPremiumX18());
        if (from != time && market.config.status() != MarketStatus.Settling) {
            (int256 premium, int256 basis) = _counted(market, from, later);
            _averageBasis(market, basis, time - from);
            (sum, mean) = _accrue(market, setup.breaker, premium, clock - touch.clock());
        }
        market.touch = TouchWordFields.pack(sum, mean, time, clock, touch.best(true), touch.best(false));
    }

    /// @dev Premium and basis that count since the last touch.
    function _counted(
        Market storage market,
        uint256 from,
        IndexWord later
    ) private view returns (int256 premium, int256 basis) {
        IndexWord earlier = market.index;
        if (earlier.price() == 0) return (0, 0);
        if (from > earlier.publishTime() + MAX_VALUE_AGE) return (0, 0);
        if (block.timestamp > later.publishTime() + MAX_VALUE_AGE) return (0, 0);
        ConfigWord config = market.config;
        MarkWord mark = market.mark;
        uint256 bid = mark.deepBid() * config.tickSize();
        uint256 ask = mark.deepAsk() * config.tickSize();
        uint256 most = config.maxDeviationPips();
        premium = MarkMath.premiumX18(earlier.price(), bid, ask, most);
        basis = MarkMath.basisX18(earlier.price(), bid, ask, most);
        if (later.price() == earlier.price()) return (premium, basis);
        premium = MarkMath.lesser(premium, MarkMath.premiumX18(later.price(), bid, ask, most));
        basis = MarkMath.lesser(basis, MarkMath.basisX18(later.price(), bid, ask, most));
    }

    function _averageBasis(Market storage market, int256 basis, uint256 elapsed) private {
        MarkWord mark = market.mark;
        uint256 counted = elapsed < MAX_SPAN ? elapsed : MAX_SPAN;
        int256 average = DecayMath.blend(mark.basisEmaX18(), basis, DecayMath.halvedX96(counted, BASIS_HALF_LIFE));
        if (elapsed != counted) {
            average = DecayMath.blend(average, 0, DecayMath.halvedX96(elapsed - counted, BASIS_HALF_LIFE));
        }
        // Prices have 64 bits.
        market.mark = MarkWordFields.pack(
            uint64(mark.mark()),
            average,
            mark.last(),
            mark.deepBid(),
            mark.deepAsk(),
            mark.firmBid(),
            mark.firmAsk()
        );
    }

    /// @dev Premium by the hour, and the funding that follows it.
    function _accrue(
        Market storage market,
        IBreaker breaker,
        int256 premium,
        uint256 running
    ) private returns (int256 sum, int256 mean) {
        TouchWord touch = market.touch;
        Span memory span;
        (span.from, span.to) = (touch.touchedAt(), block.timestamp);
        uint256 halted = span.to - span.from - running;
        if (halted != 0) span.halt(halted, breaker.haltEndsAt());
        ConfigWord config = market.config;
        (span.interestPips, span.capPips) = (market.limits.interestPips(), config.fundingCapPips());
        (span.sum, span.mean) = (touch.premiumSumX18(), touch.meanPremiumX18());
        span.run(premium);
        (sum, mean) = (span.sum, span.mean);
        int256 growth = FundingMath.growth(market.index.price() * config.lotSize(), span.rateSeconds);
        IndicesWord indices = market.indices;
        (int256 long, int256 short) = FundingMath.grown(indices.longIndex(), indices.shortIndex(), growth);
        market.indices = IndicesWordFields.pack(long, short, indices.openInterest());
    }

    /// @dev The price of the level at which firm lots from the best on reach the depth, and the first that has any.
    function _search(
        Market storage market,
        uint256 mark,
        bool isBid,
        uint24 tick
    ) private view returns (uint24 deep, uint24 first) {
        ConfigWord config = market.config;
        uint256 depth = (market.indices.openInterest() * config.lotSize() * mark) / DEPTH_DIVISOR;
        if (depth < LEAST_DEPTH) depth = LEAST_DEPTH;
        uint256 reach = mark * config.bandPips();
        uint256 found = 0;
        for (uint256 i = 0; i < MAX_LEVELS; ++i) {
            if (tick == 0) return (0, first);
            uint256 firm = market.levels[TickBits.levelKey(isBid, tick)].firm();
            if (firm != 0 && _isWithin(tick * config.tickSize(), mark, reach)) {
                deep = tick;
                if (first == 0) first = tick;
                found += firm * tick * config.unit();
                if (found >= depth) return (deep, first);
            }
            tick = market.bits.worse(isBid, tick);
        }
    }

    function _isWithin(uint256 price, uint256 mark, uint256 reach) private pure returns (bool) {
        return (price > mark ? price - mark : mark - price) * PIPS <= reach;
    }

    /// @param ticks Deep bid, deep ask, firm bid, firm ask.
    function _setMark(Market storage market, uint8 marketId, MarkWord mark, uint24[4] memory ticks) private {
        uint256 index = market.index.price();
        ConfigWord config = market.config;
        uint256 price = mark.mark();
        if (config.status() == MarketStatus.Settling) {
            price = index;
        } else if (index != 0) {
            uint256 tickSize = config.tickSize();
            price = MarkMath.markOf(
                index,
                mark.basisEmaX18(),
                ticks[2] * tickSize,
                ticks[3] * tickSize,
                mark.last() * tickSize,
                config.maxDeviationPips()
            );
        }
        // Within 3% of the index: `IndexWord` holds it in 64 bits, and listing keeps prices far below the width.
        MarkWord next = MarkWordFields.pack(
            uint64(price),
            mark.basisEmaX18(),
            mark.last(),
            ticks[0],
            ticks[1],
            ticks[2],
            ticks[3]
        );
        market.mark = next;
        if (price != mark.mark()) emit IProEvents.Marked(marketId, uint64(price), mark.basisEmaX18());
    }
}
