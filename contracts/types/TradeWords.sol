// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CloseKind} from "./TradeTypes.sol";
import {Price, Size} from "./Units.sol";

// The storage slots of one trade, as the compiler packs the structs of `TradeTypes`. A slot is loaded once and its fields
// are cut out where they are needed; `test/unit/types` checks each against the compiler.

/// @dev Slot 0 of an `Order` and of a `Position`. From the lowest bit: owner 160 · bookId 16 · tokenId 8 · state 8 ·
/// since 32 · until 32.
type TradeHead is uint256;

/// @dev Slot 1 of an `Order`. From the lowest bit: amount 96 · price 64 · broker 32 · cancelledAt 32.
type OrderBody is uint256;

/// @dev Slot 2 of an `Order`. From the lowest bit: takeProfit 64 · stopLoss 64 · leverage 16.
type OrderTriggers is uint256;

/// @dev Slot 1 of a `Position`. From the lowest bit: margin 96 · size 96 · entry 64.
type PositionBody is uint256;

/// @dev Slot 2 of a `Position`. From the lowest bit: takeProfit 64 · stopLoss 64 · carryIndex 72 · leverage 16 ·
/// termsId 8 · takeProfitSetAt 32.
type PositionTriggers is uint256;

/// @dev A `Close`. From the lowest bit: boundOrArmer 160 · target 32 · expiry 32 · shieldedFor 24 · kind 8.
type CloseWord is uint256;

using TradeHeadFields for TradeHead global;
using OrderBodyFields for OrderBody global;
using OrderTriggersFields for OrderTriggers global;
using PositionBodyFields for PositionBody global;
using PositionTriggersFields for PositionTriggers global;
using CloseWordFields for CloseWord global;

library TradeHeadFields {
    function owner(TradeHead self) internal pure returns (address) {
        return address(uint160(TradeHead.unwrap(self)));
    }

    function bookId(TradeHead self) internal pure returns (uint16) {
        return uint16(TradeHead.unwrap(self) >> 160);
    }

    function tokenId(TradeHead self) internal pure returns (uint8) {
        return uint8(TradeHead.unwrap(self) >> 176);
    }

    function state(TradeHead self) internal pure returns (uint8) {
        return uint8(TradeHead.unwrap(self) >> 184);
    }

    /// @dev requestedAt of an order, openedAt of a position.
    function since(TradeHead self) internal pure returns (uint32) {
        return uint32(TradeHead.unwrap(self) >> 192);
    }

    /// @dev expiry of an order, stopLossSetAt of a position.
    function until(TradeHead self) internal pure returns (uint32) {
        return uint32(TradeHead.unwrap(self) >> 224);
    }
}

library OrderBodyFields {
    function amount(OrderBody self) internal pure returns (uint96) {
        return uint96(OrderBody.unwrap(self));
    }

    function price(OrderBody self) internal pure returns (Price) {
        return Price.wrap(uint64(OrderBody.unwrap(self) >> 96));
    }

    function broker(OrderBody self) internal pure returns (uint32) {
        return uint32(OrderBody.unwrap(self) >> 160);
    }

    function cancelledAt(OrderBody self) internal pure returns (uint32) {
        return uint32(OrderBody.unwrap(self) >> 192);
    }
}

library OrderTriggersFields {
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

library PositionBodyFields {
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

    function takeProfitSetAt(PositionTriggers self) internal pure returns (uint32) {
        return uint32(PositionTriggers.unwrap(self) >> 224);
    }
}

library CloseWordFields {
    function boundOrArmer(CloseWord self) internal pure returns (uint160) {
        return uint160(CloseWord.unwrap(self));
    }

    /// @dev Of a requested close: worst acceptable fill price; 0: any.
    function bound(CloseWord self) internal pure returns (Price) {
        return Price.wrap(uint64(CloseWord.unwrap(self)));
    }

    /// @dev Of a requested close: how much of the position it closes; 0: all of it.
    function partSize(CloseWord self) internal pure returns (Size) {
        return Size.wrap(uint96(CloseWord.unwrap(self) >> 64));
    }

    /// @dev Of an armed stop.
    function armer(CloseWord self) internal pure returns (address) {
        return address(uint160(CloseWord.unwrap(self)));
    }

    function target(CloseWord self) internal pure returns (uint32) {
        return uint32(CloseWord.unwrap(self) >> 160);
    }

    function expiry(CloseWord self) internal pure returns (uint32) {
        return uint32(CloseWord.unwrap(self) >> 192);
    }

    function shieldedFor(CloseWord self) internal pure returns (uint24) {
        return uint24(CloseWord.unwrap(self) >> 224);
    }

    function kind(CloseWord self) internal pure returns (CloseKind) {
        return CloseKind(uint8(CloseWord.unwrap(self) >> 248));
    }
}
