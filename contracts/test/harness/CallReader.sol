// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Asks many views in one call, all at one state.
/// @dev Compiled, never deployed to a real chain.
contract CallReader {
    error CallReader_Failed(uint256 index, bytes reason);

    /// @notice The answers in the order of the questions; reverts with the first that fails.
    function read(address[] calldata targets, bytes[] calldata datas) external view returns (bytes[] memory answers) {
        answers = new bytes[](targets.length);
        for (uint256 i = 0; i < targets.length; ++i) {
            (bool isAnswered, bytes memory answer) = targets[i].staticcall(datas[i]);
            if (!isAnswered) revert CallReader_Failed(i, answer);
            answers[i] = answer;
        }
    }

    /// @notice What an account holds of the native coin, in wei.
    function balanceOf(address account) external view returns (uint256) {
        return account.balance;
    }
}
