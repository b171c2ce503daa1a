// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITrading} from "../interfaces/ITrading.sol";
import {Price, Size} from "../types/Units.sol";
import {TradingRequests} from "./TradingRequests.sol";
import {AmendLogic} from "./logic/AmendLogic.sol";

/// @title What owners change
/// @notice Take profit and stop, margin and size of positions; cancellations and refunds of orders.
abstract contract TradingUpdates is TradingRequests {
    /// @inheritdoc ITrading
    function updateTpSl(uint256 id, Price takeProfit, Price stopLoss) external override nonReentrant {
        AmendLogic.updateTpSl(_store, breaker, id, takeProfit, stopLoss);
    }

    /// @inheritdoc ITrading
    function addMargin(uint256 id, uint256 amount) external override nonReentrant {
        AmendLogic.addMargin(_store, _environment(), id, amount);
    }

    /// @inheritdoc ITrading
    function addMarginWithPermit(
        uint256 id,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external override nonReentrant {
        AmendLogic.addMarginWithPermit(_store, _environment(), id, amount, deadline, v, r, s);
    }

    /// @inheritdoc ITrading
    function requestPartialClose(
        uint256 id,
        Size size,
        Price acceptablePrice,
        uint40 deadline
    ) external override nonReentrant {
        AmendLogic.requestPartialClose(_store, _environment(), id, size, acceptablePrice, deadline);
    }

    /// @inheritdoc ITrading
    function cancelLimit(uint256 id) external override nonReentrant {
        AmendLogic.cancelLimit(_store, _environment(), id);
    }

    /// @inheritdoc ITrading
    function cancelExpired(uint256 id) external override nonReentrant {
        AmendLogic.cancelExpired(_store, _environment(), id);
    }
}
