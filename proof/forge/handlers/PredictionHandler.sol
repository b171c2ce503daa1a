// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ExecutionItem, IExecutor, ItemResult} from "contracts/interfaces/IExecutor.sol";
import {BetRequest, IPrediction} from "contracts/interfaces/IPrediction.sol";
import {ITrading} from "contracts/interfaces/ITrading.sol";
import {Bet, BetStatus} from "contracts/types/Bet.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedOffer, RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";

/// @notice Bets from request to end.
contract PredictionHandler is Handler {
    IPrediction private immutable prediction;
    address private immutable executor;

    constructor(Scene scene_) Handler(scene_) {
        prediction = scene_.prediction();
        executor = scene_.place("executor");
    }

    function bet(uint256 seed, uint256 usd, bool isUp) external {
        bool canOpen = scene.breaker().canOpen();
        bytes memory data = abi.encodeCall(prediction.requestBet, (requestOf(seed, usd, isUp)));
        bool isDone = scene.attempt(scene.actor(seed >> 16), address(prediction), data);
        require(!isDone || canOpen, "I23: a bet was taken at a raised level");
        tally("prediction.requestBet", isDone);
    }

    /// @notice Strikes or settles a bet at its first tick.
    function settle(uint256 seed, uint8 later) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        Bet memory b = prediction.bet(id);
        bool isStruck = prediction.statusOf(id) == BetStatus.Struck;
        uint16 assetId = prediction.market(b.marketId).assetId;
        uint256 target = b.time.inSeconds() + (isStruck ? b.periodSeconds : prediction.executionDelay());
        uint256 spot = scene.firstAt(scene.indexOf(assetId), target) + (later % 4);
        if (spot > block.timestamp) scene.advance(spot - block.timestamp);
        scene.report();
        ExecutionItem[] memory items = new ExecutionItem[](1);
        items[0] = ExecutionItem(id, 0);
        bytes memory data = abi.encodeCall(
            IExecutor.execute,
            (ITrading(address(prediction)), scene.proofOf(assetId, target, true), items)
        );
        if (!scene.attempt(scene.actor(seed), executor, data, 1e9)) return;
        ItemResult[] memory results = abi.decode(scene.answer(), (ItemResult[]));
        require(!results[0].isFailed, "I21: a bet failed instead of being skipped or refused");
        string[7] memory names = ["skipped", "refused", "struck", "settled", "?", "?", "?"];
        scene.count(string.concat("prediction.", names[uint256(results[0].outcome)]));
    }

    function giveBack(uint256 seed, bool waits) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        uint256 from = prediction.returnableFrom(id);
        if (waits && from > block.timestamp && from - block.timestamp < 3_600) scene.advance(from - block.timestamp);
        bool isDue = prediction.returnableFrom(id) <= block.timestamp;
        bytes memory data = abi.encodeCall(prediction.returnStake, (id));
        bool isDone = scene.attempt(scene.actor(seed), address(prediction), data);
        require(isDone || !isDue, "I18: a bet that is returnable is not returned");
        tally("prediction.returnStake", isDone);
    }

    function requestOf(uint256 seed, uint256 usd, bool isUp) public view returns (BetRequest memory r) {
        RecordedOffer memory o = scene.offer(seed);
        RecordedToken memory t;
        for (uint256 i = 0; i < scene.tokenCount(); ++i) if (scene.token(i).token == o.token) t = scene.token(i);
        r.owner = percent(seed, 80) ? scene.actor(seed >> 16) : scene.actor(seed >> 24);
        (r.marketId, r.isUp, r.periodSeconds, r.token) = (o.marketId, isUp, o.periodSeconds, o.token);
        r.stake = uint96(scene.unitsOf(t, between(usd, 5, 2_000)));
        r.asNative = o.token == scene.vault().wrappedNative() && percent(seed, 50);
        r.deadline = uint40(block.timestamp + between(seed, 0, 60));
    }

    function pick(uint256 seed) private view returns (uint256 id, bool isFound) {
        uint256 next = prediction.nextBetId();
        if (next == 1) return (1, false);
        uint256 span = next - 1 < 40 ? next - 1 : 40;
        uint256 spot = between(seed, 0, span - 1);
        for (uint256 i = 0; i < span; ++i) {
            id = next - span + ((spot + i) % span);
            if (prediction.statusOf(id) != BetStatus.None) return (id, true);
        }
    }
}
