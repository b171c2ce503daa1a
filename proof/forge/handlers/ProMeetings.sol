// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProStateLib} from "contracts/pro/ProStateLib.sol";
import {IPro} from "contracts/pro/interfaces/IPro.sol";
import {ProItem, ProTask} from "contracts/pro/interfaces/IProKeeper.sol";
import {ActionKind, OrderType} from "contracts/pro/types/ActionWord.sol";
import {ProHand} from "./ProHand.sol";

/// @notice What single draws seldom bring about: two who meet, positions that are closed against each other, and one who has too
/// much at stake when the price runs away.
abstract contract ProMeetings is ProHand {
    using ProStateLib for IPro;

    uint256 private constant ROUNDS = 4;
    /// @dev So that they last longer than until losses may be shared.
    uint256 private constant ROUND_SECONDS = 17;
    uint256 private constant MOST_MOVE_PIPS = 300_000;

    /// @notice One quotes near the index, another takes it, or some of it.
    function meet(uint256 seed, uint256 usd) external {
        uint8 market = uint8(seed % MARKETS);
        _refresh(seed);
        (uint40 maker, uint40 taker) = _pair(seed);
        _meet(seed, market, maker, taker, percent(seed, 50), _lotsFor(market, between(usd, 300, 15_000)), 0);
    }

    /// @notice Who has a position closes some of it, as maker or as taker, or turns it round.
    function close(uint256 seed, uint256 share) external {
        uint8 market = uint8(seed % MARKETS);
        _refresh(seed);
        (uint40 closing, int256 held) = _holderFrom(seed >> 8, market);
        if (held == 0) return;
        uint40 other = _stranger(seed >> 16, closing);
        uint256 lots = (uint256(held < 0 ? -held : held) * between(share, 20, 130)) / 100 + 1;
        bool isMaker = percent(seed, 60);
        // Who closes a short buys.
        bool makerBuys = isMaker == (held < 0);
        if (isMaker) _meet(seed, market, closing, other, makerBuys, lots, 0);
        else _meet(seed, market, other, closing, makerBuys, lots, 0);
        scene.count("pro.close");
    }

    /// @notice An account with little cash takes what its leverage allows, the price runs from it, and keepers come: his orders, the
    /// book, the fund, those on the other side, and at last everybody.
    function squeeze(uint256 seed, uint256 pips) external {
        uint8 market = uint8(seed % MARKETS);
        _refresh(seed);
        uint40 poor = _poor(seed >> 8);
        uint40 rich = _stranger(seed >> 16, poor);
        (uint256 atRisk, bool isLong) = _stake(seed, market, poor, rich);
        if (atRisk == 0) return;

        // From four fifths of what he has to half as much again.
        uint256 by = (atRisk * between(pips, 80, 150)) / 100;
        uint16 asset = _assetOf(market);
        uint256 price = scene.priceNow(asset);
        if (by > MOST_MOVE_PIPS || price > 1e16 || price < 1e11) return;
        scene.setPrice(scene.indexOf(asset), (price * (isLong ? 1_000_000 - by : 1_000_000 + by)) / 1_000_000);
        scene.advance(1);
        bool isBookFilled = percent(seed, 50);
        for (uint256 round = 0; round < ROUNDS; ++round) {
            _refresh(1);
            if (isBookFilled) _catch(seed, market, rich, isLong);
            _liquidate(mix(seed, round), poor, market);
            scene.advance(ROUND_SECONDS);
        }
        scene.report();
        scene.count("pro.squeeze");
    }

    /// @dev Liquidates, and goes on to the last resorts with everybody who is on the other side.
    function _liquidate(uint256 seed, uint40 account, uint8 market) internal {
        uint48 scope = _scopeOf(account, market);
        if (!lens.health(pro, scope).isLiquidatable) return;
        _run(seed, ProItem(ProTask.Liquidate, market, scope, 0, between(seed, 3, 30)));
        int256 lots = pro.party(market, account).position.lots();
        for (uint256 i = 0; i < accounts.length && lots != 0; ++i) {
            uint40 other = accounts[(i + (seed >> 8)) % accounts.length];
            int256 others = pro.party(market, other).position.lots();
            if (others == 0 || (others < 0) == (lots < 0)) continue;
            if (!lens.health(pro, scope).isLiquidatable) return;
            _run(seed, ProItem(ProTask.Deleverage, market, scope, other, 0));
            _run(seed, ProItem(ProTask.ShareLoss, market, scope, other, 0));
            lots = pro.party(market, account).position.lots();
        }
    }

    /// @return atRisk What he has, as a part of the position, pips; 0 where he has none.
    function _stake(
        uint256 seed,
        uint8 market,
        uint40 poor,
        uint40 rich
    ) private returns (uint256 atRisk, bool isLong) {
        int256 equity = lens.health(pro, _scopeOf(poor, market)).equity;
        if (equity < 100e18) return (0, false);
        int256 lots = pro.party(market, poor).position.lots();
        if (lots == 0) {
            uint256 most = _lotsFor(market, (uint256(equity) * _leverageOf(market, poor) * 8) / 10e18);
            _meet(seed, market, rich, poor, percent(seed, 50), most, 1);
            lots = pro.party(market, poor).position.lots();
        }
        if (lots == 0) return (0, false);
        uint256 perLot = pro.config(market).lotSize() * scene.priceNow(_assetOf(market));
        return ((uint256(equity) * 1e6) / (uint256(lots < 0 ? -lots : lots) * perLot), lots > 0);
    }

    /// @dev Chooses as much as is not high: beyond it the fund bounds what all may take together.
    function _leverageOf(uint8 market, uint40 account) private returns (uint256 leverage) {
        leverage = pro.config(market).highLeverage();
        uint256[] memory actions = new uint256[](1);
        actions[0] = uint256(ActionKind.SetLeverage) | (uint256(market) << 16) | (leverage << 24);
        _act("pro.setLeverage", account, ownerOf[account], actions, 0);
    }

    /// @dev One places an order that a liquidation may meet: the mark may be as far off the index as it is allowed.
    function _catch(uint256 seed, uint8 market, uint40 rich, bool buys) private {
        uint40 third = _stranger(seed >> 24, rich);
        uint256[] memory actions = new uint256[](1);
        uint256 lots = _lotsFor(market, between(seed, 10_000, 70_000));
        int256 away = int256(pro.config(market).maxDeviationPips() / 100) - 2;
        actions[0] = _placed(market, buys, buys ? away : -away, OrderType.Limit, lots);
        _act("pro.catch", third, ownerOf[third], actions, 0);
    }

    /// @param slack 1: the taker takes all of it.
    function _meet(
        uint256 seed,
        uint8 market,
        uint40 maker,
        uint40 taker,
        bool makerBuys,
        uint256 lots,
        uint256 slack
    ) private {
        uint256[] memory actions = new uint256[](1);
        int256 away = int256(between(seed, 1, 12));
        actions[0] = _placed(market, makerBuys, makerBuys ? -away : away, OrderType.Limit, lots);
        _act("pro.meet.quote", maker, ownerOf[maker], actions, 0);
        if (slack == 0) lots = (lots * between(seed, 40, 120)) / 100 + 1;
        actions[0] = _placed(
            market,
            !makerBuys,
            makerBuys ? -int256(80) : int256(80),
            OrderType.ImmediateOrCancel,
            lots
        );
        _act("pro.meet.take", taker, ownerOf[taker], actions, 0);
    }

    function _pair(uint256 seed) private view returns (uint40 one, uint40 other) {
        (one, ) = seat(seed);
        other = _stranger(seed >> 128, one);
    }

    /// @dev An account of another owner, but the keeper's.
    function _stranger(uint256 seed, uint40 account) internal view returns (uint40 other) {
        uint256 count = accounts.length - 1;
        for (uint256 i = 0; i < count; ++i) {
            other = accounts[((seed % count) + i) % count];
            if (ownerOf[other] != ownerOf[account]) return other;
        }
    }

    /// @dev Of each owner the second, which has little.
    function _poor(uint256 seed) private view returns (uint40) {
        return accounts[(seed % OWNERS) * SUBS + 1];
    }

    function _holderFrom(uint256 seed, uint8 market) internal view returns (uint40 account, int256 lots) {
        uint256 count = accounts.length - 1;
        for (uint256 i = 0; i < count && lots == 0; ++i) {
            account = accounts[((seed % count) + i) % count];
            lots = pro.party(market, account).position.lots();
        }
    }
}
