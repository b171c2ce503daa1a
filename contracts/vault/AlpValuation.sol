// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AlpAsset, IAlpManager} from "../interfaces/IAlpManager.sol";
import {IPriceAggregator, PriceRange} from "../interfaces/IPriceAggregator.sol";
import {IProduct} from "../interfaces/IProduct.sol";
import {IVault} from "../interfaces/IVault.sol";
import {PackedPrice} from "../oracle/PackedPrice.sol";
import {HoldingWord} from "../types/HoldingWord.sol";
import {Code} from "../utils/Code.sol";
import {NavMath} from "./NavMath.sol";

/// @notice What becomes of an asset without a valid price. `Mint`: it refuses. `Burn`: it counts 0 and its books their worst
/// clamp. `Estimate`: it counts with its push prices as they are.
enum ValuationMode {
    Mint,
    Burn,
    Estimate
}

/// @notice The asset brought or paid out.
/// @param assetId What the PriceAggregator calls it.
/// @param decimals Of the token.
/// @param weightPips Its target weight, in pips.
/// @param free Its liquidity that is not reserved, in token units.
/// @param midX34 Its liquidity at the mid price, USD with 34 decimals.
/// @param range Its reference price.
struct Subject {
    uint16 assetId;
    uint256 decimals;
    uint256 weightPips;
    uint256 free;
    uint256 midX34;
    PriceRange range;
}

/// @notice A product, and the assets it is exposed to.
struct Exposure {
    IProduct product;
    uint16[] assetIds;
}

/// @notice A valuation in the making.
/// @param mode What to do without a valid price.
/// @param supply ALP, 18 decimals.
/// @param lowX34 NAV at the low end of every price, USD with 34 decimals.
/// @param highX34 NAV at the high end.
/// @param liquidityMidX34 Σ liquidity at the mid prices, without the products' PnL.
/// @param subject The asset brought or paid out.
/// @param exposures The products.
/// @param assetIds Assets that need a price, each once.
/// @param rangeWords Their reference prices, see `PackedPrice`.
struct Valuation {
    ValuationMode mode;
    uint256 supply;
    int256 lowX34;
    int256 highX34;
    uint256 liquidityMidX34;
    Subject subject;
    Exposure[] exposures;
    uint16[] assetIds;
    uint256[] rangeWords;
}

