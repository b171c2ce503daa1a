// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Gives native coin to addresses whether they take it or not: to each one wei, out of a contract that destroys
/// itself as it is created.
/// @dev Called in the course of a transfer, it does so in the middle of another's call. Compiled, never deployed to a real chain.
contract CoinForcer {
    error CoinForcer_NotForced(address target);

    receive() external payable {}

    /// @notice Forces one wei on each of the addresses.
    function force(address[] calldata targets) external payable {
        for (uint256 i = 0; i < targets.length; ++i) {
            // PUSH20 target SELFDESTRUCT
            bytes memory initCode = abi.encodePacked(hex"73", targets[i], hex"ff");
            address created;
            assembly ("memory-safe") {
                created := create(1, add(initCode, 0x20), mload(initCode))
            }
            if (created == address(0)) revert CoinForcer_NotForced(targets[i]);
        }
    }
}
