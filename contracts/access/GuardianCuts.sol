// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGuardianCuts} from "../interfaces/IGuardianCuts.sol";

/// @title Counting the guardian's cuts
/// @notice See `IGuardianCuts`.
abstract contract GuardianCuts is IGuardianCuts {
    mapping(bytes32 setting => uint256) private _cuts;

    /// @inheritdoc IGuardianCuts
    function cutsOf(bytes32 setting) public view override returns (uint256) {
        return _cuts[setting];
    }

    /// @dev Called by every cut that changes something.
    function _countCut(bytes32 setting) internal {
        uint256 made = ++_cuts[setting];
        emit SettingCut(setting, made);
    }

    /// @dev Called by every change of the setting that is not a cut.
    function _requireCuts(bytes32 setting, uint256 named) internal view {
        uint256 made = _cuts[setting];
        if (named != made) revert GuardianCuts_CutMeanwhile(setting, named, made);
    }
}
