// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Timestamp} from "./Timestamp.sol";
import {Price} from "./Units.sol";

// All that is stored of one bet, and of what bets are taken on. The slots that a request, a strike or a settlement touches
// are words, each loaded once; `test/unit/types` compares them with what they were packed from.

/// @notice State of a bet. A bet that ended is deleted; its id is never used again.
/// @dev None: never placed, or ended. Requested: waits for its strike. Struck: waits for its settlement.
enum BetStatus {
    None,
    Requested,
    Struck
}

/// @notice Why a bet that ended without being decided gave its stake back.
enum ReturnReason {
    StrikeExpired,
    Refused,
    NeverSettled
}

/// @notice One bet. Two slots.
/// @param owner Who placed it; the stake or the win goes here.
/// @param marketId Market it is on.
/// @param tokenId Stake token.
/// @param state Status and flags.
/// @param time Block time of the request; once struck, publish time of the strike.
/// @param periodSeconds From strike to settlement.
/// @param stake In token units; until the strike the whole amount, from which both execution fees then leave.
/// @param executionFee Kept for whoever settles it, in token units; fixed at the strike, 0 until then.
/// @param strike Price of the first tick at or after request + executionDelay; 0 until then.
/// @param payoutPips Profit of a win, as a share of the stake. Fixed at the request.
struct Bet {
    // slot 0
    address owner;
    uint16 marketId;
    uint8 tokenId;
    BetState state;
    Timestamp time;
    uint32 periodSeconds;
    // slot 1
    uint80 stake;
    uint80 executionFee;
    Price strike;
    uint24 payoutPips;
}

/// @notice A market that bets are taken on. One slot.
/// @param assetId Its oracle asset.
/// @param isEnabled New bets are taken.
/// @param maxConfidencePips Widest confidence of a strike.
/// @param maxDeviationPips Largest deviation of a strike from each fresh anchor.
/// @param minAnchors Least number of fresh anchors of a strike.
struct PredictionMarket {
    uint16 assetId;
    bool isEnabled;
    uint24 maxConfidencePips;
    uint24 maxDeviationPips;
    uint8 minAnchors;
}

/// @notice A token that stakes may be paid in. One slot.
/// @param token The token.
/// @param assetId Its oracle asset.
/// @param tokenId Its number in bets; starts at 1.
/// @param decimals Of the token.
/// @param isEnabled New bets may use it.
struct StakeToken {
    address token;
    uint16 assetId;
    uint8 tokenId;
    uint8 decimals;
    bool isEnabled;
}

/// @notice A period of a market in one stake token. Amounts in token units.
/// @param payoutPips Profit of a win, as a share of the stake; 0: not offered.
/// @param minStake Least amount of a request, the execution fees included.
/// @param maxStake Largest amount of a request.
/// @param maxOpenStake Most that may be open on one direction: amounts of requested bets and stakes of struck ones.
struct PeriodConfig {
    uint24 payoutPips;
    uint80 minStake;
    uint80 maxStake;
    uint96 maxOpenStake;
}

/// @dev The state byte of a bet. From the lowest bit: status 2 · up · pay out in the native coin.
type BetState is uint8;

/// @dev What every request reads and changes. From the lowest bit: nextBetId 64 · markets that take bets, a bit each 96 ·
/// stake tokens that are taken, a bit each 32 · freeRecord 32 · recordCount 32. Records are numbered from 1; there are as
/// many as there were ever bets open at once, which no 32 bits of stakes could pay for.
type HeaderWord is uint256;

/// @dev What every request, strike and settlement of a period changes. From the lowest bit: payoutPips 24 · tokenId 8 ·
/// open stake up 112 · open stake down 112. The stakes stay below a cap of 96 bits.
type OfferWord is uint256;

/// @dev Where eight bets are kept, by the lowest bits of their ids: 32 bits each, 0 for a bet that never was or has ended.
type RecordNumbersWord is uint256;

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

using BetStateFields for BetState global;
using HeaderFields for HeaderWord global;
using RecordNumbersFields for RecordNumbersWord global;
using OfferFields for OfferWord global;
using LimitsFields for LimitsWord global;

