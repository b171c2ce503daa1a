// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceProof} from "contracts/interfaces/IPriceAggregator.sol";
import {ProOutcome} from "contracts/pro/ProOutcome.sol";
import {ProStateLib} from "contracts/pro/ProStateLib.sol";
import {GridOrder, GridSide, IGridBook} from "contracts/pro/interfaces/IGridBook.sol";
import {IPro} from "contracts/pro/interfaces/IPro.sol";
import {GridItem, IProKeeper, ProItemResult, TriggerItem} from "contracts/pro/interfaces/IProKeeper.sol";
import {IProTriggers, TriggerOrder} from "contracts/pro/interfaces/IProTriggers.sol";
import {OrderType} from "contracts/pro/types/ActionWord.sol";
import {GridIds} from "contracts/pro/types/GridWord.sol";
import {ConfigWord} from "contracts/pro/types/MarketConfig.sol";
import {TriggerIds, TriggerKind, TriggerWord} from "contracts/pro/types/TriggerWord.sol";
import {Scene} from "../base/Scene.sol";
import {ProMeetings} from "./ProMeetings.sol";

/// @notice Orders that wait outside of the book, for a price or for a line of a grid, and who brings them into it.
abstract contract ProWaiting is ProMeetings {
    using ProStateLib for IPro;

    /// @dev Of a delegate: to place any order.
    uint8 private constant MAY_TRADE = 4;

    IProTriggers private immutable triggers;
    IGridBook private immutable grids;
    uint256[] private _waiting;
    uint256[] private _running;

    constructor(Scene scene_) {
        triggers = IProTriggers(scene_.place("proTriggers"));
        grids = IGridBook(scene_.place("gridBook"));
        for (uint256 i = 0; i < accounts.length; ++i) {
            _allow(scene_, accounts[i], scene_.place("proTriggers"));
            _allow(scene_, accounts[i], scene_.place("gridBook"));
        }
    }

    /// @notice A stop, a take profit or a trailing stop near the index; most close a position.
    function setTrigger(uint256 seed, uint8 kind, int16 away, bool isBuy) external {
        (uint40 account, address owner) = seat(seed);
        TriggerOrder[] memory orders = new TriggerOrder[](1);
        (orders[0].market, orders[0].isBuy) = (uint8(seed % MARKETS), isBuy);
        orders[0].lots = uint48(_lotsFor(orders[0].market, between(seed, 50, 4_000)));
        if (percent(seed, 70)) {
            (uint40 holder, int256 held) = _holderFrom(seed >> 8, orders[0].market);
            if (held != 0) (account, owner) = (holder, ownerOf[holder]);
            (orders[0].isReduceOnly, orders[0].isBuy) = (true, held < 0);
            // All that the position has by then.
            if (percent(mix(seed, 1), 50)) orders[0].lots = 0;
        }
        _waitFor(orders[0], TriggerKind(kind % 3), away % 60);
        bytes memory data = abi.encodeCall(triggers.place, (account, orders));
        if (!tally("pro.setTrigger", scene.attempt(owner, address(triggers), data))) return;
        _waiting.push(abi.decode(scene.answer(), (uint256[]))[0]);
    }

    /// @notice A keeper fires a trigger; often somebody quotes what it takes.
    function fireTrigger(uint256 seed) external {
        if (_waiting.length == 0) return;
        uint256 id = _waiting[seed % _waiting.length];
        TriggerWord word = triggers.wordAt(TriggerIds.refOf(id));
        (uint40 account, uint8 market) = (TriggerIds.accountOf(id), TriggerIds.marketOf(id));
        if (percent(seed, 70)) _offer(seed, account, market, !word.isBuy());
        scene.advance(between(seed, 2, 12));
        int256 before = pro.party(market, account).position.lots();
        ProOutcome outcome = _fire(seed, id, word);
        _checkShot(word, outcome, before, pro.party(market, account).position.lots());
        if (outcome != ProOutcome.Triggered) return;
        require(!triggers.wordAt(TriggerIds.refOf(id)).isWaiting(), "Pro 26: a trigger that fired waits on");
        scene.advance(1);
        require(_fire(seed, id, word) == ProOutcome.Skipped, "Pro 26: a trigger fired twice");
    }

    function cancelTrigger(uint256 seed) external {
        if (_waiting.length == 0) return;
        uint256[] memory ids = new uint256[](1);
        ids[0] = _waiting[seed % _waiting.length];
        bool isThere = triggers.wordAt(TriggerIds.refOf(ids[0])).isWaiting();
        address owner = ownerOf[TriggerIds.accountOf(ids[0])];
        bool isDone = scene.attempt(owner, address(triggers), abi.encodeCall(triggers.cancel, (ids)));
        require(isDone, "Pro 28: the cancellation of a trigger was refused");
        uint256 cancelled = abi.decode(scene.answer(), (uint256));
        // Another one may wait in its slot.
        require(isThere || cancelled == 0, "Pro 24: a trigger that is gone was cancelled");
        tally("pro.cancelTrigger", cancelled == 1);
    }

    /// @notice A ladder of a few lines around the index.
    function openGrid(uint256 seed, uint256 width) external {
        (uint40 account, address owner) = seat(seed);
        uint8 market = uint8(seed % MARKETS);
        _refresh(seed);
        uint24 at = _tickOf(market);
        uint24 reach = uint24((at * between(width, 20, 150)) / 10_000);
        GridOrder memory order;
        (order.market, order.isGeometric) = (market, percent(seed, 50));
        (order.lines, order.window) = (uint8(between(seed, 2, 9)), uint8(between(mix(seed, 1), 1, 4)));
        (order.low, order.high) = (at - reach, at + reach);
        order.lots = uint48(_lotsFor(market, between(seed, 600, 1_500)));
        if (percent(mix(seed, 2), 30)) (order.side, order.entryLimit) = (GridSide.Long, at + at / 100);
        bytes memory data = abi.encodeCall(grids.open, (account, order));
        if (!tally("pro.openGrid", scene.attempt(owner, address(grids), data))) return;
        _running.push(abi.decode(scene.answer(), (uint256)));
    }

    function rollGrid(uint256 seed) external {
        if (_running.length == 0) return;
        uint256 id = _running[seed % _running.length];
        if (percent(seed, 70)) _takeFrom(seed, GridIds.accountOf(GridIds.keyOfId(id)), GridIds.marketOf(id));
        scene.advance(between(seed, 1, 5));
        scene.report();
        PriceProof[] memory proofs = scene.proofOfAll();
        GridItem[] memory rolls = new GridItem[](1);
        rolls[0] = GridItem(id, between(seed, 1, 10));
        bytes memory data = abi.encodeCall(IProKeeper.roll, (grids, proofs, _refreshes(proofs), rolls));
        if (!scene.attempt(scene.actor(seed % 2), keeper, data, 1e9)) return;
        ProItemResult memory result = abi.decode(scene.answer(), (ProItemResult[]))[MARKETS];
        require(!result.isFailed, "R59: a grid failed instead of being skipped");
        tally("pro.rollGrid", result.outcome != ProOutcome.Skipped);
    }

    function stopGrid(uint256 seed) external {
        if (_running.length == 0) return;
        uint256 id = _running[seed % _running.length];
        address owner = ownerOf[GridIds.accountOf(GridIds.keyOfId(id))];
        tally("pro.stopGrid", scene.attempt(owner, address(grids), abi.encodeCall(grids.stop, (id))));
    }

    function _allow(Scene scene_, uint40 account, address delegate) private {
        bytes memory data = abi.encodeCall(IPro.setDelegate, (account, delegate, MAY_TRADE, type(uint40).max));
        require(scene_.attempt(ownerOf[account], address(pro), data));
    }

    /// @dev For a price nearby; most often one that the index has reached already.
    function _waitFor(TriggerOrder memory order, TriggerKind kind, int256 away) private view {
        (order.kind, order.boundPips) = (kind, 20_000);
        if (kind == TriggerKind.Trailing) {
            order.callbackPips = 1_000;
            return;
        }
        bool isAbove = order.isBuy == (kind == TriggerKind.Stop);
        if (away % 4 != 0 && (away > 0) == isAbove) away = -away;
        order.tick = uint24(uint256((int256(uint256(_tickOf(order.market))) * (10_000 + away)) / 10_000));
    }

    function _tickOf(uint8 market) private view returns (uint24) {
        ConfigWord config = pro.config(market);
        return uint24(scene.priceNow(config.assetId()) / config.tickSize());
    }

    /// @dev Another owner quotes close to the index.
    function _offer(uint256 seed, uint40 account, uint8 market, bool isBid) private {
        _refresh(seed);
        uint40 other = _stranger(seed >> 24, account);
        uint256[] memory actions = new uint256[](1);
        uint256 lots = _lotsFor(market, between(seed, 300, 9_000));
        actions[0] = _placed(market, isBid, isBid ? -int256(8) : int256(8), OrderType.Limit, lots);
        _act("pro.trigger.quote", other, ownerOf[other], actions, 0);
    }

    /// @dev Another owner takes what lies best on a side, as much as a line or two have.
    function _takeFrom(uint256 seed, uint40 account, uint8 market) private {
        _refresh(seed);
        uint40 other = _stranger(seed >> 24, account);
        uint256[] memory actions = new uint256[](1);
        uint256 lots = _lotsFor(market, between(seed, 1_500, 4_000));
        bool isBid = percent(mix(seed, 3), 50);
        actions[0] = _placed(market, isBid, isBid ? int256(150) : -int256(150), OrderType.ImmediateOrCancel, lots);
        _act("pro.grid.take", other, ownerOf[other], actions, 0);
    }

    function _fire(uint256 seed, uint256 id, TriggerWord word) private returns (ProOutcome) {
        scene.report();
        uint8 market = TriggerIds.marketOf(id);
        bool isTrailing = word.kind() == TriggerKind.Trailing;
        PriceProof[] memory proofs = new PriceProof[](isTrailing ? 2 : 1);
        proofs[0] = scene.proofOfAll()[0];
        if (isTrailing) {
            uint256 since = word.changedAt() + triggers.executionDelay() + 1;
            proofs[1] = scene.proofOf(_assetOf(market), since < block.timestamp ? since : block.timestamp, false)[0];
        }
        TriggerItem[] memory fires = new TriggerItem[](1);
        fires[0] = TriggerItem(id, _spotOf(proofs, market), proofs[0].assetIds.length);
        bytes memory data = abi.encodeCall(IProKeeper.fire, (triggers, proofs, _refreshes(proofs), fires));
        if (!scene.attempt(scene.actor(seed % 2), keeper, data, 1e9)) return ProOutcome.Skipped;
        ProItemResult memory result = abi.decode(scene.answer(), (ProItemResult[]))[MARKETS];
        require(!result.isFailed, "R59: a trigger failed instead of being skipped");
        if (result.outcome == ProOutcome.Triggered) scene.count("pro.triggered");
        if (result.outcome == ProOutcome.PartlyTriggered) scene.count("pro.partlyTriggered");
        if (result.outcome == ProOutcome.Removed) scene.count("pro.triggerRemoved");
        return result.outcome;
    }

    function _checkShot(TriggerWord word, ProOutcome outcome, int256 before, int256 later) private pure {
        int256 moved = later - before;
        bool isFired = outcome == ProOutcome.Triggered || outcome == ProOutcome.PartlyTriggered;
        require(isFired == (moved != 0), "Pro 26: what fired and what moved differ");
        require(moved == 0 || (moved > 0) == word.isBuy(), "Pro 26: a trigger filled on its other side");
        uint256 filled = uint256(moved < 0 ? -moved : moved);
        require(word.lots() == 0 || filled <= word.lots(), "Pro 26: a trigger filled more than it has");
        bool isLess = before < 0 ? later <= 0 && later >= before : later >= 0 && later <= before;
        require(!word.isReduceOnly() || isLess, "R16: a trigger that only reduces opened");
    }
}
