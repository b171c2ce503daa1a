// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {BetRequest} from "contracts/interfaces/IPrediction.sol";
import {IRouter} from "contracts/interfaces/IRouter.sol";
import {OpenRequest} from "contracts/interfaces/ITrading.sol";
import {Price} from "contracts/types/Units.sol";
import {Handler} from "../base/Handler.sol";
import {Scene} from "../base/Scene.sol";
import {PredictionHandler} from "./PredictionHandler.sol";
import {TradingHandler} from "./TradingHandler.sol";

/// @notice Orders through the Router: with tokens, with coin, several and of two products at once.
contract RouterHandler is Handler {
    IRouter private immutable router;
    TradingHandler private immutable trades;
    PredictionHandler private immutable bets;

    constructor(Scene scene_, TradingHandler trades_, PredictionHandler bets_) Handler(scene_) {
        (router, trades, bets) = (IRouter(scene_.place("router")), trades_, bets_);
    }

    function open(uint256 seed, uint256 usd, bool isLong, bool isNative) external {
        address who = scene.actor(seed >> 16);
        OpenRequest memory r = trades.requestOf(seed, usd, isLong);
        r.owner = percent(seed, 90) ? who : r.owner;
        uint256 held = _held(r.token);
        bytes memory data = abi.encodeCall(router.requestOpen, (scene.trading(), r));
        if (isNative) {
            (r.token, r.amount) = (scene.vault().wrappedNative(), uint96(between(usd, 0.05 ether, 5 ether)));
            data = abi.encodeCall(router.requestOpenNative, (scene.trading(), r));
        }
        bool isDone = scene.attempt(who, address(router), data, isNative ? r.amount : 0);
        require(!isDone || r.owner == who, "S02: the Router acted for somebody else");
        require(_held(r.token) == held || isNative, "S04: the Router kept tokens");
        tally(isNative ? "router.openNative" : "router.open", isDone);
    }

    function several(uint256 seed, uint256 usd) external {
        address who = scene.actor(seed >> 16);
        OpenRequest memory r = trades.requestOf(seed, usd, true);
        BetRequest memory b = bets.requestOf(seed, usd, false);
        (r.owner, b.owner) = (who, who);
        OpenRequest memory limit = trades.requestOf(mix(seed, 1), usd, false);
        (limit.owner, limit.acceptablePrice) = (who, Price.wrap(1e10));
        limit.asNative = false;
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(router.requestOpen, (scene.trading(), r));
        calls[1] = abi.encodeCall(router.requestBet, (scene.prediction(), b));
        calls[2] = abi.encodeCall(router.requestLimit, (scene.trading(), limit));
        uint256 coin = address(router).balance;
        bool isDone = scene.attempt(who, address(router), abi.encodeCall(router.multicall, (calls)), 1 ether);
        require(address(router).balance == coin, "S04: the Router kept coin");
        tally("router.multicall", isDone);
    }

    function _held(address token) private view returns (uint256) {
        return IERC20(token).balanceOf(address(router));
    }
}
