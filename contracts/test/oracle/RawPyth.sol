// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A wrong contract at Pyth's address: to each question it answers the bytes that a test has set for it.
/// @dev Compiled, never deployed to a real chain.
contract RawPyth {
    mapping(bytes4 selector => bytes) private _answers;

    receive() external payable {}

    fallback() external payable {
        bytes memory answer = _answers[msg.sig];
        // solhint-disable-next-line no-inline-assembly
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }

    /// @notice Sets what it answers to calls of a function.
    function setAnswer(bytes4 selector, bytes calldata answer) external {
        _answers[selector] = answer;
    }
}
