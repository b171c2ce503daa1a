// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A Chainlink-shaped feed that answers whatever a test wants, well-formed or not, or misbehaves.
/// @dev Compiled, never deployed to a real chain.
contract RawFeed {
    enum Behaviour {
        Answer,
        Revert,
        BurnGas,
        ReturnBomb
    }

    Behaviour public behaviour;
    bool public isBounded;
    bool public hasMinimum;
    uint256 public decimals;
    int256 private _minAnswer;
    int256 private _maxAnswer;
    bytes private _answer;

    error RawFeed_Reverted();

    constructor(uint256 decimals_) {
        decimals = decimals_;
    }

    /// @notice Sets how reads of rounds behave.
    function setBehaviour(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// @notice Sets the bytes that reads of rounds return.
    function setAnswer(bytes calldata answer) external {
        _answer = answer;
    }

    /// @notice Sets the decimals.
    function setDecimals(uint256 decimals_) external {
        decimals = decimals_;
    }

    /// @notice Gives it bounds.
    function setBounds(int256 minAnswer_, int256 maxAnswer_) external {
        isBounded = true;
        _minAnswer = minAnswer_;
        _maxAnswer = maxAnswer_;
    }

    /// @notice Gives it a minimum alone.
    function setMinimum(int256 minAnswer_) external {
        (hasMinimum, _minAnswer) = (true, minAnswer_);
    }

    function minAnswer() external view returns (int256) {
        if (!isBounded && !hasMinimum) revert RawFeed_Reverted();
        return _minAnswer;
    }

    function maxAnswer() external view returns (int256) {
        if (!isBounded) revert RawFeed_Reverted();
        return _maxAnswer;
    }

    function latestRoundData() external view {
        if (behaviour == Behaviour.Revert) revert RawFeed_Reverted();
        if (behaviour == Behaviour.BurnGas) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                invalid()
            }
        }
        bytes memory answer = _answer;
        uint256 length = behaviour == Behaviour.ReturnBomb ? 100_000 : answer.length;
        // solhint-disable-next-line no-inline-assembly
        assembly {
            return(add(answer, 32), length)
        }
    }
}
