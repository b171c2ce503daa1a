// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Market} from "../../pro/ProState.sol";
import {TickBits} from "../../pro/TickBits.sol";
import {DecayMath} from "../../pro/math/DecayMath.sol";
import {FundingMath, Span} from "../../pro/math/FundingMath.sol";
import {Exposure, MarginMath} from "../../pro/math/MarginMath.sol";
import {MarkMath} from "../../pro/math/MarkMath.sol";
import {MarginTier, TierWord, TierWordFields} from "../../pro/types/MarketConfig.sol";
import {SumsWord} from "../../pro/types/SumsWord.sol";

/// @notice The arithmetic of Pro, one call each.
contract ProMathHarness {
    using TickBits for mapping(uint256 key => uint256);

    Market private _market;

    function setTiers(MarginTier[] calldata tiers) external {
        uint256[3] memory words;
        for (uint256 i = 0; i < tiers.length; ++i) {
            words[i >> 1] |= TierWord.unwrap(TierWordFields.packed(tiers[i])) << ((i & 1) << 7);
        }
        _market.tiers = words;
    }

    function set(bool isBid, uint24 tick) external {
        _market.bits.set(isBid, tick);
    }

    function clear(bool isBid, uint24 tick) external {
        _market.bits.clear(isBid, tick);
    }

    function worse(bool isBid, uint24 tick) external view returns (uint24) {
        return _market.bits.worse(isBid, tick);
    }

    function maintenanceMargin(uint256 value) external view returns (uint256) {
        return MarginMath.maintenanceMargin(_market, value);
    }

    function halvedX96(uint256 elapsed, uint256 halfLife) external pure returns (uint256) {
        return DecayMath.halvedX96(elapsed, halfLife);
    }

    function blend(int256 from, int256 to, uint256 factorX96) external pure returns (int256) {
        return DecayMath.blend(from, to, factorX96);
    }

    function premiumX18(uint256 index, uint256 bid, uint256 ask, uint256 most) external pure returns (int256) {
        return MarkMath.premiumX18(index, bid, ask, most);
    }

    function basisX18(uint256 index, uint256 bid, uint256 ask, uint256 most) external pure returns (int256) {
        return MarkMath.basisX18(index, bid, ask, most);
    }

    function lesser(int256 a, int256 b) external pure returns (int256) {
        return MarkMath.lesser(a, b);
    }

    function markOf(
        uint256 index,
        int256 ema,
        uint256 bid,
        uint256 ask,
        uint256 last,
        uint256 most
    ) external pure returns (uint256) {
        return MarkMath.markOf(index, ema, bid, ask, last, most);
    }

    function fundingRateX18(int256 mean, uint256 interest, uint256 cap) external pure returns (int256) {
        return MarkMath.fundingRateX18(mean, interest, cap);
    }

    function run(Span memory span, int256 premium, uint256 halted, uint256 endsAt) external pure returns (Span memory) {
        if (halted != 0) span.halt(halted, endsAt);
        span.run(premium);
        return span;
    }

    function growth(uint256 valuePerLot, int256 rateSeconds) external pure returns (int256) {
        return FundingMath.growth(valuePerLot, rateSeconds);
    }

    function grown(int256 long, int256 short, int256 change) external pure returns (int256, int256) {
        return FundingMath.grown(long, short, change);
    }

    /// @param bids Lots and ticks of a bid, then of an ask.
    function initialMargin(
        int256 lots,
        uint256[4] calldata bids,
        uint256 price,
        uint256 tickSize,
        uint256 lotSize,
        uint256 leverage,
        uint256 highLeverage
    ) external pure returns (uint256) {
        SumsWord sums;
        (sums, ) = sums.added(true, bids[0], bids[1]);
        (sums, ) = sums.added(false, bids[2], bids[3]);
        Exposure memory exposure = MarginMath.exposureOf(lots, sums, price, tickSize * lotSize, lotSize);
        return MarginMath.initialMargin(exposure, leverage, highLeverage);
    }
}
