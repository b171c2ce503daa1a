// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Mode, TradeStatus} from "./TradeTypes.sol";

/// @title The state byte of a trade, and the book id
/// @dev Bits 0 and 1: status. Bit 2: long. Bit 3: pay out in the native coin. Bit 4: has an `TradeExtra`.
library TradeState {
    uint8 private constant STATUS_MASK = 3;
    uint8 private constant LONG = 4;
    uint8 private constant NATIVE = 8;
    uint8 private constant EXTRA = 16;

    function encode(TradeStatus status, bool isLong_, bool asNative_) internal pure returns (uint8) {
        return uint8(status) | (isLong_ ? LONG : 0) | (asNative_ ? NATIVE : 0);
    }

    function statusOf(uint8 state) internal pure returns (TradeStatus) {
        return TradeStatus(state & STATUS_MASK);
    }

    function isLong(uint8 state) internal pure returns (bool) {
        return state & LONG != 0;
    }

    function asNative(uint8 state) internal pure returns (bool) {
        return state & NATIVE != 0;
    }

    function hasExtra(uint8 state) internal pure returns (bool) {
        return state & EXTRA != 0;
    }

    function withStatus(uint8 state, TradeStatus status) internal pure returns (uint8) {
        return (state & ~STATUS_MASK) | uint8(status);
    }

    function withExtra(uint8 state) internal pure returns (uint8) {
        return state | EXTRA;
    }

    function modeOf(uint16 bookId) internal pure returns (Mode) {
        return Mode(bookId & 1);
    }

    function marketOf(uint16 bookId) internal pure returns (uint16) {
        return bookId >> 1;
    }
}
