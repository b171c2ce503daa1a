// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BetMath} from "../../../contracts/prediction/BetMath.sol";

/// @dev What the model checker must not prove.
contract FalseLemmas {
    /// @dev The win of a payout that is not whole is rounded down.
    function winIsExact(uint80 stake, uint24 payoutPips) external pure {
        assert(BetMath.winOf(stake, payoutPips) * 1e6 == uint256(stake) * payoutPips);
    }
}
