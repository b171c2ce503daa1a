// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {PriceProof} from "../interfaces/IPriceAggregator.sol";
import {ProOutcome, ProReason} from "../pro/ProOutcome.sol";
import {ProStateLib} from "../pro/ProStateLib.sol";
import {GridOrder, GridRoll, GridSide, IGridBook} from "../pro/interfaces/IGridBook.sol";
import {IPro} from "../pro/interfaces/IPro.sol";
import {GridMath} from "../pro/math/GridMath.sol";
import {GridCase, GridLine, GridPlan, GridRules} from "../pro/rules/GridRules.sol";
import {ProRefusals} from "../pro/rules/ProRefusals.sol";
import {ActionWord, ActionWordPacking, OrderType, ResultWord} from "../pro/types/ActionWord.sol";
import {
    GridIds,
    GridLedger,
    GridLedgerFields,
    GridProgress,
    GridProgressFields,
    GridWord,
    GridWordFields
} from "../pro/types/GridWord.sol";
import {ConfigWord, LimitsWord, MarketStatus} from "../pro/types/MarketConfig.sol";
import {IndexWord, MarkWord} from "../pro/types/MarketWords.sol";
import {PositionWord} from "../pro/types/PositionWord.sol";
import {ProIds} from "../pro/types/ProIds.sol";
import {SumsWord} from "../pro/types/SumsWord.sol";
import {ONE_USD} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";

