// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Measures what a view costs.
contract CallMeter {
    /// @return gasUsed By the call alone; the transaction that it would come in is not counted.
    /// @return answer As it came. Reverts with the error of the call.
    function measure(address target, bytes calldata data) external view returns (uint256 gasUsed, bytes memory answer) {
        uint256 before = gasleft();
        bool isDone;
        (isDone, answer) = target.staticcall(data);
        gasUsed = before - gasleft();
        if (isDone) return (gasUsed, answer);
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}
