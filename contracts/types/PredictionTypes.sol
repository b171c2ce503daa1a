// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "./Units.sol";

/// @notice State of a bet. A bet that ended is deleted; its id is never used again.
/// @dev None: never placed, or ended. Requested: waits for its strike. Struck: waits for its settlement.
enum BetStatus {
    None,
    Requested,
    Struck
}

/// @notice Why a bet that ended without being decided gave its stake back.
enum ReturnReason {
    StrikeExpired,
    Refused,
    NeverSettled
}

/// @notice One bet. Two slots.
/// @param owner Who placed it; the stake or the win goes here.
/// @param marketId Market it is on.
/// @param tokenId Stake token.
/// @param state Status in bits 0 and 1, up in bit 2, pay out in the native coin in bit 3.
/// @param time Block time of the request; once struck, publish time of the strike.
/// @param periodSeconds From strike to settlement.
/// @param stake In token units; less the execution fee once struck.
/// @param executionFee What whoever settles it is paid, in token units; fixed at the strike, 0 until then.
/// @param strike Price of the first tick at or after request + executionDelay; 0 until then.
/// @param payoutPips Profit of a win, as a share of the stake. Fixed at the request.
struct Bet {
    // slot 0
    address owner;
    uint16 marketId;
    uint8 tokenId;
    uint8 state;
    uint32 time;
    uint32 periodSeconds;
    // slot 1
    uint80 stake;
    uint80 executionFee;
    Price strike;
    uint24 payoutPips;
}

/// @notice A market that bets are taken on. One slot.
/// @param assetId Its oracle asset.
/// @param isEnabled New bets are taken.
/// @param maxConfidencePips Widest confidence of a strike.
/// @param maxDeviationPips Largest deviation of a strike from each fresh anchor.
/// @param minAnchors Least number of fresh anchors of a strike.
struct PredictionMarket {
    uint16 assetId;
    bool isEnabled;
    uint24 maxConfidencePips;
    uint24 maxDeviationPips;
    uint8 minAnchors;
}

/// @notice A token that stakes may be paid in. One slot.
/// @param token The token.
/// @param assetId Its oracle asset.
/// @param tokenId Its number in bets; starts at 1.
/// @param decimals Of the token.
/// @param isEnabled New bets may use it.
struct StakeToken {
    address token;
    uint16 assetId;
    uint8 tokenId;
    uint8 decimals;
    bool isEnabled;
}

/// @notice A period of a market in one stake token. Amounts in token units.
/// @param payoutPips Profit of a win, as a share of the stake; 0: not offered.
/// @param minStake Least stake.
/// @param maxStake Largest stake.
/// @param maxOpenStake Most that may be staked on one direction, requested bets included.
struct PeriodConfig {
    uint24 payoutPips;
    uint80 minStake;
    uint80 maxStake;
    uint96 maxOpenStake;
}
