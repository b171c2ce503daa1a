// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {PriceProof} from "../../interfaces/IPriceAggregator.sol";
import {MarketRecord, PartyRecord, ProStateLib} from "../../pro/ProStateLib.sol";
import {TickBits} from "../../pro/TickBits.sol";
import {IPro, IProEvents} from "../../pro/interfaces/IPro.sol";
import {
    FundingView,
    HealthView,
    IProLens,
    LevelView,
    MarkView,
    OrderView,
    PositionView
} from "../../pro/interfaces/IProLens.sol";
import {Exposure, MarginMath} from "../../pro/math/MarginMath.sol";
import {MarkMath} from "../../pro/math/MarkMath.sol";
import {MarginRules} from "../../pro/rules/MarginRules.sol";
import {LevelWord} from "../../pro/types/LevelWord.sol";
import {ConfigWord, MarginTier, TierWordFields} from "../../pro/types/MarketConfig.sol";
import {OrderWord} from "../../pro/types/OrderWord.sol";
import {ProIds} from "../../pro/types/ProIds.sol";
import {AssetMask} from "../../utils/AssetMask.sol";
import {ONE_USD, PIPS} from "../../types/Units.sol";

/// @title ProLens
/// @notice See `IProLens`.
contract ProLens is IProLens {
    using ProStateLib for IPro;

    uint256 private constant ONE_X18 = 1e18;
    uint256 private constant QUINTILES = 5;

    /// @dev One market of a scope.
    struct Leg {
        uint8 market;
        MarketRecord record;
        PartyRecord party;
        MarginTier[] tiers;
        uint256 price;
        uint256 index;
        Exposure exposure;
    }

    /// @dev A preview is running.
    bool private transient _isPreviewing;

    /// @dev What Pyth did not ask for comes back here, to be undone with the rest.
    receive() external payable {
        if (!_isPreviewing) revert ProLens_NativeNotExpected(msg.sender);
    }

    /// @inheritdoc IProLens
    function previewAct(
        IPro pro,
        address caller,
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) external payable override returns (bool isDone, uint256[] memory results, bytes memory refusal) {
        _isPreviewing = true;
        try pro.simulate{value: msg.value}(caller, account, proofs, actions) {
            // It always reverts: what does not is no Pro, and has nothing to say.
            isDone = false;
        } catch (bytes memory data) {
            isDone = bytes4(data) == IProEvents.Pro_Simulated.selector;
            if (isDone) results = _argumentOf(data);
            else refusal = data;
        }
        _isPreviewing = false;
        if (msg.value == 0) return (isDone, results, refusal);
        (bool isPaid, ) = msg.sender.call{value: msg.value}("");
        if (!isPaid) revert ProLens_RefundRefused(msg.sender, msg.value);
    }

    /// @inheritdoc IProLens
    function book(
        IPro pro,
        uint8 market,
        bool isBid,
        uint256 maxLevels
    ) external view override returns (LevelView[] memory levels) {
        levels = new LevelView[](maxLevels);
        uint24 tick = pro.market(market).mark.best(isBid);
        uint256 count = 0;
        for (; count < maxLevels && tick != 0; ++count) {
            LevelWord word = pro.level(market, isBid, tick);
            levels[count] = LevelView(tick, word.lots(), word.firm(), word.count());
            tick = _worse(pro, market, isBid, tick);
        }
        // Cut to the levels that there are.
        assembly ("memory-safe") {
            mstore(levels, count)
        }
    }

    /// @inheritdoc IProLens
    function order(IPro pro, uint256 id) external view override returns (OrderView memory) {
        uint48 ref = ProIds.referenceOfOrder(id);
        uint8 market = ProIds.marketOfOrder(id);
        OrderView memory found = _orderAt(pro, market, ref);
        OrderView memory none;
        return found.id == id ? found : none;
    }

    /// @inheritdoc IProLens
    function ordersOf(
        IPro pro,
        uint40 account,
        uint8 market
    ) external view override returns (OrderView[] memory orders) {
        uint256 slots = pro.party(market, account).sums.slots();
        orders = new OrderView[](AssetMask.count(slots));
        for (uint256 i = 0; i < orders.length; ++i) {
            orders[i] = _orderAt(pro, market, ProIds.referenceOf(account, AssetMask.lowest(slots)));
            slots &= slots - 1;
        }
    }

    /// @inheritdoc IProLens
    function health(IPro pro, uint48 scope) external view override returns (HealthView memory) {
        return _health(pro, scope, new uint8[](0), new uint64[](0));
    }

    /// @inheritdoc IProLens
    function healthAt(
        IPro pro,
        uint48 scope,
        uint8[] calldata markets,
        uint64[] calldata prices
    ) external view override returns (HealthView memory) {
        return _health(pro, scope, markets, prices);
    }

    /// @inheritdoc IProLens
    function liquidatable(
        IPro pro,
        uint48[] calldata scopes,
        uint8[] calldata markets,
        uint64[] calldata prices
    ) external view override returns (bool[] memory isLiquidatable) {
        isLiquidatable = new bool[](scopes.length);
        for (uint256 i = 0; i < scopes.length; ++i) {
            isLiquidatable[i] = _health(pro, scopes[i], markets, prices).isLiquidatable;
        }
    }

    /// @inheritdoc IProLens
    function mark(IPro pro, uint8 market) external view override returns (MarkView memory shown) {
        MarketRecord memory record = pro.market(market);
        uint256 tickSize = record.config.tickSize();
        (shown.index, shown.publishTime) = (record.index.price(), record.index.publishTime());
        (shown.guardX9, shown.isNarrow, shown.isReady) = (
            record.index.guardX9(),
            record.index.isNarrow(),
            record.index.isReady()
        );
        (shown.mark, shown.basisEmaX18) = (record.mark.mark(), record.touch.basisEmaX18());
        shown.first = shown.index;
        // Prices have 64 bits; the average is within ±3%.
        int256 index = int256(shown.index);
        shown.second = uint256(index + (index * shown.basisEmaX18) / MarkMath.X18);
        uint256 bid = record.mark.firmBid() * tickSize;
        uint256 ask = record.mark.firmAsk() * tickSize;
        uint256 last = record.mark.last() * tickSize;
        shown.third = MarkMath.median(
            bid == 0 ? shown.index : bid,
            ask == 0 ? shown.index : ask,
            last == 0 ? shown.index : last
        );
    }

    /// @inheritdoc IProLens
    function funding(IPro pro, uint8 market) external view override returns (FundingView memory shown) {
        MarketRecord memory record = pro.market(market);
        uint256 passed = block.timestamp / 1 hours - record.touch.touchedAt() / 1 hours;
        shown.premiumSumX18 = record.touch.premiumSumX18();
        shown.meanPremiumX18 = record.touch.meanPremiumX18();
        if (passed != 0) {
            // What stood at the last touch goes on to count for up to 60 s: only the next touch says how much of it.
            shown.meanPremiumX18 = passed == 1 ? shown.premiumSumX18 / 1 hours : int256(0);
            shown.premiumSumX18 = 0;
        }
        shown.rateX18 = MarkMath.fundingRateX18(
            shown.meanPremiumX18,
            record.limits.interestPips(),
            record.config.fundingCapPips()
        );
        (shown.longIndex, shown.shortIndex) = (record.indices.longIndex(), record.indices.shortIndex());
        (shown.openInterest, shown.fund) = (record.indices.openInterest(), record.fund.fund());
    }

    /// @inheritdoc IProLens
    function adlRank(
        IPro pro,
        uint8 market,
        uint40 account,
        uint40[] calldata others
    ) external view override returns (uint256 scoreX18, uint256 quintile) {
        MarketRecord memory record = pro.market(market);
        int256 lots;
        (scoreX18, lots) = _score(pro, record, market, account);
        if (lots == 0) return (0, 0);
        uint256 lower = 0;
        uint256 count = 0;
        for (uint256 i = 0; i < others.length; ++i) {
            (uint256 score, int256 otherLots) = _score(pro, record, market, others[i]);
            if (otherLots == 0 || (otherLots < 0) != (lots < 0) || others[i] == account) continue;
            ++count;
            if (score < scoreX18) ++lower;
        }
        quintile = (lower * QUINTILES) / (count + 1) + 1;
    }

    function _score(
        IPro pro,
        MarketRecord memory record,
        uint8 market,
        uint40 account
    ) private view returns (uint256 scoreX18, int256 lots) {
        Leg memory leg;
        (leg.record, leg.party, leg.price) = (record, pro.party(market, account), record.mark.mark());
        lots = leg.party.position.lots();
        (int256 pnl, ) = _pnlOf(leg, leg.price);
        int256 cost = leg.party.position.cost();
        if (lots == 0 || pnl <= 0 || cost == 0) return (0, lots);
        // Both positive here, below 2^128.
        scoreX18 = (uint256(pnl) * ONE_X18) / uint256(cost < 0 ? -cost : cost);
    }

    function _health(
        IPro pro,
        uint48 scope,
        uint8[] memory markets,
        uint64[] memory prices
    ) private view returns (HealthView memory shown) {
        Leg[] memory legs = _legsOf(pro, scope, markets, prices);
        shown.cash = _cashOf(pro, scope);
        shown.positions = new PositionView[](legs.length);
        int256 bound = 0;
        uint256 leaving = 0;
        uint256 resting = 0;
        for (uint256 i = 0; i < legs.length; ++i) {
            PositionView memory position = _viewOf(legs[i]);
            shown.positions[i] = position;
            shown.pnl += position.pnl;
            shown.initialMargin += position.initialMargin;
            shown.maintenanceMargin += position.maintenanceMargin;
            if (legs[i].party.sums.slots() != 0) {
                resting += MarginMath.restingMargin(
                    legs[i].exposure,
                    position.leverage,
                    legs[i].record.config.highLeverage()
                );
            }
            (int256 least, uint256 most) = _leaving(legs[i], position.leverage);
            bound += least;
            leaving += most;
        }
        shown.equity = shown.cash + shown.pnl;
        // Margins are below 2^150.
        int256 maintenance = int256(shown.maintenanceMargin);
        shown.isLiquidatable = maintenance != 0 && shown.equity < maintenance;
        shown.isStretched = shown.equity < maintenance + int256(resting);
        int256 available = shown.cash + (bound < 0 ? bound : int256(0)) - int256(leaving);
        shown.available = available > 0 ? uint256(available) : 0;
        shown.ratioPips = type(uint256).max;
        if (shown.equity > 0) shown.ratioPips = (shown.maintenanceMargin * PIPS) / uint256(shown.equity);
        for (uint256 i = 0; i < legs.length; ++i) _addPrices(legs[i], shown, shown.positions[i]);
    }

    function _viewOf(Leg memory leg) private pure returns (PositionView memory shown) {
        ConfigWord config = leg.record.config;
        shown.market = leg.market;
        (shown.lots, shown.cost) = (leg.party.position.lots(), leg.party.position.cost());
        shown.mark = leg.price;
        (shown.pnl, shown.fundingOwed) = _pnlOf(leg, leg.price);
        shown.leverage = leg.party.sums.leverage();
        if (shown.leverage == 0) shown.leverage = config.defaultLeverage();
        leg.exposure = _exposureOf(leg, leg.price);
        shown.initialMargin = MarginMath.initialMargin(leg.exposure, shown.leverage, config.highLeverage());
        shown.maintenanceMargin = _maintenanceOf(leg.tiers, leg.exposure.value);
    }

    /// @dev The lesser profit and the greater margin of mark and index, leverage at most 50.
    function _leaving(Leg memory leg, uint256 leverage) private pure returns (int256 pnl, uint256 margin) {
        if (leverage > MarginRules.WITHDRAWAL_LEVERAGE) leverage = MarginRules.WITHDRAWAL_LEVERAGE;
        uint256 highLeverage = leg.record.config.highLeverage();
        (pnl, ) = _pnlOf(leg, leg.price);
        margin = MarginMath.initialMargin(leg.exposure, leverage, highLeverage);
        (int256 pnlAtIndex, ) = _pnlOf(leg, leg.index);
        uint256 marginAtIndex = MarginMath.initialMargin(_exposureOf(leg, leg.index), leverage, highLeverage);
        if (pnlAtIndex < pnl) pnl = pnlAtIndex;
        if (marginAtIndex > margin) margin = marginAtIndex;
    }

    /// @dev Where the scope becomes liquidatable and bankrupt by this position.
    function _addPrices(Leg memory leg, HealthView memory health_, PositionView memory position) private pure {
        if (position.lots == 0) return;
        bool isLong = position.lots > 0;
        uint256 size = uint256(isLong ? position.lots : -position.lots);
        uint256 perTick = size * leg.record.config.lotSize();
        // Values and margins are below 2^150.
        int256 value = int256(leg.exposure.value);
        int256 rest = int256(health_.maintenanceMargin - position.maintenanceMargin);
        int256 equityRest = health_.equity - (isLong ? value : -value);
        int256 due = _liquidationValue(leg.tiers, isLong, isLong ? rest - equityRest : equityRest - rest);
        if (due > 0) position.liquidationPrice = _priceOf(uint256(due), perTick, isLong);

        // The position's share of the equity, of what it is worth.
        int256 own = int256(position.maintenanceMargin);
        int256 share =
            health_.maintenanceMargin == 0 ? int256(0) : (health_.equity * own) / int256(health_.maintenanceMargin);
        int256 left = isLong ? value - share : value + share;
        if (left > 0) position.bankruptcyPrice = _priceOf(uint256(left), perTick, isLong);
    }

    /// @dev The value V of the position at which equity is the maintenance margin. Long: V = a + MM(V); short: V = a − MM(V).
    function _liquidationValue(MarginTier[] memory tiers, bool isLong, int256 a) private pure returns (int256 value) {
        for (uint256 i = 0; i < tiers.length; ++i) {
            int256 rate = int256(uint256(tiers[i].ratePips));
            int256 cum = int256(uint256(tiers[i].cumX6)) * 1e12;
            int256 pips = int256(PIPS);
            value = isLong ? ((a - cum) * pips) / (pips - rate) : ((a + cum) * pips) / (pips + rate);
            if (value <= int256(uint256(tiers[i].capUsd) * ONE_USD)) break;
        }
        // Where the margin is the least one.
        int256 margin = isLong ? value - a : a - value;
        if (margin < int256(MarginMath.LEAST_MAINTENANCE)) {
            value = isLong ? a + int256(MarginMath.LEAST_MAINTENANCE) : a - int256(MarginMath.LEAST_MAINTENANCE);
        }
    }

    function _priceOf(uint256 value, uint256 perTick, bool isUp) private pure returns (uint256) {
        return isUp ? Math.ceilDiv(value, perTick) : value / perTick;
    }

    function _pnlOf(Leg memory leg, uint256 price) private pure returns (int256 pnl, int256 fundingOwed) {
        int256 lots = leg.party.position.lots();
        if (lots == 0) return (0, 0);
        fundingOwed = lots * (leg.record.indices.indexOf(lots) - leg.party.position.snapshot());
        // 64 bits of lots, 56 of a lot, 64 of a price.
        pnl = lots * int256(leg.record.config.lotSize() * price) - leg.party.position.cost() - fundingOwed;
    }

    function _exposureOf(Leg memory leg, uint256 price) private pure returns (Exposure memory) {
        ConfigWord config = leg.record.config;
        return MarginMath.exposureOf(leg.party.position.lots(), leg.party.sums, price, config.unit(), config.lotSize());
    }

    function _maintenanceOf(MarginTier[] memory tiers, uint256 value) private pure returns (uint256) {
        if (value == 0) return 0;
        uint256 i = 0;
        while (i + 1 < tiers.length && value > uint256(tiers[i].capUsd) * ONE_USD) ++i;
        return MarginMath.maintenanceIn(TierWordFields.packed(tiers[i]), value);
    }

    function _legsOf(
        IPro pro,
        uint48 scope,
        uint8[] memory markets,
        uint64[] memory prices
    ) private view returns (Leg[] memory legs) {
        uint40 account = ProIds.accountOfScope(scope);
        uint256 mask =
            ProIds.isIsolatedScope(scope) ? 1 << ProIds.marketOfScope(scope) : pro.account(account).markets();
        // An isolated scope is one only where the account is in that mode: it has no part in a cross position.
        bool isIsolated = ProIds.isIsolatedScope(scope);
        if (isIsolated && !pro.party(ProIds.marketOfScope(scope), account).sums.isIsolated()) mask = 0;
        legs = new Leg[](AssetMask.count(mask));
        for (uint256 i = 0; i < legs.length; ++i) {
            // Markets have 8 bits.
            uint8 market = uint8(AssetMask.lowest(mask));
            mask &= mask - 1;
            Leg memory leg = legs[i];
            leg.market = market;
            (leg.record, leg.party, leg.tiers) = (pro.market(market), pro.party(market, account), pro.tiers(market));
            (leg.price, leg.index) = (leg.record.mark.mark(), leg.record.index.price());
            for (uint256 j = 0; j < markets.length; ++j) {
                if (markets[j] == market) (leg.price, leg.index) = (prices[j], prices[j]);
            }
        }
    }

    function _cashOf(IPro pro, uint48 scope) private view returns (int256) {
        uint40 account = ProIds.accountOfScope(scope);
        if (!ProIds.isIsolatedScope(scope)) return pro.account(account).cash();
        return pro.party(ProIds.marketOfScope(scope), account).isolatedCash;
    }

    function _orderAt(IPro pro, uint8 market, uint48 ref) private view returns (OrderView memory shown) {
        OrderWord word = pro.order(market, ref);
        if (!word.isLive()) return shown;
        shown.id = ProIds.orderId(ref, word.generation(), market);
        (shown.account, shown.market) = (ProIds.accountOfReference(ref), market);
        (shown.isBid, shown.isReduceOnly) = (word.isBid(), word.isReduceOnly());
        (shown.tick, shown.lots, shown.expiry) = (word.tick(), word.lots(), word.expiry());
    }

    /// @dev As `TickBits.worse`, over words that Pro hands out.
    function _worse(IPro pro, uint8 market, bool isBid, uint24 tick) private view returns (uint24) {
        uint256 side = isBid ? 0 : TickBits.ASKS;
        uint256 spot = tick;
        uint256 found = TickBits.beyond(pro.bits(market, side | (spot >> 8)), spot & 0xff, isBid);
        // A bit's place has 8 bits, and what is put before it 16.
        if (found != 0) return uint24((spot & 0xffff00) | TickBits.placeOf(found, isBid));
        found = TickBits.beyond(pro.bits(market, TickBits.MIDDLE | side | (spot >> 16)), (spot >> 8) & 0xff, isBid);
        if (found != 0) {
            spot = (spot & 0xff0000) | (TickBits.placeOf(found, isBid) << 8);
        } else {
            found = TickBits.beyond(pro.bits(market, TickBits.TOP | side), spot >> 16, isBid);
            if (found == 0) return 0;
            spot = TickBits.placeOf(found, isBid);
            found = pro.bits(market, TickBits.MIDDLE | side | spot);
            spot = (spot << 16) | (TickBits.placeOf(found, isBid) << 8);
        }
        return uint24(spot | TickBits.placeOf(pro.bits(market, side | (spot >> 8)), isBid));
    }

    /// @dev The one argument of an error, a list of numbers.
    function _argumentOf(bytes memory data) private pure returns (uint256[] memory) {
        // What follows the selector, with a length of its own written over it.
        assembly ("memory-safe") {
            let length := sub(mload(data), 4)
            data := add(data, 4)
            mstore(data, length)
        }
        return abi.decode(data, (uint256[]));
    }
}
