// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bet, BetCodec, BetWords, HeaderWord, OfferWord, PeriodConfig} from "../../types/Bet.sol";

/// @notice Exposes the words of a bet, beside a `Bet` that the compiler packs.
contract BetWordsHarness {
    using BetCodec for Bet;

    BetWords private _words;
    Bet private _packed;

    /// @notice Stores a bet both ways and returns it from the words, with both slots of both.
    function store(Bet calldata bet) external returns (Bet memory unpacked, uint256[4] memory slots) {
        Bet memory copy = bet;
        (_words.head, _words.body) = (copy.head(), copy.body());
        _packed = bet;
        unpacked = BetCodec.unpack(_words);
        uint256 first;
        uint256 second;
        assembly ("memory-safe") {
            first := sload(_packed.slot)
            second := sload(add(_packed.slot, 1))
        }
        slots = [_words.head, _words.body, first, second];
    }

    /// @notice A desk word with one more id and two switches set, and what it says.
    function desk(
        HeaderWord word,
        uint256 marketId,
        uint256 tokenId,
        bool isTaken
    ) external pure returns (HeaderWord changed, uint256 nextBetId, bool takesMarket, bool takesToken) {
        changed = word.withNextId().withMarket(marketId, isTaken).withToken(tokenId, isTaken);
        return (changed, changed.nextBetId(), changed.takesMarket(marketId), changed.takesToken(tokenId));
    }

    function takes(HeaderWord word, uint256 number) external pure returns (bool market, bool token) {
        return (word.takesMarket(number), word.takesToken(number));
    }

    function withTerms(OfferWord word, uint24 payoutPips, uint8 tokenId) external pure returns (OfferWord) {
        return word.withTerms(payoutPips, tokenId);
    }

    function plusStake(OfferWord word, bool isUp, uint256 stake) external pure returns (OfferWord) {
        return word.plusStake(isUp, stake);
    }

    function minusStake(OfferWord word, bool isUp, uint256 stake) external pure returns (OfferWord) {
        return word.minusStake(isUp, stake);
    }

    function fieldsOf(
        OfferWord word
    ) external pure returns (uint256 payoutPips, uint256 tokenId, uint256 up, uint256 down) {
        return (word.payoutPips(), word.tokenId(), word.openStake(true), word.openStake(false));
    }

    function roundTrip(OfferWord word, PeriodConfig calldata config) external pure returns (PeriodConfig memory) {
        return BetCodec.configOf(word, BetCodec.limitsOf(config));
    }
}
