// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BookId} from "./Book.sol";
import {Timestamp} from "./Timestamp.sol";
import {Price, Size} from "./Units.sol";

// All that is stored of one trade. Each slot is a word: loaded once, its fields cut out where they are needed, written
// whole. The words lie as the compiler packs the structs beside them, which views return; `test/unit/types` compares them.

/// @notice State of a trade. A trade that ended is deleted; its id is never used again.
/// @dev None: never placed, or ended. MarketOrder: waits for its one tick. LimitOrder: rests. Open: a position.
enum TradeStatus {
    None,
    MarketOrder,
    LimitOrder,
    Open
}

/// @notice A trade that is not filled yet. Shares its three slots with `Position`.
/// @param owner Who placed it; refunds and payouts go here.
/// @param bookId Market and mode.
/// @param tokenId Margin token.
/// @param state Status and flags.
/// @param requestedAt Block time of the request.
/// @param expiry Last block time at which it can be filled.
/// @param amount Paid in, in token units; execution and open fee come out of it.
/// @param price Worst acceptable fill price (0: any), or the limit of a limit order.
/// @param broker Broker id; 0: none.
/// @param cancelledAt Block time at which the cancellation of a resting limit was asked for; 0: it was not.
/// @param takeProfit Price of the take profit; 0: where the profit cap is reached.
/// @param stopLoss Price of the stop; 0: none.
/// @param leverage Whole number.
struct Order {
    // slot 0
    address owner;
    BookId bookId;
    uint8 tokenId;
    TradeState state;
    Timestamp requestedAt;
    Timestamp expiry;
    // slot 1
    uint96 amount;
    Price price;
    uint32 broker;
    Timestamp cancelledAt;
    // slot 2
    Price takeProfit;
    Price stopLoss;
    uint16 leverage;
}

/// @notice An open trade. Margin, size and entry are fixed for its life, but for margin added and parts closed.
/// @param owner Who may close it; payouts go here.
/// @param bookId Market and mode.
/// @param tokenId Margin token.
/// @param state Status and flags.
/// @param openedAt Publish time of the tick that filled it: only later ticks can liquidate it.
/// @param stopLossSetAt Block time of the last change of the stop.
/// @param margin Initial margin, in token units.
/// @param size Base asset, 8 decimals.
/// @param entry Entry price.
/// @param takeProfit Price of the take profit; 0: where the profit cap is reached.
/// @param stopLoss Price of the stop; 0: none.
/// @param carryIndex Carry index of its side at opening, 18 decimals. 72 bits carry 2361 times the notional.
/// @param leverage At opening.
/// @param termsId Which terms of its book it keeps.
/// @param takeProfitSetAt Block time of the last change of the take profit.
struct Position {
    // slot 0
    address owner;
    BookId bookId;
    uint8 tokenId;
    TradeState state;
    Timestamp openedAt;
    Timestamp stopLossSetAt;
    // slot 1
    uint96 margin;
    Size size;
    Price entry;
    // slot 2
    Price takeProfit;
    Price stopLoss;
    int72 carryIndex;
    uint16 leverage;
    uint8 termsId;
    Timestamp takeProfitSetAt;
}

/// @notice What few trades have, kept apart from the record.
/// @param addedMargin Margin added after opening, in token units.
/// @param broker Broker id of the trade.
struct TradeExtra {
    uint128 addedMargin;
    uint32 broker;
}

/// @dev The state byte of a trade. From the lowest bit: status 2 · long · pay out in the native coin · has a `TradeExtra`.
type TradeState is uint8;

/// @dev Slot 0 of an `Order`. From the lowest bit: owner 160 · bookId 16 · tokenId 8 · state 8 · requestedAt 32 ·
/// expiry 32.
type OrderHead is uint256;

/// @dev Slot 1 of an `Order`. From the lowest bit: amount 96 · price 64 · broker 32 · cancelledAt 32.
type OrderBody is uint256;

/// @dev Slot 2 of an `Order`. From the lowest bit: takeProfit 64 · stopLoss 64 · leverage 16.
type OrderTriggers is uint256;

/// @dev Slot 0 of a `Position`. From the lowest bit: owner 160 · bookId 16 · tokenId 8 · state 8 · openedAt 32 ·
/// stopLossSetAt 32. All but the two times is that of the order.
type PositionHead is uint256;

/// @dev Slot 1 of a `Position`. From the lowest bit: margin 96 · size 96 · entry 64.
type PositionBody is uint256;

/// @dev Slot 2 of a `Position`. From the lowest bit: takeProfit 64 · stopLoss 64 · carryIndex 72 · leverage 16 ·
/// termsId 8 · takeProfitSetAt 32.
type PositionTriggers is uint256;

