// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AssetMask} from "../../utils/AssetMask.sol";
import {ProReason} from "../ProOutcome.sol";
import {ProStateLib} from "../ProStateLib.sol";
import {IPro} from "../interfaces/IPro.sol";
import {GridMath} from "../math/GridMath.sol";
import {GridIds, GridLedger, GridProgress, GridWord} from "../types/GridWord.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {IndexWord, MarkWord} from "../types/MarketWords.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {PositionWord} from "../types/PositionWord.sol";
import {ProIds} from "../types/ProIds.sol";
import {SumsWord} from "../types/SumsWord.sol";

/// @notice A grid, its market, and its account there.
/// @param mark 10 decimals.
/// @param refs References of the account's resting orders.
/// @param lastStep When a liquidation last reduced the position.
/// @param held Lots that it holds now.
/// @param bought Lots bought since the last roll.
/// @param sold Lots sold since the last roll.
/// @param isExplained Its position moved by no more than its orders account for.
struct GridCase {
    uint256 key;
    GridWord grid;
    GridProgress progress;
    GridLedger ledger;
    uint24[] ticks;
    ConfigWord config;
    IndexWord index;
    uint256 mark;
    SumsWord sums;
    int256 position;
    uint256 lastStep;
    uint48[] refs;
    OrderWord[] orders;
    uint256 held;
    uint256 bought;
    uint256 sold;
    bool isExplained;
}

/// @notice An order that a grid wants.
/// @param line Its price, counted from the lowest.
struct GridLine {
    uint256 line;
    bool isBid;
    uint24 tick;
    uint48 lots;
}

/// @notice What a roll does.
/// @param cancels Ids of orders to take off.
/// @param lines Orders to place, those nearest to the price first.
struct GridPlan {
    uint256[] cancels;
    GridLine[] lines;
}

