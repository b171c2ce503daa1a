// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "./TokenBase.sol";

/// @notice The pegged tokens of BNB Chain (BSC-USD, USDC, BTCB, ETH): plain ERC-20s that return a bool.
/// @dev None of them has ERC-2612 `permit`: margin is paid there by approval. Compiled, never deployed to a real chain.
contract StandInBep20Token is TokenBase {}
