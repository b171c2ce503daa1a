// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProOutcome, ProReason} from "../ProOutcome.sol";
import {GridRoll, IGridBook} from "./IGridBook.sol";

/// @notice A grid, with what was filled since its last roll.
/// @param id Its id; 0: none was ever opened under the id asked for, or another one since.
/// @param startHeld Lots that it held as it was opened.
/// @param held Lots that it holds.
/// @param pairs Lines bought and sold again, or the other way round.
/// @param realised What they earned, quote, before fees and tips.
/// @param tips Quote that its rollers were paid.
/// @param rolledAt When it was rolled last.
/// @param end Why the next roll ends it; None: it goes on.
struct GridView {
    uint256 id;
    uint40 account;
    uint8 market;
    bool isRunning;
    bool isGeometric;
    uint256 lines;
    uint256 window;
    uint24 low;
    uint24 high;
    uint256 lots;
    uint24 stopLow;
    uint24 stopHigh;
    uint256 startHeld;
    uint256 held;
    uint256 pairs;
    int256 realised;
    uint256 tips;
    uint256 rolledAt;
    ProReason end;
}

/// @notice A cell of a grid, between two lines, and the order that it waits with.
/// @param line The order's price, counted from the lowest.
/// @param tick The same in ticks.
/// @param lots What it is placed with.
/// @param isWithin It is within the window: its order is to rest.
/// @param orderId The order that rests there; 0: none.
/// @param restingLots What is left of that.
struct CellView {
    uint256 line;
    uint24 tick;
    bool isBid;
    uint256 lots;
    bool isWithin;
    uint256 orderId;
    uint256 restingLots;
}

/// @title Views of grids
interface IGridBookLens {
    /// @notice A grid, running or over, until another one is opened in its place.
    function grid(IGridBook book, uint256 id) external view returns (GridView memory);

    /// @notice Its cells from the lowest up; none of a grid that is over.
    function cells(IGridBook book, uint256 id) external view returns (CellView[] memory);

    /// @notice What `IGridBook.roll` would come to if `keeper` were paid for it now: the very same, or the very error.
    /// @dev To be called, not sent: whatever it does is undone.
    function previewRoll(
        IGridBook book,
        uint256 id,
        uint256 maxLines,
        address keeper
    ) external returns (ProOutcome outcome, ProReason reason, GridRoll memory roll);
}
