// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {GridLedger, GridProgress, GridWord} from "../types/GridWord.sol";
import {IPro} from "./IPro.sol";

/// @notice What a grid takes into its account as it is opened.
/// @dev Neutral: nothing; it is short above the price where it began, and long below. Long: what its sales above the price will sell, so
/// that it is flat at the highest line. Short: what its purchases below will buy back, so that it is flat at the lowest.
enum GridSide {
    Neutral,
    Long,
    Short
}

/// @notice A grid as its owner wants it.
/// @param market Where.
/// @param isGeometric Lines lie equal ratios apart; otherwise equal differences.
/// @param side What it begins with.
/// @param lines How many prices, the lowest and the highest among them, 2 to 100.
/// @param window Most cells on each side of the price whose orders rest, 1 to 16: an account has 32 orders in a market.
/// @param low The lowest line, ticks.
/// @param high The highest line, ticks.
/// @param lots Of each order; half of them, at the lowest line, are no less than what may rest.
/// @param stopLow It ends with an index at or below this, ticks; below the lowest line, 0: none.
/// @param stopHigh It ends with an index at or above this, ticks; above the highest line, 0: none.
/// @param entryLimit Worst tick of what it begins with; 0 where that is nothing.
struct GridOrder {
    uint8 market;
    bool isGeometric;
    GridSide side;
    uint8 lines;
    uint8 window;
    uint24 low;
    uint24 high;
    uint48 lots;
    uint24 stopLow;
    uint24 stopHigh;
    uint24 entryLimit;
}

/// @notice What a roll did.
/// @param placed Orders that came to rest.
/// @param cancelled Orders taken off the book.
/// @param refused Orders that could not rest: `LineRefused` says why.
/// @param bought Lots bought since the last roll.
/// @param sold Lots sold since the last roll.
/// @param tip Quote that was paid.
struct GridRoll {
    uint256 placed;
    uint256 cancelled;
    uint256 refused;
    uint256 bought;
    uint256 sold;
    uint256 tip;
}

/// @title Grids of orders over Pro
/// @notice A grid keeps a ladder of orders in a market: where a purchase at a line was filled, it sells one line higher, and buys again where
/// that was filled. Anyone rolls it, for 0.02 USD of the account's cash for each line that was filled and is answered.
/// @dev Has no rights but those that an account's owner gives it with `IPro.setDelegate`: to trade. Holds nothing. One grid for each account
/// and market, for cross margin; only the owner opens and stops it, nobody changes it.
///
/// What a grid holds is what the position of its account moved by since it was opened. The cells from the highest down hold it, each a
/// line's lots, and sell; those below buy. So filled orders need no list, and an order that somebody took off is put back where it was. An order of the
/// account at a line, on the line's side, is the line's, whoever placed it; others are left alone: give a grid a subaccount of its own.
///
/// It ends by its owner, with a fresh index at a stop, in a market that settles, and once its position moved by more than its orders account
/// for, or a liquidation reduced it: its orders are taken off the book, its position stays.
interface IGridBook {
    /// @notice A grid was not accepted; `value` broke `bound`. Both in the unit of what the reason names, 0 where there is none.
    error GridBook_Refused(ProReason reason, uint256 value, uint256 bound);
    /// @notice A number of lines that can't be.
    error GridBook_LinesOutOfRange(uint256 lines, uint256 min, uint256 max);
    /// @notice A window that can't be.
    error GridBook_WindowOutOfRange(uint256 window, uint256 min, uint256 max);
    /// @notice A size that can't be, lots.
    error GridBook_LotsOutOfRange(uint256 lots, uint256 min, uint256 max);
    /// @notice The lowest line is 0, or not below the highest.
    error GridBook_RangeEmpty(uint24 low, uint24 high);
    /// @notice Rounded to ticks, a line is not above the one before.
    error GridBook_LinesTooClose(uint256 line, uint24 tick);
    /// @notice A stop lies within the lines.
    error GridBook_StopWithin(uint24 stop, uint24 low, uint24 high);
    /// @notice A grid of this account and market runs already.
    error GridBook_Running(uint256 id);
    /// @notice None of its orders came to rest: why the first did not.
    error GridBook_NothingPlaced(ProReason reason);
    /// @notice The caller is not the account's owner.
    error GridBook_NotAllowed(uint40 account, address caller);
    /// @notice No grid runs under this id.
    error GridBook_NotFound(uint256 id);
    /// @notice Nobody is named to be paid.
    error GridBook_ZeroAddress();
    /// @notice A call rolls 1 to 10 lines: it pays 0.2 USD at most.
    error GridBook_MaxLinesOutOfRange(uint256 maxLines, uint256 min, uint256 max);
    /// @notice What the simulated roll came to.
    error GridBook_Simulated(ProOutcome outcome, ProReason reason, GridRoll roll);

