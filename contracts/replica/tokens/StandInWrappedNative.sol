// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice WBNB: the original WETH9, initialisable by call, with an open `mint` for tests.
/// @dev Quirks kept on purpose: any unknown selector lands in the fallback and succeeds as a deposit of zero (so a
///      call to `permit` succeeds and grants nothing), `withdraw` pays with the 2300 gas of `transfer`, failures
///      revert without data, an allowance of the maximum is never spent, the supply is the native balance.
///      `mint` is unbacked unless the caller also tops up the native balance. Its storage is laid out as TokenBase's, so
///      that code can be exchanged under existing balances. Compiled, never deployed to a real chain.
contract StandInWrappedNative {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    uint256[3] private _unused;
    string public name;
    string public symbol;
    uint8 public decimals;
    bool public isInitialized;

    event Approval(address indexed src, address indexed guy, uint256 wad);
    event Transfer(address indexed src, address indexed dst, uint256 wad);
    event Deposit(address indexed dst, uint256 wad);
    event Withdrawal(address indexed src, uint256 wad);

    error StandInWrappedNative_AlreadyInitialized();

    receive() external payable {
        deposit();
    }

    fallback() external payable {
        deposit();
    }

    /// @notice Sets the metadata, once.
    function initialize(string calldata name_, string calldata symbol_, uint8 decimals_) external {
        if (isInitialized) revert StandInWrappedNative_AlreadyInitialized();
        isInitialized = true;
        name = name_;
        symbol = symbol_;
        decimals = decimals_;
    }

    /// @notice Creates `amount` for `to`; open to anyone.
    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function withdraw(uint256 amount) external {
        // solhint-disable-next-line reason-string,gas-custom-errors
        require(balanceOf[msg.sender] >= amount);
        balanceOf[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
        emit Withdrawal(msg.sender, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return transferFrom(msg.sender, to, amount);
    }

    function totalSupply() external view returns (uint256) {
        return address(this).balance;
    }

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function transferFrom(address from, address to, uint256 amount) public returns (bool) {
        // solhint-disable-next-line reason-string,gas-custom-errors
        require(balanceOf[from] >= amount);
        if (from != msg.sender && allowance[from][msg.sender] != type(uint256).max) {
            // solhint-disable-next-line reason-string,gas-custom-errors
            require(allowance[from][msg.sender] >= amount);
            allowance[from][msg.sender] -= amount;
        }
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}
