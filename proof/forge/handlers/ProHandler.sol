// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceProof} from "contracts/interfaces/IPriceAggregator.sol";
import {ProOutcome, ProReason} from "contracts/pro/ProOutcome.sol";
import {ProItem, ProTask} from "contracts/pro/interfaces/IProKeeper.sol";
import {HealthView, OrderView} from "contracts/pro/interfaces/IProLens.sol";
import {ActionKind} from "contracts/pro/types/ActionWord.sol";
import {ProIds} from "contracts/pro/types/ProIds.sol";
import {Scene} from "../base/Scene.sol";
import {ProHand} from "./ProHand.sol";
import {ProWaiting} from "./ProWaiting.sol";

/// @notice Accounts, orders and keepers of Pro.
contract ProHandler is ProWaiting {
    constructor(Scene scene_) ProHand(scene_) ProWaiting(scene_) {}

    function deposit(uint256 seed, uint256 usd) external {
        (uint40 account, address owner) = seat(seed);
        uint256 amount = scene.unitsOf(settlement, between(usd, 1, 20_000));
        uint256 held = collateral();
        bytes memory data = abi.encodeCall(pro.deposit, (owner, uint8(account), amount));
        if (tally("pro.deposit", scene.attempt(scene.actor(seed), address(pro), data))) _moved(held);
    }

    function addToFund(uint256 seed, uint256 usd) external {
        uint256 held = collateral();
        uint256 amount = scene.unitsOf(settlement, between(usd, 1, 500));
        bytes memory data = abi.encodeCall(pro.addToFund, (uint8(seed % MARKETS), amount));
        if (tally("pro.addToFund", scene.attempt(scene.actor(seed), address(pro), data))) _moved(held);
    }

    /// @notice Quotes on both sides of a market.
    function quote(uint256 seed, uint256 spread) external {
        (uint40 account, address owner) = seat(seed);
        uint8 market = uint8(seed % MARKETS);
        _refresh(seed);
        uint256[] memory actions = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            uint256 away = between(mix(spread, i), 1, 40);
            actions[i] = _place(mix(seed, i), market, i % 2 == 0, i % 2 == 0 ? -int256(away) : int256(away), 0);
        }
        _act("pro.quote", account, owner, actions, 0);
    }

    /// @notice Orders of any kind.
    function order(uint256 seed, uint8 kind, int16 away, bool isBid) external {
        (uint40 account, address owner) = seat(seed);
        uint8 market = uint8(seed % MARKETS);
        if (percent(seed, 90)) _refresh(seed);
        uint256[] memory actions = new uint256[](1);
        actions[0] = _place(seed, market, isBid, away % 100, kind % 4);
        _act("pro.order", account, owner, actions, 0);
    }

    /// @notice Takes what lies best on the other side.
    function take(uint256 seed, bool isBid) external {
        (uint40 account, address owner) = seat(seed);
        _refresh(seed);
        uint256[] memory actions = new uint256[](1);
        int256 away = int256(between(mix(seed, 1), 1, 60));
        actions[0] = _place(seed, uint8(seed % MARKETS), isBid, isBid ? away : -away, 2);
        _act("pro.take", account, owner, actions, 0);
    }

    function cancel(uint256 seed, bool onlyLowers) external {
        (uint40 account, address owner) = seat(seed);
        OrderView[] memory orders = lens.ordersOf(pro, account, uint8(seed % MARKETS));
        if (orders.length == 0) return;
        OrderView memory o = orders[between(seed, 0, orders.length - 1)];
        uint256[] memory actions = new uint256[](1);
        if (onlyLowers) {
            uint256 lots = (uint256(o.lots) * between(seed, 10, 110)) / 100;
            actions[0] = uint256(ActionKind.Lower) | (o.id << 24) | (lots << 128);
            _act("pro.lower", account, owner, actions, 0);
            return;
        }
        actions[0] = uint256(ActionKind.Cancel) | (o.id << 24);
        // Of another owner's it is none.
        uint256 other = uint256(_ownersOther(account));
        bytes memory foreign = abi.encodeCall(pro.act, (uint40(other), new PriceProof[](0), actions));
        require(!scene.attempt(ownerOf[uint40(other)], address(pro), foreign), "Pro 24: another's order was cancelled");
        bool isDone = _act("pro.cancel", account, owner, actions, 0);
        require(isDone, "Pro 28: a cancellation was refused");
        bytes memory again = abi.encodeCall(pro.act, (account, new PriceProof[](0), actions));
        require(!scene.attempt(owner, address(pro), again), "Pro 24: an order was cancelled twice");
    }

    function setLeverage(uint256 seed, uint256 leverage) external {
        (uint40 account, address owner) = seat(seed);
        _refresh(seed);
        uint256[] memory actions = new uint256[](1);
        uint256 market = seed % MARKETS;
        actions[0] = uint256(ActionKind.SetLeverage) | (market << 16) | (between(leverage, 1, 60) << 24);
        _act("pro.setLeverage", account, owner, actions, 0);
    }

    /// @notice Into isolated mode with cash and an order, or back.
    function setMode(uint256 seed, bool isIsolated, uint256 usd) external {
        (uint40 account, address owner) = seat(seed);
        uint8 market = uint8(seed % MARKETS);
        _refresh(seed);
        uint256[] memory actions = new uint256[](isIsolated ? 3 : 1);
        actions[0] = uint256(ActionKind.SetMode) | (uint256(market) << 16) | (isIsolated ? 1 << 24 : 0);
        if (isIsolated) {
            uint256 amount = between(usd, 100, 3_000) * 1e18;
            actions[1] =
                uint256(ActionKind.Transfer) |
                ((uint256(market) + 1) << 24) |
                (uint256(uint8(account)) << 32) |
                (amount << 40);
            actions[2] = _place(seed, market, percent(seed, 50), int256(between(seed, 0, 60)) - 30, 0);
        }
        _act("pro.setMode", account, owner, actions, 0);
    }

    function transfer(uint256 seed, uint256 usd) external {
        (uint40 account, address owner) = seat(seed);
        _refresh(seed);
        HealthView memory health = lens.health(pro, ProIds.crossScope(account));
        uint256 amount = between(usd, 1, 8_000) * 1e18;
        uint256[] memory actions = new uint256[](1);
        actions[0] = uint256(ActionKind.Transfer) | (uint256(1 - uint8(account)) << 32) | (amount << 40);
        if (uint8(account) >= SUBS) return;
        bool isDone = _act("pro.transfer", account, owner, actions, 0);
        require(!isDone || amount <= health.available, "Pro 14: more went to another account than was available");
    }

    function withdraw(uint256 seed, uint256 usd) external {
        (uint40 account, address owner) = seat(seed);
        _refresh(seed);
        HealthView memory health = lens.health(pro, ProIds.crossScope(account));
        uint256 amount = scene.unitsOf(settlement, between(usd, 1, 12_000));
        uint256[] memory actions = new uint256[](2);
        actions[0] = uint256(ActionKind.Withdraw) | (uint256(uint160(scene.actor(seed >> 32))) << 24);
        actions[1] = amount;
        bool isDone = _act("pro.withdraw", account, owner, actions, amount * quotePerUnit);
        require(!isDone || amount * quotePerUnit <= health.available, "Pro 14: more left than was available");
    }

    /// @notice Everybody's refresh, and orders that are dead.
    function refresh(uint256 seed) external {
        scene.advance(between(seed, 1, 5));
        _refresh(1);
        scene.count("pro.refresh");
        OrderView[] memory orders = lens.ordersOf(pro, accounts[seed % accounts.length], uint8(seed % MARKETS));
        uint256[] memory ids = new uint256[](orders.length);
        for (uint256 i = 0; i < ids.length; ++i) ids[i] = orders[i].id;
        if (ids.length == 0) return;
        tally("pro.cancelDead", scene.attempt(scene.actor(seed), address(pro), abi.encodeCall(pro.cancelDead, (ids))));
    }

    /// @notice Anybody takes an order off the book that its scope can't bear any more.
    function cancelStretched(uint256 seed) external {
        (uint40 account, uint8 market) = (accounts[seed % accounts.length], uint8((seed >> 16) % MARKETS));
        _refresh(seed);
        OrderView[] memory orders = lens.ordersOf(pro, account, market);
        if (orders.length == 0) return;
        uint256[] memory ids = new uint256[](1);
        ids[0] = orders[between(seed, 0, orders.length - 1)].id;
        bool isStretched = lens.health(pro, _scopeOf(account, market)).isStretched;
        address who = scene.actor(seed % 2);
        bytes memory data = abi.encodeCall(pro.cancelStretched, (_scopeOf(account, market), ids, who));
        if (!scene.attempt(who, address(pro), data)) return;
        (ProOutcome outcome, ) = abi.decode(scene.answer(), (ProOutcome, ProReason));
        require(isStretched || outcome == ProOutcome.Skipped, "Pro 24: an order was cancelled that its scope bears");
        tally("pro.cancelStretched", outcome == ProOutcome.Cancelled);
    }

    function sweep(uint256 seed) external {
        uint256 held = collateral();
        bytes memory data = abi.encodeCall(pro.sweepFees, (uint8(seed % MARKETS), new uint32[](0)));
        if (tally("pro.sweepFees", scene.attempt(scene.actor(seed), address(pro), data))) _moved(held);
    }

    /// @notice A price runs away from who is most exposed, then steps of his liquidation, and the last resorts.
    function crash(uint256 seed, uint256 pips, bool isUp) external {
        uint8 market = uint8(seed % MARKETS);
        uint256 index = scene.indexOf(_assetOf(market));
        uint256 price = scene.priceNow(_assetOf(market));
        uint256 by = between(pips, 5_000, 90_000);
        scene.setPrice(index, (price * (isUp ? 1_000_000 + by : 1_000_000 - by)) / 1_000_000);
        scene.advance(1);
        for (uint256 round = 0; round < 4; ++round) {
            _refresh(1);
            for (uint256 i = 0; i < accounts.length; ++i) _liquidate(mix(seed, i), accounts[i], market);
            scene.advance(12);
            scene.report();
        }
        scene.setPrice(index, price);
        scene.count("pro.crash");
    }

    /// @notice One keeper's item for one account.
    function keep(uint256 seed, uint8 task) external {
        uint40 account = accounts[seed % accounts.length];
        uint40 other = accounts[(seed >> 8) % accounts.length];
        uint8 market = uint8((seed >> 16) % MARKETS);
        _refresh(seed);
        ProTask what = [ProTask.Deleverage, ProTask.ShareLoss, ProTask.CloseSettled, ProTask.Liquidate][task % 4];
        _run(seed, ProItem(what, market, _scopeOf(account, market), other, between(seed, 1, 20)));
    }

    function _ownersOther(uint40 account) private view returns (uint40 other) {
        for (uint256 i = 0; i < accounts.length; ++i) if (accounts[i] >> 8 != account >> 8) return accounts[i];
    }
}
