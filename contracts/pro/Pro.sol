// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator, PriceProof} from "../interfaces/IPriceAggregator.sol";
import {IProduct} from "../interfaces/IProduct.sol";
import {Credit, IVault, Settlement} from "../interfaces/IVault.sol";
import {ProductBase} from "../product/ProductBase.sol";
import {ONE_USD} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {ProOutcome, ProReason} from "./ProOutcome.sol";
import {Market, ProSetup, ProState} from "./ProState.sol";
import {IPro} from "./interfaces/IPro.sol";
import {AdlLogic} from "./logic/AdlLogic.sol";
import {CashLogic} from "./logic/CashLogic.sol";
import {ConfigLogic} from "./logic/ConfigLogic.sol";
import {LiquidationLogic} from "./logic/LiquidationLogic.sol";
import {MarkLogic} from "./logic/MarkLogic.sol";
import {PlaceLogic} from "./logic/PlaceLogic.sol";
import {ActChanges} from "./rules/ActChanges.sol";
import {ActRights} from "./rules/ActRights.sol";
import {BookRun} from "./rules/Booking.sol";
import {ActionKind, ActionWord, EffectWord, EffectWordFields, ResultWord} from "./types/ActionWord.sol";
import {MarketConfig, MarketLimits, MarketStatus, MarginTier} from "./types/MarketConfig.sol";
import {DelegateWordFields} from "./types/OwnerWord.sol";
import {ProIds} from "./types/ProIds.sol";

