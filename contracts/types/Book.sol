// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Timestamp} from "./Timestamp.sol";

// All that is stored of one book, and of a margin token. Each slot is a word: loaded once, its fields cut out where they are
// needed. The words lie as the compiler packs the structs beside them; `test/unit/types` compares them.

/// @notice The two ways to trade a market.
enum Mode {
    Standard,
    Degen
}

/// @dev A market in one mode: 2 · marketId + mode.
type BookId is uint16;

/// @notice What a book accepts.
/// @dev Unlisted: nothing ever traded. ReduceOnly: no openings. Closed: as ReduceOnly, and no open interest is left.
enum BookStatus {
    Unlisted,
    Active,
    ReduceOnly,
    Closed
}

/// @notice How the slippage of a fill grows with open interest.
enum SlippageModel {
    Fixed,
    Depth,
    Skew
}

/// @notice Configuration of a book that openings and closes read. One slot.
/// @param assetId Oracle asset of the market.
/// @param status What it accepts.
/// @param maxLeverage Of its last tier.
/// @param tierCount Number of tiers.
/// @param slippageModel How slippage grows.
/// @param slippagePips Fixed, and least, slippage.
/// @param alpSharePips Share of every open and close fee that stays with the LPs.
/// @param borrowPipsPerHour Both sides owe it to the vault.
/// @param fundingPipsPerHour The heavier side owes it to the lighter at full skew.
/// @param minFundingPipsPerHour Least funding rate, where there is any skew.
/// @param maxFundingPipsPerHour Largest funding rate.
/// @param lossBudgetUsd Loss of the vault in a rolling hour after which nothing opens, whole USD.
/// @param onePercentDepthUsd Notional that moves the market by 1%, whole USD; for the depth and skew models.
/// @param leastLossRatePercent No open position is liquidated at a smaller loss, in whole percent of the margin, rounded
/// down: the least liquidation loss rate of any tier since the tiers were last set while the book was empty.
struct BookConfig {
    uint16 assetId;
    BookStatus status;
    uint16 maxLeverage;
    uint8 tierCount;
    SlippageModel slippageModel;
    uint24 slippagePips;
    uint24 alpSharePips;
    uint16 borrowPipsPerHour;
    uint16 fundingPipsPerHour;
    uint16 minFundingPipsPerHour;
    uint16 maxFundingPipsPerHour;
    uint32 lossBudgetUsd;
    uint48 onePercentDepthUsd;
    uint8 leastLossRatePercent;
}

/// @dev Most tiers of a book.
uint256 constant MAX_TIERS = 4;

/// @notice Configuration of a book that only openings read. One slot, with the limits of its tiers above.
/// @param openFeePips Of the notional, out of the amount paid in.
/// @param maxOpenInterestUsd Largest entry notional per side, whole USD.
/// @param minNotionalUsd Least notional of a position, whole USD.
/// @param minMarginUsd Least margin of a position, whole USD.
/// @param maxConfidencePips Widest confidence of the tick of an opening.
/// @param maxDeviationPips Largest deviation of that tick from each fresh anchor.
/// @param minAnchors Least number of fresh anchors of an opening.
/// @param reduceOnlyUntil End of the news window.
struct OpenConfig {
    uint24 openFeePips;
    uint40 maxOpenInterestUsd;
    uint32 minNotionalUsd;
    uint16 minMarginUsd;
    uint24 maxConfidencePips;
    uint24 maxDeviationPips;
    uint8 minAnchors;
    uint40 reduceOnlyUntil;
}

/// @notice Terms of a position, fixed at its opening.
/// @param liquidationLossRatePips Share of the margin lost at which it is liquidated.
/// @param profitCapPips Largest gain, as a share of the initial margin.
/// @param closeFeePips Least close fee, as a share of the close notional.
/// @param profitSharePips Close fee as a share of the profit, if that is more.
/// @param maxExitSlippagePips Largest slippage of a close, whatever the book's model, depth and rate are then.
struct Terms {
    uint24 liquidationLossRatePips;
    uint24 profitCapPips;
    uint24 closeFeePips;
    uint24 profitSharePips;
    uint24 maxExitSlippagePips;
}

