// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice An ERC-20 whose metadata is set by a call, so that its code can be placed at a canonical address.
/// @dev `hardhat_setCode` copies code and immutables but no storage: nothing may depend on the constructor.
///      Anyone may mint. All tokens here share one storage layout (balances, allowances, supply, two unused slots, name,
///      symbol, decimals and flag): the code at an address can be exchanged for a hostile one, balances kept.
///      Compiled, never deployed to a real chain.
abstract contract TokenBase is ERC20 {
    string private _tokenName;
    string private _tokenSymbol;
    uint8 private _tokenDecimals;
    bool private _isInitialized;

    error TokenBase_AlreadyInitialized();

    constructor() ERC20("", "") {}

    /// @notice Sets the metadata, once.
    function initialize(string calldata name_, string calldata symbol_, uint8 decimals_) external {
        if (_isInitialized) revert TokenBase_AlreadyInitialized();
        _isInitialized = true;
        _tokenName = name_;
        _tokenSymbol = symbol_;
        _tokenDecimals = decimals_;
    }

    /// @notice Creates `amount` for `to`; open to anyone.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Whether `initialize` was called.
    function isInitialized() external view returns (bool) {
        return _isInitialized;
    }

    function name() public view virtual override returns (string memory) {
        return _tokenName;
    }

    function symbol() public view virtual override returns (string memory) {
        return _tokenSymbol;
    }

    function decimals() public view virtual override returns (uint8) {
        return _tokenDecimals;
    }
}
