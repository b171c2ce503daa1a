// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Quote} from "../interfaces/IPriceAggregator.sol";
import {Credit, ProductLine, Settlement} from "../interfaces/IVault.sol";
import {BetMath} from "../libraries/BetMath.sol";
import {PriceChecks} from "../libraries/PriceChecks.sol";
import {QuoteLib} from "../libraries/QuoteLib.sol";
import {TradeChecks} from "../libraries/TradeChecks.sol";
import {TokenPrice, TradeMath} from "../libraries/TradeMath.sol";
import {Bet, BetStatus, PredictionMarket, ReturnReason, StakeToken} from "../types/PredictionTypes.sol";
import {Outcome, Reason} from "../types/TradeTypes.sol";

import {PredictionStorage} from "./PredictionStorage.sol";

/// @title Striking, settling and giving back
abstract contract PredictionSettlement is PredictionStorage {
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
        Quote memory quote = QuoteLib.read(aggregator, msg.sender, tickIndex, token.assetId);
        Reason reason = TradeChecks.firstTick(quote.tick, market.assetId, bet.time + executionDelay, expiry);
        if (reason == Reason.None) reason = _momentOfStrike(quote, market);
        if (reason != Reason.None) return (Outcome.Skipped, reason);

        // Check: what refuses the bet. The execution fee must leave something at stake.
        uint256 fee = _executionFee(quote, token, bet.stake);
        if (PriceChecks.confidenceExceeds(quote.tick, market.maxConfidencePips)) reason = Reason.ConfidenceTooWide;
        if (reason == Reason.None && fee == bet.stake) reason = Reason.MarginTooSmall;
        if (reason != Reason.None) {
            _giveBack(id, bet, ReturnReason.Refused, executor, fee);
            return (Outcome.Refused, reason);
        }
        _writeStrike(id, bet, quote, executor, fee);
        return (Outcome.Opened, Reason.None);
    }

    /// @dev Decides a struck bet by the first tick at or after the end of its period, or skips it.
    function _settle(
        uint256 id,
        Bet memory bet,
        uint256 tickIndex,
        address executor
    ) internal returns (Outcome, Reason) {
        // Check: the tick decides whenever it comes.
        if (!breaker.canClose()) return (Outcome.Skipped, Reason.BreakerRaised);
        StakeToken memory token = _tokens[bet.tokenId];
        Quote memory quote = QuoteLib.read(aggregator, msg.sender, tickIndex, token.assetId);
        Reason reason = _momentOfSettlement(bet, quote);
        if (reason != Reason.None) return (Outcome.Skipped, reason);

        _payResult(id, bet, quote, executor, _executionFee(quote, token, bet.stake));
        return (Outcome.Closed, Reason.None);
    }

    /// @dev Ends an undecided bet: the executor, if any, is paid and the rest goes back.
    function _giveBack(uint256 id, Bet memory bet, ReturnReason reason, address executor, uint256 fee) internal {
        // Effect:
        _end(id, bet, bet.stake);
        emit BetReturned(id, bet.owner, reason, bet.stake - fee, fee);

        // Interaction:
        _settleInVault(bet, executor, fee, bet.stake - fee);
    }

    function _strikeExpiry(Bet memory bet) internal view returns (uint256) {
        return uint256(bet.time) + executionDelay + executionWindow;
    }

    /// @dev Σ stakes and Σ wins of all open bets in a token: what the Vault holds for this product.
    function _openSums(address token) internal view returns (uint256 stakes, uint256 wins) {
        ProductLine memory line = vault.line(address(this), token);
        return (line.collateral, line.reserved);
    }

    /// @dev The win shrinks with the stake; what was reserved beyond it is released at once.
    function _writeStrike(uint256 id, Bet memory bet, Quote memory quote, address executor, uint256 fee) private {
        // Effect:
        uint256 reserved = BetMath.winOf(bet.stake, bet.payoutPips);
        uint256 stake = bet.stake - fee;
        _openStakes[_directionOf(bet)] -= fee;
        // Publish times pass 32 bits in 2106.
        bet.time = uint32(quote.tick.publishTime);
        // At most the stake so far.
        bet.stake = uint96(stake);
        bet.strike = quote.tick.price;
        bet.state = (bet.state & ~STATUS_MASK) | uint8(BetStatus.Struck);
        _bets[id] = bet;
        emit BetStruck(id, bet.owner, executor, bet.strike, bet.time, stake, fee);

        // Interaction:
        vault.settle(
            Settlement({
                token: _tokens[bet.tokenId].token,
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

    function _payResult(uint256 id, Bet memory bet, Quote memory quote, address executor, uint256 fee) private {
        bool isWon = BetMath.isWon(_isUp(bet.state), bet.strike, quote.tick.price);
        uint256 payout = isWon ? bet.stake + BetMath.winOf(bet.stake, bet.payoutPips) - fee : 0;

        // Effect:
        _end(id, bet, bet.stake);
        emit BetSettled(id, bet.owner, executor, quote.tick.price, isWon, payout, fee);

        // Interaction: a lost stake, less the fee, is the LPs'.
        _settleInVault(bet, executor, fee, payout);
    }

    function _settleInVault(Bet memory bet, address executor, uint256 fee, uint256 payout) private {
        vault.settle(
            Settlement({
                token: _tokens[bet.tokenId].token,
                collateral: bet.stake,
                reserve: BetMath.winOf(bet.stake, bet.payoutPips),
                toFees: 0,
                executor: Credit(executor, fee),
                armer: Credit(address(0), 0),
                receiver: bet.owner,
                payout: payout,
                asNative: bet.state & NATIVE != 0
            })
        );
    }

    function _end(uint256 id, Bet memory bet, uint256 stake) private {
        _openStakes[_directionOf(bet)] -= stake;
        delete _bets[id];
    }

    function _directionOf(Bet memory bet) private pure returns (bytes32) {
        return _directionKey(bet.marketId, bet.tokenId, bet.periodSeconds, _isUp(bet.state));
    }

    /// @dev At most the stake: a bet never owes.
    function _executionFee(Quote memory quote, StakeToken memory token, uint256 stake) private view returns (uint256) {
        TokenPrice memory price = TokenPrice(quote.tokenPrice, 10 ** token.decimals);
        return Math.min(TradeMath.tokensUp(executionFeeUsd, price), stake);
    }

    function _momentOfStrike(Quote memory quote, PredictionMarket memory market) private pure returns (Reason) {
        if (!quote.isSequencerReady) return Reason.SequencerNotReady;
        if (quote.tokenPrice.isZero()) return Reason.TokenPriceMissing;
        if (quote.anchors.fresh < market.minAnchors) return Reason.AnchorsNotFresh;
        if (PriceChecks.deviates(quote.tick, quote.anchors, market.maxDeviationPips)) return Reason.PriceDeviates;
        return Reason.None;
    }

    function _momentOfSettlement(Bet memory bet, Quote memory quote) private view returns (Reason) {
        uint256 target = uint256(bet.time) + bet.periodSeconds;
        uint256 assetId = _markets[bet.marketId].assetId;
        Reason reason = TradeChecks.firstTick(quote.tick, assetId, target, type(uint256).max);
        if (reason != Reason.None) return reason;
        if (quote.tokenPrice.isZero()) return Reason.TokenPriceMissing;
        bool isTooWide = PriceChecks.confidenceExceeds(quote.tick, TradeChecks.MAX_CONFIDENCE_PIPS);
        return isTooWide ? Reason.ConfidenceTooWide : Reason.None;
    }
}
