// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IDepositor} from "../interfaces/IProduct.sol";
import {ITrading, OpenRequest} from "../interfaces/ITrading.sol";
import {Book, BookLib} from "../libraries/BookLib.sol";
import {TradeCodec} from "../libraries/TradeCodec.sol";
import {TradeState} from "../libraries/TradeState.sol";
import {ClosePlacing} from "../libraries/logic/ClosePlacing.sol";
import {RefundLib} from "../libraries/logic/RefundLib.sol";
import {BookConfigWord, MarginTokenWord} from "../types/BookWords.sol";
import {BookStatus, Close, CloseKind, MarginToken, Mode, Position, TradeStatus} from "../types/TradeTypes.sol";
import {TradeHead} from "../types/TradeWords.sol";
import {Price} from "../types/Units.sol";
import {TradingStorage} from "./TradingStorage.sol";

/// @title What traders ask for
/// @notice Places orders and closes, and refunds orders that expired.
abstract contract TradingRequests is TradingStorage {
    using BookLib for Book;
    using SafeERC20 for IERC20;
    using TradeCodec for Close;
    using TradeCodec for MarginToken;
    using TradeCodec for Position;
    using TradeState for uint16;
    using TradeState for uint8;

    uint256 internal constant MIN_DEGEN_LEVERAGE = 500;

    /// @dev A deadline leaves at least this long to execute.
    uint256 internal constant MIN_EXECUTION_TIME = 15;

    /// @inheritdoc ITrading
    function requestOpen(OpenRequest calldata request) external override nonReentrant returns (uint256 id) {
        // Check: whatever can be known before the tick.
        if (!breaker.canOpen()) revert Trading_BreakerRaised(breaker.level());
        if (request.owner == address(0)) revert Trading_ZeroAddress();
        _checkBook(request.bookId, request.leverage);
        MarginTokenWord token = _store.marginTokens[request.token].packedToken();
        if (!token.isEnabled()) revert Trading_TokenNotAccepted(request.token);
        if (request.asNative && request.token != _wrappedNative) revert Trading_NotWrappedNative(request.token);
        uint32 expiry = _expiryOf(block.timestamp + _delayOf(request.bookId), request.deadline);

        // Interaction: what arrives is what the order is for. The guard keeps everyone else out meanwhile.
        uint256 received = vault.deposit(request.token, msg.sender, request.amount);
        if (received > type(uint96).max) revert Trading_AmountTooLarge(received, type(uint96).max);

        // Effect:
        id = _store.nextTradeId++;
        _placeOrder(id, request, token.tokenId(), received, expiry);
    }

    /// @inheritdoc ITrading
    function requestClose(uint256 id, Price acceptablePrice, uint40 deadline) external override nonReentrant {
        // Check:
        if (!breaker.canClose()) revert Trading_BreakerRaised(breaker.level());
        TradeHead head = _store.positions[id].head();
        if (head.state().statusOf() != TradeStatus.Open) revert Trading_NotOpen(id);
        if (head.owner() != msg.sender) revert Trading_NotOwner(id, msg.sender);
        uint256 target = block.timestamp + _delayOf(head.bookId());
        uint32 expiry = _expiryOf(target, deadline);

        // Effect: overwrites a close that was refused or has lapsed.
        ClosePlacing.place(_store, id, CloseKind.Requested, uint160(acceptablePrice.raw()), target, expiry);
        // Seconds since 1970 pass 32 bits in 2106.
        emit CloseRequested(id, msg.sender, acceptablePrice, uint32(target), expiry);
    }

    /// @inheritdoc ITrading
    function cancelExpired(uint256 id) external override nonReentrant {
        // Check:
        Position storage record = _store.positions[id];
        TradeHead head = record.head();
        if (head.state().statusOf() != TradeStatus.MarketOrder) revert Trading_NotAnOrder(id);
        if (block.timestamp <= head.until()) revert Trading_NotExpired(id, head.until());
        uint256 amount = record.orderBody().amount();

        // Effect:
        record.clear();
        emit OrderCancelled(id, head.owner(), amount);

        // Interaction:
        RefundLib.refund(_store, vault, head, amount, address(0), 0);
    }

    /// @inheritdoc IDepositor
    function payIn(address token, address payer, uint256 amount) external override {
        // Check: the Vault calls back only whoever called it, and this contract calls it only with its own caller as payer.
        if (msg.sender != address(vault)) revert Trading_OnlyVault(msg.sender);
        // Interaction:
        IERC20(token).safeTransferFrom(payer, msg.sender, amount);
    }

    function _placeOrder(
        uint256 id,
        OpenRequest calldata request,
        uint8 tokenId,
        uint256 received,
        uint32 expiry
    ) private {
        uint8 state = TradeState.encode(TradeStatus.MarketOrder, request.isLong, request.asNative);
        // Seconds since 1970 pass 32 bits in 2106; the bound of what was received is checked by the caller.
        _store.positions[id].store(
            TradeCodec.encodeHead(request.owner, request.bookId, tokenId, state, uint32(block.timestamp), expiry),
            TradeCodec.encodeOrderBody(uint96(received), request.acceptablePrice, request.broker),
            TradeCodec.encodeOrderExits(request.takeProfit, request.stopLoss, request.leverage)
        );
        emit OrderPlaced(
            id,
            request.owner,
            request.bookId,
            request.token,
            received,
            request.acceptablePrice,
            request.takeProfit,
            request.stopLoss,
            request.leverage,
            state,
            request.broker,
            expiry
        );
    }

    function _checkBook(uint16 bookId, uint256 leverage) private view {
        BookConfigWord config = _store.books[bookId].configOf();
        if (config.status() != BookStatus.Active) revert Trading_BookNotActive(bookId);
        uint256 least = bookId.modeOf() == Mode.Degen ? MIN_DEGEN_LEVERAGE : 1;
        uint256 most = config.maxLeverage();
        if (leverage < least || leverage > most) revert Trading_LeverageOutOfRange(leverage, least, most);
    }

    /// @dev min(deadline, target + window); the deadline leaves time to execute.
    function _expiryOf(uint256 target, uint256 deadline) private view returns (uint32) {
        uint256 earliest = target + MIN_EXECUTION_TIME;
        if (deadline < earliest) revert Trading_DeadlineTooEarly(deadline, earliest);
        // Seconds since 1970 pass 32 bits in 2106.
        return uint32(Math.min(deadline, target + executionWindow));
    }
}
