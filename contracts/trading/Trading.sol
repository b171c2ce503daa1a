// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceRange, Quote} from "../interfaces/IPriceAggregator.sol";
import {IProduct} from "../interfaces/IProduct.sol";
import {ExecutionPreview, ITrading, OpenPreview, OpenRequest} from "../interfaces/ITrading.sol";
import {TradeState} from "../types/TradeState.sol";
import {
    BookConfig,
    BookSide,
    BookState,
    Close,
    TradeExtra,
    MarginToken,
    OpenConfig,
    Order,
    Outcome,
    Position,
    Reason,
    Terms,
    Tier,
    TradeStatus
} from "../types/TradeTypes.sol";
import {Book, BookLib} from "./BookLib.sol";
import {TradingSetup, TradingStorage} from "./TradingStorage.sol";
import {TradingStore, TradingStoreLib} from "./TradingStore.sol";
import {TradingUpdates} from "./TradingUpdates.sol";
import {CloseLogic} from "./logic/CloseLogic.sol";
import {OpenLogic} from "./logic/OpenLogic.sol";
import {PreviewLogic} from "./logic/PreviewLogic.sol";
import {SettingsLogic} from "./logic/SettingsLogic.sol";
import {ValuationLogic} from "./logic/ValuationLogic.sol";

/// @title Trading
/// @notice See `ITrading`. Immutable, holds no tokens, needs no role to execute or to liquidate.
contract Trading is TradingUpdates {
    using BookLib for Book;
    using TradeState for uint8;
    using TradingStoreLib for TradingStore;

    modifier onlyConfigurator() {
        if (msg.sender != configurator) revert Trading_OnlyConfigurator(msg.sender);
        _;
    }

    constructor(TradingSetup memory setup) TradingStorage(setup) {}

    /// @inheritdoc ITrading
    function execute(
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external override nonReentrant returns (Outcome, Reason) {
        if (executor == address(0)) revert Trading_ZeroAddress();
        TradeStatus status = statusOf(id);
        if (status == TradeStatus.None) return (Outcome.Skipped, Reason.NothingPending);
        if (status == TradeStatus.Open) return CloseLogic.execute(_store, _environment(), id, tickIndex, executor);
        return OpenLogic.execute(_store, _environment(), id, tickIndex, executor);
    }

    /// @inheritdoc ITrading
    function liquidate(
        uint256 id,
        uint256 tickIndex,
        address liquidator
    ) external override nonReentrant returns (Outcome, Reason) {
        if (liquidator == address(0)) revert Trading_ZeroAddress();
        if (statusOf(id) != TradeStatus.Open) return (Outcome.Skipped, Reason.NothingPending);
        return CloseLogic.liquidate(_store, _environment(), id, tickIndex, liquidator);
    }

    /// @inheritdoc ITrading
    function setBookConfig(uint16 bookId, BookConfig calldata config) external override nonReentrant onlyConfigurator {
        SettingsLogic.setBookConfig(_store, bookId, config);
    }

    /// @inheritdoc ITrading
    function setOpenConfig(uint16 bookId, OpenConfig calldata config) external override nonReentrant onlyConfigurator {
        SettingsLogic.setOpenConfig(_store, bookId, config);
    }

    /// @inheritdoc ITrading
    function setTiers(uint16 bookId, Tier[] calldata tiers_) external override nonReentrant onlyConfigurator {
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
    function exposedAssets() external view override returns (uint16[] memory) {
        return ValuationLogic.exposedAssets(_store);
    }

    /// @inheritdoc IProduct
    function lpPnl(
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) external view override returns (int256 lowUsd, int256 highUsd) {
        if (_reentrancyGuardEntered()) revert Trading_MidCall();
        return ValuationLogic.lpPnl(_store, assetIds, ranges);
    }

    /// @inheritdoc ITrading
    function previewOpen(
        OpenRequest calldata request,
        bool isLimit,
        Quote calldata quote
    ) external view override returns (OpenPreview memory) {
        return PreviewLogic.opening(_store, _environment(), request, isLimit, quote);
    }

    /// @inheritdoc ITrading
    function previewExecute(
        uint256 id,
        address executor,
        Quote calldata quote
    ) external view override returns (ExecutionPreview memory) {
        return PreviewLogic.execution(_store, _environment(), id, executor, quote);
    }

    /// @inheritdoc ITrading
    function previewLiquidate(
        uint256 id,
        Quote calldata quote
    ) external view override returns (ExecutionPreview memory) {
        return PreviewLogic.liquidation(_store, _environment(), id, quote);
    }

    /// @inheritdoc ITrading
    function nextTradeId() external view override returns (uint256) {
        return _store.nextTradeId;
    }

    /// @inheritdoc ITrading
    function statusOf(uint256 id) public view override returns (TradeStatus) {
        return _store.positions[id].state.statusOf();
    }

    /// @inheritdoc ITrading
    function order(uint256 id) external view override returns (Order memory) {
        return _store.order(id);
    }

    /// @inheritdoc ITrading
    function position(uint256 id) external view override returns (Position memory) {
        return _store.positions[id];
    }

    /// @inheritdoc ITrading
    function closeOf(uint256 id) external view override returns (Close memory) {
        return _store.closes[id];
    }

    /// @inheritdoc ITrading
    function extraOf(uint256 id) external view override returns (TradeExtra memory) {
        return _store.extras[id];
    }

    /// @inheritdoc ITrading
    function bookState(uint16 bookId) external view override returns (BookState memory) {
        Book storage book = _store.books[bookId];
        return book.accrued(book.configOf());
    }

    /// @inheritdoc ITrading
    function bookSide(uint16 bookId, bool isLong) external view override returns (BookSide memory) {
        return isLong ? _store.books[bookId].long : _store.books[bookId].short;
    }

    /// @inheritdoc ITrading
    function bookConfig(uint16 bookId) external view override returns (BookConfig memory, OpenConfig memory) {
        return (_store.books[bookId].config, _store.books[bookId].openConfig);
    }

    /// @inheritdoc ITrading
    function tiers(uint16 bookId) external view override returns (Tier[] memory) {
        return _store.books[bookId].tierList();
    }

    /// @inheritdoc ITrading
    function terms(uint16 bookId, uint8 termsId) external view override returns (Terms memory) {
        return _store.books[bookId].terms[termsId];
    }

    /// @inheritdoc ITrading
    function marginToken(address token) external view override returns (MarginToken memory) {
        return _store.marginTokens[token];
    }

    /// @inheritdoc ITrading
    function marginTokenById(uint8 tokenId) external view override returns (MarginToken memory) {
        return _store.marginTokensById[tokenId];
    }
}
