// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Cuts by the guardian
/// @notice A call that governance schedules to set what the guardian may cut names the number of cuts made to that setting
/// when it was scheduled. After another cut it fails: what the guardian took is not given back by a call from before.
interface IGuardianCuts {
    /// @notice The guardian cut a setting for the `cuts`-th time.
    event SettingCut(bytes32 indexed setting, uint256 cuts);

    /// @notice The call names `named` cuts of the setting; the guardian has made `made`. Schedule it anew with that number.
    error GuardianCuts_CutMeanwhile(bytes32 setting, uint256 named, uint256 made);

    /// @notice Number of cuts that the guardian has made to a setting.
    /// @param setting As the contract's functions that end in `Setting` name it.
    function cutsOf(bytes32 setting) external view returns (uint256);
}
