// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IVault} from "../interfaces/IVault.sol";
import {IWrappedNative} from "../interfaces/external/IWrappedNative.sol";

/// @title SafePayment
/// @notice Bounded gas, no copy of return data, and a result instead of a revert. A payment refused by the token or by
/// the receiver is the caller's to book as claimable.
/// @dev Too little gas reverts instead of refusing: nobody can turn another's payment into a claim by supplying little.
library SafePayment {
    /// @dev What a token's `transfer` may use: several times what the costliest listed token needs.
    uint256 internal constant TOKEN_GAS = 250_000;

    /// @dev What the receiver of native coin may use: a contract wallet's receive hook, and no more.
    uint256 internal constant NATIVE_GAS = 30_000;

    /// @dev Kept for what follows the payment.
    uint256 internal constant AFTER_GAS = 60_000;

    /// @notice Transfers `amount` of `erc20`; false if it reverts, answers false, or has no code.
    function token(address erc20, address receiver, uint256 amount) internal returns (bool isPaid) {
        _requireGas(TOKEN_GAS);
        bytes memory data = abi.encodeCall(IERC20.transfer, (receiver, amount));
        uint256 gasLimit = TOKEN_GAS;
        uint256 answered;
        uint256 answer;
        // At most one word of the answer is copied.
        assembly ("memory-safe") {
            isPaid := call(gasLimit, erc20, 0, add(data, 0x20), mload(data), 0, 0x20)
            answered := returndatasize()
            answer := mload(0)
        }
        if (!isPaid) return false;
        return answered == 0 ? erc20.code.length != 0 : answered >= 32 && answer == 1;
    }

    /// @notice Unwraps `amount` and sends it; false if the token refuses to unwrap it, or if the receiver refuses it: it
    /// is wrapped again then.
    function native(address wrapped, address receiver, uint256 amount) internal returns (bool isPaid) {
        _requireGas(TOKEN_GAS + NATIVE_GAS);
        if (!_unwrap(wrapped, amount)) return false;
        uint256 gasLimit = NATIVE_GAS;
        // Nothing of the answer is copied.
        assembly ("memory-safe") {
            isPaid := call(gasLimit, receiver, amount, 0, 0, 0, 0)
        }
        if (!isPaid) IWrappedNative(wrapped).deposit{value: amount}();
    }

    /// @dev The wrapped native coin may be upgradeable, and refuse like any token.
    function _unwrap(address wrapped, uint256 amount) private returns (bool isUnwrapped) {
        bytes memory data = abi.encodeCall(IWrappedNative.withdraw, (amount));
        uint256 gasLimit = TOKEN_GAS;
        // Nothing of the answer is copied.
        assembly ("memory-safe") {
            isUnwrapped := call(gasLimit, wrapped, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }

    /// @dev A call is given at most 63/64 of the gas left.
    function _requireGas(uint256 forwarded) private view {
        uint256 required = (forwarded * 64) / 63 + AFTER_GAS;
        if (gasleft() < required) revert IVault.Vault_GasTooLow(gasleft(), required);
    }
}
