// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PeriodConfig, PredictionMarket} from "../types/Bet.sol";
import {IPrediction} from "./IPrediction.sol";

/// @title The configurator of Prediction
/// @notice The only writer of a Prediction's configuration. Checks every value against hard bounds. Keeps nothing but
/// the number of the guardian's cuts: it serves every Prediction that names it.
interface IPredictionConfigurator {
    /// @notice A market is listed once.
    error PredictionConfigurator_MarketAlreadyListed(uint16 marketId);
    /// @notice The market was never listed.
    error PredictionConfigurator_MarketNotListed(uint16 marketId);
    /// @notice The market takes no bets already.
    error PredictionConfigurator_MarketNotEnabled(uint16 marketId);
    /// @notice Asset ids are the bits of one word, and 0 is no asset.
    error PredictionConfigurator_AssetOutOfRange(uint256 assetId, uint256 min, uint256 max);
    /// @notice The asset of a stake token is fixed at its listing, to `assetId`.
    error PredictionConfigurator_AssetFixed(address token, uint16 assetId);
    /// @notice The token takes no stakes already, or was never listed.
    error PredictionConfigurator_TokenNotEnabled(address token);
    /// @notice The widest confidence of a strike's tick, in pips.
    error PredictionConfigurator_ConfidenceOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The largest deviation of a strike's tick from an anchor, in pips.
    error PredictionConfigurator_DeviationOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The least number of fresh anchors of a strike.
    error PredictionConfigurator_AnchorsOutOfRange(uint256 anchors, uint256 min, uint256 max);
    /// @notice The profit of a win, in pips of the stake.
    error PredictionConfigurator_PayoutOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The length of a period, in seconds.
    error PredictionConfigurator_PeriodOutOfRange(uint256 seconds_, uint256 min, uint256 max);
    /// @notice The least stake is 0 or above the largest, in token units.
    error PredictionConfigurator_StakesOutOfOrder(uint256 minStake, uint256 maxStake);
    /// @notice The guardian can only lower a cap, in token units.
    error PredictionConfigurator_CapNotLower(uint256 cap, uint256 current);

    /// @notice Lists a market; its asset is fixed from then on. Governor.
    function listMarket(IPrediction prediction, uint16 marketId, PredictionMarket calldata market) external;

    /// @notice Lists a stake token, or switches it; its asset is fixed from then on. Governor.
    /// @param cuts Number of cuts that the guardian has made to it, see `stakeTokenSetting`.
    function setStakeToken(
        IPrediction prediction,
        address token,
        uint16 assetId,
        bool isEnabled,
        uint256 cuts
    ) external;

    /// @notice Switches a market and sets the checks of its strikes. Risk manager.
    /// @param cuts Number of cuts that the guardian has made to it, see `marketSetting`.
    function setMarket(
        IPrediction prediction,
        uint16 marketId,
        bool isEnabled,
        uint24 maxConfidencePips,
        uint24 maxDeviationPips,
        uint8 minAnchors,
        uint256 cuts
    ) external;

    /// @notice Offers a period of a market in a stake token: its payout, the bounds of a stake and the cap of each
    /// direction. A payout of 0 withdraws the offer; bets placed run on. Risk manager.
    /// @param cuts Number of cuts that the guardian has made to it, see `periodSetting`.
    function setPeriod(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds,
        PeriodConfig calldata config,
        uint256 cuts
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

    /// @notice A market's switch, as `cutsOf` names it.
    function marketSetting(IPrediction prediction, uint16 marketId) external pure returns (bytes32);

    /// @notice A stake token's switch, as `cutsOf` names it.
    function stakeTokenSetting(IPrediction prediction, address token) external pure returns (bytes32);

    /// @notice The cap of a period, as `cutsOf` names it.
    function periodSetting(
        IPrediction prediction,
        uint16 marketId,
        address token,
        uint32 periodSeconds
    ) external pure returns (bytes32);
}