/// @notice A tier of a book: a position belongs to the first whose maxLeverage is not below its own. One slot.
/// @param maxLeverage Largest leverage of the tier.
/// @param maxNotionalUsd Largest notional, in whole USD. Beyond a quarter of the book's cap an order meets a full side, too.
/// @param termsId Where the terms are kept in the book's append-only list.
/// @param terms What a position opened now gets.
struct Tier {
    uint16 maxLeverage;
    uint40 maxNotionalUsd;
    uint8 termsId;
    Terms terms;
}

/// @notice Exact sums over the open positions of one side of a book. Two slots.
/// @param size Σ size.
/// @param notional Σ entry notional, USD with 18 decimals: the side's open interest.
/// @param marginNano Σ margin at opening, USD with 9 decimals, each rounded down.
/// @param carryAtEntry Σ of each position's own notional · index at opening, USD with 18 decimals, each rounded down.
/// @param capNano Σ largest gain at opening, USD with 9 decimals, each rounded up.
struct BookSide {
    // slot 0
    uint96 size;
    uint96 notional;
    uint64 marginNano;
    // slot 1
    int128 carryAtEntry;
    uint64 capNano;
}

/// @notice Running numbers of a book. One slot.
/// @param longIndex Carry owed by the long side per notional since the beginning, 18 decimals.
/// @param shortIndex Same of the short side.
/// @param accruedAt Up to when the indices and the loss are brought, on the breaker's clock, which stands still at level 3.
/// @param lossNano Realised loss of the vault within the rolling hour, USD with 9 decimals: gains paid less losses, carry
/// and liquidated margins kept. Negative where the vault has kept more, down to minus the loss budget.
struct BookState {
    int72 longIndex;
    int72 shortIndex;
    Timestamp accruedAt;
    int72 lossNano;
}

/// @notice A token that margins may be paid in. One slot.
/// @param token The token.
/// @param assetId Its oracle asset.
/// @param tokenId Its number in trade records; starts at 1.
/// @param decimals Of the token.
/// @param isEnabled New positions may use it.
struct MarginToken {
    address token;
    uint16 assetId;
    uint8 tokenId;
    uint8 decimals;
    bool isEnabled;
}

/// @dev A `BookConfig`. From the lowest bit: assetId 16 · status 8 · maxLeverage 16 · tierCount 8 · slippageModel 8 ·
/// slippagePips 24 · alpSharePips 24 · borrowPipsPerHour 16 · fundingPipsPerHour 16 · minFundingPipsPerHour 16 ·
/// maxFundingPipsPerHour 16 · lossBudgetUsd 32 · onePercentDepthUsd 48 · leastLossRatePercent 8.
type BookConfigWord is uint256;

/// @dev An `OpenConfig`, and the largest leverages of the tiers but the last, which find an order's tier without reading
/// those before it. From the lowest bit: openFeePips 24 · maxOpenInterestUsd 40 · minNotionalUsd 32 · minMarginUsd 16 ·
/// maxConfidencePips 24 · maxDeviationPips 24 · minAnchors 8 · reduceOnlyUntil 40 · of the first, second and third tier 16 each;
/// of the last and of those that there are not: 2^16 − 1.
type OpenConfigWord is uint256;

/// @dev `Terms`. From the lowest bit: liquidationLossRatePips 24 · profitCapPips 24 · closeFeePips 24 ·
/// profitSharePips 24 · maxExitSlippagePips 24.
type TermsWord is uint256;

/// @dev A `Tier`, its terms included. From the lowest bit: maxLeverage 16 · maxNotionalUsd 40 · termsId 8 · terms 120.
type TierWord is uint256;

/// @dev A `MarginToken`. From the lowest bit: token 160 · assetId 16 · tokenId 8 · decimals 8 · isEnabled 8.
type MarginTokenWord is uint256;

