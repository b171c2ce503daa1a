// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A token whose `transfer`, `transferFrom` and `approve` return nothing, as the original tether does.
/// @dev Where it belongs: on neither supported chain by itself. BSC-USD (BEP20USDT, solc 0.5.16) returns a bool.
///      Arbitrum's USDT was the gateway's standard bridged ERC-20 and is today ArbitrumExtensionV2 (USDT0, solc 0.8.4,
///      verified on chain), whose TetherToken inherits OpenZeppelin's upgradeable ERC-20 and so returns a bool too.
///      Both are behind upgradeable or third-party control and the original on Ethereum returns nothing, so a vault
///      must cope with either: a replica installs this one at the USDT address on request and the same tests run.
///      Also kept from the original: `approve` refuses to change a non-zero allowance to another non-zero one.
///      Its storage is laid out as TokenBase's, so that code can be exchanged under existing balances.
///      Compiled, never deployed to a real chain.
contract NoReturnToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    uint256 public totalSupply;
    uint256[2] private _unused;
    string public name;
    string public symbol;
    uint8 public decimals;
    bool public isInitialized;

    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Transfer(address indexed from, address indexed to, uint256 value);

    error NoReturnToken_AlreadyInitialized();
    error NoReturnToken_InsufficientBalance(address account, uint256 balance, uint256 needed);
    error NoReturnToken_InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error NoReturnToken_AllowanceNotReset(address spender, uint256 allowance);

    /// @notice Sets the metadata, once.
    function initialize(string calldata name_, string calldata symbol_, uint8 decimals_) external {
        if (isInitialized) revert NoReturnToken_AlreadyInitialized();
        isInitialized = true;
        name = name_;
        symbol = symbol_;
        decimals = decimals_;
    }

    /// @notice Creates `amount` for `to`; open to anyone.
    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function approve(address spender, uint256 amount) external {
        uint256 current = allowance[msg.sender][spender];
        if (amount != 0 && current != 0) revert NoReturnToken_AllowanceNotReset(spender, current);
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        uint256 current = allowance[from][msg.sender];
        if (current < amount) revert NoReturnToken_InsufficientAllowance(msg.sender, current, amount);
        if (current != type(uint256).max) allowance[from][msg.sender] = current - amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        uint256 balance = balanceOf[from];
        if (balance < amount) revert NoReturnToken_InsufficientBalance(from, balance, amount);
        balanceOf[from] = balance - amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}