/// @title The valuation of the liquidity vault
/// @dev The part of the AlpManager that reads the Vault, the products and the prices; each slot and each price once.
abstract contract AlpValuation {
    /// @dev What every mint and burn reads of the configuration, one slot.
    struct Settings {
        uint24 basePips;
        uint24 taxPips;
        uint8 assetCount;
    }

    /// @notice Most assets.
    uint256 public constant MAX_ASSETS = 16;

    IVault public immutable vault;
    IPriceAggregator public immutable aggregator;

    Settings internal _settings;
    /// @dev The first `assetCount` count.
    AlpAsset[MAX_ASSETS] internal _assets;

    constructor(IVault vault_, IPriceAggregator aggregator_) {
        Code.requireContract(address(vault_));
        Code.requireContract(address(aggregator_));
        vault = vault_;
        aggregator = aggregator_;
    }

    /// @dev Values the vault and looks closer at `token`, if there is one to look at.
    /// @param prover Whose ticks join the prices.
    function _valuate(
        ValuationMode mode,
        address prover,
        uint256 supply,
        address token
    ) internal view returns (Valuation memory v) {
        v.mode = mode;
        v.supply = supply;
        AlpAsset[] memory list = _assetList();
        HoldingWord[] memory holdings = vault.holdings(_tokensOf(list));
        _readExposures(v, list.length);
        _listPriced(v, list, holdings, token);
        v.rangeWords = aggregator.referencePrices(prover, v.assetIds);
        if (mode == ValuationMode.Mint) _requireAllValid(v);

        for (uint256 i = 0; i < list.length; ++i) _addAsset(v, list[i], holdings[i], list[i].token == token);
        for (uint256 i = 0; i < v.exposures.length; ++i) _addProduct(v, v.exposures[i]);
    }

    /// @dev NAV at the mid prices; takes a second look at the products, so for views only.
    function _midX34(Valuation memory v) internal view returns (int256 midX34) {
        midX34 = NavMath.toSigned(v.liquidityMidX34);
        for (uint256 i = 0; i < v.exposures.length; ++i) {
            Exposure memory exposure = v.exposures[i];
            PriceRange[] memory mids = _rangesOf(v, exposure.assetIds);
            for (uint256 j = 0; j < mids.length; ++j) (mids[j].low, mids[j].high) = (mids[j].mid, mids[j].mid);
            (int256 lowUsd, ) = exposure.product.lpPnl(exposure.assetIds, mids);
            midX34 += NavMath.toX34(lowUsd);
        }
    }

    /// @dev The assets whose price was not valid.
    function _missingAssetIds(Valuation memory v) internal pure returns (uint16[] memory missing) {
        missing = new uint16[](v.assetIds.length);
        uint256 count = 0;
        for (uint256 i = 0; i < v.assetIds.length; ++i) {
            if (!PackedPrice.isRangeValid(v.rangeWords[i])) missing[count++] = v.assetIds[i];
        }
        _shorten(missing, count);
    }

    function _assetList() internal view returns (AlpAsset[] memory list) {
        list = new AlpAsset[](_settings.assetCount);
        for (uint256 i = 0; i < list.length; ++i) list[i] = _assets[i];
    }

    /// @dev Asks the products what they need prices of.
    function _readExposures(Valuation memory v, uint256 assetCount) private view {
        address[] memory products = vault.products();
        uint256 capacity = assetCount;
        v.exposures = new Exposure[](products.length);
        for (uint256 i = 0; i < products.length; ++i) {
            Exposure memory exposure = v.exposures[i];
            exposure.product = IProduct(products[i]);
            exposure.assetIds = exposure.product.exposedAssets();
            capacity += exposure.assetIds.length;
        }
        // Room for all; shortened to those that are needed.
        v.assetIds = new uint16[](capacity);
    }

    /// @dev Lists each asset that needs a price once: of the tokens that are there, of `token`, of what products hold open.
    function _listPriced(
        Valuation memory v,
        AlpAsset[] memory list,
        HoldingWord[] memory holdings,
        address token
    ) private pure {
        uint256 count = 0;
        bool isFound = token == address(0);
        for (uint256 i = 0; i < list.length; ++i) {
            bool isSubject = list[i].token == token;
            if (isSubject) isFound = true;
            // What is not there needs no price.
            if (isSubject || holdings[i].liquidity() != 0) count = _listOnce(v.assetIds, count, list[i].assetId);
        }
        if (!isFound) revert IAlpManager.AlpManager_AssetNotListed(token);
        for (uint256 i = 0; i < v.exposures.length; ++i) {
            uint16[] memory exposed = v.exposures[i].assetIds;
            for (uint256 j = 0; j < exposed.length; ++j) count = _listOnce(v.assetIds, count, exposed[j]);
        }
        _shorten(v.assetIds, count);
    }

    function _listOnce(uint16[] memory assetIds, uint256 count, uint16 assetId) private pure returns (uint256) {
        for (uint256 i = 0; i < count; ++i) if (assetIds[i] == assetId) return count;
        assetIds[count] = assetId;
        return count + 1;
    }

    function _requireAllValid(Valuation memory v) private pure {
        for (uint256 i = 0; i < v.assetIds.length; ++i) {
            if (!PackedPrice.isRangeValid(v.rangeWords[i])) revert IAlpManager.AlpManager_PriceNotValid(v.assetIds[i]);
        }
    }

    function _addAsset(Valuation memory v, AlpAsset memory asset, HoldingWord holding, bool isSubject) private pure {
        uint256 liquidity = holding.liquidity();
        if (liquidity == 0 && !isSubject) return;
        uint256 word = _wordOf(v, asset.assetId);
        uint256 midX34 = 0;
        if (_isCounted(v.mode, word)) {
            // As `NavMath.valueX34`, with the same amount at each of three prices.
            uint256 scaled = liquidity * NavMath.scaleX34(holding.decimals());
            midX34 = scaled * PackedPrice.midOf(word);
            v.liquidityMidX34 += midX34;
            v.lowX34 += NavMath.toSigned(scaled * PackedPrice.lowOf(word));
            v.highX34 += NavMath.toSigned(scaled * PackedPrice.highOf(word));
        }
        if (!isSubject) return;
        Subject memory subject = v.subject;
        subject.assetId = asset.assetId;
        subject.decimals = holding.decimals();
        subject.weightPips = asset.weightPips;
        subject.free = liquidity - holding.reserved();
        subject.midX34 = midX34;
        subject.range = _rangeOf(v.mode, word);
    }

    function _addProduct(Valuation memory v, Exposure memory exposure) private view {
        PriceRange[] memory ranges = _rangesOf(v, exposure.assetIds);
        (int256 lowUsd, int256 highUsd) = exposure.product.lpPnl(exposure.assetIds, ranges);
        v.lowX34 += NavMath.toX34(lowUsd);
        v.highX34 += NavMath.toX34(highUsd);
    }

    function _rangesOf(Valuation memory v, uint16[] memory assetIds) private pure returns (PriceRange[] memory ranges) {
        ranges = new PriceRange[](assetIds.length);
        for (uint256 i = 0; i < assetIds.length; ++i) ranges[i] = _rangeOf(v.mode, _wordOf(v, assetIds[i]));
    }

    /// @dev The reference price of an asset, which is among those priced.
    function _wordOf(Valuation memory v, uint16 assetId) private pure returns (uint256) {
        uint16[] memory assetIds = v.assetIds;
        uint256 i = 0;
        while (assetIds[i] != assetId) ++i;
        return v.rangeWords[i];
    }

    function _rangeOf(ValuationMode mode, uint256 word) private pure returns (PriceRange memory range) {
        range = PackedPrice.unpackRange(word);
        range.isValid = _isCounted(mode, word);
    }

    /// @dev An estimate takes what prices there are.
    function _isCounted(ValuationMode mode, uint256 word) private pure returns (bool) {
        return mode == ValuationMode.Estimate ? PackedPrice.midOf(word) != 0 : PackedPrice.isRangeValid(word);
    }

    function _tokensOf(AlpAsset[] memory list) private pure returns (address[] memory tokens) {
        tokens = new address[](list.length);
        for (uint256 i = 0; i < list.length; ++i) tokens[i] = list[i].token;
    }

    /// @param length At most the array's own.
    function _shorten(uint16[] memory array, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(array, length)
        }
    }
}
