// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IDepositor} from "../interfaces/IProduct.sol";
import {ITrading, OpenRequest} from "../interfaces/ITrading.sol";
import {BookConfigWord, MarginTokenWord} from "../types/BookWords.sol";
import {TradeCodec} from "../types/TradeCodec.sol";
import {TradeState} from "../types/TradeState.sol";
import {BookStatus, MarginToken, Mode, Position, TradeStatus} from "../types/TradeTypes.sol";
import {TradeHead} from "../types/TradeWords.sol";
import {Price, Size} from "../types/Units.sol";
import {Book, BookLib} from "./BookLib.sol";
import {ClosePlacing} from "./ClosePlacing.sol";
import {TradingStorage} from "./TradingStorage.sol";
import {RequestRules} from "./rules/RequestRules.sol";

/// @title What traders ask for
/// @notice Places orders and closes.
abstract contract TradingRequests is TradingStorage {
    using BookLib for Book;
    using SafeERC20 for IERC20;
    using TradeCodec for MarginToken;
    using TradeCodec for Position;
    using TradeState for uint16;

    uint256 internal constant MIN_DEGEN_LEVERAGE = 500;

    /// @inheritdoc ITrading
    function requestOpen(OpenRequest calldata request) external override nonReentrant returns (uint256 id) {
        return _request(request, TradeStatus.MarketOrder, executionWindow);
    }

    /// @inheritdoc ITrading
    function requestLimit(OpenRequest calldata request) external override nonReentrant returns (uint256 id) {
        // Check: an order that could never fill must not become one that can, once ticks are known.
        if (request.acceptablePrice.isZero()) revert Trading_LimitPriceMissing();
        RequestRules.checkTakeProfitOfOrder(
            _store.books[request.bookId],
            request.isLong,
            request.leverage,
            request.takeProfit,
            request.acceptablePrice
        );
        // Without a window: it rests until its deadline.
        return _request(request, TradeStatus.LimitOrder, type(uint32).max);
    }

    /// @inheritdoc ITrading
    function requestClose(uint256 id, Price acceptablePrice, uint40 deadline) external override nonReentrant {
        TradeHead head = RequestRules.ownPosition(_store, id);
        // Check:
        if (!breaker.canClose()) revert Trading_BreakerRaised(breaker.level());
        uint256 target = block.timestamp + _delayOf(head.bookId());
        uint32 expiry = RequestRules.expiryOf(target, executionWindow, deadline);

        // Effect: overwrites a close that was refused or has lapsed.
        ClosePlacing.request(_store, id, Size.wrap(0), acceptablePrice, target, expiry);
    }

    /// @inheritdoc IDepositor
    function payIn(address token, address payer, uint256 amount) external override {
        // Check: the Vault calls back only whoever called it, and this contract calls it only with its own caller as payer.
        if (msg.sender != address(vault)) revert Trading_OnlyVault(msg.sender);
        // Interaction:
        IERC20(token).safeTransferFrom(payer, msg.sender, amount);
    }

    /// @dev Whatever can be known before the tick is checked here.
    function _request(OpenRequest calldata request, TradeStatus status, uint256 window) private returns (uint256 id) {
        // Check:
        if (!breaker.canOpen()) revert Trading_BreakerRaised(breaker.level());
        if (request.owner == address(0)) revert Trading_ZeroAddress();
        _checkBook(request.bookId, request.leverage);
        MarginTokenWord token = _store.marginTokens[request.token].packedToken();
        if (!token.isEnabled()) revert Trading_TokenNotAccepted(request.token);
        if (request.asNative && request.token != _wrappedNative) revert Trading_NotWrappedNative(request.token);
        uint32 expiry = RequestRules.expiryOf(block.timestamp + _delayOf(request.bookId), window, request.deadline);

        // Interaction: what arrives is what the order is for. The guard keeps everyone else out meanwhile.
        uint256 received = vault.deposit(request.token, msg.sender, request.amount);
        if (received > type(uint96).max) revert Trading_AmountTooLarge(received, type(uint96).max);

        // Effect:
        id = _store.nextTradeId++;
        uint8 state = TradeState.encode(status, request.isLong, request.asNative);
        _placeOrder(id, request, state, token.tokenId(), received, expiry);
    }

    function _placeOrder(
        uint256 id,
        OpenRequest calldata request,
        uint8 state,
        uint8 tokenId,
        uint256 received,
        uint32 expiry
    ) private {
        // Seconds since 1970 pass 32 bits in 2106; the bound of what was received is checked by the caller.
        _store.positions[id].store(
            TradeCodec.encodeHead(request.owner, request.bookId, tokenId, state, uint32(block.timestamp), expiry),
            TradeCodec.encodeOrderBody(uint96(received), request.acceptablePrice, request.broker),
            TradeCodec.encodeOrderTriggers(request.takeProfit, request.stopLoss, request.leverage)
        );
        _emitPlaced(id, request, state, received, expiry);
    }

    function _emitPlaced(
        uint256 id,
        OpenRequest calldata request,
        uint8 state,
        uint256 received,
        uint32 expiry
    ) private {
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
}
