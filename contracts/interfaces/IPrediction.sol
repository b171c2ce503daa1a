// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bet, BetStatus, PeriodConfig, PredictionMarket, ReturnReason, StakeToken} from "../types/Bet.sol";
import {Timestamp} from "../types/Timestamp.sol";
import {Price} from "../types/Units.sol";
import {IExecutable} from "./IExecutable.sol";
import {IDepositor, IProductErrors} from "./IProduct.sol";

/// @notice A bet to place.
/// @param owner Whose bet it becomes; the caller pays.
/// @param marketId Market.
/// @param isUp Up: the settlement price is above the strike. Down: below. A tie loses.
/// @param periodSeconds From strike to settlement; one of those offered.
/// @param token Stake token.
/// @param stake Amount brought, in token units; both execution fees leave it at the strike, and the rest is at stake.
/// @param minPayoutPips Least profit of a win that is accepted, as a share of the stake.
/// @param asNative Pay out in the native coin; only with the wrapped native coin as stake.
/// @param deadline Last block time at which it is taken, in seconds. A bet once taken has the execution window for its strike.
struct BetRequest {
    address owner;
    uint16 marketId;
    bool isUp;
    uint32 periodSeconds;
    address token;
    uint96 stake;
    uint24 minPayoutPips;
    bool asNative;
    uint40 deadline;
}

/// @title Prediction: up or down over a fixed period, against the vault
/// @notice Strike: the first Pyth tick at or after request + executionDelay. Settlement: the first at or after the
/// strike's publish time + period. Both are provable, so anybody may bring them and nobody can choose them.
/// @dev Both execution fees are the player's: they leave the amount at the strike, one for whoever strikes and one kept for
/// whoever settles; what is left is the stake. So the house edge of every stake is (1 − payout) / 2, whatever the fee.
/// The full win is reserved in kind at the request, on the whole amount. A bet settles the same whoever brings its tick, and whenever: the
/// settlement reads the tick and nothing of the moment it is called in, and its execution fee is fixed at the strike.
interface IPrediction is IDepositor, IProductErrors, IExecutable {
    /// @notice A bet was placed.
    event BetPlaced(
        uint256 indexed id,
        address indexed owner,
        uint16 indexed marketId,
        bool isUp,
        uint32 periodSeconds,
        address token,
        uint256 stake,
        uint256 payoutPips,
        bool asNative
    );
    /// @notice A bet got its strike. Token units: `stake` is what is left of the amount, `executionFee` what the executor is
    /// paid, `settlementFee` what is kept for whoever settles it.
    event BetStruck(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price strike,
        Timestamp strikeTime,
        uint256 stake,
        uint256 executionFee,
        uint256 settlementFee
    );
    /// @notice A bet was settled. Token units.
    event BetSettled(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price settlement,
        bool isWon,
        uint256 payout,
        uint256 executionFee
    );
    /// @notice A bet ended undecided and `refund` went back to its owner.
    event BetReturned(
        uint256 indexed id,
        address indexed owner,
        ReturnReason reason,
        uint256 refund,
        uint256 executionFee
    );
    /// @notice A market was configured.
    event MarketConfigured(uint16 indexed marketId, PredictionMarket market);
    /// @notice A period of a market was configured for a stake token.
    event PeriodConfigured(
        uint16 indexed marketId,
        address indexed token,
        uint32 indexed periodSeconds,
        PeriodConfig config
    );
    /// @notice A stake token was configured.
    event StakeTokenConfigured(address indexed token, StakeToken config);

    /// @notice An owner, an executor or a contract to be built with is missing.
    error Prediction_ZeroAddress();
    /// @notice Only the PredictionConfigurator sets what it sets.
    error Prediction_OnlyConfigurator(address caller);
    /// @notice Only the Vault asks for a payment, in the course of a call of this contract.
    error Prediction_OnlyVault(address caller);
    /// @notice The breaker is at a level at which no bets are taken.
    error Prediction_BreakerRaised(uint8 level);
    /// @notice The request came later than it says it may.
    error Prediction_DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// @notice The market takes no bets.
    error Prediction_MarketNotEnabled(uint16 marketId);
    /// @notice The token takes no stakes; when listing: the Vault does not list it.
    error Prediction_TokenNotAccepted(address token);
    /// @notice Only a stake in the wrapped native coin can be paid out in the native coin.
    error Prediction_NotWrappedNative(address token);
    /// @notice The market offers no such period in this token.
    error Prediction_PeriodNotOffered(uint16 marketId, address token, uint32 periodSeconds);
    /// @notice The amount that arrived is outside the bounds of the period, in token units.
    error Prediction_StakeOutOfRange(uint256 stake, uint256 min, uint256 max);
    /// @notice The period pays less than the player accepts, in pips of the stake.
    error Prediction_PayoutTooLow(uint256 payoutPips, uint256 minPayoutPips);
    /// @notice The open stakes of this direction would pass the cap, in token units.
    error Prediction_CapReached(uint256 openStake, uint256 max);
    /// @notice The bet can still be struck or settled; its stake goes back from `returnableFrom` on, in seconds.
    error Prediction_NotReturnable(uint256 id, uint256 returnableFrom);
    /// @notice There is no such bet: it never was, or has ended; to preview a result: it is not struck.
    error Prediction_BetNotFound(uint256 id);
    /// @notice There is no number left for another stake token.
    error Prediction_TooManyTokens(uint256 max);
    /// @notice Market ids are below `max`.
    error Prediction_TooManyMarkets(uint256 max);

