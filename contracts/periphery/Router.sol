// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {BetRequest, IPrediction} from "../interfaces/IPrediction.sol";
import {IRouter, Permit} from "../interfaces/IRouter.sol";
import {ITrading, OpenRequest} from "../interfaces/ITrading.sol";
import {IVault} from "../interfaces/IVault.sol";
import {IWrappedNative} from "../interfaces/external/IWrappedNative.sol";
import {Code} from "../utils/Code.sol";

/// @title The Router
/// @notice See `IRouter`.
contract Router is IRouter {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using TransientSlot for *;

    /// @dev Transient: who is being served, and in the 96 bits above what is left of the native coin that came with the
    /// call; 0 outside a call.
    bytes32 private constant SERVICE_SLOT = keccak256("asterism.router.service");

    /// @notice Says which products there are.
    IVault public immutable vault;

    /// @inheritdoc IRouter
    address public immutable override wrappedNative;

    /// @dev The outermost call notes its caller, keeps everyone else out, and gives back what is left of the native coin
    /// that came with it.
    modifier serves() {
        address caller = _caller();
        if (caller == address(0)) {
            _begin();
            _;
            _returnExcess();
            SERVICE_SLOT.asUint256().tstore(0);
        } else {
            // Inside a multicall the Router calls itself.
            if (msg.sender != address(this)) revert Router_NotForCaller(caller, msg.sender);
            _;
        }
    }

    constructor(IVault vault_) {
        Code.requireContract(address(vault_));
        vault = vault_;
        wrappedNative = vault_.wrappedNative();
    }

    /// @dev Nothing is unwrapped here, and no refund is expected.
    receive() external payable {
        revert Router_NativeNotExpected(msg.sender);
    }

    /// @inheritdoc IRouter
    function multicall(bytes[] calldata calls) external payable override serves returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            results[i] = Address.functionCall(address(this), calls[i]);
        }
    }

    /// @inheritdoc IRouter
    function permit(Permit calldata p) external override serves {
        address owner = _caller();
        try IERC20Permit(p.token).permit(owner, address(this), p.amount, p.deadline, p.v, p.r, p.s) {
            emit PermitUsed(p.token, owner, p.amount);
        } catch (bytes memory reason) {
            emit PermitSkipped(p.token, owner, reason);
        }
    }

    /// @inheritdoc IRouter
    function requestOpen(
        ITrading trading,
        OpenRequest calldata request
    ) external payable override serves returns (uint256 id) {
        id = trading.requestOpen(_takeFor(trading, request));
    }

    /// @inheritdoc IRouter
    function requestOpenNative(
        ITrading trading,
        OpenRequest calldata request
    ) external payable override serves returns (uint256 id) {
        _wrapFor(trading, request);
        id = trading.requestOpen(request);
    }

    /// @inheritdoc IRouter
    function requestLimit(
        ITrading trading,
        OpenRequest calldata request
    ) external payable override serves returns (uint256 id) {
        id = trading.requestLimit(_takeFor(trading, request));
    }

    /// @inheritdoc IRouter
    function requestLimitNative(
        ITrading trading,
        OpenRequest calldata request
    ) external payable override serves returns (uint256 id) {
        _wrapFor(trading, request);
        id = trading.requestLimit(request);
    }

    /// @inheritdoc IRouter
    function requestBet(
        IPrediction prediction,
        BetRequest calldata request
    ) external payable override serves returns (uint256 id) {
        _checkOwner(request.owner);
        uint256 received = _take(request.token, request.stake, address(prediction));
        BetRequest memory adjusted = request;
        adjusted.stake = received.toUint96();
        id = prediction.requestBet(adjusted);
    }

    /// @inheritdoc IRouter
    function requestBetNative(
        IPrediction prediction,
        BetRequest calldata request
    ) external payable override serves returns (uint256 id) {
        _checkOwner(request.owner);
        _wrap(request.token, request.stake, address(prediction));
        id = prediction.requestBet(request);
    }

    /// @dev The request for what arrived of its payment.
    function _takeFor(ITrading trading, OpenRequest calldata request) private returns (OpenRequest memory adjusted) {
        _checkOwner(request.owner);
        adjusted = request;
        adjusted.amount = _take(request.token, request.amount, address(trading)).toUint96();
    }

    function _wrapFor(ITrading trading, OpenRequest calldata request) private {
        _checkOwner(request.owner);
        _wrap(request.token, request.amount, address(trading));
    }

    function _begin() private {
        _note(msg.sender, msg.value);
    }

    /// @param left In wei; there are fewer than 2^96 of any native coin.
    function _note(address caller, uint256 left) private {
        SERVICE_SLOT.asUint256().tstore(uint160(caller) | (left << 160));
    }

    function _caller() private view returns (address) {
        // The lower 160 bits.
        return address(uint160(SERVICE_SLOT.asUint256().tload()));
    }

    /// @dev What is left of the native coin that came with the call, in wei.
    function _left() private view returns (uint256) {
        return SERVICE_SLOT.asUint256().tload() >> 160;
    }

    function _checkOwner(address owner) private view {
        if (owner != _caller()) revert Router_NotForCaller(owner, _caller());
    }

    function _checkProduct(address product) private view {
        if (!vault.isProduct(product)) revert Router_NotAProduct(product);
    }

    /// @dev Takes tokens from the caller; the product may take on exactly what arrived.
    function _take(address token, uint256 amount, address product) private returns (uint256 received) {
        _checkProduct(product);
        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(_caller(), address(this), amount);
        received = IERC20(token).balanceOf(address(this)) - balanceBefore;
        IERC20(token).forceApprove(product, received);
    }

    /// @dev Wraps native coin that came with the call, and no other: nothing is spent twice.
    function _wrap(address token, uint256 amount, address product) private {
        _checkProduct(product);
        if (token != wrappedNative) revert Router_NotWrappedNative(token, wrappedNative);
        uint256 left = _left();
        if (left < amount) revert Router_NativeTooLow(left, amount);
        _note(_caller(), left - amount);
        IWrappedNative(token).deposit{value: amount}();
        IERC20(token).forceApprove(product, amount);
    }

    function _returnExcess() private {
        uint256 excess = _left();
        if (excess == 0) return;
        (bool isPaid, ) = _caller().call{value: excess}("");
        if (!isPaid) revert Router_RefundRefused(_caller(), excess);
    }
}
