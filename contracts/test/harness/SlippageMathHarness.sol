// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlippageMath} from "../../trading/math/SlippageMath.sol";
import {BookConfig, BookConfigWordFields} from "../../types/Book.sol";

contract SlippageMathHarness {
    function slippageX18(
        BookConfig memory config,
        uint256 sameSide,
        uint256 otherSide,
        uint256 trade,
        bool isOpening
    ) external pure returns (uint256) {
        return SlippageMath.slippageX18(BookConfigWordFields.pack(config), sameSide, otherSide, trade, isOpening);
    }

    function exitSlippageX18(
        BookConfig memory config,
        uint256 sameSide,
        uint256 otherSide,
        uint256 trade,
        uint256 maxPips
    ) external pure returns (uint256) {
        return SlippageMath.exitSlippageX18(BookConfigWordFields.pack(config), sameSide, otherSide, trade, maxPips);
    }
}
