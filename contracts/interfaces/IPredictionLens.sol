// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BetStatus} from "../types/Bet.sol";
import {Timestamp} from "../types/Timestamp.sol";
import {Price} from "../types/Units.sol";
import {IPrediction} from "./IPrediction.sol";

/// @notice What can be done about a bet now. A tick may still be refused or skipped: the lens sees none.
/// @dev AwaitsStrike, AwaitsSettlement: its moment has not come. Strikeable, Settleable: its first tick may be brought.
/// Returnable: anyone may send the stake back; a struck one may still be settled instead.
enum BetAction {
    AwaitsStrike,
    Strikeable,
    AwaitsSettlement,
    Settleable,
    Returnable
}

/// @notice One open bet.
/// @param id Of the bet.
/// @param status Requested or Struck.
/// @param action What can be done about it now.
/// @param owner Whose it is.
/// @param marketId Market.
/// @param assetId Oracle asset of the market: whose tick strikes and settles.
/// @param token Stake token.
/// @param isUp Direction.
/// @param isNative Paid out in the native coin.
/// @param periodSeconds From strike to settlement.
/// @param since Block time of the request; once struck, publish time of the strike.
/// @param target The tick that comes next is the first at or after it.
/// @param returnableFrom Block time from which on the stake can be sent back.
/// @param stake In token units; until the strike the whole amount, from which both execution fees then leave.
/// @param win Profit of a win in token units: what is reserved.
/// @param settlementFee Kept for whoever settles it, in token units; 0 until it is struck.
/// @param payoutPips Profit of a win as a share of the stake.
/// @param strike 10 decimals; 0 until it is struck.
struct BetRecord {
    uint256 id;
    BetStatus status;
    BetAction action;
    address owner;
    uint16 marketId;
    uint16 assetId;
    address token;
    bool isUp;
    bool isNative;
    uint32 periodSeconds;
    Timestamp since;
    uint256 target;
    uint256 returnableFrom;
    uint256 stake;
    uint256 win;
    uint256 settlementFee;
    uint24 payoutPips;
    Price strike;
}

/// @notice How a struck bet would end at a price.
/// @param price 10 decimals.
/// @param isWon Strictly beyond the strike in its direction.
/// @param payout What its owner gets, in token units: stake and profit, or nothing.
/// @param profit Payout less the stake as struck, in token units; negative for a loss.
struct BetPreview {
    Price price;
    bool isWon;
    uint256 payout;
    int256 profit;
}

/// @title Reading Prediction
/// @notice What wallets and keepers show and look for. Changes nothing and is asked by no contract.
/// @dev Works for every Prediction on the same PriceAggregator. Lists take ids from `from` up to, and without, `to`; ids
/// start at 1, `to` beyond the last one is cut to it, and bets that ended are left out.
interface IPredictionLens {
    /// @notice There is no such bet: it never was, or has ended.
    error PredictionLens_BetNotFound(uint256 id);
    /// @notice The bet has no strike yet.
    error PredictionLens_NotStruck(uint256 id);
    /// @notice No push source of the asset is fresh.
    error PredictionLens_PriceMissing(uint16 assetId);

    /// @notice One open bet.
    function record(IPrediction prediction, uint256 id) external view returns (BetRecord memory);

    /// @notice The open bets of a range of ids.
    function scan(IPrediction prediction, uint256 from, uint256 to) external view returns (BetRecord[] memory);

    /// @notice Those of one owner.
    function scanOwner(
        IPrediction prediction,
        address owner,
        uint256 from,
        uint256 to
    ) external view returns (BetRecord[] memory);

    /// @notice Those about which something can be done now: strikeable, settleable or returnable.
    function executable(IPrediction prediction, uint256 from, uint256 to) external view returns (BetRecord[] memory);

    /// @notice How a struck bet would end at the median of the fresh push sources of its market.
    /// @dev An estimate: what decides is its first tick. Requirements: struck; the market has a fresh push source.
    function preview(IPrediction prediction, uint256 id) external view returns (BetPreview memory);

    /// @notice How a struck bet would end at a price given, 10 decimals.
    /// @dev Requirements: struck.
    function previewAt(IPrediction prediction, uint256 id, Price price) external view returns (BetPreview memory);
}
