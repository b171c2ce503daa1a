// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IExecutable} from "../interfaces/IExecutable.sol";
import {BetRequest, IPrediction} from "../interfaces/IPrediction.sol";
import {PriceRange} from "../interfaces/IPriceAggregator.sol";
import {IDepositor, IProduct} from "../interfaces/IProduct.sol";
import {Credit, Opening} from "../interfaces/IVault.sol";
import {Bet, BetStatus, PeriodConfig, PredictionMarket, ReturnReason, StakeToken} from "../types/PredictionTypes.sol";
import {Outcome, Reason} from "../types/TradeTypes.sol";
import {PIPS, Price} from "../types/Units.sol";
import {BetMath} from "../libraries/BetMath.sol";
import {PredictionSettlement} from "./PredictionSettlement.sol";
import {PredictionSetup, PredictionStorage} from "./PredictionStorage.sol";

/// @title Prediction
/// @notice See `IPrediction`. Immutable, holds no tokens, needs no role to strike or to settle.
contract Prediction is PredictionSettlement {
    using SafeERC20 for IERC20;

    modifier onlyConfigurator() {
        if (msg.sender != configurator) revert Prediction_OnlyConfigurator(msg.sender);
        _;
    }

    constructor(PredictionSetup memory setup) PredictionStorage(setup) {}

    /// @inheritdoc IPrediction
    function requestBet(BetRequest calldata request) external override nonReentrant returns (uint256 id) {
        // Check:
        if (!breaker.canOpen()) revert Prediction_BreakerRaised(breaker.level());
        if (request.owner == address(0)) revert Prediction_ZeroAddress();
        if (!_markets[request.marketId].isEnabled) revert Prediction_MarketNotEnabled(request.marketId);
        uint8 tokenId = _tokenIds[request.token];
        if (!_tokens[tokenId].isEnabled) revert Prediction_TokenNotAccepted(request.token);
        if (request.asNative && request.token != _wrappedNative) revert Prediction_NotWrappedNative(request.token);
        PeriodConfig memory config = _periods[_periodKey(request.marketId, tokenId, request.periodSeconds)];
        _checkPeriod(request, config);

        // Interaction: what arrives is what is staked. The guard keeps everyone else out meanwhile.
        uint256 stake = vault.deposit(request.token, msg.sender, request.stake);
        _checkStake(_tokens[tokenId], stake);
        uint256 reserve = BetMath.winOf(stake, config.payoutPips);
        if (!vault.open(Opening(request.token, reserve, 0, 0, Credit(address(0), 0)))) {
            revert Prediction_ReserveFull(request.token, reserve);
        }

        // Effect:
        id = _place(request, tokenId, config, stake);
    }

    /// @inheritdoc IExecutable
    function execute(
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external override nonReentrant returns (Outcome, Reason) {
        if (executor == address(0)) revert Prediction_ZeroAddress();
        Bet memory bet_ = _bets[id];
        BetStatus status = _statusOf(bet_.state);
        if (status == BetStatus.Requested) return _strike(id, bet_, tickIndex, executor);
        if (status == BetStatus.Struck) return _settle(id, bet_, tickIndex, executor);
        return (Outcome.Skipped, Reason.NothingPending);
    }

    /// @inheritdoc IPrediction
    function returnStake(uint256 id) external override nonReentrant {
        // Check:
        Bet memory bet_ = _bets[id];
        BetStatus status = _statusOf(bet_.state);
        if (status == BetStatus.None) revert Prediction_BetNotFound(id);
        bool isStruck = status == BetStatus.Struck;
        uint256 last =
            isStruck
                ? uint256(bet_.time) + bet_.periodSeconds + executionWindow + SETTLEMENT_PATIENCE
                : _strikeExpiry(bet_);
        if (block.timestamp <= last) revert Prediction_NotReturnable(id, last + 1);

        _giveBack(id, bet_, isStruck ? ReturnReason.NeverSettled : ReturnReason.StrikeExpired, address(0), 0);
    }

    /// @inheritdoc IDepositor
    function payIn(address token, address payer, uint256 amount) external override {
        // Check: the Vault calls back only whoever called it, and this contract calls it only with its own caller as payer.
        if (msg.sender != address(vault)) revert Prediction_OnlyVault(msg.sender);
        // Interaction:
        IERC20(token).safeTransferFrom(payer, msg.sender, amount);
    }

    /// @inheritdoc IPrediction
    function setMarket(uint16 marketId, PredictionMarket calldata market_) external override onlyConfigurator {
        _markets[marketId] = market_;
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
        _periods[_periodKey(marketId, tokenId, periodSeconds)] = config;
        emit PeriodConfigured(marketId, token, periodSeconds, config);
    }

    /// @inheritdoc IPrediction
    function setStakeToken(
        address token,
        uint16 assetId,
        bool isEnabled,
        uint96 minStake,
        uint96 maxStake
    ) external override onlyConfigurator {
        uint8 tokenId = _tokenIds[token];
        uint8 decimals = vault.ledger(token).decimals;
        if (tokenId == 0) {
            if (vault.ledger(token).maxUtilizationPips == 0) revert Prediction_TokenNotAccepted(token);
            if (_tokenCount == type(uint8).max) revert Prediction_TooManyTokens(type(uint8).max);
            tokenId = ++_tokenCount;
            _tokenIds[token] = tokenId;
        }
        _tokens[tokenId] = StakeToken(token, assetId, tokenId, decimals, isEnabled, minStake, maxStake);
        emit StakeTokenConfigured(token, _tokens[tokenId]);
    }

    /// @inheritdoc IProduct
    function exposedAssets() external view override returns (uint16[] memory assetIds) {
        uint256 assets;
        uint256 count;
        for (uint8 tokenId = 1; tokenId <= _tokenCount; ++tokenId) {
            StakeToken storage token = _tokens[tokenId];
            uint256 bit = 1 << token.assetId;
            if (assets & bit != 0 || vault.line(address(this), token.token).reserved == 0) continue;
            assets |= bit;
            ++count;
        }
        assetIds = new uint16[](count);
        uint256 found;
        for (uint16 assetId = 0; found < count; ++assetId) {
            if (assets & (1 << assetId) != 0) assetIds[found++] = assetId;
        }
    }

    /// @inheritdoc IProduct
    function lpPnl(
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) external view override returns (int256 lowUsd, int256 highUsd) {
        if (_reentrancyGuardEntered()) revert Prediction_MidCall();
        for (uint8 tokenId = 1; tokenId <= _tokenCount; ++tokenId) {
            StakeToken memory token = _tokens[tokenId];
            for (uint256 i = 0; i < assetIds.length; ++i) {
                // Bets are won and lost in their own token: where it counts for nothing, so do they.
                if (assetIds[i] != token.assetId || !ranges[i].isValid) continue;
                (int256 low, int256 high) = _lpPnlOf(token, ranges[i]);
                (lowUsd, highUsd) = (lowUsd + low, highUsd + high);
            }
        }
    }

    /// @inheritdoc IPrediction
    function bet(uint256 id) external view override returns (Bet memory) {
        return _bets[id];
    }

    /// @inheritdoc IPrediction
    function statusOf(uint256 id) external view override returns (BetStatus) {
        return _statusOf(_bets[id].state);
    }

    /// @inheritdoc IPrediction
    function openStake(
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        bool isUp
    ) external view override returns (uint256) {
        return _openStakes[_directionKey(marketId, _tokenIds[token], periodSeconds, isUp)];
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
    function period(
        uint16 marketId,
        address token,
        uint32 periodSeconds
    ) public view override returns (PeriodConfig memory) {
        return _periods[_periodKey(marketId, _tokenIds[token], periodSeconds)];
    }

    /// @inheritdoc IPrediction
    function previewResult(uint256 id, Price price) external view override returns (bool isWon, uint256 payout) {
        Bet memory bet_ = _bets[id];
        if (_statusOf(bet_.state) != BetStatus.Struck) revert Prediction_BetNotFound(id);
        isWon = BetMath.isWon(_isUp(bet_.state), bet_.strike, price);
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
        uint8 tokenId,
        PeriodConfig memory config,
        uint256 stake
    ) private returns (uint256 id) {
        bytes32 direction = _directionKey(request.marketId, tokenId, request.periodSeconds, request.isUp);
        uint256 staked = _openStakes[direction] + stake;
        if (staked > config.maxOpenStake) revert Prediction_CapReached(staked, config.maxOpenStake);
        _openStakes[direction] = staked;
        id = nextBetId++;
        _bets[id] = Bet({
            owner: request.owner,
            marketId: request.marketId,
            tokenId: tokenId,
            state: uint8(BetStatus.Requested) | (request.isUp ? UP : 0) | (request.asNative ? NATIVE : 0),
            // Seconds since 1970 pass 32 bits in 2106.
            time: uint32(block.timestamp),
            periodSeconds: request.periodSeconds,
            // At most maxStake, which has 96 bits.
            stake: uint96(stake),
            strike: Price.wrap(0),
            payoutPips: config.payoutPips
        });
        emit BetPlaced(
            id,
            request.owner,
            request.marketId,
            request.isUp,
            request.periodSeconds,
            request.token,
            stake,
            config.payoutPips,
            request.asNative
        );
    }

    /// @dev Worst: every open bet is won. Best: every one is lost.
    function _lpPnlOf(StakeToken memory token, PriceRange calldata range) private view returns (int256, int256) {
        (uint256 stakes, uint256 wins) = _openSums(token.token);
        uint256 unit = 10 ** token.decimals;
        return (-int256(BetMath.usdUp(wins, range.high, unit)), int256(BetMath.usdUp(stakes, range.high, unit)));
    }

    function _checkPeriod(BetRequest calldata request, PeriodConfig memory config) private pure {
        if (config.payoutPips == 0) {
            revert Prediction_PeriodNotOffered(request.marketId, request.token, request.periodSeconds);
        }
        if (config.payoutPips < request.minPayoutPips) {
            revert Prediction_PayoutTooLow(config.payoutPips, request.minPayoutPips);
        }
    }

    function _checkStake(StakeToken storage token, uint256 stake) private view {
        (uint256 min, uint256 max) = (token.minStake, token.maxStake);
        if (stake < min || stake > max) revert Prediction_StakeOutOfRange(stake, min, max);
    }
}
