// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TokenPrice} from "../../../contracts/product/TokenPrice.sol";
import {CloseInput, CloseResult, TradeMath} from "../../../contracts/trading/math/TradeMath.sol";
import {Terms} from "../../../contracts/types/Book.sol";
import {Price} from "../../../contracts/types/Units.sol";

/// @dev What a close divides, for a token of 18 decimals.
contract PayoutLemmas {
    /// @dev Trader, executor, armer and fees have no more than margin and reserve together, which is the cap at opening. Nothing is lost
    /// and nothing made: what comes in is what goes out and what stays. Who gains loses nothing, and who loses gains nothing.
    function dividesMarginAndReserve(
        CloseInput memory input,
        Terms memory terms,
        uint64 price,
        uint64 gainPrice
    ) external pure {
        // The widths that are stored.
        require(price != 0 && gainPrice != 0);
        require(input.margin < 2 ** 96 && input.addedMargin < 2 ** 96 && input.executionFeeUsd < 2 ** 80);
        require(input.carryOwed < 2 ** 160 && input.carryOwed > -(2 ** 160));
        CloseResult memory r = TradeMath.close(
            input,
            terms,
            TokenPrice(Price.wrap(price), 1e18),
            TokenPrice(Price.wrap(gainPrice), 1e18)
        );
        uint256 paid = r.payout + r.closeFee + r.executionFee + r.armerFee;
        uint256 reserve = TradeMath.capOf(input.margin, terms.profitCapPips);
        assert(paid <= input.margin + input.addedMargin + reserve);
        assert(paid + r.loss == input.margin + input.addedMargin + r.gain);
        assert(r.gain == 0 || r.loss == 0);
        assert(r.gain <= reserve);
    }
}
