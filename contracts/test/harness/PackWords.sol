// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookConfigWord, OpenConfigWord, SideBounds, SideTotals} from "../../types/BookWords.sol";
import {BookConfig, BookSide, OpenConfig, Order} from "../../types/TradeTypes.sol";
import {OrderBody, OrderTriggers} from "../../types/TradeWords.sol";

/// @title One-slot records packed by hand, as the compiler packs them
library PackWords {
    function pack(BookConfig memory config) internal pure returns (BookConfigWord) {
        uint256 word = uint256(config.assetId) | (uint256(config.status) << 16) | (uint256(config.maxLeverage) << 24);
        word |= (uint256(config.tierCount) << 40) | (uint256(config.slippageModel) << 48);
        word |= (uint256(config.slippagePips) << 56) | (uint256(config.alpSharePips) << 80);
        word |= (uint256(config.borrowPipsPerHour) << 104) | (uint256(config.fundingPipsPerHour) << 120);
        word |= (uint256(config.minFundingPipsPerHour) << 136) | (uint256(config.maxFundingPipsPerHour) << 152);
        word |= (uint256(config.lossBudgetUsd) << 168) | (uint256(config.onePercentDepthUsd) << 200);
        return BookConfigWord.wrap(word);
    }

    function pack(OpenConfig memory config) internal pure returns (OpenConfigWord) {
        uint256 word = uint256(config.openFeePips) | (uint256(config.maxOpenInterestUsd) << 24);
        word |= (uint256(config.minNotionalUsd) << 64) | (uint256(config.minMarginUsd) << 96);
        word |= (uint256(config.maxConfidencePips) << 112) | (uint256(config.maxDeviationPips) << 136);
        word |= (uint256(config.minAnchors) << 160) | (uint256(config.reduceOnlyUntil) << 168);
        return OpenConfigWord.wrap(word);
    }

    function totals(BookSide memory side) internal pure returns (SideTotals) {
        uint256 word = uint256(side.size) | (uint256(side.notional) << 96) | (uint256(side.marginNano) << 192);
        return SideTotals.wrap(word);
    }

    function bounds(BookSide memory side) internal pure returns (SideBounds) {
        return SideBounds.wrap(uint256(uint128(side.carryAtEntry)) | (uint256(side.capNano) << 128));
    }

    function body(Order memory order) internal pure returns (OrderBody) {
        return OrderBody.wrap(uint256(order.amount) | (order.price.raw() << 96) | (uint256(order.broker) << 160));
    }

    function triggers(Order memory order) internal pure returns (OrderTriggers) {
        uint256 word = order.takeProfit.raw() | (order.stopLoss.raw() << 64) | (uint256(order.leverage) << 128);
        return OrderTriggers.wrap(word);
    }
}
