// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bet, PeriodConfig} from "./PredictionTypes.sol";
import {Price} from "./Units.sol";

// The storage slots that a bet touches. A slot is loaded once and its fields are cut out where they are needed;
// `test/unit/types` checks each against the values it was packed from.

/// @dev What every request reads and changes. From the lowest bit: nextBetId 64 · markets that take bets, a bit each 96 ·
/// stake tokens that are taken, a bit each 32 · freeRecord 32 · recordCount 32. Records are numbered from 1; there are as
/// many as there were ever bets open at once, which no 32 bits of stakes could pay for.
type HeaderWord is uint256;

/// @dev What every request, strike and settlement of a period changes. From the lowest bit: payoutPips 24 · tokenId 8 ·
/// open stake up 112 · open stake down 112. The stakes stay below a cap of 96 bits.
type OfferWord is uint256;

/// @dev From the lowest bit: minStake 80 · maxStake 80 · maxOpenStake 96.
type LimitsWord is uint256;

/// @notice A period of a market in one stake token.
struct Offer {
    OfferWord word;
    LimitsWord limits;
}

/// @notice The two slots of a `Bet`, as the compiler would pack it.
/// @param head From the lowest bit: owner 160 · marketId 16 · tokenId 8 · state 8 · time 32 · periodSeconds 32.
/// @param body From the lowest bit: stake 80 · executionFee 80 · strike 64 · payoutPips 24.
struct BetWords {
    uint256 head;
    uint256 body;
}

using DeskFields for HeaderWord global;
using OfferFields for OfferWord global;
using LimitsFields for LimitsWord global;

library DeskFields {
    uint256 internal constant MARKETS = 96;
    uint256 internal constant TOKENS = 32;

    uint256 private constant FIRST_MARKET = 64;
    uint256 private constant FIRST_TOKEN = 160;
    uint256 private constant FREE_RECORD = 192;
    uint256 private constant RECORD_COUNT = 224;

    function nextBetId(HeaderWord self) internal pure returns (uint256) {
        return uint64(HeaderWord.unwrap(self));
    }

    function takesMarket(HeaderWord self, uint256 marketId) internal pure returns (bool) {
        return marketId < MARKETS && (HeaderWord.unwrap(self) >> (FIRST_MARKET + marketId)) & 1 == 1;
    }

    function takesToken(HeaderWord self, uint256 tokenId) internal pure returns (bool) {
        return tokenId < TOKENS && (HeaderWord.unwrap(self) >> (FIRST_TOKEN + tokenId)) & 1 == 1;
    }

    /// @dev The record that ended last; 0 when all are taken.
    function freeRecord(HeaderWord self) internal pure returns (uint256) {
        return uint32(HeaderWord.unwrap(self) >> FREE_RECORD);
    }

    function recordCount(HeaderWord self) internal pure returns (uint256) {
        return HeaderWord.unwrap(self) >> RECORD_COUNT;
    }

    function withFreeRecord(HeaderWord self, uint256 number) internal pure returns (HeaderWord) {
        uint256 mask = uint256(type(uint32).max) << FREE_RECORD;
        return HeaderWord.wrap((HeaderWord.unwrap(self) & ~mask) | (number << FREE_RECORD));
    }

    /// @dev Reverts, by a checked addition, beyond 32 bits.
    function withOneMoreRecord(HeaderWord self) internal pure returns (HeaderWord) {
        return HeaderWord.wrap(HeaderWord.unwrap(self) + (1 << RECORD_COUNT));
    }

    /// @dev Nobody pays for 2^64 bets.
    function withNextId(HeaderWord self) internal pure returns (HeaderWord) {
        return HeaderWord.wrap(HeaderWord.unwrap(self) + 1);
    }

    /// @dev The caller has checked that the market's number is below `MARKETS`.
    function withMarket(HeaderWord self, uint256 marketId, bool isTaken) internal pure returns (HeaderWord) {
        return _withBit(self, FIRST_MARKET + marketId, isTaken);
    }

    /// @dev The caller has checked that the token's number is below `TOKENS`.
    function withToken(HeaderWord self, uint256 tokenId, bool isTaken) internal pure returns (HeaderWord) {
        return _withBit(self, FIRST_TOKEN + tokenId, isTaken);
    }

    function _withBit(HeaderWord self, uint256 position, bool isSet) private pure returns (HeaderWord) {
        uint256 bit = 1 << position;
        uint256 word = HeaderWord.unwrap(self);
        return HeaderWord.wrap(isSet ? word | bit : word & ~bit);
    }
}

