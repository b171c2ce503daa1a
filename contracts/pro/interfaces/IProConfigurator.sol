// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGuardianCuts} from "../../interfaces/IGuardianCuts.sol";
import {MarginTier, MarketConfig, MarketLimits, MarketStatus} from "../types/MarketConfig.sol";
import {IPro} from "./IPro.sol";

/// @title The configurator of Pro
/// @notice The only writer of its configuration, within hard bounds. Nobody can move cash, a fund, a price or a position.
/// @dev Raising calls name the number of cuts that the guardian has made to the setting so far, see `IGuardianCuts`.
interface IProConfigurator is IGuardianCuts {
    /// @notice What a bound is of. Rise: maintenance margin of what is open, as tiers change.
    enum Setting {
        Price,
        TickSize,
        LotSize,
        AssetId,
        MinAnchors,
        MaxDeviation,
        HighLeverage,
        Band,
        DefaultLeverage,
        TakerFee,
        MakerFee,
        LiquidationFee,
        FundingCap,
        Interest,
        OpenInterest,
        LeastResting,
        TierCount,
        TierCap,
        TierLeverage,
        TierRate,
        Rise
    }

    /// @notice A value is not within its bounds.
    error ProConfigurator_OutOfRange(Setting setting, uint256 value, uint256 min, uint256 max);
    /// @notice No such market.
    error ProConfigurator_NotListed(IPro pro, uint8 market);
    /// @notice Tiers that raise a maintenance margin can be set again from `allowedFrom` on, in seconds.
    error ProConfigurator_TooSoon(uint256 allowedFrom);
    /// @notice A cut must lower the cap.
    error ProConfigurator_NotCut(uint256 maxOpenInterestUsd, uint256 current);
    /// @notice The market is on its way to settle, or does: there is no way back.
    error ProConfigurator_Settling(uint8 market);
    /// @notice Such a status is not set here.
    error ProConfigurator_StatusNotOffered(MarketStatus status);

    /// @notice Lists a market. Governor.
    /// @param price Of today, 10 decimals: what the steps are held against.
    function listMarket(
        IPro pro,
        MarketConfig calldata config,
        MarketLimits calldata limits,
        MarginTier[] calldata tiers,
        uint64 price
    ) external returns (uint8 market);

    /// @notice Begins to delist a market: ReduceOnly, and from a day later on anyone may settle it. Governor. There is no way back.
    function delist(IPro pro, uint8 market) external;

    /// @notice Closes Pro for good: nothing opens any more. Governor.
    function close(IPro pro) external;

    /// @notice Gives the fund of a market without positions to the fees, once Pro is closed. Governor.
    function releaseFund(IPro pro, uint8 market) external;

    /// @notice Changes a market's configuration; tick, lot, asset, status, tiers and caps stay. Risk manager.
    function setConfig(IPro pro, uint8 market, MarketConfig calldata config, uint16 interestPips) external;

    /// @notice Changes a market's caps. Risk manager.
    function setCaps(IPro pro, uint8 market, uint40 maxOpenInterestUsd, uint16 leastRestingUsd, uint256 cuts) external;

    /// @notice Changes a market's tiers. Risk manager.
    /// @dev No maintenance margin rises by more than a fifth a day.
    function setTiers(IPro pro, uint8 market, MarginTier[] calldata tiers) external;

    /// @notice Active or ReduceOnly. Risk manager.
    function setStatus(IPro pro, uint8 market, MarketStatus status, uint256 cuts) external;

    /// @notice Lowers a market's cap. Guardian.
    function cutCaps(IPro pro, uint8 market, uint40 maxOpenInterestUsd) external;

    /// @notice Turns a market ReduceOnly. Guardian.
    function disable(IPro pro, uint8 market) external;

    /// @notice A market's caps, as `cutsOf` names them.
    function capsSetting(IPro pro, uint8 market) external pure returns (bytes32);

    /// @notice A market's status, as `cutsOf` names it.
    function statusSetting(IPro pro, uint8 market) external pure returns (bytes32);
}
