// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAlpManager} from "contracts/interfaces/IAlpManager.sol";
import {IBreaker} from "contracts/interfaces/IBreaker.sol";
import {IGuardianCuts} from "contracts/interfaces/IGuardianCuts.sol";
import {IPredictionConfigurator} from "contracts/interfaces/IPredictionConfigurator.sol";
import {IPriceSources} from "contracts/interfaces/IPriceSources.sol";
import {ITrading} from "contracts/interfaces/ITrading.sol";
import {ITradingConfigurator} from "contracts/interfaces/ITradingConfigurator.sol";
import {IProConfigurator} from "contracts/pro/interfaces/IProConfigurator.sol";
import {MarketStatus} from "contracts/pro/types/MarketConfig.sol";
import {BookId, BookStatus, SlippageModel} from "contracts/types/Book.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedOffer} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";

interface IVaultGuard {
    function cutCeiling(address product, address token, uint128 ceiling) external;
    function setCeiling(address product, address token, uint128 ceiling, uint256 cuts) external;
}

/// @notice Those with roles, and those without who try what they may.
contract GovernanceHandler is Handler {
    address private immutable guardian;
    address private immutable riskManager;
    address private immutable governor;
    IBreaker private immutable breaker;
    ITrading private immutable trading;
    ITradingConfigurator private immutable books;
    IProConfigurator private immutable pro;
    /// @dev Sources that were disabled: asset, and place in the lower 8 bits.
    uint256[] private _disabled;

    constructor(Scene scene_) Handler(scene_) {
        guardian = scene_.place("guardian");
        riskManager = scene_.place("riskManager");
        governor = scene_.place("governor");
        (breaker, trading) = (scene_.breaker(), scene_.trading());
        books = ITradingConfigurator(scene_.place("tradingConfigurator"));
        pro = IProConfigurator(scene_.place("proConfigurator"));
    }

    function raise(uint256 seed) external {
        uint8 level = breaker.level();
        uint8 to = uint8(between(seed, 1, 3));
        // Mostly low: a system that stands still shows little.
        if (to == 3 && !percent(seed, 30)) to = 1;
        bool isDone = scene.attempt(guardian, address(breaker), abi.encodeCall(breaker.raise, (to)));
        require(!isDone || to > level, "I23: the level was raised to a lower one");
        require(isDone || breaker.level() == level, "I23: a refused raise changed the level");
        tally("breaker.raise", isDone);
    }

    function lower(uint256 seed) external {
        if (breaker.level() == 0) return;
        bool isStale = percent(seed, 20);
        bytes memory data = abi.encodeCall(breaker.lower, (0, breaker.raisedAt() - (isStale ? 1 : 0)));
        bool isDone = scene.attempt(riskManager, address(breaker), data);
        require(!isDone || !isStale, "I25: lowered over a later raise");
        tally("breaker.lower", isDone);
        if (isDone && percent(seed, 70)) {
            scene.advance(2 hours);
            scene.report();
        }
    }

    function cutBook(uint256 seed, uint256 kind) external {
        BookId id = BookId.wrap(scene.book(seed));
        bytes memory data;
        if (kind % 3 == 0)
            data = abi.encodeCall(
                books.cutCaps,
                (trading, id, uint40(between(seed, 10_000, 2_000_000)), uint32(between(seed, 1_000, 30_000)))
            );
        else if (kind % 3 == 1)
            data = abi.encodeCall(books.startNewsWindow, (trading, id, uint40(between(seed, 60, 3_600))));
        else data = abi.encodeCall(books.disableBook, (trading, id));
        tally("guardian.cutBook", scene.attempt(guardian, address(books), data));
    }

    /// @notice What was cut comes back with the number of cuts, and never with an earlier one.
    function restoreBook(uint256 seed) external {
        BookId id = BookId.wrap(scene.book(seed));
        uint256 cuts = IGuardianCuts(address(books)).cutsOf(books.capsSetting(trading, id));
        bool isStale = cuts > 0 && percent(seed, 30);
        uint40 cap = uint40(between(seed, 500_000, 5_500_000));
        bytes memory data = abi.encodeCall(
            books.setCaps,
            (trading, id, cap, uint32(between(seed, 20_000, 200_000)), isStale ? cuts - 1 : cuts)
        );
        bool isDone = scene.attempt(riskManager, address(books), data);
        require(!isDone || !isStale, "I25: a cap was given back by a call from before the cut");
        tally("riskManager.setCaps", isDone);
        cuts = IGuardianCuts(address(books)).cutsOf(books.statusSetting(trading, id));
        data = abi.encodeCall(books.setStatus, (trading, id, BookStatus.Active, cuts));
        tally("riskManager.setStatus", scene.attempt(riskManager, address(books), data));
    }

    function setBook(uint256 seed, uint256 kind) external {
        BookId id = BookId.wrap(scene.book(seed));
        bytes memory data;
        if (kind % 3 == 0)
            data = abi.encodeCall(
                books.setFees,
                (trading, id, uint24(between(seed, 0, 1_000)), uint24(between(seed, 0, 1_000_000)))
            );
        else if (kind % 3 == 1)
            data = abi.encodeCall(
                books.setRates,
                (
                    trading,
                    id,
                    uint16(between(seed, 0, 100)),
                    uint16(between(seed, 0, 300)),
                    uint16(between(seed, 0, 20)),
                    uint16(between(seed, 20, 300))
                )
            );
        else
            data = abi.encodeCall(
                books.setMinimums,
                (trading, id, uint32(between(seed, 1, 2_000)), uint16(between(seed, 1, 50)))
            );
        tally("riskManager.setBook", scene.attempt(riskManager, address(books), data));
    }

    function source(uint256 seed, bool isBack) external {
        address aggregator = scene.place("priceAggregator");
        (uint16 assetId, uint256 index) = (scene.assetIdAt(seed), between(seed, 0, 1));
        if (isBack && _disabled.length > 0) {
            uint256 spot = seed % _disabled.length;
            (assetId, index) = (uint16(_disabled[spot] >> 8), uint8(_disabled[spot]));
        }
        bytes memory data =
            isBack
                ? abi.encodeCall(IPriceSources.restoreSource, (assetId, index))
                : abi.encodeCall(IPriceSources.disableSource, (assetId, index));
        bool isDone = scene.attempt(guardian, aggregator, data);
        if (isDone && !isBack) _disabled.push((uint256(assetId) << 8) | index);
        tally(isBack ? "guardian.restoreSource" : "guardian.disableSource", isDone);
    }

    function ceiling(uint256 seed, bool isCut) external {
        address product = percent(seed, 50) ? address(trading) : address(scene.prediction());
        address token = scene.token(seed >> 8).token;
        uint256 now_ = scene.vault().productLedger(product, token).ceiling;
        if (!isCut || now_ == 0) return;
        bytes memory data = abi.encodeCall(
            IVaultGuard.cutCeiling,
            (product, token, uint128((now_ * between(seed, 50, 100)) / 100))
        );
        tally("guardian.cutCeiling", scene.attempt(guardian, address(scene.vault()), data));
    }

    function prediction(uint256 seed) external {
        IPredictionConfigurator config = IPredictionConfigurator(scene.place("predictionConfigurator"));
        RecordedOffer memory o = scene.offer(seed);
        uint96 cap = scene.prediction().period(o.marketId, o.token, o.periodSeconds).maxOpenStake;
        bytes memory data = abi.encodeCall(
            config.cutCap,
            (
                scene.prediction(),
                o.marketId,
                o.token,
                o.periodSeconds,
                uint96((uint256(cap) * between(seed, 60, 110)) / 100)
            )
        );
        tally("guardian.cutCap", scene.attempt(guardian, address(config), data));
    }

    function alpFees(uint256 seed) external {
        address manager = scene.place("alpManager");
        bytes memory data = abi.encodeCall(
            IAlpManager.setFees,
            (uint24(between(seed, 0, 12_000)), uint24(between(seed >> 8, 0, 12_000)))
        );
        tally("riskManager.setFees", scene.attempt(riskManager, manager, data));
    }

    function proMarket(uint256 seed, uint256 kind) external {
        uint8 market = uint8(between(seed, 0, 2));
        bytes memory data;
        address who = guardian;
        if (kind % 4 == 0)
            data = abi.encodeCall(pro.cutCaps, (scene.pro(), market, uint40(between(seed, 10_000, 6_000_000))));
        else if (kind % 4 == 1 && percent(seed, 20)) data = abi.encodeCall(pro.disable, (scene.pro(), market));
        else {
            who = riskManager;
            uint256 cuts = IGuardianCuts(address(pro)).cutsOf(pro.statusSetting(scene.pro(), market));
            data = abi.encodeCall(pro.setStatus, (scene.pro(), market, MarketStatus.Active, cuts));
        }
        tally(who == guardian ? "guardian.pro" : "riskManager.pro", scene.attempt(who, address(pro), data));
    }

    /// @notice Whoever has no role is refused, whatever he asks for.
    function stranger(uint256 seed) external {
        address who = scene.actor(seed);
        (address target, bytes memory data) = _restricted(seed);
        require(!scene.attempt(who, target, data), "I24: done without its role");
        scene.count("stranger refused");
    }

    function _restricted(uint256 seed) private view returns (address target, bytes memory data) {
        uint256 kind = between(seed, 0, 7);
        BookId id = BookId.wrap(scene.book(seed));
        address token = scene.token(seed).token;
        address vault = address(scene.vault());
        if (kind == 0) return (address(breaker), abi.encodeCall(breaker.raise, (3)));
        if (kind == 1) return (vault, abi.encodeCall(IVaultGuard.setCeiling, (address(trading), token, 1, 0)));
        if (kind == 2)
            return (vault, abi.encodeCall(scene.vault().removeLiquidity, (token, scene.actor(seed), 1, false)));
        if (kind == 3) return (address(books), abi.encodeCall(books.disableBook, (trading, id)));
        if (kind == 4) return (address(scene.alp()), abi.encodeCall(scene.alp().mint, (scene.actor(seed), 1)));
        if (kind == 5) return (vault, abi.encodeCall(scene.vault().allocateFees, (token, scene.actor(seed), 1)));
        if (kind == 6) return (address(pro), abi.encodeCall(pro.close, (scene.pro())));
        return (scene.place("priceAggregator"), abi.encodeCall(IPriceSources.setPyth, (scene.actor(seed))));
    }
}
