// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AlpFees, BurnPreview, IAlpManager, MintPreview, NavQuote} from "../interfaces/IAlpManager.sol";
import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IDepositor} from "../interfaces/IProduct.sol";
import {IVault} from "../interfaces/IVault.sol";
import {PackedPrice} from "../oracle/PackedPrice.sol";
import {AlpHeaderWord} from "../types/AlpWords.sol";
import {PIPS, Price} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {Passthrough} from "../utils/Passthrough.sol";
import {Alp} from "./Alp.sol";
import {AlpFeeMath} from "./AlpFeeMath.sol";
import {AlpValuation, Valuation, ValuationMode} from "./AlpValuation.sol";
import {NavMath} from "./NavMath.sol";

/// @title Minting and burning ALP
/// @notice See `IAlpManager`.
contract AlpManager is AlpValuation {
    using SafeERC20 for IERC20;

    /// @notice ALP that the first mint gives to nobody.
    uint256 public constant DEAD_SHARES = 1e18;
    /// @dev Where it goes.
    address private constant DEAD_ADDRESS = address(0xdEaD);

    /// @dev Where the ticks are among the arguments of `mint` and of `burn`, counted from 0.
    uint256 private constant MINT_TICKS_POSITION = 4;
    uint256 private constant BURN_TICKS_POSITION = 6;

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
    ) AlpValuation(vault_, aggregator_, fees_, shareFloorUsd_) AccessManaged(accessManager) {
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
        if (!breaker.canOpen()) revert AlpManager_MintHalted(breaker.level());
        _checkLiquidations();
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
        _checkLiquidations();
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
    function nav(address prover) external view override returns (NavQuote memory quote) {
        _checkIdle();
        Valuation memory v = _estimate(ValuationMode.MintPreview, prover, _alp.totalSupply(), address(0));
        quote.lowUsd = NavMath.toUsdDown(v.lowX34);
        quote.midUsd = NavMath.toUsdDown(_midX34(v));
        quote.highUsd = NavMath.toUsdUp(v.highX34);
        quote.dueUsd = NavMath.toUsdUp(NavMath.toSigned(v.dueX34));
        quote.supply = v.supply;
        quote.lowPrice = NavMath.alpPriceDown(quote.lowUsd, v.supply);
        quote.midPrice = NavMath.alpPriceDown(quote.midUsd, v.supply);
        quote.highPrice = NavMath.alpPriceUp(quote.highUsd, v.supply);
        quote.missingAssetIds = _missingAssetIds(v);
    }

    /// @inheritdoc IAlpManager
    function previewMint(
        address prover,
        address token,
        uint256 amount
    ) external view override returns (MintPreview memory preview) {
        _checkIdle();
        Valuation memory v = _estimate(ValuationMode.MintPreview, prover, _alp.totalSupply(), token);
        if (v.subject.weightPips == 0) revert AlpManager_AssetRetired(token);
        _checkShare(v, token, amount);
        preview.missingAssetIds = _missingAssetIds(v);
        preview.feePips = _mintFee(v, amount);
        (preview.amountAfterFee, preview.amountAfterDue) = _alpFor(v, amount, preview.feePips);
        preview.amountOut = Math.min(preview.amountAfterFee, preview.amountAfterDue);
        if (v.supply == 0) preview.amountOut = Math.saturatingSub(preview.amountOut, DEAD_SHARES);
    }

    /// @inheritdoc IAlpManager
    function previewBurn(
        address prover,
        address token,
        uint256 alpAmount
    ) external view override returns (BurnPreview memory preview) {
        _checkIdle();
        Valuation memory v = _estimate(ValuationMode.BurnPreview, prover, _alp.totalSupply(), token);
        preview.missingAssetIds = _missingAssetIds(v);
        if (v.lowX34 <= 0 || v.supply == 0 || !PackedPrice.isRangeValid(v.subject.rangeWord)) return preview;
        (preview.amountOut, preview.feePips) = _amountFor(v, alpAmount);
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
        _checkShare(v, token, received);
        uint256 feePips = _mintFee(v, received);
        (uint256 afterFee, uint256 afterDue) = _alpFor(v, received, feePips);
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
        (amountOut, feePips) = _amountFor(v, alpAmount);
        if (amountOut == 0) revert AlpManager_AmountTooSmall(alpAmount);
        if (amountOut < minTokenOut) revert AlpManager_TooLittleOut(amountOut, minTokenOut);
        if (amountOut > v.subject.free) revert AlpManager_LiquidityReserved(amountOut, v.subject.free);
        // Effect:
        _alp.burn(msg.sender, alpAmount);
        int256 navLowUsd = NavMath.toUsdDown(v.lowX34);
        emit AlpBurned(msg.sender, token, receiver, alpAmount, amountOut, feePips, navLowUsd, v.supply);
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

    /// @dev The whole deposit stays in the vault, fee included.
    function _mintFee(Valuation memory v, uint256 amount) private pure returns (uint256) {
        uint256 depositX34 = _midValueX34(v, amount);
        return _feePips(v, v.subject.midX34 + depositX34);
    }

    /// @dev The fee is that of taking out the amount before the fee.
    function _amountFor(Valuation memory v, uint256 alpAmount) private pure returns (uint256 amount, uint256 feePips) {
        uint256 navX34 = NavMath.positivePart(v.lowX34);
        uint256 unitX34 = _unitX34(v, PackedPrice.highOf(v.subject.rangeWord));
        uint256 gross = NavMath.amountForAlpDown(alpAmount, 0, v.supply, navX34, unitX34);
        uint256 grossX34 = _midValueX34(v, gross);
        uint256 midX34 = v.subject.midX34;
        feePips = _feePips(v, midX34 > grossX34 ? midX34 - grossX34 : 0);
        amount = NavMath.amountForAlpDown(alpAmount, feePips, v.supply, navX34, unitX34);
    }

    /// @dev Fee of taking the asset to `afterX34`. Without any liquidity no asset has a target yet.
    function _feePips(Valuation memory v, uint256 afterX34) private pure returns (uint256) {
        AlpHeaderWord header = _headerOf(v.settings);
        (uint256 basePips, uint256 taxPips) = (header.basePips(), header.taxPips());
        if (v.liquidityMidX34 == 0) return basePips;
        uint256 targetX34 = (v.liquidityMidX34 * v.subject.weightPips) / PIPS;
        return AlpFeeMath.feePipsUp(targetX34, v.subject.midX34, afterX34, basePips, taxPips);
    }

    /// @dev What comes in at its feeds' price can leave as any other asset: in a large vault the share of each is limited.
    function _checkShare(Valuation memory v, address token, uint256 amount) private pure {
        uint256 depositX34 = _midValueX34(v, amount);
        (uint256 assetX34, uint256 totalX34) = (v.subject.midX34 + depositX34, v.liquidityMidX34 + depositX34);
        if (totalX34 <= NavMath.wholeUsdX34(_headerOf(v.settings).shareFloorUsd())) return;
        if (assetX34 * PIPS <= totalX34 * v.subject.maxSharePips) return;
        revert AlpManager_ShareTooLarge(token, Math.ceilDiv(assetX34 * PIPS, totalX34), v.subject.maxSharePips);
    }

    /// @dev While liquidations wait, everyone knows whose margins are the LPs' already, and NAV does not.
    function _checkLiquidations() private view {
        if (!breaker.canLiquidate()) revert AlpManager_LiquidationsWait(breaker.haltEndsAt());
    }

    /// @dev A view in the middle of a mint or a burn would see half of it.
    function _checkIdle() private view {
        if (_reentrancyGuardEntered()) revert AlpManager_Busy();
    }

    function _checkDeadline(uint256 deadline) private view {
        if (block.timestamp > deadline) revert AlpManager_DeadlinePassed(deadline, block.timestamp);
    }

    /// @dev ALP for a deposit, dead shares of a first mint included; 0 where the NAV is not positive.
    function _alpFor(
        Valuation memory v,
        uint256 amount,
        uint256 feePips
    ) private pure returns (uint256 afterFee, uint256 afterDue) {
        uint256 depositX34 = amount * _unitX34(v, PackedPrice.lowOf(v.subject.rangeWord));
        if (v.supply == 0) {
            afterFee = NavMath.alpForFirstDepositDown(depositX34, feePips);
            return (afterFee, afterFee);
        }
        uint256 navX34 = NavMath.positivePart(v.highX34);
        if (navX34 == 0) return (0, 0);
        return NavMath.alpForDepositsDown(depositX34, feePips, v.supply, navX34, v.dueX34);
    }

    /// @dev Of the asset brought or paid out, USD with 34 decimals.
    function _midValueX34(Valuation memory v, uint256 amount) private pure returns (uint256) {
        return amount * _unitX34(v, PackedPrice.midOf(v.subject.rangeWord));
    }

    function _unitX34(Valuation memory v, uint64 price) private pure returns (uint256) {
        return NavMath.unitPriceX34(Price.wrap(price), v.subject.decimals);
    }
}
