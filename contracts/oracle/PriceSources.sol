// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {AssetConfig, IPriceAggregator, PushPrice} from "../interfaces/IPriceAggregator.sol";
import {IPriceSources, SourceConfig, SourceKind, SourceState} from "../interfaces/IPriceSources.sol";
import {PriceChecks} from "../product/PriceChecks.sol";
import {SourceWord} from "../types/SourceWord.sol";
import {Price} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {DataContract} from "../utils/DataContract.sol";
import {PackedPrice} from "./PackedPrice.sol";
import {PushPriceMath} from "./PushPriceMath.sol";
import {SourceSheet} from "./SourceSheet.sol";
import {TransientPrice} from "./TransientPrice.sol";
import {BinanceOracleAdapter} from "./adapters/BinanceOracleAdapter.sol";
import {ChainlinkAdapter} from "./adapters/ChainlinkAdapter.sol";

/// @title Sources of the price aggregator
/// @notice Keeps which contracts are asked for prices, and asks the push sources.
/// @dev Feeds and registries are only ever called statically: they can't re-enter.
abstract contract PriceSources is IPriceSources, AccessManaged {
    using PushPriceMath for PushPrice;

    /// @dev Whom the aggregator asks. One slot: every proof reads it, and what settles after a proof.
    /// @param sheet Pyth, and the push sources of every asset, see `SourceSheet`.
    /// @param hasSequencer Whether there is a sequencer feed; its address is read only then.
    /// @param sequencerGraceSeconds How long the sequencer must have been up.
    struct Endpoints {
        // slot 0
        address sheet;
        bool hasSequencer;
        uint24 sequencerGraceSeconds;
    }

    /// @dev Where a push source is pinned, 10 decimals, and until when the guardian has it disabled, in seconds. One slot.
    struct Bounds {
        uint64 minPrice;
        uint64 maxPrice;
        uint40 suspendedUntil;
    }

    /// @dev What the sheet does not say of a source. Most readings need nothing of it.
    struct SourceRecord {
        Bounds bounds;
        /// @dev What governance said of it; never read by the hot path.
        SourceConfig config;
    }

    uint256 private constant MAX_SPREAD_PIPS = 100_000;
    uint256 private constant MAX_AGE_SECONDS = 2 days;
    /// @dev How long the guardian can take a source away.
    uint40 private constant SUSPENSION_SECONDS = 7 days;
    /// @dev No band holds it.
    Price private constant NO_PRICE = Price.wrap(0);

    Endpoints internal _endpoints;

    mapping(uint16 assetId => mapping(uint256 sourceIndex => SourceRecord record)) private _records;

    /// @inheritdoc IPriceSources
    function configureAsset(uint16 assetId, AssetConfig calldata config) external restricted {
        // Check:
        if (assetId > SourceSheet.MAX_ASSET_ID) {
            revert PriceAggregator_AssetIdTooLarge(assetId, SourceSheet.MAX_ASSET_ID);
        }
        bool isQuorumPossible = config.quorum != 0 && config.quorum <= SourceSheet.MAX_SOURCES;
        bool isSpreadBounded = config.maxSpreadPips != 0 && config.maxSpreadPips <= MAX_SPREAD_PIPS;
        if (!isQuorumPossible || !isSpreadBounded) revert PriceAggregator_BadAssetConfig(assetId, config);
        // Effect:
        SourceWord first = _rulesOf(assetId).withRules(config.quorum, config.maxSpreadPips);
        uint256[] memory words = SourceSheet.edit(_endpoints.sheet, assetId);
        SourceSheet.setPythId(words, assetId, config.pythId);
        SourceSheet.setSource(words, assetId, 0, first);
        _keepSheet(words);
        emit AssetConfigured(assetId, config);
    }

    /// @inheritdoc IPriceSources
    function addSource(uint16 assetId, SourceConfig calldata config) external restricted returns (uint256 sourceIndex) {
        // Check:
        _requireListed(assetId);
        address sheet = _endpoints.sheet;
        sourceIndex = SourceSheet.sourceCountOf(sheet, assetId);
        if (sourceIndex == SourceSheet.MAX_SOURCES) {
            revert PriceAggregator_TooManySources(assetId, SourceSheet.MAX_SOURCES);
        }
        // Effect:
        SourceWord added = SourceSheet.sourceOf(sheet, assetId, sourceIndex).withEnabled(true).withLast(true);
        _configureSource(assetId, sourceIndex, added, config);
    }

    /// @inheritdoc IPriceSources
    function configureSource(uint16 assetId, uint256 sourceIndex, SourceConfig calldata config) external restricted {
        _configureSource(assetId, sourceIndex, _existing(assetId, sourceIndex), config);
    }

    /// @inheritdoc IPriceSources
    function setSourceEnabled(uint16 assetId, uint256 sourceIndex, bool isEnabled) external restricted {
        _keepSource(assetId, sourceIndex, _existing(assetId, sourceIndex).withEnabled(isEnabled));
        emit SourceEnabled(assetId, sourceIndex, isEnabled);
    }

    /// @inheritdoc IPriceSources
    function disableSource(uint16 assetId, uint256 sourceIndex) external restricted {
        // Check:
        SourceWord pushSource = _existing(assetId, sourceIndex);
        _requireOtherFreshSource(assetId, sourceIndex);
        // Effect:
        // Seconds since 1970 fit 40 bits until the year 36,812.
        _suspend(assetId, sourceIndex, pushSource, uint40(block.timestamp) + SUSPENSION_SECONDS);
    }

    /// @inheritdoc IPriceSources
    function restoreSource(uint16 assetId, uint256 sourceIndex) external restricted {
        // Check:
        SourceWord pushSource = _existing(assetId, sourceIndex);
        if (!pushSource.isSuspended()) revert PriceAggregator_NotDisabled(assetId, sourceIndex);
        // Effect:
        _suspend(assetId, sourceIndex, pushSource, 0);
    }

    /// @inheritdoc IPriceSources
    function synchroniseSource(uint16 assetId, uint256 sourceIndex) external {
        SourceWord pushSource = _existing(assetId, sourceIndex);
        _synchroniseSource(assetId, sourceIndex, pushSource, _records[assetId][sourceIndex].config);
    }

    /// @inheritdoc IPriceSources
    function sourceCount(uint16 assetId) external view returns (uint256) {
        return SourceSheet.sourceCountOf(_endpoints.sheet, assetId);
    }

    /// @inheritdoc IPriceSources
    function source(
        uint16 assetId,
        uint256 sourceIndex
    ) external view returns (SourceConfig memory config, SourceState memory state) {
        SourceWord pushSource = _existing(assetId, sourceIndex);
        return (_records[assetId][sourceIndex].config, _sourceState(assetId, sourceIndex, pushSource));
    }

    function _configureSource(
        uint16 assetId,
        uint256 sourceIndex,
        SourceWord pushSource,
        SourceConfig calldata config
    ) private {
        // Check:
        if (config.maxAgeSeconds == 0 || config.maxAgeSeconds > MAX_AGE_SECONDS) {
            revert PriceAggregator_BadMaxAge(assetId, config.maxAgeSeconds);
        }
        // Effect:
        _records[assetId][sourceIndex].config = config;
        // At most MAX_AGE_SECONDS, 172,800.
        pushSource = pushSource.withMaxAge(uint24(config.maxAgeSeconds));
        address reader = _synchroniseSource(assetId, sourceIndex, pushSource, config);
        emit SourceConfigured(assetId, sourceIndex, config, reader);
    }

    /// @dev Reads everything about the source that the chain knows.
    function _synchroniseSource(
        uint16 assetId,
        uint256 sourceIndex,
        SourceWord pushSource,
        SourceConfig memory config
    ) private returns (address reader) {
        // Check:
        reader = _resolveReader(assetId, config);
        (bool isUsable, uint8 decimals) = ChainlinkAdapter.readDecimals(reader);
        if (!isUsable) revert PriceAggregator_BadSource(assetId, reader);
        for (uint256 i = 0; i < SourceSheet.MAX_SOURCES; ++i) {
            if (i != sourceIndex && SourceSheet.sourceOf(_endpoints.sheet, assetId, i).reader() == reader) {
                revert PriceAggregator_DuplicateSource(assetId, reader);
            }
        }
        (uint64 minPrice, uint64 maxPrice) = ChainlinkAdapter.readBounds(reader, decimals);
        // Effect:
        Bounds storage bounds = _records[assetId][sourceIndex].bounds;
        (bounds.minPrice, bounds.maxPrice) = (minPrice, maxPrice);
        bool isBounded = minPrice != 0 || maxPrice != type(uint64).max;
        pushSource = pushSource.withReader(reader, decimals, isBounded);
        _keepSource(assetId, sourceIndex, pushSource);
        emit SourceSynchronised(assetId, sourceIndex, _sourceState(assetId, sourceIndex, pushSource));
    }

    /// @param until In seconds; 0: no longer.
    function _suspend(uint16 assetId, uint256 sourceIndex, SourceWord pushSource, uint40 until) private {
        _records[assetId][sourceIndex].bounds.suspendedUntil = until;
        _keepSource(assetId, sourceIndex, pushSource.withSuspended(until != 0));
        emit SourceSuspended(assetId, sourceIndex, until);
    }

    /// @dev What was read of the asset in this transaction was read of other sources.
    function _keepSource(uint16 assetId, uint256 sourceIndex, SourceWord pushSource) private {
        uint256[] memory words = SourceSheet.edit(_endpoints.sheet, assetId);
        SourceSheet.setSource(words, assetId, sourceIndex, pushSource);
        _keepSheet(words);
        TransientPrice.forgetPushPrice(assetId);
    }

    function _keepSheet(uint256[] memory words) internal {
        _endpoints.sheet = DataContract.keep(words);
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

    /// @dev 0 where the asset has no Pyth feed, or is not listed.
    function _pythIdOf(uint16 assetId) internal view returns (bytes32) {
        return SourceSheet.pythIdOf(_endpoints.sheet, assetId);
    }

    function _assetConfig(uint16 assetId) internal view returns (AssetConfig memory) {
        SourceWord rules = _rulesOf(assetId);
        return AssetConfig(_pythIdOf(assetId), rules.quorum(), rules.maxSpreadPips());
    }

    /// @dev The rules of the reference price: quorum and spread share the word of the first source.
    function _rulesOf(uint16 assetId) internal view returns (SourceWord) {
        return SourceSheet.sourceOf(_endpoints.sheet, assetId, 0);
    }

    function _requireListed(uint16 assetId) internal view {
        if (_rulesOf(assetId).quorum() == 0) revert IPriceAggregator.PriceAggregator_AssetNotListed(assetId);
    }

    /// @dev Asks the enabled sources in their order, and no more of them once the band of those that are fresh holds a price.
    /// @param heldPrice That price, 10 decimals; `NO_PRICE`: all are asked.
    /// @return word See `PackedPrice`; never 0.
    /// @return isWhole Every enabled source was asked.
    function _readPushPrice(uint16 assetId, Price heldPrice) private view returns (uint256 word, bool isWhole) {
        address sheet = _endpoints.sheet;
        PushPrice memory push;
        uint256 maxSpreadPips = 0;
        for (uint256 i = 0; i < SourceSheet.MAX_SOURCES; ++i) {
            SourceWord pushSource = SourceSheet.sourceOf(sheet, assetId, i);
            if (i == 0) maxSpreadPips = pushSource.maxSpreadPips();
            uint256 price = _freshPriceOf(assetId, i, pushSource);
            // A fresh price is positive and within 64 bits.
            if (price != 0) push.insert(uint64(price));
            isWhole = pushSource.isLast() || pushSource.reader() == address(0);
            if (isWhole || (push.fresh != 0 && PriceChecks.isInBand(heldPrice, push.low, push.high))) break;
        }
        word = PackedPrice.packPushPrice(push, push.isDisputed(maxSpreadPips));
    }

    /// @return price 10 decimals; 0 where the source is disabled, not fresh or pinned.
    function _freshPriceOf(
        uint16 assetId,
        uint256 sourceIndex,
        SourceWord pushSource
    ) private view returns (uint256 price) {
        if (!pushSource.isEnabled()) return 0;
        if (pushSource.isSuspended() && block.timestamp < _boundsOf(assetId, sourceIndex).suspendedUntil) return 0;
        price = ChainlinkAdapter.freshPrice(pushSource.reader(), pushSource.maxAgeSeconds(), pushSource.decimals());
        if (price != 0 && pushSource.isBounded() && _isPinned(_boundsOf(assetId, sourceIndex), price)) return 0;
    }

    function _isPinned(Bounds storage bounds, uint256 price) private view returns (bool) {
        return price <= bounds.minPrice || price >= bounds.maxPrice;
    }

    function _boundsOf(uint16 assetId, uint256 sourceIndex) private view returns (Bounds storage) {
        return _records[assetId][sourceIndex].bounds;
    }

    function _sourceState(
        uint16 assetId,
        uint256 sourceIndex,
        SourceWord pushSource
    ) private view returns (SourceState memory) {
        Bounds memory bounds = _boundsOf(assetId, sourceIndex);
        return
            SourceState({
                reader: pushSource.reader(),
                decimals: pushSource.decimals(),
                isEnabled: pushSource.isEnabled(),
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

    /// @dev Read now, whatever was kept of the asset in this transaction.
    function _requireOtherFreshSource(uint16 assetId, uint256 sourceIndex) private view {
        address sheet = _endpoints.sheet;
        for (uint256 i = 0; i < SourceSheet.MAX_SOURCES; ++i) {
            if (i != sourceIndex && _freshPriceOf(assetId, i, SourceSheet.sourceOf(sheet, assetId, i)) != 0) return;
        }
        revert PriceAggregator_NoOtherFreshSource(assetId, sourceIndex);
    }

    function _existing(uint16 assetId, uint256 sourceIndex) private view returns (SourceWord pushSource) {
        if (sourceIndex < SourceSheet.MAX_SOURCES) {
            pushSource = SourceSheet.sourceOf(_endpoints.sheet, assetId, sourceIndex);
        }
        if (pushSource.reader() == address(0)) revert PriceAggregator_SourceNotFound(assetId, sourceIndex);
    }
}
