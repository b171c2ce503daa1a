// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {TokenMath, TokenPrice} from "../../product/TokenPrice.sol";
import {Terms} from "../../types/Book.sol";
import {ONE_X18, PIPS, Price, Size, toPrice, toSize, valueOf} from "../../types/Units.sol";

/// @notice Result of dividing what is paid in and sizing the position.
struct Fill {
    uint256 executionFee;
    uint256 openFee;
    uint256 margin;
    uint256 marginUsd;
    Price entry;
    Size size;
    uint256 notional;
}

/// @notice What a close settles.
/// @param margin Initial margin, the basis of the profit cap.
/// @param addedMargin Added since.
/// @param isLong Side.
/// @param size Position size.
/// @param entry Entry price.
/// @param exit Fill price of the close.
/// @param carryOwed USD with 18 decimals, positive: the trader owes.
/// @param executionFeeUsd What an executor is paid, USD with 18 decimals.
/// @param isExecutorPaid Somebody else than the owner executed.
/// @param isArmerPaid Somebody else than the owner armed the stop that this is.
struct CloseInput {
    uint256 margin;
    uint256 addedMargin;
    bool isLong;
    Size size;
    Price entry;
    Price exit;
    int256 carryOwed;
    uint256 executionFeeUsd;
    bool isExecutorPaid;
    bool isArmerPaid;
}

/// @notice How a close is divided, in token units but for `pnlUsd`.
/// @param pnlUsd Q·(X − E) of a long, Q·(E − X) of a short, USD with 18 decimals.
/// @param gain Paid out of the liquidity.
/// @param loss Kept by the liquidity, carry included.
/// @param executionFee To the executor.
/// @param armerFee To whoever armed the stop.
/// @param closeFee To be split.
/// @param payout To the trader.
struct CloseResult {
    int256 pnlUsd;
    uint256 gain;
    uint256 loss;
    uint256 executionFee;
    uint256 armerFee;
    uint256 closeFee;
    uint256 payout;
}

