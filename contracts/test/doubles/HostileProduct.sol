// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IDepositor} from "../../interfaces/IProduct.sol";
import {IVault, Opening, Settlement} from "../../interfaces/IVault.sol";
import {CallProxy} from "../receivers/CallProxy.sol";

/// @notice A product (or liquidity manager) without any rules: it passes whatever it is told on to the Vault, pays in or
/// not, and calls whatever it is told from inside `payIn`.
/// @dev Allowances of payers are given to it. The outcome of the call made inside `payIn` is recorded, not bubbled: a test
/// asserts on it. Compiled, never deployed to a real chain.
contract HostileProduct is IDepositor, CallProxy {
    using SafeERC20 for IERC20;

    IVault public immutable vault;

    /// @notice Whether `payIn` moves nothing at all.
    bool public keepsBack;

    bool public isArmed;
    address public callTarget;
    bytes public callData;
    /// @notice Whether the call comes before the payment, or after.
    bool public callsBeforePaying;

    uint256 public callCount;
    bool public lastSuccess;
    bytes public lastReturnData;

    constructor(IVault vault_) {
        vault = vault_;
    }

    /// @notice Has `payIn` move nothing from now on, or again what it is asked for.
    function setKeepsBack(bool keepsBack_) external {
        keepsBack = keepsBack_;
    }

    /// @notice Sets the call that the next `payIn` makes.
    function arm(address callTarget_, bytes calldata callData_, bool callsBeforePaying_) external {
        callTarget = callTarget_;
        callData = callData_;
        callsBeforePaying = callsBeforePaying_;
        isArmed = true;
    }

    function deposit(address token, address payer, uint256 amount) external returns (uint256) {
        return vault.deposit(token, payer, amount);
    }

    function depositAndReserve(
        address token,
        address payer,
        uint256 amount,
        uint256 reservePips
    ) external returns (uint256) {
        return vault.depositAndReserve(token, payer, amount, reservePips);
    }

    function open(Opening calldata opening) external returns (bool) {
        return vault.open(opening);
    }

    function settle(Settlement calldata settlement) external {
        vault.settle(settlement);
    }

    function addLiquidity(address token, address payer, uint256 amount) external returns (uint256) {
        return vault.addLiquidity(token, payer, amount);
    }

    function removeLiquidity(address token, address receiver, uint256 amount, bool asNative) external {
        vault.removeLiquidity(token, receiver, amount, asNative);
    }

    /// @inheritdoc IDepositor
    function payIn(address token, address payer, uint256 amount) external override {
        bool calls = isArmed;
        isArmed = false;
        if (calls && callsBeforePaying) _reenter();
        if (!keepsBack) IERC20(token).safeTransferFrom(payer, msg.sender, amount);
        if (calls && !callsBeforePaying) _reenter();
    }

    function _reenter() private {
        (bool success, bytes memory returnData) = callTarget.call(callData);
        ++callCount;
        lastSuccess = success;
        lastReturnData = returnData;
    }
}
