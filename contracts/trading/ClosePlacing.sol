// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITrading} from "../interfaces/ITrading.sol";
import {Close, CloseKind, CloseWord, CloseWordFields} from "../types/Close.sol";
import {Timestamp, toTimestamp} from "../types/Timestamp.sol";
import {Price, Size} from "../types/Units.sol";
import {TradingState} from "./TradingState.sol";
import {RequestRules} from "./rules/RequestRules.sol";

/// @title Placing closes
library ClosePlacing {
    /// @dev Places a close that the owner asked for, where none is pending. It remembers which ticks the close before it had
    /// shielded, so that a close renewed for ever shields nothing for ever.
    function request(
        TradingState storage store,
        uint256 id,
        Size size,
        Price acceptablePrice,
        uint256 target,
        Timestamp expiry
    ) internal {
        Close storage close = store.closes[id];
        CloseWord last = close.word();
        if (last.kind() != CloseKind.None) RequestRules.checkNoneLive(id, last);
        uint160 bound = CloseWordFields.packBound(acceptablePrice, size);
        close.setWord(last.followedBy(CloseKind.Requested, bound, target, expiry));
        emit ITrading.CloseRequested(id, msg.sender, size, acceptablePrice, toTimestamp(target), expiry);
    }
}