library OfferFields {
    uint256 private constant OPEN_UP = 32;
    uint256 private constant OPEN_DOWN = 144;

    function payoutPips(OfferWord self) internal pure returns (uint256) {
        return uint24(OfferWord.unwrap(self));
    }

    function tokenId(OfferWord self) internal pure returns (uint256) {
        return uint8(OfferWord.unwrap(self) >> 24);
    }

    function openStake(OfferWord self, bool isUp) internal pure returns (uint256) {
        return uint112(OfferWord.unwrap(self) >> (isUp ? OPEN_UP : OPEN_DOWN));
    }

    /// @dev The stakes stay as they are.
    function withTerms(OfferWord self, uint24 payoutPips_, uint8 tokenId_) internal pure returns (OfferWord) {
        uint256 stakes = (OfferWord.unwrap(self) >> OPEN_UP) << OPEN_UP;
        return OfferWord.wrap(stakes | payoutPips_ | (uint256(tokenId_) << 24));
    }

    /// @dev The caller has checked the sum against the cap, which has 96 bits: it can't reach into the next field.
    function plusStake(OfferWord self, bool isUp, uint256 stake) internal pure returns (OfferWord) {
        return OfferWord.wrap(OfferWord.unwrap(self) + (stake << (isUp ? OPEN_UP : OPEN_DOWN)));
    }

    /// @dev Reverts, by a checked subtraction, if more left than came: it can't borrow from the next field.
    function minusStake(OfferWord self, bool isUp, uint256 stake) internal pure returns (OfferWord) {
        uint256 before = openStake(self, isUp);
        uint256 position = isUp ? OPEN_UP : OPEN_DOWN;
        return OfferWord.wrap(OfferWord.unwrap(self) - (before << position) + ((before - stake) << position));
    }
}

library LimitsFields {
    function minStake(LimitsWord self) internal pure returns (uint256) {
        return uint80(LimitsWord.unwrap(self));
    }

    function maxStake(LimitsWord self) internal pure returns (uint256) {
        return uint80(LimitsWord.unwrap(self) >> 80);
    }

    function maxOpenStake(LimitsWord self) internal pure returns (uint256) {
        return LimitsWord.unwrap(self) >> 160;
    }
}

/// @title Packing and unpacking what `BetWords` describes
library BetCodec {
    function head(Bet memory bet) internal pure returns (uint256) {
        return
            uint160(bet.owner) |
            (uint256(bet.marketId) << 160) |
            (uint256(bet.tokenId) << 176) |
            (uint256(bet.state) << 184) |
            (uint256(bet.time) << 192) |
            (uint256(bet.periodSeconds) << 224);
    }

    function body(Bet memory bet) internal pure returns (uint256) {
        return
            bet.stake |
            (uint256(bet.executionFee) << 80) |
            (bet.strike.raw() << 160) |
            (uint256(bet.payoutPips) << 224);
    }

    /// @dev Each field is cut to the width it was packed with.
    function unpack(BetWords storage words) internal view returns (Bet memory bet) {
        (uint256 head_, uint256 body_) = (words.head, words.body);
        bet.owner = address(uint160(head_));
        bet.marketId = uint16(head_ >> 160);
        bet.tokenId = uint8(head_ >> 176);
        bet.state = uint8(head_ >> 184);
        bet.time = uint32(head_ >> 192);
        bet.periodSeconds = uint32(head_ >> 224);
        bet.stake = uint80(body_);
        bet.executionFee = uint80(body_ >> 80);
        bet.strike = Price.wrap(uint64(body_ >> 160));
        bet.payoutPips = uint24(body_ >> 224);
    }

    function limitsOf(PeriodConfig calldata config) internal pure returns (LimitsWord) {
        return
            LimitsWord.wrap(config.minStake | (uint256(config.maxStake) << 80) | (uint256(config.maxOpenStake) << 160));
    }

    /// @dev Each field is cut to the width it was packed with.
    function configOf(OfferWord word, LimitsWord limits) internal pure returns (PeriodConfig memory) {
        return
            PeriodConfig({
                payoutPips: uint24(word.payoutPips()),
                minStake: uint80(limits.minStake()),
                maxStake: uint80(limits.maxStake()),
                maxOpenStake: uint96(limits.maxOpenStake())
            });
    }
}
