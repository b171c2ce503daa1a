// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SelfTrade, StopCause} from "../types/ActionWord.sol";

/// @notice An order as it meets the book.
/// @param account The taker.
/// @param market Where.
/// @param isBuy Or sells.
/// @param isLiquidation It only reduces, pays no fee here, and whoever calls settles what it owes; an isolated scope left empty is
/// tidied at once.
/// @param limit Worst tick; 0: the edge of the band, which holds in any case.
/// @param lots At most.
/// @param maxOrders Most orders to meet, filled or not.
/// @param selfTrade What happens when it meets one of its own owner.
struct TakeOrder {
    uint40 account;
    uint8 market;
    bool isBuy;
    bool isLiquidation;
    uint24 limit;
    uint48 lots;
    uint256 maxOrders;
    SelfTrade selfTrade;
}

/// @notice What became of it. Makers and the taker's position are settled.
/// @param lots How many were filled.
/// @param tickLots Σ tick × lots.
/// @param met Orders met, filled or not.
/// @param cause Why it stopped.
/// @param isIncreased The taker's position grew, or turned round.
/// @param cashChange Of the taker's scope: what was realised less funding and fee, quote.
struct TakeResult {
    uint256 lots;
    uint256 tickLots;
    uint256 met;
    StopCause cause;
    bool isIncreased;
    int256 cashChange;
}
