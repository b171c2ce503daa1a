// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {GuardianCuts} from "../access/GuardianCuts.sol";
import {IPrediction} from "../interfaces/IPrediction.sol";
import {IPredictionConfigurator} from "../interfaces/IPredictionConfigurator.sol";
import {PeriodConfig, PredictionMarket, StakeToken} from "../types/Bet.sol";
import {Code} from "../utils/Code.sol";

/// @title The configurator of Prediction
/// @notice See `IPredictionConfigurator`.
contract PredictionConfigurator is IPredictionConfigurator, GuardianCuts, AccessManaged {
    /// @dev What the guardian can cut; each number is followed by the Prediction and what it is of.
    uint256 private constant MARKET = 1;
    uint256 private constant STAKE_TOKEN = 2;
    uint256 private constant PERIOD = 3;

    /// @notice Greatest number of an asset.
    uint256 public constant MAX_ASSET_ID = 255;
    /// @notice Widest confidence and deviation that a market may accept, in pips of the price.
    uint256 public constant MAX_CHECK_PIPS = 100_000;
    /// @notice Most anchors that a market may ask for.
    uint256 public constant MAX_ANCHORS = 3;
    /// @notice Shortest period, in seconds.
    uint256 public constant MIN_PERIOD = 1 minutes;
    /// @notice Longest period, in seconds.
    uint256 public constant MAX_PERIOD = 1 days;

    /// @dev Below 100%: the house always has an edge on a fair coin.
    uint256 public constant MAX_PAYOUT_PIPS = 950_000;

    constructor(address accessManager) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
    }

    /// @inheritdoc IPredictionConfigurator
    function listMarket(
        IPrediction prediction,
        uint16 marketId,
        PredictionMarket calldata market
    ) external override restricted {
        if (prediction.market(marketId).assetId != 0) revert PredictionConfigurator_MarketAlreadyListed(marketId);
        _checkAsset(market.assetId);
        _checkStrike(market.maxConfidencePips, market.maxDeviationPips, market.minAnchors);
        prediction.setMarket(marketId, market);
    }

    /// @inheritdoc IPredictionConfigurator
    function setStakeToken(
        IPrediction prediction,
        address token,
        uint16 assetId,
        bool isEnabled,
        uint256 cuts
    ) external override restricted {
        _requireCuts(stakeTokenSetting(prediction, token), cuts);
        uint16 fixedAsset = prediction.stakeToken(token).assetId;
        if (fixedAsset != 0 && fixedAsset != assetId) revert PredictionConfigurator_AssetFixed(token, fixedAsset);
        _checkAsset(assetId);
        prediction.setStakeToken(token, assetId, isEnabled);
    }

    /// @inheritdoc IPredictionConfigurator
    function setMarket(
        IPrediction prediction,
        uint16 marketId,
        bool isEnabled,
        uint24 maxConfidencePips,
        uint24 maxDeviationPips,
        uint8 minAnchors,
        uint256 cuts
    ) external override restricted {
        uint16 assetId = _listed(prediction, marketId).assetId;
        _requireCuts(marketSetting(prediction, marketId), cuts);
        _checkStrike(maxConfidencePips, maxDeviationPips, minAnchors);
        prediction.setMarket(
            marketId,
            PredictionMarket(assetId, isEnabled, maxConfidencePips, maxDeviationPips, minAnchors)
        );
    }

    /// @inheritdoc IPredictionConfigurator
    function setPeriod(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        PeriodConfig calldata config,
        uint256 cuts
    ) external override restricted {
        _listed(prediction, marketId);
        _requireCuts(periodSetting(prediction, marketId, token, periodSeconds), cuts);
        if (periodSeconds < MIN_PERIOD || periodSeconds > MAX_PERIOD) {
            revert PredictionConfigurator_PeriodOutOfRange(periodSeconds, MIN_PERIOD, MAX_PERIOD);
        }
        // A payout of 0 withdraws the offer.
        if (config.payoutPips > MAX_PAYOUT_PIPS) {
            revert PredictionConfigurator_PayoutOutOfRange(config.payoutPips, 0, MAX_PAYOUT_PIPS);
        }
        if (config.minStake == 0 || config.minStake > config.maxStake) {
            revert PredictionConfigurator_StakesOutOfOrder(config.minStake, config.maxStake);
        }
        prediction.setPeriod(marketId, token, periodSeconds, config);
    }

    /// @inheritdoc IPredictionConfigurator
    function disableMarket(IPrediction prediction, uint16 marketId) external override restricted {
        PredictionMarket memory market = _listed(prediction, marketId);
        if (!market.isEnabled) revert PredictionConfigurator_MarketNotEnabled(marketId);
        _countCut(marketSetting(prediction, marketId));
        market.isEnabled = false;
        prediction.setMarket(marketId, market);
    }

    /// @inheritdoc IPredictionConfigurator
    function disableStakeToken(IPrediction prediction, address token) external override restricted {
        StakeToken memory config = prediction.stakeToken(token);
        if (!config.isEnabled) revert PredictionConfigurator_TokenNotEnabled(token);
        _countCut(stakeTokenSetting(prediction, token));
        prediction.setStakeToken(token, config.assetId, false);
    }

    /// @inheritdoc IPredictionConfigurator
    function cutCap(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        uint96 maxOpenStake
    ) external override restricted {
        PeriodConfig memory config = prediction.period(marketId, token, periodSeconds);
        if (maxOpenStake >= config.maxOpenStake) {
            revert PredictionConfigurator_CapNotLower(maxOpenStake, config.maxOpenStake);
        }
        _countCut(periodSetting(prediction, marketId, token, periodSeconds));
        config.maxOpenStake = maxOpenStake;
        prediction.setPeriod(marketId, token, periodSeconds, config);
    }

    /// @inheritdoc IPredictionConfigurator
    function marketSetting(IPrediction prediction, uint16 marketId) public pure override returns (bytes32) {
        return keccak256(abi.encode(MARKET, prediction, marketId));
    }

    /// @inheritdoc IPredictionConfigurator
    function stakeTokenSetting(IPrediction prediction, address token) public pure override returns (bytes32) {
        return keccak256(abi.encode(STAKE_TOKEN, prediction, token));
    }

    /// @inheritdoc IPredictionConfigurator
    function periodSetting(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds
    ) public pure override returns (bytes32) {
        return keccak256(abi.encode(PERIOD, prediction, marketId, token, periodSeconds));
    }

    function _listed(IPrediction prediction, uint16 marketId) private view returns (PredictionMarket memory market) {
        market = prediction.market(marketId);
        if (market.assetId == 0) revert PredictionConfigurator_MarketNotListed(marketId);
    }

    function _checkAsset(uint256 assetId) private pure {
        if (assetId == 0 || assetId > MAX_ASSET_ID) {
            revert PredictionConfigurator_AssetOutOfRange(assetId, 1, MAX_ASSET_ID);
        }
    }

    function _checkStrike(uint256 confidence, uint256 deviation, uint256 anchors) private pure {
        if (confidence == 0 || confidence > MAX_CHECK_PIPS) {
            revert PredictionConfigurator_ConfidenceOutOfRange(confidence, 1, MAX_CHECK_PIPS);
        }
        if (deviation == 0 || deviation > MAX_CHECK_PIPS) {
            revert PredictionConfigurator_DeviationOutOfRange(deviation, 1, MAX_CHECK_PIPS);
        }
        if (anchors == 0 || anchors > MAX_ANCHORS) {
            revert PredictionConfigurator_AnchorsOutOfRange(anchors, 1, MAX_ANCHORS);
        }
    }
}
