// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IFeeDistributor} from "../interfaces/IFeeDistributor.sol";
import {Credit, IVault, Settlement} from "../interfaces/IVault.sol";
import {OrderHead} from "../types/Trade.sol";

/// @title Settling
/// @notice What Trading asks of the Vault and its fee distributor in more than one place.
library Settling {
    /// @dev The amount paid in with an order goes back to its owner, less the fee of whoever executed.
    function refund(
        IVault vault,
        address token,
        OrderHead head,
        uint256 amount,
        address executor,
        uint256 executionFee
    ) internal {
        vault.settle(
            Settlement({
                token: token,
                collateral: amount,
                reserve: 0,
                toFees: 0,
                executor: Credit(executor, executionFee),
                armer: Credit(address(0), 0),
                receiver: head.owner(),
                payout: amount - executionFee,
                asNative: head.state().asNative()
            })
        );
    }

    /// @dev Has the broker's share of a fee recorded; costs nothing where there is no broker.
    /// @param fee What the LPs leave of it, in token units.
    function recordBrokerFee(IVault vault, uint32 broker, address token, address trader, uint256 fee) internal {
        if (broker == 0 || fee == 0) return;
        IFeeDistributor(vault.feeDistributor()).recordFee(broker, token, trader, fee);
    }
}
