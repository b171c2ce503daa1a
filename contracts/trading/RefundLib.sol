// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Credit, IVault, Settlement} from "../interfaces/IVault.sol";
import {TradeState} from "../types/TradeState.sol";
import {TradeHead} from "../types/TradeWords.sol";
import {TradingStore} from "./TradingStore.sol";

/// @title Giving back what was paid in
library RefundLib {
    using TradeState for uint8;

    /// @dev The amount paid in goes back to the owner, less the fee of whoever executed.
    function refund(
        TradingStore storage store,
        IVault vault,
        TradeHead head,
        uint256 amount,
        address executor,
        uint256 executionFee
    ) internal {
        vault.settle(
            Settlement({
                token: store.marginTokensById[head.tokenId()].token,
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
}
