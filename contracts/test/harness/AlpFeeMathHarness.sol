// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AlpFeeMath} from "../../vault/AlpFeeMath.sol";

contract AlpFeeMathHarness {
    function feePipsUp(
        uint256 target,
        uint256 before,
        uint256 after_,
        uint256 basePips,
        uint256 taxPips
    ) external pure returns (uint256) {
        return AlpFeeMath.feePipsUp(target, before, after_, basePips, taxPips);
    }

    function distance(uint256 a, uint256 b) external pure returns (uint256) {
        return AlpFeeMath.distance(a, b);
    }
}
