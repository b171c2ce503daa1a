// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev What the breaker says of one moment. From the lowest bit: clock 40 · canOpen 8 · canClose 8 · canLiquidate 8.
type BreakerStatus is uint256;

using BreakerStatusFields for BreakerStatus global;

library BreakerStatusFields {
    function encode(
        uint40 clock_,
        bool canOpen_,
        bool canClose_,
        bool canLiquidate_
    ) internal pure returns (BreakerStatus) {
        uint256 word = uint256(clock_);
        if (canOpen_) word |= 1 << 40;
        if (canClose_) word |= 1 << 48;
        if (canLiquidate_) word |= 1 << 56;
        return BreakerStatus.wrap(word);
    }

    function clock(BreakerStatus self) internal pure returns (uint40) {
        return uint40(BreakerStatus.unwrap(self));
    }

    function canOpen(BreakerStatus self) internal pure returns (bool) {
        return uint8(BreakerStatus.unwrap(self) >> 40) != 0;
    }

    function canClose(BreakerStatus self) internal pure returns (bool) {
        return uint8(BreakerStatus.unwrap(self) >> 48) != 0;
    }

    function canLiquidate(BreakerStatus self) internal pure returns (bool) {
        return uint8(BreakerStatus.unwrap(self) >> 56) != 0;
    }
}