/// @dev A `TradeExtra`. From the lowest bit: addedMargin 128 · broker 32.
type TradeExtraWord is uint256;

using TradeStateFields for TradeState global;
using OrderHeadFields for OrderHead global;
using OrderBodyFields for OrderBody global;
using OrderTriggersFields for OrderTriggers global;
using PositionHeadFields for PositionHead global;
using PositionBodyFields for PositionBody global;
using PositionTriggersFields for PositionTriggers global;
using TradeExtraFields for TradeExtraWord global;
using TradeSlots for Position global;

function unpackOrder(OrderHead head, OrderBody body, OrderTriggers triggers) pure returns (Order memory order) {
    (order.owner, order.bookId, order.tokenId) = (head.owner(), head.bookId(), head.tokenId());
    (order.state, order.requestedAt, order.expiry) = (head.state(), head.requestedAt(), head.expiry());
    (order.amount, order.price) = (body.amount(), body.price());
    (order.broker, order.cancelledAt) = (body.broker(), body.cancelledAt());
    (order.takeProfit, order.stopLoss) = (triggers.takeProfit(), triggers.stopLoss());
    order.leverage = triggers.leverage();
}

function unpackPosition(
    PositionHead head,
    PositionBody body,
    PositionTriggers triggers
) pure returns (Position memory position) {
    (position.owner, position.bookId, position.tokenId) = (head.owner(), head.bookId(), head.tokenId());
    (position.state, position.openedAt) = (head.state(), head.openedAt());
    position.stopLossSetAt = head.stopLossSetAt();
    (position.margin, position.size, position.entry) = (body.margin(), body.size(), body.entry());
    (position.takeProfit, position.stopLoss) = (triggers.takeProfit(), triggers.stopLoss());
    (position.carryIndex, position.leverage) = (triggers.carryIndex(), triggers.leverage());
    (position.termsId, position.takeProfitSetAt) = (triggers.termsId(), triggers.takeProfitSetAt());
}

library TradeStateFields {
    uint8 private constant STATUS_MASK = 3;
    uint8 private constant LONG = 4;
    uint8 private constant NATIVE = 8;
    uint8 private constant EXTRA = 16;

    function pack(TradeStatus status_, bool isLong_, bool asNative_) internal pure returns (TradeState) {
        return TradeState.wrap(uint8(status_) | (isLong_ ? LONG : 0) | (asNative_ ? NATIVE : 0));
    }

    function status(TradeState self) internal pure returns (TradeStatus) {
        return TradeStatus(TradeState.unwrap(self) & STATUS_MASK);
    }

    function isLong(TradeState self) internal pure returns (bool) {
        return TradeState.unwrap(self) & LONG != 0;
    }

    function asNative(TradeState self) internal pure returns (bool) {
        return TradeState.unwrap(self) & NATIVE != 0;
    }

    function hasExtra(TradeState self) internal pure returns (bool) {
        return TradeState.unwrap(self) & EXTRA != 0;
    }

    function withStatus(TradeState self, TradeStatus status_) internal pure returns (TradeState) {
        return TradeState.wrap((TradeState.unwrap(self) & ~STATUS_MASK) | uint8(status_));
    }

    function withExtra(TradeState self) internal pure returns (TradeState) {
        return TradeState.wrap(TradeState.unwrap(self) | EXTRA);
    }
}

library OrderHeadFields {
    function pack(
        address owner_,
        BookId bookId_,
        uint8 tokenId_,
        TradeState state_,
        Timestamp requestedAt_,
        Timestamp expiry_
    ) internal pure returns (OrderHead) {
        uint256 low = uint256(uint160(owner_)) | (bookId_.index() << 160) | (uint256(tokenId_) << 176);
        low |= uint256(TradeState.unwrap(state_)) << 184;
        return OrderHead.wrap(low | (requestedAt_.inSeconds() << 192) | (expiry_.inSeconds() << 224));
    }

    /// @dev The head of the position that the order becomes: owner, book and token stay.
    function opened(
        OrderHead self,
        TradeState state_,
        Timestamp openedAt,
        Timestamp stopLossSetAt
    ) internal pure returns (PositionHead) {
        uint256 low = uint184(OrderHead.unwrap(self)) | (uint256(TradeState.unwrap(state_)) << 184);
        return PositionHead.wrap(low | (openedAt.inSeconds() << 192) | (stopLossSetAt.inSeconds() << 224));
    }

    function owner(OrderHead self) internal pure returns (address) {
        return address(uint160(OrderHead.unwrap(self)));
    }

    function bookId(OrderHead self) internal pure returns (BookId) {
        return BookId.wrap(uint16(OrderHead.unwrap(self) >> 160));
    }

    function tokenId(OrderHead self) internal pure returns (uint8) {
        return uint8(OrderHead.unwrap(self) >> 176);
    }

    function state(OrderHead self) internal pure returns (TradeState) {
        return TradeState.wrap(uint8(OrderHead.unwrap(self) >> 184));
    }

    function requestedAt(OrderHead self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(OrderHead.unwrap(self) >> 192));
    }

    function expiry(OrderHead self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(OrderHead.unwrap(self) >> 224));
    }
}