/// @title Arithmetic of one position
/// @dev Every amount is rounded once, against the trader and for the vault. Where nothing is tested for overflow, widths bound it: a
/// price has 64 bits, a size 96, so that a notional has 160, and its carry 174; an amount paid in has 96, what is added to it 128, and
/// so a margin in USD 220; a leverage has 16, a rate in pips 24, one of 18 decimals below 100% 60.
library TradeMath {
    uint256 internal constant REWARD_PIPS = 50_000;
    uint256 internal constant MIN_REWARD_USD = 0.2e18;
    uint256 internal constant MAX_REWARD_USD = 50e18;

    /// @notice A price moved up by a rate with 18 decimals below 100%, rounded up.
    function raisedUp(Price price, uint256 rateX18) internal pure returns (Price) {
        unchecked {
            // 64 bits by 61.
            return toPrice(Math.ceilDiv(price.raw() * (ONE_X18 + rateX18), ONE_X18));
        }
    }

    /// @notice A price moved down by a rate with 18 decimals below 100%, rounded down.
    function loweredDown(Price price, uint256 rateX18) internal pure returns (Price) {
        return toPrice((price.raw() * (ONE_X18 - rateX18)) / ONE_X18);
    }

    /// @notice Worse than the tick for whoever buys (`isBuy`) or sells.
    function withSlippage(Price tick, uint256 slippageX18, bool isBuy) internal pure returns (Price) {
        return isBuy ? raisedUp(tick, slippageX18) : loweredDown(tick, slippageX18);
    }

    /// @notice Divides the amount paid in: M = (A − e) / (1 + L·f), rounded down; the open fee is the rest.
    /// @param fill To be filled, all zero before.
    function divide(
        Fill memory fill,
        uint256 amount,
        uint256 executionFeeUsd,
        uint256 leverage,
        uint256 openFeePips,
        TokenPrice memory token
    ) internal pure {
        fill.executionFee = Math.min(TokenMath.tokensUp(executionFeeUsd, token), amount);
        unchecked {
            // 96 bits by 20; 16 by 24. The fee is at most the amount, and the margin at most what is left.
            uint256 paidIn = amount - fill.executionFee;
            fill.margin = (paidIn * PIPS) / (PIPS + leverage * openFeePips);
            fill.openFee = paidIn - fill.margin;
        }
        fill.marginUsd = TokenMath.usdDown(fill.margin, token);
    }

    /// @notice Sizes the position: Q = marginUsd·L / E, rounded down; N = E·Q, exactly.
    function sizeAt(Fill memory fill, Price entry, uint256 leverage) internal pure {
        fill.entry = entry;
        unchecked {
            // 220 bits by 16.
            fill.size = toSize((fill.marginUsd * leverage) / entry.raw());
        }
        fill.notional = valueOf(fill.size, entry);
    }

    /// @notice Largest gain in token units: profitCap · initial margin, rounded down. It is what is reserved.
    function capOf(uint256 margin, uint256 profitCapPips) internal pure returns (uint256) {
        unchecked {
            // 96 bits by 24.
            return (margin * profitCapPips) / PIPS;
        }
    }

    /// @notice What the LPs leave of a fee, in token units, rounded down.
    /// @param fee At most margin and gain together.
    /// @param sharePips Theirs, at most 100%.
    function restOf(uint256 fee, uint256 sharePips) internal pure returns (uint256) {
        uint256 restPips = PIPS - sharePips;
        unchecked {
            // 129 bits by 20.
            return (fee * restPips) / PIPS;
        }
    }

    /// @notice Q·(P − E) of a long, Q·(E − P) of a short, USD with 18 decimals, exactly.
    function pnlAt(bool isLong, Size size, Price entry, Price price) internal pure returns (int256) {
        unchecked {
            // Both products are below 2^160.
            int256 difference = int256(valueOf(size, price)) - int256(valueOf(size, entry));
            return isLong ? difference : -difference;
        }
    }

    /// @notice Divides a close: execution fees (executor, then armer), loss and carry, close fee, and the rest to the trader.
    /// @param token Converts what the trader owes.
    /// @param gainToken Converts what he is paid: the same, but at a higher price where the price is disputed.
    function close(
        CloseInput memory input,
        Terms memory terms,
        TokenPrice memory token,
        TokenPrice memory gainToken
    ) internal pure returns (CloseResult memory result) {
        result.pnlUsd = pnlAt(input.isLong, input.size, input.entry, input.exit);
        uint256 rest = input.margin + input.addedMargin;

        int256 net = result.pnlUsd - input.carryOwed;
        if (net >= 0) {
            result.gain = Math.min(
                TokenMath.tokensDown(uint256(net), gainToken),
                capOf(input.margin, terms.profitCapPips)
            );
            rest += result.gain;
        }
        // Executor and armer are paid first, out of margin and gain together.
        uint256 fee = input.isExecutorPaid || input.isArmerPaid ? TokenMath.tokensUp(input.executionFeeUsd, token) : 0;
        if (input.isExecutorPaid) rest -= result.executionFee = Math.min(fee, rest);
        if (input.isArmerPaid) rest -= result.armerFee = Math.min(fee, rest);
        if (net < 0) {
            result.loss = Math.min(TokenMath.tokensUp(uint256(-net), token), rest);
            rest -= result.loss;
        }

        result.closeFee = Math.min(closeFeeOf(input, terms, token, result.pnlUsd), rest);
        result.payout = rest - result.closeFee;
    }

    /// @notice max(closeFeePips of the close notional, profitSharePips of the profit), in token units, rounded up.
    /// @dev The profit is taken before carry, and at most the profit cap.
    function closeFeeOf(
        CloseInput memory input,
        Terms memory terms,
        TokenPrice memory token,
        int256 pnlUsd
    ) internal pure returns (uint256 fee) {
        fee = TokenMath.shareUp(valueOf(input.size, input.exit), terms.closeFeePips, token);
        if (terms.profitSharePips == 0 || pnlUsd <= 0) return fee;
        uint256 ofProfit = TokenMath.shareUp(uint256(pnlUsd), terms.profitSharePips, token);
        // Of the exact cap, not of the one rounded down to token units: 96 bits of margin and two rates of 24 bits.
        uint256 ofCap = Math.ceilDiv(input.margin * terms.profitCapPips * terms.profitSharePips, PIPS * PIPS);
        fee = Math.max(fee, Math.min(ofProfit, ofCap));
    }

    /// @notice Whether loss + carry ≥ liquidationLossRate · marginUsd, at a tick without slippage and fees.
    /// @param pnlUsd At the tick.
    /// @param carryOwed Up to now.
    /// @param marginUsd Margin today at the token's price today.
    function isLiquidatable(
        int256 pnlUsd,
        int256 carryOwed,
        uint256 marginUsd,
        uint256 liquidationLossRatePips
    ) internal pure returns (bool) {
        unchecked {
            // 175 bits by 20; 24 by 220.
            int256 lost = carryOwed - pnlUsd;
            return lost >= 0 && uint256(lost) * PIPS >= liquidationLossRatePips * marginUsd;
        }
    }

    /// @notice Price at which loss + carry reach a share of the margin: of a long the highest, of a short the lowest.
    /// @dev distance = (share · marginUsd − carry) / Q from the entry. The liquidation price has the liquidation loss
    /// rate as its share, the bankruptcy price 100%. 0 when a long is beyond the reach of any price; the largest price
    /// when a short is.
    function priceOfLoss(
        bool isLong,
        Size size,
        Price entry,
        int256 carryOwed,
        uint256 marginUsd,
        uint256 sharePips
    ) internal pure returns (Price) {
        // sharePips · marginUsd rounded up, so that the loss at the price returned reaches it.
        int256 distanceUsd = int256(Math.ceilDiv(marginUsd * sharePips, PIPS)) - carryOwed;
        int256 sizeRaw = int256(size.raw());
        // The loss at the price must reach the distance: rounded away from the entry.
        int256 distance = distanceUsd >= 0 ? (distanceUsd + sizeRaw - 1) / sizeRaw : distanceUsd / sizeRaw;
        int256 price = isLong ? int256(entry.raw()) - distance : int256(entry.raw()) + distance;
        if (price < 0) return Price.wrap(0);
        if (price > int256(uint256(type(uint64).max))) return Price.wrap(type(uint64).max);
        return toPrice(uint256(price));
    }

    /// @notice Reward of a liquidator: 5% of the margin, at least 0.2 USD, at most 50 USD, at most the margin. Rounded
    /// down.
    function liquidationReward(uint256 margin, TokenPrice memory token) internal pure returns (uint256 reward) {
        reward = (margin * REWARD_PIPS) / PIPS;
        reward = Math.max(reward, TokenMath.tokensDown(MIN_REWARD_USD, token));
        reward = Math.min(reward, TokenMath.tokensDown(MAX_REWARD_USD, token));
        reward = Math.min(reward, margin);
    }

    /// @notice Price at which the gain of a position reaches its cap: E ± E·cap / L, the bound of its take profit.
    /// @dev marginUsd = N / L, so the distance in price needs neither. Rounded towards the entry.
    function capPrice(bool isLong, Price entry, uint256 leverage, uint256 profitCapPips) internal pure returns (Price) {
        uint256 distance = (entry.raw() * profitCapPips) / (leverage * PIPS);
        if (isLong) return toPrice(Math.min(entry.raw() + distance, type(uint64).max));
        return distance < entry.raw() ? toPrice(entry.raw() - distance) : Price.wrap(1);
    }
}
