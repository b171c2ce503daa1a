// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarginTokenWord} from "./BookWords.sol";
import {Close, CloseKind, MarginToken, Position} from "./TradeTypes.sol";
import {CloseWord, OrderBody, OrderTriggers, PositionBody, PositionTriggers, TradeHead} from "./TradeWords.sol";
import {Price, Size} from "./Units.sol";

/// @title Reading and writing the records of a trade slot by slot
/// @dev Each function touches one slot once. The layouts are those of the structs in `TradeTypes`.
library TradeCodec {
    function head(Position storage self) internal view returns (TradeHead word) {
        assembly ("memory-safe") {
            word := sload(self.slot)
        }
    }

    /// @dev Only of a record that is not filled yet.
    function orderBody(Position storage self) internal view returns (OrderBody word) {
        assembly ("memory-safe") {
            word := sload(add(self.slot, 1))
        }
    }

    /// @dev Only of a record that is not filled yet.
    function orderTriggers(Position storage self) internal view returns (OrderTriggers word) {
        assembly ("memory-safe") {
            word := sload(add(self.slot, 2))
        }
    }

    /// @dev Only of an open position.
    function body(Position storage self) internal view returns (PositionBody word) {
        assembly ("memory-safe") {
            word := sload(add(self.slot, 1))
        }
    }

    /// @dev Only of an open position.
    function triggers(Position storage self) internal view returns (PositionTriggers word) {
        assembly ("memory-safe") {
            word := sload(add(self.slot, 2))
        }
    }

    function store(Position storage self, TradeHead head_, OrderBody body_, OrderTriggers triggers_) internal {
        assembly ("memory-safe") {
            sstore(self.slot, head_)
            sstore(add(self.slot, 1), body_)
            sstore(add(self.slot, 2), triggers_)
        }
    }

    function store(Position storage self, TradeHead head_, PositionBody body_, PositionTriggers triggers_) internal {
        assembly ("memory-safe") {
            sstore(self.slot, head_)
            sstore(add(self.slot, 1), body_)
            sstore(add(self.slot, 2), triggers_)
        }
    }

    /// @dev Only of a record that is not filled yet.
    function store(Position storage self, OrderBody body_) internal {
        assembly ("memory-safe") {
            sstore(add(self.slot, 1), body_)
        }
    }

    /// @dev Only of a record that is not filled yet.
    function store(Position storage self, OrderTriggers triggers_) internal {
        assembly ("memory-safe") {
            sstore(add(self.slot, 2), triggers_)
        }
    }

    /// @dev Only of an open position.
    function store(Position storage self, PositionBody body_) internal {
        assembly ("memory-safe") {
            sstore(add(self.slot, 1), body_)
        }
    }

    /// @dev Only of an open position.
    function store(Position storage self, PositionTriggers triggers_) internal {
        assembly ("memory-safe") {
            sstore(add(self.slot, 2), triggers_)
        }
    }

    function store(Position storage self, TradeHead head_) internal {
        assembly ("memory-safe") {
            sstore(self.slot, head_)
        }
    }

    function clear(Position storage self) internal {
        assembly ("memory-safe") {
            sstore(self.slot, 0)
            sstore(add(self.slot, 1), 0)
            sstore(add(self.slot, 2), 0)
        }
    }

    function packed(Close storage self) internal view returns (CloseWord value) {
        assembly ("memory-safe") {
            value := sload(self.slot)
        }
    }

    function store(Close storage self, CloseWord value) internal {
        assembly ("memory-safe") {
            sstore(self.slot, value)
        }
    }

    function packedToken(MarginToken storage self) internal view returns (MarginTokenWord value) {
        assembly ("memory-safe") {
            value := sload(self.slot)
        }
    }

    function encodeHead(
        address owner,
        uint16 bookId,
        uint8 tokenId,
        uint8 state,
        uint32 since,
        uint32 until
    ) internal pure returns (TradeHead) {
        uint256 low = uint256(uint160(owner)) | (uint256(bookId) << 160) | (uint256(tokenId) << 176);
        return TradeHead.wrap(low | (uint256(state) << 184) | (uint256(since) << 192) | (uint256(until) << 224));
    }

    /// @dev What a fill changes of the first slot; owner, book and token stay.
    function withState(TradeHead self, uint8 state, uint32 since, uint32 until) internal pure returns (TradeHead) {
        uint256 low = TradeHead.unwrap(self) & ((1 << 184) - 1);
        return TradeHead.wrap(low | (uint256(state) << 184) | (uint256(since) << 192) | (uint256(until) << 224));
    }

    /// @dev The cancellation of a resting limit was asked for.
    function withCancelledAt(OrderBody self, uint32 cancelledAt) internal pure returns (OrderBody) {
        uint256 low = OrderBody.unwrap(self) & type(uint192).max;
        return OrderBody.wrap(low | (uint256(cancelledAt) << 192));
    }

    function withPrices(OrderTriggers self, Price takeProfit, Price stopLoss) internal pure returns (OrderTriggers) {
        return encodeOrderTriggers(takeProfit, stopLoss, self.leverage());
    }

    /// @dev Both prices, and when the take profit was last changed.
    function withPrices(
        PositionTriggers self,
        Price takeProfit,
        Price stopLoss,
        uint32 takeProfitSetAt
    ) internal pure returns (PositionTriggers) {
        uint256 kept = PositionTriggers.unwrap(self) & (uint256(type(uint96).max) << 128);
        uint256 prices = takeProfit.raw() | (stopLoss.raw() << 64);
        return PositionTriggers.wrap(kept | prices | (uint256(takeProfitSetAt) << 224));
    }

    function encodeOrderBody(uint96 amount, Price price, uint32 broker) internal pure returns (OrderBody) {
        return OrderBody.wrap(uint256(amount) | (price.raw() << 96) | (uint256(broker) << 160));
    }

    function encodeOrderTriggers(
        Price takeProfit,
        Price stopLoss,
        uint16 leverage
    ) internal pure returns (OrderTriggers) {
        return OrderTriggers.wrap(takeProfit.raw() | (stopLoss.raw() << 64) | (uint256(leverage) << 128));
    }

    function encodeBody(uint96 margin, Size size, Price entry) internal pure returns (PositionBody) {
        return PositionBody.wrap(uint256(margin) | (size.raw() << 96) | (entry.raw() << 192));
    }

    /// @dev The bits of take profit, stop loss and leverage are taken over from the order.
    function encodeTriggers(
        OrderTriggers order,
        int72 carryIndex,
        uint8 termsId,
        uint32 takeProfitSetAt
    ) internal pure returns (PositionTriggers) {
        uint256 prices = OrderTriggers.unwrap(order) & type(uint128).max;
        uint256 low = prices | (uint256(uint72(carryIndex)) << 128) | (uint256(order.leverage()) << 200);
        return PositionTriggers.wrap(low | (uint256(termsId) << 216) | (uint256(takeProfitSetAt) << 224));
    }

    /// @dev The word of a requested close.
    function encodeBound(Price acceptablePrice, Size partSize) internal pure returns (uint160) {
        // 64 and 96 bits.
        return uint160(acceptablePrice.raw() | (partSize.raw() << 64));
    }

    function encodeClose(
        uint160 value,
        uint32 target,
        uint32 expiry,
        uint24 shieldedFor,
        CloseKind kind
    ) internal pure returns (CloseWord) {
        uint256 low = uint256(value) | (uint256(target) << 160) | (uint256(expiry) << 192);
        return CloseWord.wrap(low | (uint256(shieldedFor) << 224) | (uint256(kind) << 248));
    }
}
