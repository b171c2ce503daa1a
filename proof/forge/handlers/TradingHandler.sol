// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ExecutionItem, IExecutor, ItemResult} from "contracts/interfaces/IExecutor.sol";
import {ILiquidator, LiquidationItem} from "contracts/interfaces/ILiquidator.sol";
import {PriceProof} from "contracts/interfaces/IPriceAggregator.sol";
import {ITrading, OpenRequest} from "contracts/interfaces/ITrading.sol";
import {TradingStateLib} from "contracts/periphery/TradingStateLib.sol";
import {Outcome} from "contracts/product/Outcome.sol";
import {BookConfig, BookId, BookState, Mode} from "contracts/types/Book.sol";
import {Close, CloseKind} from "contracts/types/Close.sol";
import {Position, TradeStatus} from "contracts/types/Trade.sol";
import {Price, Size} from "contracts/types/Units.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";

/// @notice Trades from request to close, and those who execute and liquidate them.
contract TradingHandler is Handler {
    using TradingStateLib for ITrading;

    uint256 private constant NO_TICK = type(uint256).max;

    ITrading private immutable trading;
    address private immutable executor;
    address private immutable liquidator;

    constructor(Scene scene_) Handler(scene_) {
        trading = scene_.trading();
        executor = scene_.place("executor");
        liquidator = scene_.place("liquidator");
    }

    function open(uint256 seed, uint256 usd, bool isLong, bool isLimit) external {
        OpenRequest memory r = requestOf(seed, usd, isLong);
        if (isLimit) {
            r.acceptablePrice = near(priceOf(r.bookId), seed, 20_000);
            r.asNative = false;
        }
        bool canOpen = scene.breaker().canOpen();
        bytes memory data =
            isLimit ? abi.encodeCall(trading.requestLimit, (r)) : abi.encodeCall(trading.requestOpen, (r));
        bool isDone = scene.attempt(scene.actor(seed >> 16), address(trading), data);
        require(!isDone || canOpen, "I23: an order was taken at a raised level");
        tally(isLimit ? "trading.requestLimit" : "trading.requestOpen", isDone);
    }

    /// @notice Executes what a trade waits for: at its first tick, at one too early or too late, or at any.
    function execute(uint256 seed, uint8 delay) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        (uint16 assetId, uint256 target, bool isUnique) = targetOf(id);
        if (percent(seed, 85)) awaitTick(assetId, target, delay % 4);
        if (scene.firstAt(scene.indexOf(assetId), target) > block.timestamp) return;
        run(seed, id, scene.proofOf(assetId, target, isUnique));
    }

    function requestClose(uint256 seed, bool isPart) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        uint40 deadline = uint40(block.timestamp + between(seed, 10, 200));
        Position memory p = trading.position(id);
        bytes memory data = abi.encodeCall(trading.requestClose, (id, Price.wrap(0), deadline));
        if (isPart) {
            Size part = Size.wrap(uint96((uint256(Size.unwrap(p.size)) * between(seed, 1, 99)) / 100));
            data = abi.encodeCall(trading.requestPartialClose, (id, part, Price.wrap(0), deadline));
        }
        tally("trading.requestClose", scene.attempt(p.owner, address(trading), data));
    }

    /// @notice Open and close of one trade, with what prices do in between.
    function roundTrip(uint256 seed, uint256 usd, bool isLong, int16 move) external {
        OpenRequest memory r = requestOf(seed, usd, isLong);
        uint256 id = trading.nextTradeId();
        if (!scene.attempt(scene.actor(seed >> 16), address(trading), abi.encodeCall(trading.requestOpen, (r)))) return;
        settle(seed, id);
        if (trading.statusOf(id) != TradeStatus.Open) return;
        moveBy(assetOf(r.bookId), int256(move) / 4);
        uint40 deadline = uint40(block.timestamp + 200);
        bytes memory data = abi.encodeCall(trading.requestClose, (id, Price.wrap(0), deadline));
        if (!tally("trading.requestClose", scene.attempt(r.owner, address(trading), data))) return;
        settle(seed, id);
    }

    /// @notice Many items at once, of any kind, one of them twice.
    function batch(uint256 seed) external {
        scene.advance(between(seed, 3, 8));
        scene.report();
        PriceProof[] memory proofs = scene.proofOfAll();
        ExecutionItem[] memory items = new ExecutionItem[](4);
        for (uint256 i = 0; i < items.length; ++i) {
            (uint256 id, ) = pick(mix(seed, i / 2));
            items[i] = ExecutionItem(id, between(mix(seed, i), 0, proofs[0].assetIds.length));
        }
        bytes memory data = abi.encodeCall(IExecutor.execute, (trading, proofs, items));
        tally("trading.batch", scene.attempt(scene.actor(seed), executor, data, 1e9));
    }

    function cancel(uint256 seed) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        address owner = trading.position(id).owner;
        tally("trading.cancelLimit", scene.attempt(owner, address(trading), abi.encodeCall(trading.cancelLimit, (id))));
    }

    function cancelExpired(uint256 seed, bool waits) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        TradeStatus status = trading.statusOf(id);
        bool isOrder = status == TradeStatus.MarketOrder || status == TradeStatus.LimitOrder;
        if (isOrder && waits) {
            uint256 expiry = trading.order(id).expiry.inSeconds();
            if (expiry >= block.timestamp) scene.advance(expiry + 1 - block.timestamp);
        }
        bool isOver = isOrder && trading.order(id).expiry.inSeconds() < block.timestamp;
        bytes memory data = abi.encodeCall(trading.cancelExpired, (id));
        bool isDone = scene.attempt(scene.actor(seed), address(trading), data);
        require(isDone || !isOver, "I18: an order that expired does not end");
        tally("trading.cancelExpired", isDone);
    }

    function updateTriggers(uint256 seed, bool hasTakeProfit, bool hasStop) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        Position memory p = trading.position(id);
        Price takeProfit = hasTakeProfit ? near(priceOf(p.bookId), seed, 40_000) : Price.wrap(0);
        Price stop = hasStop ? near(priceOf(p.bookId), mix(seed, 1), 20_000) : Price.wrap(0);
        bytes memory data = abi.encodeCall(trading.updateTpSl, (id, takeProfit, stop));
        tally("trading.updateTpSl", scene.attempt(p.owner, address(trading), data));
    }

    function addMargin(uint256 seed, uint256 usd) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound) return;
        Position memory p = trading.position(id);
        uint256 amount = scene.unitsOf(scene.token(p.tokenId - 1), between(usd, 1, 2_000));
        bytes memory data = abi.encodeCall(trading.addMargin, (id, amount));
        bool isDone = scene.attempt(p.owner, address(trading), data);
        require(!isDone || uint16(BookId.unwrap(p.bookId)) % 2 == 0, "I28: a Degen position was given margin");
        tally("trading.addMargin", isDone);
    }

    /// @notice Liquidates at the tick of now; what the view says is due must go through.
    function liquidate(uint256 seed, bool isCrash) external {
        (uint256 id, bool isFound) = pick(seed);
        if (!isFound || trading.statusOf(id) != TradeStatus.Open) return;
        Position memory p = trading.position(id);
        uint16 assetId = assetOf(p.bookId);
        if (isCrash) {
            int256 reach = int256(1_000_000 / uint256(p.leverage)) + 1_000;
            moveBy(assetId, p.state.isLong() ? -reach : reach);
        }
        scene.advance(2);
        scene.report();
        LiquidationItem[] memory items = new LiquidationItem[](1);
        items[0] = LiquidationItem(id, 0, NO_TICK);
        PriceProof[] memory proofs = scene.proofOf(assetId, block.timestamp, false);
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        Price price = Price.wrap(uint64(scene.priceNow(assetId)));
        bool isDue = ILiquidator(liquidator).liquidatable(trading, ids, price)[0];
        bytes memory data = abi.encodeCall(ILiquidator.liquidate, (trading, proofs, items));
        if (!scene.attempt(scene.actor(seed), liquidator, data, 1e9)) return;
        ItemResult[] memory results = abi.decode(scene.answer(), (ItemResult[]));
        require(!results[0].isFailed, "I21: a liquidation failed instead of being skipped");
        bool isDone = results[0].outcome == Outcome.Liquidated;
        // A view knows nothing of a close that may be settled first.
        require(isDone || !isDue || trading.closeOf(id).kind != CloseKind.None, "I12: due, and not liquidated");
        tally("trading.liquidate", isDone);
    }

    function claim(uint256 seed, bool asNative) external {
        RecordedToken memory t = scene.token(seed);
        address who = scene.actor(seed >> 8);
        uint256 due = scene.vault().claimableOf(t.token, who);
        if (due == 0) return;
        bytes memory data = abi.encodeCall(scene.vault().claim, (t.token, scene.actor(seed >> 16), asNative));
        tally("vault.claim", scene.attempt(who, address(scene.vault()), data));
    }

    // What the others ask

    function requestOf(uint256 seed, uint256 usd, bool isLong) public view returns (OpenRequest memory r) {
        BookId bookId = BookId.wrap(scene.book(seed));
        bool isDegen = BookId.unwrap(bookId) % 2 == 1;
        RecordedToken memory t = scene.token(seed >> 8);
        r.owner = percent(seed, 80) ? scene.actor(seed >> 16) : scene.actor(seed >> 24);
        r.bookId = bookId;
        r.isLong = isLong;
        r.leverage = uint16(isDegen ? between(seed, 500, 1001) : between(seed, 2, 200));
        r.token = t.token;
        r.amount = uint96(scene.unitsOf(t, between(usd, 20, isDegen ? 500 : 5_000)));
        if (percent(seed, 30)) r.takeProfit = beyond(priceOf(bookId), isLong, between(seed, 500, 20_000));
        if (percent(mix(seed, 1), 30)) r.stopLoss = near(priceOf(bookId), seed, 5_000);
        r.deadline = uint40(block.timestamp + between(seed, 16, 400));
        r.broker = percent(seed, 40) ? 1 : 0;
        r.asNative = t.token == scene.vault().wrappedNative() && percent(seed, 50);
    }

    // Steps

    function settle(uint256 seed, uint256 id) internal {
        (uint16 assetId, uint256 target, bool isUnique) = targetOf(id);
        awaitTick(assetId, target, 1);
        run(seed, id, scene.proofOf(assetId, target, isUnique));
    }

    /// @dev Whatever an item does, what the sides owe up to its second is what it was before.
    function run(uint256 seed, uint256 id, PriceProof[] memory proofs) internal {
        BookId bookId = trading.position(id).bookId;
        BookState memory before = trading.bookState(bookId);
        send(seed, id, proofs);
        BookState memory later = trading.bookState(bookId);
        bool isSame = before.longIndex == later.longIndex && before.shortIndex == later.shortIndex;
        require(isSame, "I10: an execution changed what the sides owe by its second");
    }

    function send(uint256 seed, uint256 id, PriceProof[] memory proofs) private {
        ExecutionItem[] memory items = new ExecutionItem[](1);
        items[0] = ExecutionItem(id, 0);
        bytes memory data = abi.encodeCall(IExecutor.execute, (trading, proofs, items));
        if (!scene.attempt(scene.actor(seed), executor, data, 1e9)) return;
        ItemResult[] memory results = abi.decode(scene.answer(), (ItemResult[]));
        require(!results[0].isFailed, "I21: an item failed instead of being skipped or refused");
        string[7] memory names = ["skipped", "refused", "opened", "closed", "liquidated", "armed", "reduced"];
        scene.count(string.concat("trading.", names[uint256(results[0].outcome)]));
    }

    function awaitTick(uint16 assetId, uint256 target, uint256 later) internal {
        uint256 spot = scene.firstAt(scene.indexOf(assetId), target) + later;
        if (spot > block.timestamp) scene.advance(spot - block.timestamp);
        scene.report();
    }

    function moveBy(uint16 assetId, int256 pips) internal {
        uint256 price = uint256((int256(scene.priceNow(assetId)) * (1_000_000 + pips)) / 1_000_000);
        scene.setPrice(scene.indexOf(assetId), price);
    }

    /// @dev Of an order or a close that is pending its one tick; of anything else the tick of now.
    function targetOf(uint256 id) internal view returns (uint16 assetId, uint256 target, bool isUnique) {
        BookId bookId = trading.position(id).bookId;
        assetId = assetOf(bookId);
        TradeStatus status = trading.statusOf(id);
        if (status == TradeStatus.MarketOrder) {
            uint256 delay = trading.executionDelay(Mode(BookId.unwrap(bookId) % 2));
            return (assetId, trading.order(id).requestedAt.inSeconds() + delay, true);
        }
        Close memory close = trading.closeOf(id);
        bool isPending = close.kind == CloseKind.Requested || close.kind == CloseKind.ArmedStop;
        if (status == TradeStatus.Open && isPending) return (assetId, close.target.inSeconds(), true);
        return (assetId, block.timestamp, false);
    }

    /// @dev A live trade: among the latest forty.
    function pick(uint256 seed) internal view returns (uint256 id, bool isFound) {
        uint256 next = trading.nextTradeId();
        if (next == 1) return (1, false);
        uint256 span = next - 1 < 40 ? next - 1 : 40;
        uint256 first = next - span;
        uint256 spot = between(seed, 0, span - 1);
        for (uint256 i = 0; i < span; ++i) {
            id = first + ((spot + i) % span);
            if (trading.statusOf(id) != TradeStatus.None) return (id, true);
        }
    }

    function assetOf(BookId bookId) internal view returns (uint16) {
        (BookConfig memory config, ) = trading.bookConfig(bookId);
        return config.assetId;
    }

    function priceOf(BookId bookId) internal view returns (uint256) {
        return scene.priceNow(assetOf(bookId));
    }

    function near(uint256 price, uint256 seed, uint256 reachPips) internal pure returns (Price) {
        uint256 factor = 1_000_000 + between(seed, 0, 2 * reachPips) - reachPips;
        return Price.wrap(uint64((price * factor) / 1_000_000));
    }

    function beyond(uint256 price, bool isUp, uint256 pips) internal pure returns (Price) {
        return Price.wrap(uint64((price * (isUp ? 1_000_000 + pips : 1_000_000 - pips)) / 1_000_000));
    }
}
