// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAlpManager} from "../interfaces/IAlpManager.sol";
import {IAlpValuation} from "../interfaces/IAlpValuation.sol";
import {IPriceAggregator, ReferenceRule} from "../interfaces/IPriceAggregator.sol";
import {IProduct} from "../interfaces/IProduct.sol";
import {IVault} from "../interfaces/IVault.sol";
import {PackedPrice} from "../oracle/PackedPrice.sol";
import {AlpAssetWord, AlpWords} from "../types/AlpWords.sol";
import {HoldingWord, ProductHoldingWord} from "../types/HoldingWord.sol";
import {AssetMask} from "../utils/AssetMask.sol";
import {Code} from "../utils/Code.sol";
import {NavMath} from "./NavMath.sol";
import {ProductCalls} from "./ProductCalls.sol";

/// @notice What becomes of an asset without a valid price, and of a product that does not answer. `Mint`: it refuses. `Burn`:
/// the asset counts 0 and its books their worst clamp; the product counts all that is reserved as lost. The two previews
/// take what prices there are, and refuse without an answer: in the course of a product's call there is none.
enum ValuationMode {
    Mint,
    Burn,
    MintPreview,
    BurnPreview
}

/// @notice The asset brought or paid out.
/// @param assetId What the PriceAggregator calls it.
/// @param decimals Of the token.
/// @param weightPips Its target weight, in pips.
/// @param maxSharePips Most of the liquidity that a mint may make it, in pips.
/// @param free Its liquidity that is not reserved, in token units.
/// @param midX34 Its liquidity at the mid price, USD with 34 decimals.
/// @param rangeWord Its reference price, see `PackedPrice`; not marked valid: it counts 0.
struct Subject {
    uint256 assetId;
    uint256 decimals;
    uint256 weightPips;
    uint256 maxSharePips;
    uint256 free;
    uint256 midX34;
    uint256 rangeWord;
}

/// @notice A valuation in the making.
/// @param mode What to do without a valid price.
/// @param supply ALP, 18 decimals.
/// @param settings See `AlpWords`.
/// @param holdings What the Vault holds of each asset.
/// @param products The products of the Vault.
/// @param productHoldings What it holds of each for each product, of the first product first.
/// @param states What is to be asked of each product.
/// @param assetMask Assets that need a price: bit i stands for asset i.
/// @param rangeWords Their reference prices in ascending order, see `PackedPrice`; only what is marked valid counts.
/// @param missingMask Assets whose price was not valid.
/// @param lowX34 NAV at the low end of every price, USD with 34 decimals.
/// @param highX34 NAV at the high end.
/// @param dueX34 What liquidations that may be due could add to the high end.
/// @param liquidityMidX34 Σ liquidity at the mid prices, without the products' PnL.
/// @param subject The asset brought or paid out.
struct Valuation {
    ValuationMode mode;
    uint256 supply;
    uint256[] settings;
    HoldingWord[] holdings;
    address[] products;
    ProductHoldingWord[] productHoldings;
    ProductState[] states;
    uint256 assetMask;
    uint256[] rangeWords;
    uint256 missingMask;
    int256 lowX34;
    int256 highX34;
    uint256 dueX34;
    uint256 liquidityMidX34;
    Subject subject;
}

/// @notice `Idle`: it holds nothing reserved, and counts nothing. `Ledgers`: it is worth what they say at the adverse side.
/// `Asked`: it says what it is worth. `Failed`: it did not.
enum ProductState {
    Idle,
    Ledgers,
    Asked,
    Failed
}

/// @notice What a product's ledgers allow its positions to be worth to the LPs, USD with 34 decimals.
/// @param lossLow Σ reserved at the low prices.
/// @param lossHigh Σ reserved at the high prices.
/// @param gainLow Σ of the lesser of collateral and reserved, at the low prices.
/// @param gainHigh Σ collateral at the high prices.
struct LedgerBounds {
    uint256 lossLow;
    uint256 lossHigh;
    uint256 gainLow;
    uint256 gainHigh;
}

