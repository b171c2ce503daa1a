// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ITrading, OpenRequest} from "../interfaces/ITrading.sol";
import {IVault} from "../interfaces/IVault.sol";
import {Price} from "../types/Units.sol";

/// @title An account that trades on its own behalf
/// @notice An example for integrators: it owns its positions, is paid their proceeds, and claims what could not be paid out.
/// @dev Trading takes the margin from its caller: here from this contract, which holds it. Who may act is up to the integrator.
contract TradingAccount {
    using SafeERC20 for IERC20;

    ITrading public immutable trading;
    IVault public immutable vault;
    address public immutable keeperOfKeys;

    /// @notice The caller is not the account that this contract acts for.
    error TradingAccount_NotAllowed(address caller);

    modifier onlyKeeperOfKeys() {
        if (msg.sender != keeperOfKeys) revert TradingAccount_NotAllowed(msg.sender);
        _;
    }

    constructor(ITrading trading_) {
        trading = trading_;
        vault = trading_.vault();
        keeperOfKeys = msg.sender;
    }

    /// @notice Places a market order with tokens that this contract holds.
    /// @param request Its owner is replaced by this contract.
    /// @return id Of the order, and of the position that comes of it.
    function open(OpenRequest calldata request) external onlyKeeperOfKeys returns (uint256 id) {
        OpenRequest memory own = request;
        own.owner = address(this);
        IERC20(own.token).forceApprove(address(trading), own.amount);
        id = trading.requestOpen(own);
    }

    /// @notice Asks for the close of a position; the proceeds come to this contract.
    /// @param acceptablePrice Worst fill price, 10 decimals; 0: any.
    /// @param deadline Last block time at which it may be filled.
    function close(uint256 id, Price acceptablePrice, uint40 deadline) external onlyKeeperOfKeys {
        trading.requestClose(id, acceptablePrice, deadline);
    }

    /// @notice Takes out what the Vault holds for this contract: a payment that the token refused, or pay for keeping.
    /// @return amount In token units.
    function claim(address token) external onlyKeeperOfKeys returns (uint256 amount) {
        amount = vault.claim(token, address(this), false);
    }

    /// @notice Pays tokens out to the account that this contract acts for.
    function withdraw(address token, uint256 amount) external onlyKeeperOfKeys {
        IERC20(token).safeTransfer(keeperOfKeys, amount);
    }
}
