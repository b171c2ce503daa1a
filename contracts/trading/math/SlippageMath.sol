// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BookConfigWord, SlippageModel} from "../../types/Book.sol";
import {ONE_USD, ONE_X18, PIPS} from "../../types/Units.sol";

/// @title Slippage of a fill
/// @dev fixed: s. depth: (open interest of the side without this trade + half the trade) / (100 · one-percent depth), at
/// least s. skew: the depth rule, open interest of the side included, on the part of the trade that widens |long − short|,
/// s on the rest. Half the trade, because then splitting an order gains nothing.
library SlippageMath {
    /// @dev A quarter of the price: beyond it the depth configured has nothing to do with the market.
    uint256 internal constant MAX_X18 = 0.25e18;

    /// @notice Slippage as a fraction with 18 decimals, rounded up, at most 25%.
    /// @param sameSide Open interest on the side of the trade without it, USD with 18 decimals.
    /// @param otherSide Open interest on the other side, USD with 18 decimals.
    /// @param trade Notional of the trade, USD with 18 decimals.
    /// @param isOpening An opening adds to its side; a close takes away from it.
    function slippageX18(
        BookConfigWord config,
        uint256 sameSide,
        uint256 otherSide,
        uint256 trade,
        bool isOpening
    ) internal pure returns (uint256) {
        uint256 fixedX18 = _ofPips(config.slippagePips());
        SlippageModel model = config.slippageModel();
        if (model == SlippageModel.Fixed || trade == 0) return fixedX18;
        uint256 depth = uint256(config.onePercentDepthUsd()) * ONE_USD;
        if (model == SlippageModel.Depth) return _atDepth(2 * sameSide + trade, depth, fixedX18);

        // Skew: an opening widens beyond the other side's open interest, a close below it.
        uint256 reached = sameSide + trade;
        uint256 widening;
        if (isOpening) {
            if (reached > otherSide) widening = Math.min(trade, reached - otherSide);
        } else if (otherSide > sameSide) {
            widening = Math.min(trade, otherSide - sameSide);
        }
        if (widening == 0) return fixedX18;
        // The rest of an opening is in place before the part that widens; that part of a close is its last.
        uint256 from = isOpening ? reached - widening : sameSide;
        uint256 widened = _atDepth(2 * from + widening, depth, fixedX18);
        return Math.ceilDiv(widened * widening + fixedX18 * (trade - widening), trade);
    }

    /// @notice Slippage of a close: as of any trade, but at most that of the position's terms.
    function exitSlippageX18(
        BookConfigWord config,
        uint256 sameSide,
        uint256 otherSide,
        uint256 trade,
        uint256 maxPips
    ) internal pure returns (uint256) {
        return Math.min(slippageX18(config, sameSide, otherSide, trade, false), _ofPips(maxPips));
    }

    /// @param pips At most 24 bits.
    function _ofPips(uint256 pips) private pure returns (uint256 rateX18) {
        unchecked {
            // 24 bits by 40.
            return pips * (ONE_X18 / PIPS);
        }
    }

    /// @param twice Twice the open interest that the middle of the trade meets: its half stays exact.
    function _atDepth(uint256 twice, uint256 depth, uint256 leastX18) private pure returns (uint256 rate) {
        rate = Math.mulDiv(twice, ONE_X18, 200 * depth, Math.Rounding.Ceil);
        rate = Math.min(Math.max(rate, leastX18), Math.max(MAX_X18, leastX18));
    }
}
