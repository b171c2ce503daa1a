// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What is used of the machine's own calls.
interface Vm {
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function deal(address account, uint256 balance) external;
    function etch(address account, bytes calldata code) external;
    function setNonceUnsafe(address account, uint64 nonce) external;
    function getNonce(address account) external view returns (uint64);
    function prank(address sender, address origin) external;
    function prank(address sender) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function readFileBinary(string calldata path) external view returns (bytes memory);
    function writeLine(string calldata path, string calldata line) external;
    function envString(string calldata name) external view returns (string memory);
    function envOr(string calldata name, uint256 value) external view returns (uint256);
    function toString(uint256 value) external pure returns (string memory);
    function label(address account, string calldata name) external;
}

/// @dev Where every run has it.
Vm constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
