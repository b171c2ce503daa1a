// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Orders that wait for a price. Their ids and their one word.
//
// | name | bits | from the lowest bit |
// |---|---|---|
// | trigger reference | 56 | slot 8 · market 8 · account 40 |
// | trigger id | 96 | reference 56 · generation of the slot 40 |

/// @notice What a trigger waits for.
/// @dev Stop: the index at or beyond its price to the disadvantage of who holds what it would close: at or below for what sells, at or
/// above for what buys. TakeProfit: the other way. Trailing: the index a callback away from a price that it had before.
enum TriggerKind {
    Stop,
    TakeProfit,
    Trailing
}

/// @dev A trigger. From the lowest bit: flags 8 · lots 48 · tick 24 · bound 24 · callback 16 · changedAt 40 · expiry 32 · tip 24 ·
/// generation 40. Flags: bit 0 waiting, bit 1 buys, bit 2 reduce-only, bits 3 and 4 the kind, bit 5 bound by a limit. Lots: 0 stands
/// for all that the position has. Tick: price that it waits for, of a trailing one the activation, 0 for none. Bound: limit in ticks,
/// or pips from the price at which it fires. Callback: pips. Tip: what is left of it, millionths of a dollar. A slot that is free has
/// only its generation.
type TriggerWord is uint256;

using TriggerWordFields for TriggerWord global;

library TriggerIds {
    function referenceOf(uint40 account, uint8 market, uint256 slot) internal pure returns (uint256) {
        return slot | (uint256(market) << 8) | (uint256(account) << 16);
    }

    function idOf(uint256 ref, uint40 generation) internal pure returns (uint256) {
        return ref | (uint256(generation) << 56);
    }

    // Each cuts to the width it was composed with.

    function refOf(uint256 id) internal pure returns (uint256) {
        return uint56(id);
    }

    function marketOf(uint256 id) internal pure returns (uint8) {
        return uint8(id >> 8);
    }

    function accountOf(uint256 id) internal pure returns (uint40) {
        return uint40(id >> 16);
    }
}

library TriggerWordFields {
    uint256 private constant WAITING = 1;
    uint256 private constant BUY = 1 << 1;
    uint256 private constant REDUCE_ONLY = 1 << 2;
    uint256 private constant KIND_SHIFT = 3;
    uint256 private constant LIMIT = 1 << 5;
    uint256 private constant LOTS_MASK = uint256(type(uint48).max) << 8;
    uint256 private constant TIP_MASK = uint256(type(uint24).max) << 192;
    uint256 private constant GENERATION_MASK = uint256(type(uint40).max) << 216;

    /// @dev What one waits for and what it does; the rest is `withClock`'s to add.
    function pack(
        TriggerKind kind_,
        bool isBuy_,
        bool isReduceOnly_,
        uint48 lots_,
        uint24 tick_
    ) internal pure returns (TriggerWord) {
        uint256 flags = WAITING | (uint256(kind_) << KIND_SHIFT);
        if (isBuy_) flags |= BUY;
        if (isReduceOnly_) flags |= REDUCE_ONLY;
        return TriggerWord.wrap(flags | (uint256(lots_) << 8) | (uint256(tick_) << 56));
    }

    /// @dev Requirements: the word has no bound yet, as `pack` makes it.
    function withBound(
        TriggerWord self,
        bool isLimit_,
        uint24 bound_,
        uint16 callbackPips_
    ) internal pure returns (TriggerWord) {
        uint256 word = TriggerWord.unwrap(self) | (uint256(bound_) << 80) | (uint256(callbackPips_) << 104);
        return TriggerWord.wrap(isLimit_ ? word | LIMIT : word);
    }

    /// @dev Requirements: the word has none of these yet, as `pack` makes it.
    function withClock(
        TriggerWord self,
        uint40 changedAt_,
        uint32 expiry_,
        uint24 tip_,
        uint40 generation_
    ) internal pure returns (TriggerWord) {
        uint256 word = TriggerWord.unwrap(self) | (uint256(changedAt_) << 120) | (uint256(expiry_) << 160);
        return TriggerWord.wrap(word | (uint256(tip_) << 192) | (uint256(generation_) << 216));
    }

    /// @notice After a fill in part.
    function withRest(TriggerWord self, uint48 lots_, uint24 tip_) internal pure returns (TriggerWord) {
        uint256 word = TriggerWord.unwrap(self) & ~(LOTS_MASK | TIP_MASK);
        return TriggerWord.wrap(word | (uint256(lots_) << 8) | (uint256(tip_) << 192));
    }

    /// @notice A free slot.
    function emptied(TriggerWord self) internal pure returns (TriggerWord) {
        return TriggerWord.wrap(TriggerWord.unwrap(self) & GENERATION_MASK);
    }

    // Each getter cuts to the width that its field was packed with.

    function isWaiting(TriggerWord self) internal pure returns (bool) {
        return TriggerWord.unwrap(self) & WAITING != 0;
    }

    function isBuy(TriggerWord self) internal pure returns (bool) {
        return TriggerWord.unwrap(self) & BUY != 0;
    }

    function isReduceOnly(TriggerWord self) internal pure returns (bool) {
        return TriggerWord.unwrap(self) & REDUCE_ONLY != 0;
    }

    function kind(TriggerWord self) internal pure returns (TriggerKind) {
        return TriggerKind((TriggerWord.unwrap(self) >> KIND_SHIFT) & 3);
    }

    function isLimit(TriggerWord self) internal pure returns (bool) {
        return TriggerWord.unwrap(self) & LIMIT != 0;
    }

    /// @dev 0: all that the position has.
    function lots(TriggerWord self) internal pure returns (uint48) {
        return uint48(TriggerWord.unwrap(self) >> 8);
    }

    function tick(TriggerWord self) internal pure returns (uint24) {
        return uint24(TriggerWord.unwrap(self) >> 56);
    }

    /// @dev Ticks where `isLimit`, pips where not.
    function bound(TriggerWord self) internal pure returns (uint24) {
        return uint24(TriggerWord.unwrap(self) >> 80);
    }

    function callbackPips(TriggerWord self) internal pure returns (uint16) {
        return uint16(TriggerWord.unwrap(self) >> 104);
    }

    function changedAt(TriggerWord self) internal pure returns (uint40) {
        return uint40(TriggerWord.unwrap(self) >> 120);
    }

    /// @dev Last second in which it may fire; 0: it does not expire.
    function expiry(TriggerWord self) internal pure returns (uint32) {
        return uint32(TriggerWord.unwrap(self) >> 160);
    }

    function isExpired(TriggerWord self) internal view returns (bool) {
        uint256 last = expiry(self);
        return last != 0 && last < block.timestamp;
    }

    /// @dev Millionths of a dollar.
    function tip(TriggerWord self) internal pure returns (uint24) {
        return uint24(TriggerWord.unwrap(self) >> 192);
    }

    function generation(TriggerWord self) internal pure returns (uint40) {
        return uint40(TriggerWord.unwrap(self) >> 216);
    }
}
