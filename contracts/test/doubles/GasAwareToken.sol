// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../replica/tokens/TokenBase.sol";

/// @notice Refuses a transfer at once, and cheaply, when it is given less gas than it wants.
/// @dev The token for whoever supplies little gas to have a payment refused: unlike a token that runs out of gas, it
/// leaves the payer enough to book the refusal. Compiled, never deployed to a real chain.
contract GasAwareToken is TokenBase {
    uint256 public wantedGas;

    error GasAwareToken_TooLittle(uint256 gasLeft, uint256 wantedGas);

    /// @notice Sets the gas that a transfer wants.
    function setWantedGas(uint256 wantedGas_) external {
        wantedGas = wantedGas_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (gasleft() < wantedGas) revert GasAwareToken_TooLittle(gasleft(), wantedGas);
        super._update(from, to, value);
    }
}
