// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Refuses native coin at once, and cheaply, when it is given less gas than it wants.
/// @dev Compiled, never deployed to a real chain.
contract GasAwareReceiver {
    uint256 public immutable wantedGas;

    error GasAwareReceiver_TooLittle(uint256 gasLeft, uint256 wantedGas);

    constructor(uint256 wantedGas_) {
        wantedGas = wantedGas_;
    }

    receive() external payable {
        if (gasleft() < wantedGas) revert GasAwareReceiver_TooLittle(gasleft(), wantedGas);
    }
}
