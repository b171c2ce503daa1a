// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PriceProof} from "contracts/interfaces/IPriceAggregator.sol";
import {TokenLedger} from "contracts/interfaces/IVault.sol";
import {ProOutcome, ProReason} from "contracts/pro/ProOutcome.sol";
import {ProStateLib} from "contracts/pro/ProStateLib.sol";
import {IPro} from "contracts/pro/interfaces/IPro.sol";
import {IProKeeper, ProItem, ProItemResult, ProTask} from "contracts/pro/interfaces/IProKeeper.sol";
import {HealthView, IProLens} from "contracts/pro/interfaces/IProLens.sol";
import {ActionKind, ActionWord, OrderType, ResultWord} from "contracts/pro/types/ActionWord.sol";
import {ConfigWord} from "contracts/pro/types/MarketConfig.sol";
import {IndicesWord, MarkWord} from "contracts/pro/types/MarketWords.sol";
import {ProIds} from "contracts/pro/types/ProIds.sol";
import {Handler} from "../base/Handler.sol";
import {RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";

/// @notice Who trades on Pro, and how he acts, refreshes and keeps.
abstract contract ProHand is Handler {
    using ProStateLib for IPro;

    uint8 public constant MARKETS = 3;
    uint256 internal constant OWNERS = 4;
    uint8 internal constant SUBS = 2;
    uint256 private constant SOFT = 1 << 8;
    uint256 private constant MOST_FILLS = 12;
    /// @dev Seconds between two steps of a position.
    uint256 private constant STEP_PAUSE = 10;

    IPro internal immutable pro;
    IProLens internal immutable lens;
    address internal immutable keeper;
    uint256 internal immutable quotePerUnit;
    RecordedToken internal settlement;
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
            _open(scene_, scene_.actor(i + 1), 0, 20_000);
            // Little, so that he can lose it.
            _open(scene_, scene_.actor(i + 1), 1, 2_000);
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

    function seat(uint256 seed) public view returns (uint40 account, address owner) {
        account = accounts[(seed >> 64) % (accounts.length - 1)];
        owner = ownerOf[account];
    }

    function collateral() public view returns (uint256) {
        return scene.vault().productLedger(address(pro), settlement.token).collateral * quotePerUnit;
    }

    function _run(uint256 seed, ProItem memory item) internal {
        HealthView memory before = lens.health(pro, item.scope);
        uint256 openInterest = pro.market(item.market).indices.openInterest();
        uint256 lastStep = pro.party(item.market, ProIds.accountOfScope(item.scope)).lastStep;
        (bool isSent, ProItemResult memory result) = _keep(seed, item);
        if (!isSent) return;
        if (result.outcome == ProOutcome.Reduced || result.outcome == ProOutcome.Deleveraged) {
            require(before.isLiquidatable, "Pro 15: liquidated without being liquidatable");
        }
        if (item.task == ProTask.Liquidate && before.isLiquidatable && result.outcome == ProOutcome.Skipped) {
            bool isPaused = result.reason == ProReason.StepTooSoon && block.timestamp < lastStep + STEP_PAUSE;
            require(isPaused || _isExcused(result.reason), "Pro 15: due, and no step was made");
        }
        // Each lot's part is rounded up.
        if (result.outcome == ProOutcome.LossShared) dustAllowed += openInterest;
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
        scene.count(string.concat("pro.", names[uint256(result.outcome)]));
    }

    function _keep(uint256 seed, ProItem memory item) private returns (bool isSent, ProItemResult memory result) {
        ProItem[] memory items = new ProItem[](1);
        items[0] = item;
        uint256 ofLps = _ofLps();
        bytes memory data = abi.encodeCall(IProKeeper.run, (pro, new PriceProof[](0), items));
        if (!scene.attempt(scene.actor(seed % 2 == 0 ? 0 : 1), keeper, data, 0)) return (false, result);
        result = abi.decode(scene.answer(), (ProItemResult[]))[0];
        require(!result.isFailed, "Pro 15: an item failed instead of being skipped");
        require(_ofLps() == ofLps, "Pro 3: an item touched what is the LPs'");
        return (true, result);
    }

    /// @dev The moment, another market than the one that is due, or a book with nothing in reach.
    function _isExcused(ProReason reason) private pure returns (bool) {
        return
            reason == ProReason.LiquidationGrace ||
            reason == ProReason.BreakerRaised ||
            reason == ProReason.IndexStale ||
            reason == ProReason.SequencerNotReady ||
            reason == ProReason.PositionMissing ||
            reason == ProReason.PositionNotDue ||
            reason == ProReason.NothingFilled;
    }

    function _act(
        string memory name,
        uint40 account,
        address owner,
        uint256[] memory actions,
        uint256 leaves
    ) internal returns (bool isDone) {
        (uint256 held, uint256 ofLps) = (collateral(), _ofLps());
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
            _checkResults(account, actions, results);
        }
        require(_ofLps() == ofLps, "Pro 3: a call touched what is the LPs'");
        tally(name, isDone);
    }

    /// @dev 9 and 12. A call acts in one market.
    function _checkResults(uint40 account, uint256[] memory actions, uint256[] memory results) private {
        bool isResting = false;
        for (uint256 i = 0; i < results.length; ++i) {
            (ActionWord action, ResultWord result) = (ActionWord.wrap(actions[i]), ResultWord.wrap(results[i]));
            if (action.kind() != uint256(ActionKind.Place)) continue;
            if (result.filled() > 0) scene.count("pro.filled");
            // What follows in a call may fill and rest as well.
            if (result.filled() > 0 && actions.length == 1) _checkFill(action);
            if (result.orderId() != 0 && !action.isReduceOnly()) isResting = true;
        }
        if (!isResting) return;
        uint8 market = ActionWord.wrap(actions[actions.length - 1]).market();
        HealthView memory health = lens.health(pro, _scopeOf(account, market));
        int256 has = health.cash + (health.pnl < 0 ? health.pnl : int256(0));
        require(has >= int256(health.initialMargin), "Pro 12: an order rests without its margin");
    }

    /// @dev Best first: the last fill was the worst, within the limit, and nothing better is left.
    function _checkFill(ActionWord action) private view {
        MarkWord mark = pro.market(action.market()).mark;
        (uint24 last, uint24 limit, uint24 best) = (mark.last(), action.tick(), mark.best(!action.isBid()));
        bool isWithin = limit == 0 || (action.isBid() ? last <= limit : last >= limit);
        require(isWithin, "Pro 9: filled beyond its limit");
        require(best == 0 || (action.isBid() ? last <= best : last >= best), "Pro 9: a better order was passed over");
    }

    /// @dev What no call of Pro's may change.
    function _ofLps() private view returns (uint256) {
        TokenLedger memory ledger = scene.vault().ledger(settlement.token);
        return (uint256(ledger.liquidity) << 112) | ledger.reserved;
    }

    function _moved(uint256 heldBefore) internal {
        paidIn += int256(collateral()) - int256(heldBefore);
    }

    function _refresh(uint256 seed) internal {
        scene.report();
        PriceProof[] memory proofs = scene.proofOfAll();
        int256[] memory apart = _indicesApart();
        bytes memory data = abi.encodeCall(IProKeeper.run, (pro, proofs, _refreshes(proofs)));
        scene.attempt(scene.actor(seed), keeper, data, 1e9);
        int256[] memory later = _indicesApart();
        for (uint8 market = 0; market < MARKETS; ++market) {
            require(apart[market] == later[market], "Pro 11: one side pays what the other does not receive");
        }
    }

    /// @dev Of each market, by the tick of its asset in the first proof.
    function _refreshes(PriceProof[] memory proofs) internal view returns (ProItem[] memory items) {
        items = new ProItem[](MARKETS);
        for (uint8 market = 0; market < MARKETS; ++market) {
            items[market] = ProItem(ProTask.Refresh, market, 0, 0, _spotOf(proofs, market));
        }
    }

    function _spotOf(PriceProof[] memory proofs, uint8 market) internal view returns (uint256 spot) {
        for (uint256 i = 0; i < proofs[0].assetIds.length; ++i) if (proofs[0].assetIds[i] == _assetOf(market)) spot = i;
    }

    /// @dev Funding moves both indices of a market alike; only shared losses move one alone.
    function _indicesApart() private view returns (int256[] memory apart) {
        apart = new int256[](MARKETS);
        for (uint8 market = 0; market < MARKETS; ++market) {
            IndicesWord indices = pro.market(market).indices;
            apart[market] = indices.longIndex() - indices.shortIndex();
        }
    }

    /// @dev A soft Place of any kind; `away` in hundredths of a percent from the index.
    function _place(
        uint256 seed,
        uint8 market,
        bool isBid,
        int256 away,
        uint8 kind
    ) internal view returns (uint256 word) {
        word = _placed(market, isBid, away, OrderType(kind), _lotsFor(market, between(seed, 300, 12_000)));
        if (percent(mix(seed, 7), 15)) word |= 1 << 25;
        word |= between(seed, 0, 2) << 40;
        word = (word & ~(uint256(0xff) << 48)) | (between(seed, 1, MOST_FILLS) << 48);
        if (kind < 2 && percent(seed, 15)) word |= (block.timestamp + between(seed, 2, 60)) << 128;
    }

    /// @dev A soft Place without expiry that meets up to 12 orders.
    function _placed(
        uint8 market,
        bool isBid,
        int256 away,
        OrderType kind,
        uint256 lots
    ) internal view returns (uint256 word) {
        ConfigWord config = pro.config(market);
        uint256 price = scene.priceNow(config.assetId());
        uint256 tick = uint256((int256(price / config.tickSize()) * (10_000 + away)) / 10_000);
        word = uint256(ActionKind.Place) | SOFT | (uint256(market) << 16);
        if (isBid) word |= 1 << 24;
        word |= (uint256(kind) << 32) | (MOST_FILLS << 48) | (tick << 56) | (lots << 80);
    }

    /// @dev Lots that are worth so many dollars, one more than fit.
    function _lotsFor(uint8 market, uint256 usd) internal view returns (uint256) {
        ConfigWord config = pro.config(market);
        uint256 perLot = (scene.priceNow(config.assetId()) * config.lotSize()) / 1e18;
        return usd / (perLot == 0 ? 1 : perLot) + 1;
    }

    function _scopeOf(uint40 account, uint8 market) internal view returns (uint48) {
        return ProIds.scopeOf(account, market, pro.party(market, account).sums.isIsolated());
    }

    function _assetOf(uint8 market) internal view returns (uint16) {
        return pro.config(market).assetId();
    }

    function _open(Scene scene_, address owner, uint8 sub, uint256 usd) internal {
        uint256 amount = scene_.unitsOf(settlement, usd);
        require(scene_.attempt(owner, address(pro), abi.encodeCall(pro.deposit, (owner, sub, amount))));
        uint40 account = pro.accountOf(owner, sub);
        accounts.push(account);
        ownerOf[account] = owner;
        paidIn += int256(amount * quotePerUnit);
    }
}
