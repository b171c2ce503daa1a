// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuePosition, LiquidationMath, StepFees} from "../../pro/math/LiquidationMath.sol";
import {Market} from "../../pro/ProState.sol";
import {MarginTier, TierWord, TierWordFields} from "../../pro/types/MarketConfig.sol";

contract LiquidationMathHarness {
    Market private _market;

    function setTiers(MarginTier[] calldata tiers) external {
        uint256[3] memory words;
        for (uint256 i = 0; i < tiers.length; ++i) {
            words[i >> 1] |= TierWord.unwrap(TierWordFields.packed(tiers[i])) << ((i & 1) << 7);
        }
        _market.tiers = words;
    }

    function wantedLots(DuePosition memory position) external view returns (uint256) {
        return position.wantedLots(_market);
    }

    function deficitOf(DuePosition memory position, uint256 lots) external pure returns (uint256) {
        return position.deficitOf(lots);
    }

    function boundTick(
        DuePosition memory position,
        uint256 distressSeconds,
        bool doesFundPay
    ) external pure returns (uint24, bool) {
        return position.boundTick(distressSeconds, doesFundPay);
    }

    function hasRoom(
        DuePosition memory position,
        uint256 distressSeconds,
        uint256 allowance
    ) external pure returns (bool) {
        return position.hasRoom(distressSeconds, allowance);
    }

    function coveredLots(
        DuePosition memory position,
        uint256 wanted,
        uint24 tick,
        uint256 allowance
    ) external pure returns (uint256) {
        return position.coveredLots(wanted, tick, allowance);
    }

    function feesOf(
        uint256 notional,
        int256 equityAfter,
        uint256 takerFeePips,
        uint256 liquidationFeePips
    ) external pure returns (StepFees memory) {
        return LiquidationMath.feesOf(notional, equityAfter, takerFeePips, liquidationFeePips);
    }

    function thresholdX96(uint256 adlSeconds) external pure returns (uint256) {
        return LiquidationMath.thresholdX96(adlSeconds);
    }
}
