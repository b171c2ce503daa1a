// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceProof} from "../../interfaces/IPriceAggregator.sol";
import {IProduct} from "../../interfaces/IProduct.sol";
import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {MarketConfig, MarketLimits, MarketStatus, MarginTier} from "../types/MarketConfig.sol";

/// @title Errors and events of Pro
/// @notice Also those of its linked libraries, which emit and revert as Pro.
interface IProEvents {
    /// @notice An action was refused; `value` broke `bound`. Both in the unit of what the reason names, 0 where there is none.
    error Pro_ActionRefused(ProReason reason, uint256 value, uint256 bound);
    /// @notice After all actions a scope lacks margin: it has `has` and needs `needs`, quote.
    error Pro_ScopeRefused(uint48 scope, ProReason reason, int256 has, int256 needs);
    /// @notice After all actions a market of a changed scope has an index of that age in seconds, or none.
    error Pro_IndexRefused(uint8 market, ProReason reason, uint256 ageSeconds, uint256 maxAgeSeconds);
    /// @notice The caller is neither the account's owner nor a delegate of his for this.
    error Pro_NotAllowed(uint40 account, address caller, uint256 kind);
    /// @notice There is no such action.
    error Pro_UnknownAction(uint256 index, uint256 kind);
    /// @notice Prices are refreshed before anything else is done.
    error Pro_RefreshNotFirst(uint256 index);
    /// @notice The last action lacks its second word.
    error Pro_ActionCutOff(uint256 index);
    /// @notice The breaker is at a level that does not allow this.
    error Pro_BreakerRaised(uint8 level);
    /// @notice No such market.
    error Pro_MarketNotListed(uint8 market);
    /// @notice An address is missing.
    error Pro_ZeroAddress();
    /// @notice Nothing is asked for.
    error Pro_NothingToDo();
    /// @notice No such owner: the first deposit for an address makes it one.
    error Pro_NoAccount(address owner);
    /// @notice There is no coin to be given back but to who refuses it.
    error Pro_RefundRefused(address to, uint256 amount);
    /// @notice Only the aggregator sends coin here.
    error Pro_NativeNotExpected(address sender);
    /// @notice What the simulated actions came to, as `act` would return it.
    error Pro_Simulated(uint256[] results);
    /// @notice The token has more decimals than quote.
    error Pro_DecimalsNotOffered(uint256 decimals, uint256 max);
    /// @notice No more than `max` markets can be listed.
    error Pro_MarketsFull(uint256 max);
    /// @notice Pro is closed for good: no market is listed or becomes active.
    error Pro_IsClosed();
    /// @notice Pro is not closed, or the market has open interest: its fund is released only after both.
    error Pro_NotEmpty(uint8 market, uint256 openInterest);

    /// @notice An address became an owner.
    event OwnerAdded(uint32 indexed ownerIndex, address indexed owner);
    /// @notice Tokens came in for an account; `amount` is quote.
    event Deposited(uint40 indexed account, address indexed payer, uint256 amount);
    /// @notice A permit gave Pro an allowance; units of the token.
    event PermitUsed(address indexed payer, uint256 amount);
    /// @notice A permit was refused by the token, with its error; an earlier one may have been as good.
    event PermitSkipped(address indexed payer, bytes reason);
    /// @notice Tokens left an account; `amount` is quote.
    event Withdrawn(uint40 indexed account, address indexed receiver, uint256 amount);
    /// @notice Cash went from one scope to another of the same owner, quote.
    event Transferred(uint48 indexed fromScope, uint48 indexed toScope, uint256 amount);
    /// @notice A delegate's rights for an account, see `DelegateWord`.
    event DelegateSet(uint40 indexed account, address indexed delegate, uint8 rights, uint40 expiry);
    /// @notice An owner named his broker, or that he has none.
    event BrokerNamed(uint32 indexed ownerIndex, uint32 indexed broker);
    /// @notice An account's leverage in a market.
    event LeverageSet(uint40 indexed account, uint8 indexed market, uint8 leverage);
    /// @notice An account's mode in a market.
    event ModeSet(uint40 indexed account, uint8 indexed market, bool isIsolated);
    /// @notice A keeper was paid out of a scope's cash or a fund, quote, into his account 0.
    event KeeperPaid(uint40 indexed keeperAccount, uint48 indexed fromScope, uint256 amount);

