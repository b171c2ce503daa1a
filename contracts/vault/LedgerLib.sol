// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVault, ProductLedger, TokenLedger} from "../interfaces/IVault.sol";
import {HoldingWord, ProductHoldingWord} from "../types/HoldingWord.sol";
import {PIPS} from "../types/Units.sol";

/// @title The Vault's ledgers
/// @notice Every change of a `TokenLedger` and a `ProductLedger`, and the bounds that keep them solvent.
library LedgerLib {
    uint256 private constant IS_OPEN = 1;

    /// @dev Books what a product took in; the caller has checked the product and the token.
    function addCollateral(ProductLedger storage self, uint256 amount) internal {
        (uint256 collateral, uint256 reserved, ) = _load(self);
        _store(self, collateral + amount, reserved, IS_OPEN);
    }

    /// @dev Books an opening in both ledgers, or nothing: false when the reserve would pass the product's ceiling, or the
    /// share of the token's liquidity that may be reserved. After it reserved stays below liquidity.
    function open(
        TokenLedger storage self,
        ProductLedger storage productLedger,
        uint256 reserve,
        uint256 toLiquidity,
        uint256 toFees,
        uint256 credits
    ) internal returns (bool) {
        // Check:
        (uint256 collateral, uint256 productReserved, uint256 isOpen) = _load(productLedger);
        if (_passesCeiling(productLedger, productReserved, reserve)) return false;
        (uint256 liquidity, uint256 reserved, uint256 settings) = _load(self);
        (liquidity, reserved) = (liquidity + toLiquidity, reserved + reserve);
        if (_passesLimit(liquidity, reserved, settings)) return false;
        uint256 outgoings = toLiquidity + toFees + credits;
        if (outgoings > collateral) revert IVault.Vault_CollateralExceeded(outgoings, collateral);

        // Effect:
        _store(productLedger, collateral - outgoings, productReserved + reserve, isOpen);
        _store(self, liquidity, reserved, settings);
        _addOwed(self, toFees, credits);
        return true;
    }

    /// @dev Whether an opening's reserve stays within the product's ceiling, and within the share of the token's liquidity
    /// that may be reserved.
    function hasRoom(
        TokenLedger storage self,
        ProductLedger storage productLedger,
        uint256 reserve,
        uint256 toLiquidity
    ) internal view returns (bool) {
        (, uint256 productReserved, ) = _load(productLedger);
        if (_passesCeiling(productLedger, productReserved, reserve)) return false;
        (uint256 liquidity, uint256 reserved, uint256 settings) = _load(self);
        return !_passesLimit(liquidity + toLiquidity, reserved + reserve, settings);
    }

    /// @dev Books what a product took in together with its reserve, or nothing: false under the conditions of `open`. The
    /// caller has checked the product and the token.
    function depositAndReserve(
        TokenLedger storage self,
        ProductLedger storage productLedger,
        uint256 amount,
        uint256 reserve
    ) internal returns (bool) {
        // Check:
        (uint256 collateral, uint256 productReserved, ) = _load(productLedger);
        if (_passesCeiling(productLedger, productReserved, reserve)) return false;
        (uint256 liquidity, uint256 reserved, uint256 settings) = _load(self);
        reserved += reserve;
        if (_passesLimit(liquidity, reserved, settings)) return false;

        // Effect:
        _store(productLedger, collateral + amount, productReserved + reserve, IS_OPEN);
        _store(self, liquidity, reserved, settings);
        return true;
    }

    /// @dev Releases collateral and reserve of the product.
    function release(ProductLedger storage self, uint256 collateral, uint256 reserve) internal {
        (uint256 hasCollateral, uint256 hasReserve, uint256 isOpen) = _load(self);
        if (collateral > hasCollateral) revert IVault.Vault_CollateralExceeded(collateral, hasCollateral);
        if (reserve > hasReserve) revert IVault.Vault_ReserveExceeded(reserve, hasReserve);
        _store(self, hasCollateral - collateral, hasReserve - reserve, isOpen);
    }

    /// @dev Divides what a product released. Reserved ≤ liquidity holds before; both fall by at most `reserve` and the
    /// reserve by exactly that, so it holds after.
    function settle(
        TokenLedger storage self,
        uint256 collateral,
        uint256 reserve,
        uint256 payout,
        uint256 toFees,
        uint256 credits
    ) internal {
        uint256 outgoings = payout + toFees + credits;
        if (outgoings > collateral + reserve) revert IVault.Vault_Overdrawn(outgoings, collateral + reserve);
        (uint256 liquidity, uint256 reserved, uint256 settings) = _load(self);
        // outgoings ≤ collateral + reserve and reserve ≤ reserved ≤ liquidity: the difference is not negative.
        _store(self, liquidity + collateral - outgoings, reserved - reserve, settings);
        _addOwed(self, toFees, credits);
    }

    /// @dev Slot 0 as it is stored.
    function holding(TokenLedger storage self) internal view returns (HoldingWord word) {
        assembly ("memory-safe") {
            word := sload(self.slot)
        }
    }

    /// @dev Slot 0 as it is stored.
    function holding(ProductLedger storage self) internal view returns (ProductHoldingWord word) {
        assembly ("memory-safe") {
            word := sload(self.slot)
        }
    }

    function addLiquidity(TokenLedger storage self, uint256 amount) internal {
        self.liquidity = _toUint112(self.liquidity + amount);
    }

    function removeLiquidity(TokenLedger storage self, uint256 amount) internal {
        (uint256 liquidity, uint256 reserved) = (self.liquidity, self.reserved);
        if (amount > liquidity - reserved) revert IVault.Vault_LiquidityReserved(amount, liquidity - reserved);
        unchecked {
            // amount ≤ liquidity ≤ 2^112.
            self.liquidity = uint112(liquidity - amount);
        }
    }

    function allocateFees(TokenLedger storage self, uint256 amount) internal {
        (uint256 fees, uint256 claimable) = (self.fees, self.claimable);
        if (amount > fees) revert IVault.Vault_FeesExceeded(amount, fees);
        unchecked {
            // amount ≤ fees ≤ 2^128.
            self.fees = uint128(fees - amount);
        }
        self.claimable = _toUint128(claimable + amount);
    }

    function addClaimable(TokenLedger storage self, uint256 amount) internal {
        self.claimable = _toUint128(self.claimable + amount);
    }

    function subClaimable(TokenLedger storage self, uint256 amount) internal {
        // The claim of one account is part of the sum: the subtraction can't underflow, and reverts if it did.
        self.claimable = _toUint128(self.claimable - amount);
    }

    function _addOwed(TokenLedger storage self, uint256 toFees, uint256 credits) private {
        if (toFees == 0 && credits == 0) return;
        uint256 word;
        assembly ("memory-safe") {
            word := sload(add(self.slot, 1))
        }
        // Slot 1: fees 128 · claimable 128.
        word = _toUint128(uint128(word) + toFees) | (uint256(_toUint128((word >> 128) + credits)) << 128);
        assembly ("memory-safe") {
            sstore(add(self.slot, 1), word)
        }
    }

    /// @dev Whether a product would hold more reserved than its ceiling.
    function _passesCeiling(
        ProductLedger storage productLedger,
        uint256 productReserved,
        uint256 reserve
    ) private view returns (bool) {
        return reserve > type(uint120).max || productReserved + reserve > productLedger.ceiling;
    }

    /// @dev Whether more of the liquidity would be reserved than may be. The lower 24 bits of the settings are the limit in
    /// pips.
    function _passesLimit(uint256 liquidity, uint256 reserved, uint256 settings) private pure returns (bool) {
        return reserved * PIPS > liquidity * uint24(settings);
    }

    /// @dev Slot 0 of a product ledger: collateral 120 · reserved 120 · isOpen 8.
    function _load(
        ProductLedger storage self
    ) private view returns (uint256 collateral, uint256 reserved, uint256 isOpen) {
        uint256 word;
        assembly ("memory-safe") {
            word := sload(self.slot)
        }
        return (uint120(word), uint120(word >> 120), word >> 240);
    }

    function _store(ProductLedger storage self, uint256 collateral, uint256 reserved, uint256 isOpen) private {
        uint256 word = _toUint120(collateral) | (uint256(_toUint120(reserved)) << 120) | (isOpen << 240);
        assembly ("memory-safe") {
            sstore(self.slot, word)
        }
    }

    /// @dev Slot 0 of a ledger: liquidity 112 · reserved 112 · maxUtilizationPips 24 · decimals 8.
    /// `settings` is what lies above the amounts.
    function _load(
        TokenLedger storage self
    ) private view returns (uint256 liquidity, uint256 reserved, uint256 settings) {
        uint256 word;
        assembly ("memory-safe") {
            word := sload(self.slot)
        }
        return (uint112(word), uint112(word >> 112), word >> 224);
    }

    function _store(TokenLedger storage self, uint256 liquidity, uint256 reserved, uint256 settings) private {
        uint256 word = _toUint112(liquidity) | (uint256(_toUint112(reserved)) << 112) | (settings << 224);
        assembly ("memory-safe") {
            sstore(self.slot, word)
        }
    }

    function _toUint120(uint256 value) private pure returns (uint120) {
        if (value > type(uint120).max) revert IVault.Vault_AmountOverflow(value, type(uint120).max);
        // The bound is checked on the line above.
        return uint120(value);
    }

    function _toUint112(uint256 value) private pure returns (uint112) {
        if (value > type(uint112).max) revert IVault.Vault_AmountOverflow(value, type(uint112).max);
        // The bound is checked on the line above.
        return uint112(value);
    }

    function _toUint128(uint256 value) private pure returns (uint128) {
        if (value > type(uint128).max) revert IVault.Vault_AmountOverflow(value, type(uint128).max);
        // The bound is checked on the line above.
        return uint128(value);
    }
}