/// @dev Key of an offer: market, stake token and period side by side.
function offerKey(uint16 marketId, address token, uint32 periodSeconds) pure returns (bytes32) {
    return bytes32((uint256(periodSeconds) << 176) | (uint256(marketId) << 160) | uint160(token));
}

library BetStateFields {
    uint8 private constant STATUS_MASK = 3;
    uint8 private constant UP = 4;
    uint8 private constant NATIVE = 8;

    function pack(BetStatus status_, bool isUp_, bool asNative_) internal pure returns (BetState) {
        return BetState.wrap(uint8(status_) | (isUp_ ? UP : 0) | (asNative_ ? NATIVE : 0));
    }

    function status(BetState self) internal pure returns (BetStatus) {
        return BetStatus(BetState.unwrap(self) & STATUS_MASK);
    }

    function isUp(BetState self) internal pure returns (bool) {
        return BetState.unwrap(self) & UP != 0;
    }

    function asNative(BetState self) internal pure returns (bool) {
        return BetState.unwrap(self) & NATIVE != 0;
    }

    function withStatus(BetState self, BetStatus status_) internal pure returns (BetState) {
        return BetState.wrap((BetState.unwrap(self) & ~STATUS_MASK) | uint8(status_));
    }
}

library RecordNumbersFields {
    function numberOf(RecordNumbersWord self, uint256 id) internal pure returns (uint256) {
        return uint32(RecordNumbersWord.unwrap(self) >> _placeOf(id));
    }

    /// @dev The caller knows that the bet has no record yet; numbers have 32 bits.
    function withRecord(RecordNumbersWord self, uint256 id, uint256 number) internal pure returns (RecordNumbersWord) {
        return RecordNumbersWord.wrap(RecordNumbersWord.unwrap(self) | (number << _placeOf(id)));
    }

    function withoutRecord(RecordNumbersWord self, uint256 id) internal pure returns (RecordNumbersWord) {
        uint256 mask = uint256(type(uint32).max) << _placeOf(id);
        return RecordNumbersWord.wrap(RecordNumbersWord.unwrap(self) & ~mask);
    }

    /// @dev First bit of a bet's number in its word.
    function _placeOf(uint256 id) private pure returns (uint256) {
        return (id & 7) << 5;
    }
}

library HeaderFields {
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

/// @title Packing and unpacking bets and offers
library BetCodec {
    function head(Bet memory bet) internal pure returns (uint256) {
        return packHead(bet.owner, bet.marketId, bet.tokenId, bet.state, bet.time, bet.periodSeconds);
    }

    function body(Bet memory bet) internal pure returns (uint256) {
        return
            bet.stake |
            (uint256(bet.executionFee) << 80) |
            (bet.strike.raw() << 160) |
            (uint256(bet.payoutPips) << 224);
    }

    /// @param tokenId At most 8 bits.
    function packHead(
        address owner,
        uint16 marketId,
        uint256 tokenId,
        BetState state,
        Timestamp time,
        uint32 periodSeconds
    ) internal pure returns (uint256) {
        uint256 low = uint160(owner) | (uint256(marketId) << 160) | (tokenId << 176);
        low |= uint256(BetState.unwrap(state)) << 184;
        return low | (time.inSeconds() << 192) | (uint256(periodSeconds) << 224);
    }

    /// @dev The second slot of a bet without a strike.
    /// @param stake At most the 80 bits of its limit.
    /// @param payoutPips At most 24 bits.
    function packStake(uint256 stake, uint256 payoutPips) internal pure returns (uint256) {
        return stake | (payoutPips << 224);
    }

    /// @dev Each field is cut to the width it was packed with.
    function unpack(BetWords storage words) internal view returns (Bet memory bet) {
        (uint256 head_, uint256 body_) = (words.head, words.body);
        bet.owner = address(uint160(head_));
        bet.marketId = uint16(head_ >> 160);
        bet.tokenId = uint8(head_ >> 176);
        bet.state = BetState.wrap(uint8(head_ >> 184));
        bet.time = Timestamp.wrap(uint32(head_ >> 192));
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
