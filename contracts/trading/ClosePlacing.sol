// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITrading} from "../interfaces/ITrading.sol";
import {TradeCodec} from "../types/TradeCodec.sol";
import {Close, CloseKind} from "../types/TradeTypes.sol";
import {CloseWord} from "../types/TradeWords.sol";
import {Price, Size} from "../types/Units.sol";
import {TradingStore} from "./TradingStore.sol";
import {TradeChecks} from "./rules/TradeChecks.sol";

/// @title Placing closes
library ClosePlacing {
    using TradeCodec for Close;

    /// @dev Whether a close waits for its tick: only one does at a time.
    function isLive(CloseWord close) internal view returns (bool) {
        CloseKind kind = close.kind();
        bool isPlaced = kind == CloseKind.Requested || kind == CloseKind.ArmedStop;
        return isPlaced && block.timestamp <= close.expiry();
    }

    /// @dev Places a close that the owner asked for.
    function request(
        TradingStore storage store,
        uint256 id,
        Size size,
        Price acceptablePrice,
        uint256 target,
        uint32 expiry
    ) internal {
        place(store, id, CloseKind.Requested, TradeCodec.encodeBound(acceptablePrice, size), target, expiry);
        // Seconds since 1970 pass 32 bits in 2106.
        emit ITrading.CloseRequested(id, msg.sender, size, acceptablePrice, uint32(target), expiry);
    }

    /// @dev Places a close where none is pending. Remembers since when ticks have been shielded by closes that came to
    /// nothing, so that a close renewed for ever shields nothing for ever.
    function place(
        TradingStore storage store,
        uint256 id,
        CloseKind kind,
        uint160 word,
        uint256 target,
        uint256 expiry
    ) internal {
        Close storage close = store.closes[id];
        CloseWord last = close.packed();
        uint256 shieldedFor;
        if (last.kind() != CloseKind.None) {
            if (isLive(last)) revert ITrading.Trading_CloseIsPending(id, last.expiry());
            uint256 oldestTick = block.timestamp - TradeChecks.SHIELDED_TICK_MAX_AGE;
            if (last.expiry() >= oldestTick) {
                shieldedFor = target - Math.max(uint256(last.target()) - last.shieldedFor(), oldestTick);
            }
        }
        // Times pass 32 bits in 2106; shieldedFor is at most the delay + 60.
        close.store(TradeCodec.encodeClose(word, uint32(target), uint32(expiry), uint24(shieldedFor), kind));
    }
}