/// @dev Slot 0 of a `BookSide`. From the lowest bit: size 96 · notional 96 · marginNano 64.
type SideTotals is uint256;

/// @dev Slot 1 of a `BookSide`. From the lowest bit: carryAtEntry 128 · capNano 64.
type SideBounds is uint256;

/// @dev A `BookState`. From the lowest bit: longIndex 72 · shortIndex 72 · accruedAt 32 · lossNano 72.
type StateWord is uint256;

using BookIdFields for BookId global;
using BookConfigWordFields for BookConfigWord global;
using OpenConfigWordFields for OpenConfigWord global;
using TermsWordFields for TermsWord global;
using TierWordFields for TierWord global;
using MarginTokenWordFields for MarginTokenWord global;
using SideTotalsFields for SideTotals global;
using SideBoundsFields for SideBounds global;
using StateWordFields for StateWord global;
using MarginTokenSlot for MarginToken global;

function unpackSide(SideTotals totals, SideBounds bounds) pure returns (BookSide memory) {
    return BookSide(totals.size(), totals.notional(), totals.marginNano(), bounds.carryAtEntry(), bounds.capNano());
}

library BookIdFields {
    function index(BookId self) internal pure returns (uint256) {
        return BookId.unwrap(self);
    }

    function mode(BookId self) internal pure returns (Mode) {
        return Mode(BookId.unwrap(self) & 1);
    }

    /// @dev The same market in the other mode.
    function other(BookId self) internal pure returns (BookId) {
        return BookId.wrap(BookId.unwrap(self) ^ 1);
    }
}

library BookConfigWordFields {
    function pack(BookConfig memory config) internal pure returns (BookConfigWord) {
        uint256 word = uint256(config.assetId) | (uint256(config.status) << 16) | (uint256(config.maxLeverage) << 24);
        word |= (uint256(config.tierCount) << 40) | (uint256(config.slippageModel) << 48);
        word |= (uint256(config.slippagePips) << 56) | (uint256(config.alpSharePips) << 80);
        word |= (uint256(config.borrowPipsPerHour) << 104) | (uint256(config.fundingPipsPerHour) << 120);
        word |= (uint256(config.minFundingPipsPerHour) << 136) | (uint256(config.maxFundingPipsPerHour) << 152);
        word |= (uint256(config.lossBudgetUsd) << 168) | (uint256(config.onePercentDepthUsd) << 200);
        word |= uint256(config.leastLossRatePercent) << 248;
        return BookConfigWord.wrap(word);
    }

    function unpack(BookConfigWord self) internal pure returns (BookConfig memory config) {
        (config.assetId, config.status, config.maxLeverage) = (assetId(self), status(self), maxLeverage(self));
        (config.tierCount, config.slippageModel) = (tierCount(self), slippageModel(self));
        (config.slippagePips, config.alpSharePips) = (slippagePips(self), alpSharePips(self));
        (config.borrowPipsPerHour, config.fundingPipsPerHour) = (borrowPipsPerHour(self), fundingPipsPerHour(self));
        config.minFundingPipsPerHour = minFundingPipsPerHour(self);
        config.maxFundingPipsPerHour = maxFundingPipsPerHour(self);
        (config.lossBudgetUsd, config.onePercentDepthUsd) = (lossBudgetUsd(self), onePercentDepthUsd(self));
        config.leastLossRatePercent = leastLossRatePercent(self);
    }

    function assetId(BookConfigWord self) internal pure returns (uint16) {
        return uint16(BookConfigWord.unwrap(self));
    }

    function status(BookConfigWord self) internal pure returns (BookStatus) {
        return BookStatus(uint8(BookConfigWord.unwrap(self) >> 16));
    }

    function maxLeverage(BookConfigWord self) internal pure returns (uint16) {
        return uint16(BookConfigWord.unwrap(self) >> 24);
    }

    function tierCount(BookConfigWord self) internal pure returns (uint8) {
        return uint8(BookConfigWord.unwrap(self) >> 40);
    }

    function slippageModel(BookConfigWord self) internal pure returns (SlippageModel) {
        return SlippageModel(uint8(BookConfigWord.unwrap(self) >> 48));
    }

    function slippagePips(BookConfigWord self) internal pure returns (uint24) {
        return uint24(BookConfigWord.unwrap(self) >> 56);
    }

    function alpSharePips(BookConfigWord self) internal pure returns (uint24) {
        return uint24(BookConfigWord.unwrap(self) >> 80);
    }

    function borrowPipsPerHour(BookConfigWord self) internal pure returns (uint16) {
        return uint16(BookConfigWord.unwrap(self) >> 104);
    }

    function fundingPipsPerHour(BookConfigWord self) internal pure returns (uint16) {
        return uint16(BookConfigWord.unwrap(self) >> 120);
    }

    function minFundingPipsPerHour(BookConfigWord self) internal pure returns (uint16) {
        return uint16(BookConfigWord.unwrap(self) >> 136);
    }

    function maxFundingPipsPerHour(BookConfigWord self) internal pure returns (uint16) {
        return uint16(BookConfigWord.unwrap(self) >> 152);
    }

    function lossBudgetUsd(BookConfigWord self) internal pure returns (uint32) {
        return uint32(BookConfigWord.unwrap(self) >> 168);
    }

    function onePercentDepthUsd(BookConfigWord self) internal pure returns (uint48) {
        return uint48(BookConfigWord.unwrap(self) >> 200);
    }

    function leastLossRatePercent(BookConfigWord self) internal pure returns (uint8) {
        return uint8(BookConfigWord.unwrap(self) >> 248);
    }
}

