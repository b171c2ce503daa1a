// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TokenPrice} from "../../../contracts/product/TokenPrice.sol";
import {CloseInput, CloseResult, TradeMath} from "../../../contracts/trading/math/TradeMath.sol";
import {Terms} from "../../../contracts/types/Book.sol";
import {Price, Size} from "../../../contracts/types/Units.sol";

/// @dev What a close divides, for a token of 18 decimals.
contract PayoutLemmas {
    /// @dev Trader, executor, armer and fees have no more than margin and reserve together; the reserve is the cap of the opening.
    function paysAtMostMarginAndReserve(
        CloseInput memory input,
        Terms memory terms,
        uint64 price,
        uint64 gainPrice
    ) external pure {
        _bound(input, terms, price, gainPrice);
        CloseResult memory r = _close(input, terms, price, gainPrice);
        uint256 paid = r.payout + r.closeFee + r.executionFee + r.armerFee;
        assert(paid <= input.margin + input.addedMargin + TradeMath.capOf(input.margin, terms.profitCapPips));
    }

    /// @dev Nothing is lost and nothing made: what comes in is what goes out and what stays.
    function dividesExactly(CloseInput memory input, Terms memory terms, uint64 price, uint64 gainPrice) external pure {
        _bound(input, terms, price, gainPrice);
        CloseResult memory r = _close(input, terms, price, gainPrice);
        uint256 paid = r.payout + r.closeFee + r.executionFee + r.armerFee;
        assert(paid + r.loss == input.margin + input.addedMargin + r.gain);
    }

    /// @dev Either side gives: who gains loses nothing, and who loses gains nothing.
    function gainsOrLoses(CloseInput memory input, Terms memory terms, uint64 price, uint64 gainPrice) external pure {
        _bound(input, terms, price, gainPrice);
        CloseResult memory r = _close(input, terms, price, gainPrice);
        assert(r.gain == 0 || r.loss == 0);
        assert(r.gain <= TradeMath.capOf(input.margin, terms.profitCapPips));
    }

    function _close(
        CloseInput memory input,
        Terms memory terms,
        uint64 price,
        uint64 gainPrice
    ) private pure returns (CloseResult memory) {
        return
            TradeMath.close(
                input,
                terms,
                TokenPrice(Price.wrap(price), 1e18),
                TokenPrice(Price.wrap(gainPrice), 1e18)
            );
    }

    /// @dev The widths that are stored.
    function _bound(CloseInput memory input, Terms memory terms, uint64 price, uint64 gainPrice) private pure {
        require(price != 0 && gainPrice != 0);
        require(input.margin < 2 ** 96 && input.addedMargin < 2 ** 96);
        require(Size.unwrap(input.size) < 2 ** 88 && input.executionFeeUsd < 2 ** 80);
        require(input.carryOwed < 2 ** 160 && input.carryOwed > -(2 ** 160));
        require(terms.profitCapPips < 2 ** 24 && terms.closeFeePips < 2 ** 24 && terms.profitSharePips < 2 ** 24);
    }
}
