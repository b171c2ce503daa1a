// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Grids of orders: their ids and their words.
//
// | name | bits | from the lowest bit |
// |---|---|---|
// | grid key | 48 | market 8 · account 40 |
// | grid id | 88 | key 48 · generation of the key 40 |
//
// Line i, counted from 0, is a price; cell i lies between the lines i and i + 1 and waits with one order: to buy at the lower line, or,
// once it holds, to sell at the upper one. What a grid holds fills its cells from the highest down: lots held / lots of a line.

/// @dev What its owner chose. From the lowest bit: lines 8 · window 8 · flags 8 · lots 44 · low 24 · high 24 · stopLow 24 · stopHigh 24 ·
/// generation 40 · startHeld 52. Flags: bit 0 running, bit 1 geometric. Window: most cells on each side of the price that have orders.
/// Stops: ticks, 0 for none. StartHeld: lots held as it was opened.
type GridWord is uint256;

/// @dev Where it stood at its last roll. From the lowest bit: position int64 · bidLots 44 · askLots 44 · held 52 · paidHeld 52. Position,
/// bidLots, askLots: what its account had in the market. PaidHeld: what it held up to the last line that a roller was paid for.
type GridProgress is uint256;

/// @dev What it came to. From the lowest bit: flow int96 · turned 80 · paidLines 40 · rolledAt 40. Flow: Σ tick × lots sold less bought.
/// Turned: Σ lots bought and sold.
type GridLedger is uint256;

using GridWordFields for GridWord global;
using GridProgressFields for GridProgress global;
using GridLedgerFields for GridLedger global;

library GridIds {
    function keyOf(uint40 account, uint8 market) internal pure returns (uint256) {
        return uint256(market) | (uint256(account) << 8);
    }

    function idOf(uint256 key, uint40 generation) internal pure returns (uint256) {
        return key | (uint256(generation) << 48);
    }

    // Each cuts to the width it was composed with.

    function keyOfId(uint256 id) internal pure returns (uint256) {
        return uint48(id);
    }

    function marketOf(uint256 key) internal pure returns (uint8) {
        return uint8(key);
    }

    function accountOf(uint256 key) internal pure returns (uint40) {
        return uint40(key >> 8);
    }
}

library GridWordFields {
    /// @dev Largest size of a line, and of what an account's sums of orders count.
    uint256 internal constant MAX_LOTS = (1 << 44) - 1;
    uint256 private constant RUNNING = 1 << 16;
    uint256 private constant GEOMETRIC = 1 << 17;

    /// @dev Requirements: lots of 44 bits. The rest is the other two functions' to add.
    function pack(uint8 lines_, uint8 window_, bool isGeometric_, uint48 lots_) internal pure returns (GridWord) {
        uint256 word = uint256(lines_) | (uint256(window_) << 8) | RUNNING | (uint256(lots_) << 24);
        return GridWord.wrap(isGeometric_ ? word | GEOMETRIC : word);
    }

    /// @dev Requirements: the word has none of these yet, as `pack` makes it.
    function withPrices(
        GridWord self,
        uint24 low_,
        uint24 high_,
        uint24 stopLow_,
        uint24 stopHigh_
    ) internal pure returns (GridWord) {
        uint256 word = GridWord.unwrap(self) | (uint256(low_) << 68) | (uint256(high_) << 92);
        return GridWord.wrap(word | (uint256(stopLow_) << 116) | (uint256(stopHigh_) << 140));
    }

    /// @dev Requirements: the word has none of these yet, as `pack` makes it; what is held has 52 bits, as 99 lines of 44 have.
    function withStart(GridWord self, uint40 generation_, uint256 startHeld_) internal pure returns (GridWord) {
        return GridWord.wrap(GridWord.unwrap(self) | (uint256(generation_) << 164) | (startHeld_ << 204));
    }

    /// @notice The word of a grid that is over: what it was stays to be read.
    function ended(GridWord self) internal pure returns (GridWord) {
        return GridWord.wrap(GridWord.unwrap(self) & ~RUNNING);
    }

    // Each getter cuts to the width that its field was packed with.

    function lines(GridWord self) internal pure returns (uint256) {
        return uint8(GridWord.unwrap(self));
    }

    /// @dev Requirements: lines, of which a grid has two at least.
    function cells(GridWord self) internal pure returns (uint256) {
        return lines(self) - 1;
    }

    function window(GridWord self) internal pure returns (uint256) {
        return uint8(GridWord.unwrap(self) >> 8);
    }

    function isRunning(GridWord self) internal pure returns (bool) {
        return GridWord.unwrap(self) & RUNNING != 0;
    }

    function isGeometric(GridWord self) internal pure returns (bool) {
        return GridWord.unwrap(self) & GEOMETRIC != 0;
    }

    function lots(GridWord self) internal pure returns (uint256) {
        return (GridWord.unwrap(self) >> 24) & MAX_LOTS;
    }

    function low(GridWord self) internal pure returns (uint24) {
        return uint24(GridWord.unwrap(self) >> 68);
    }

    function high(GridWord self) internal pure returns (uint24) {
        return uint24(GridWord.unwrap(self) >> 92);
    }

    /// @dev 0: none.
    function stopLow(GridWord self) internal pure returns (uint24) {
        return uint24(GridWord.unwrap(self) >> 116);
    }

    /// @dev 0: none.
    function stopHigh(GridWord self) internal pure returns (uint24) {
        return uint24(GridWord.unwrap(self) >> 140);
    }

    function generation(GridWord self) internal pure returns (uint40) {
        return uint40(GridWord.unwrap(self) >> 164);
    }

    function startHeld(GridWord self) internal pure returns (uint256) {
        return GridWord.unwrap(self) >> 204;
    }
}

