// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Forwards calls, so that a test can act as a contract wallet.
/// @dev Anyone may use it. Compiled, never deployed to a real chain.
contract CallProxy {
    receive() external payable virtual {}

    /// @notice Calls `target` with `value` of the native coin; reverts with the callee's own data.
    function execute(address target, uint256 value, bytes calldata data) external payable returns (bytes memory) {
        return _call(target, value, data);
    }

    /// @notice Makes several calls without value in one transaction.
    function executeBatch(address[] calldata targets, bytes[] calldata datas) external payable {
        for (uint256 i = 0; i < targets.length; ++i) _call(targets[i], 0, datas[i]);
    }

    /// @notice Calls `target` and reports the outcome instead of reverting.
    function tryExecute(
        address target,
        uint256 value,
        bytes calldata data
    ) external payable returns (bool, bytes memory) {
        return target.call{value: value}(data);
    }

    function _call(address target, uint256 value, bytes calldata data) private returns (bytes memory) {
        (bool success, bytes memory returnData) = target.call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(returnData, 32), mload(returnData))
            }
        }
        return returnData;
    }
}
