// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProStateLib, MarketRecord, PartyRecord} from "../../pro/ProStateLib.sol";
import {IPro} from "../../pro/interfaces/IPro.sol";
import {MarginTier} from "../../pro/types/MarketConfig.sol";
import {LevelWord} from "../../pro/types/LevelWord.sol";
import {OutflowWord} from "../../pro/types/MarketWords.sol";
import {OrderWord} from "../../pro/types/OrderWord.sol";

/// @notice Pro's records as tests read them.
contract ProReader {
    using ProStateLib for IPro;

    struct AccountView {
        int256 cash;
        uint256 markets;
        uint256 orders;
        uint256 positions;
    }

    struct MarketView {
        uint8 status;
        uint256 price;
        uint256 publishTime;
        uint256 average;
        uint256 guardX9;
        bool isNarrow;
        bool isReady;
        uint256 mark;
        int256 basisEmaX18;
        uint24 last;
        uint24[4] deep;
        int256 premiumSumX18;
        int256 meanPremiumX18;
        uint256 touchedAt;
        uint24 bestBid;
        uint24 bestAsk;
        int256 longIndex;
        int256 shortIndex;
        uint256 openInterest;
        uint256 fund;
        uint256 fees;
        uint256 heat;
    }

    struct PartyView {
        int256 lots;
        int256 cost;
        int256 snapshot;
        int256 isolatedCash;
        uint256 bidLots;
        uint256 askLots;
        uint256 bidNotional;
        uint256 askNotional;
        uint32 slots;
        uint256 leverage;
        bool isIsolated;
    }

    struct OrderView {
        uint48 lots;
        uint24 tick;
        uint32 expiry;
        bool isBid;
        bool isReduceOnly;
        uint48 generation;
        uint48 next;
        uint48 prev;
    }

    struct LevelView {
        uint256 lots;
        uint48 head;
        uint48 tail;
        uint256 count;
        uint256 firm;
    }

    function account(IPro pro, uint40 id) external view returns (AccountView memory) {
        return
            AccountView(
                pro.account(id).cash(),
                pro.account(id).markets(),
                pro.account(id).orders(),
                pro.account(id).positions()
            );
    }

    function market(IPro pro, uint8 id) external view returns (MarketView memory v) {
        MarketRecord memory m = pro.market(id);
        v.status = uint8(m.config.status());
        (v.price, v.publishTime, v.average) = (m.index.price(), m.index.publishTime(), m.index.average());
        (v.guardX9, v.isNarrow, v.isReady) = (m.index.guardX9(), m.index.isNarrow(), m.index.isReady());
        (v.mark, v.basisEmaX18, v.last) = (m.mark.mark(), m.touch.basisEmaX18(), m.mark.last());
        v.deep = [m.mark.deepBid(), m.mark.deepAsk(), m.mark.firmBid(), m.mark.firmAsk()];
        (v.premiumSumX18, v.meanPremiumX18) = (m.touch.premiumSumX18(), m.touch.meanPremiumX18());
        (v.touchedAt, v.bestBid, v.bestAsk) = (m.touch.touchedAt(), m.mark.best(true), m.mark.best(false));
        (v.longIndex, v.shortIndex) = (m.indices.longIndex(), m.indices.shortIndex());
        (v.openInterest, v.fund, v.fees) = (m.indices.openInterest(), m.fund.fund(), m.fund.fees());
        v.heat = m.heat.opened();
    }

    function party(IPro pro, uint8 marketId, uint40 id) external view returns (PartyView memory v) {
        PartyRecord memory p = pro.party(marketId, id);
        (v.lots, v.cost, v.snapshot) = (p.position.lots(), p.position.cost(), p.position.snapshot());
        (v.isolatedCash, v.bidLots, v.askLots) = (p.isolatedCash, p.sums.bidLots(), p.sums.askLots());
        (v.bidNotional, v.askNotional) = (p.sums.bidNotional(), p.sums.askNotional());
        (v.slots, v.leverage, v.isIsolated) = (p.sums.slots(), p.sums.leverage(), p.sums.isIsolated());
    }

    function order(IPro pro, uint256 id) external view returns (OrderView memory) {
        OrderWord word = pro.order(uint8(id >> 96), uint48(id));
        return
            OrderView(
                word.lots(),
                word.tick(),
                word.expiry(),
                word.isBid(),
                word.isReduceOnly(),
                word.generation(),
                word.next(),
                word.prev()
            );
    }

    function level(IPro pro, uint8 marketId, bool isBid, uint24 tick) external view returns (LevelView memory) {
        LevelWord word = pro.level(marketId, isBid, tick);
        return LevelView(word.lots(), word.head(), word.tail(), word.count(), word.firm());
    }

    function tiers(IPro pro, uint8 marketId) external view returns (MarginTier[] memory) {
        return pro.tiers(marketId);
    }

    function brokerFees(IPro pro, uint8 marketId, uint32 broker) external view returns (uint256) {
        return pro.brokerFees(marketId, broker);
    }

    /// @notice What a market's fund held when the hour began in which it last changed, and what it paid in it.
    function outflowOfHour(IPro pro, uint8 marketId) external view returns (uint256 held, uint256 paid) {
        OutflowWord word = pro.market(marketId).outflowOfHour;
        return (word.held(), word.paid());
    }

    function netDeposits(IPro pro, uint32 ownerIndex) external view returns (int256) {
        return pro.netDeposits(ownerIndex);
    }
}