    /// @notice An order rests. Of `flags` bit 0 says bid, bit 1 reduce-only.
    event OrderRested(uint256 indexed orderId, uint24 tick, uint48 lots, uint32 expiry, uint8 flags);
    /// @notice A resting order's size was lowered by its owner; it keeps its place.
    event OrderLowered(uint256 indexed orderId, uint48 lots);
    /// @notice A resting order is gone, with what was left of it.
    event OrderRemoved(uint256 indexed orderId, OrderEnd end);
    /// @notice A resting order was filled in whole or in part, at its price.
    /// @param orderId The maker's order.
    /// @param taker Account of the taker.
    /// @param lots How many.
    /// @param cashChange Of the maker's scope: what was realised, less fee and funding; quote.
    /// @param fee The maker's, quote.
    event OrderFilled(uint256 indexed orderId, uint40 indexed taker, uint48 lots, int256 cashChange, uint256 fee);
    /// @notice An account took from the book.
    /// @param account The taker.
    /// @param market Where.
    /// @param lots Signed: bought or sold.
    /// @param tickLots Σ tick × lots.
    /// @param cashChange Of the taker's scope: what was realised, less fee and funding; quote.
    /// @param fee The taker's, quote; 0 in a liquidation, whose fees `ScopeReduced` tells.
    event Taken(
        uint40 indexed account,
        uint8 indexed market,
        int256 lots,
        uint256 tickLots,
        int256 cashChange,
        uint256 fee
    );
    /// @notice A position was changed outside the book: signed lots and cost added to it, cash of its scope; quote.
    event PositionMoved(uint40 indexed account, uint8 indexed market, int256 lots, int256 cost, int256 cashChange);
    /// @notice Cash of an isolated scope without position or order returned to the cross scope.
    event IsolatedReturned(uint40 indexed account, uint8 indexed market, int256 amount);

    /// @notice A market has a newer index; 10 decimals, guard with 9.
    event Refreshed(
        uint8 indexed market,
        uint64 price,
        uint40 publishTime,
        uint32 guardX9,
        bool isNarrow,
        bool isReady
    );
    /// @notice A market's mark after a touch, 10 decimals.
    event Marked(uint8 indexed market, uint64 mark, int256 basisEmaX18);
    /// @notice Somebody added to a market's fund, quote.
    event FundAdded(uint8 indexed market, address indexed payer, uint256 amount);
    /// @notice A market's fund was added to its fees, after Pro had closed for good; quote.
    event FundReleased(uint8 indexed market, uint256 amount);
    /// @notice Fees of a market left for the distributor; token units.
    event FeesSwept(uint8 indexed market, uint256 amount);

    /// @notice A step of a liquidation closed lots.
    /// @param scope Whose.
    /// @param market Of which position.
    /// @param lots How many.
    /// @param fees Taker's and liquidation fee that were collected, quote.
    /// @param fromFund What the fund paid, quote.
    event ScopeReduced(uint48 indexed scope, uint8 indexed market, uint256 lots, uint256 fees, uint256 fromFund);
    /// @notice A scope's distress: times in seconds.
    event DistressNoted(uint48 indexed scope, uint40 since, uint40 adlSince);
    /// @notice Lots of a bankrupt scope were closed against a winner at `price`, 10 decimals.
    event Deleveraged(
        uint48 indexed scope,
        uint8 indexed market,
        uint40 indexed candidate,
        uint256 lots,
        uint256 price
    );
    /// @notice A deficit was charged to a side of a market, `perLot` quote for each of its lots.
    event LossShared(uint48 indexed scope, uint8 indexed market, uint256 deficit, uint256 perLot);
    /// @notice A market settles at its last price, 10 decimals.
    event SettlingBegun(uint8 indexed market, uint64 price);
    /// @notice A market's status.
    event MarketStatusSet(uint8 indexed market, MarketStatus status);
    /// @notice A market's configuration.
    event MarketConfigured(uint8 indexed market, MarketConfig config, MarketLimits limits);
    /// @notice A market's tiers.
    event TiersSet(uint8 indexed market, MarginTier[] tiers);
    /// @notice Pro is closed for good.
    event Closed();
}

/// @notice How a resting order ended.
/// @dev Cancelled: by its owner or his delegate. Filled: wholly. Residue: what a fill left was too little. Expired. BeyondBand:
/// met at a price too far from the mark to its owner's disadvantage. SelfTrade: met by an order of its owner's. Reduced: it
/// had nothing left to reduce. Capped: met where it would pass a cap or break a rule of high leverage. Deficit: it would have
/// left its scope without position and with negative cash. Stretched, Liquidated, Settling: taken off by anyone.
enum OrderEnd {
    Cancelled,
    Filled,
    Residue,
    Expired,
    BeyondBand,
    SelfTrade,
    Reduced,
    Capped,
    Deficit,
    Stretched,
    Liquidated,
    Settling
}

/// @title Pro
/// @notice Perpetuals between users on a limit order book on chain. No role takes part in trading, liquidating or
/// deleveraging; the LPs of the Vault are never a counterparty.
/// @dev Amounts are *quote*, 18 decimals of the settlement token, unless they are said to be units of it. Markets, accounts,
/// scopes and orders are numbered as `ProIds` says; actions are encoded as `ActionWord` says. Everything that is stored is
/// read by `extsload`; `ProStateLib` knows where it lies.
///
/// Rounding: amounts are credited down and debited up. A fee is rounded up once for each call of a taker's and each fill of
/// a maker's. Initial margin is rounded up once for the larger of its two terms; maintenance margin once. What stays of a
/// cost after a reduction is rounded down (towards minus infinity), so that what is realised is. Distances, premiums, means
/// and averages are rounded towards zero, the guard up. Funding is the same whole number of quote for a lot of both sides.
interface IPro is IProduct, IProEvents {
    /// @notice Takes tokens for an account of `owner`, who becomes an owner if he is none.
    /// @param amount Units of the settlement token, from the caller by his allowance to Pro.
    /// @return account Credited with what arrived.
    function deposit(address owner, uint8 sub, uint256 amount) external returns (uint40 account);

