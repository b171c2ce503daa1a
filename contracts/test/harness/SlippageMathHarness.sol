// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SlippageMath} from "../../libraries/SlippageMath.sol";
import {PackWords} from "./PackWords.sol";
import {BookConfig} from "../../types/TradeTypes.sol";

contract SlippageMathHarness {
    function slippageX18(
        BookConfig memory config,
        uint256 sameSide,
        uint256 otherSide,
        uint256 trade,
        bool isOpening
    ) external pure returns (uint256) {
        return SlippageMath.slippageX18(PackWords.pack(config), sameSide, otherSide, trade, isOpening);
    }
}
