// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ILocalPyth
/// @notice Administration of the local Pyth stand-in: who signs and what an update costs.
/// @dev Prices are not administered: like the real contract, it only believes the guardians' signatures.
interface ILocalPyth {
    /// @notice Emitted when a guardian set is installed, replaced or (empty) removed.
    event GuardianSetInstalled(uint256 indexed setIndex, address[] guardians);

    /// @notice Emitted when the fee changes.
    event UpdateFeeChanged(uint256 updateFeeWei);

    /// @notice The caller does not administer this contract.
    error LocalPyth_NotOwner(address caller);

    /// @notice `initialize` was called before.
    error LocalPyth_AlreadyInitialized(address owner);

    /// @notice A contract without owner could be initialised again.
    error LocalPyth_ZeroOwner();

    /// @notice Time-weighted averages are not part of the stand-in.
    error LocalPyth_TwapUnsupported();

    /// @notice Sets everything the contract needs.
    /// @dev Not a constructor: the code may be placed at the real contract's address, where no constructor runs and the
    /// storage is empty.
    ///
    /// Requirements: first call, `owner` not zero. Emits GuardianSetInstalled and UpdateFeeChanged.
    /// @param owner Administrator.
    /// @param guardianSetIndex Index of the first guardian set.
    /// @param guardians Its members in the order of their indices.
    /// @param updateFeeWei Fee per price message in wei.
    function initialize(
        address owner,
        uint256 guardianSetIndex,
        address[] calldata guardians,
        uint256 updateFeeWei
    ) external;

    /// @notice Installs or replaces a guardian set; an empty one is removed and verifies nothing.
    /// @dev Several sets are valid at a time, as during the real network's rotations. Sets don't expire.
    ///
    /// Requirements: caller is the owner. Emits GuardianSetInstalled.
    function setGuardianSet(uint256 setIndex, address[] calldata guardians) external;

    /// @notice Changes the fee per price message, in wei.
    /// @dev Requirements: caller is the owner. Emits UpdateFeeChanged.
    function setUpdateFee(uint256 updateFeeWei) external;

    /// @notice Administrator.
    function owner() external view returns (address);

    /// @notice Fee per price message, in wei.
    function singleUpdateFeeWei() external view returns (uint256);

    /// @notice Members of a guardian set, in the order of their indices.
    function guardianSet(uint256 setIndex) external view returns (address[] memory);

    /// @notice Signatures a set of `guardianCount` members needs: more than two thirds.
    function quorum(uint256 guardianCount) external pure returns (uint256);
}
