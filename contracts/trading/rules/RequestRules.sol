// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITrading} from "../../interfaces/ITrading.sol";
import {Reason} from "../../product/Outcome.sol";
import {TierWord} from "../../types/Book.sol";
import {CloseWord} from "../../types/Close.sol";
import {Timestamp, toTimestamp} from "../../types/Timestamp.sol";
import {PositionHead, TradeStatus} from "../../types/Trade.sol";
import {Price} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingState} from "../TradingState.sol";
import {TradeMath} from "../math/TradeMath.sol";
import {TradeChecks} from "./TradeChecks.sol";

/// @title RequestRules
/// @notice Checks of what owners ask for: deadlines, ownership, take profits, and that no other close is pending.
library RequestRules {
    using BookLib for Book;

    /// @dev A deadline leaves at least this long to execute.
    uint256 internal constant MIN_EXECUTION_TIME = 15;

    /// @dev min(deadline, target + window); the deadline leaves time to execute.
    function expiryOf(uint256 target, uint256 window, uint256 deadline) internal pure returns (Timestamp) {
        uint256 earliest = target + MIN_EXECUTION_TIME;
        if (deadline < earliest) revert ITrading.Trading_DeadlineTooEarly(deadline, earliest);
        // The largest stands for any later time.
        return toTimestamp(Math.min(Math.min(deadline, target + window), type(uint32).max));
    }

    /// @dev The position under `id`, which the caller owns.
    function ownPosition(TradingState storage store, uint256 id) internal view returns (PositionHead head) {
        head = store.positions[id].head();
        if (head.state().status() != TradeStatus.Open) revert ITrading.Trading_NotOpen(id);
        if (head.owner() != msg.sender) revert ITrading.Trading_NotOwner(id, msg.sender);
    }

    /// @dev Only one close of a position waits for its tick at a time.
    function checkNoneLive(uint256 id, CloseWord close) internal view {
        if (close.isLive()) revert ITrading.Trading_CloseIsPending(id, close.expiry().inSeconds());
    }

    /// @dev Of an order that fills at a price known already, within the cap of its tier. A leverage that is not offered is
    /// refused by itself.
    function checkTakeProfitOfOrder(
        Book storage book,
        bool isLong,
        uint256 leverage,
        Price takeProfit,
        Price entry
    ) internal view {
        if (takeProfit.isZero()) return;
        TierWord tier = book.tierOf(book.configOf(), book.openConfigOf(), leverage);
        if (tier.maxLeverage() == 0) return;
        checkTakeProfit(isLong, leverage, takeProfit, entry, tier.terms().profitCapPips());
    }

    /// @dev On the winning side of the entry, and within the profit cap.
    function checkTakeProfit(
        bool isLong,
        uint256 leverage,
        Price takeProfit,
        Price entry,
        uint256 capPips
    ) internal pure {
        if (TradeChecks.takeProfit(isLong, takeProfit, entry, leverage, capPips) == Reason.None) return;
        Price cap = TradeMath.capPrice(isLong, entry, leverage, capPips);
        revert ITrading.Trading_TakeProfitOutOfRange(takeProfit, entry, cap);
    }
}