library OrderBodyFields {
    function pack(uint96 amount_, Price price_, uint32 broker_) internal pure returns (OrderBody) {
        return OrderBody.wrap(uint256(amount_) | (price_.raw() << 96) | (uint256(broker_) << 160));
    }

    /// @dev The cancellation of a resting limit was asked for.
    function withCancelledAt(OrderBody self, Timestamp cancelledAt_) internal pure returns (OrderBody) {
        return OrderBody.wrap(uint192(OrderBody.unwrap(self)) | (cancelledAt_.inSeconds() << 192));
    }

    function amount(OrderBody self) internal pure returns (uint96) {
        return uint96(OrderBody.unwrap(self));
    }

    function price(OrderBody self) internal pure returns (Price) {
        return Price.wrap(uint64(OrderBody.unwrap(self) >> 96));
    }

    function broker(OrderBody self) internal pure returns (uint32) {
        return uint32(OrderBody.unwrap(self) >> 160);
    }

    function cancelledAt(OrderBody self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(OrderBody.unwrap(self) >> 192));
    }
}

library OrderTriggersFields {
    function pack(Price takeProfit_, Price stopLoss_, uint16 leverage_) internal pure returns (OrderTriggers) {
        return OrderTriggers.wrap(takeProfit_.raw() | (stopLoss_.raw() << 64) | (uint256(leverage_) << 128));
    }

    /// @dev The triggers of the position that the order becomes: take profit, stop loss and leverage stay.
    function opened(
        OrderTriggers self,
        int72 carryIndex,
        uint8 termsId,
        Timestamp takeProfitSetAt
    ) internal pure returns (PositionTriggers) {
        uint256 low = uint128(OrderTriggers.unwrap(self)) | (uint256(uint72(carryIndex)) << 128);
        low |= (uint256(leverage(self)) << 200) | (uint256(termsId) << 216);
        return PositionTriggers.wrap(low | (takeProfitSetAt.inSeconds() << 224));
    }

    function withPrices(OrderTriggers self, Price takeProfit_, Price stopLoss_) internal pure returns (OrderTriggers) {
        return pack(takeProfit_, stopLoss_, leverage(self));
    }

    function takeProfit(OrderTriggers self) internal pure returns (Price) {
        return Price.wrap(uint64(OrderTriggers.unwrap(self)));
    }

    function stopLoss(OrderTriggers self) internal pure returns (Price) {
        return Price.wrap(uint64(OrderTriggers.unwrap(self) >> 64));
    }

    function leverage(OrderTriggers self) internal pure returns (uint16) {
        return uint16(OrderTriggers.unwrap(self) >> 128);
    }
}

library PositionHeadFields {
    function withState(PositionHead self, TradeState state_) internal pure returns (PositionHead) {
        uint256 others = PositionHead.unwrap(self) & ~(uint256(type(uint8).max) << 184);
        return PositionHead.wrap(others | (uint256(TradeState.unwrap(state_)) << 184));
    }

    function withStopLossSetAt(PositionHead self, Timestamp stopLossSetAt_) internal pure returns (PositionHead) {
        return PositionHead.wrap(uint224(PositionHead.unwrap(self)) | (stopLossSetAt_.inSeconds() << 224));
    }

    function owner(PositionHead self) internal pure returns (address) {
        return address(uint160(PositionHead.unwrap(self)));
    }

    function bookId(PositionHead self) internal pure returns (BookId) {
        return BookId.wrap(uint16(PositionHead.unwrap(self) >> 160));
    }

    function tokenId(PositionHead self) internal pure returns (uint8) {
        return uint8(PositionHead.unwrap(self) >> 176);
    }

    function state(PositionHead self) internal pure returns (TradeState) {
        return TradeState.wrap(uint8(PositionHead.unwrap(self) >> 184));
    }

    function openedAt(PositionHead self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(PositionHead.unwrap(self) >> 192));
    }

    function stopLossSetAt(PositionHead self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(PositionHead.unwrap(self) >> 224));
    }
}

library PositionBodyFields {
    function pack(uint96 margin_, Size size_, Price entry_) internal pure returns (PositionBody) {
        return PositionBody.wrap(uint256(margin_) | (size_.raw() << 96) | (entry_.raw() << 192));
    }

    function margin(PositionBody self) internal pure returns (uint96) {
        return uint96(PositionBody.unwrap(self));
    }

    function size(PositionBody self) internal pure returns (Size) {
        return Size.wrap(uint96(PositionBody.unwrap(self) >> 96));
    }

    function entry(PositionBody self) internal pure returns (Price) {
        return Price.wrap(uint64(PositionBody.unwrap(self) >> 192));
    }
}

