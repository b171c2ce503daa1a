// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Outcome, Reason} from "../product/Outcome.sol";
import {Price} from "./Units.sol";

/// @dev What there is to do about a trade; 0: nothing. From the lowest bit: executorPay 128 · price 64 · outcome 8 · reason 8 ·
/// isLiquidation 8.
type DueWord is uint256;

using DueWordFields for DueWord global;

library DueWordFields {
    /// @param isLiquidation_ The outcome is that of liquidating, not of executing.
    function pack(
        Outcome outcome_,
        Reason reason_,
        bool isLiquidation_,
        Price price_,
        uint128 executorPay_
    ) internal pure returns (DueWord) {
        uint256 word = uint256(executorPay_) | (price_.raw() << 128) | (uint256(outcome_) << 192);
        word |= uint256(reason_) << 200;
        if (isLiquidation_) word |= 1 << 208;
        return DueWord.wrap(word);
    }

    function isNone(DueWord self) internal pure returns (bool) {
        return DueWord.unwrap(self) == 0;
    }

    function executorPay(DueWord self) internal pure returns (uint128) {
        return uint128(DueWord.unwrap(self));
    }

    function price(DueWord self) internal pure returns (Price) {
        return Price.wrap(uint64(DueWord.unwrap(self) >> 128));
    }

    function outcome(DueWord self) internal pure returns (Outcome) {
        return Outcome(uint8(DueWord.unwrap(self) >> 192));
    }

    function reason(DueWord self) internal pure returns (Reason) {
        return Reason(uint8(DueWord.unwrap(self) >> 200));
    }

    function isLiquidation(DueWord self) internal pure returns (bool) {
        return uint8(DueWord.unwrap(self) >> 208) != 0;
    }
}
