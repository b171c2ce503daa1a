// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {AlpAsset, IAlpManager} from "../interfaces/IAlpManager.sol";
import {IPriceAggregator, PriceRange} from "../interfaces/IPriceAggregator.sol";
import {IProduct} from "../interfaces/IProduct.sol";
import {IVault} from "../interfaces/IVault.sol";
import {NavMath} from "../libraries/NavMath.sol";

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
    uint8 decimals;
    uint24 weightPips;
    uint256 free;
    uint256 midX34;
    PriceRange range;
}

/// @notice What one product reported: the assets it is exposed to, and their prices.
struct Exposure {
    IProduct product;
    uint16[] assetIds;
    PriceRange[] ranges;
}

/// @notice A valuation in the making.
/// @param mode What to do without a valid price.
/// @param prover Whose ticks join the prices.
/// @param supply ALP, 18 decimals.
/// @param lowX34 NAV at the low end of every price, USD with 34 decimals.
/// @param highX34 NAV at the high end.
/// @param liquidityMidX34 Σ liquidity at the mid prices, without the products' PnL.
/// @param subject The asset brought or paid out.
/// @param exposures The products.
/// @param assetIds Assets priced so far, each once; the first `priced` entries.
/// @param ranges Their prices.
/// @param isMissing Whether the price was not valid.
/// @param priced How many.
struct Valuation {
    ValuationMode mode;
    address prover;
    uint256 supply;
    int256 lowX34;
    int256 highX34;
    uint256 liquidityMidX34;
    Subject subject;
    Exposure[] exposures;
    uint16[] assetIds;
    PriceRange[] ranges;
    bool[] isMissing;
    uint256 priced;
}

/// @title The valuation of the liquidity vault
/// @dev The part of the AlpManager that reads the Vault, the products and the prices; each slot and each price once.
abstract contract AlpValuation {
    IVault public immutable vault;
    IPriceAggregator public immutable aggregator;

    AlpAsset[] internal _assets;

    constructor(IVault vault_, IPriceAggregator aggregator_) {
        if (address(vault_) == address(0) || address(aggregator_) == address(0)) {
            revert IAlpManager.AlpManager_ZeroAddress();
        }
        vault = vault_;
        aggregator = aggregator_;
    }

    /// @dev Values the vault and looks closer at `token`, if there is one to look at.
    function _valuate(
        ValuationMode mode,
        address prover,
        uint256 supply,
        address token
    ) internal view returns (Valuation memory v) {
        v.mode = mode;
        v.prover = prover;
        v.supply = supply;
        AlpAsset[] memory list = _assets;
        _readExposures(v, list.length);
        bool isFound = token == address(0);
        for (uint256 i = 0; i < list.length; ++i) {
            bool isSubject = list[i].token == token;
            _addAsset(v, list[i], isSubject);
            if (isSubject) isFound = true;
        }
        if (!isFound) revert IAlpManager.AlpManager_AssetNotListed(token);
        for (uint256 i = 0; i < v.exposures.length; ++i) _addProduct(v, v.exposures[i]);
    }

    /// @dev NAV at the mid prices; takes a second look at the products, so for views only.
    function _midX34(Valuation memory v) internal view returns (int256 midX34) {
        midX34 = NavMath.toSigned(v.liquidityMidX34);
        for (uint256 i = 0; i < v.exposures.length; ++i) {
            Exposure memory exposure = v.exposures[i];
            uint256 length = exposure.ranges.length;
            PriceRange[] memory mids = new PriceRange[](length);
            for (uint256 j = 0; j < length; ++j) {
                PriceRange memory range = exposure.ranges[j];
                mids[j] = PriceRange({low: range.mid, mid: range.mid, high: range.mid, isValid: range.isValid});
            }
            (int256 lowUsd, ) = exposure.product.lpPnl(exposure.assetIds, mids);
            midX34 += NavMath.toX34(lowUsd);
        }
    }

    /// @dev The assets whose price was not valid.
    function _missingAssetIds(Valuation memory v) internal pure returns (uint16[] memory missing) {
        uint256 count = 0;
        for (uint256 i = 0; i < v.priced; ++i) if (v.isMissing[i]) ++count;
        missing = new uint16[](count);
        for (uint256 i = v.priced; count != 0; --i) if (v.isMissing[i - 1]) missing[--count] = v.assetIds[i - 1];
    }

    /// @dev Asks the products first: it bounds the number of prices.
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
        v.assetIds = new uint16[](capacity);
        v.ranges = new PriceRange[](capacity);
        v.isMissing = new bool[](capacity);
    }

    function _addAsset(Valuation memory v, AlpAsset memory asset, bool isSubject) private view {
        (uint256 liquidity, uint256 reserved, uint256 decimals) = vault.holding(asset.token);
        // What is not there needs no price.
        if (liquidity == 0 && !isSubject) return;
        PriceRange memory range = _priceOf(v, asset.assetId);
        uint256 midX34 = 0;
        if (range.isValid) {
            midX34 = NavMath.valueX34(liquidity, range.mid, decimals);
            v.liquidityMidX34 += midX34;
            v.lowX34 += NavMath.toSigned(NavMath.valueX34(liquidity, range.low, decimals));
            v.highX34 += NavMath.toSigned(NavMath.valueX34(liquidity, range.high, decimals));
        }
        if (!isSubject) return;
        Subject memory subject = v.subject;
        subject.assetId = asset.assetId;
        // A uint8 in the vault.
        subject.decimals = uint8(decimals);
        subject.weightPips = asset.weightPips;
        subject.free = liquidity - reserved;
        subject.midX34 = midX34;
        subject.range = range;
    }

    function _addProduct(Valuation memory v, Exposure memory exposure) private view {
        uint256 length = exposure.assetIds.length;
        exposure.ranges = new PriceRange[](length);
        for (uint256 i = 0; i < length; ++i) exposure.ranges[i] = _priceOf(v, exposure.assetIds[i]);
        (int256 lowUsd, int256 highUsd) = exposure.product.lpPnl(exposure.assetIds, exposure.ranges);
        v.lowX34 += NavMath.toX34(lowUsd);
        v.highX34 += NavMath.toX34(highUsd);
    }

    /// @dev Reads the reference price of an asset, the first time that it is asked for.
    function _priceOf(Valuation memory v, uint16 assetId) private view returns (PriceRange memory range) {
        uint256 priced = v.priced;
        uint16[] memory assetIds = v.assetIds;
        for (uint256 i = 0; i < priced; ++i) if (assetIds[i] == assetId) return v.ranges[i];
        range = aggregator.referencePrice(v.prover, assetId);
        if (!range.isValid) {
            if (v.mode == ValuationMode.Mint) revert IAlpManager.AlpManager_PriceNotValid(assetId);
            if (v.mode == ValuationMode.Estimate) {
                v.isMissing[priced] = true;
                range.isValid = !range.mid.isZero();
            }
        }
        assetIds[priced] = assetId;
        v.ranges[priced] = range;
        v.priced = priced + 1;
    }
}
