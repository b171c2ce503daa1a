// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// The running words of a market. Prices have 10 decimals, rates and relative distances 18 ("X18") unless a name says
// otherwise, ticks count `tickSize`. A tick of 0 stands for none.

/// @dev The index. From the lowest bit: price 64 · publish time 40 · average 64 · guard 32 · flags 8 · spare 48. Average: the
/// price averaged over time, 60 s to the half. Guard: largest recent distance of the price from it, 9 decimals, 600 s to the
/// half. Flags: bit 0 narrow, bit 1 the sequencer was ready.
type IndexWord is uint256;

/// @dev What changes with the book: most touches leave it as it is. From the lowest bit: mark 64 · last 24 · deepBid 24 ·
/// deepAsk 24 · firmBid 24 · firmAsk 24 · bestBid 24 · bestAsk 24 · spare 24. Last: tick of the last fill. Firm bid and ask: the
/// first of the levels looked at with firm lots.
type MarkWord is uint256;

/// @dev What runs over time: every touch in a new second writes it. From the lowest bit: premiumSum int72 · meanPremium int56 ·
/// basisEma int56 · touchedAt 32 · clock 40. PremiumSum: Σ premium × seconds of the UTC hour of the last touch. MeanPremium: that
/// of the hour before, which funding of this hour follows. Clock: the breaker's at the last touch.
type TouchWord is uint256;

/// @dev Funding indices and open interest, with two settings that whoever reads them needs. From the lowest bit: long int80 ·
/// short int80 · openInterest 64 · interestPips 16 · leastRestingUsd 16. Indices: quote that a lot of that side has paid so far.
/// Open interest: lots of one side. Settings: copies of `LimitsWord`'s.
type IndicesWord is uint256;

/// @dev Quote that belongs to a market. From the lowest bit: fund 112 · fees 96 · hour 32 · spare 16. Fees: not yet swept. Hour:
/// number of the UTC hour in which the fund changed last; 0: look at the outflows themselves.
type FundWord is uint256;

/// @dev A sum that drains: openings at high leverage in a rolling hour, or what sides were charged a lot in a rolling day. From
/// the lowest bit: opened 128 · since 40. Opened: quote, as of `since`.
type HeatWord is uint256;

/// @dev What the fund paid in a period. From the lowest bit: period 32 · held 112 · paid 112. Period: number of the UTC hour or
/// day. Held: what the fund held when it began.
type OutflowWord is uint256;

using IndexWordFields for IndexWord global;
using MarkWordFields for MarkWord global;
using TouchWordFields for TouchWord global;
using IndicesWordFields for IndicesWord global;
using FundWordFields for FundWord global;
using HeatWordFields for HeatWord global;
using OutflowWordFields for OutflowWord global;

/// @dev A value would pass the width of its field.
error MarketWords_Overflow(uint256 value, uint256 max);

// Each getter cuts to the width that its field was packed with.

library IndexWordFields {
    uint256 private constant NARROW = 1 << 200;
    uint256 private constant READY = 1 << 201;

    function pack(
        uint64 price_,
        uint40 publishTime_,
        uint64 average_,
        uint32 guardX9_,
        bool isNarrow_,
        bool isReady_
    ) internal pure returns (IndexWord) {
        uint256 word =
            uint256(price_) | (uint256(publishTime_) << 64) | (uint256(average_) << 104) | (uint256(guardX9_) << 168);
        if (isNarrow_) word |= NARROW;
        if (isReady_) word |= READY;
        return IndexWord.wrap(word);
    }

    /// @dev 0: there never was one.
    function price(IndexWord self) internal pure returns (uint256) {
        return uint64(IndexWord.unwrap(self));
    }

    function publishTime(IndexWord self) internal pure returns (uint256) {
        return uint40(IndexWord.unwrap(self) >> 64);
    }

    function average(IndexWord self) internal pure returns (uint256) {
        return uint64(IndexWord.unwrap(self) >> 104);
    }

    function guardX9(IndexWord self) internal pure returns (uint256) {
        return uint32(IndexWord.unwrap(self) >> 168);
    }

    /// @dev Confidence of at most 30 bp, not clamped, all anchors that the market asks for.
    function isNarrow(IndexWord self) internal pure returns (bool) {
        return IndexWord.unwrap(self) & NARROW != 0;
    }

    function isReady(IndexWord self) internal pure returns (bool) {
        return IndexWord.unwrap(self) & READY != 0;
    }
}

