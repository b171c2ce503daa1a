// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAlpManager} from "../interfaces/IAlpManager.sol";
import {PackedPrice} from "../oracle/PackedPrice.sol";
import {AlpHeaderWord, AlpWords} from "../types/AlpWords.sol";
import {PIPS, Price} from "../types/Units.sol";
import {AlpFeeMath} from "./AlpFeeMath.sol";
import {Valuation} from "./AlpValuation.sol";
import {NavMath} from "./NavMath.sol";

/// @title ALP for tokens, and tokens for ALP
/// @notice What a valuation makes of an amount brought or burned. Minting, burning and their previews ask the same.
library AlpShares {
    using AlpWords for uint256[];

    /// @notice ALP that the first mint gives to nobody.
    uint256 internal constant DEAD_SHARES = 1e18;

    /// @dev The whole deposit stays in the vault, fee included.
    function mintFee(Valuation memory v, uint256 amount) internal pure returns (uint256) {
        uint256 depositX34 = _midValueX34(v, amount);
        return _feeOf(v, v.subject.midX34 + depositX34);
    }

    /// @dev The fee is that of taking out the amount before the fee.
    function amountFor(Valuation memory v, uint256 alpAmount) internal pure returns (uint256 amount, uint256 feePips) {
        uint256 navX34 = NavMath.positivePart(v.lowX34);
        uint256 unitX34 = _unitX34(v, PackedPrice.highOf(v.subject.rangeWord));
        uint256 gross = NavMath.amountForAlpDown(alpAmount, 0, v.supply, navX34, unitX34);
        uint256 grossX34 = _midValueX34(v, gross);
        uint256 midX34 = v.subject.midX34;
        feePips = _feeOf(v, midX34 > grossX34 ? midX34 - grossX34 : 0);
        amount = NavMath.amountForAlpDown(alpAmount, feePips, v.supply, navX34, unitX34);
    }

    /// @dev What comes in at its feeds' price can leave as any other asset: in a large vault the share of each is limited.
    function checkShare(Valuation memory v, address token, uint256 amount) internal pure {
        uint256 depositX34 = _midValueX34(v, amount);
        (uint256 assetX34, uint256 totalX34) = (v.subject.midX34 + depositX34, v.liquidityMidX34 + depositX34);
        if (totalX34 <= NavMath.wholeUsdX34(v.settings.headerOf().shareFloorUsd())) return;
        if (assetX34 * PIPS <= totalX34 * v.subject.maxSharePips) return;
        revert IAlpManager.AlpManager_ShareTooLarge(
            token,
            Math.ceilDiv(assetX34 * PIPS, totalX34),
            v.subject.maxSharePips
        );
    }

    /// @dev ALP for a deposit, dead shares of a first mint included; 0 where the NAV is not positive.
    function alpFor(
        Valuation memory v,
        uint256 amount,
        uint256 feePips
    ) internal pure returns (uint256 afterFee, uint256 afterDue) {
        uint256 depositX34 = amount * _unitX34(v, PackedPrice.lowOf(v.subject.rangeWord));
        if (v.supply == 0) {
            afterFee = NavMath.alpForFirstDepositDown(depositX34, feePips);
            return (afterFee, afterFee);
        }
        uint256 navX34 = NavMath.positivePart(v.highX34);
        if (navX34 == 0) return (0, 0);
        return NavMath.alpForDepositsDown(depositX34, feePips, v.supply, navX34, v.dueX34);
    }

    /// @dev Fee of taking the asset to `afterX34`. Without any liquidity no asset has a target yet.
    function _feeOf(Valuation memory v, uint256 afterX34) private pure returns (uint256) {
        AlpHeaderWord header = v.settings.headerOf();
        (uint256 basePips, uint256 taxPips) = (header.basePips(), header.taxPips());
        if (v.liquidityMidX34 == 0) return basePips;
        uint256 targetX34 = (v.liquidityMidX34 * v.subject.weightPips) / PIPS;
        return AlpFeeMath.feePipsUp(targetX34, v.subject.midX34, afterX34, basePips, taxPips);
    }

    /// @dev Of the asset brought or paid out, USD with 34 decimals.
    function _midValueX34(Valuation memory v, uint256 amount) private pure returns (uint256) {
        return amount * _unitX34(v, PackedPrice.midOf(v.subject.rangeWord));
    }

    function _unitX34(Valuation memory v, uint64 price) private pure returns (uint256) {
        return NavMath.unitPriceX34(Price.wrap(price), v.subject.decimals);
    }
}
