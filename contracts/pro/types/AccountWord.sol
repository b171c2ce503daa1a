// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev An account. From the lowest bit: cash int112 · cross markets 64 · orders 8 · flags 8 · spare 64. Cash: of the cross
/// scope, quote. Cross markets: bit m says that there is a position or a resting order in market m in cross mode. Orders:
/// how many rest, in all markets and modes. Flags: number of cross positions in the lowest 5 bits.
type AccountWord is uint256;

using AccountWordFields for AccountWord global;

library AccountWordFields {
    uint256 private constant CASH_MASK = type(uint112).max;
    uint256 private constant ONE_ORDER = 1 << 176;
    uint256 private constant ONE_POSITION = 1 << 184;

    /// @dev Cash would pass its width.
    error AccountWord_CashOverflow(int256 cash);

    function withCash(AccountWord self, int256 cash_) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(self) & ~CASH_MASK) | cashBits(cash_));
    }

    /// @dev Cash as the lowest 112 bits of a word.
    function cashBits(int256 cash_) internal pure returns (uint256) {
        if (int112(cash_) != cash_) revert AccountWord_CashOverflow(cash_);
        // The width is checked on the line above.
        return uint112(int112(cash_));
    }

    function withMarket(AccountWord self, uint8 market) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) | (1 << (112 + uint256(market))));
    }

    function withoutMarket(AccountWord self, uint8 market) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) & ~(1 << (112 + uint256(market))));
    }

    /// @dev Requirements: fewer than 255 orders rest; `MAX_ACCOUNT_ORDERS` is checked before.
    function withOrder(AccountWord self) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) + ONE_ORDER);
    }

    /// @dev Requirements: an order rests.
    function withoutOrder(AccountWord self) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) - ONE_ORDER);
    }

    /// @dev Requirements: at most 16 cross markets, which is checked where a market is entered.
    function withPosition(AccountWord self) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) + ONE_POSITION);
    }

    /// @dev Requirements: there is a cross position.
    function withoutPosition(AccountWord self) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) - ONE_POSITION);
    }

    // Each getter cuts to the width that its field was packed with.

    function cash(AccountWord self) internal pure returns (int256) {
        return int112(uint112(AccountWord.unwrap(self)));
    }

    function markets(AccountWord self) internal pure returns (uint256) {
        return uint64(AccountWord.unwrap(self) >> 112);
    }

    function hasMarket(AccountWord self, uint8 market) internal pure returns (bool) {
        return (AccountWord.unwrap(self) >> (112 + uint256(market))) & 1 != 0;
    }

    function orders(AccountWord self) internal pure returns (uint256) {
        return uint8(AccountWord.unwrap(self) >> 176);
    }

    function positions(AccountWord self) internal pure returns (uint256) {
        return (AccountWord.unwrap(self) >> 184) & 0x1f;
    }
}
