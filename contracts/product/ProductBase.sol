// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IDepositor, IProductBase} from "../interfaces/IProduct.sol";
import {IVault} from "../interfaces/IVault.sol";
import {ProductBounds} from "./ProductBounds.sol";

/// @title ProductBase
/// @notice What every product is: built on a vault, prices and a breaker for life, configured by one contract, and paid
/// through the allowances that it was given.
abstract contract ProductBase is IProductBase, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IProductBase
    IVault public immutable override vault;

    /// @inheritdoc IProductBase
    IPriceAggregator public immutable override aggregator;

    /// @inheritdoc IProductBase
    IBreaker public immutable override breaker;

    /// @inheritdoc IProductBase
    address public immutable override configurator;

    address internal immutable _wrappedNative;

    modifier onlyConfigurator() {
        if (msg.sender != configurator) revert Product_OnlyConfigurator(msg.sender);
        _;
    }

    constructor(IVault vault_, IPriceAggregator aggregator_, IBreaker breaker_, address configurator_) {
        ProductBounds.checkContracts(address(vault_), address(aggregator_), address(breaker_), configurator_);
        vault = vault_;
        configurator = configurator_;
        breaker = breaker_;
        aggregator = aggregator_;
        _wrappedNative = vault_.wrappedNative();
    }

    /// @inheritdoc IDepositor
    function payIn(address token, address payer, uint256 amount) external override {
        // Check: the Vault calls back only whoever called it, and this contract calls it only with its own caller as payer.
        if (msg.sender != address(vault)) revert Product_OnlyVault(msg.sender);
        // Interaction:
        IERC20(token).safeTransferFrom(payer, msg.sender, amount);
    }
}