/// @title Pro
/// @notice See `IPro`. Immutable, holds no tokens, reserves nothing.
/// @dev What is more than a few lines is in linked libraries, which run on this contract's storage.
contract Pro is IPro, ProductBase {
    /// @dev Quote has 18 decimals.
    uint256 private constant MAX_DECIMALS = 18;
    /// @dev Most that a delegate may give away in one call, quote.
    uint256 private constant MAX_TIP = ONE_USD / 5;
    /// @dev Least notional of a fill that a tip goes with, of one that leaves a position, quote.
    uint256 private constant LEAST_TIPPED = 10 * ONE_USD;

    /// @dev A call of `act`.
    /// @param firstTick Number of the first tick that it proved.
    /// @param filled What became of the last order of it that was filled, wholly or in part; 0: none was.
    /// @param fill Its market and mode, with all that its library call changed.
    struct Call {
        uint40 account;
        address caller;
        uint256 rights;
        uint256 firstTick;
        ResultWord filled;
        EffectWord fill;
        uint256 tips;
        ProSetup setup;
    }

    /// @inheritdoc IPro
    address public immutable override token;

    uint256 private immutable _quotePerUnit;

    /// @dev From slot 0 on, where `ProStateLib` reads it.
    ProState private _state;

    /// @param token_ The settlement token, of at most 18 decimals.
    constructor(
        IVault vault_,
        IPriceAggregator aggregator_,
        IBreaker breaker_,
        address configurator_,
        address token_
    ) ProductBase(vault_, aggregator_, breaker_, configurator_) {
        Code.requireContract(token_);
        uint256 decimals = IERC20Metadata(token_).decimals();
        if (decimals > MAX_DECIMALS) revert Pro_DecimalsNotOffered(decimals, MAX_DECIMALS);
        token = token_;
        _quotePerUnit = 10 ** (MAX_DECIMALS - decimals);
    }

    /// @dev Only what Pyth did not ask for comes back here, on its way to the caller.
    receive() external payable {
        if (msg.sender != address(aggregator)) revert Pro_NativeNotExpected(msg.sender);
    }

    /// @inheritdoc IPro
    function deposit(address owner, uint8 sub, uint256 amount) external override nonReentrant returns (uint40 account) {
        return _deposit(owner, sub, amount);
    }

    /// @inheritdoc IPro
    function depositWithPermit(
        address owner,
        uint8 sub,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external override nonReentrant returns (uint40 account) {
        // Interaction: somebody may have used the permit before; what counts is the allowance, which the deposit needs.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {
            emit PermitUsed(msg.sender, amount);
        } catch (bytes memory reason) {
            emit PermitSkipped(msg.sender, reason);
        }
        return _deposit(owner, sub, amount);
    }

    /// @inheritdoc IPro
    function addToFund(uint8 market, uint256 amount) external override nonReentrant {
        // Check:
        if (!_state.markets[market].isListed()) revert Pro_MarketNotListed(market);
        // Interaction: the guard keeps everyone else out until what arrived is booked.
        uint256 received = vault.deposit(token, msg.sender, amount);
        // Effect:
        CashLogic.creditFund(_state, _setup(), market, received);
    }

    /// @inheritdoc IPro
    function act(
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) external payable override nonReentrant returns (uint256[] memory results) {
        return _act(msg.sender, account, proofs, actions);
    }

    /// @inheritdoc IPro
    /// @dev Unguarded: whatever it or anyone in its course does is undone.
    function simulate(
        address caller,
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) external payable override {
        revert Pro_Simulated(_act(caller, account, proofs, actions));
    }

    /// @inheritdoc IPro
    function setDelegate(uint40 account, address delegate, uint8 rights, uint40 expiry) external override nonReentrant {
        if (_ownerOf(account) != msg.sender) revert Pro_NotAllowed(account, msg.sender, 0);
        if (delegate == address(0)) revert Pro_ZeroAddress();
        _state.delegates[account][delegate] = DelegateWordFields.pack(expiry, rights);
        emit DelegateSet(account, delegate, rights, expiry);
    }

    /// @inheritdoc IPro
    function refresh(
        address prover,
        uint256 tickIndex,
        uint8 market
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        ProReason reason = MarkLogic.refresh(_state.markets[market], market, _setup(), prover, tickIndex);
        return (reason == ProReason.None ? ProOutcome.Refreshed : ProOutcome.Skipped, reason);
    }

    /// @inheritdoc IPro
    function cancelDead(uint256[] calldata orderIds) external override nonReentrant returns (uint256 cancelled) {
        return CashLogic.cancelDead(_state, _setup(), orderIds);
    }

    /// @inheritdoc IPro
    function cancelStretched(
        uint48 scope,
        uint256[] calldata orderIds,
        address keeper
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        if (keeper == address(0)) revert Pro_ZeroAddress();
        return CashLogic.cancelStretched(_state, _setup(), scope, orderIds, keeper);
    }

    /// @inheritdoc IPro
    function liquidate(
        uint48 scope,
        uint8 market,
        uint256 maxOrders,
        address keeper
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        if (keeper == address(0)) revert Pro_ZeroAddress();
        return LiquidationLogic.liquidate(_state, _setup(), scope, market, maxOrders, keeper);
    }

    /// @inheritdoc IPro
    function deleverage(
        uint48 scope,
        uint8 market,
        uint40 candidate,
        address keeper
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        if (keeper == address(0)) revert Pro_ZeroAddress();
        return AdlLogic.deleverage(_state, _setup(), scope, market, candidate, keeper);
    }

    /// @inheritdoc IPro
    function shareLoss(
        uint48 scope,
        uint8 market,
        uint40 counterparty
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        return AdlLogic.shareLoss(_state, _setup(), scope, market, counterparty);
    }

    /// @inheritdoc IPro
    function beginSettling(
        uint8 market,
        address prover,
        uint256 tickIndex
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        return AdlLogic.beginSettling(_state, _setup(), market, prover, tickIndex);
    }

    /// @inheritdoc IPro
    function closeSettled(
        uint8 market,
        uint40 long,
        uint40 short,
        uint256 lots
    ) external override nonReentrant returns (ProOutcome, ProReason) {
        return AdlLogic.closeSettled(_state, _setup(), market, long, short, lots);
    }

    /// @inheritdoc IPro
    function sweepFees(uint8 market, uint32[] calldata brokers) external override nonReentrant {
        CashLogic.sweepFees(_state, _setup(), market, brokers);
    }

    /// @inheritdoc IPro
    function listMarket(
        MarketConfig calldata config,
        MarketLimits calldata limits,
        MarginTier[] calldata tiers
    ) external override nonReentrant onlyConfigurator returns (uint8 market) {
        return ConfigLogic.list(_state, breaker, config, limits, tiers);
    }

    /// @inheritdoc IPro
    function setMarketConfig(
        uint8 market,
        MarketConfig calldata config,
        MarketLimits calldata limits
    ) external override nonReentrant onlyConfigurator {
        MarkLogic.begin(_state.markets[market], _setup());
        ConfigLogic.setConfig(_state, market, config, limits);
    }

    /// @inheritdoc IPro
    function setTiers(uint8 market, MarginTier[] calldata tiers) external override nonReentrant onlyConfigurator {
        ConfigLogic.setTiers(_state, market, tiers);
    }

    /// @inheritdoc IPro
    function setStatus(
        uint8 market,
        MarketStatus status,
        bool isDelisted
    ) external override nonReentrant onlyConfigurator {
        ConfigLogic.setStatus(_state, market, status, isDelisted);
    }

    /// @inheritdoc IPro
    function close() external override nonReentrant onlyConfigurator {
        ConfigLogic.close(_state);
    }

    /// @inheritdoc IPro
    function releaseFund(uint8 market) external override nonReentrant onlyConfigurator {
        ConfigLogic.releaseFund(_state, market);
    }

    /// @inheritdoc IPro
    function extsload(bytes32[] calldata slots) external view override returns (bytes32[] memory words) {
        words = new bytes32[](slots.length);
        for (uint256 i = 0; i < slots.length; ++i) {
            bytes32 slot = slots[i];
            bytes32 word;
            assembly ("memory-safe") {
                word := sload(slot)
            }
            words[i] = word;
        }
    }

    /// @inheritdoc IPro
    function accountOf(address owner, uint8 sub) external view override returns (uint40) {
        uint32 index = _state.ownerIndexOf[owner];
        if (index == 0) revert Pro_NoAccount(owner);
        return ProIds.accountOf(index, sub);
    }

    /// @inheritdoc IProduct
    /// @dev The LPs have no part in it: none, at any time, in the course of a call too.
    function exposedAssets() external pure override returns (uint256) {
        return 0;
    }

    /// @inheritdoc IProduct
    /// @dev As `exposedAssets`.
    function lpPnl(uint256, uint256[] calldata) external pure override returns (int256, int256, uint256) {
        return (0, 0, 0);
    }

    function _deposit(address owner, uint8 sub, uint256 amount) private returns (uint40) {
        // Check:
        ProSetup memory setup = _setup();
        if (!setup.status.canClose()) revert Pro_BreakerRaised(breaker.level());
        // Interaction: the guard keeps everyone else out until what arrived is booked.
        uint256 received = vault.deposit(token, msg.sender, amount);
        // Effect:
        return CashLogic.credit(_state, setup, owner, sub, received);
    }

    function _act(
        address caller,
        uint40 account,
        PriceProof[] calldata proofs,
        uint256[] calldata actions
    ) private returns (uint256[] memory results) {
        uint256 rights = _rightsOf(account, caller);
        Call memory call = Call(account, caller, rights, 0, ResultWord.wrap(0), EffectWord.wrap(0), 0, _setup());
        uint256 excess;
        (call.firstTick, excess) = _prove(proofs);
        ActChanges memory changes;
        results = _run(call, actions, changes);
        // What refreshed alone has changed nothing else.
        if (changes.isAny()) PlaceLogic.finish(_state, account, changes);
        _payOut(actions, results);
        if (excess == 0) return results;
        (bool isPaid, ) = msg.sender.call{value: excess}("");
        if (!isPaid) revert Pro_RefundRefused(msg.sender, excess);
    }

    /// @dev All actions in the order written.
    function _run(
        Call memory call,
        uint256[] calldata actions,
        ActChanges memory changes
    ) private returns (uint256[] memory results) {
        results = new uint256[](actions.length);
        bool isRefreshing = true;
        for (uint256 i = 0; i < actions.length; ++i) {
            ActionWord action = ActionWord.wrap(actions[i]);
            // Check:
            _checkAction(call, action, i);
            uint256 kind = action.kind();
            if (kind != uint256(ActionKind.Refresh)) isRefreshing = false;
            else if (!isRefreshing) revert Pro_RefreshNotFirst(i);
            // Effect:
            if (_isOfBook(kind)) {
                i += _runBook(call, actions, i, results, changes) - 1;
                continue;
            }
            uint256 extra = call.firstTick;
            uint256 index = i;
            if (kind == uint256(ActionKind.Withdraw)) {
                if (++i == actions.length) revert Pro_ActionCutOff(index);
                extra = actions[i];
            }
            EffectWord effect;
            (results[index], effect) = _perform(call, action, extra);
            changes.add(effect);
        }
    }

    /// @dev Actions of the book from number `first` on, as many as go in one call of their library.
    /// @return count How many they were, at least 1.
    function _runBook(
        Call memory call,
        uint256[] calldata actions,
        uint256 first,
        uint256[] memory results,
        ActChanges memory changes
    ) private returns (uint256 count) {
        BookRun memory book = BookRun(call.account, call.rights, first, !changes.isAny());
        (uint256[] memory done, EffectWord effect) = PlaceLogic.run(_state, call.setup, book, actions);
        if (done.length == 0) {
            done = new uint256[](1);
            (done[0], effect) = _performFramed(call, ActionWord.wrap(actions[first]));
        }
        changes.add(effect);
        count = done.length;
        for (uint256 i = 0; i < count; ++i) {
            results[first + i] = done[i];
            // Those of one library call are of one market and one mode: what they changed together says where each was.
            ResultWord result = ResultWord.wrap(done[i]);
            if (result.filled() != 0) (call.filled, call.fill) = (result, effect);
        }
    }

    /// @dev An order that takes and is soft: of one that is refused nothing is left but its reason.
    function _performFramed(Call memory call, ActionWord action) private returns (uint256, EffectWord) {
        try PlaceLogic.perform(_state, call.setup, call.account, action) returns (
            ResultWord result,
            EffectWord effect
        ) {
            return (ResultWord.unwrap(result), effect);
        } catch (bytes memory reason) {
            return (_refused(action, reason), EffectWord.wrap(0));
        }
    }

    /// @dev Whether an action places, lowers or cancels an order.
    function _isOfBook(uint256 kind) private pure returns (bool) {
        return kind >= uint256(ActionKind.Cancel) && kind <= uint256(ActionKind.Place);
    }

    function _checkAction(Call memory call, ActionWord action, uint256 index) private pure {
        uint256 kind = action.kind();
        bool isKnown = kind != 0 && kind <= uint256(type(ActionKind).max);
        if (kind == uint256(ActionKind.Place)) isKnown = action.isWellFormed();
        if (!isKnown) revert Pro_UnknownAction(index, kind);
        if (call.rights & ActRights.needed(action) == 0) revert Pro_NotAllowed(call.account, call.caller, kind);
        if (kind != uint256(ActionKind.Tip)) return;
        call.tips += action.tip();
        if (call.tips > MAX_TIP) revert Pro_ActionRefused(ProReason.TipTooHigh, call.tips, MAX_TIP);
    }

    /// @dev One action that is not of the book. Of a soft one that is refused nothing is left but its reason.
    /// @param extra Of a refresh the number of the call's first tick, of a withdrawal its amount.
    function _perform(Call memory call, ActionWord action, uint256 extra) private returns (uint256, EffectWord) {
        uint256 kind = action.kind();
        if (kind == uint256(ActionKind.Refresh)) return _refresh(call.setup, action, extra);
        bool isLeaving = false;
        if (kind == uint256(ActionKind.Tip)) {
            bool isBare = !_isTipped(call);
            if (isBare && call.rights & ActRights.MAY_TRADE == 0) return (_refuseTip(action), EffectWord.wrap(0));
            isLeaving = isBare || call.fill.isIsolated();
        }
        try CashLogic.perform(_state, call.setup, call.account, action, extra) returns (EffectWord effect) {
            return (0, isLeaving ? EffectWordFields.pack(0, false, EffectWordFields.TAKEN_OUT) : effect);
        } catch (bytes memory reason) {
            return (_refused(action, reason), EffectWord.wrap(0));
        }
    }

    function _refresh(
        ProSetup memory setup,
        ActionWord action,
        uint256 firstTick
    ) private returns (uint256, EffectWord) {
        uint8 market = action.market();
        ProReason reason = MarkLogic.refresh(
            _state.markets[market],
            market,
            setup,
            address(this),
            firstTick + action.tickIndex()
        );
        if (reason != ProReason.None && !action.isSoft()) revert Pro_ActionRefused(reason, action.tickIndex(), 0);
        return (uint256(reason), EffectWord.wrap(0));
    }

    /// @dev A tip goes with what the last order of its call filled: a fiftieth of it at most, or it left no position. Without one, or where that was
    /// in an isolated market, it is tested like a withdrawal, or would be one by other rules; and who may only reduce gives none without one, or
    /// could give away all cash of an account, call by call.
    function _refuseTip(ActionWord action) private pure returns (uint256) {
        if (!action.isSoft()) revert Pro_ActionRefused(ProReason.NothingFilled, action.tip(), 0);
        return uint256(ProReason.NothingFilled);
    }

    /// @dev Whether the last order that was filled is worth a tip.
    function _isTipped(Call memory call) private view returns (bool) {
        if (call.filled.filled() == 0) return false;
        Market storage market = _state.markets[call.fill.market()];
        if (call.filled.tickLots() * market.config.unit() >= LEAST_TIPPED) return true;
        return !market.positions[call.account].isOpen();
    }

    /// @dev The reason for which a soft action was refused. Whatever else went wrong, or where it was not soft, reverts.
    function _refused(ActionWord action, bytes memory data) private pure returns (uint256 reason) {
        bool isRefusal = data.length == 0x64 && bytes4(data) == Pro_ActionRefused.selector;
        if (action.isSoft() && isRefusal) {
            assembly ("memory-safe") {
                reason := mload(add(data, 0x24))
            }
            return reason;
        }
        assembly ("memory-safe") {
            revert(add(data, 0x20), mload(data))
        }
    }

    /// @dev Withdrawals that were not refused. What was debited is what is released and paid: nothing is left for the LPs.
    function _payOut(uint256[] calldata actions, uint256[] memory results) private {
        for (uint256 i = 0; i < actions.length; ++i) {
            ActionWord action = ActionWord.wrap(actions[i]);
            if (action.kind() != uint256(ActionKind.Withdraw)) continue;
            uint256 amount = actions[i + 1];
            bool isDone = results[i] == 0;
            ++i;
            if (!isDone) continue;
            Credit memory none;
            vault.settle(Settlement(token, amount, 0, 0, none, none, action.receiver(), amount, false));
        }
    }

    /// @dev The ticks are kept under this contract's address, and counted on from call to call within a transaction.
    /// @return first Number of the first tick of this call.
    /// @return excess What is left of the coin that came with the call.
    function _prove(PriceProof[] calldata proofs) private returns (uint256 first, uint256 excess) {
        if (proofs.length == 0) return (0, msg.value);
        uint256 balanceBefore = address(this).balance - msg.value;
        first = aggregator.prove{value: msg.value}(proofs);
        excess = address(this).balance - balanceBefore;
        for (uint256 i = 0; i < proofs.length; ++i) first -= proofs[i].assetIds.length;
    }

    function _ownerOf(uint40 account) private view returns (address) {
        return _state.owners[ProIds.ownerIndexOf(account)].owner();
    }

    /// @dev What a caller may do for an account. The higher rights of a delegate hold the lower.
    function _rightsOf(uint40 account, address caller) private view returns (uint256 rights) {
        uint256 lower = ActRights.MAY_CANCEL | ActRights.MAY_REDUCE | ActRights.MAY_TRADE;
        if (_ownerOf(account) == caller) return lower | ActRights.MAY_ALL;
        rights = _state.delegates[account][caller].rightsNow() & lower;
        if (rights == 0) revert Pro_NotAllowed(account, caller, 0);
        if (rights & ActRights.MAY_TRADE != 0) rights |= ActRights.MAY_REDUCE;
        if (rights & ActRights.MAY_REDUCE != 0) rights |= ActRights.MAY_CANCEL;
    }

    function _setup() private view returns (ProSetup memory) {
        return ProSetup(vault, aggregator, breaker, token, _quotePerUnit, breaker.status());
    }
}