/// @title GridBook
/// @notice See `IGridBook`.
contract GridBook is IGridBook, ReentrancyGuardTransient {
    using ProStateLib for IPro;

    uint256 private constant MIN_LINES = 2;
    uint256 private constant MAX_LINES = 100;
    /// @dev On both sides together as many orders as Pro has slots for in a market.
    uint256 private constant MAX_WINDOW = 16;
    /// @dev Lines that one call pays for at most: as many as Pro lets a delegate give away.
    uint256 private constant MAX_ROLL = 10;
    /// @dev 0.02 USD, quote.
    uint256 private constant LINE_TIP = ONE_USD / 50;
    /// @dev Most resting orders that what a grid begins with meets: each costs about 30,000 gas.
    uint8 private constant MAX_FILLS = 100;
    uint256 private constant TICKS_IN_WORD = 10;
    uint256 private constant TICK_BITS = 24;

    /// @inheritdoc IGridBook
    IPro public immutable override pro;

    mapping(uint256 key => GridWord) private _grids;
    mapping(uint256 key => GridProgress) private _progress;
    mapping(uint256 key => GridLedger) private _ledgers;
    mapping(uint256 key => mapping(uint256 index => uint256)) private _ticks;

    constructor(IPro pro_) {
        Code.requireContract(address(pro_));
        pro = pro_;
    }

    /// @inheritdoc IGridBook
    function open(uint40 account, GridOrder calldata order) external override nonReentrant returns (uint256 id) {
        // Check:
        if (_ownerOf(account) != msg.sender) revert GridBook_NotAllowed(account, msg.sender);
        GridCase memory x;
        x.key = GridIds.keyOf(account, order.market);
        x.grid = _grids[x.key];
        // No key has 2^40 grids in the life of a chain.
        uint40 generation = x.grid.generation();
        if (x.grid.isRunning()) revert GridBook_Running(GridIds.idOf(x.key, generation));
        ++generation;
        id = GridIds.idOf(x.key, generation);
        _begin(x, order, generation);
        // Effect:
        _grids[x.key] = x.grid;
        _storeTicks(x);
        emit GridOpened(id, account, msg.sender, order, x.held);
        // Interaction:
        GridRoll memory told;
        GridPlan memory plan = GridRules.planOf(x, 2 * MAX_WINDOW);
        uint256[] memory results = pro.act(account, new PriceProof[](0), _actionsOf(x, plan, order));
        uint256 first = results.length - plan.cancels.length - plan.lines.length;
        ProReason refused = _tell(id, plan, results, first, told);
        if (refused != ProReason.None && told.placed == 0) revert GridBook_NothingPlaced(refused);
        _store(x, x.held);
    }

    /// @inheritdoc IGridBook
    function stop(uint256 id) external override nonReentrant returns (uint256 cancelled) {
        // Check:
        GridCase memory x;
        if (!_load(x, id)) revert GridBook_NotFound(id);
        uint40 account = GridIds.accountOf(x.key);
        if (_ownerOf(account) != msg.sender) revert GridBook_NotAllowed(account, msg.sender);
        GridRoll memory told;
        ProReason left = _clear(x, told);
        _end(x, id, ProReason.None, address(0), told, left);
        return told.cancelled;
    }

    /// @inheritdoc IGridBook
    function roll(
        uint256 id,
        uint256 maxLines,
        address keeper
    ) external override nonReentrant returns (ProOutcome outcome, ProReason reason) {
        (outcome, reason, ) = _roll(id, maxLines, keeper);
    }

    /// @inheritdoc IGridBook
    function simulate(uint256 id, uint256 maxLines, address keeper) external override nonReentrant {
        (ProOutcome outcome, ProReason reason, GridRoll memory told) = _roll(id, maxLines, keeper);
        revert GridBook_Simulated(outcome, reason, told);
    }

    /// @inheritdoc IGridBook
    function wordsOf(uint256 key) external view override returns (GridWord, GridProgress, GridLedger) {
        return (_grids[key], _progress[key], _ledgers[key]);
    }

    /// @inheritdoc IGridBook
    function ticksOf(uint256 key) external view override returns (uint24[] memory) {
        return _loadTicks(key, _grids[key].lines());
    }

    function _roll(
        uint256 id,
        uint256 maxLines,
        address keeper
    ) private returns (ProOutcome, ProReason reason, GridRoll memory told) {
        // Check:
        if (keeper == address(0)) revert GridBook_ZeroAddress();
        if (maxLines == 0 || maxLines > MAX_ROLL) revert GridBook_MaxLinesOutOfRange(maxLines, 1, MAX_ROLL);
        GridCase memory x;
        if (!_load(x, id)) return (ProOutcome.Skipped, ProReason.GridNotFound, told);
        reason = GridRules.endOf(x);
        if (reason != ProReason.None) return _finish(x, id, reason, keeper);
        GridPlan memory plan = GridRules.planOf(x, maxLines);
        // Whoever fills and rolls in turn would take a whole ladder at once, at a price that a jump has left behind: a second has one window.
        bool isRolled = x.ledger.rolledAt() == block.timestamp;
        if (isRolled || plan.lines.length + plan.cancels.length == 0) {
            return (ProOutcome.Skipped, ProReason.NothingToRoll, told);
        }
        if (!GridRules.isFresh(x)) return (ProOutcome.Skipped, ProReason.IndexStale, told);
        // Interaction:
        reason = _send(x, id, plan, told);
        if (told.placed + told.cancelled == 0) return (ProOutcome.Skipped, reason, told);
        uint256 paid = _distance(x.held, x.progress.paidHeld()) / x.grid.lots();
        if (paid > told.placed) paid = told.placed;
        told.tip = _tip(x, keeper, paid);
        // Effect: no call of Pro's above comes to anybody but Pro.
        uint256 moved = paid * x.grid.lots();
        uint256 paidHeld = x.progress.paidHeld();
        _store(x, x.held > paidHeld ? paidHeld + moved : paidHeld - moved);
        (told.bought, told.sold) = (x.bought, x.sold);
        emit GridRolled(id, keeper, x.held, told);
        return (ProOutcome.Rolled, ProReason.None, told);
    }

    /// @dev Where the delegate's rights are gone its orders can't be taken off: it runs on until they can.
    function _finish(
        GridCase memory x,
        uint256 id,
        ProReason reason,
        address keeper
    ) private returns (ProOutcome, ProReason, GridRoll memory told) {
        ProReason left = _clear(x, told);
        if (left != ProReason.None) return (ProOutcome.Skipped, left, told);
        told.tip = _tip(x, keeper, told.cancelled > MAX_ROLL ? MAX_ROLL : told.cancelled);
        _end(x, id, reason, keeper, told, ProReason.None);
        return (ProOutcome.Ended, reason, told);
    }

    /// @dev Takes all orders at the lines off the book.
    /// @return left Why Pro would not.
    function _clear(GridCase memory x, GridRoll memory told) private returns (ProReason left) {
        uint256[] memory actions = GridRules.ordersOf(x);
        if (actions.length == 0) return ProReason.None;
        for (uint256 i = 0; i < actions.length; ++i) {
            actions[i] = ActionWord.unwrap(ActionWordPacking.softCancel(actions[i]));
        }
        // Interaction:
        try pro.act(GridIds.accountOf(x.key), new PriceProof[](0), actions) returns (uint256[] memory results) {
            for (uint256 i = 0; i < results.length; ++i) {
                if (results[i] == 0) ++told.cancelled;
            }
        } catch (bytes memory reason) {
            left = ProRefusals.read(reason).reason;
        }
    }

    function _end(
        GridCase memory x,
        uint256 id,
        ProReason reason,
        address keeper,
        GridRoll memory told,
        ProReason left
    ) private {
        // Effect:
        _grids[x.key] = x.grid.ended();
        _store(x, x.held);
        (told.bought, told.sold) = (x.bought, x.sold);
        emit GridEnded(id, keeper, reason, x.held, told, left);
    }

    /// @dev The plan in one call, or half of its orders where a scope does not bear them, down to the one nearest to the price.
    /// @return reason Why the first order that was refused was, or the whole.
    function _send(
        GridCase memory x,
        uint256 id,
        GridPlan memory plan,
        GridRoll memory told
    ) private returns (ProReason reason) {
        uint40 account = GridIds.accountOf(x.key);
        while (true) {
            // Interaction:
            try pro.act(account, new PriceProof[](0), _actionsOf(x, plan)) returns (uint256[] memory results) {
                return _tell(id, plan, results, 0, told);
            } catch (bytes memory data) {
                reason = ProRefusals.read(data).reason;
            }
            bool isOfMargin = reason == ProReason.MarginTooLow || reason == ProReason.LeverageAboveTier;
            if (!isOfMargin || plan.lines.length < 2) return reason;
            _halve(plan.lines);
        }
    }

    /// @dev What a call did with the plan.
    /// @param first Of its results.
    /// @return reason Of the first order that was refused.
    function _tell(
        uint256 id,
        GridPlan memory plan,
        uint256[] memory results,
        uint256 first,
        GridRoll memory told
    ) private returns (ProReason reason) {
        for (uint256 i = 0; i < plan.cancels.length; ++i) {
            if (results[first + i] == 0) ++told.cancelled;
        }
        first += plan.cancels.length;
        for (uint256 i = 0; i < plan.lines.length; ++i) {
            GridLine memory line = plan.lines[i];
            ResultWord result = ResultWord.wrap(results[first + i]);
            // Pro's own reasons.
            ProReason refused = ProReason(result.reason());
            if (refused == ProReason.None) {
                ++told.placed;
                emit LinePlaced(id, line.line, line.isBid, line.lots, result.orderId());
                continue;
            }
            if (told.refused++ == 0) reason = refused;
            emit LineRefused(id, line.line, line.isBid, refused);
        }
    }

    /// @dev A tip that margin or old prices do not let pass must not undo what was done.
    /// @return paid Quote.
    function _tip(GridCase memory x, address keeper, uint256 lines) private returns (uint256 paid) {
        if (lines == 0) return 0;
        uint256[] memory actions = new uint256[](1);
        // A fifth of a dollar at most.
        actions[0] = ActionWord.unwrap(ActionWordPacking.softTip(keeper, uint64(lines * LINE_TIP)));
        // Interaction:
        try pro.act(GridIds.accountOf(x.key), new PriceProof[](0), actions) returns (uint256[] memory results) {
            if (results[0] != 0) return 0;
        } catch (bytes memory reason) {
            ProRefusals.read(reason);
            return 0;
        }
        _ledgers[x.key] = x.ledger = x.ledger.withPaid(lines);
        return lines * LINE_TIP;
    }

    /// @dev Where the grid stands now, with the account as it is after the call.
    function _store(GridCase memory x, uint256 paidHeld) private {
        (SumsWord sums, PositionWord position, ) = pro.holding(GridIds.marketOf(x.key), GridIds.accountOf(x.key));
        _progress[x.key] = GridProgressFields.pack(position.lots(), sums.bidLots(), sums.askLots(), x.held, paidHeld);
        _ledgers[x.key] = GridLedgerFields.pack(
            GridRules.flowOf(x),
            x.ledger.turned() + x.bought + x.sold,
            x.ledger.paidLines(),
            block.timestamp
        );
    }

    /// @dev Lines and words of a grid that is about to run, and what its account has in the book.
    function _begin(GridCase memory x, GridOrder calldata order, uint40 generation) private view {
        _checkOrder(order);
        LimitsWord limits;
        MarkWord mark;
        (x.config, limits, x.index, mark) = pro.pulse(order.market);
        _checkMarket(order, x.config, limits, x.index);
        x.ticks = GridMath.linesOf(order.low, order.high, order.lines, order.isGeometric);
        for (uint256 i = 1; i < x.ticks.length; ++i) {
            if (x.ticks[i] <= x.ticks[i - 1]) revert GridBook_LinesTooClose(i, x.ticks[i]);
        }
        x.mark = mark.mark();
        x.held = GridMath.heldAt(x.ticks, order.lots, x.mark, x.config.tickSize());
        x.grid = _wordOf(order).withStart(generation, x.held);
        if (GridRules.isBeyond(x.grid, x.index.price(), x.config.tickSize())) {
            _refuse(ProReason.StopReached, x.index.price(), 0);
        }
        GridRules.readAccount(x, pro);
        if (x.sums.isIsolated()) _refuse(ProReason.ModeIsOther, order.market, 0);
        // What it holds at the start was never answered for.
        x.progress = GridProgressFields.pack(0, 0, 0, x.held, x.held);
    }

    /// @dev Reads a grid that runs under an id.
    function _load(GridCase memory x, uint256 id) private view returns (bool) {
        x.key = GridIds.keyOfId(id);
        x.grid = _grids[x.key];
        if (!x.grid.isRunning() || GridIds.idOf(x.key, x.grid.generation()) != id) return false;
        (x.progress, x.ledger) = (_progress[x.key], _ledgers[x.key]);
        x.ticks = _loadTicks(x.key, x.grid.lines());
        GridRules.read(x, pro);
        return true;
    }

    function _storeTicks(GridCase memory x) private {
        uint256 word = 0;
        for (uint256 i = 0; i < x.ticks.length; ++i) {
            uint256 place = i % TICKS_IN_WORD;
            word |= uint256(x.ticks[i]) << (place * TICK_BITS);
            if (place + 1 != TICKS_IN_WORD && i + 1 != x.ticks.length) continue;
            _ticks[x.key][i / TICKS_IN_WORD] = word;
            word = 0;
        }
    }

    function _loadTicks(uint256 key, uint256 count) private view returns (uint24[] memory ticks) {
        ticks = new uint24[](count);
        uint256 word = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (i % TICKS_IN_WORD == 0) word = _ticks[key][i / TICKS_IN_WORD];
            // The lowest 24 bits.
            ticks[i] = uint24(word);
            word >>= TICK_BITS;
        }
    }

    function _ownerOf(uint40 account) private view returns (address) {
        return pro.owner(ProIds.ownerIndexOf(account)).owner();
    }

    /// @dev What a grid begins with comes first, and is filled wholly or undoes the call.
    function _actionsOf(
        GridCase memory x,
        GridPlan memory plan,
        GridOrder calldata order
    ) private pure returns (uint256[] memory actions) {
        uint256[] memory rest = _actionsOf(x, plan);
        bool isLong = order.side == GridSide.Long;
        uint256 lots = order.side == GridSide.Neutral ? 0 : x.held;
        if (order.side == GridSide.Short) lots = x.grid.cells() * x.grid.lots() - x.held;
        if (lots == 0) {
            if (order.entryLimit != 0) _refuse(ProReason.BoundOutOfRange, order.entryLimit, 0);
            return rest;
        }
        if (order.entryLimit == 0) _refuse(ProReason.PriceMissing, 0, 0);
        if (lots > type(uint48).max) _refuse(ProReason.PositionTooLarge, lots, type(uint48).max);
        actions = new uint256[](rest.length + 1);
        actions[0] = ActionWord.unwrap(
            ActionWordPacking.taking(
                order.market,
                isLong,
                false,
                OrderType.FillOrKill,
                MAX_FILLS,
                order.entryLimit,
                // The width is checked above.
                uint48(lots)
            )
        );
        for (uint256 i = 0; i < rest.length; ++i) actions[i + 1] = rest[i];
    }

    /// @dev Cancellations, then orders.
    function _actionsOf(GridCase memory x, GridPlan memory plan) private pure returns (uint256[] memory actions) {
        uint256 cancels = plan.cancels.length;
        uint8 market = GridIds.marketOf(x.key);
        actions = new uint256[](cancels + plan.lines.length);
        for (uint256 i = 0; i < cancels; ++i) {
            actions[i] = ActionWord.unwrap(ActionWordPacking.softCancel(plan.cancels[i]));
        }
        for (uint256 i = 0; i < plan.lines.length; ++i) {
            GridLine memory line = plan.lines[i];
            actions[cancels + i] = ActionWord.unwrap(
                ActionWordPacking.softPostOnly(market, line.isBid, line.tick, line.lots)
            );
        }
    }

    function _wordOf(GridOrder calldata order) private pure returns (GridWord word) {
        word = GridWordFields.pack(order.lines, order.window, order.isGeometric, order.lots);
        return word.withPrices(order.low, order.high, order.stopLow, order.stopHigh);
    }

    function _checkOrder(GridOrder calldata order) private pure {
        if (order.lines < MIN_LINES || order.lines > MAX_LINES) {
            revert GridBook_LinesOutOfRange(order.lines, MIN_LINES, MAX_LINES);
        }
        if (order.window == 0 || order.window > MAX_WINDOW) {
            revert GridBook_WindowOutOfRange(order.window, 1, MAX_WINDOW);
        }
        if (order.lots == 0 || order.lots > GridWordFields.MAX_LOTS) {
            revert GridBook_LotsOutOfRange(order.lots, 1, GridWordFields.MAX_LOTS);
        }
        if (order.low == 0 || order.low >= order.high) revert GridBook_RangeEmpty(order.low, order.high);
        if (order.stopLow >= order.low) revert GridBook_StopWithin(order.stopLow, order.low, order.high);
        if (order.stopHigh != 0 && order.stopHigh <= order.high) {
            revert GridBook_StopWithin(order.stopHigh, order.low, order.high);
        }
    }

    function _checkMarket(
        GridOrder calldata order,
        ConfigWord config,
        LimitsWord limits,
        IndexWord index
    ) private pure {
        MarketStatus status = config.status();
        if (status == MarketStatus.Unlisted) _refuse(ProReason.MarketNotListed, order.market, 0);
        if (status == MarketStatus.Settling) _refuse(ProReason.MarketSettling, order.market, 0);
        if (status == MarketStatus.ReduceOnly) _refuse(ProReason.MarketReduceOnly, order.market, 0);
        if (index.price() == 0) _refuse(ProReason.IndexMissing, order.market, 0);
        // Half a line, which a fill in part may leave, rests too.
        uint256 notional = uint256(order.lots) * order.low * config.unit();
        uint256 least = 2 * limits.leastRestingUsd() * ONE_USD;
        if (notional < least) _refuse(ProReason.RestTooSmall, notional, least);
    }

    function _halve(GridLine[] memory lines) private pure {
        assembly ("memory-safe") {
            mstore(lines, div(mload(lines), 2))
        }
    }

    function _distance(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }

    function _refuse(ProReason reason, uint256 value, uint256 bound) private pure {
        revert GridBook_Refused(reason, value, bound);
    }
}
