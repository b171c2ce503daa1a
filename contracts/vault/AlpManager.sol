// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AlpFees, IAlpManager} from "../interfaces/IAlpManager.sol";
import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IDepositor} from "../interfaces/IProduct.sol";
import {IVault} from "../interfaces/IVault.sol";
import {PackedPrice} from "../oracle/PackedPrice.sol";
import {BreakerStatus} from "../types/BreakerStatus.sol";
import {Code} from "../utils/Code.sol";
import {Passthrough} from "../utils/Passthrough.sol";
import {Alp} from "./Alp.sol";
import {AlpSettings} from "./AlpSettings.sol";
import {AlpShares} from "./AlpShares.sol";
import {Valuation, ValuationMode} from "./AlpValuation.sol";
import {NavMath} from "./NavMath.sol";

/// @title Minting and burning ALP
/// @notice See `IAlpManager`.
contract AlpManager is AlpSettings {
    using SafeERC20 for IERC20;

    /// @notice ALP that the first mint gives to nobody.
    uint256 public constant DEAD_SHARES = AlpShares.DEAD_SHARES;
    /// @dev Where it goes.
    address private constant DEAD_ADDRESS = address(0xdEaD);

    /// @dev Where the ticks are among the arguments of `mint` and of `burn`, counted from 0.
    uint256 private constant MINT_TICKS_POSITION = 4;
    uint256 private constant BURN_TICKS_POSITION = 6;

    /// @notice Whose level stops mints and burns.
    IBreaker public immutable breaker;
    Alp private immutable _alp;

    /// @param accessManager Whose roles the restricted functions ask for.
    /// @param coolingSeconds Cooling of minted ALP, for ever.
    /// @param shareFloorUsd_ See `setShareFloor`.
    constructor(
        address accessManager,
        IVault vault_,
        IPriceAggregator aggregator_,
        IBreaker breaker_,
        uint256 coolingSeconds,
        AlpFees memory fees_,
        uint64 shareFloorUsd_
    ) AlpSettings(vault_, aggregator_, fees_, shareFloorUsd_) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
        Code.requireContract(address(breaker_));
        breaker = breaker_;
        _alp = new Alp(coolingSeconds);
    }

    /// @dev Only the excess of an update fee comes here.
    receive() external payable {
        if (msg.sender != address(aggregator)) revert AlpManager_NativeNotExpected(msg.sender);
    }

    /// @inheritdoc IAlpManager
    function mint(
        address token,
        uint256 amount,
        uint256 minAlpOut,
        uint256 deadline,
        uint16[] calldata assetIds,
        bytes[] calldata updateData
    ) external payable override nonReentrant returns (uint256 alpOut) {
        // Check:
        _checkDeadline(deadline);
        BreakerStatus status = breaker.status();
        if (!status.canOpen()) revert AlpManager_MintHalted(breaker.level());
        _checkLiquidations(status.canLiquidate());
        uint256 excess = _prove(assetIds, updateData, MINT_TICKS_POSITION);
        // Interaction: comes before the effect, because only what arrives is paid for.
        alpOut = _mint(token, amount, minAlpOut);
        _refund(excess);
    }

    /// @inheritdoc IAlpManager
    function burn(
        address token,
        uint256 alpAmount,
        uint256 minTokenOut,
        uint256 deadline,
        address receiver,
        bool asNative,
        uint16[] calldata assetIds,
        bytes[] calldata updateData
    ) external payable override nonReentrant returns (uint256 amountOut) {
        // Check:
        _checkDeadline(deadline);
        if (receiver == address(0)) revert AlpManager_ZeroAddress();
        if (!breaker.canBurn()) revert AlpManager_BurnHalted(breaker.level());
        _checkLiquidations(breaker.canLiquidate());
        uint256 excess = _prove(assetIds, updateData, BURN_TICKS_POSITION);
        // Effect:
        amountOut = _burn(token, alpAmount, minTokenOut, receiver);
        // Interaction:
        vault.removeLiquidity(token, receiver, amountOut, asNative);
        _refund(excess);
    }

    /// @inheritdoc IDepositor
    function payIn(address token, address payer, uint256 amount) external override {
        if (msg.sender != address(vault) || !_reentrancyGuardEntered()) revert AlpManager_PayInNotExpected(msg.sender);
        IERC20(token).safeTransferFrom(payer, msg.sender, amount);
    }

    /// @inheritdoc IAlpManager
    function alp() external view override returns (address) {
        return address(_alp);
    }

    /// @dev Values the vault, takes the deposit, and mints for what arrived.
    function _mint(address token, uint256 amount, uint256 minAlpOut) private returns (uint256 alpOut) {
        Valuation memory v = _valuate(ValuationMode.Mint, _alp.totalSupply(), token);
        // Check: nothing to mint into, or nothing that takes deposits.
        if (v.subject.weightPips == 0) revert AlpManager_AssetRetired(token);
        if (v.supply != 0 && v.highX34 <= 0) revert AlpManager_NavNotPositive(NavMath.toUsdUp(v.highX34));
        // Interaction:
        uint256 received = vault.addLiquidity(token, msg.sender, amount);
        AlpShares.checkShare(v, token, received);
        uint256 feePips = AlpShares.mintFee(v, received);
        (uint256 afterFee, uint256 afterDue) = AlpShares.alpFor(v, received, feePips);
        alpOut = Math.min(afterFee, afterDue);
        // Effect:
        if (v.supply == 0) {
            if (alpOut <= DEAD_SHARES) revert AlpManager_FirstMintTooSmall(alpOut, DEAD_SHARES);
            alpOut -= DEAD_SHARES;
            _alp.mint(DEAD_ADDRESS, DEAD_SHARES);
        }
        if (alpOut == 0) revert AlpManager_AmountTooSmall(amount);
        if (alpOut < minAlpOut) revert AlpManager_TooLittleOut(alpOut, minAlpOut);
        _alp.mint(msg.sender, alpOut);
        emit AlpMinted(msg.sender, token, received, alpOut, feePips, NavMath.toUsdUp(v.highX34), v.supply);
    }

    /// @dev Values the vault and burns; the payment is the caller's to make.
    function _burn(
        address token,
        uint256 alpAmount,
        uint256 minTokenOut,
        address receiver
    ) private returns (uint256 amountOut) {
        Valuation memory v = _valuate(ValuationMode.Burn, _alp.totalSupply(), token);
        // Check:
        if (!PackedPrice.isRangeValid(v.subject.rangeWord)) revert AlpManager_PriceNotValid(uint16(v.subject.assetId));
        if (v.lowX34 <= 0 || v.supply == 0) revert AlpManager_NavNotPositive(NavMath.toUsdDown(v.lowX34));
        uint256 feePips;
        (amountOut, feePips) = AlpShares.amountFor(v, alpAmount);
        if (amountOut == 0) revert AlpManager_AmountTooSmall(alpAmount);
        if (amountOut < minTokenOut) revert AlpManager_TooLittleOut(amountOut, minTokenOut);
        if (amountOut > v.subject.free) revert AlpManager_LiquidityReserved(amountOut, v.subject.free);
        // Effect:
        _alp.burn(msg.sender, alpAmount);
        int256 navLowUsd = NavMath.toUsdDown(v.lowX34);
        emit AlpBurned(msg.sender, token, receiver, alpAmount, amountOut, feePips, navLowUsd, v.supply);
    }

    /// @dev Values the vault for a mint or a burn of `token`, with the ticks that were brought for it and that end with it.
    function _valuate(ValuationMode mode, uint256 supply, address token) private returns (Valuation memory v) {
        _begin(v, mode, _loadSettings(), supply, token);
        bool isSequencerReady;
        (v.rangeWords, isSequencerReady) = aggregator.takeReferencePrices(v.assetMask, _ruleOf(mode));
        if (!isSequencerReady) revert AlpManager_SequencerNotReady();
        _finish(v, token);
    }

    /// @dev Has the ticks brought proven, for this contract as their prover. They are passed on as they came.
    /// @param position Of `assetIds` among the arguments of the call; the update data follows.
    /// @return excess What is left of the native coin that came with the call; coin that was here before is no part of it.
    function _prove(
        uint16[] calldata assetIds,
        bytes[] calldata updateData,
        uint256 position
    ) private returns (uint256 excess) {
        if (assetIds.length == 0 && updateData.length == 0) return msg.value;
        uint256 balanceBefore = address(this).balance - msg.value;
        Passthrough.two(address(aggregator), msg.value, IPriceAggregator.proveReference.selector, position);
        return address(this).balance - balanceBefore;
    }

    function _refund(uint256 excess) private {
        if (excess == 0) return;
        (bool isPaid, ) = msg.sender.call{value: excess}("");
        if (!isPaid) revert AlpManager_RefundRefused(msg.sender, excess);
    }

    /// @dev While liquidations wait, everyone knows whose margins are the LPs' already, and NAV does not.
    function _checkLiquidations(bool canLiquidate) private view {
        if (!canLiquidate) revert AlpManager_LiquidationsWait(breaker.haltEndsAt());
    }

    function _checkDeadline(uint256 deadline) private view {
        if (block.timestamp > deadline) revert AlpManager_DeadlinePassed(deadline, block.timestamp);
    }
}
