// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Market} from "contracts/pro/ProState.sol";
import {TickBits} from "contracts/pro/TickBits.sol";
import {ProBook} from "contracts/pro/rules/ProBook.sol";
import {LevelWord} from "contracts/pro/types/LevelWord.sol";
import {MarkWord} from "contracts/pro/types/MarketWords.sol";
import {OrderWord, OrderWordFields} from "contracts/pro/types/OrderWord.sol";
import {VM} from "../base/Vm.sol";

/// @notice Levels, queues, bits and best prices agree in every book that so many steps can make: orders join at ticks that lie at the
/// edges of words and branches of the tree, are lowered, and leave from wherever they stand.
/// @dev Each step is a call that reverts once all that can follow was tried: so it is undone.
contract BooksTest {
    using TickBits for mapping(uint256 key => uint256);

    /// @dev An order that rests, in the order of their coming.
    struct Resting {
        uint48 ref;
        uint24 tick;
        bool isBid;
        bool isFirm;
        uint48 lots;
    }

    /// @notice All that follows was tried and held.
    error Tried(uint256 books);

    uint256 private constant TICKS = 4;
    /// @dev Steps of one side, and of both together.
    uint256 private constant ONE_SIDE = 6;
    uint256 private constant BOTH_SIDES = 5;
    Market private _market;

    function test_everyBookOfBids() external {
        _tryAll(ONE_SIDE, 0, TICKS, "bids");
    }

    function test_everyBookOfAsks() external {
        _tryAll(ONE_SIDE, TICKS, 2 * TICKS, "asks");
    }

    function test_everyBookOfBothSides() external {
        _tryAll(BOTH_SIDES, 0, 2 * TICKS, "both sides");
    }

    function _tryAll(uint256 depth, uint256 from, uint256 until, string memory name) private {
        uint256 books = _tryNext(depth, from, until, new Resting[](0), 1);
        VM.writeLine(VM.envString("FUZZ_COUNTS"), string.concat("books of ", name, "=", VM.toString(books), ";"));
    }

    /// @notice Takes one step and all that may follow. Always reverts: with `Tried`, or with what did not hold.
    /// @param step Below `2 · TICKS` an order joins; beyond, the one so far down the list leaves, or is lowered.
    function tryStep(
        uint256 step,
        uint256 depth,
        uint256 from,
        uint256 until,
        Resting[] memory list,
        uint48 nextRef
    ) external {
        if (step < 2 * TICKS) list = _join(step, list, nextRef++);
        else if (step < 2 * TICKS + list.length) list = _leave(step - 2 * TICKS, list);
        else _lower(step - 2 * TICKS - list.length, list);
        _check(list);
        revert Tried(1 + (depth == 1 ? 0 : _tryNext(depth - 1, from, until, list, nextRef)));
    }

    function _tryNext(
        uint256 depth,
        uint256 from,
        uint256 until,
        Resting[] memory list,
        uint48 nextRef
    ) private returns (uint256 books) {
        for (uint256 step = from; step < until; ++step) books += _try(step, depth, from, until, list, nextRef);
        for (uint256 i = 0; i < 2 * list.length; ++i) {
            books += _try(2 * TICKS + i, depth, from, until, list, nextRef);
        }
    }

    function _try(
        uint256 step,
        uint256 depth,
        uint256 from,
        uint256 until,
        Resting[] memory list,
        uint48 nextRef
    ) private returns (uint256 books) {
        try this.tryStep(step, depth, from, until, list, nextRef) {
            revert("a step came back");
        } catch (bytes memory answer) {
            if (bytes4(answer) != Tried.selector) {
                assembly ("memory-safe") {
                    revert(add(answer, 32), mload(answer))
                }
            }
            assembly ("memory-safe") {
                books := mload(add(answer, 36))
            }
        }
    }

    // Steps

    function _join(uint256 step, Resting[] memory list, uint48 ref) private returns (Resting[] memory longer) {
        uint24[TICKS] memory ticks = [uint24(0xff), 0x100, 0xffff, 0x10000];
        longer = new Resting[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        // Every second order expires, which keeps it out of the firm lots.
        Resting memory r = Resting(ref, ticks[step % TICKS], step < TICKS, ref % 2 == 0, 10 * ref);
        longer[list.length] = r;
        OrderWord order = OrderWordFields.pack(r.lots, 0, r.tick, r.isFirm ? 0 : 1, r.isBid, false, 7);
        bool isFitting;
        (isFitting, _market.mark) = ProBook.append(_market, _market.mark, ref, order);
        require(isFitting, "an order did not fit");
    }

    function _leave(uint256 index, Resting[] memory list) private returns (Resting[] memory shorter) {
        shorter = new Resting[](list.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = list[i < index ? i : i + 1];
        uint48 ref = list[index].ref;
        _market.mark = ProBook.unlink(_market, _market.mark, ref, _market.orders[ref]);
        require(
            OrderWord.unwrap(_market.orders[list[index].ref]) == 7 << 208,
            "an empty slot keeps its generation alone"
        );
    }

    function _lower(uint256 index, Resting[] memory list) private {
        Resting memory r = list[index];
        r.lots = r.lots / 2 + 1;
        ProBook.lower(_market, r.ref, _market.orders[r.ref], r.lots);
    }

    // What must hold

    function _check(Resting[] memory list) private view {
        uint24[TICKS] memory ticks = [uint24(0xff), 0x100, 0xffff, 0x10000];
        for (uint256 side = 0; side < 2; ++side) {
            bool isBid = side == 0;
            uint24 next = _market.mark.best(isBid);
            uint256 found;
            for (uint256 i = 0; i < TICKS; ++i) {
                uint24 tick = ticks[isBid ? TICKS - 1 - i : i];
                if (!_checkLevel(list, isBid, tick)) continue;
                require(next == tick, "the next price is not the next level");
                next = _market.bits.worse(isBid, tick);
                ++found;
            }
            require(next == 0, "a price without a level");
            require(found != 0 || _isBare(isBid), "bits are left of an empty side");
        }
    }

    /// @return isThere It has orders.
    function _checkLevel(Resting[] memory list, bool isBid, uint24 tick) private view returns (bool isThere) {
        LevelWord level = _market.levels[TickBits.levelKey(isBid, tick)];
        (uint256 lots, uint256 firm, uint256 count) = (0, 0, 0);
        uint48 forth = level.head();
        uint48 last;
        for (uint256 i = 0; i < list.length; ++i) {
            Resting memory r = list[i];
            if (r.isBid != isBid || r.tick != tick) continue;
            require(forth == r.ref, "not in the order of their coming");
            OrderWord order = _market.orders[r.ref];
            require(count == 0 || order.prev() == last, "the way back leads elsewhere");
            require(order.lots() == r.lots && order.tick() == tick && order.isBid() == isBid, "an order has changed");
            (lots, firm, count) = (lots + r.lots, firm + (r.isFirm ? r.lots : 0), count + 1);
            (last, forth) = (r.ref, order.next());
        }
        require(level.lots() == lots && level.firm() == firm && level.count() == count, "a level is not its orders");
        require(count != 0 || LevelWord.unwrap(level) == 0, "a level without orders is not empty");
        require(count == 0 || level.tail() == last, "the tail is not the last that came");
        require(_hasBit(isBid, tick) == (count != 0), "a bit is not its level");
        return count != 0;
    }

    function _hasBit(bool isBid, uint24 tick) private view returns (bool) {
        uint256 side = isBid ? 0 : TickBits.ASKS;
        return _market.bits[side | (tick >> 8)] & (1 << (tick & 0xff)) != 0;
    }

    function _isBare(bool isBid) private view returns (bool) {
        uint256 side = isBid ? 0 : TickBits.ASKS;
        return _market.bits[TickBits.TOP | side] == 0 && _market.bits[TickBits.MIDDLE | side] == 0;
    }
}