library OpenConfigWordFields {
    uint256 private constant TIERS_SHIFT = 208;

    function pack(OpenConfig memory config) internal pure returns (OpenConfigWord) {
        uint256 word = uint256(config.openFeePips) | (uint256(config.maxOpenInterestUsd) << 24);
        word |= (uint256(config.minNotionalUsd) << 64) | (uint256(config.minMarginUsd) << 96);
        word |= (uint256(config.maxConfidencePips) << 112) | (uint256(config.maxDeviationPips) << 136);
        word |= (uint256(config.minAnchors) << 160) | (uint256(config.reduceOnlyUntil) << 168);
        return OpenConfigWord.wrap(word);
    }

    function unpack(OpenConfigWord self) internal pure returns (OpenConfig memory config) {
        (config.openFeePips, config.maxOpenInterestUsd) = (openFeePips(self), maxOpenInterestUsd(self));
        (config.minNotionalUsd, config.minMarginUsd) = (minNotionalUsd(self), minMarginUsd(self));
        (config.maxConfidencePips, config.maxDeviationPips) = (maxConfidencePips(self), maxDeviationPips(self));
        (config.minAnchors, config.reduceOnlyUntil) = (minAnchors(self), reduceOnlyUntil(self));
    }

    /// @dev The limits of the tiers, where no packed `OpenConfig` has any bits, from another word.
    function withTiersOf(OpenConfigWord self, OpenConfigWord other) internal pure returns (OpenConfigWord) {
        uint256 limits = (OpenConfigWord.unwrap(other) >> TIERS_SHIFT) << TIERS_SHIFT;
        return OpenConfigWord.wrap(uint208(OpenConfigWord.unwrap(self)) | limits);
    }

    /// @param tiers At most MAX_TIERS, ascending.
    function withTiers(OpenConfigWord self, Tier[] memory tiers) internal pure returns (OpenConfigWord) {
        uint256 word = uint208(OpenConfigWord.unwrap(self));
        for (uint256 i = 0; i + 1 < MAX_TIERS; ++i) {
            uint256 limit = i + 1 < tiers.length ? tiers[i].maxLeverage : type(uint16).max;
            word |= limit << (TIERS_SHIFT + 16 * i);
        }
        return OpenConfigWord.wrap(word);
    }

    /// @dev Number of the first tier whose largest leverage is not below the leverage, which is at most that of the last.
    function tierIndexOf(OpenConfigWord self, uint256 leverage) internal pure returns (uint256 index) {
        uint256 limits = OpenConfigWord.unwrap(self) >> TIERS_SHIFT;
        while (leverage > uint16(limits) && index + 1 < MAX_TIERS) {
            limits >>= 16;
            unchecked {
                // Below MAX_TIERS.
                ++index;
            }
        }
    }

    function openFeePips(OpenConfigWord self) internal pure returns (uint24) {
        return uint24(OpenConfigWord.unwrap(self));
    }

    function maxOpenInterestUsd(OpenConfigWord self) internal pure returns (uint40) {
        return uint40(OpenConfigWord.unwrap(self) >> 24);
    }

    function minNotionalUsd(OpenConfigWord self) internal pure returns (uint32) {
        return uint32(OpenConfigWord.unwrap(self) >> 64);
    }

    function minMarginUsd(OpenConfigWord self) internal pure returns (uint16) {
        return uint16(OpenConfigWord.unwrap(self) >> 96);
    }

    function maxConfidencePips(OpenConfigWord self) internal pure returns (uint24) {
        return uint24(OpenConfigWord.unwrap(self) >> 112);
    }

    function maxDeviationPips(OpenConfigWord self) internal pure returns (uint24) {
        return uint24(OpenConfigWord.unwrap(self) >> 136);
    }

    function minAnchors(OpenConfigWord self) internal pure returns (uint8) {
        return uint8(OpenConfigWord.unwrap(self) >> 160);
    }

    function reduceOnlyUntil(OpenConfigWord self) internal pure returns (uint40) {
        return uint40(OpenConfigWord.unwrap(self) >> 168);
    }
}

