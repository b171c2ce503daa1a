// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceProof} from "contracts/interfaces/IPriceAggregator.sol";
import {ProOutcome} from "contracts/pro/ProOutcome.sol";
import {ProStateLib} from "contracts/pro/ProStateLib.sol";
import {IPro} from "contracts/pro/interfaces/IPro.sol";
import {IProKeeper, ProItem, ProItemResult, ProTask} from "contracts/pro/interfaces/IProKeeper.sol";
import {HealthView, IProLens, OrderView} from "contracts/pro/interfaces/IProLens.sol";
import {ActionKind, ResultWord} from "contracts/pro/types/ActionWord.sol";
import {ConfigWord} from "contracts/pro/types/MarketConfig.sol";
import {ProIds} from "contracts/pro/types/ProIds.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";

/// @notice Accounts, orders and keepers of Pro.
contract ProHandler is Handler {
    using ProStateLib for IPro;

    uint8 public constant MARKETS = 3;
    uint256 private constant OWNERS = 4;
    uint8 private constant SUBS = 2;
    uint256 private constant SOFT = 1 << 8;

    IPro private immutable pro;
    IProLens private immutable lens;
    address private immutable keeper;
    uint256 private immutable quotePerUnit;
    RecordedToken private settlement;
    uint40[] public accounts;
    mapping(uint40 account => address) public ownerOf;
    /// @notice Whole collateral that came in and has not left, quote.
    int256 public paidIn;
    /// @notice What charges that were rounded up may have left, quote.
    uint256 public dustAllowed;

    constructor(Scene scene_) Handler(scene_) {
        (pro, lens) = (scene_.pro(), IProLens(scene_.place("proLens")));
        keeper = scene_.place("proKeeper");
        address token = scene_.place("settlement");
        for (uint256 i = 0; i < scene_.tokenCount(); ++i)
            if (scene_.token(i).token == token) settlement = scene_.token(i);
        quotePerUnit = 10 ** (18 - settlement.decimals);
        for (uint256 i = 0; i < OWNERS; ++i) {
            for (uint8 sub = 0; sub < SUBS; ++sub) _open(scene_, scene_.actor(i + 1), sub, 20_000);
        }
        // The keeper's own, who is paid into it.
        _open(scene_, scene_.actor(0), 0, 1);
        for (uint8 market = 0; market < MARKETS; ++market) {
            uint256 amount = scene_.unitsOf(settlement, 2_000);
            require(scene_.attempt(scene_.actor(1), address(pro), abi.encodeCall(pro.addToFund, (market, amount))));
            paidIn += int256(amount * quotePerUnit);
        }
    }

    function accountCount() external view returns (uint256) {
        return accounts.length;
    }

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
        actions[0] = _place(seed, uint8(seed % MARKETS), isBid, isBid ? int256(60) : -int256(60), 2);
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

    function seat(uint256 seed) public view returns (uint40 account, address owner) {
        account = accounts[(seed >> 64) % (accounts.length - 1)];
        owner = ownerOf[account];
    }

    function collateral() public view returns (uint256) {
        return scene.vault().productLedger(address(pro), settlement.token).collateral * quotePerUnit;
    }

    function _liquidate(uint256 seed, uint40 account, uint8 market) private {
        uint48 scope = _scopeOf(account, market);
        if (!lens.health(pro, scope).isLiquidatable) return;
        _run(seed, ProItem(ProTask.Liquidate, market, scope, 0, between(seed, 3, 30)));
        if (!lens.health(pro, scope).isLiquidatable) return;
        uint40 other = accounts[(seed >> 8) % accounts.length];
        _run(seed, ProItem(ProTask.Deleverage, market, scope, other, 0));
        _run(seed, ProItem(ProTask.ShareLoss, market, scope, other, 0));
    }

    function _run(uint256 seed, ProItem memory item) private {
        ProItem[] memory items = new ProItem[](1);
        items[0] = item;
        HealthView memory before = lens.health(pro, item.scope);
        uint256 openInterest = pro.market(item.market).indices.openInterest();
        bytes memory data = abi.encodeCall(IProKeeper.run, (pro, new PriceProof[](0), items));
        if (!scene.attempt(scene.actor(seed % 2 == 0 ? 0 : 1), keeper, data, 0)) return;
        ProItemResult[] memory results = abi.decode(scene.answer(), (ProItemResult[]));
        require(!results[0].isFailed, "Pro 15: an item failed instead of being skipped");
        ProOutcome outcome = results[0].outcome;
        if (outcome == ProOutcome.Reduced || outcome == ProOutcome.Deleveraged) {
            require(before.isLiquidatable, "Pro 15: liquidated without being liquidatable");
        }
        // Each lot's part is rounded up.
        if (outcome == ProOutcome.LossShared) dustAllowed += openInterest;
        string[11] memory names = [
            "skipped",
            "refreshed",
            "cancelled",
            "reduced",
            "distressed",
            "deleveraged",
            "lossShared",
            "settled",
            "?",
            "?",
            "?"
        ];
        scene.count(string.concat("pro.", names[uint256(outcome)]));
    }

    function _act(
        string memory name,
        uint40 account,
        address owner,
        uint256[] memory actions,
        uint256 leaves
    ) private returns (bool isDone) {
        uint256 held = collateral();
        PriceProof[] memory none = new PriceProof[](0);
        (bool isForeseen, uint256[] memory foreseen, ) = lens.previewAct(pro, owner, account, none, actions);
        isDone = scene.attempt(owner, address(pro), abi.encodeCall(pro.act, (account, none, actions)));
        require(isDone == isForeseen, "Pro 27: the preview said otherwise");
        if (isDone) {
            uint256[] memory results = abi.decode(scene.answer(), (uint256[]));
            require(
                keccak256(abi.encode(results)) == keccak256(abi.encode(foreseen)),
                "Pro 27: other results than foreseen"
            );
            require(held - collateral() == leaves, "Pro 4: collateral left, or came, that nobody moved");
            _moved(held);
            for (uint256 i = 0; i < results.length; ++i) {
                if (ResultWord.wrap(results[i]).filled() > 0) scene.count("pro.filled");
            }
        }
        tally(name, isDone);
    }

    function _moved(uint256 heldBefore) private {
        paidIn += int256(collateral()) - int256(heldBefore);
    }

    function _refresh(uint256 seed) private {
        scene.report();
        ProItem[] memory items = new ProItem[](MARKETS);
        PriceProof[] memory proofs = scene.proofOfAll();
        for (uint8 market = 0; market < MARKETS; ++market) {
            uint256 spot;
            for (uint256 i = 0; i < proofs[0].assetIds.length; ++i)
                if (proofs[0].assetIds[i] == _assetOf(market)) spot = i;
            items[market] = ProItem(ProTask.Refresh, market, 0, 0, spot);
        }
        bytes memory data = abi.encodeCall(IProKeeper.run, (pro, proofs, items));
        scene.attempt(scene.actor(seed), keeper, data, 1e9);
    }

    /// @dev A soft Place; `away` in hundredths of a percent from the index.
    function _place(
        uint256 seed,
        uint8 market,
        bool isBid,
        int256 away,
        uint8 kind
    ) private view returns (uint256 word) {
        ConfigWord config = pro.config(market);
        uint256 price = scene.priceNow(config.assetId());
        uint256 tick = uint256((int256(price / config.tickSize()) * (10_000 + away)) / 10_000);
        uint256 perLot = (price * config.lotSize()) / 1e18;
        uint256 lots = between(seed, 300, 12_000) / (perLot == 0 ? 1 : perLot) + 1;
        uint256 expiry = percent(seed, 15) ? block.timestamp + between(seed, 2, 60) : 0;
        if (kind >= 2) expiry = 0;
        word = uint256(ActionKind.Place) | SOFT | (uint256(market) << 16);
        if (isBid) word |= 1 << 24;
        if (percent(mix(seed, 7), 15)) word |= 1 << 25;
        word |= (uint256(kind) << 32) | (between(seed, 0, 2) << 40) | (between(seed, 1, 12) << 48);
        word |= (tick << 56) | (lots << 80) | (expiry << 128);
    }

    function _scopeOf(uint40 account, uint8 market) private view returns (uint48) {
        return ProIds.scopeOf(account, market, pro.party(market, account).sums.isIsolated());
    }

    function _assetOf(uint8 market) private view returns (uint16) {
        return pro.config(market).assetId();
    }

    function _ownersOther(uint40 account) private view returns (uint40 other) {
        for (uint256 i = 0; i < accounts.length; ++i) if (accounts[i] >> 8 != account >> 8) return accounts[i];
    }

    function _open(Scene scene_, address owner, uint8 sub, uint256 usd) private {
        uint256 amount = scene_.unitsOf(settlement, usd);
        require(scene_.attempt(owner, address(pro), abi.encodeCall(pro.deposit, (owner, sub, amount))));
        uint40 account = pro.accountOf(owner, sub);
        accounts.push(account);
        ownerOf[account] = owner;
        paidIn += int256(amount * quotePerUnit);
    }
}