/// @title What the position of a grid says
/// @notice Changes nothing: a roll and its views ask the same questions.
library GridRules {
    using ProStateLib for IPro;

    /// @dev Oldest index that ends a grid, and at which its orders are placed, in seconds.
    uint256 private constant MAX_AGE = 5;

    /// @notice Reads a grid's account in its market, and what its position moved by since the last roll.
    /// @dev Requirements: key, words and ticks are there.
    function read(GridCase memory x, IPro pro) internal view {
        MarkWord mark;
        (x.config, , x.index, mark) = pro.pulse(GridIds.marketOf(x.key));
        x.mark = mark.mark();
        readAccount(x, pro);
        _count(x);
    }

    /// @notice Reads the account's position and its resting orders.
    function readAccount(GridCase memory x, IPro pro) internal view {
        (uint8 market, uint40 account) = (GridIds.marketOf(x.key), GridIds.accountOf(x.key));
        PositionWord position;
        (x.sums, position, x.lastStep) = pro.holding(market, account);
        x.position = position.lots();
        uint256 slots = x.sums.slots();
        x.refs = new uint48[](AssetMask.count(slots));
        for (uint256 i = 0; i < x.refs.length; ++i) {
            x.refs[i] = ProIds.referenceOf(account, AssetMask.lowest(slots));
            slots &= slots - 1;
        }
        x.orders = pro.ordersAt(market, x.refs);
    }

    /// @notice Why a grid is over; None: it goes on.
    function endOf(GridCase memory x) internal view returns (ProReason) {
        if (x.config.status() == MarketStatus.Settling) return ProReason.MarketSettling;
        bool isStopped = isFresh(x) && isBeyond(x.grid, x.index.price(), x.config.tickSize());
        if (isStopped) return ProReason.StopReached;
        return x.isExplained ? ProReason.None : ProReason.PositionMoved;
    }

    /// @notice Whether there is an index that a roll may follow.
    /// @dev Older ones pay nobody: only who knows better than they would roll at them.
    function isFresh(GridCase memory x) internal view returns (bool) {
        return x.index.price() != 0 && block.timestamp <= x.index.publishTime() + MAX_AGE;
    }

    /// @notice Whether a price has reached one of a grid's stops; on it counts.
    /// @param price 10 decimals.
    function isBeyond(GridWord grid, uint256 price, uint256 tickSize) internal pure returns (bool) {
        if (grid.stopLow() != 0 && price <= grid.stopLow() * tickSize) return true;
        return grid.stopHigh() != 0 && price >= grid.stopHigh() * tickSize;
    }

    /// @notice What brings a grid's orders to where its position says.
    /// @param most Most orders to place, and to take off.
    function planOf(GridCase memory x, uint256 most) internal pure returns (GridPlan memory plan) {
        uint256 covered;
        (plan.cancels, covered) = _strays(x, most);
        plan.lines = _missing(x, most, covered);
    }

    /// @notice Σ tick × lots sold less bought, up to now.
    function flowOf(GridCase memory x) internal pure returns (int256) {
        (uint256 held, uint256 lots) = (x.progress.held(), x.grid.lots());
        // At most 99 lines of 68 bits each.
        int256 sold = int256(GridMath.soldFor(x.ticks, lots, held - x.sold, held));
        return x.ledger.flow() + sold - int256(GridMath.boughtFor(x.ticks, lots, held, held + x.bought));
    }

    /// @notice Ids of the account's orders at the grid's lines.
    function ordersOf(GridCase memory x) internal pure returns (uint256[] memory ids) {
        ids = new uint256[](x.orders.length);
        uint256 count = 0;
        for (uint256 i = 0; i < x.orders.length; ++i) {
            (, bool isFound) = cellOf(x, x.orders[i].isBid(), x.orders[i].tick());
            if (isFound) ids[count++] = _idOf(x, i);
        }
        _cut(ids, count);
    }

    /// @notice The order that a cell waits with, whether or not it is within the window.
    /// @dev Of the cell that is held in part the larger part: half a line is enough to rest.
    function orderOf(GridCase memory x, uint256 cell) internal pure returns (GridLine memory line) {
        uint256 lots = x.grid.lots();
        uint256 first = firstHeld(x);
        uint256 part = x.held % lots;
        line.isBid = cell < first;
        if (cell + 1 == first && part != 0) {
            line.isBid = 2 * part < lots;
            lots = line.isBid ? lots - part : part;
        }
        line.line = line.isBid ? cell : cell + 1;
        line.tick = x.ticks[line.line];
        // 44 bits.
        line.lots = uint48(lots);
    }

    /// @notice Whether an order on this side is one that the cell may have now.
    function isWanted(GridCase memory x, uint256 cell, bool isBid) internal pure returns (bool) {
        uint256 first = firstHeld(x);
        uint256 window = x.grid.window();
        if (cell + window < first || cell >= first + window) return false;
        // What a cell is held in part, both of its orders may be left of.
        if (cell + 1 == first && x.held % x.grid.lots() != 0) return true;
        return isBid == (cell < first);
    }

    /// @notice The lowest cell that is held whole.
    function firstHeld(GridCase memory x) internal pure returns (uint256) {
        return x.grid.cells() - x.held / x.grid.lots();
    }

    /// @notice The cell of an order at a line: a bid is its cell's lower one, an ask the upper.
    function cellOf(GridCase memory x, bool isBid, uint24 tick) internal pure returns (uint256 cell, bool isFound) {
        (uint256 low, uint256 high) = (0, x.ticks.length);
        // The first line at or above the tick.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (x.ticks[middle] < tick) low = middle + 1;
            else high = middle;
        }
        if (low == x.ticks.length || x.ticks[low] != tick) return (0, false);
        // The lowest line sells for nobody, the highest buys for nobody.
        if (isBid) return (low, low + 1 != x.ticks.length);
        return low == 0 ? (0, false) : (low - 1, true);
    }

    /// @dev What was bought and sold. Where all orders that are gone account for the move they were all filled; otherwise some were taken off, and
    /// the move itself is what counts.
    function _count(GridCase memory x) private pure {
        (uint256 held, uint256 all) = (x.progress.held(), x.grid.cells() * x.grid.lots());
        uint256 bids = _fallen(x.progress.bidLots(), x.sums.bidLots());
        uint256 asks = _fallen(x.progress.askLots(), x.sums.askLots());
        int256 moved = x.position - x.progress.position();
        // Lots of 44 bits, positions of 64.
        bool isWhole = int256(bids) - int256(asks) == moved && held + bids <= all && asks <= held;
        if (isWhole) (x.bought, x.sold) = (bids, asks);
        else if (moved > 0) x.bought = uint256(moved);
        else x.sold = uint256(-moved);
        x.isExplained =
            x.bought <= bids &&
            x.sold <= asks &&
            held + x.bought <= all + x.sold &&
            x.sold <= held + x.bought &&
            x.lastStep < x.ledger.rolledAt();
        if (x.isExplained) x.held = held + x.bought - x.sold;
        else (x.held, x.bought, x.sold) = (held, 0, 0);
    }

    function _fallen(uint256 before, uint256 now_) private pure returns (uint256) {
        return before > now_ ? before - now_ : 0;
    }

    /// @dev Orders at lines where none belongs now, and a bit for each cell that has one.
    function _strays(GridCase memory x, uint256 most) private pure returns (uint256[] memory ids, uint256 covered) {
        ids = new uint256[](x.orders.length < most ? x.orders.length : most);
        uint256 count = 0;
        for (uint256 i = 0; i < x.orders.length; ++i) {
            bool isBid = x.orders[i].isBid();
            (uint256 cell, bool isFound) = cellOf(x, isBid, x.orders[i].tick());
            if (!isFound) continue;
            if (isWanted(x, cell, isBid)) covered |= 1 << cell;
            else if (count < ids.length) ids[count++] = _idOf(x, i);
        }
        _cut(ids, count);
    }

    /// @dev Orders of cells within the window that have none, outwards from the price, but those that the mark has passed. The side that answers
    /// what was filled comes first.
    function _missing(GridCase memory x, uint256 most, uint256 covered) private pure returns (GridLine[] memory lines) {
        uint256 window = x.grid.window();
        uint256 first = firstHeld(x);
        lines = new GridLine[](most < 2 * window ? most : 2 * window);
        uint256 count = 0;
        bool isAskFirst = x.held >= x.progress.paidHeld();
        for (uint256 i = 0; i < 2 * window && count < lines.length; ++i) {
            bool isAbove = (i % 2 == 0) == isAskFirst;
            uint256 distance = i / 2;
            if (isAbove ? first + distance >= x.grid.cells() : distance >= first) continue;
            uint256 cell = isAbove ? first + distance : first - 1 - distance;
            if (covered & (1 << cell) != 0) continue;
            GridLine memory line = orderOf(x, cell);
            if (!_isPassed(x, line)) lines[count++] = line;
        }
        assembly ("memory-safe") {
            mstore(lines, count)
        }
    }

    /// @dev Whether the mark lies beyond an order's line by more than a cell, or at all where there is no further line. In a book that
    /// lacks the other side such an order would rest, for whoever takes it at once.
    function _isPassed(GridCase memory x, GridLine memory line) private pure returns (bool) {
        uint256 next = line.line;
        if (line.isBid && next != 0) --next;
        if (!line.isBid && next + 1 != x.ticks.length) ++next;
        uint256 price = x.ticks[next] * x.config.tickSize();
        return line.isBid ? x.mark < price : x.mark > price;
    }

    function _idOf(GridCase memory x, uint256 index) private pure returns (uint256) {
        return ProIds.orderId(x.refs[index], x.orders[index].generation(), GridIds.marketOf(x.key));
    }

    function _cut(uint256[] memory ids, uint256 count) private pure {
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }
}
