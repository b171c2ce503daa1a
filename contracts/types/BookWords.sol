// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BookStatus, SlippageModel} from "./TradeTypes.sol";

// One-slot records of configuration, as the compiler packs the structs of `TradeTypes` (a `Tier` as `BookLib` packs it). A
// slot is loaded once and its fields are cut out where they are needed; `test/unit/types` checks each against the compiler.

/// @dev A `BookConfig`. From the lowest bit: assetId 16 · status 8 · maxLeverage 16 · tierCount 8 · slippageModel 8 ·
/// slippagePips 24 · alpSharePips 24 · borrowPipsPerHour 16 · fundingPipsPerHour 16 · minFundingPipsPerHour 16 ·
/// maxFundingPipsPerHour 16 · lossBudgetUsd 32 · onePercentDepthUsd 48.
type BookConfigWord is uint256;

/// @dev An `OpenConfig`. From the lowest bit: openFeePips 24 · maxOpenInterestUsd 40 · minNotionalUsd 32 ·
/// minMarginUsd 16 · maxConfidencePips 24 · maxDeviationPips 24 · minAnchors 8 · reduceOnlyUntil 40.
type OpenConfigWord is uint256;

/// @dev `Terms`. From the lowest bit: liquidationLossRatePips 24 · profitCapPips 24 · closeFeePips 24 ·
/// profitSharePips 24.
type TermsWord is uint256;

/// @dev A `Tier`, its terms included. From the lowest bit: maxLeverage 16 · maxNotionalUsd 40 · termsId 8 · terms 96.
type TierWord is uint256;

/// @dev A `MarginToken`. From the lowest bit: token 160 · assetId 16 · tokenId 8 · decimals 8 · isEnabled 8.
type MarginTokenWord is uint256;

/// @dev Slot 0 of a `BookSide`. From the lowest bit: size 96 · notional 96 · marginNano 64.
type SideTotals is uint256;

/// @dev Slot 1 of a `BookSide`. From the lowest bit: carryAtEntry 128 · capNano 64.
type SideBounds is uint256;

/// @dev A `BookState`. From the lowest bit: longIndex 72 · shortIndex 72 · accruedAt 32 · lossNano 72.
type StateWord is uint256;

using BookConfigWordFields for BookConfigWord global;
using OpenConfigWordFields for OpenConfigWord global;
using TermsWordFields for TermsWord global;
using TierWordFields for TierWord global;
using MarginTokenWordFields for MarginTokenWord global;
using SideTotalsFields for SideTotals global;
using SideBoundsFields for SideBounds global;
using StateWordFields for StateWord global;

library BookConfigWordFields {
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
}

library OpenConfigWordFields {
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
}

library TierWordFields {
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
    function carryAtEntry(SideBounds self) internal pure returns (int128) {
        return int128(uint128(SideBounds.unwrap(self)));
    }

    function capNano(SideBounds self) internal pure returns (uint64) {
        return uint64(SideBounds.unwrap(self) >> 128);
    }
}

library StateWordFields {
    function longIndex(StateWord self) internal pure returns (int72) {
        return int72(uint72(StateWord.unwrap(self)));
    }

    function shortIndex(StateWord self) internal pure returns (int72) {
        return int72(uint72(StateWord.unwrap(self) >> 72));
    }

    function accruedAt(StateWord self) internal pure returns (uint32) {
        return uint32(StateWord.unwrap(self) >> 144);
    }

    function lossNano(StateWord self) internal pure returns (uint72) {
        return uint72(StateWord.unwrap(self) >> 176);
    }
}
