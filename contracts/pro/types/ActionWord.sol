// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// What an owner or a delegate asks `IPro.act` to do, and what became of it. An action is one word, a withdrawal two.
//
// | bits | action |
// |---|---|
// | kind 8 · soft 8 · market 8 | every action; a soft one that is refused is skipped |
// | · tickIndex 16 | Refresh: number of the tick among those proven by this call |
// | · orderId 104 | Cancel |
// | · orderId 104 · lots 48 | Lower: the lots that remain |
// | · flags 8 · type 8 · selfTrade 8 · maxFills 8 · tick 24 · lots 48 · expiry 32 | Place; flags: bit 0 bid, bit 1 reduce-only |
// | · leverage 8 | SetLeverage |
// | · isolated 8 | SetMode: 1 isolated, 0 cross |
// | (market: scope to take from, 0 cross, m + 1 isolated) · toScope 8 · toSub 8 · amount 112 | Transfer: quote |
// | · receiver 160; the next word: amount | Withdraw: units of the settlement token |
// | · broker 32 | NameBroker |
// | · amount 64 · keeper 160 | Tip: quote from the cross cash |
//
// A tip is tested like a reduction where the last order of the call that was filled before it was filled in cross mode, for 10 USD or so that no
// position is left. Otherwise it is tested like a withdrawal, and without such a fill, in whatever mode, refused to who may only reduce. The market of Cancel, Lower, Withdraw, NameBroker and Tip is not looked at.

/// @notice What an action does.
enum ActionKind {
    None,
    Refresh,
    Cancel,
    Lower,
    Place,
    SetLeverage,
    SetMode,
    Transfer,
    Withdraw,
    NameBroker,
    Tip
}

/// @notice What becomes of what an order does not fill at once.
/// @dev Limit: it rests. PostOnly: refused where it would fill. ImmediateOrCancel: dropped. FillOrKill: refused.
enum OrderType {
    Limit,
    PostOnly,
    ImmediateOrCancel,
    FillOrKill
}

/// @notice What happens to an order that meets one of its own owner.
/// @dev Never a trade. ExpireMaker: the resting one is cancelled, the other goes on. ExpireTaker: the other ends there.
/// ExpireBoth: both.
enum SelfTrade {
    ExpireMaker,
    ExpireTaker,
    ExpireBoth
}

/// @notice Why an order stopped filling.
/// @dev Filled: nothing was left. NoPrice: no order within its limit and the band was left. MaxFills: it met as many orders as
/// it may. SelfTrade: it met one of its own owner. None: it did not look.
enum StopCause {
    None,
    Filled,
    NoPrice,
    MaxFills,
    SelfTrade
}

/// @dev An action, see the table above.
type ActionWord is uint256;

/// @dev Outcome of an action. From the lowest bit: reason 8 · filled lots 48 · id of the order that rests 104 · stop cause 8 ·
/// Σ tick × lots of the fills 72. A reason of 0: done.
type ResultWord is uint256;

/// @dev What an action changed, for the tests at the end of a call. From the lowest bit: market 8 · isolated 8 · flags 16 ·
/// filled 8. Filled: 1 + the market whose isolated scope was given cash; 0: none.
type EffectWord is uint256;

using ActionWordFields for ActionWord global;
using ResultWordFields for ResultWord global;
using EffectWordFields for EffectWord global;

// Each getter cuts to the width that its field has in the table.