library PositionTriggersFields {
    /// @dev Both prices, and when the take profit was last changed.
    function withPrices(
        PositionTriggers self,
        Price takeProfit_,
        Price stopLoss_,
        Timestamp takeProfitSetAt_
    ) internal pure returns (PositionTriggers) {
        uint256 kept = PositionTriggers.unwrap(self) & (uint256(type(uint96).max) << 128);
        uint256 prices = takeProfit_.raw() | (stopLoss_.raw() << 64);
        return PositionTriggers.wrap(kept | prices | (takeProfitSetAt_.inSeconds() << 224));
    }

    function takeProfit(PositionTriggers self) internal pure returns (Price) {
        return Price.wrap(uint64(PositionTriggers.unwrap(self)));
    }

    function stopLoss(PositionTriggers self) internal pure returns (Price) {
        return Price.wrap(uint64(PositionTriggers.unwrap(self) >> 64));
    }

    function carryIndex(PositionTriggers self) internal pure returns (int72) {
        return int72(uint72(PositionTriggers.unwrap(self) >> 128));
    }

    function leverage(PositionTriggers self) internal pure returns (uint16) {
        return uint16(PositionTriggers.unwrap(self) >> 200);
    }

    function termsId(PositionTriggers self) internal pure returns (uint8) {
        return uint8(PositionTriggers.unwrap(self) >> 216);
    }

    function takeProfitSetAt(PositionTriggers self) internal pure returns (Timestamp) {
        return Timestamp.wrap(uint32(PositionTriggers.unwrap(self) >> 224));
    }
}

library TradeExtraFields {
    function unpack(TradeExtraWord self) internal pure returns (TradeExtra memory extra) {
        uint256 word = TradeExtraWord.unwrap(self);
        (extra.addedMargin, extra.broker) = (uint128(word), uint32(word >> 128));
    }
}

/// @dev The three slots of a trade. Of an order or of a position, as the name says; the status is where both have it.
library TradeSlots {
    function status(Position storage self) internal view returns (TradeStatus) {
        return orderHead(self).state().status();
    }

    function orderHead(Position storage self) internal view returns (OrderHead) {
        return OrderHead.wrap(_load(self, 0));
    }

    function orderBody(Position storage self) internal view returns (OrderBody) {
        return OrderBody.wrap(_load(self, 1));
    }

    function orderTriggers(Position storage self) internal view returns (OrderTriggers) {
        return OrderTriggers.wrap(_load(self, 2));
    }

    function head(Position storage self) internal view returns (PositionHead) {
        return PositionHead.wrap(_load(self, 0));
    }

    function body(Position storage self) internal view returns (PositionBody) {
        return PositionBody.wrap(_load(self, 1));
    }

    function triggers(Position storage self) internal view returns (PositionTriggers) {
        return PositionTriggers.wrap(_load(self, 2));
    }

    function place(Position storage self, OrderHead head_, OrderBody body_, OrderTriggers triggers_) internal {
        _store(self, 0, OrderHead.unwrap(head_));
        setOrderBody(self, body_);
        setOrderTriggers(self, triggers_);
    }

    function setOrderBody(Position storage self, OrderBody body_) internal {
        _store(self, 1, OrderBody.unwrap(body_));
    }

    function setOrderTriggers(Position storage self, OrderTriggers triggers_) internal {
        _store(self, 2, OrderTriggers.unwrap(triggers_));
    }

    function open(Position storage self, PositionHead head_, PositionBody body_, PositionTriggers triggers_) internal {
        setHead(self, head_);
        setBody(self, body_);
        setTriggers(self, triggers_);
    }

    function setHead(Position storage self, PositionHead head_) internal {
        _store(self, 0, PositionHead.unwrap(head_));
    }

    function setBody(Position storage self, PositionBody body_) internal {
        _store(self, 1, PositionBody.unwrap(body_));
    }

    function setTriggers(Position storage self, PositionTriggers triggers_) internal {
        _store(self, 2, PositionTriggers.unwrap(triggers_));
    }

    function clear(Position storage self) internal {
        _store(self, 0, 0);
        _store(self, 1, 0);
        _store(self, 2, 0);
    }

    function _load(Position storage self, uint256 offset) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(self.slot, offset))
        }
    }

    function _store(Position storage self, uint256 offset, uint256 word) private {
        assembly ("memory-safe") {
            sstore(add(self.slot, offset), word)
        }
    }
}
