// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITrading} from "../../interfaces/ITrading.sol";
import {TierWord} from "../../types/BookWords.sol";
import {TradeCodec} from "../../types/TradeCodec.sol";
import {TradeState} from "../../types/TradeState.sol";
import {Position, Reason, TradeStatus} from "../../types/TradeTypes.sol";
import {TradeHead} from "../../types/TradeWords.sol";
import {Price} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingStore} from "../TradingStore.sol";
import {TradeMath} from "../math/TradeMath.sol";
import {TradeChecks} from "./TradeChecks.sol";

/// @title What every request has to satisfy
library RequestRules {
    using BookLib for Book;
    using TradeCodec for Position;
    using TradeState for uint8;

    /// @dev A deadline leaves at least this long to execute.
    uint256 internal constant MIN_EXECUTION_TIME = 15;

    /// @dev min(deadline, target + window); the deadline leaves time to execute.
    function expiryOf(uint256 target, uint256 window, uint256 deadline) internal pure returns (uint32) {
        uint256 earliest = target + MIN_EXECUTION_TIME;
        if (deadline < earliest) revert ITrading.Trading_DeadlineTooEarly(deadline, earliest);
        // Seconds since 1970 pass 32 bits in 2106, which stands for any later time.
        return uint32(Math.min(Math.min(deadline, target + window), type(uint32).max));
    }

    /// @dev The position under `id`, which the caller owns.
    function ownPosition(TradingStore storage store, uint256 id) internal view returns (TradeHead head) {
        head = store.positions[id].head();
        if (head.state().statusOf() != TradeStatus.Open) revert ITrading.Trading_NotOpen(id);
        if (head.owner() != msg.sender) revert ITrading.Trading_NotOwner(id, msg.sender);
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
        TierWord tier = book.tierOf(book.configOf().tierCount(), leverage);
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
