// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev What the Vault holds of a token for the LPs: slot 0 of a `TokenLedger`, as the compiler packs it. From the lowest
/// bit: liquidity 112 · reserved 112 · maxUtilizationPips 24 · decimals 8.
type HoldingWord is uint256;

using HoldingWordFields for HoldingWord global;

library HoldingWordFields {
    function liquidity(HoldingWord self) internal pure returns (uint256) {
        return uint112(HoldingWord.unwrap(self));
    }

    function reserved(HoldingWord self) internal pure returns (uint256) {
        return uint112(HoldingWord.unwrap(self) >> 112);
    }

    function decimals(HoldingWord self) internal pure returns (uint256) {
        return HoldingWord.unwrap(self) >> 248;
    }
}

/// @dev What the Vault holds of a token for a product: slot 0 of a `ProductLedger`, as the compiler packs it. From the lowest
/// bit: collateral 120 · reserved 120 · isOpen 8.
type ProductHoldingWord is uint256;

using ProductHoldingWordFields for ProductHoldingWord global;

library ProductHoldingWordFields {
    function collateral(ProductHoldingWord self) internal pure returns (uint256) {
        return uint120(ProductHoldingWord.unwrap(self));
    }

    function reserved(ProductHoldingWord self) internal pure returns (uint256) {
        return uint120(ProductHoldingWord.unwrap(self) >> 120);
    }
}