    /// @notice Places a bet. Its strike is the first tick at or after now + executionDelay.
    /// @dev The caller pays, by an allowance to this contract. What arrives is the amount. Requirements: breaker at 0; deadline not passed; market,
    /// token and period offered; stake within its bounds; the cap of market, period, token and direction; the win can be
    /// reserved (`Vault_ReserveFull`). Emits `BetPlaced`.
    /// @return id Of the bet.
    function requestBet(BetRequest calldata request) external returns (uint256 id);

    /// @notice Gives a stake back: of a bet without a strike after its expiry, or of a struck bet that nobody settled
    /// within 24 h of the window of its settlement. Open to anyone, at every breaker level.
    /// @dev Requirements: `returnableFrom` has come. Emits `BetReturned`.
    function returnStake(uint256 id) external;

    /// @notice Configures a market; its number is below 96. Only the configurator, which checks the bounds.
    function setMarket(uint16 marketId, PredictionMarket calldata market) external;

    /// @notice Configures a period. Only the configurator, which checks the bounds.
    function setPeriod(uint16 marketId, address token, uint32 periodSeconds, PeriodConfig calldata config) external;

    /// @notice Lists or changes a stake token; number and decimals are allotted here. Only the configurator.
    function setStakeToken(address token, uint16 assetId, bool isEnabled) external;

    /// @notice A bet; all zero if it never was or has ended.
    function bet(uint256 id) external view returns (Bet memory);

    /// @notice State of a bet.
    function statusOf(uint256 id) external view returns (BetStatus);

    /// @notice Id that the next bet gets; the first is 1.
    function nextBetId() external view returns (uint256);

    /// @notice Block time from which on `returnStake` gives the stake back, unless the bet is struck or settled before.
    /// @dev One more than the last second of the execution window; for a struck bet at least 24 h after the window of its
    /// settlement, and at least an hour after the last halt (breaker level 3), in which it could not be settled: else
    /// whoever lost would wait for it.
    function returnableFrom(uint256 id) external view returns (uint256);

    /// @notice What is staked on one direction of a market, token and period, in token units.
    function openStake(uint16 marketId, address token, uint32 periodSeconds, bool isUp) external view returns (uint256);

    /// @notice A market.
    function market(uint16 marketId) external view returns (PredictionMarket memory);

    /// @notice A stake token.
    function stakeToken(address token) external view returns (StakeToken memory);

    /// @notice A stake token by its number in bets.
    function stakeTokenById(uint8 tokenId) external view returns (StakeToken memory);

    /// @notice A period of a market in a stake token.
    function period(uint16 marketId, address token, uint32 periodSeconds) external view returns (PeriodConfig memory);

    /// @notice What a bet on this period would pay as of now, if its settlement price were `price`.
    /// @return isWon Strictly beyond the strike in its direction.
    /// @return payout What its owner gets, in token units: stake and profit, or nothing.
    function previewResult(uint256 id, Price price) external view returns (bool isWon, uint256 payout);

    /// @notice Expected loss of a player on a fair coin, as a share of the stake: (1 − payout) / 2, in pips, rounded down.
    function houseEdgePips(uint16 marketId, address token, uint32 periodSeconds) external view returns (uint256);

    /// @notice Seconds from a request to the earliest tick that strikes it.
    function executionDelay() external view returns (uint256);

    /// @notice Seconds after the target in which a bet can be struck.
    function executionWindow() external view returns (uint256);

    /// @notice Paid per strike and per settlement, both out of the amount brought, USD with 18 decimals.
    function executionFeeUsd() external view returns (uint256);
}
