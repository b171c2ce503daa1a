// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ILocalPyth
/// @notice Administration of the local Pyth stand-in: whose updates it believes, who signs them and what they cost.
/// @dev Prices are not administered: like the real contract, it only believes the guardians' signatures.
interface ILocalPyth {
    /// @notice Everything the contract needs to know of the network that publishes.
    struct Setup {
        /// @dev Wormhole's id of the chain the updates come from.
        uint16 emitterChain;
        /// @dev Their emitter on that chain.
        bytes32 emitter;
        /// @dev Index of the first guardian set.
        uint32 guardianSetIndex;
        /// @dev Its members in the order of their indices, at most 255.
        address[] guardians;
        /// @dev Signatures it needs, at least one.
        uint8 quorum;
        /// @dev Fee per price message in wei.
        uint96 updateFeeWei;
    }

    /// @notice A guardian set as it is believed now.
    struct GuardianSet {
        /// @dev Members in the order of their indices; empty where none is installed.
        address[] guardians;
        /// @dev Signatures it needs.
        uint8 quorum;
        /// @dev Unix seconds of the last second in which it is believed; zero: no end.
        uint64 expiresAt;
    }

    /// @notice Emitted when the emitter is named.
    event EmitterNamed(uint16 emitterChain, bytes32 emitter);

    /// @notice Emitted when a guardian set is installed, replaced or (empty) removed.
    event GuardianSetInstalled(uint256 indexed setIndex, address[] guardians, uint256 quorum);

    /// @notice Emitted when a guardian set is given its last second.
    event GuardianSetExpires(uint256 indexed setIndex, uint256 expiresAt);

    /// @notice Emitted when the fee changes.
    event UpdateFeeChanged(uint256 updateFeeWei);

    /// @notice The caller does not administer this contract.
    error LocalPyth_NotOwner(address caller);

    /// @notice `initialize` was called before.
    error LocalPyth_AlreadyInitialized(address owner);

    /// @notice A contract without owner could be initialised again.
    error LocalPyth_ZeroOwner();

    /// @notice A quorum that no signature or not even all of them can meet; also where there are more than 255 members,
    /// whose indices the wire has no room for.
    error LocalPyth_BadQuorum(uint256 quorum, uint256 guardianCount);

    /// @notice Time-weighted averages are not part of the stand-in.
    error LocalPyth_TwapUnsupported();

    /// @notice Sets everything the contract needs.
    /// @dev Not a constructor: the code may be placed at the real contract's address, where no constructor runs and the
    /// storage is empty.
    ///
    /// Requirements: first call, `owner` not zero, quorum from 1 to the number of guardians. Emits EmitterNamed,
    /// GuardianSetInstalled and UpdateFeeChanged.
    /// @param owner Administrator.
    /// @param setup The network whose updates are believed.
    function initialize(address owner, Setup calldata setup) external;

    /// @notice Installs or replaces a guardian set, without an end; an empty one is removed and verifies nothing.
    /// @dev Several sets are valid at a time, as during the real network's rotations.
    ///
    /// Requirements: caller is the owner; quorum from 1 to the number of guardians, of an empty set 0. Emits
    /// GuardianSetInstalled.
    function setGuardianSet(uint32 setIndex, address[] calldata guardians, uint8 quorum) external;

    /// @notice Gives a guardian set its last second, as the real network does a day after a rotation; 0 takes it back.
    /// @dev Requirements: caller is the owner. Emits GuardianSetExpires.
    function expireGuardianSet(uint32 setIndex, uint64 expiresAt) external;

    /// @notice Changes the fee per price message, in wei.
    /// @dev Requirements: caller is the owner. Emits UpdateFeeChanged.
    function setUpdateFee(uint96 updateFeeWei) external;

    /// @notice Administrator.
    function owner() external view returns (address);

    /// @notice Wormhole's id of the chain the updates come from.
    function emitterChain() external view returns (uint16);

    /// @notice Emitter of the updates on that chain.
    function emitter() external view returns (bytes32);

    /// @notice Fee per price message, in wei.
    function singleUpdateFeeWei() external view returns (uint96);

    /// @notice A guardian set; empty where none is installed.
    function guardianSet(uint32 setIndex) external view returns (GuardianSet memory);
}