library TermsWordFields {
    function unpack(TermsWord self) internal pure returns (Terms memory terms) {
        terms.liquidationLossRatePips = liquidationLossRatePips(self);
        terms.profitCapPips = profitCapPips(self);
        terms.closeFeePips = closeFeePips(self);
        terms.profitSharePips = profitSharePips(self);
        terms.maxExitSlippagePips = maxExitSlippagePips(self);
    }

    function liquidationLossRatePips(TermsWord self) internal pure returns (uint24) {
        return uint24(TermsWord.unwrap(self));
    }

    function profitCapPips(TermsWord self) internal pure returns (uint24) {
        return uint24(TermsWord.unwrap(self) >> 24);
    }

    function closeFeePips(TermsWord self) internal pure returns (uint24) {
        return uint24(TermsWord.unwrap(self) >> 48);
    }

    function profitSharePips(TermsWord self) internal pure returns (uint24) {
        return uint24(TermsWord.unwrap(self) >> 72);
    }

    function maxExitSlippagePips(TermsWord self) internal pure returns (uint24) {
        return uint24(TermsWord.unwrap(self) >> 96);
    }
}

library TierWordFields {
    function pack(Tier memory tier) internal pure returns (TierWord) {
        uint256 word = tier.maxLeverage | (uint256(tier.maxNotionalUsd) << 16) | (uint256(tier.termsId) << 56);
        word |= (uint256(tier.terms.liquidationLossRatePips) << 64) | (uint256(tier.terms.profitCapPips) << 88);
        word |= (uint256(tier.terms.closeFeePips) << 112) | (uint256(tier.terms.profitSharePips) << 136);
        word |= uint256(tier.terms.maxExitSlippagePips) << 160;
        return TierWord.wrap(word);
    }

    function unpack(TierWord self) internal pure returns (Tier memory tier) {
        (tier.maxLeverage, tier.maxNotionalUsd, tier.termsId) = (
            maxLeverage(self),
            maxNotionalUsd(self),
            termsId(self)
        );
        tier.terms = terms(self).unpack();
    }

    function maxLeverage(TierWord self) internal pure returns (uint16) {
        return uint16(TierWord.unwrap(self));
    }

    function maxNotionalUsd(TierWord self) internal pure returns (uint40) {
        return uint40(TierWord.unwrap(self) >> 16);
    }

    function termsId(TierWord self) internal pure returns (uint8) {
        return uint8(TierWord.unwrap(self) >> 56);
    }

    function terms(TierWord self) internal pure returns (TermsWord) {
        return TermsWord.wrap(TierWord.unwrap(self) >> 64);
    }
}

