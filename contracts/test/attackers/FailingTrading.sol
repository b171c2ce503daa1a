// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Outcome, Reason} from "../../product/Outcome.sol";

/// @notice Looks like a Trading to a keeper's batch and fails in every way there is, chosen by the trade's id.
/// @dev Compiled, never deployed to a real chain.
contract FailingTrading {
    enum Way {
        Succeeds,
        Panics,
        CustomError,
        ErrorString,
        EmptyRevert,
        BurnsAllGas,
        RevertBomb,
        ReturnBomb,
        AnswersNothing,
        FakeLength,
        AnswersUnknown
    }

    error FailingTrading_Custom(uint256 a, uint256 b);

    mapping(uint256 id => uint256) public attempts;

    function execute(uint256 id, uint256, address) external returns (Outcome, Reason) {
        return _act(id);
    }

    function liquidate(uint256 id, uint256, address) external returns (Outcome, Reason) {
        return _act(id);
    }

    function _act(uint256 id) private returns (Outcome, Reason) {
        ++attempts[id];
        Way way = Way(id);
        if (way == Way.Panics) return (Outcome(uint8(id) + 100), Reason.None);
        if (way == Way.CustomError) revert FailingTrading_Custom(id, id);
        // solhint-disable-next-line gas-custom-errors
        if (way == Way.ErrorString) revert("a reason in words");
        if (way != Way.Succeeds) _fail(way);
        return (Outcome.Closed, Reason.None);
    }

    function _fail(Way way) private pure {
        uint256 kind = uint256(way);
        assembly {
            switch kind
            case 4 {
                revert(0, 0)
            }
            case 5 {
                invalid()
            }
            case 6 {
                revert(0, 400000)
            }
            case 7 {
                mstore(0, 3)
                return(0, 400000)
            }
            case 8 {
                return(0, 0)
            }
            case 9 {
                // Error(string) whose length claims to be almost 2^256.
                mstore(0, shl(224, 0x08c379a0))
                mstore(4, 0x20)
                mstore(36, not(0))
                revert(0, 68)
            }
            case 10 {
                // An outcome that no batch knows.
                mstore(0, 200)
                mstore(0x20, 0)
                return(0, 0x40)
            }
        }
    }
}