library GridProgressFields {
    uint256 private constant LOTS_MASK = (1 << 44) - 1;
    uint256 private constant HELD_MASK = (1 << 52) - 1;

    /// @dev Requirements: a position of 64 bits, lots of 44, what is held of 52: as Pro's words and a grid have them.
    function pack(
        int256 position_,
        uint256 bidLots_,
        uint256 askLots_,
        uint256 held_,
        uint256 paidHeld_
    ) internal pure returns (GridProgress) {
        // The lower bits of a negative number are its own.
        uint256 word = uint256(uint64(int64(position_))) | (bidLots_ << 64) | (askLots_ << 108);
        return GridProgress.wrap(word | (held_ << 152) | (paidHeld_ << 204));
    }

    // Each getter cuts to the width that its field was packed with.

    function position(GridProgress self) internal pure returns (int256) {
        return int64(uint64(GridProgress.unwrap(self)));
    }

    function bidLots(GridProgress self) internal pure returns (uint256) {
        return (GridProgress.unwrap(self) >> 64) & LOTS_MASK;
    }

    function askLots(GridProgress self) internal pure returns (uint256) {
        return (GridProgress.unwrap(self) >> 108) & LOTS_MASK;
    }

    function held(GridProgress self) internal pure returns (uint256) {
        return (GridProgress.unwrap(self) >> 152) & HELD_MASK;
    }

    function paidHeld(GridProgress self) internal pure returns (uint256) {
        return GridProgress.unwrap(self) >> 204;
    }
}

library GridLedgerFields {
    /// @dev Adds lines that were paid for.
    function withPaid(GridLedger self, uint256 lines) internal pure returns (GridLedger) {
        // Ten a roll fill 40 bits after 10^11 of them.
        return GridLedger.wrap(GridLedger.unwrap(self) + (lines << 176));
    }

    function pack(
        int256 flow_,
        uint256 turned_,
        uint256 paidLines_,
        uint256 rolledAt_
    ) internal pure returns (GridLedger) {
        // The largest line has 2^68 ticks × lots: cut after 2^27 of them in a row, which no chain has room for. It only tells.
        return
            GridLedger.wrap(
                uint256(uint96(int96(flow_))) |
                    (uint256(uint80(turned_)) << 96) |
                    (uint256(uint40(paidLines_)) << 176) |
                    (uint256(uint40(rolledAt_)) << 216)
            );
    }

    // Each getter cuts to the width that its field was packed with.

    function flow(GridLedger self) internal pure returns (int256) {
        return int96(uint96(GridLedger.unwrap(self)));
    }

    function turned(GridLedger self) internal pure returns (uint256) {
        return uint80(GridLedger.unwrap(self) >> 96);
    }

    function paidLines(GridLedger self) internal pure returns (uint256) {
        return uint40(GridLedger.unwrap(self) >> 176);
    }

    function rolledAt(GridLedger self) internal pure returns (uint256) {
        return GridLedger.unwrap(self) >> 216;
    }
}