library MarkWordFields {
    uint256 private constant TICK = type(uint24).max;

    function withMark(MarkWord self, uint64 mark_) internal pure returns (MarkWord) {
        return MarkWord.wrap((MarkWord.unwrap(self) & ~uint256(type(uint64).max)) | mark_);
    }

    function withLast(MarkWord self, uint24 last_) internal pure returns (MarkWord) {
        return MarkWord.wrap((MarkWord.unwrap(self) & ~(TICK << 64)) | (uint256(last_) << 64));
    }

    function withDeep(MarkWord self, bool isBid, uint24 tick) internal pure returns (MarkWord) {
        return _with(self, isBid ? 88 : 112, tick);
    }

    function withFirm(MarkWord self, bool isBid, uint24 tick) internal pure returns (MarkWord) {
        return _with(self, isBid ? 136 : 160, tick);
    }

    function withBest(MarkWord self, bool isBid, uint24 tick) internal pure returns (MarkWord) {
        return _with(self, isBid ? 184 : 208, tick);
    }

    function mark(MarkWord self) internal pure returns (uint256) {
        return uint64(MarkWord.unwrap(self));
    }

    function last(MarkWord self) internal pure returns (uint24) {
        return uint24(MarkWord.unwrap(self) >> 64);
    }

    function deepBid(MarkWord self) internal pure returns (uint24) {
        return uint24(MarkWord.unwrap(self) >> 88);
    }

    function deepAsk(MarkWord self) internal pure returns (uint24) {
        return uint24(MarkWord.unwrap(self) >> 112);
    }

    function firmBid(MarkWord self) internal pure returns (uint24) {
        return uint24(MarkWord.unwrap(self) >> 136);
    }

    function firmAsk(MarkWord self) internal pure returns (uint24) {
        return uint24(MarkWord.unwrap(self) >> 160);
    }

    /// @dev Best price of a side, whether or not its orders are firm; 0: the side is empty.
    function best(MarkWord self, bool isBid) internal pure returns (uint24) {
        return uint24(MarkWord.unwrap(self) >> (isBid ? 184 : 208));
    }

    function _with(MarkWord self, uint256 shift, uint24 tick) private pure returns (MarkWord) {
        return MarkWord.wrap((MarkWord.unwrap(self) & ~(TICK << shift)) | (uint256(tick) << shift));
    }
}

library TouchWordFields {
    /// @dev Requirements: premiumSum within ±2^71, meanPremium and basisEma within ±2^55, which premiums and bases of at most 3%
    /// imply.
    /// @param touchedAt_ Seconds, until the year 2106, as the expiry of orders.
    function pack(
        int256 premiumSumX18_,
        int256 meanPremiumX18_,
        int256 basisEmaX18_,
        uint32 touchedAt_,
        uint40 clock_
    ) internal pure returns (TouchWord) {
        uint256 low =
            uint256(uint72(int72(premiumSumX18_))) |
                (uint256(uint56(int56(meanPremiumX18_))) << 72) |
                (uint256(uint56(int56(basisEmaX18_))) << 128);
        return TouchWord.wrap(low | (uint256(touchedAt_) << 184) | (uint256(clock_) << 216));
    }

    function premiumSumX18(TouchWord self) internal pure returns (int256) {
        return int72(uint72(TouchWord.unwrap(self)));
    }

    function meanPremiumX18(TouchWord self) internal pure returns (int256) {
        return int56(uint56(TouchWord.unwrap(self) >> 72));
    }

    function basisEmaX18(TouchWord self) internal pure returns (int256) {
        return int56(uint56(TouchWord.unwrap(self) >> 128));
    }

    function touchedAt(TouchWord self) internal pure returns (uint256) {
        return uint32(TouchWord.unwrap(self) >> 184);
    }

    function clock(TouchWord self) internal pure returns (uint256) {
        return TouchWord.unwrap(self) >> 216;
    }
}

