// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PeriodConfig, PredictionMarket} from "../types/Bet.sol";
import {IPrediction} from "./IPrediction.sol";

/// @title The configurator of Prediction
/// @notice The only writer of a Prediction's configuration. Checks every value against hard bounds; holds no state, so
/// that it serves every Prediction that names it.
interface IPredictionConfigurator {
    error PredictionConfigurator_MarketAlreadyListed(uint16 marketId);
    error PredictionConfigurator_MarketNotListed(uint16 marketId);
    error PredictionConfigurator_AssetOutOfRange(uint256 assetId, uint256 min, uint256 max);
    error PredictionConfigurator_AssetFixed(address token, uint16 assetId);
    error PredictionConfigurator_TokenNotListed(address token);
    error PredictionConfigurator_ConfidenceOutOfRange(uint256 pips, uint256 min, uint256 max);
    error PredictionConfigurator_DeviationOutOfRange(uint256 pips, uint256 min, uint256 max);
    error PredictionConfigurator_AnchorsOutOfRange(uint256 anchors, uint256 min, uint256 max);
    error PredictionConfigurator_PayoutOutOfRange(uint256 pips, uint256 min, uint256 max);
    error PredictionConfigurator_PeriodOutOfRange(uint256 seconds_, uint256 min, uint256 max);
    error PredictionConfigurator_StakesOutOfOrder(uint256 minStake, uint256 maxStake);
    error PredictionConfigurator_CapNotLower(uint256 cap, uint256 current);

    /// @notice Lists a market; its asset is fixed from then on. Governor.
    function listMarket(IPrediction prediction, uint16 marketId, PredictionMarket calldata market) external;

    /// @notice Lists a stake token, or switches it; its asset is fixed from then on. Governor.
    function setStakeToken(IPrediction prediction, address token, uint16 assetId, bool isEnabled) external;

    /// @notice Switches a market and sets the checks of its strikes. Risk manager.
    function setMarket(
        IPrediction prediction,
        uint16 marketId,
        bool isEnabled,
        uint24 maxConfidencePips,
        uint24 maxDeviationPips,
        uint8 minAnchors
    ) external;

    /// @notice Offers a period of a market in a stake token: its payout, the bounds of a stake and the cap of each
    /// direction. A payout of 0 withdraws the offer; bets placed run on. Risk manager.
    function setPeriod(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        PeriodConfig calldata config
    ) external;

    /// @notice Takes no more bets on a market; those placed run on. Guardian.
    function disableMarket(IPrediction prediction, uint16 marketId) external;

    /// @notice Takes no more stakes in a token; those placed run on. Guardian.
    function disableStakeToken(IPrediction prediction, address token) external;

    /// @notice Lowers the cap of both directions of a period. Guardian.
    function cutCap(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        uint96 maxOpenStake
    ) external;
}
