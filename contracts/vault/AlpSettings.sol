// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AlpAsset, AlpFees, IAlpManager} from "../interfaces/IAlpManager.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {AlpAssetFields, AlpAssetWord, AlpHeaderFields, AlpHeaderWord, AlpWords} from "../types/AlpWords.sol";
import {PIPS} from "../types/Units.sol";
import {AssetMask} from "../utils/AssetMask.sol";
import {DataContract} from "../utils/DataContract.sol";
import {AlpValuation} from "./AlpValuation.sol";
import {MAX_TOKEN_DECIMALS} from "./NavMath.sol";

/// @title The settings of ALP
/// @dev The part of the AlpManager that governance writes. Every mint and burn reads all of it: it is kept as the code of a
/// contract, and each change creates a new one.
abstract contract AlpSettings is IAlpManager, AlpValuation, AccessManaged, ReentrancyGuardTransient {
    using AlpWords for uint256[];

    /// @notice Most assets.
    uint256 public constant MAX_ASSETS = 16;
    /// @notice Most products valued by their ledgers.
    uint256 public constant MAX_LEDGER_PRODUCTS = 16;
    /// @notice Neither part of the fee may be more.
    uint256 public constant MAX_FEE_PIPS = 10_000;
    /// @notice What a new weight adds up to the asset's largest share.
    uint24 public constant DEFAULT_SHARE_MARGIN_PIPS = 150_000;
    /// @notice Most that the largest share of an asset may lie above its weight.
    uint24 public constant MAX_SHARE_MARGIN_PIPS = 300_000;
    /// @notice Shares may be left unlimited up to this size of the vault, whole USD.
    uint64 public constant MAX_SHARE_FLOOR_USD = 100_000_000;

    /// @dev See `AlpWords`.
    address private _settings;

    constructor(
        IVault vault_,
        IPriceAggregator aggregator_,
        AlpFees memory fees_,
        uint64 shareFloorUsd_
    ) AlpValuation(vault_, aggregator_) {
        uint256[] memory words = new uint256[](1);
        _writeFees(words, fees_.basePips, fees_.taxPips);
        _writeShareFloor(words, shareFloorUsd_);
    }

    /// @inheritdoc IAlpManager
    function addAsset(address token, uint16 assetId) external override restricted nonReentrant {
        // Check:
        uint256[] memory words = _loadSettings();
        uint256 count = words.headerOf().assetCount();
        if (count == MAX_ASSETS) revert AlpManager_TooManyAssets(MAX_ASSETS);
        for (uint256 i = 0; i < count; ++i) {
            AlpAssetWord asset = words.assetAt(i);
            if (asset.token() == token) revert AlpManager_AssetAlreadyAdded(token, asset.assetId());
        }
        _checkInVault(token);
        bool isPriced = assetId <= AssetMask.MAX_ASSET_ID && aggregator.asset(assetId).quorum != 0;
        if (!isPriced) revert AlpManager_AssetNotPriced(assetId);
        // Effect: the products behind it make room.
        words = _withOneMore(words, count + 1);
        words[count + 1] = AlpAssetWord.unwrap(AlpAssetFields.pack(token, assetId, 0, DEFAULT_SHARE_MARGIN_PIPS));
        AlpHeaderWord header = words.headerOf();
        // At most MAX_ASSETS.
        header = AlpHeaderFields.pack(header.basePips(), header.taxPips(), header.shareFloorUsd(), uint8(count + 1));
        words[0] = AlpHeaderWord.unwrap(header);
        _keepSettings(words);
        emit AssetAdded(token, assetId);
    }

    /// @inheritdoc IAlpManager
    function setWeights(uint24[] calldata weightsPips) external override restricted nonReentrant {
        uint256[] memory words = _loadSettings();
        _checkCount(words, weightsPips.length);
        uint256 sum = 0;
        uint24[] memory maxSharesPips = new uint24[](weightsPips.length);
        for (uint256 i = 0; i < weightsPips.length; ++i) {
            sum += weightsPips[i];
            // The least of three numbers of 24 bits and less, where the sum has no more than 25.
            maxSharesPips[i] = uint24(Math.min(uint256(weightsPips[i]) + DEFAULT_SHARE_MARGIN_PIPS, PIPS));
            _writeAsset(words, i, weightsPips[i], maxSharesPips[i]);
        }
        if (sum != PIPS) revert AlpManager_WeightsNotWhole(sum, PIPS);
        _keepSettings(words);
        emit WeightsSet(weightsPips);
        emit MaxSharesSet(maxSharesPips);
    }

    /// @inheritdoc IAlpManager
    function setMaxShares(uint24[] calldata maxSharesPips) external override restricted nonReentrant {
        uint256[] memory words = _loadSettings();
        _checkCount(words, maxSharesPips.length);
        for (uint256 i = 0; i < maxSharesPips.length; ++i) {
            uint24 weightPips = words.assetAt(i).weightPips();
            uint256 max = Math.min(uint256(weightPips) + MAX_SHARE_MARGIN_PIPS, PIPS);
            if (maxSharesPips[i] < weightPips || maxSharesPips[i] > max) {
                revert AlpManager_MaxShareOutOfRange(maxSharesPips[i], weightPips, max);
            }
            _writeAsset(words, i, weightPips, maxSharesPips[i]);
        }
        _keepSettings(words);
        emit MaxSharesSet(maxSharesPips);
    }

    /// @inheritdoc IAlpManager
    function setShareFloor(uint64 floorUsd) external override restricted nonReentrant {
        _writeShareFloor(_loadSettings(), floorUsd);
    }

    /// @inheritdoc IAlpManager
    function setFees(uint24 basePips, uint24 taxPips) external override restricted nonReentrant {
        _writeFees(_loadSettings(), basePips, taxPips);
    }

    /// @inheritdoc IAlpManager
    function addLedgerProduct(address product) external override restricted nonReentrant {
        // Check:
        if (!vault.isProduct(product)) revert AlpManager_ProductNotFound(product);
        uint256[] memory words = _loadSettings();
        if (words.hasLedgerProduct(product)) revert AlpManager_LedgerProductAlreadyAdded(product);
        uint256 count = words.length - 1 - words.headerOf().assetCount();
        if (count == MAX_LEDGER_PRODUCTS) revert AlpManager_TooManyLedgerProducts(MAX_LEDGER_PRODUCTS);
        // Effect:
        words = _withOneMore(words, words.length);
        words[words.length - 1] = uint160(product);
        _keepSettings(words);
        emit LedgerProductAdded(product);
    }

    /// @inheritdoc IAlpManager
    function assets() external view override returns (AlpAsset[] memory list) {
        uint256[] memory words = _loadSettings();
        list = new AlpAsset[](words.headerOf().assetCount());
        for (uint256 i = 0; i < list.length; ++i) {
            AlpAssetWord asset = words.assetAt(i);
            list[i] = AlpAsset(asset.token(), asset.assetId(), asset.weightPips(), asset.maxSharePips());
        }
    }

    /// @inheritdoc IAlpManager
    function fees() external view override returns (AlpFees memory) {
        AlpHeaderWord header = _loadSettings().headerOf();
        return AlpFees({basePips: header.basePips(), taxPips: header.taxPips()});
    }

    /// @inheritdoc IAlpManager
    function shareFloorUsd() external view override returns (uint64) {
        return _loadSettings().headerOf().shareFloorUsd();
    }

    /// @inheritdoc IAlpManager
    function isLedgerProduct(address product) external view override returns (bool) {
        return _loadSettings().hasLedgerProduct(product);
    }

    /// @inheritdoc IAlpManager
    function settings() external view override returns (address) {
        if (_reentrancyGuardEntered()) revert AlpManager_Busy();
        return _settings;
    }

    function _loadSettings() internal view returns (uint256[] memory words) {
        return DataContract.read(_settings);
    }

    function _keepSettings(uint256[] memory words) private {
        _settings = DataContract.keep(words);
    }

    function _writeFees(uint256[] memory words, uint24 basePips, uint24 taxPips) private {
        // Check:
        if (basePips > MAX_FEE_PIPS) revert AlpManager_FeeOutOfRange(basePips, MAX_FEE_PIPS);
        if (taxPips > MAX_FEE_PIPS) revert AlpManager_FeeOutOfRange(taxPips, MAX_FEE_PIPS);
        // Effect:
        AlpHeaderWord header = words.headerOf();
        header = AlpHeaderFields.pack(basePips, taxPips, header.shareFloorUsd(), header.assetCount());
        words[0] = AlpHeaderWord.unwrap(header);
        _keepSettings(words);
        emit FeesSet(basePips, taxPips);
    }

    function _writeShareFloor(uint256[] memory words, uint64 floorUsd) private {
        // Check:
        if (floorUsd > MAX_SHARE_FLOOR_USD) revert AlpManager_ShareFloorOutOfRange(floorUsd, MAX_SHARE_FLOOR_USD);
        // Effect:
        AlpHeaderWord header = words.headerOf();
        header = AlpHeaderFields.pack(header.basePips(), header.taxPips(), floorUsd, header.assetCount());
        words[0] = AlpHeaderWord.unwrap(header);
        _keepSettings(words);
        emit ShareFloorSet(floorUsd);
    }

    function _checkInVault(address token) private view {
        address[] memory tokens = vault.tokens();
        uint256 i = 0;
        while (i < tokens.length && tokens[i] != token) ++i;
        if (i == tokens.length) revert AlpManager_TokenNotInVault(token);
        uint256 decimals = vault.ledger(token).decimals;
        if (decimals > MAX_TOKEN_DECIMALS) revert AlpManager_TooManyDecimals(token, decimals, MAX_TOKEN_DECIMALS);
    }

    function _writeAsset(uint256[] memory words, uint256 index, uint24 weightPips, uint24 maxSharePips) private pure {
        AlpAssetWord asset = words.assetAt(index);
        asset = AlpAssetFields.pack(asset.token(), asset.assetId(), weightPips, maxSharePips);
        words[index + 1] = AlpAssetWord.unwrap(asset);
    }

    function _checkCount(uint256[] memory words, uint256 given) private pure {
        uint256 count = words.headerOf().assetCount();
        if (given != count) revert AlpManager_WeightCountWrong(given, count);
    }

    /// @dev A copy with room for one more word at `index`.
    function _withOneMore(uint256[] memory words, uint256 index) private pure returns (uint256[] memory longer) {
        longer = new uint256[](words.length + 1);
        for (uint256 i = 0; i < words.length; ++i) longer[i < index ? i : i + 1] = words[i];
    }
}