/// @title The valuation of the liquidity vault
/// @dev Reads the Vault, the products and the prices; each slot and each price once. The AlpManager mints and burns by it, the
/// AlpLens shows it.
abstract contract AlpValuation is IAlpValuation {
    using AlpWords for uint256[];

    /// @inheritdoc IAlpValuation
    IVault public immutable override vault;

    /// @inheritdoc IAlpValuation
    IPriceAggregator public immutable override aggregator;

    constructor(IVault vault_, IPriceAggregator aggregator_) {
        Code.requireContract(address(vault_));
        Code.requireContract(address(aggregator_));
        vault = vault_;
        aggregator = aggregator_;
    }

    /// @dev Reads what there is, and finds out which assets need a price: of the tokens that are there, of `token`, of what
    /// products hold open.
    /// @param settings See `AlpWords`.
    function _begin(
        Valuation memory v,
        ValuationMode mode,
        uint256[] memory settings,
        uint256 supply,
        address token
    ) internal view {
        (v.mode, v.supply) = (mode, supply);
        v.settings = settings;
        address[] memory tokens = new address[](settings.headerOf().assetCount());
        for (uint256 i = 0; i < tokens.length; ++i) tokens[i] = v.settings.assetAt(i).token();
        (v.holdings, v.products, v.productHoldings) = vault.holdings(tokens);

        bool isListed = token == address(0);
        for (uint256 i = 0; i < tokens.length; ++i) {
            bool isSubject = tokens[i] == token;
            if (isSubject) isListed = true;
            // What is not there needs no price.
            if (isSubject || v.holdings[i].liquidity() != 0) {
                v.assetMask |= 1 << v.settings.assetAt(i).assetId();
            }
        }
        if (!isListed) revert IAlpManager.AlpManager_AssetNotListed(token);
        v.states = new ProductState[](v.products.length);
        for (uint256 i = 0; i < v.products.length; ++i) _askExposure(v, i);
    }

    function _askExposure(Valuation memory v, uint256 index) private view {
        uint256 count = v.holdings.length;
        bool isIdle = true;
        for (uint256 i = 0; i < count && isIdle; ++i) isIdle = v.productHoldings[index * count + i].reserved() == 0;
        if (isIdle) return;
        address product = v.products[index];
        if (v.settings.hasLedgerProduct(product)) {
            v.states[index] = ProductState.Ledgers;
            return;
        }
        (bool isAnswered, uint256 assetMask) = ProductCalls.exposedAssets(product);
        v.assetMask |= assetMask;
        _setState(v, index, isAnswered);
    }

    function _setState(Valuation memory v, uint256 index, bool isAnswered) private pure {
        v.states[index] = isAnswered ? ProductState.Asked : ProductState.Failed;
        if (!isAnswered && v.mode != ValuationMode.Burn)
            revert IAlpManager.AlpManager_ProductNotValued(v.products[index]);
    }

    /// @dev Decides which prices count, and adds everything up.
    function _finish(Valuation memory v, address token) internal view {
        bool isPreview = v.mode == ValuationMode.MintPreview || v.mode == ValuationMode.BurnPreview;
        uint256 rest = v.assetMask;
        for (uint256 i = 0; i < v.rangeWords.length; ++i) {
            uint256 word = v.rangeWords[i];
            if (!PackedPrice.isRangeValid(word)) {
                if (v.mode == ValuationMode.Mint) revert IAlpManager.AlpManager_PriceNotValid(AssetMask.lowest(rest));
                v.missingMask |= rest & (~rest + 1);
                // A preview takes what there is.
                if (isPreview && PackedPrice.midOf(word) != 0) v.rangeWords[i] = PackedPrice.asValid(word);
            }
            rest &= rest - 1;
        }
        _addAll(v, token);
    }

    function _addAll(Valuation memory v, address token) internal view {
        uint256 count = v.holdings.length;
        LedgerBounds[] memory bounds = new LedgerBounds[](v.products.length);
        for (uint256 i = 0; i < count; ++i) {
            HoldingWord holding = v.holdings[i];
            AlpAssetWord asset = v.settings.assetAt(i);
            bool isSubject = asset.token() == token;
            if (holding.liquidity() == 0 && !isSubject) continue;
            uint256 word = v.rangeWords[AssetMask.placeOf(v.assetMask, asset.assetId())];
            uint256 midX34 = 0;
            if (PackedPrice.isRangeValid(word)) {
                midX34 = _addLiquidity(v, holding, word);
                if (holding.reserved() != 0) _addBounds(v, bounds, i, word);
            }
            if (isSubject) _look(v.subject, asset, holding, word, midX34);
        }
        bytes memory question = abi.encodeCall(IProduct.lpPnl, (v.assetMask, v.rangeWords));
        for (uint256 i = 0; i < bounds.length; ++i) _addProduct(v, i, bounds[i], question);
    }

    function _addLiquidity(
        Valuation memory v,
        HoldingWord holding,
        uint256 word
    ) private pure returns (uint256 midX34) {
        // As `NavMath.valueX34`, with the same amount at each of three prices.
        uint256 scaled = holding.liquidity() * NavMath.scaleX34(holding.decimals());
        midX34 = scaled * PackedPrice.midOf(word);
        v.liquidityMidX34 += midX34;
        v.lowX34 += NavMath.toSigned(scaled * PackedPrice.lowOf(word));
        v.highX34 += NavMath.toSigned(scaled * PackedPrice.highOf(word));
    }

    function _look(
        Subject memory subject,
        AlpAssetWord asset,
        HoldingWord holding,
        uint256 word,
        uint256 midX34
    ) private pure {
        subject.assetId = asset.assetId();
        subject.decimals = holding.decimals();
        subject.weightPips = asset.weightPips();
        subject.maxSharePips = asset.maxSharePips();
        subject.free = holding.liquidity() - holding.reserved();
        subject.midX34 = midX34;
        subject.rangeWord = word;
    }

    /// @dev What the products' ledgers in one asset are worth.
    function _addBounds(
        Valuation memory v,
        LedgerBounds[] memory bounds,
        uint256 assetIndex,
        uint256 word
    ) private pure {
        uint256 count = v.holdings.length;
        uint256 scale = NavMath.scaleX34(v.holdings[assetIndex].decimals());
        (uint256 low, uint256 high) = (scale * PackedPrice.lowOf(word), scale * PackedPrice.highOf(word));
        for (uint256 i = 0; i < bounds.length; ++i) {
            if (v.states[i] == ProductState.Idle) continue;
            ProductHoldingWord held = v.productHoldings[i * count + assetIndex];
            (uint256 collateral, uint256 reserved) = (held.collateral(), held.reserved());
            LedgerBounds memory own = bounds[i];
            own.lossLow += reserved * low;
            own.lossHigh += reserved * high;
            own.gainLow += Math.min(collateral, reserved) * low;
            own.gainHigh += collateral * high;
        }
    }

    function _addProduct(
        Valuation memory v,
        uint256 index,
        LedgerBounds memory bounds,
        bytes memory question
    ) private view {
        if (v.states[index] == ProductState.Idle) return;
        (int256 lowX34, int256 highX34) = (-NavMath.toSigned(bounds.lossHigh), NavMath.toSigned(bounds.gainHigh));
        if (v.states[index] == ProductState.Asked) {
            (bool isAnswered, int256 lowUsd, int256 highUsd, int256 dueUsd) = ProductCalls.lpPnl(
                v.products[index],
                question
            );
            _setState(v, index, isAnswered);
            if (isAnswered) {
                int256 worstX34 = -NavMath.toSigned(bounds.lossLow);
                int256 withDueX34 = NavMath.held(NavMath.toX34(highUsd + dueUsd), worstX34, highX34);
                lowX34 = NavMath.held(NavMath.toX34(lowUsd), lowX34, NavMath.toSigned(bounds.gainLow));
                highX34 = NavMath.held(NavMath.toX34(highUsd), worstX34, highX34);
                // The sum is not below what it is a sum of, held by the same bounds.
                v.dueX34 += uint256(withDueX34 - highX34);
            }
        }
        (v.lowX34, v.highX34) = (v.lowX34 + lowX34, v.highX34 + highX34);
    }

    function _ruleOf(ValuationMode mode) internal pure returns (ReferenceRule) {
        if (mode == ValuationMode.Burn) return ReferenceRule.Burn;
        return mode == ValuationMode.BurnPreview ? ReferenceRule.BurnPreview : ReferenceRule.Mint;
    }
}
