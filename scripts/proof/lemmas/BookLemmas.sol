// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TickBits} from "../../../contracts/pro/TickBits.sol";

contract BookLemmas {
    /// @dev Levels of bids and asks never share a key.
    function sidesAreApart(uint24 bid, uint24 ask) external pure {
        assert(TickBits.levelKey(true, bid) != TickBits.levelKey(false, ask));
    }

    /// @dev Levels of a side have keys of their own.
    function levelsAreApart(bool isBid, uint24 a, uint24 b) external pure {
        require(a != b);
        assert(TickBits.levelKey(isBid, a) != TickBits.levelKey(isBid, b));
    }
}
