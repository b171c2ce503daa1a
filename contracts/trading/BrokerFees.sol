// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IFeeDistributor} from "../interfaces/IFeeDistributor.sol";
import {IVault} from "../interfaces/IVault.sol";

/// @title The brokers' part of the fees
library BrokerFees {
    /// @dev Has the broker's share of a fee recorded; costs nothing where there is no broker.
    /// @param fee What the LPs leave of it, in token units.
    function record(IVault vault, uint32 broker, address token, address trader, uint256 fee) internal {
        if (broker == 0 || fee == 0) return;
        IFeeDistributor(vault.feeDistributor()).recordFee(broker, token, trader, fee);
    }
}