library MarginTokenWordFields {
    function unpack(MarginTokenWord self) internal pure returns (MarginToken memory) {
        return MarginToken(token(self), assetId(self), tokenId(self), decimals(self), isEnabled(self));
    }

    function token(MarginTokenWord self) internal pure returns (address) {
        return address(uint160(MarginTokenWord.unwrap(self)));
    }

    function assetId(MarginTokenWord self) internal pure returns (uint16) {
        return uint16(MarginTokenWord.unwrap(self) >> 160);
    }

    function tokenId(MarginTokenWord self) internal pure returns (uint8) {
        return uint8(MarginTokenWord.unwrap(self) >> 176);
    }

    function decimals(MarginTokenWord self) internal pure returns (uint8) {
        return uint8(MarginTokenWord.unwrap(self) >> 184);
    }

    function isEnabled(MarginTokenWord self) internal pure returns (bool) {
        return uint8(MarginTokenWord.unwrap(self) >> 192) != 0;
    }
}

library SideTotalsFields {
    function pack(uint96 size_, uint96 notional_, uint64 marginNano_) internal pure returns (SideTotals) {
        return SideTotals.wrap(uint256(size_) | (uint256(notional_) << 96) | (uint256(marginNano_) << 192));
    }

    function size(SideTotals self) internal pure returns (uint96) {
        return uint96(SideTotals.unwrap(self));
    }

    function notional(SideTotals self) internal pure returns (uint96) {
        return uint96(SideTotals.unwrap(self) >> 96);
    }

    function marginNano(SideTotals self) internal pure returns (uint64) {
        return uint64(SideTotals.unwrap(self) >> 192);
    }
}

library SideBoundsFields {
    function pack(int128 carryAtEntry_, uint64 capNano_) internal pure returns (SideBounds) {
        return SideBounds.wrap(uint256(uint128(carryAtEntry_)) | (uint256(capNano_) << 128));
    }

    function carryAtEntry(SideBounds self) internal pure returns (int128) {
        return int128(uint128(SideBounds.unwrap(self)));
    }

    function capNano(SideBounds self) internal pure returns (uint64) {
        return uint64(SideBounds.unwrap(self) >> 128);
    }
}

library StateWordFields {
    function pack(BookState memory state) internal pure returns (StateWord) {
        uint256 word = uint256(uint72(state.longIndex)) | (uint256(uint72(state.shortIndex)) << 72);
        return StateWord.wrap(word | (state.accruedAt.inSeconds() << 144) | (uint256(uint72(state.lossNano)) << 176));
    }

    function unpack(StateWord self) internal pure returns (BookState memory) {
        return BookState(longIndex(self), shortIndex(self), accruedAt(self), lossNano(self));
    }

    function longIndex(StateWord self) internal pure returns (int72) {
        return int72(uint72(StateWord.unwrap(self)));
    }

    function shortIndex(StateWord self) internal pure returns (int72) {
        return int72(uint72(StateWord.unwrap(self) >> 72));
    }

    function accruedAt(StateWord self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(StateWord.unwrap(self) >> 144));
    }

    function lossNano(StateWord self) internal pure returns (int72) {
        return int72(uint72(StateWord.unwrap(self) >> 176));
    }
}

/// @dev The one slot of a margin token.
library MarginTokenSlot {
    function word(MarginToken storage self) internal view returns (MarginTokenWord value) {
        assembly ("memory-safe") {
            value := sload(self.slot)
        }
    }
}
