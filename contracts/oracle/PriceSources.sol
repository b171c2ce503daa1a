// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {AssetConfig, IPriceAggregator, PushPrice} from "../interfaces/IPriceAggregator.sol";
import {IPriceSources, SourceConfig, SourceKind, SourceState} from "../interfaces/IPriceSources.sol";
import {PriceChecks} from "../product/PriceChecks.sol";
import {SourceWord} from "../types/SourceWord.sol";
import {Price} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {PackedPrice} from "./PackedPrice.sol";
import {PushPriceMath} from "./PushPriceMath.sol";
import {TransientPrice} from "./TransientPrice.sol";
import {BinanceOracleAdapter} from "./adapters/BinanceOracleAdapter.sol";
import {ChainlinkAdapter} from "./adapters/ChainlinkAdapter.sol";

/// @title Sources of the price aggregator
/// @notice Keeps which contracts are asked for prices, and asks the push sources.
/// @dev Feeds and registries are only ever called statically: they can't re-enter.
abstract contract PriceSources is IPriceSources, AccessManaged {
    using PushPriceMath for PushPrice;

    /// @notice Most push sources of an asset.
    uint256 internal constant MAX_SOURCES = 3;

    /// @dev What reading a push source takes, one slot; the hot path reads it as a `SourceWord`.
    struct Source {
        /// @dev The Chainlink-shaped contract asked; the kind of the source makes no difference to it.
        address reader;
        /// @dev Age limit in seconds, at most MAX_AGE_SECONDS.
        uint24 maxAgeSeconds;
        /// @dev Decimals of its answers.
        uint8 decimals;
        /// @dev Whether the governor has it asked.
        bool isEnabled;
        /// @dev Whether it has bounds that its answers can reach; the slot of the bounds is read only then.
        bool isBounded;
        /// @dev No source follows: spares reading an empty slot.
        bool isLast;
        /// @dev Of the first source only: the rules of the asset's reference price. They share the slot that every reading of
        /// the asset begins with; quorum 0: not listed.
        uint8 quorum;
        uint24 maxSpreadPips;
        /// @dev The guardian has disabled it; until when is read only then.
        bool isSuspended;
    }

    /// @dev Where a push source is pinned, 10 decimals, and until when the guardian has it disabled, in seconds. One slot.
    struct Bounds {
        uint64 minPrice;
        uint64 maxPrice;
        uint40 suspendedUntil;
    }

    /// @dev Everything about one asset.
    struct AssetState {
        /// @dev Slots 0 to 2.
        Source[MAX_SOURCES] sources;
        /// @dev Slots 3 to 5.
        Bounds[MAX_SOURCES] bounds;
        /// @dev Slot 6.
        bytes32 pythId;
        /// @dev Slot 7.
        uint8 sourceCount;
        /// @dev What governance said of each source; never read by the hot path.
        mapping(uint256 sourceIndex => SourceConfig config) sourceConfigs;
    }

    uint256 private constant MAX_SPREAD_PIPS = 100_000;
    uint256 private constant MAX_AGE_SECONDS = 2 days;
    /// @dev How long the guardian can take a source away.
    uint40 private constant SUSPENSION_SECONDS = 7 days;
    /// @dev No band holds it.
    Price private constant NO_PRICE = Price.wrap(0);

    mapping(uint16 assetId => AssetState state) private _assets;

    /// @inheritdoc IPriceSources
    function configureAsset(uint16 assetId, AssetConfig calldata config) external restricted {
        // Check:
        bool isQuorumPossible = config.quorum != 0 && config.quorum <= MAX_SOURCES;
        bool isSpreadBounded = config.maxSpreadPips != 0 && config.maxSpreadPips <= MAX_SPREAD_PIPS;
        if (!isQuorumPossible || !isSpreadBounded) revert PriceAggregator_BadAssetConfig(assetId, config);
        // Effect:
        AssetState storage state = _assets[assetId];
        state.pythId = config.pythId;
        state.sources[0].quorum = config.quorum;
        state.sources[0].maxSpreadPips = config.maxSpreadPips;
        emit AssetConfigured(assetId, config);
    }

    /// @inheritdoc IPriceSources
    function addSource(uint16 assetId, SourceConfig calldata config) external restricted returns (uint256 sourceIndex) {
        AssetState storage state = _listed(assetId);
        // Check:
        sourceIndex = state.sourceCount;
        if (sourceIndex == MAX_SOURCES) revert PriceAggregator_TooManySources(assetId, MAX_SOURCES);
        // Effect:
        // At most MAX_SOURCES.
        state.sourceCount = uint8(sourceIndex + 1);
        if (sourceIndex != 0) state.sources[sourceIndex - 1].isLast = false;
        state.sources[sourceIndex].isLast = true;
        state.sources[sourceIndex].isEnabled = true;
        _configureSource(assetId, sourceIndex, config);
    }

    /// @inheritdoc IPriceSources
    function configureSource(uint16 assetId, uint256 sourceIndex, SourceConfig calldata config) external restricted {
        _existing(assetId, sourceIndex);
        _configureSource(assetId, sourceIndex, config);
    }

    /// @inheritdoc IPriceSources
    function setSourceEnabled(uint16 assetId, uint256 sourceIndex, bool isEnabled) external restricted {
        _existing(assetId, sourceIndex).isEnabled = isEnabled;
        TransientPrice.forgetPushPrice(assetId);
        emit SourceEnabled(assetId, sourceIndex, isEnabled);
    }

    /// @inheritdoc IPriceSources
    function disableSource(uint16 assetId, uint256 sourceIndex) external restricted {
        // Check:
        _existing(assetId, sourceIndex);
        _requireOtherFreshSource(assetId, sourceIndex);
        // Effect:
        // Seconds since 1970 fit 40 bits until the year 36,812.
        _suspend(assetId, sourceIndex, uint40(block.timestamp) + SUSPENSION_SECONDS);
    }

    /// @inheritdoc IPriceSources
    function restoreSource(uint16 assetId, uint256 sourceIndex) external restricted {
        // Check:
        if (!_existing(assetId, sourceIndex).isSuspended) revert PriceAggregator_NotDisabled(assetId, sourceIndex);
        // Effect:
        _suspend(assetId, sourceIndex, 0);
    }

    /// @inheritdoc IPriceSources
    function synchroniseSource(uint16 assetId, uint256 sourceIndex) external {
        _existing(assetId, sourceIndex);
        _synchroniseSource(assetId, sourceIndex);
    }

    /// @inheritdoc IPriceSources
    function sourceCount(uint16 assetId) external view returns (uint256) {
        return _assets[assetId].sourceCount;
    }

    /// @inheritdoc IPriceSources
    function source(
        uint16 assetId,
        uint256 sourceIndex
    ) external view returns (SourceConfig memory config, SourceState memory state) {
        _existing(assetId, sourceIndex);
        return (_assets[assetId].sourceConfigs[sourceIndex], _sourceState(assetId, sourceIndex));
    }

    function _configureSource(uint16 assetId, uint256 sourceIndex, SourceConfig calldata config) private {
        AssetState storage state = _assets[assetId];
        // Check:
        if (config.maxAgeSeconds == 0 || config.maxAgeSeconds > MAX_AGE_SECONDS) {
            revert PriceAggregator_BadMaxAge(assetId, config.maxAgeSeconds);
        }
        // Effect:
        state.sourceConfigs[sourceIndex] = config;
        // At most MAX_AGE_SECONDS, 172,800.
        state.sources[sourceIndex].maxAgeSeconds = uint24(config.maxAgeSeconds);
        address reader = _synchroniseSource(assetId, sourceIndex);
        emit SourceConfigured(assetId, sourceIndex, config, reader);
    }

    /// @dev Reads everything about the source that the chain knows.
    function _synchroniseSource(uint16 assetId, uint256 sourceIndex) private returns (address reader) {
        AssetState storage state = _assets[assetId];
        // Check:
        reader = _resolveReader(assetId, state.sourceConfigs[sourceIndex]);
        (bool isUsable, uint8 decimals) = ChainlinkAdapter.readDecimals(reader);
        if (!isUsable) revert PriceAggregator_BadSource(assetId, reader);
        for (uint256 i = 0; i < state.sourceCount; ++i) {
            if (i != sourceIndex && state.sources[i].reader == reader) {
                revert PriceAggregator_DuplicateSource(assetId, reader);
            }
        }
        (uint64 minPrice, uint64 maxPrice) = ChainlinkAdapter.readBounds(reader, decimals);
        // Effect:
        state.sources[sourceIndex].reader = reader;
        state.sources[sourceIndex].decimals = decimals;
        state.sources[sourceIndex].isBounded = minPrice != 0 || maxPrice != type(uint64).max;
        (state.bounds[sourceIndex].minPrice, state.bounds[sourceIndex].maxPrice) = (minPrice, maxPrice);
        TransientPrice.forgetPushPrice(assetId);
        emit SourceSynchronised(assetId, sourceIndex, _sourceState(assetId, sourceIndex));
    }

    /// @param until In seconds; 0: no longer.
    function _suspend(uint16 assetId, uint256 sourceIndex, uint40 until) private {
        AssetState storage state = _assets[assetId];
        state.sources[sourceIndex].isSuspended = until != 0;
        state.bounds[sourceIndex].suspendedUntil = until;
        TransientPrice.forgetPushPrice(assetId);
        emit SourceSuspended(assetId, sourceIndex, until);
    }

    /// @dev Asks every enabled push source of the asset, in this transaction only once if the answer was kept.
    /// @return word See `PackedPrice`; never 0.
    function _pushPrice(uint16 assetId) internal view returns (uint256 word) {
        word = TransientPrice.getPushPrice(assetId);
        if (word == 0) (word, ) = _readPushPrice(assetId, NO_PRICE);
    }

    /// @dev As `_pushPrice`, and keeps the answer for the rest of the transaction.
    function _keptPushPrice(uint16 assetId) internal returns (uint256 word) {
        word = TransientPrice.getPushPrice(assetId);
        if (word != 0) return word;
        (word, ) = _readPushPrice(assetId, NO_PRICE);
        TransientPrice.keepPushPrice(assetId, word);
    }

    /// @dev Anchors enough to hold a tick of an exit: the first fresh ones whose band has it inside, or all. What is kept
    /// of the first ones serves any exit whose tick they hold, and nothing else.
    /// @param tickPrice 10 decimals, above 0.
    /// @return word See `PackedPrice`; never 0.
    function _keptExitAnchors(uint16 assetId, Price tickPrice) internal returns (uint256 word) {
        word = TransientPrice.getExitAnchors(assetId);
        if (PriceChecks.isInBand(tickPrice, PackedPrice.lowestOf(word), PackedPrice.highestOf(word))) return word;
        word = TransientPrice.getPushPrice(assetId);
        if (word != 0) return word;
        bool isWhole;
        (word, isWhole) = _readPushPrice(assetId, tickPrice);
        if (isWhole) TransientPrice.keepPushPrice(assetId, word);
        else TransientPrice.keepExitAnchors(assetId, word);
    }

    function _pythIdOf(uint16 assetId) internal view returns (bytes32 pythId) {
        pythId = _assets[assetId].pythId;
        if (pythId != 0) return pythId;
        _listed(assetId);
        revert IPriceAggregator.PriceAggregator_AssetWithoutPyth(assetId);
    }

    function _assetConfig(uint16 assetId) internal view returns (AssetConfig memory) {
        AssetState storage state = _assets[assetId];
        return AssetConfig(state.pythId, state.sources[0].quorum, state.sources[0].maxSpreadPips);
    }

    /// @dev 0 where the asset has no Pyth feed.
    function _storedPythIdOf(uint16 assetId) internal view returns (bytes32) {
        return _assets[assetId].pythId;
    }

    /// @dev The rules of the reference price: quorum and spread share the slot of the first source.
    function _rulesOf(uint16 assetId) internal view returns (SourceWord) {
        return _wordOf(_assets[assetId].sources[0]);
    }

    /// @dev Asks the enabled sources in their order, and no more of them once the band of those that are fresh holds a price.
    /// @param heldPrice That price, 10 decimals; `NO_PRICE`: all are asked.
    /// @return word See `PackedPrice`; never 0.
    /// @return isWhole Every enabled source was asked.
    function _readPushPrice(uint16 assetId, Price heldPrice) private view returns (uint256 word, bool isWhole) {
        AssetState storage state = _assets[assetId];
        PushPrice memory push;
        uint256 maxSpreadPips = 0;
        for (uint256 i = 0; i < MAX_SOURCES; ++i) {
            SourceWord pushSource = _wordOf(state.sources[i]);
            if (i == 0) maxSpreadPips = pushSource.maxSpreadPips();
            uint256 price = _freshPriceOf(state, i, pushSource);
            // A fresh price is positive and within 64 bits.
            if (price != 0) push.insert(uint64(price));
            isWhole = pushSource.isLast() || pushSource.reader() == address(0);
            if (isWhole || (push.fresh != 0 && PriceChecks.isInBand(heldPrice, push.low, push.high))) break;
        }
        word = PackedPrice.packPushPrice(push, push.isDisputed(maxSpreadPips));
    }

    /// @return price 10 decimals; 0 where the source is disabled, not fresh or pinned.
    function _freshPriceOf(
        AssetState storage state,
        uint256 sourceIndex,
        SourceWord pushSource
    ) private view returns (uint256 price) {
        if (!pushSource.isEnabled()) return 0;
        if (pushSource.isSuspended() && block.timestamp < state.bounds[sourceIndex].suspendedUntil) return 0;
        price = ChainlinkAdapter.freshPrice(pushSource.reader(), pushSource.maxAgeSeconds(), pushSource.decimals());
        if (price != 0 && pushSource.isBounded() && _isPinned(state.bounds[sourceIndex], price)) return 0;
    }

    function _isPinned(Bounds storage bounds, uint256 price) private view returns (bool) {
        return price <= bounds.minPrice || price >= bounds.maxPrice;
    }

    function _wordOf(Source storage stored) private view returns (SourceWord word) {
        // The whole slot of the struct.
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    function _sourceState(uint16 assetId, uint256 sourceIndex) private view returns (SourceState memory) {
        Source memory pushSource = _assets[assetId].sources[sourceIndex];
        Bounds memory bounds = _assets[assetId].bounds[sourceIndex];
        return
            SourceState({
                reader: pushSource.reader,
                decimals: pushSource.decimals,
                isEnabled: pushSource.isEnabled,
                minPrice: Price.wrap(bounds.minPrice),
                maxPrice: Price.wrap(bounds.maxPrice),
                suspendedUntil: bounds.suspendedUntil
            });
    }

    function _resolveReader(uint16 assetId, SourceConfig memory config) private view returns (address reader) {
        if (!Code.isContract(config.feed)) revert PriceAggregator_NotAContract(config.feed);
        reader =
            config.kind == SourceKind.BinanceOracle
                ? BinanceOracleAdapter.resolve(config.feed, config.base, config.quote)
                : config.feed;
        if (!Code.isContract(reader)) revert PriceAggregator_BadSource(assetId, reader);
    }

    function _listed(uint16 assetId) private view returns (AssetState storage state) {
        state = _assets[assetId];
        if (state.sources[0].quorum == 0) revert IPriceAggregator.PriceAggregator_AssetNotListed(assetId);
    }

    /// @dev Read now, whatever was kept of the asset in this transaction.
    function _requireOtherFreshSource(uint16 assetId, uint256 sourceIndex) private view {
        AssetState storage state = _assets[assetId];
        for (uint256 i = 0; i < state.sourceCount; ++i) {
            if (i != sourceIndex && _freshPriceOf(state, i, _wordOf(state.sources[i])) != 0) return;
        }
        revert PriceAggregator_NoOtherFreshSource(assetId, sourceIndex);
    }

    function _existing(uint16 assetId, uint256 sourceIndex) private view returns (Source storage) {
        AssetState storage state = _assets[assetId];
        if (sourceIndex >= state.sourceCount) revert PriceAggregator_SourceNotFound(assetId, sourceIndex);
        return state.sources[sourceIndex];
    }
}