library ActionWordFields {
    /// @dev As a number: one that is none of `ActionKind` is the caller's mistake, not a panic.
    function kind(ActionWord self) internal pure returns (uint256) {
        return uint8(ActionWord.unwrap(self));
    }

    function isSoft(ActionWord self) internal pure returns (bool) {
        return uint8(ActionWord.unwrap(self) >> 8) != 0;
    }

    /// @dev Of a Place: whether its type and what becomes of a self-trade are among those there are.
    function isWellFormed(ActionWord self) internal pure returns (bool) {
        return
            uint8(ActionWord.unwrap(self) >> 32) <= uint8(type(OrderType).max) &&
            uint8(ActionWord.unwrap(self) >> 40) <= uint8(type(SelfTrade).max);
    }

    function market(ActionWord self) internal pure returns (uint8) {
        return uint8(ActionWord.unwrap(self) >> 16);
    }

    function tickIndex(ActionWord self) internal pure returns (uint256) {
        return uint16(ActionWord.unwrap(self) >> 24);
    }

    function orderId(ActionWord self) internal pure returns (uint256) {
        return uint104(ActionWord.unwrap(self) >> 24);
    }

    function lotsLeft(ActionWord self) internal pure returns (uint48) {
        return uint48(ActionWord.unwrap(self) >> 128);
    }

    function isBid(ActionWord self) internal pure returns (bool) {
        return ActionWord.unwrap(self) & (1 << 24) != 0;
    }

    function isReduceOnly(ActionWord self) internal pure returns (bool) {
        return ActionWord.unwrap(self) & (1 << 25) != 0;
    }

    /// @dev A number beyond the enum reverts.
    function orderType(ActionWord self) internal pure returns (OrderType) {
        return OrderType(uint8(ActionWord.unwrap(self) >> 32));
    }

    /// @dev Of a Place: whether what is left of it rests.
    function isResting(ActionWord self) internal pure returns (bool) {
        return uint8(ActionWord.unwrap(self) >> 32) <= uint8(OrderType.PostOnly);
    }

    /// @dev A number beyond the enum reverts.
    function selfTrade(ActionWord self) internal pure returns (SelfTrade) {
        return SelfTrade(uint8(ActionWord.unwrap(self) >> 40));
    }

    function maxFills(ActionWord self) internal pure returns (uint256) {
        return uint8(ActionWord.unwrap(self) >> 48);
    }

    /// @dev Limit of the order; 0, where it never rests: the edge of the band.
    function tick(ActionWord self) internal pure returns (uint24) {
        return uint24(ActionWord.unwrap(self) >> 56);
    }

    function lots(ActionWord self) internal pure returns (uint48) {
        return uint48(ActionWord.unwrap(self) >> 80);
    }

    function expiry(ActionWord self) internal pure returns (uint32) {
        return uint32(ActionWord.unwrap(self) >> 128);
    }

    function leverage(ActionWord self) internal pure returns (uint8) {
        return uint8(ActionWord.unwrap(self) >> 24);
    }

    function isIsolated(ActionWord self) internal pure returns (bool) {
        return uint8(ActionWord.unwrap(self) >> 24) != 0;
    }

    /// @dev 0: the cross scope; m + 1: market m in isolated mode.
    function fromScope(ActionWord self) internal pure returns (uint8) {
        return uint8(ActionWord.unwrap(self) >> 16);
    }

    /// @dev As `fromScope`.
    function toScope(ActionWord self) internal pure returns (uint8) {
        return uint8(ActionWord.unwrap(self) >> 24);
    }

    function toSub(ActionWord self) internal pure returns (uint8) {
        return uint8(ActionWord.unwrap(self) >> 32);
    }

    function transferAmount(ActionWord self) internal pure returns (uint256) {
        return uint112(ActionWord.unwrap(self) >> 40);
    }

    function receiver(ActionWord self) internal pure returns (address) {
        return address(uint160(ActionWord.unwrap(self) >> 24));
    }

    function broker(ActionWord self) internal pure returns (uint32) {
        return uint32(ActionWord.unwrap(self) >> 24);
    }

    function tip(ActionWord self) internal pure returns (uint256) {
        return uint64(ActionWord.unwrap(self) >> 24);
    }

    function keeper(ActionWord self) internal pure returns (address) {
        return address(uint160(ActionWord.unwrap(self) >> 88));
    }
}

