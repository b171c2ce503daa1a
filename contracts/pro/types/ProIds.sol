// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Numbers that name things in Pro. Plain integers of a fixed width; this file alone knows how they are composed.
//
// | name | bits | from the lowest bit |
// |---|---|---|
// | account | 40 | sub-number 8 · owner index 32; owners count from 1 |
// | market | 8 | 0 to 63 |
// | scope | 48 | market + 1 in isolated mode, 0 for the cross scope 8 · account 40 |
// | order reference | 48 | slot 8 · account 40; 0 for none |
// | order id | 104 | reference 48 · generation of the slot 48 · market 8 |

/// @dev Most markets of one Pro: the mask of an account's markets has 64 bits.
uint256 constant MAX_MARKETS = 64;

/// @dev Most markets, with a position or a resting order, of one cross scope.
uint256 constant MAX_SCOPE_MARKETS = 16;

/// @dev Most resting orders of an account in one market: the mask of its slots has 32 bits.
uint256 constant MAX_MARKET_ORDERS = 32;

/// @dev Most resting orders of an account.
uint256 constant MAX_ACCOUNT_ORDERS = 64;

library ProIds {
    function accountOf(uint32 ownerIndex, uint8 sub) internal pure returns (uint40) {
        // 32 and 8 bits.
        return uint40((uint256(ownerIndex) << 8) | sub);
    }

    function ownerIndexOf(uint40 account) internal pure returns (uint32) {
        // Cut to the width it was composed with.
        return uint32(account >> 8);
    }

    function isSameOwner(uint40 a, uint40 b) internal pure returns (bool) {
        return a >> 8 == b >> 8;
    }

    function crossScope(uint40 account) internal pure returns (uint48) {
        return uint48(account) << 8;
    }

    function isolatedScope(uint40 account, uint8 market) internal pure returns (uint48) {
        return (uint48(account) << 8) | (uint48(market) + 1);
    }

    function scopeOf(uint40 account, uint8 market, bool isIsolated) internal pure returns (uint48) {
        return isIsolated ? isolatedScope(account, market) : crossScope(account);
    }

    function accountOfScope(uint48 scope) internal pure returns (uint40) {
        // Cut to the width it was composed with.
        return uint40(scope >> 8);
    }

    function isIsolatedScope(uint48 scope) internal pure returns (bool) {
        return uint8(scope) != 0;
    }

    /// @dev Requirements: the scope is isolated.
    function marketOfScope(uint48 scope) internal pure returns (uint8) {
        return uint8(scope) - 1;
    }

    /// @param slot 0 to 31.
    function referenceOf(uint40 account, uint256 slot) internal pure returns (uint48) {
        // 40 and 8 bits.
        return uint48((uint256(account) << 8) | slot);
    }

    function accountOfReference(uint48 ref) internal pure returns (uint40) {
        // Cut to the width it was composed with.
        return uint40(ref >> 8);
    }

    function slotOfReference(uint48 ref) internal pure returns (uint256) {
        return uint8(ref);
    }

    function orderId(uint48 ref, uint48 generation, uint8 market) internal pure returns (uint256) {
        return uint256(ref) | (uint256(generation) << 48) | (uint256(market) << 96);
    }

    function referenceOfOrder(uint256 id) internal pure returns (uint48) {
        // Cut to the width it was composed with.
        return uint48(id);
    }

    function generationOfOrder(uint256 id) internal pure returns (uint48) {
        // Cut to the width it was composed with.
        return uint48(id >> 48);
    }

    function marketOfOrder(uint256 id) internal pure returns (uint8) {
        // Cut to the width it was composed with.
        return uint8(id >> 96);
    }
}
