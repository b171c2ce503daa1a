// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceProof} from "../../interfaces/IPriceAggregator.sol";
import {IPro} from "./IPro.sol";

/// @notice A price level of a book.
/// @param tick Price in ticks.
/// @param lots Of all its orders.
/// @param firm Of those without expiry that are not reduce-only.
/// @param count Number of its orders.
struct LevelView {
    uint24 tick;
    uint256 lots;
    uint256 firm;
    uint256 count;
}

/// @notice A resting order.
/// @param id Its id; 0: there is none under the id asked for.
/// @param expiry Last second in which it may be filled; 0: it does not expire.
struct OrderView {
    uint256 id;
    uint40 account;
    uint8 market;
    bool isBid;
    bool isReduceOnly;
    uint24 tick;
    uint48 lots;
    uint32 expiry;
}

/// @notice An account's position in a market, at the prices asked for.
/// @param lots Signed.
/// @param cost Entry cost, quote, sign of the lots.
/// @param mark 10 decimals.
/// @param pnl Unrealised, funding owed included, quote.
/// @param fundingOwed Quote; negative: to be received.
/// @param leverage L.
/// @param initialMargin Of position and resting orders, quote.
/// @param maintenanceMargin Quote.
/// @param liquidationPrice Where the scope becomes liquidatable while the others stay, 10 decimals, rounded towards the mark; 0:
/// nowhere above 0.
/// @param bankruptcyPrice Where closing it leaves its share of nothing, 10 decimals, rounded towards the mark; 0: nowhere above 0.
struct PositionView {
    uint8 market;
    int256 lots;
    int256 cost;
    uint256 mark;
    int256 pnl;
    int256 fundingOwed;
    uint256 leverage;
    uint256 initialMargin;
    uint256 maintenanceMargin;
    uint256 liquidationPrice;
    uint256 bankruptcyPrice;
}

/// @notice A scope, quote.
/// @param equity Cash and unrealised profit.
/// @param initialMargin What the source pages call used margin.
/// @param ratioPips Maintenance margin / equity; the largest number where equity is not positive.
/// @param available What may leave it, or go to another scope.
/// @param isLiquidatable Equity below maintenance margin, where there is a position.
/// @param isStretched Anyone may cancel its orders.
struct HealthView {
    int256 cash;
    int256 pnl;
    int256 equity;
    uint256 initialMargin;
    uint256 maintenanceMargin;
    uint256 ratioPips;
    uint256 available;
    bool isLiquidatable;
    bool isStretched;
    PositionView[] positions;
}

/// @notice The mark of a market and what it is made of. Prices of 10 decimals; 0 where there is none.
/// @param first The index.
/// @param second The index and the average basis.
/// @param third Median of best firm bid, best firm ask and last fill.
struct MarkView {
    uint256 index;
    uint256 publishTime;
    uint256 mark;
    uint256 first;
    uint256 second;
    uint256 third;
    int256 basisEmaX18;
    uint256 guardX9;
    bool isNarrow;
    bool isReady;
}

/// @notice Funding of a market.
/// @param rateX18 For eight hours, now: longs pay where it is positive.
/// @param meanPremiumX18 Of the hour before, which the rate follows.
/// @param premiumSumX18 Premium × seconds of this hour, up to the last touch.
/// @param longIndex Quote that a lot has paid, up to the last touch.
/// @param shortIndex Quote that a lot has received, up to the last touch.
struct FundingView {
    int256 rateX18;
    int256 meanPremiumX18;
    int256 premiumSumX18;
    int256 longIndex;
    int256 shortIndex;
    uint256 openInterest;
    uint256 fund;
}

/// @title Views of Pro
/// @notice Off the core: everything is read from its storage, as the last touch of each market left it.
interface IProLens {
    /// @notice Coin comes here in the course of a preview only.
    error ProLens_NativeNotExpected(address sender);
    /// @notice The caller takes no native coin back.
    error ProLens_RefundRefused(address receiver, uint256 amount);

    /// @notice What `IPro.act` would come to if `caller` sent it now: the very results, or the very error.
    /// @dev To be called, not sent: whatever it does is undone, and the coin that came with it goes back. No view, because prices are
    /// proven in its course.
    /// @param caller Who would act: the account's owner or a delegate.
    /// @return isDone False: the call would fail.
    /// @return results As `act` would return them; empty where it would fail.
    /// @return refusal The error with which it would fail; empty where it would not.
    function previewAct(
        IPro pro,
        address caller,
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) external payable returns (bool isDone, uint256[] memory results, bytes memory refusal);

    /// @notice The levels of a side, the best first.
    function book(
        IPro pro,
        uint8 market,
        bool isBid,
        uint256 maxLevels
    ) external view returns (LevelView[] memory levels);

    /// @notice A resting order.
    function order(IPro pro, uint256 id) external view returns (OrderView memory);

    /// @notice An account's resting orders in a market.
    function ordersOf(IPro pro, uint40 account, uint8 market) external view returns (OrderView[] memory orders);

    /// @notice A scope at the stored marks; `available` by the lesser of mark and index, as it is tested.
    function health(IPro pro, uint48 scope) external view returns (HealthView memory);

    /// @notice A scope with mark and index of some markets replaced.
    /// @param prices 10 decimals, one for each of `markets`.
    function healthAt(
        IPro pro,
        uint48 scope,
        uint8[] calldata markets,
        uint64[] calldata prices
    ) external view returns (HealthView memory);

    /// @notice Which scopes would be liquidatable at these prices.
    function liquidatable(
        IPro pro,
        uint48[] calldata scopes,
        uint8[] calldata markets,
        uint64[] calldata prices
    ) external view returns (bool[] memory isLiquidatable);

    /// @notice The mark of a market with its parts.
    function mark(IPro pro, uint8 market) external view returns (MarkView memory);

    /// @notice Funding of a market.
    function funding(IPro pro, uint8 market) external view returns (FundingView memory);

    /// @notice An account's score for deleveraging, its return on entry, and its fifth among others on its side.
    /// @return scoreX18 max(0, U) / |cost|.
    /// @return quintile 1 the lowest, 5 the highest fifth; 0: it has no position.
    function adlRank(
        IPro pro,
        uint8 market,
        uint40 account,
        uint40[] calldata others
    ) external view returns (uint256 scoreX18, uint256 quintile);
}