library ActionWordPacking {
    uint256 private constant SOFT = 1 << 8;
    uint256 private constant BID = 1 << 24;
    uint256 private constant REDUCE_ONLY = 1 << 25;

    /// @notice An order that never rests: what it does not fill at once is dropped, or all of it is refused.
    /// @param maxFills_ Most resting orders that it meets.
    /// @param tick_ Its limit; not 0, which would stand for none.
    function taking(
        uint8 market_,
        bool isBid_,
        bool isReduceOnly_,
        OrderType orderType_,
        uint8 maxFills_,
        uint24 tick_,
        uint48 lots_
    ) internal pure returns (ActionWord) {
        uint256 word = uint256(ActionKind.Place) | (uint256(market_) << 16) | (uint256(orderType_) << 32);
        if (isBid_) word |= BID;
        if (isReduceOnly_) word |= REDUCE_ONLY;
        return ActionWord.wrap(word | (uint256(maxFills_) << 48) | (uint256(tick_) << 56) | (uint256(lots_) << 80));
    }

    /// @notice An order that rests, without expiry; skipped where it is refused, and where it would fill.
    function softPostOnly(uint8 market_, bool isBid_, uint24 tick_, uint48 lots_) internal pure returns (ActionWord) {
        uint256 word = uint256(ActionKind.Place) | SOFT | (uint256(market_) << 16);
        if (isBid_) word |= BID;
        word |= uint256(OrderType.PostOnly) << 32;
        return ActionWord.wrap(word | (uint256(tick_) << 56) | (uint256(lots_) << 80));
    }

    /// @notice Takes an order off the book; skipped where it is gone.
    /// @dev Requirements: an id of 104 bits, as orders have it.
    function softCancel(uint256 orderId_) internal pure returns (ActionWord) {
        return ActionWord.wrap(uint256(ActionKind.Cancel) | SOFT | (orderId_ << 24));
    }

    /// @notice A tip that is skipped where the cash falls short.
    function softTip(address keeper_, uint64 amount) internal pure returns (ActionWord) {
        return
            ActionWord.wrap(
                uint256(ActionKind.Tip) | SOFT | (uint256(amount) << 24) | (uint256(uint160(keeper_)) << 88)
            );
    }
}

library ResultWordFields {
    /// @dev Requirements: filled lots of 48 bits, an order id of 104, a sum of 72: as orders and fills have them.
    function pack(
        uint256 filled_,
        uint256 orderId_,
        StopCause cause_,
        uint256 tickLots_
    ) internal pure returns (ResultWord) {
        return ResultWord.wrap((filled_ << 8) | (orderId_ << 56) | (uint256(cause_) << 160) | (tickLots_ << 168));
    }

    function reason(ResultWord self) internal pure returns (uint8) {
        return uint8(ResultWord.unwrap(self));
    }

    function filled(ResultWord self) internal pure returns (uint48) {
        return uint48(ResultWord.unwrap(self) >> 8);
    }

    function orderId(ResultWord self) internal pure returns (uint256) {
        return uint104(ResultWord.unwrap(self) >> 56);
    }

    function cause(ResultWord self) internal pure returns (StopCause) {
        return StopCause(uint8(ResultWord.unwrap(self) >> 160));
    }

    function tickLots(ResultWord self) internal pure returns (uint256) {
        return uint72(ResultWord.unwrap(self) >> 168);
    }
}

library EffectWordFields {
    /// @dev The mark has to be looked at anew: the book or the index changed.
    uint256 internal constant TOUCHED = 1 << 16;
    /// @dev A bid level at or before the deep one changed.
    uint256 internal constant DIRTY_BIDS = 1 << 17;
    /// @dev An ask level at or before the deep one changed.
    uint256 internal constant DIRTY_ASKS = 1 << 18;
    /// @dev The position grew as the taker's, or leverage was raised: the opening rule, at a narrow index.
    uint256 internal constant INCREASED = 1 << 19;
    /// @dev An order came to rest: the opening rule.
    uint256 internal constant RESTED = 1 << 20;
    /// @dev Something was taken out: the opening rule at fresh prices, leverage at most 50.
    uint256 internal constant TAKEN_OUT = 1 << 21;
    /// @dev The position shrank: the reduction rule.
    uint256 internal constant REDUCED = 1 << 22;
    /// @dev The scope may have been left with neither position nor order.
    uint256 internal constant EMPTIED = 1 << 23;

    function pack(uint8 market_, bool isIsolated_, uint256 flags_) internal pure returns (EffectWord) {
        uint256 word = uint256(market_) | flags_;
        if (isIsolated_) word |= 1 << 8;
        return EffectWord.wrap(word);
    }

    /// @param market_ Its isolated scope was given cash.
    function withFilled(EffectWord self, uint8 market_) internal pure returns (EffectWord) {
        return EffectWord.wrap(EffectWord.unwrap(self) | ((uint256(market_) + 1) << 32));
    }

    function market(EffectWord self) internal pure returns (uint8) {
        return uint8(EffectWord.unwrap(self));
    }

    /// @return 0: none; m + 1: market m.
    function filled(EffectWord self) internal pure returns (uint8) {
        return uint8(EffectWord.unwrap(self) >> 32);
    }

    function isIsolated(EffectWord self) internal pure returns (bool) {
        return uint8(EffectWord.unwrap(self) >> 8) != 0;
    }

    function has(EffectWord self, uint256 flag) internal pure returns (bool) {
        return EffectWord.unwrap(self) & flag != 0;
    }
}
