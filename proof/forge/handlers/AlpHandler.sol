// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAlp} from "contracts/interfaces/IAlp.sol";
import {NavQuote} from "contracts/interfaces/IAlpLens.sol";
import {IAlpManager} from "contracts/interfaces/IAlpManager.sol";
import {IFeeDistributor} from "contracts/interfaces/IFeeDistributor.sol";
import {IPriceAggregator} from "contracts/interfaces/IPriceAggregator.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";
import {VM} from "../base/Vm.sol";

/// @notice Who brings liquidity, takes it out, passes shares on, and collects fees.
contract AlpHandler is Handler {
    IAlpManager private immutable manager;
    IAlp private immutable alp;
    IPriceAggregator private immutable aggregator;

    constructor(Scene scene_) Handler(scene_) {
        (manager, alp) = (scene_.alpManager(), scene_.alp());
        aggregator = IPriceAggregator(scene_.place("priceAggregator"));
    }

    /// @dev What Pyth did not ask for.
    receive() external payable {}

    function mint(uint256 seed, uint256 usd) external {
        address who = scene.actor(seed >> 8);
        _freshly(seed);
        NavQuote memory before = _worth();
        uint256 free = alp.freeBalanceOf(who);
        bool canOpen = scene.breaker().canOpen();
        if (!tally("alp.mint", scene.attempt(who, address(manager), _minting(seed, usd), 1e9))) return;
        require(canOpen, "I23: ALP was minted at a raised level");
        require(alp.freeBalanceOf(who) <= free, "V09: minted ALP is free at once");
        _notBelow(before);
    }

    function _minting(uint256 seed, uint256 usd) private returns (bytes memory) {
        RecordedToken memory t = scene.token(seed);
        (uint16[] memory assetIds, bytes[] memory updateData) = scene.allTicks();
        uint256 amount = scene.unitsOf(t, between(usd, 1, 300_000));
        return abi.encodeCall(manager.mint, (t.token, amount, 0, block.timestamp, assetIds, updateData));
    }

    function burn(uint256 seed, uint256 share, bool waits) external {
        address who = scene.actor(percent(seed, 60) ? 0 : seed >> 8);
        if (waits) scene.advance(48 hours);
        _freshly(seed);
        uint256 amount = (alp.balanceOf(who) * between(share, 1, 200)) / 1_000;
        uint256 free = alp.freeBalanceOf(who);
        NavQuote memory before = _worth();
        bool canBurn = scene.breaker().canBurn();
        if (!tally("alp.burn", scene.attempt(who, address(manager), _burning(seed, amount), 1e9))) return;
        require(canBurn, "I23: ALP was burned at a level that forbids it");
        require(amount <= free, "V09: ALP that cools was burned");
        _notBelow(before);
    }

    function _burning(uint256 seed, uint256 amount) private returns (bytes memory) {
        address token = scene.token(seed).token;
        (uint16[] memory assetIds, bytes[] memory updateData) = scene.allTicks();
        bool asNative = token == scene.vault().wrappedNative() && percent(seed, 50);
        address to = scene.actor(seed >> 16);
        return abi.encodeCall(manager.burn, (token, amount, 0, block.timestamp, to, asNative, assetIds, updateData));
    }

    /// @notice ALP passes from one to the other, as far as it has cooled.
    function transfer(uint256 seed, uint256 share) external {
        (address from, address to) = (scene.actor(seed), scene.actor(seed >> 8));
        uint256 amount = (alp.balanceOf(from) * between(share, 0, 100)) / 100;
        uint256 free = alp.freeBalanceOf(from);
        bool isDone = scene.attempt(from, address(alp), abi.encodeCall(alp.transfer, (to, amount)));
        require(!isDone || amount <= free, "V09: ALP that cools was moved");
        if (amount > 0) tally("alp.transfer", isDone);
    }

    function collect(uint256 seed, bool isBroker) external {
        IFeeDistributor fees = scene.fees();
        address token = scene.token(seed).token;
        bytes memory data =
            isBroker ? abi.encodeCall(fees.collectBroker, (1, token)) : abi.encodeCall(fees.collect, (token));
        tally(isBroker ? "fees.collectBroker" : "fees.collect", scene.attempt(scene.actor(seed), address(fees), data));
    }

    function _freshly(uint256 seed) private {
        scene.advance(1);
        if (percent(seed, 90)) scene.report();
    }

    /// @dev With a tick of each asset: without, no price is one to mint by.
    function _worth() private returns (NavQuote memory) {
        (uint16[] memory assetIds, bytes[] memory updateData) = scene.allTicks();
        VM.deal(address(this), 1e9);
        aggregator.proveReference{value: 1e9}(assetIds, updateData);
        return scene.alpLens().nav(address(this));
    }

    /// @dev I2: a mint or a burn leaves every share worth as much, at the prices of now, but for roundings of the price told. A
    /// fee on the way out may even be taxed away: what is worth least counts low, and what most high.
    function _notBelow(NavQuote memory before) private {
        NavQuote memory later = scene.alpLens().nav(address(this));
        if (before.missingAssetIds.length + later.missingAssetIds.length > 0 || before.lowUsd <= 0) return;
        require(later.lowUsd <= later.midUsd && later.midUsd <= later.highUsd, "I16: the middle is outside");
        require(later.midPrice + 2 >= before.midPrice, "I2: a share is worth less after a mint or a burn");
        scene.count("alp.compared");
    }
}
