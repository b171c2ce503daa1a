// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote, Tick} from "../interfaces/IPriceAggregator.sol";
import {IProduct} from "../interfaces/IProduct.sol";
import {
    ClosePreview,
    ExecutionPreview,
    ITrading,
    ItemPreview,
    OpenPreview,
    OpenRequest
} from "../interfaces/ITrading.sol";
import {Outcome, Reason} from "../product/Outcome.sol";
import {ProductBase} from "../product/ProductBase.sol";
import {ProductBounds} from "../product/ProductBounds.sol";
import {
    BookConfig,
    BookConfigWord,
    BookId,
    BookStatus,
    MarginTokenWord,
    Mode,
    OpenConfig,
    Tier
} from "../types/Book.sol";
import {DueWord} from "../types/DueWord.sol";
import {Timestamp, now32} from "../types/Timestamp.sol";
import {
    OrderBodyFields,
    OrderHeadFields,
    OrderTriggersFields,
    PositionHead,
    TradeState,
    TradeStateFields,
    TradeStatus
} from "../types/Trade.sol";
import {Price, Size} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {Book, BookLib} from "./BookLib.sol";
import {ClosePlacing} from "./ClosePlacing.sol";
import {TradingSetup, TradingState} from "./TradingState.sol";
import {TriggerPlacing} from "./TriggerPlacing.sol";
import {AmendLogic} from "./logic/AmendLogic.sol";
import {AttemptLogic} from "./logic/AttemptLogic.sol";
import {CloseLogic} from "./logic/CloseLogic.sol";
import {OpenLogic} from "./logic/OpenLogic.sol";
import {PreviewLogic} from "./logic/PreviewLogic.sol";
import {SettingsLogic} from "./logic/SettingsLogic.sol";
import {ValuationLogic} from "./logic/ValuationLogic.sol";
import {RequestRules} from "./rules/RequestRules.sol";
import {TradingBounds} from "./rules/TradingBounds.sol";

