// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITrading} from "contracts/interfaces/ITrading.sol";
import {TradingStateLib} from "contracts/periphery/TradingStateLib.sol";
import {BookId, BookSide, BookState} from "contracts/types/Book.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";
import {VM} from "../base/Vm.sol";

interface IHostile {
    function setHostile(bool isHostile) external;
    function setPaused(bool isPaused) external;
    function setBlacklisted(address account, bool isListed) external;
    function setFeePips(uint256 feePips) external;
    function arm(address target, bytes calldata data) external;
    function arm(address target, bytes calldata data, bool callsBeforeMove) external;
    function disarm() external;
}

/// @notice Time, prices, feeds, gifts, and tokens and receivers that turn on those who pay them.
contract WorldHandler is Handler {
    using TradingStateLib for ITrading;

    /// @dev The token that has another's code now; 0: none.
    address private masked;

    constructor(Scene scene_) Handler(scene_) {}

    /// @notice Time passes, and no book pays its sides more carry than they owe.
    function wait(uint256 seed) external {
        uint256 seconds_ = percent(seed, 80) ? between(seed, 1, 30) : between(seed, 60, 20_000);
        ITrading trading = scene.trading();
        uint256 count = scene.bookCount();
        BookState[] memory before = new BookState[](count);
        for (uint256 i = 0; i < count; ++i) before[i] = trading.bookState(BookId.wrap(scene.book(i)));
        scene.advance(seconds_);
        if (percent(seed, 90)) scene.report();
        for (uint256 i = 0; i < count; ++i) {
            BookId id = BookId.wrap(scene.book(i));
            BookState memory state = trading.bookState(id);
            int256 ofLongs = int256(state.longIndex) - before[i].longIndex;
            int256 ofShorts = int256(state.shortIndex) - before[i].shortIndex;
            int256 flow =
                ofLongs * int256(uint256(trading.bookSide(id, true).notional)) +
                    ofShorts * int256(uint256(trading.bookSide(id, false).notional));
            require(flow >= 0, "I9: the vault pays carry");
        }
        scene.count("world.wait");
    }

    function move(uint256 seed, int256 pips, bool isJump) external {
        int256 reach = isJump ? int256(60_000) : int256(3_000);
        int256 by = (pips % reach);
        uint256 index = seed % scene.assetCount();
        uint16 assetId = scene.assetIdAt(index);
        uint256 price = scene.priceNow(assetId);
        // Dollars stay near their peg, but for a little.
        if (price < 2e10) by = by / 20;
        uint256 moved = uint256((int256(price) * (1_000_000 + by)) / 1_000_000);
        // A price that has run away tells nothing new.
        if (moved > 1e16 || moved < 5e9) return;
        scene.advance(1);
        scene.setPrice(index, moved);
        if (percent(seed, 80)) scene.report();
        scene.count("world.move");
    }

    /// @notice Pyth is silent about an asset for some seconds.
    function gap(uint256 seed) external {
        scene.setGap(seed % scene.assetCount(), block.timestamp + between(seed, 2, 90));
        scene.count("world.gap");
    }

    /// @notice The feeds of an asset lag, or disagree, or are as they should be.
    function feeds(uint256 seed) external {
        uint256 index = seed % scene.assetCount();
        bool lags = percent(seed, 20);
        int256 skew = percent(seed, 30) ? int256(between(seed, 0, 30_000)) - 15_000 : int256(0);
        scene.setFeeds(index, lags, skew);
        scene.count(
            lags
                ? "world.feed lags"
                : skew != 0
                    ? "world.feeds disagree"
                    : "world.feeds agree"
        );
    }

    function gift(uint256 seed, uint256 usd) external {
        RecordedToken memory t = scene.token(seed);
        if (t.token == masked) return;
        string[6] memory names = ["vault", "trading", "pro", "executor", "alpManager", "router"];
        address to = scene.place(names[between(seed, 0, 5)]);
        scene.donate(t, scene.unitsOf(t, between(usd, 1, 1_000)), to);
        // Coin can be forced into anything.
        VM.deal(to, to.balance + between(usd, 0, 1e18));
        scene.count("world.gift");
    }

    /// @notice A token refuses, charges, blacklists or calls back; what accounts hold stays.
    function mask(uint256 seed) external {
        if (masked != address(0)) return unmask();
        RecordedToken memory t = scene.token(seed);
        // The wrapped coin has a layout of its own, and Pro's collateral is worth its unit by assumption.
        if (t.token == scene.vault().wrappedNative()) return;
        string[5] memory names = [
            "PausableToken",
            "BlacklistToken",
            "FeeOnTransferToken",
            "ReentrantToken",
            "ReturnsFalseToken"
        ];
        uint256 face = between(seed, 0, 4);
        masked = t.token;
        VM.etch(t.token, scene.place(names[face]).code);
        IHostile h = IHostile(t.token);
        if (face == 0) h.setPaused(true);
        else if (face == 1) h.setBlacklisted(scene.actor(seed >> 8), true);
        else if (face == 2) h.setFeePips(20_000);
        else if (face == 4) h.setHostile(true);
        else {
            bytes memory call = abi.encodeCall(ITrading.execute, (1, 0, address(this)));
            h.arm(address(scene.trading()), call, percent(seed, 50));
        }
        scene.count(string.concat("world.", names[face]));
    }

    function unmask() public {
        if (masked == address(0)) return;
        // Whatever its flags say, its own code does not look at them.
        VM.etch(masked, scene.codeOf(masked));
        masked = address(0);
    }

    /// @notice Wallets refuse the coin, or call the system when they are paid.
    function receivers(uint256 seed, bool isHostile) external {
        IHostile(scene.place("RevertingReceiver")).setHostile(isHostile);
        bytes memory call = abi.encodeCall(ITrading.execute, (between(seed, 1, 9), 0, address(this)));
        if (isHostile) IHostile(scene.place("ReentrantReceiver")).arm(address(scene.trading()), call);
        scene.count("world.receivers");
    }
}
