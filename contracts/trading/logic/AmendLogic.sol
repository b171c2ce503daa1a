// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IBreaker} from "../../interfaces/IBreaker.sol";
import {ITrading} from "../../interfaces/ITrading.sol";
import {Mode, OpenConfigWord} from "../../types/Book.sol";
import {Timestamp, now32} from "../../types/Timestamp.sol";
import {
    OrderBody,
    OrderHead,
    Position,
    PositionBody,
    PositionHead,
    TradeState,
    TradeStatus
} from "../../types/Trade.sol";
import {ONE_USD, Price, Size, valueOf} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {ClosePlacing} from "../ClosePlacing.sol";
import {Settling} from "../Settling.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {RequestRules} from "../rules/RequestRules.sol";
import {TradeChecks} from "../rules/TradeChecks.sol";

/// @title AmendLogic
/// @notice Changes that owners make to orders and positions.
/// @dev Linked to Trading and run on its storage.
library AmendLogic {
    using BookLib for Book;

    /// @notice See `ITrading.addMargin`.
    function addMargin(TradingState storage store, TradingSetup calldata setup, uint256 id, uint256 amount) external {
        PositionHead head = RequestRules.ownPosition(store, id);
        _addMargin(store, setup, id, head, amount);
    }

    /// @notice See `ITrading.addMarginWithPermit`.
    function addMarginWithPermit(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        PositionHead head = RequestRules.ownPosition(store, id);
        address token = store.marginTokensById[head.tokenId()].token;
        // Interaction: somebody may have used the permit before; what counts is the allowance, which the deposit needs.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {
            emit ITrading.PermitUsed(token, msg.sender, amount);
        } catch (bytes memory reason) {
            emit ITrading.PermitSkipped(token, msg.sender, reason);
        }
        _addMargin(store, setup, id, head, amount);
    }

    /// @notice See `ITrading.requestPartialClose`.
    function requestPartialClose(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        Size size,
        Price acceptablePrice,
        uint40 deadline
    ) external {
        // Check: neither the part nor the rest is dust.
        PositionHead head = RequestRules.ownPosition(store, id);
        _checkCloses(setup.breaker);
        _checkStandard(id, head);
        _checkPart(store, id, head, size);
        uint256 target = block.timestamp + setup.delayOf(head.bookId());
        Timestamp expiry = RequestRules.expiryOf(target, setup.executionWindow, deadline);

        // Effect: overwrites a close that was refused or has lapsed.
        ClosePlacing.request(store, id, size, acceptablePrice, target, expiry);
    }

    /// @notice See `ITrading.cancelLimit`.
    function cancelLimit(TradingState storage store, TradingSetup calldata setup, uint256 id) external {
        // Check:
        Position storage record = store.positions[id];
        OrderHead head = record.orderHead();
        if (head.state().status() != TradeStatus.LimitOrder) revert ITrading.Trading_NotALimit(id);
        if (head.owner() != msg.sender) revert ITrading.Trading_NotOwner(id, msg.sender);
        OrderBody body = record.orderBody();
        uint256 delay = setup.delayOf(head.bookId());
        if (body.cancelledAt().inSeconds() != 0)
            revert ITrading.Trading_CancelIsPending(id, _cancelledFrom(body, delay));

        // Effect:
        body = body.withCancelledAt(now32());
        record.setOrderBody(body);
        emit ITrading.LimitCancelRequested(id, msg.sender, _cancelledFrom(body, delay));
    }

    /// @notice See `ITrading.cancelExpired`.
    function cancelExpired(TradingState storage store, TradingSetup calldata setup, uint256 id) external {
        // Check:
        Position storage record = store.positions[id];
        OrderHead head = record.orderHead();
        TradeStatus status = head.state().status();
        bool isOrder = status == TradeStatus.MarketOrder || status == TradeStatus.LimitOrder;
        if (!isOrder) revert ITrading.Trading_NotAnOrder(id);
        OrderBody body = record.orderBody();
        uint256 from = head.expiry().inSeconds() + 1;
        if (body.cancelledAt().inSeconds() != 0)
            from = Math.min(from, _cancelledFrom(body, setup.delayOf(head.bookId())));
        if (block.timestamp < from) revert ITrading.Trading_NotExpired(id, from);

        // Effect:
        record.clear();
        emit ITrading.OrderCancelled(id, head.owner(), body.amount());

        // Interaction:
        address token = store.marginTokensById[head.tokenId()].token;
        Settling.refund(setup.vault, token, head, body.amount(), address(0), 0);
    }

    function _addMargin(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        PositionHead head,
        uint256 amount
    ) private {
        // Check:
        _checkCloses(setup.breaker);
        _checkStandard(id, head);

        // Interaction: what arrives is what is added. The guard keeps everyone else out meanwhile.
        address token = store.marginTokensById[head.tokenId()].token;
        uint256 received = setup.vault.deposit(token, msg.sender, amount);
        uint256 total = store.extras[id].addedMargin + received;
        if (total > type(uint96).max) revert ITrading.Trading_AmountTooLarge(total, type(uint96).max);

        // Effect:
        // The bound is checked on the line above.
        store.extras[id].addedMargin = uint128(total);
        TradeState state = head.state();
        if (!state.hasExtra()) store.positions[id].setHead(head.withState(state.withExtra()));
        emit ITrading.MarginAdded(id, msg.sender, received, total);
    }

    /// @dev Part and rest are at least the book's least position each, by notional and, at the opening's leverage, by margin.
    function _checkPart(TradingState storage store, uint256 id, PositionHead head, Size size) private view {
        Position storage record = store.positions[id];
        PositionBody body = record.body();
        if (size.raw() == 0 || size.raw() >= body.size().raw()) {
            revert ITrading.Trading_PartOutOfRange(size, Size.wrap(1), Size.wrap(Size.unwrap(body.size()) - 1));
        }
        OpenConfigWord config = store.books[head.bookId()].openConfigOf();
        uint256 least = uint256(config.minMarginUsd()) * record.triggers().leverage();
        least = Math.max(least, config.minNotionalUsd()) * ONE_USD;
        uint256 part = valueOf(size, body.entry());
        uint256 rest = valueOf(body.size(), body.entry()) - part;
        if (Math.min(part, rest) < least) revert ITrading.Trading_DustLeft(part, rest, least);
    }

    function _checkCloses(IBreaker breaker) private view {
        if (!breaker.canClose()) revert ITrading.Trading_BreakerRaised(breaker.level());
    }

    function _checkStandard(uint256 id, PositionHead head) private pure {
        if (head.bookId().mode() != Mode.Standard) revert ITrading.Trading_StandardOnly(id);
    }

    /// @dev From when on nothing can fill a limit whose cancellation was asked for: the last tick that still may is as old
    /// as a trigger may be then.
    function _cancelledFrom(OrderBody body, uint256 delay) private pure returns (uint256) {
        return body.cancelledAt().inSeconds() + delay + TradeChecks.TRIGGER_TICK_MAX_AGE + 1;
    }
}
