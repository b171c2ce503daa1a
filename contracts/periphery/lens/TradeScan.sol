// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITrading} from "../../interfaces/ITrading.sol";
import {PositionHead, TradeStatus} from "../../types/Trade.sol";
import {FreeMemory} from "../../utils/FreeMemory.sol";
import {TradingStateLib} from "../TradingStateLib.sol";

/// @title Finding trades by id
/// @notice For views only: it walks over a range of ids.
library TradeScan {
    using TradingStateLib for ITrading;

    /// @dev Records read by one call of Trading.
    uint256 private constant PAGE = 64;

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
        for (next = from; next < to && count < ids.length;) {
            uint256 mark = FreeMemory.mark();
            PositionHead[] memory heads = trading.headsFrom(next, Math.min(PAGE, to - next));
            for (uint256 i = 0; i < heads.length && count < ids.length; ++i) {
                if (_isOf(heads[i], owner)) ids[count++] = next;
                ++next;
            }
            FreeMemory.release(mark);
        }
        // Cut to what was found, which is never more.
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }

    /// @dev An order has its owner where a position has its own.
    function _isOf(PositionHead head, address owner) private pure returns (bool) {
        if (head.state().status() == TradeStatus.None) return false;
        return owner == address(0) || head.owner() == owner;
    }
}
