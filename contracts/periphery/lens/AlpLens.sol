// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BurnPreview, IAlpLens, MintPreview, NavQuote} from "../../interfaces/IAlpLens.sol";
import {IAlpManager} from "../../interfaces/IAlpManager.sol";
import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {Code} from "../../utils/Code.sol";
import {DataContract} from "../../utils/DataContract.sol";
import {AlpShares} from "../../vault/AlpShares.sol";
import {AlpValuation, Valuation, ValuationMode} from "../../vault/AlpValuation.sol";
import {NavMath} from "../../vault/NavMath.sol";

/// @title AlpLens
/// @notice See `IAlpLens`.
contract AlpLens is IAlpLens, AlpValuation {
    /// @inheritdoc IAlpLens
    IAlpManager public immutable override manager;

    constructor(IAlpManager manager_) AlpValuation(_existing(manager_).vault(), manager_.aggregator()) {
        manager = manager_;
    }

    /// @inheritdoc IAlpLens
    function nav(address prover) external view override returns (NavQuote memory quote) {
        Valuation memory v = _estimate(ValuationMode.MintPreview, prover, address(0));
        quote.lowUsd = NavMath.toUsdDown(v.lowX34);
        quote.midUsd = NavMath.toUsdDown(_midX34(v));
        quote.highUsd = NavMath.toUsdUp(v.highX34);
        quote.dueUsd = NavMath.toUsdUp(NavMath.toSigned(v.dueX34));
        quote.supply = v.supply;
        quote.lowPrice = NavMath.alpPriceDown(quote.lowUsd, v.supply);
        quote.midPrice = NavMath.alpPriceDown(quote.midUsd, v.supply);
        quote.highPrice = NavMath.alpPriceUp(quote.highUsd, v.supply);
        quote.missingAssetIds = _missingAssetIds(v);
    }

    /// @inheritdoc IAlpLens
    function previewMint(
        address prover,
        address token,
        uint256 amount
    ) external view override returns (MintPreview memory preview) {
        Valuation memory v = _estimate(ValuationMode.MintPreview, prover, token);
        if (v.subject.weightPips == 0) revert IAlpManager.AlpManager_AssetRetired(token);
        AlpShares.checkShare(v, token, amount);
        preview.missingAssetIds = _missingAssetIds(v);
        preview.feePips = AlpShares.mintFee(v, amount);
        (preview.amountAfterFee, preview.amountAfterDue) = AlpShares.alpFor(v, amount, preview.feePips);
        preview.amountOut = Math.min(preview.amountAfterFee, preview.amountAfterDue);
        if (v.supply == 0) preview.amountOut = Math.saturatingSub(preview.amountOut, AlpShares.DEAD_SHARES);
    }

    /// @inheritdoc IAlpLens
    function previewBurn(
        address prover,
        address token,
        uint256 alpAmount
    ) external view override returns (BurnPreview memory preview) {
        Valuation memory v = _estimate(ValuationMode.BurnPreview, prover, token);
        preview.missingAssetIds = _missingAssetIds(v);
        if (v.lowX34 <= 0 || v.supply == 0 || !PackedPrice.isRangeValid(v.subject.rangeWord)) return preview;
        (preview.amountOut, preview.feePips) = AlpShares.amountFor(v, alpAmount);
    }

    /// @dev As the manager does it. Refused while it is in the middle of a call.
    /// @param prover Whose ticks join the prices.
    /// @param token Zero: there is none to look closer at.
    function _estimate(ValuationMode mode, address prover, address token) private view returns (Valuation memory v) {
        _begin(v, mode, DataContract.read(manager.settings()), IERC20(manager.alp()).totalSupply(), token);
        v.rangeWords = aggregator.referencePrices(prover, v.assetMask, _ruleOf(mode));
        _finish(v, token);
    }

    function _existing(IAlpManager manager_) private view returns (IAlpManager) {
        Code.requireContract(address(manager_));
        return manager_;
    }

    /// @dev NAV at the mid prices; takes a second look at the products, so for views only.
    function _midX34(Valuation memory v) private view returns (int256) {
        Valuation memory mid;
        mid.mode = v.mode;
        (mid.settings, mid.holdings, mid.products) = (v.settings, v.holdings, v.products);
        (mid.productHoldings, mid.states, mid.assetMask) = (v.productHoldings, v.states, v.assetMask);
        mid.rangeWords = new uint256[](v.rangeWords.length);
        for (uint256 i = 0; i < v.rangeWords.length; ++i) {
            uint64 price = PackedPrice.midOf(v.rangeWords[i]);
            mid.rangeWords[i] = PackedPrice.packRange(price, price, price, PackedPrice.isRangeValid(v.rangeWords[i]));
        }
        _addAll(mid, address(0));
        return mid.lowX34;
    }

    /// @dev The assets whose price was not valid, in ascending order.
    function _missingAssetIds(Valuation memory v) private pure returns (uint16[] memory missing) {
        uint256 rest = v.missingMask;
        missing = new uint16[](AssetMask.count(rest));
        for (uint256 i = 0; i < missing.length; ++i) {
            missing[i] = AssetMask.lowest(rest);
            rest &= rest - 1;
        }
    }
}
