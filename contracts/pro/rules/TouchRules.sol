// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ONE_USD, PIPS} from "../../types/Units.sol";
import {Market, ProSetup} from "../ProState.sol";
import {TickBits} from "../TickBits.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {DecayMath} from "../math/DecayMath.sol";
import {FundingMath, Span} from "../math/FundingMath.sol";
import {MarkMath} from "../math/MarkMath.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {IndexWord, IndicesWord, MarkWord, TouchWord, TouchWordFields} from "../types/MarketWords.sol";

/// @title Touching a market
/// @notice A touch has two ends: `advance` brings everything that runs over time to now, with the book and the index that the
/// last touch left; `end` looks at the changed book.
library TouchRules {
    using TickBits for mapping(uint256 key => uint256);

    /// @dev Premium and basis at an older index count 0.
    uint256 private constant MAX_VALUE_AGE = 15;
    /// @dev Longest that what a touch left counts.
    uint256 private constant MAX_SPAN = 60;
    /// @dev 300 s · ln 2.
    uint256 private constant BASIS_HALF_LIFE = 208;
    uint256 private constant MAX_LEVELS = 8;
    uint256 private constant LEAST_DEPTH = 2_000 * ONE_USD;
    uint256 private constant DEPTH_DIVISOR = 1_000;

    /// @notice Brings averages, premium and funding of a market to now, where they are not.
    function begin(Market storage market, ProSetup calldata setup) internal {
        if (market.touch.touchedAt() != block.timestamp) advance(market, setup, market.index);
    }

    /// @notice Brings averages, premium and funding of a market to now, and notes so.
    /// @dev Funding accrues with the index that was stored until now; premium and basis count as the lesser in size of what the
    /// last touch left and of the same book at the later index.
    function advance(Market storage market, ProSetup calldata setup, IndexWord later) internal {
        TouchWord touch = market.touch;
        ConfigWord config = market.config;
        (int256 sum, int256 mean) = (touch.premiumSumX18(), touch.meanPremiumX18());
        int256 basisEma = touch.basisEmaX18();
        if (touch.touchedAt() != block.timestamp && config.status() != MarketStatus.Settling) {
            IndexWord earlier = market.index;
            (int256 premium, int256 basis) = _counted(config, market.mark, touch.touchedAt(), earlier, later);
            basisEma = _averaged(basisEma, basis, block.timestamp - touch.touchedAt());
            (sum, mean) = _accrue(market, setup, config, touch, earlier.price(), premium);
        }
        // Seconds fit 32 bits until the year 2106.
        market.touch = TouchWordFields.pack(sum, mean, basisEma, uint32(block.timestamp), setup.status.clock());
    }

    /// @notice Ends a touch: looks for the deep levels of the sides that changed, and sets the mark.
    /// @param isBidsDirty A bid level at or before the deep one changed, or a better one came.
    function end(Market storage market, uint8 marketId, bool isBidsDirty, bool isAsksDirty) internal {
        MarkWord mark = market.mark;
        if (isBidsDirty) mark = _searched(market, mark, true);
        if (isAsksDirty) mark = _searched(market, mark, false);
        setMark(market, marketId, mark);
    }

    /// @notice Stores the word with the mark that follows from it.
    function setMark(Market storage market, uint8 marketId, MarkWord mark) internal {
        uint256 index = market.index.price();
        ConfigWord config = market.config;
        int256 basisEma = market.touch.basisEmaX18();
        uint256 price = mark.mark();
        if (config.status() == MarketStatus.Settling) {
            price = index;
        } else if (index != 0) {
            unchecked {
                // Ticks have 24 bits, steps 56.
                uint256 tickSize = config.tickSize();
                price = MarkMath.markOf(
                    index,
                    basisEma,
                    mark.firmBid() * tickSize,
                    mark.firmAsk() * tickSize,
                    mark.last() * tickSize,
                    config.maxDeviationPips()
                );
            }
        }
        // Within 3% of the index: `IndexWord` holds it in 64 bits, and listing keeps prices far below the width.
        market.mark = mark.withMark(uint64(price));
        if (price != mark.mark()) emit IProEvents.Marked(marketId, uint64(price), basisEma);
    }

    /// @dev Premium and basis that count since the last touch.
    function _counted(
        ConfigWord config,
        MarkWord mark,
        uint256 from,
        IndexWord earlier,
        IndexWord later
    ) private view returns (int256 premium, int256 basis) {
        unchecked {
            // Ticks have 24 bits, steps 56, times 40.
            if (earlier.price() == 0) return (0, 0);
            if (from > earlier.publishTime() + MAX_VALUE_AGE) return (0, 0);
            if (block.timestamp > later.publishTime() + MAX_VALUE_AGE) return (0, 0);
            uint256 bid = mark.deepBid() * config.tickSize();
            uint256 ask = mark.deepAsk() * config.tickSize();
            uint256 most = config.maxDeviationPips();
            premium = MarkMath.premiumX18(earlier.price(), bid, ask, most);
            basis = MarkMath.basisX18(earlier.price(), bid, ask, most);
            if (later.price() == earlier.price()) return (premium, basis);
            premium = MarkMath.lesser(premium, MarkMath.premiumX18(later.price(), bid, ask, most));
            basis = MarkMath.lesser(basis, MarkMath.basisX18(later.price(), bid, ask, most));
        }
    }

    /// @dev The mean basis after so many seconds, of which the first 60 count a basis and all others 0.
    function _averaged(int256 average, int256 basis, uint256 elapsed) private pure returns (int256) {
        uint256 counted = elapsed < MAX_SPAN ? elapsed : MAX_SPAN;
        average = DecayMath.blend(average, basis, DecayMath.halvedX96(counted, BASIS_HALF_LIFE));
        if (elapsed == counted) return average;
        return DecayMath.blend(average, 0, DecayMath.halvedX96(elapsed - counted, BASIS_HALF_LIFE));
    }

    /// @dev Premium by the hour, and the funding that follows it.
    /// @param index Stored until now.
    function _accrue(
        Market storage market,
        ProSetup calldata setup,
        ConfigWord config,
        TouchWord touch,
        uint256 index,
        int256 premium
    ) private returns (int256 sum, int256 mean) {
        IndicesWord indices = market.indices;
        Span memory span;
        (span.from, span.to) = (touch.touchedAt(), block.timestamp);
        uint256 halted = span.to - span.from - (setup.status.clock() - touch.clock());
        if (halted != 0) span.halt(halted, setup.breaker.haltEndsAt());
        (span.interestPips, span.capPips) = (indices.interestPips(), config.fundingCapPips());
        (span.sum, span.mean) = (touch.premiumSumX18(), touch.meanPremiumX18());
        span.run(premium);
        (sum, mean) = (span.sum, span.mean);
        int256 growth = FundingMath.growth(index * config.lotSize(), span.rateSeconds);
        (int256 long, int256 short) = FundingMath.grown(indices.longIndex(), indices.shortIndex(), growth);
        market.indices = indices.withIndices(long, short);
    }

    /// @dev Notes the price of the level at which firm lots from the best on reach the depth, and the first that has any.
    function _searched(Market storage market, MarkWord mark, bool isBid) private view returns (MarkWord) {
        unchecked {
            // Lots of a market have 64 bits, a lot 56, prices 80; firm lots of a level 56, and there are 8 at most.
            ConfigWord config = market.config;
            uint24 tick = mark.best(isBid);
            uint256 depth = (market.indices.openInterest() * config.lotSize() * mark.mark()) / DEPTH_DIVISOR;
            if (depth < LEAST_DEPTH) depth = LEAST_DEPTH;
            (uint24 deep, uint24 first) = (0, 0);
            uint256 found = 0;
            for (uint256 i = 0; i < MAX_LEVELS && found < depth; ++i) {
                if (tick == 0) {
                    deep = 0;
                    break;
                }
                uint256 firm = market.levels[TickBits.levelKey(isBid, tick)].firm();
                if (firm != 0 && _isWithin(config, tick, mark.mark())) {
                    deep = tick;
                    if (first == 0) first = tick;
                    found += firm * tick * config.unit();
                }
                if (found < depth) tick = market.bits.worse(isBid, tick);
            }
            return mark.withDeep(isBid, deep).withFirm(isBid, first);
        }
    }

    /// @dev Whether a price lies within the band.
    function _isWithin(ConfigWord config, uint24 tick, uint256 mark) private pure returns (bool) {
        unchecked {
            // Prices of 80 bits times pips.
            uint256 price = tick * config.tickSize();
            return (price > mark ? price - mark : mark - price) * PIPS <= mark * config.bandPips();
        }
    }
}
