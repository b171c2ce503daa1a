// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Makes several calls in one transaction and returns what they returned, as a keeper contract would.
/// @dev Transient prices live for one transaction: proving and reading must share it. It can refuse native coin, and
/// re-enter with a call of the test's choice when it is paid. Compiled, never deployed to a real chain.
contract OracleProbe {
    struct Call {
        address target;
        uint256 value;
        bytes data;
    }

    bool public isRefusing;
    Call private _onReceive;

    error OracleProbe_Refused();

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        if (isRefusing) revert OracleProbe_Refused();
        if (_onReceive.target != address(0)) _call(_onReceive.target, _onReceive.value, _onReceive.data);
    }

    /// @notice Whether native coin is refused from now on.
    function setRefusing(bool isRefusing_) external {
        isRefusing = isRefusing_;
    }

    /// @notice What to call when native coin arrives.
    function setOnReceive(Call calldata onReceive) external {
        _onReceive = onReceive;
    }

    /// @notice Makes the calls in order; reverts with the first failed callee's own data.
    function run(Call[] calldata calls) external payable returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) results[i] = _call(calls[i].target, calls[i].value, calls[i].data);
    }

    /// @notice Gas that one call took, after the others of the transaction.
    function measure(Call[] calldata before, Call calldata last) external payable returns (uint256 gasUsed) {
        for (uint256 i = 0; i < before.length; ++i) _call(before[i].target, before[i].value, before[i].data);
        bytes memory data = last.data;
        gasUsed = gasleft();
        _call(last.target, last.value, data);
        gasUsed -= gasleft();
    }

    function _call(address target, uint256 value, bytes memory data) private returns (bytes memory) {
        (bool success, bytes memory returnData) = target.call{value: value}(data);
        if (!success) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                revert(add(returnData, 32), mload(returnData))
            }
        }
        return returnData;
    }
}
