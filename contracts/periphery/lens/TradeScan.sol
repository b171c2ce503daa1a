// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITrading} from "../../interfaces/ITrading.sol";
import {TradeStatus} from "../../types/Trade.sol";
import {TradingStateLib} from "../TradingStateLib.sol";

/// @title Finding trades by id
/// @notice For views only: it walks over a range of ids.
library TradeScan {
    using TradingStateLib for ITrading;

    /// @notice Ids of the orders and positions from `from` up to, and without, `to`; those that ended are left out.
    /// @param owner Only his; zero: everyone's.
    /// @param to Beyond the last id it is cut to it.
    /// @param max At most so many.
    /// @return ids In ascending order.
    /// @return next The first id that was not looked at.
    function live(
        ITrading trading,
        address owner,
        uint256 from,
        uint256 to,
        uint256 max
    ) internal view returns (uint256[] memory ids, uint256 next) {
        to = Math.min(to, trading.nextTradeId());
        if (from >= to) return (ids, from);
        ids = new uint256[](Math.min(max, to - from));
        uint256 count = 0;
        for (next = from; next < to && count < ids.length; ++next) {
            if (trading.statusOf(next) == TradeStatus.None) continue;
            // An order has its owner where a position has its own.
            if (owner != address(0) && trading.position(next).owner != owner) continue;
            ids[count++] = next;
        }
        // Cut to what was found, which is never more.
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }
}
