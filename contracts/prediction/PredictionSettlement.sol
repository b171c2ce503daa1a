// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Quote, Tick} from "../interfaces/IPriceAggregator.sol";
import {Credit, Settlement} from "../interfaces/IVault.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {PriceChecks} from "../product/PriceChecks.sol";
import {QuoteLib} from "../product/QuoteLib.sol";
import {TokenMath, TokenPrice} from "../product/TokenPrice.sol";
import {
    Bet,
    BetCodec,
    BetStatus,
    BetWords,
    Offer,
    PredictionMarket,
    ReturnReason,
    StakeToken,
    offerKey
} from "../types/Bet.sol";
import {toTimestamp} from "../types/Timestamp.sol";
import {Price} from "../types/Units.sol";
import {BetMath} from "./BetMath.sol";
import {PredictionStorage} from "./PredictionStorage.sol";

/// @title Striking, settling and giving back
abstract contract PredictionSettlement is PredictionStorage {
    using BetCodec for Bet;

    /// @dev Gives a requested bet its strike, refuses or skips it.
    function _strike(
        uint256 id,
        Bet memory bet,
        uint256 tickIndex,
        address executor
    ) internal returns (Outcome, Reason) {
        // Check: what leaves the bet pending.
        uint256 expiry = _strikeExpiry(bet);
        if (block.timestamp > expiry) return (Outcome.Skipped, Reason.Expired);
        if (!breaker.canOpen()) return (Outcome.Skipped, Reason.BreakerRaised);
        StakeToken memory token = _tokens[bet.tokenId];
        PredictionMarket memory market = _markets[bet.marketId];
        Quote memory quote;
        QuoteLib.read(quote, aggregator, msg.sender, tickIndex, token.assetId);
        Reason reason = PriceChecks.firstTick(
            quote.tick,
            market.assetId,
            bet.time.inSeconds() + executionDelay,
            expiry
        );
        if (reason == Reason.None) reason = _momentOfStrike(quote, market);
        if (reason != Reason.None) return (Outcome.Skipped, reason);

        // Check: what refuses the bet. Both execution fees must leave something at stake.
        uint256 fee = _executionFee(quote, token);
        if (PriceChecks.confidenceExceeds(quote.tick, market.maxConfidencePips)) reason = Reason.ConfidenceTooWide;
        if (reason == Reason.None && bet.stake <= 2 * fee) reason = Reason.MarginTooSmall;
        if (reason != Reason.None) {
            if (fee > bet.stake) fee = bet.stake;
            _giveBack(id, bet, ReturnReason.Refused, executor, fee);
            return (Outcome.Refused, reason);
        }
        _writeStrike(id, bet, quote.tick, executor, fee);
        return (Outcome.Opened, Reason.None);
    }

    /// @dev Decides a struck bet by the first tick at or after the end of its period, or skips it. Nothing else is read:
    /// anchors, token prices and the sequencer belong to the moment of the call, which must not matter.
    function _settle(
        uint256 id,
        Bet memory bet,
        uint256 tickIndex,
        address executor
    ) internal returns (Outcome, Reason) {
        // Check:
        if (!breaker.canClose()) return (Outcome.Skipped, Reason.BreakerRaised);
        Tick memory tick = aggregator.tick(msg.sender, tickIndex);
        uint16 assetId = _markets[bet.marketId].assetId;
        Reason reason = PriceChecks.firstTick(tick, assetId, _settlementTarget(bet), type(uint256).max);
        if (reason != Reason.None) return (Outcome.Skipped, reason);
        if (PriceChecks.confidenceExceeds(tick, PriceChecks.MAX_CONFIDENCE_PIPS)) {
            return (Outcome.Skipped, Reason.ConfidenceTooWide);
        }

        _payResult(id, bet, tick.price, executor);
        return (Outcome.Closed, Reason.None);
    }

    /// @dev Ends an undecided bet: the executor, if any, is paid and the rest goes back, with the fee that was kept for a
    /// settlement that never came.
    /// @param fee In token units, at most the stake.
    function _giveBack(uint256 id, Bet memory bet, ReturnReason reason, address executor, uint256 fee) internal {
        // Effect:
        uint256 refund = uint256(bet.stake) + bet.executionFee - fee;
        address token = _end(id, bet);
        emit BetReturned(id, bet.owner, reason, refund, fee);

        // Interaction:
        _settleInVault(bet, token, executor, fee, refund);
    }

    /// @dev Last moment of a strike.
    function _strikeExpiry(Bet memory bet) internal view returns (uint256) {
        return bet.time.inSeconds() + executionDelay + executionWindow;
    }

    /// @dev Last moment at which the stake of a struck bet can't be taken back.
    function _settlementPatience(Bet memory bet) internal view returns (uint256) {
        uint256 patience = _settlementTarget(bet) + executionWindow + SETTLEMENT_PATIENCE;
        return Math.max(patience, breaker.haltEndsAt() + HALT_PATIENCE);
    }

    /// @dev Both fees leave the amount now: one is paid, one is kept for whoever settles. Were it counted then, its moment
    /// would decide what is left. The win shrinks with the stake; what was reserved beyond it is released at once.
    /// @param fee In token units, less than half of the amount.
    function _writeStrike(uint256 id, Bet memory bet, Tick memory tick, address executor, uint256 fee) private {
        // Effect:
        uint256 reserved = BetMath.winOf(bet.stake, bet.payoutPips);
        // Parts of the amount, which has 80 bits.
        uint80 stake = uint80(bet.stake - 2 * fee);
        (bet.stake, bet.executionFee) = (stake, uint80(fee));
        bet.time = toTimestamp(tick.publishTime);
        bet.strike = tick.price;
        bet.state = bet.state.withStatus(BetStatus.Struck);
        BetWords storage record = _recordOf(id);
        (record.head, record.body) = (bet.head(), bet.body());
        address token = _subOpenStake(bet, 2 * fee);
        emit BetStruck(id, bet.owner, executor, bet.strike, bet.time, stake, fee, bet.executionFee);

        // Interaction:
        vault.settle(
            Settlement({
                token: token,
                collateral: fee,
                reserve: reserved - BetMath.winOf(stake, bet.payoutPips),
                toFees: 0,
                executor: Credit(executor, fee),
                armer: Credit(address(0), 0),
                receiver: bet.owner,
                payout: 0,
                asNative: false
            })
        );
    }

    function _payResult(uint256 id, Bet memory bet, Price settlement, address executor) private {
        // Effect:
        bool isWon = BetMath.isWon(bet.state.isUp(), bet.strike, settlement);
        uint256 payout = isWon ? bet.stake + BetMath.winOf(bet.stake, bet.payoutPips) : 0;
        address token = _end(id, bet);
        emit BetSettled(id, bet.owner, executor, settlement, isWon, payout, bet.executionFee);

        // Interaction: a lost stake is the LPs', the fee was kept apart from it.
        _settleInVault(bet, token, executor, bet.executionFee, payout);
    }

    /// @dev Releases all that the Vault holds for the bet: its stake, the fee kept for its settlement, and its win.
    function _settleInVault(Bet memory bet, address token, address executor, uint256 fee, uint256 payout) private {
        vault.settle(
            Settlement({
                token: token,
                collateral: uint256(bet.stake) + bet.executionFee,
                reserve: BetMath.winOf(bet.stake, bet.payoutPips),
                toFees: 0,
                executor: Credit(executor, fee),
                armer: Credit(address(0), 0),
                receiver: bet.owner,
                payout: payout,
                asNative: bet.state.asNative()
            })
        );
    }

    function _end(uint256 id, Bet memory bet) private returns (address token) {
        token = _subOpenStake(bet, bet.stake);
        _freeRecord(id);
    }

    function _subOpenStake(Bet memory bet, uint256 amount) private returns (address token) {
        token = _tokens[bet.tokenId].token;
        Offer storage offer = _offers[offerKey(bet.marketId, token, bet.periodSeconds)];
        offer.word = offer.word.minusStake(bet.state.isUp(), amount);
    }

    /// @dev Of one execution, in token units, rounded up.
    function _executionFee(Quote memory quote, StakeToken memory token) private view returns (uint256) {
        return TokenMath.tokensUp(executionFeeUsd, TokenPrice(quote.tokenPrice, 10 ** token.decimals));
    }

    function _settlementTarget(Bet memory bet) private pure returns (uint256) {
        return bet.time.inSeconds() + bet.periodSeconds;
    }

    function _momentOfStrike(Quote memory quote, PredictionMarket memory market) private pure returns (Reason) {
        if (!quote.isSequencerReady) return Reason.SequencerNotReady;
        if (quote.tokenPrice.isZero()) return Reason.TokenPriceMissing;
        if (PriceChecks.isTokenPriceDisputed(quote)) return Reason.TokenPriceDisputed;
        if (quote.anchors.fresh < market.minAnchors) return Reason.AnchorsNotFresh;
        if (PriceChecks.deviates(quote.tick, quote.anchors, market.maxDeviationPips)) return Reason.PriceDeviates;
        return Reason.None;
    }
}
