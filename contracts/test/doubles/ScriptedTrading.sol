// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Outcome, Reason} from "../../product/Outcome.sol";

/// @notice A Trading whose every item answers or fails the way a test tells it, and which records what it was asked.
/// @dev Only the two functions that keepers call.
contract ScriptedTrading {
    enum Act {
        Answer,
        Panic,
        CustomError,
        Text,
        EmptyRevert,
        BurnGas,
        ReturnBomb,
        RevertBomb,
        ShortAnswer
    }

    struct Script {
        Act act;
        Outcome outcome;
        Reason reason;
    }

    struct Attempt {
        bool isLiquidation;
        uint256 id;
        uint256 tickIndex;
        address executor;
        uint256 gasGiven;
    }

    /// @dev Costs 200k gas to make, within what an item is given, and as much again for whoever copies it.
    uint256 public constant BOMB_BYTES = 300_000;

    error ScriptedTrading_Scripted(uint256 id, bytes32 padding);

    Attempt[] private _attempts;
    mapping(uint256 id => Script) private _executions;
    mapping(uint256 id => Script) private _liquidations;

    /// @notice What executing `id` does.
    function scriptExecution(uint256 id, Script calldata script) external {
        _executions[id] = script;
    }

    /// @notice What liquidating `id` does.
    function scriptLiquidation(uint256 id, Script calldata script) external {
        _liquidations[id] = script;
    }

    function execute(uint256 id, uint256 tickIndex, address executor) external returns (Outcome, Reason) {
        return _play(_executions[id], Attempt(false, id, tickIndex, executor, gasleft()));
    }

    function liquidate(uint256 id, uint256 tickIndex, address liquidator) external returns (Outcome, Reason) {
        return _play(_liquidations[id], Attempt(true, id, tickIndex, liquidator, gasleft()));
    }

    /// @notice The attempts that were not reverted, in their order.
    function attempts() external view returns (Attempt[] memory) {
        return _attempts;
    }

    function _play(Script memory script, Attempt memory attempt) private returns (Outcome, Reason) {
        _attempts.push(attempt);
        if (script.act == Act.Panic) assert(attempt.executor == address(0));
        if (script.act == Act.CustomError) revert ScriptedTrading_Scripted(attempt.id, bytes32(type(uint256).max));
        // solhint-disable-next-line gas-custom-errors, reason-string
        if (script.act == Act.Text) revert("scripted");
        _playRaw(script.act);
        return (script.outcome, script.reason);
    }

    function _playRaw(Act act) private pure {
        uint256 bomb = BOMB_BYTES;
        if (act == Act.EmptyRevert) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
        if (act == Act.BurnGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (act == Act.ShortAnswer) {
            assembly ("memory-safe") {
                return(0, 0x20)
            }
        }
        if (act == Act.RevertBomb) {
            assembly {
                revert(0, bomb)
            }
        }
        if (act == Act.ReturnBomb) {
            // Two words that read as Outcome.Opened and Reason.None, and a lot behind them.
            assembly {
                mstore(0, 2)
                mstore(0x20, 0)
                return(0, bomb)
            }
        }
    }
}