/// @title Trading
/// @notice See `ITrading`. Immutable, holds no tokens, needs no role to execute or to liquidate.
/// @dev In the order of a trade's life: request, execute, change, cancel, liquidate; then configuration and views. What is
/// more than a few lines is in linked libraries, which run on this contract's storage.
contract Trading is ITrading, ProductBase {
    using BookLib for Book;

    uint32 private immutable _standardDelay;
    uint32 private immutable _degenDelay;
    uint32 private immutable _executionWindow;

    /// @inheritdoc ITrading
    uint256 public immutable override executionFeeUsd;

    /// @inheritdoc ITrading
    address public immutable override trustedExecutor;

    /// @dev From slot 0 on, where `TradingStateLib` reads it.
    TradingState private _store;

    constructor(
        TradingSetup memory setup
    ) ProductBase(setup.vault, setup.aggregator, setup.breaker, setup.configurator) {
        ProductBounds.checkDelay(setup.standardDelay);
        ProductBounds.checkDelay(setup.degenDelay);
        ProductBounds.checkExecution(setup.executionWindow, setup.executionFeeUsd);
        Code.requireContract(setup.trustedExecutor);
        _standardDelay = setup.standardDelay;
        _degenDelay = setup.degenDelay;
        _executionWindow = setup.executionWindow;
        executionFeeUsd = setup.executionFeeUsd;
        trustedExecutor = setup.trustedExecutor;
        _store.nextTradeId = 1;
    }

    /// @inheritdoc ITrading
    function requestOpen(OpenRequest calldata request) external override nonReentrant returns (uint256 id) {
        return _request(request, TradeStatus.MarketOrder, _executionWindow);
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
        PositionHead head = RequestRules.ownPosition(_store, id);
        // Check:
        if (!breaker.canClose()) revert Trading_BreakerRaised(breaker.level());
        uint256 target = block.timestamp + _delayOf(head.bookId());
        Timestamp expiry = RequestRules.expiryOf(target, _executionWindow, deadline);

        // Effect: overwrites a close that was refused or has lapsed.
        ClosePlacing.request(_store, id, Size.wrap(0), acceptablePrice, target, expiry);
    }

    /// @inheritdoc ITrading
    function requestPartialClose(
        uint256 id,
        Size size,
        Price acceptablePrice,
        uint40 deadline
    ) external override nonReentrant {
        AmendLogic.requestPartialClose(_store, _setup(), id, size, acceptablePrice, deadline);
    }

    /// @inheritdoc ITrading
    function execute(
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external override nonReentrant returns (Outcome, Reason) {
        if (executor == address(0)) revert Trading_ZeroAddress();
        TradeStatus status = statusOf(id);
        if (status == TradeStatus.None) return (Outcome.Skipped, Reason.NothingPending);
        if (status == TradeStatus.Open) return CloseLogic.execute(_store, _setup(), id, tickIndex, executor);
        return OpenLogic.execute(_store, _setup(), id, tickIndex, executor);
    }

    /// @inheritdoc ITrading
    function updateTpSl(uint256 id, Price takeProfit, Price stopLoss) external override nonReentrant {
        if (!breaker.canClose()) revert Trading_BreakerRaised(breaker.level());
        TriggerPlacing.update(_store, id, takeProfit, stopLoss);
    }

    /// @inheritdoc ITrading
    function addMargin(uint256 id, uint256 amount) external override nonReentrant {
        AmendLogic.addMargin(_store, _setup(), id, amount);
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
        AmendLogic.addMarginWithPermit(_store, _setup(), id, amount, deadline, v, r, s);
    }

    /// @inheritdoc ITrading
    function cancelLimit(uint256 id) external override nonReentrant {
        AmendLogic.cancelLimit(_store, _setup(), id);
    }

    /// @inheritdoc ITrading
    function cancelExpired(uint256 id) external override nonReentrant {
        AmendLogic.cancelExpired(_store, _setup(), id);
    }

    /// @inheritdoc ITrading
    function liquidate(
        uint256 id,
        uint256 tickIndex,
        address liquidator
    ) external override nonReentrant returns (Outcome, Reason) {
        if (liquidator == address(0)) revert Trading_ZeroAddress();
        if (statusOf(id) != TradeStatus.Open) return (Outcome.Skipped, Reason.NothingPending);
        return CloseLogic.liquidate(_store, _setup(), id, tickIndex, liquidator);
    }

    /// @inheritdoc ITrading
    function setBookConfig(BookId bookId, BookConfig calldata config) external override nonReentrant onlyConfigurator {
        SettingsLogic.setBookConfig(_store, breaker.clock(), bookId, config);
    }

    /// @inheritdoc ITrading
    function setOpenConfig(BookId bookId, OpenConfig calldata config) external override nonReentrant onlyConfigurator {
        SettingsLogic.setOpenConfig(_store, bookId, config);
    }

    /// @inheritdoc ITrading
    function setTiers(BookId bookId, Tier[] calldata tiers_) external override nonReentrant onlyConfigurator {
        SettingsLogic.setTiers(_store, bookId, tiers_);
    }

    /// @inheritdoc ITrading
    function setMarginToken(
        address token,
        uint16 assetId,
        bool isEnabled
    ) external override nonReentrant onlyConfigurator {
        SettingsLogic.setMarginToken(_store, vault, token, assetId, isEnabled);
    }

    /// @inheritdoc IProduct
    function exposedAssets() external view override returns (uint256) {
        return ValuationLogic.exposedAssets(_store);
    }

    /// @inheritdoc IProduct
    function lpPnl(
        uint256 assetMask,
        uint256[] calldata rangeWords
    ) external view override returns (int256 lowUsd, int256 highUsd, uint256 dueUsd) {
        if (_reentrancyGuardEntered()) revert Trading_MidCall();
        return ValuationLogic.lpPnl(_store, breaker.clock(), assetMask, rangeWords);
    }

    /// @inheritdoc ITrading
    function previewOpen(
        OpenRequest calldata request,
        bool isLimit,
        Quote calldata quote
    ) external view override returns (OpenPreview memory) {
        return PreviewLogic.opening(_store, _setup(), request, isLimit, quote);
    }

    /// @inheritdoc ITrading
    function previewExecute(
        uint256 id,
        address executor,
        Quote calldata quote
    ) external view override returns (ExecutionPreview memory) {
        return PreviewLogic.execution(_store, _setup(), id, executor, quote);
    }

    /// @inheritdoc ITrading
    function previewClose(
        uint256 id,
        Size size,
        address executor,
        Quote calldata quote
    ) external view override returns (ClosePreview memory) {
        return PreviewLogic.closing(_store, _setup(), id, size, executor, quote);
    }

    /// @inheritdoc ITrading
    function previewLiquidate(
        uint256 id,
        Quote calldata quote
    ) external view override returns (ExecutionPreview memory) {
        return PreviewLogic.liquidation(_store, _setup(), id, quote);
    }

    /// @inheritdoc ITrading
    function previewItem(
        uint256 id,
        address executor,
        Quote calldata closeQuote,
        Quote calldata quote
    ) external view override returns (ItemPreview memory) {
        return AttemptLogic.item(_store, _setup(), id, executor, closeQuote, quote);
    }

    /// @inheritdoc ITrading
    function previewDue(
        address executor,
        uint256[] calldata ids,
        Tick[] calldata ticks
    ) external view override returns (DueWord[] memory) {
        return AttemptLogic.due(_store, _setup(), executor, ids, ticks);
    }

    /// @inheritdoc ITrading
    function executionWindow() external view override returns (uint256) {
        return _executionWindow;
    }

    /// @inheritdoc ITrading
    function executionDelay(Mode mode) public view override returns (uint256) {
        return mode == Mode.Degen ? _degenDelay : _standardDelay;
    }

    /// @inheritdoc ITrading
    function nextTradeId() external view override returns (uint256) {
        return _store.nextTradeId;
    }

    /// @inheritdoc ITrading
    function statusOf(uint256 id) public view override returns (TradeStatus) {
        return _store.positions[id].status();
    }

    /// @inheritdoc ITrading
    function extsload(bytes32[] calldata slots) external view override returns (bytes32[] memory) {
        // The answer is written as it is encoded, and ends the call: searches of keepers read thousands of words.
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(answer, 0x20)
            mstore(add(answer, 0x20), slots.length)
            let from := slots.offset
            let to := add(answer, 0x40)
            let end := add(to, shl(5, slots.length))
            for {} lt(to, end) {} {
                mstore(to, sload(calldataload(from)))
                from := add(from, 0x20)
                to := add(to, 0x20)
            }
            return(answer, sub(end, answer))
        }
    }

    /// @dev Whatever can be known before the tick is checked here.
    function _request(OpenRequest calldata request, TradeStatus status, uint256 window) private returns (uint256 id) {
        // Check:
        if (!breaker.canOpen()) revert Trading_BreakerRaised(breaker.level());
        if (request.owner == address(0)) revert Trading_ZeroAddress();
        _checkBook(request.bookId, request.leverage);
        MarginTokenWord token = _store.marginTokens[request.token].word();
        if (!token.isEnabled()) revert Trading_TokenNotAccepted(request.token);
        if (request.asNative && request.token != _wrappedNative) revert Trading_NotWrappedNative(request.token);
        uint256 target = block.timestamp + _delayOf(request.bookId);
        Timestamp expiry = RequestRules.expiryOf(target, window, request.deadline);

        // Interaction: what arrives is what the order is for. The guard keeps everyone else out meanwhile.
        uint256 received = vault.deposit(request.token, msg.sender, request.amount);
        if (received > type(uint96).max) revert Trading_AmountTooLarge(received, type(uint96).max);

        // Effect:
        id = _store.nextTradeId++;
        TradeState state = TradeStateFields.pack(status, request.isLong, request.asNative);
        _placeOrder(id, request, state, token.tokenId(), received, expiry);
    }

    function _placeOrder(
        uint256 id,
        OpenRequest calldata request,
        TradeState state,
        uint8 tokenId,
        uint256 received,
        Timestamp expiry
    ) private {
        // The bound of what was received is checked by the caller.
        _store.positions[id].place(
            OrderHeadFields.pack(request.owner, request.bookId, tokenId, state, now32(), expiry),
            OrderBodyFields.pack(uint96(received), request.acceptablePrice, request.broker),
            OrderTriggersFields.pack(request.takeProfit, request.stopLoss, request.leverage)
        );
        _emitPlaced(id, request, state, received, expiry);
    }

    function _emitPlaced(
        uint256 id,
        OpenRequest calldata request,
        TradeState state,
        uint256 received,
        Timestamp expiry
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

    function _checkBook(BookId bookId, uint256 leverage) private view {
        BookConfigWord config = _store.books[bookId].configOf();
        if (config.status() != BookStatus.Active) revert Trading_BookNotActive(bookId);
        uint256 least = bookId.mode() == Mode.Degen ? TradingBounds.MIN_DEGEN_LEVERAGE : 1;
        uint256 most = config.maxLeverage();
        if (leverage < least || leverage > most) revert Trading_LeverageOutOfRange(leverage, least, most);
    }

    function _delayOf(BookId bookId) private view returns (uint256) {
        return executionDelay(bookId.mode());
    }

    function _setup() private view returns (TradingSetup memory) {
        return
            TradingSetup(
                vault,
                aggregator,
                breaker,
                configurator,
                _standardDelay,
                _degenDelay,
                _executionWindow,
                executionFeeUsd,
                trustedExecutor
            );
    }
}
