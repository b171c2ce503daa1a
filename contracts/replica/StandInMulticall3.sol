// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The part of Multicall3 that reads are batched by, with its interface: it stands at the same address on every chain.
contract StandInMulticall3 {
    /// @param target Who is called.
    /// @param allowFailure Whether the others go on where it reverts.
    /// @param callData With which data.
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    /// @param success Whether it did not revert.
    /// @param returnData Its answer, or what it reverted with.
    struct Result {
        bool success;
        bytes returnData;
    }

    /// @notice Makes all calls, in their order.
    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (results[i].success, results[i].returnData) = calls[i].target.call(calls[i].callData);
            require(results[i].success || calls[i].allowFailure, "Multicall3: call failed");
        }
    }
}
