// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProOutcome, ProReason} from "../../pro/ProOutcome.sol";
import {GridRoll, IGridBook} from "../../pro/interfaces/IGridBook.sol";
import {CellView, GridView, IGridBookLens} from "../../pro/interfaces/IGridBookLens.sol";
import {GridMath} from "../../pro/math/GridMath.sol";
import {GridCase, GridLine, GridRules} from "../../pro/rules/GridRules.sol";
import {GridIds, GridWord} from "../../pro/types/GridWord.sol";
import {ProIds} from "../../pro/types/ProIds.sol";
import {ONE_USD} from "../../types/Units.sol";

/// @title GridBookLens
/// @notice See `IGridBookLens`.
contract GridBookLens is IGridBookLens {
    /// @dev 0.02 USD, quote.
    uint256 private constant LINE_TIP = ONE_USD / 50;

    /// @inheritdoc IGridBookLens
    function previewRoll(
        IGridBook book,
        uint256 id,
        uint256 maxLines,
        address keeper
    ) external override returns (ProOutcome outcome, ProReason reason, GridRoll memory roll) {
        // What does not revert is no grid book, and has nothing to say.
        try book.simulate(id, maxLines, keeper) {
            return (outcome, reason, roll);
        } catch (bytes memory data) {
            if (bytes4(data) != IGridBook.GridBook_Simulated.selector) {
                assembly ("memory-safe") {
                    revert(add(data, 0x20), mload(data))
                }
            }
            assembly ("memory-safe") {
                // Without the selector: its length takes the place of the first bytes.
                let length := sub(mload(data), 4)
                data := add(data, 4)
                mstore(data, length)
            }
            return abi.decode(data, (ProOutcome, ProReason, GridRoll));
        }
    }

    /// @inheritdoc IGridBookLens
    function grid(IGridBook book, uint256 id) external view override returns (GridView memory found) {
        GridCase memory x;
        if (!_load(x, book, id)) return found;
        GridWord word = x.grid;
        (found.id, found.account, found.market) = (id, GridIds.accountOf(x.key), GridIds.marketOf(x.key));
        (found.isRunning, found.isGeometric) = (word.isRunning(), word.isGeometric());
        (found.lines, found.window, found.lots) = (word.lines(), word.window(), word.lots());
        (found.low, found.high, found.stopLow, found.stopHigh) = (
            word.low(),
            word.high(),
            word.stopLow(),
            word.stopHigh()
        );
        (found.startHeld, found.held) = (word.startHeld(), x.held);
        uint256 open = x.held > found.startHeld ? x.held - found.startHeld : found.startHeld - x.held;
        found.pairs = (x.ledger.turned() + x.bought + x.sold - open) / 2 / found.lots;
        int256 realised = GridMath.realised(x.ticks, found.lots, found.startHeld, x.held, GridRules.flowOf(x));
        // Ticks × lots have 96 bits, a unit 112.
        found.realised = realised * int256(x.config.unit());
        found.tips = x.ledger.paidLines() * LINE_TIP;
        found.rolledAt = x.ledger.rolledAt();
        if (found.isRunning) found.end = GridRules.endOf(x);
    }

    /// @inheritdoc IGridBookLens
    function cells(IGridBook book, uint256 id) external view override returns (CellView[] memory shown) {
        GridCase memory x;
        if (!_load(x, book, id) || !x.grid.isRunning()) return shown;
        shown = new CellView[](x.grid.cells());
        for (uint256 cell = 0; cell < shown.length; ++cell) {
            GridLine memory line = GridRules.orderOf(x, cell);
            (shown[cell].line, shown[cell].tick, shown[cell].isBid) = (line.line, line.tick, line.isBid);
            (shown[cell].lots, shown[cell].isWithin) = (line.lots, GridRules.isWanted(x, cell, line.isBid));
        }
        for (uint256 i = 0; i < x.orders.length; ++i) {
            bool isBid = x.orders[i].isBid();
            (uint256 cell, bool isFound) = GridRules.cellOf(x, isBid, x.orders[i].tick());
            if (!isFound) continue;
            uint256 orderId = ProIds.orderId(x.refs[i], x.orders[i].generation(), GridIds.marketOf(x.key));
            (shown[cell].orderId, shown[cell].restingLots) = (orderId, x.orders[i].lots());
            // Of a cell that is held in part what rests may be the other one.
            (shown[cell].isBid, shown[cell].tick) = (isBid, x.orders[i].tick());
            shown[cell].line = isBid ? cell : cell + 1;
        }
    }

    /// @dev A grid that is over is shown as it ended.
    function _load(GridCase memory x, IGridBook book, uint256 id) private view returns (bool) {
        x.key = GridIds.keyOfId(id);
        (x.grid, x.progress, x.ledger) = book.wordsOf(x.key);
        if (x.grid.generation() == 0 || GridIds.idOf(x.key, x.grid.generation()) != id) return false;
        x.ticks = book.ticksOf(x.key);
        GridRules.read(x, book.pro());
        if (!x.grid.isRunning()) (x.held, x.bought, x.sold) = (x.progress.held(), 0, 0);
        return true;
    }
}
