// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenMath, TokenPrice} from "../../product/TokenPrice.sol";
import {Exposure, ShownPrices} from "../../trading/math/ShownPrices.sol";
import {CloseInput, CloseResult, Fill, TradeMath} from "../../trading/math/TradeMath.sol";
import {Terms} from "../../types/Book.sol";
import {Price, Size} from "../../types/Units.sol";

contract TradeMathHarness {
    error Units_Overflow(uint256 value, uint256 max);

    function divide(
        uint256 amount,
        uint256 executionFeeUsd,
        uint256 leverage,
        uint256 openFeePips,
        TokenPrice memory token
    ) external pure returns (Fill memory fill) {
        TradeMath.divide(fill, amount, executionFeeUsd, leverage, openFeePips, token);
    }

    function sizeAt(uint256 marginUsd, Price entry, uint256 leverage) external pure returns (Fill memory fill) {
        fill.marginUsd = marginUsd;
        TradeMath.sizeAt(fill, entry, leverage);
    }

    function withSlippage(Price tick, uint256 slippageX18, bool isBuy) external pure returns (Price) {
        return TradeMath.withSlippage(tick, slippageX18, isBuy);
    }

    function close(
        CloseInput memory input,
        Terms memory terms,
        TokenPrice memory token,
        TokenPrice memory gainToken
    ) external pure returns (CloseResult memory) {
        return TradeMath.close(input, terms, token, gainToken);
    }

    function pnlAt(bool isLong, Size size, Price entry, Price price) external pure returns (int256) {
        return TradeMath.pnlAt(isLong, size, entry, price);
    }

    function isLiquidatable(
        int256 pnlUsd,
        int256 carryOwed,
        uint256 marginUsd,
        uint256 liquidationLossRatePips
    ) external pure returns (bool) {
        return TradeMath.isLiquidatable(pnlUsd, carryOwed, marginUsd, liquidationLossRatePips);
    }

    function priceOfLoss(
        bool isLong,
        Size size,
        Price entry,
        int256 carryOwed,
        uint256 marginUsd,
        uint256 sharePips
    ) external pure returns (Price) {
        return TradeMath.priceOfLoss(isLong, size, entry, carryOwed, marginUsd, sharePips);
    }

    function shownPriceOfLoss(Exposure memory exposure, uint256 sharePips) external pure returns (Price) {
        return ShownPrices.priceOfLoss(exposure, sharePips);
    }

    function liquidationReward(uint256 margin, TokenPrice memory token) external pure returns (uint256) {
        return TradeMath.liquidationReward(margin, token);
    }

    function capOf(uint256 margin, uint256 profitCapPips) external pure returns (uint256) {
        return TradeMath.capOf(margin, profitCapPips);
    }

    function capPrice(bool isLong, Price entry, uint256 leverage, uint256 profitCapPips) external pure returns (Price) {
        return TradeMath.capPrice(isLong, entry, leverage, profitCapPips);
    }

    function usdDown(uint256 amount, TokenPrice memory token) external pure returns (uint256) {
        return TokenMath.usdDown(amount, token);
    }

    function tokensDown(uint256 usd, TokenPrice memory token) external pure returns (uint256) {
        return TokenMath.tokensDown(usd, token);
    }

    function tokensUp(uint256 usd, TokenPrice memory token) external pure returns (uint256) {
        return TokenMath.tokensUp(usd, token);
    }
}