    /// @notice As `deposit`, by an ERC-2612 permit of the caller's. A permit used up before is no reason to fail.
    function depositWithPermit(
        address owner,
        uint8 sub,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint40 account);

    /// @notice Adds to a market's fund; it never comes back.
    /// @param amount Units of the settlement token, from the caller.
    function addToFund(uint8 market, uint256 amount) external;

    /// @notice Does what the owner of an account, or a delegate, asks for, in the order written; refreshes come first.
    /// @dev Margin is tested once for each scope that was changed, after the last action. Tokens move last. Coin that came with
    /// the call and that Pyth did not ask for goes back.
    /// @param account The account.
    /// @param proofs Ticks, numbered from 0 in the order proven.
    /// @param actions See `ActionWord`.
    /// @return results One `ResultWord` for each action; that of the second word of a withdrawal is 0.
    function act(
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) external payable returns (uint256[] memory results);

    /// @notice What `act` would come to, if `caller` called it now: always reverts, with `Pro_Simulated` or with the error of
    /// the call itself.
    function simulate(
        address caller,
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) external payable;

    /// @notice Gives a delegate rights for an account of the caller's; 0 takes them away.
    /// @param rights Bit 0: cancel. Bit 1: also place orders that only reduce. Bit 2: also place any order.
    /// @param expiry Last second in which they hold.
    function setDelegate(uint40 account, address delegate, uint8 rights, uint40 expiry) external;

    /// @notice Takes a proven tick as a market's index. Anyone.
    /// @param prover Who proved it in this transaction.
    /// @param tickIndex Its number among the prover's ticks.
    function refresh(
        address prover,
        uint256 tickIndex,
        uint8 market
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice Takes expired orders, and any order of a market that settles, off the book. Anyone.
    /// @return cancelled How many were.
    function cancelDead(uint256[] calldata orderIds) external returns (uint256 cancelled);

    /// @notice Takes orders of a stretched scope off the book, for 0.02 USD of its cash each to `keeper`. Anyone.
    function cancelStretched(
        uint48 scope,
        uint256[] calldata orderIds,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice One step of the liquidation of a scope. Anyone.
    /// @param market Of the position to be reduced.
    /// @param maxOrders Most orders of the scope to cancel, or of the book to meet; 1 to 100.
    /// @param keeper Is paid, into his account 0.
    function liquidate(
        uint48 scope,
        uint8 market,
        uint256 maxOrders,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice Closes lots of a bankrupt scope against a winner's position. Anyone.
    function deleverage(
        uint48 scope,
        uint8 market,
        uint40 candidate,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice Charges a bankrupt position's share of the deficit to the opposite side and closes it against `counterparty`. Anyone.
    function shareLoss(
        uint48 scope,
        uint8 market,
        uint40 counterparty
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice Begins to settle a market that is being delisted. Anyone.
    /// @param prover Who proved the last price. 0, for none, only where the index is a day old: it is the last one then.
    function beginSettling(
        uint8 market,
        address prover,
        uint256 tickIndex
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice Closes two opposite positions of a market that settles against each other, at its last price. Anyone. Not where the
    /// scope of either has an equity below 0: what it lacks is divided by `deleverage` and `shareLoss`.
    function closeSettled(
        uint8 market,
        uint40 long,
        uint40 short,
        uint256 lots
    ) external returns (ProOutcome outcome, ProReason reason);

    /// @notice Brings a market's fees to the distributor and records the shares of the brokers that are named. Those that others have
    /// part in stay. Anyone.
    function sweepFees(uint8 market, uint32[] calldata brokers) external;

    /// @notice Lists a market, under the next number. Only the configurator, as the next five.
    function listMarket(
        MarketConfig calldata config,
        MarketLimits calldata limits,
        MarginTier[] calldata tiers
    ) external returns (uint8 market);

    /// @notice Changes a market's configuration; tick, lot, asset and status stay.
    function setMarketConfig(uint8 market, MarketConfig calldata config, MarketLimits calldata limits) external;

    /// @notice Changes a market's tiers.
    function setTiers(uint8 market, MarginTier[] calldata tiers) external;

    /// @notice Changes what a market accepts.
    /// @param isDelisted It is on its way to settle.
    function setStatus(uint8 market, MarketStatus status, bool isDelisted) external;

    /// @notice Closes Pro for good: every active market only reduces from now on.
    function close() external;

    /// @notice Gives the fund of a market to the fees; only once Pro is closed and the market empty.
    function releaseFund(uint8 market) external;

    /// @notice Words of the storage.
    function extsload(bytes32[] calldata slots) external view returns (bytes32[] memory words);

    /// @notice The account of an owner; reverts where he is none.
    function accountOf(address owner, uint8 sub) external view returns (uint40);

    /// @notice The settlement token.
    function token() external view returns (address);
}
