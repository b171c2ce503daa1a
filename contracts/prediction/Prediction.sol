// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IExecutable} from "../interfaces/IExecutable.sol";
import {BetRequest, IPrediction} from "../interfaces/IPrediction.sol";
import {TokenLedger} from "../interfaces/IVault.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {
    Bet,
    BetCodec,
    BetState,
    BetStateFields,
    BetStatus,
    BetWords,
    HeaderFields,
    HeaderWord,
    LimitsWord,
    Offer,
    OfferWord,
    PeriodConfig,
    PredictionMarket,
    ReturnReason,
    StakeToken,
    offerKey
} from "../types/Bet.sol";
import {now32} from "../types/Timestamp.sol";
import {PIPS, Price} from "../types/Units.sol";
import {BetMath} from "./BetMath.sol";
import {PredictionSettlement} from "./PredictionSettlement.sol";
import {PredictionSetup, PredictionStorage} from "./PredictionStorage.sol";

/// @title Prediction
/// @notice See `IPrediction`. Immutable, holds no tokens, needs no role to strike or to settle.
contract Prediction is PredictionSettlement {
    constructor(PredictionSetup memory setup) PredictionStorage(setup) {}

    /// @inheritdoc IPrediction
    function requestBet(BetRequest calldata request) external override nonReentrant returns (uint256 id) {
        // Check:
        if (!breaker.canOpen()) revert Prediction_BreakerRaised(breaker.level());
        if (block.timestamp > request.deadline) revert Prediction_DeadlinePassed(request.deadline, block.timestamp);
        if (request.owner == address(0)) revert Prediction_ZeroAddress();
        if (request.asNative && request.token != _wrappedNative) revert Prediction_NotWrappedNative(request.token);
        Offer storage offer = _offers[offerKey(request.marketId, request.token, request.periodSeconds)];
        uint256 payoutPips = _payoutOffered(request, offer.word);

        // Interaction: what arrives is what the bet is for. The guard keeps everyone else out meanwhile.
        uint256 stake = vault.depositAndReserve(request.token, msg.sender, request.stake, payoutPips);

        // Effect:
        id = _place(request, offer, payoutPips, stake);
    }

    /// @inheritdoc IExecutable
    function execute(
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external override nonReentrant returns (Outcome, Reason) {
        if (executor == address(0)) revert Prediction_ZeroAddress();
        Bet memory bet_ = _load(id);
        BetStatus status = bet_.state.status();
        if (status == BetStatus.Requested) return _strike(id, bet_, tickIndex, executor);
        if (status == BetStatus.Struck) return _settle(id, bet_, tickIndex, executor);
        return (Outcome.Skipped, Reason.NothingPending);
    }

    /// @inheritdoc IPrediction
    function returnStake(uint256 id) external override nonReentrant {
        // Check:
        Bet memory bet_ = _load(id);
        uint256 from = _returnableFrom(id, bet_);
        if (block.timestamp < from) revert Prediction_NotReturnable(id, from);

        bool isStruck = bet_.state.status() == BetStatus.Struck;
        _giveBack(id, bet_, isStruck ? ReturnReason.NeverSettled : ReturnReason.StrikeExpired, address(0), 0);
    }

    /// @inheritdoc IPrediction
    function setMarket(uint16 marketId, PredictionMarket calldata market_) external override onlyConfigurator {
        if (marketId >= HeaderFields.MARKETS) revert Prediction_TooManyMarkets(HeaderFields.MARKETS);
        _markets[marketId] = market_;
        _header = _header.withMarket(marketId, market_.isEnabled);
        emit MarketConfigured(marketId, market_);
    }

    /// @inheritdoc IPrediction
    function setPeriod(
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        PeriodConfig calldata config
    ) external override onlyConfigurator {
        uint8 tokenId = _tokenIds[token];
        if (tokenId == 0) revert Prediction_TokenNotAccepted(token);
        Offer storage offer = _offers[offerKey(marketId, token, periodSeconds)];
        offer.word = offer.word.withTerms(config.payoutPips, tokenId);
        offer.limits = BetCodec.limitsOf(config);
        emit PeriodConfigured(marketId, token, periodSeconds, config);
    }

    /// @inheritdoc IPrediction
    function setStakeToken(address token, uint16 assetId, bool isEnabled) external override onlyConfigurator {
        uint8 tokenId = _tokenIds[token];
        TokenLedger memory ledger = vault.ledger(token);
        if (tokenId == 0) {
            if (ledger.maxUtilizationPips == 0) revert Prediction_TokenNotAccepted(token);
            tokenId = _tokenCount + 1;
            if (tokenId == HeaderFields.TOKENS) revert Prediction_TooManyTokens(HeaderFields.TOKENS - 1);
            _tokenCount = tokenId;
            _tokenIds[token] = tokenId;
        }
        _tokens[tokenId] = StakeToken(token, assetId, tokenId, ledger.decimals, isEnabled);
        _header = _header.withToken(tokenId, isEnabled);
        emit StakeTokenConfigured(token, _tokens[tokenId]);
    }

    /// @inheritdoc IPrediction
    function bet(uint256 id) external view override returns (Bet memory) {
        return _load(id);
    }

    /// @inheritdoc IPrediction
    function statusOf(uint256 id) external view override returns (BetStatus) {
        return _load(id).state.status();
    }

    /// @inheritdoc IPrediction
    function nextBetId() external view override returns (uint256) {
        return _header.nextBetId();
    }

    /// @inheritdoc IPrediction
    function returnableFrom(uint256 id) external view override returns (uint256) {
        return _returnableFrom(id, _load(id));
    }

    /// @inheritdoc IPrediction
    function openStake(
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        bool isUp
    ) external view override returns (uint256) {
        return _offers[offerKey(marketId, token, periodSeconds)].word.openStake(isUp);
    }

    /// @inheritdoc IPrediction
    function market(uint16 marketId) external view override returns (PredictionMarket memory) {
        return _markets[marketId];
    }

    /// @inheritdoc IPrediction
    function stakeToken(address token) external view override returns (StakeToken memory) {
        return _tokens[_tokenIds[token]];
    }

    /// @inheritdoc IPrediction
    function stakeTokenById(uint8 tokenId) external view override returns (StakeToken memory) {
        return _tokens[tokenId];
    }

    /// @inheritdoc IPrediction
    function period(
        uint16 marketId,
        address token,
        uint32 periodSeconds
    ) public view override returns (PeriodConfig memory) {
        Offer storage offer = _offers[offerKey(marketId, token, periodSeconds)];
        return BetCodec.configOf(offer.word, offer.limits);
    }

    /// @inheritdoc IPrediction
    function previewResult(uint256 id, Price price) external view override returns (bool isWon, uint256 payout) {
        Bet memory bet_ = _load(id);
        if (bet_.state.status() != BetStatus.Struck) revert Prediction_BetNotFound(id);
        isWon = BetMath.isWon(bet_.state.isUp(), bet_.strike, price);
        if (isWon) payout = bet_.stake + BetMath.winOf(bet_.stake, bet_.payoutPips);
    }

    /// @inheritdoc IPrediction
    function houseEdgePips(
        uint16 marketId,
        address token,
        uint32 periodSeconds
    ) external view override returns (uint256) {
        uint256 payoutPips = period(marketId, token, periodSeconds).payoutPips;
        if (payoutPips == 0) revert Prediction_PeriodNotOffered(marketId, token, periodSeconds);
        return (PIPS - Math.min(payoutPips, PIPS)) / 2;
    }

    function _place(
        BetRequest calldata request,
        Offer storage offer,
        uint256 payoutPips,
        uint256 stake
    ) private returns (uint256 id) {
        uint256 tokenId = _addOpenStake(offer, request.isUp, stake);
        BetWords storage record;
        (id, record) = _takeRecord();
        _write(record, request, tokenId, BetCodec.packStake(stake, payoutPips));
        emit BetPlaced(
            id,
            request.owner,
            request.marketId,
            request.isUp,
            request.periodSeconds,
            request.token,
            stake,
            payoutPips,
            request.asNative
        );
    }

    /// @dev Configuration may have changed while the stake came in: what is written is read again here.
    function _addOpenStake(Offer storage offer, bool isUp, uint256 stake) private returns (uint256 tokenId) {
        (OfferWord word, LimitsWord limits) = (offer.word, offer.limits);
        // Check:
        if (stake < limits.minStake() || stake > limits.maxStake()) {
            revert Prediction_StakeOutOfRange(stake, limits.minStake(), limits.maxStake());
        }
        uint256 staked = word.openStake(isUp) + stake;
        if (staked > limits.maxOpenStake()) revert Prediction_CapReached(staked, limits.maxOpenStake());

        // Effect:
        offer.word = word.plusStake(isUp, stake);
        return word.tokenId();
    }

    function _write(BetWords storage words, BetRequest calldata request, uint256 tokenId, uint256 body) private {
        BetState state = BetStateFields.pack(BetStatus.Requested, request.isUp, request.asNative);
        words.head = BetCodec.packHead(request.owner, request.marketId, tokenId, state, now32(), request.periodSeconds);
        words.body = body;
    }

    /// @dev One slot says of market and token whether they take bets; the others are only read to name what is wrong.
    function _payoutOffered(BetRequest calldata request, OfferWord word) private view returns (uint256 payoutPips) {
        HeaderWord header = _header;
        if (!header.takesMarket(request.marketId)) revert Prediction_MarketNotEnabled(request.marketId);
        payoutPips = word.payoutPips();
        uint256 tokenId = payoutPips == 0 ? _tokenIds[request.token] : word.tokenId();
        if (!header.takesToken(tokenId)) revert Prediction_TokenNotAccepted(request.token);
        if (payoutPips == 0) {
            revert Prediction_PeriodNotOffered(request.marketId, request.token, request.periodSeconds);
        }
        if (payoutPips < request.minPayoutPips) {
            revert Prediction_PayoutTooLow(payoutPips, request.minPayoutPips);
        }
    }

    function _returnableFrom(uint256 id, Bet memory bet_) private view returns (uint256) {
        BetStatus status = bet_.state.status();
        if (status == BetStatus.None) revert Prediction_BetNotFound(id);
        return 1 + (status == BetStatus.Struck ? _settlementPatience(bet_) : _strikeExpiry(bet_));
    }
}
