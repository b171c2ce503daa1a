// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Answers a transfer with a huge amount of data, as return or as revert data.
/// @dev A caller that copies the answer without a bound pays for the memory: 1 MB costs about 2M gas.
///      Compiled, never deployed to a real chain.
contract ReturnBombToken is TokenBase {
    enum Bomb {
        None,
        Return,
        Revert
    }

    Bomb public bomb;
    uint256 public sizeBytes;

    /// @notice Chooses the behaviour and the size of the answer (1_000_000 for 1 MB).
    function setBomb(Bomb bomb_, uint256 sizeBytes_) external {
        bomb = bomb_;
        sizeBytes = sizeBytes_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (bomb == Bomb.None || from == address(0)) return;
        bool reverts = bomb == Bomb.Revert;
        uint256 size = sizeBytes;
        // The first word of the answer is a true, so that the return bomb looks like success.
        assembly {
            mstore(0, 1)
            if reverts {
                revert(0, size)
            }
            return(0, size)
        }
    }
}