library IndicesWordFields {
    int256 private constant MAX_INDEX = type(int80).max;

    uint256 private constant BOTH_INDICES = type(uint160).max;
    uint256 private constant OPEN_INTEREST = uint256(type(uint64).max) << 160;
    uint256 private constant SETTINGS = uint256(type(uint32).max) << 224;

    /// @dev Requirements: indices of 80 bits, which `FundingMath` bounds them to.
    function withIndices(IndicesWord self, int256 long_, int256 short_) internal pure returns (IndicesWord) {
        uint256 both = uint256(uint80(int80(long_))) | (uint256(uint80(int80(short_))) << 80);
        return IndicesWord.wrap((IndicesWord.unwrap(self) & ~BOTH_INDICES) | both);
    }

    /// @dev Reverts where it passes 64 bits.
    function withOpenInterest(IndicesWord self, uint256 openInterest_) internal pure returns (IndicesWord) {
        if (openInterest_ > type(uint64).max) revert MarketWords_Overflow(openInterest_, type(uint64).max);
        return IndicesWord.wrap((IndicesWord.unwrap(self) & ~OPEN_INTEREST) | (openInterest_ << 160));
    }

    function withSettings(
        IndicesWord self,
        uint16 interestPips_,
        uint16 leastRestingUsd_
    ) internal pure returns (IndicesWord) {
        uint256 both = (uint256(interestPips_) << 224) | (uint256(leastRestingUsd_) << 240);
        return IndicesWord.wrap((IndicesWord.unwrap(self) & ~SETTINGS) | both);
    }

    /// @notice Charges each lot of a side. The index of longs grows by what they pay, that of shorts by what they receive. Reverts
    /// where it would pass its width.
    function charged(IndicesWord self, bool isLong, uint256 perLot) internal pure returns (IndicesWord) {
        if (perLot > uint256(MAX_INDEX)) revert MarketWords_Overflow(perLot, uint256(MAX_INDEX));
        int256 change = isLong ? int256(perLot) : -int256(perLot);
        int256 index = change + (isLong ? longIndex(self) : shortIndex(self));
        if (index > MAX_INDEX || index < -MAX_INDEX) revert MarketWords_Overflow(perLot, uint256(MAX_INDEX));
        return isLong ? withIndices(self, index, shortIndex(self)) : withIndices(self, longIndex(self), index);
    }

    function longIndex(IndicesWord self) internal pure returns (int256) {
        return int80(uint80(IndicesWord.unwrap(self)));
    }

    function shortIndex(IndicesWord self) internal pure returns (int256) {
        return int80(uint80(IndicesWord.unwrap(self) >> 80));
    }

    /// @dev The index of the side that the sign of the lots says.
    function indexOf(IndicesWord self, int256 lots) internal pure returns (int256) {
        return lots < 0 ? shortIndex(self) : longIndex(self);
    }

    function openInterest(IndicesWord self) internal pure returns (uint256) {
        return uint64(IndicesWord.unwrap(self) >> 160);
    }

    function interestPips(IndicesWord self) internal pure returns (uint256) {
        return uint16(IndicesWord.unwrap(self) >> 224);
    }

    function leastRestingUsd(IndicesWord self) internal pure returns (uint256) {
        return IndicesWord.unwrap(self) >> 240;
    }
}

library FundWordFields {
    /// @dev Reverts when a field would pass its width: more dollars than there are.
    function pack(uint256 fund_, uint256 fees_) internal pure returns (FundWord) {
        if (fund_ > type(uint112).max) revert MarketWords_Overflow(fund_, type(uint112).max);
        if (fees_ > type(uint96).max) revert MarketWords_Overflow(fees_, type(uint96).max);
        return FundWord.wrap(fund_ | (fees_ << 112));
    }

    /// @dev Requirements: the word has no hour yet, as `pack` makes it.
    function withHour(FundWord self, uint32 hour_) internal pure returns (FundWord) {
        return FundWord.wrap(FundWord.unwrap(self) | (uint256(hour_) << 208));
    }

    function fund(FundWord self) internal pure returns (uint256) {
        return uint112(FundWord.unwrap(self));
    }

    function fees(FundWord self) internal pure returns (uint256) {
        return uint96(FundWord.unwrap(self) >> 112);
    }

    function hour(FundWord self) internal pure returns (uint256) {
        return uint32(FundWord.unwrap(self) >> 208);
    }
}

library HeatWordFields {
    function pack(uint256 opened_, uint40 since_) internal pure returns (HeatWord) {
        if (opened_ > type(uint128).max) revert MarketWords_Overflow(opened_, type(uint128).max);
        return HeatWord.wrap(opened_ | (uint256(since_) << 128));
    }

    function opened(HeatWord self) internal pure returns (uint256) {
        return uint128(HeatWord.unwrap(self));
    }

    function since(HeatWord self) internal pure returns (uint256) {
        return uint40(HeatWord.unwrap(self) >> 128);
    }
}

library OutflowWordFields {
    /// @dev Requirements: both amounts of 112 bits: parts of a fund, which has no more.
    function pack(uint32 period_, uint256 held_, uint256 paid_) internal pure returns (OutflowWord) {
        return OutflowWord.wrap(uint256(period_) | (held_ << 32) | (paid_ << 144));
    }

    function period(OutflowWord self) internal pure returns (uint256) {
        return uint32(OutflowWord.unwrap(self));
    }

    function held(OutflowWord self) internal pure returns (uint256) {
        return uint112(OutflowWord.unwrap(self) >> 32);
    }

    function paid(OutflowWord self) internal pure returns (uint256) {
        return OutflowWord.unwrap(self) >> 144;
    }
}