    /// @notice A grid runs.
    /// @param startHeld Lots that it holds: its cells above the price. A long grid bought them, a neutral or short one did not.
    event GridOpened(
        uint256 indexed id,
        uint40 indexed account,
        address indexed owner,
        GridOrder order,
        uint256 startHeld
    );
    /// @notice An order of a grid rests.
    /// @param line Its price, counted from the lowest.
    event LinePlaced(uint256 indexed id, uint256 line, bool isBid, uint256 lots, uint256 orderId);
    /// @notice An order of a grid could not rest; the line waits for a later roll.
    event LineRefused(uint256 indexed id, uint256 line, bool isBid, ProReason reason);
    /// @notice A grid was rolled.
    /// @param keeper Who is paid, into his account 0 of Pro.
    /// @param held Lots that it holds.
    event GridRolled(uint256 indexed id, address indexed keeper, uint256 held, GridRoll roll);
    /// @notice A grid is over.
    /// @param reason None: its owner stopped it. Otherwise what ended it.
    /// @param keeper Who is paid; 0 where its owner stopped it.
    /// @param roll Lots bought and sold since the last roll, orders taken off the book, what was paid.
    /// @param left None: no order of it rests. Otherwise why Pro would not take them off; the owner can, with `IPro.act`.
    event GridEnded(
        uint256 indexed id,
        address indexed keeper,
        ProReason reason,
        uint256 held,
        GridRoll roll,
        ProReason left
    );

    /// @notice Opens a grid for an account of the caller's: takes what it begins with from the book, wholly or not at all, and places the orders
    /// nearest to the mark, bids below it and asks above it.
    /// @dev Refuses with its own errors, and with Pro's where that refuses the call. An order that Pro refuses by itself is told by
    /// `LineRefused`; where none came to rest, nothing was opened.
    /// @return id Key and generation, see `GridIds`.
    function open(uint40 account, GridOrder calldata order) external returns (uint256 id);

    /// @notice Ends a grid of the caller's and takes its orders off the book.
    /// @dev Also where Pro no longer lets it: it is over all the same, and `GridEnded` says so.
    /// @return cancelled How many orders were taken off.
    function stop(uint256 id) external returns (uint256 cancelled);

    /// @notice Brings a grid's orders to where its position says. Anyone.
    /// @dev Where margin does not bear all of them, it tries half as many, those nearest to the price. Any error of Pro's that is no refusal,
    /// and too little gas, reverts. The index must be of at most 5 s, see `IPro.refresh`, and a second has one roll. A line waits that the mark has
    /// passed by more than a cell: an order there would rest only where the other side of the book is gone, for whoever took it.
    /// @param maxLines Most orders to place, and to take off, 1 to 10. A grid that ends takes all of its orders off.
    /// @param keeper Is paid, into his account 0: 0.02 USD for each line filled since lines were last paid for, at most for each
    /// order that came to rest; of a grid that ends for each order taken off, at most 0.2 USD.
    /// @return outcome Rolled, Ended or Skipped.
    /// @return reason Why it was skipped or ended.
    function roll(uint256 id, uint256 maxLines, address keeper) external returns (ProOutcome outcome, ProReason reason);

    /// @notice What `roll` would come to now: always reverts, with `GridBook_Simulated` or with the error of the call itself.
    function simulate(uint256 id, uint256 maxLines, address keeper) external;

    /// @notice The words of a grid by its key, running or over.
    function wordsOf(uint256 key) external view returns (GridWord, GridProgress, GridLedger);

    /// @notice Ticks of a grid's lines by its key, from the lowest up.
    function ticksOf(uint256 key) external view returns (uint24[] memory);

    /// @notice The Pro whose orders its lines are.
    function pro() external view returns (IPro);
}
