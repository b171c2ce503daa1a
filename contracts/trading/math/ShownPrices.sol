// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TokenMath, TokenPrice} from "../../product/TokenPrice.sol";
import {Price, Size} from "../../types/Units.sol";
import {TradeMath} from "./TradeMath.sol";

/// @notice What decides at which price a position has lost a share of its margin.
/// @param isLong Side.
/// @param size Base asset.
/// @param entry Entry price.
/// @param carryOwed USD with 18 decimals, positive: the trader owes.
/// @param margin What was paid in and added, in token units.
/// @param token The margin token; its price does not count where the margin is in kind.
/// @param isInKind The margin's asset is the market's own: its price is the one looked for.
struct Exposure {
    bool isLong;
    Size size;
    Price entry;
    int256 carryOwed;
    uint256 margin;
    TokenPrice token;
    bool isInKind;
}

/// @title Prices that views show of a position
/// @dev For views only. What is shown is the first price, coming from the entry, at which the rule of liquidation holds.
library ShownPrices {
    /// @dev A token within 5% of one dollar counts as a dollar: 10 decimals.
    uint256 private constant LEAST_DOLLAR = 0.95e10;
    uint256 private constant LARGEST_DOLLAR = 1.05e10;

    /// @notice Whether the prices shown hold only as long as the margin token's own price stays: where it is neither the
    /// market's asset nor a dollar.
    function isTokenPriceAssumed(Exposure memory position) internal pure returns (bool) {
        uint256 price = position.token.price.raw();
        return !position.isInKind && (price < LEAST_DOLLAR || price > LARGEST_DOLLAR);
    }

    /// @notice Price at which loss and carry reach a share of the margin: of a long the highest, of a short the lowest.
    /// @dev The liquidation price has the liquidation loss rate as its share, the bankruptcy price 100%.
    /// 0 when a long is beyond the reach of any price; the largest price when a short is.
    function priceOfLoss(Exposure memory position, uint256 sharePips) internal pure returns (Price) {
        if (position.isInKind) return _priceInKind(position, sharePips);
        uint256 marginUsd = TokenMath.usdDown(position.margin, position.token);
        return
            TradeMath.priceOfLoss(
                position.isLong,
                position.size,
                position.entry,
                position.carryOwed,
                marginUsd,
                sharePips
            );
    }

    /// @dev With T = P: (Q·E + carry) / (Q + share·M) of a long, (Q·E − carry) / (Q − share·M) of a short, none where Q is
    /// not above share·M. Found to the unit by halving, with the rule itself: of a long it holds up to a price, of a short
    /// from a price on.
    function _priceInKind(Exposure memory position, uint256 sharePips) private pure returns (Price) {
        bool isLong = position.isLong;
        (uint64 low, uint64 high) = (0, type(uint64).max);
        if (!_isLostAt(position, sharePips, isLong ? low : high)) return Price.wrap(isLong ? low : high);
        if (_isLostAt(position, sharePips, isLong ? high : low)) return Price.wrap(isLong ? high : low);
        while (high - low > 1) {
            uint64 middle = low + (high - low) / 2;
            if (_isLostAt(position, sharePips, middle) == isLong) low = middle;
            else high = middle;
        }
        return Price.wrap(isLong ? low : high);
    }

    function _isLostAt(Exposure memory position, uint256 sharePips, uint64 price) private pure returns (bool) {
        Price here = Price.wrap(price);
        int256 pnlUsd = TradeMath.pnlAt(position.isLong, position.size, position.entry, here);
        uint256 marginUsd = TokenMath.usdDown(position.margin, TokenPrice(here, position.token.unit));
        return TradeMath.isLiquidatable(pnlUsd, position.carryOwed, marginUsd, sharePips);
    }
}
