// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProOutcome, ProReason} from "../../pro/ProOutcome.sol";
import {IGridBook} from "../../pro/interfaces/IGridBook.sol";
import {GridMath} from "../../pro/math/GridMath.sol";
import {GridCase, GridLine, GridRules} from "../../pro/rules/GridRules.sol";
import {GridProgressFields, GridWordFields} from "../../pro/types/GridWord.sol";

/// @notice Arithmetic and rules of grids by themselves, and a caller that tells what a roll came to.
contract GridHarness {
    event Attempted(ProOutcome outcome, ProReason reason);

    function roll(IGridBook book, uint256 id, uint256 maxLines, address keeper) external {
        (ProOutcome outcome, ProReason reason) = book.roll(id, maxLines, keeper);
        emit Attempted(outcome, reason);
    }

    function linesOf(uint24 low, uint24 high, uint256 lines, bool isGeometric) external pure returns (uint24[] memory) {
        return GridMath.linesOf(low, high, lines, isGeometric);
    }

    function heldAt(
        uint24[] calldata ticks,
        uint256 lots,
        uint256 price,
        uint256 tickSize
    ) external pure returns (uint256) {
        return GridMath.heldAt(ticks, lots, price, tickSize);
    }

    function crossed(
        uint24[] calldata ticks,
        uint256 lots,
        uint256 start,
        uint256 from,
        uint256 to,
        int256 flow
    ) external pure returns (uint256 bought, uint256 sold, int256 realised) {
        bought = GridMath.boughtFor(ticks, lots, from, to);
        sold = GridMath.soldFor(ticks, lots, from, to);
        realised = GridMath.realised(ticks, lots, start, to, flow);
    }

    /// @notice The orders of a grid that holds so much and has none, in the order in which they are placed.
    function ordersOf(
        uint24[] calldata ticks,
        uint48 lots,
        uint8 window,
        uint256 held,
        uint256 paidHeld
    ) external pure returns (GridLine[] memory) {
        GridCase memory x;
        x.ticks = ticks;
        // At most 100 lines.
        x.grid = GridWordFields.pack(uint8(ticks.length), window, false, lots);
        x.held = held;
        x.progress = GridProgressFields.pack(0, 0, 0, held, paidHeld);
        return GridRules.planOf(x, 2 * uint256(window)).lines;
    }
}
